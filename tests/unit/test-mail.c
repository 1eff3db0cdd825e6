/* SPDX-License-Identifier: Apache-2.0 */

/* What messages say: to whom, in which language, in which order, and never more than text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "deliver/mail.h"
#include "deliver/sink.h"
#include "os/lang.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static const struct vg_contract contract = { .id = "CS-2026-014" };

static struct vg_recipient recipient(enum vg_role role, bool french, bool english)
{
        return (struct vg_recipient){
                .id = "r-1",
                .name = "Exploitation",
                .role = role,
                .french = french,
                .english = english,
        };
}

static struct mail_alert alert(const char *code, const char *event, const char *severity,
                               const char *key)
{
        return (struct mail_alert){
                .alert = vg_alert_find(code),
                .code = code,
                .event = event,
                .severity = severity,
                .key = key,
                .notify = "now",
                .head = "",
                .text = { "Le texte figé.", "The frozen text." },
                .log = VG_LOG_CLIENT,
                .seq = 12,
                .change = 1,
                .at_s = 1806584400,
                .leaf = "ab",
        };
}

static void compose_now(const struct vg_recipient *r, const struct mail_alert *alerts, size_t n,
                        struct mail *ret_mail, size_t *ret_n)
{
        const struct mail_to to = { &contract, r, "vigie-1" };

        assert_int_equal(mail_compose_now(&to, alerts, n, ret_mail, ret_n), 0);
}

static void holds(const struct vg_buf *buf, const char *text)
{
        if (!strstr(buf->data, text))
                fail_msg("« %s » is not in: %s", text, buf->data);
}

static void lacks(const struct vg_buf *buf, const char *text)
{
        if (strstr(buf->data, text))
                fail_msg("« %s » is in: %s", text, buf->data);
}

static void languages(_unused_ void **state)
{
        static const struct {
                bool french, english;
                const char *subject;
        } rows[] = {
                { true, false,
                  "[vigie] Alerte critique\u00a0: Montant autorisé dépassé (CS-2026-014)" },
                { false, true, "[vigie] Critical alert: Authorised amount exceeded (CS-2026-014)" },
                { true, true,
                  "[vigie] Alerte critique\u00a0: Montant autorisé dépassé (CS-2026-014) / "
                  "Critical alert: Authorised amount exceeded (CS-2026-014)" },
        };
        const struct mail_alert a = alert("VIG-C-002", "fired", "critical", "VIG-C-002/CS/over");

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_recipient r =
                        recipient(VG_ROLE_CONTRACT_MANAGER, rows[i].french, rows[i].english);
                _cleanup_(mail_done) struct mail mail = { 0 };
                size_t n;

                compose_now(&r, &a, 1, &mail, &n);
                assert_int_equal(n, 1);
                assert_true(mail.is_urgent);
                assert_string_equal(mail.subject.data, rows[i].subject);
                (rows[i].french ? holds : lacks)(&mail.page.text, "Le texte figé.");
                (rows[i].english ? holds : lacks)(&mail.page.text, "The frozen text.");
                (rows[i].french ? holds : lacks)(&mail.page.html, "lang=\"fr\"");
                (rows[i].english ? holds : lacks)(&mail.page.html, "lang=\"en\"");
                assert_true(vg_lang_is_french()); /* the process speaks as before */
        }
}

static void words_of_events(_unused_ void **state)
{
        static const struct {
                const char *event, *severity, *word;
                bool is_urgent, has_remedy;
        } rows[] = {
                { "fired", "info", "Information", false, true },
                { "fired", "warning", "Avertissement", false, true },
                { "fired", "major", "Alerte majeure", true, true },
                { "raised", "critical", "Aggravation (alerte critique)", true, true },
                { "reminded", "major", "Rappel (alerte majeure)", true, true },
                { "cleared", "critical", "Fin d'alerte", false, false },
                { "of a later release", "odd", "Avertissement", false, true },
        };
        const struct vg_recipient r = recipient(VG_ROLE_CLIENT_IT, true, false);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct mail_alert a =
                        alert("VIG-D-001", rows[i].event, rows[i].severity, "VIG-D-001/a/gap");
                _cleanup_(mail_done) struct mail mail = { 0 };
                size_t n;

                compose_now(&r, &a, 1, &mail, &n);
                holds(&mail.subject, rows[i].word);
                assert_int_equal(mail.is_urgent, rows[i].is_urgent);
                (rows[i].has_remedy ? holds : lacks)(&mail.page.text, "À faire");
        }
}

static void hostile_words_are_text(_unused_ void **state)
{
        static const char evil[] = "<script>x</script>\"'&\r\nBcc: v@example.org\n\n\x1b[31m"
                                   "\xe2\x80\xae";
        struct mail_alert alerts[] = {
                alert("VIG-C-002", "fired", "critical", evil),
                alert("<img src=x>", "fired", "<b>", "k<k>/\"x\""),
                alert("VIG-D-001", "<i>", "major", "VIG-D-001/a/`reboot`"),
        };
        struct vg_recipient r = recipient(VG_ROLE_CLIENT_IT, true, true);
        struct vg_contract bad = { .id = evil };
        const struct mail_to to = { &bad, &r, evil };

        r.id = r.name = evil;
        for (size_t i = 0; i < ELEMENTSOF(alerts); i++)
                alerts[i].text[0] = alerts[i].text[1] = evil;
        for (size_t n = 1; n <= ELEMENTSOF(alerts); n++) {
                _cleanup_(mail_done) struct mail mail = { 0 };
                size_t n_told;

                assert_int_equal(mail_compose_now(&to, alerts, n, &mail, &n_told), 0);
                lacks(&mail.page.html, "<script");
                lacks(&mail.page.html, "<img");
                lacks(&mail.page.html, "<i>");
                lacks(&mail.page.html, "\x1b");
                lacks(&mail.page.html, "\xe2\x80\xae");
                lacks(&mail.page.text, "\nBcc:");
                lacks(&mail.page.text, "\x1b");
                lacks(&mail.page.text, "alerts ack"); /* no command that a shell would read */
        }
}

static void the_graver_first_and_ends_last(_unused_ void **state)
{
        const struct mail_alert alerts[] = {
                alert("VIG-C-002", "cleared", "critical", "k1"),
                alert("VIG-D-001", "fired", "major", "k2"),
                alert("VIG-H-001", "fired", "critical", "k3"),
        };
        const struct vg_recipient r = recipient(VG_ROLE_CLIENT_IT, true, false);
        _cleanup_(mail_done) struct mail mail = { 0 };
        size_t n;

        compose_now(&r, alerts, ELEMENTSOF(alerts), &mail, &n);
        assert_int_equal(n, 3);
        assert_string_equal(mail.subject.data, "[vigie] 3 alertes, dont 1 critique (CS-2026-014)");
        const char *at[] = { strstr(mail.page.text.data, "k3"), strstr(mail.page.text.data, "k2"),
                             strstr(mail.page.text.data, "k1") };
        assert_true(at[0] && at[1] && at[2] && at[0] < at[1] && at[1] < at[2]);
}

static void ends_alone_are_called_so(_unused_ void **state)
{
        const struct mail_alert alerts[] = {
                alert("VIG-C-002", "cleared", "critical", "k1"),
                alert("VIG-D-001", "cleared", "major", "k2"),
        };
        const struct vg_recipient r = recipient(VG_ROLE_CLIENT_IT, true, false);
        _cleanup_(mail_done) struct mail mail = { 0 };
        size_t n;

        compose_now(&r, alerts, ELEMENTSOF(alerts), &mail, &n);
        assert_string_equal(mail.subject.data, "[vigie] Fin de 2 alertes (CS-2026-014)");
        assert_false(mail.is_urgent);
}

static void the_grouped_come_with_their_head(_unused_ void **state)
{
        struct mail_alert alerts[] = {
                alert("VIG-C-001", "fired", "warning", "c/75"),
                alert("VIG-C-001", "fired", "major", "c/90"),
        };
        const struct vg_recipient r = recipient(VG_ROLE_CONTRACT_MANAGER, true, false);
        _cleanup_(mail_done) struct mail mail = { 0 };
        size_t n;

        alerts[0].head = "c/90";
        compose_now(&r, alerts, 2, &mail, &n);
        assert_int_equal(n, 1);
        holds(&mail.page.text, "Avec elle");
        holds(&mail.page.text, "c/75");

        /* Its head goes another way: there is nothing to send here. */
        _cleanup_(mail_done) struct mail none = { 0 };
        compose_now(&r, alerts, 1, &none, &n);
        assert_int_equal(n, 0);
        assert_null(none.page.text.data);
}

static void who_may_act_is_told_how(_unused_ void **state)
{
        static const struct {
                enum vg_role role;
                bool may;
        } rows[] = {
                { VG_ROLE_CONTRACT_MANAGER, true },
                { VG_ROLE_CLIENT_IT, true },
                { VG_ROLE_TENANT_OWNER, false },
                { VG_ROLE_SUPPLIER_MAINTENANCE, false },
        };
        const struct mail_alert a = alert("VIG-H-001", "fired", "critical", "VIG-H-001/v/F-1");

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_recipient r = recipient(rows[i].role, true, false);
                _cleanup_(mail_done) struct mail mail = { 0 };
                size_t n;

                compose_now(&r, &a, 1, &mail, &n);
                (rows[i].may ? holds : lacks)(&mail.page.text, "vigie alerts ack VIG-H-001/v/F-1");
        }
}

static void a_digest_says_its_day_and_each_remedy_once(_unused_ void **state)
{
        const struct mail_alert alerts[] = {
                alert("VIG-H-002", "fired", "info", "k1"),
                alert("VIG-D-006", "fired", "warning", "k2"),
                alert("VIG-D-006", "fired", "warning", "k3"),
        };
        const struct vg_recipient r = recipient(VG_ROLE_CLIENT_IT, true, false);
        const struct mail_to to = { &contract, &r, "vigie-1" };
        _cleanup_(mail_done) struct mail mail = { 0 };
        size_t n;

        assert_int_equal(mail_compose_digest(&to, alerts, 3, 20909, &mail, &n), 0);
        assert_int_equal(n, 3);
        assert_false(mail.is_urgent);
        holds(&mail.subject, "[vigie] Résumé du 1er\u00a0avril\u00a02027\u00a0: 3 alertes (CS");
        const char *first = strstr(mail.page.text.data, "vigie deliver");
        assert_non_null(first);
        assert_null(strstr(first + 1, "vigie deliver"));
}

static void a_test_says_that_it_is_one(_unused_ void **state)
{
        const struct vg_recipient r = recipient(VG_ROLE_SUPPLIER_MAINTENANCE, true, true);
        const struct mail_to to = { &contract, &r, "vigie-1" };
        _cleanup_(mail_done) struct mail mail = { 0 };

        assert_int_equal(mail_compose_test(&to, 1806584400, &mail), 0);
        assert_string_equal(mail.subject.data,
                            "[vigie] ESSAI\u00a0: les messages vous parviennent / "
                            "TEST: messages reach you");
        assert_false(mail.is_urgent);
        holds(&mail.page.html, "ESSAI");
        holds(&mail.page.html, "TEST");
}

static int read_body(const char *body, struct mail_alert *ret_alert)
{
        _cleanup_(vg_json_decrefp) json_t *tree = json_loads(body, 0, NULL);
        const struct event event = { .record_type = "alert", .body = tree, .id = "ab" };

        assert_non_null(tree);
        return mail_alert_read(&event, ret_alert);
}

static void records_are_read(_unused_ void **state)
{
        static const char body[] =
                "{\"at\":\"2027-04-01T13:00:00Z\",\"change\":3,\"code\":\"VIG-C-002\","
                "\"event\":\"fired\",\"head\":\"h\",\"key\":\"k\",\"notify\":\"%s\","
                "\"severity\":\"critical\",\"text_en\":\"e\",\"text_fr\":\"f\"}";
        static const char *const members[] = { "at",     "change",   "code",    "event",  "key",
                                               "notify", "severity", "text_en", "text_fr" };
        struct mail_alert a;
        char text[512];

        snprintf(text, sizeof(text), body, "grouped");
        assert_int_equal(read_body(text, &a), 0);
        assert_int_equal(a.change, 3);
        assert_int_equal(a.at_s, 1806584400);
        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                snprintf(text, sizeof(text), body, "now");
                strstr(text, members[i])[0] = 'Z';
                assert_int_equal(read_body(text, &a), -EINVAL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(languages),
                cmocka_unit_test(words_of_events),
                cmocka_unit_test(hostile_words_are_text),
                cmocka_unit_test(the_graver_first_and_ends_last),
                cmocka_unit_test(ends_alone_are_called_so),
                cmocka_unit_test(the_grouped_come_with_their_head),
                cmocka_unit_test(who_may_act_is_told_how),
                cmocka_unit_test(a_digest_says_its_day_and_each_remedy_once),
                cmocka_unit_test(a_test_says_that_it_is_one),
                cmocka_unit_test(records_are_read),
        };

        vg_lang_init("fr");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
