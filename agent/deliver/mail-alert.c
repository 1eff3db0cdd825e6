/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about alerts: at once, and of the day. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/mail.h"
#include "deliver/sink.h"
#include "os/lang.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"

int mail_alert_read(const struct event *event, struct mail_alert *ret_alert)
{
        struct mail_alert alert = {
                .head = "", .log = event->log, .seq = event->seq, .leaf = event->id
        };
        const json_t *body = event->body;
        const char *at;

        if (strcmp(event->record_type, "alert") != 0 ||
            vg_json_get_string(body, "code", &alert.code) < 0 ||
            vg_json_get_string(body, "event", &alert.event) < 0 ||
            vg_json_get_string(body, "severity", &alert.severity) < 0 ||
            vg_json_get_string(body, "key", &alert.key) < 0 ||
            vg_json_get_string(body, "notify", &alert.notify) < 0 ||
            vg_json_get_string(body, "text_fr", &alert.text[0]) < 0 ||
            vg_json_get_string(body, "text_en", &alert.text[1]) < 0 ||
            vg_json_get_string(body, "at", &at) < 0 || vg_utc_parse(at, &alert.at_s) < 0 ||
            vg_json_get_int(body, "change", &alert.change) < 0)
                return -EINVAL;
        if (strcmp(alert.notify, "grouped") == 0)
                (void)vg_json_get_string(body, "head", &alert.head);
        alert.alert = vg_alert_find(alert.code);
        *ret_alert = alert;
        return 0;
}

/* ---- words ---- */

static int gravity(const char *severity)
{
        for (int s = 0; s < VG_SEVERITY_N; s++)
                if (strcmp(severity, vg_severity_name((enum vg_severity)s)) == 0)
                        return s;
        return VG_SEVERITY_WARNING;
}

static bool is_over(const struct mail_alert *a)
{
        return strcmp(a->event, "cleared") == 0;
}

static enum page_tone tone_of(const struct mail_alert *a)
{
        static const enum page_tone tones[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = PAGE_INFO,
                [VG_SEVERITY_WARNING] = PAGE_WARNING,
                [VG_SEVERITY_MAJOR] = PAGE_MAJOR,
                [VG_SEVERITY_CRITICAL] = PAGE_CRITICAL,
        };

        return is_over(a) ? PAGE_GOOD : tones[gravity(a->severity)];
}

/* What has happened, in one or two words that lead a subject. */
static const char *word_of(const struct mail_alert *a)
{
        static const char *const fired[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = N_("Information"),
                [VG_SEVERITY_WARNING] = N_("Avertissement"),
                [VG_SEVERITY_MAJOR] = N_("Alerte majeure"),
                [VG_SEVERITY_CRITICAL] = N_("Alerte critique"),
        };
        static const char *const reminded[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = N_("Rappel"),
                [VG_SEVERITY_WARNING] = N_("Rappel (avertissement)"),
                [VG_SEVERITY_MAJOR] = N_("Rappel (alerte majeure)"),
                [VG_SEVERITY_CRITICAL] = N_("Rappel (alerte critique)"),
        };
        static const char *const raised[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = N_("Information"),
                [VG_SEVERITY_WARNING] = N_("Aggravation (avertissement)"),
                [VG_SEVERITY_MAJOR] = N_("Aggravation (alerte majeure)"),
                [VG_SEVERITY_CRITICAL] = N_("Aggravation (alerte critique)"),
        };
        const int s = gravity(a->severity);

        if (is_over(a))
                return _("Fin d'alerte");
        if (strcmp(a->event, "raised") == 0)
                return _(raised[s]);
        return _(strcmp(a->event, "reminded") == 0 ? reminded[s] : fired[s]);
}

static const char *title_of(const struct mail_alert *a, bool french)
{
        return a->alert ? a->alert->title[french ? 0 : 1] : a->code;
}

static const char *text_of(const struct mail_alert *a, bool french)
{
        return a->text[french ? 0 : 1];
}

/* ---- who is told, and in which order ---- */

struct telling {
        const struct mail_alert **list; /* by gravity; the graver first, what is over last */
        size_t n;
        const struct mail_alert *all;
        size_t n_all;
        int64_t day;
};

static int compare(const void *x, const void *y)
{
        const struct mail_alert *a = *(const struct mail_alert *const *)x,
                                *b = *(const struct mail_alert *const *)y;

        if (is_over(a) != is_over(b))
                return is_over(a) ? 1 : -1;
        const int by = gravity(b->severity) - gravity(a->severity);
        if (by != 0)
                return by;
        if (a->at_s != b->at_s)
                return a->at_s < b->at_s ? -1 : 1;
        return a->seq < b->seq ? -1 : 1;
}

static int choose(const struct mail_alert *alerts, size_t n, struct telling *ret)
{
        struct telling telling = { .all = alerts, .n_all = n };

        telling.list = calloc(n ? n : 1, sizeof(*telling.list));
        if (!telling.list)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (!*alerts[i].head)
                        telling.list[telling.n++] = &alerts[i];
        qsort(telling.list, telling.n, sizeof(telling.list[0]), compare);
        *ret = telling;
        return 0;
}

/* ---- one alert ---- */

/* A command that can be pasted as it stands. */
static bool is_safe_word(const char *key)
{
        return *key && strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-._:/") == strlen(key);
}

static void put_facts(const struct mail_to *to, bool french, const struct mail_alert *a,
                      struct page *page)
{
        const enum vg_role role = to->recipient->role;
        char when[MAIL_TEXT], text[512];

        page_facts(page);
        page_fact(page, is_over(a) ? _("Fin constatée le") : _("Constaté le"),
                  mail_when(to, french, a->at_s, when));
        page_fact(page, _("Contrat"), to->contract->id);
        page_fact(page, _("Appareil"), to->appliance);
        page_code(page, _("Alerte"), a->key);
        if (!is_over(a) && is_safe_word(a->key) &&
            (role == VG_ROLE_CLIENT_IT || role == VG_ROLE_CONTRACT_MANAGER)) {
                snprintf(text, sizeof(text), "vigie alerts ack %s", a->key);
                page_code(page, _("Pour la prendre en charge"), text);
        }
        snprintf(text, sizeof(text), _("journal %s, n° %llu"),
                 a->log == VG_LOG_SHARED ? _("partagé") : _("du client"),
                 (unsigned long long)a->seq);
        page_fact(page, _("Inscription au registre"), text);
        page_end_facts(page);
}

static void put_grouped(const struct telling *telling, const struct mail_alert *head, bool french,
                        struct page *page)
{
        for (size_t i = 0; i < telling->n_all; i++) {
                const struct mail_alert *a = &telling->all[i];
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

                if (!*a->head || strcmp(a->head, head->key) != 0)
                        continue;
                vg_buf_printf(&text, _("Avec elle : %s (%s)"), text_of(a, french), a->key);
                if (text.failed)
                        page->text.failed = true;
                else
                        page_item(page, tone_of(a), word_of(a), title_of(a, french), text.data, "");
        }
}

static void put_one(const struct mail_to *to, bool french, const struct telling *telling,
                    struct mail *mail)
{
        const struct mail_alert *a = telling->list[0];

        vg_buf_printf(&mail->subject, _("%s : %s (%s)"), word_of(a), title_of(a, french),
                      to->contract->id);
        page_band(&mail->page, tone_of(a), word_of(a), title_of(a, french));
        page_text(&mail->page, text_of(a, french));
        if (a->alert && !is_over(a))
                page_remedy(&mail->page, _("À faire :"), a->alert->action[french ? 0 : 1]);
        put_facts(to, french, a, &mail->page);
        put_grouped(telling, a, french, &mail->page);
}

/* ---- several ---- */

static void put_items(const struct mail_to *to, bool french, const struct telling *telling,
                      struct page *page)
{
        char when[MAIL_TEXT], small[512];

        for (size_t i = 0; i < telling->n; i++) {
                const struct mail_alert *a = telling->list[i];

                snprintf(small, sizeof(small), "%s · %s", mail_when(to, french, a->at_s, when),
                         a->key);
                page_item(page, tone_of(a), word_of(a), title_of(a, french), text_of(a, french),
                          small);
                put_grouped(telling, a, french, page);
        }
}

/* What to do, once a code. */
static void put_remedies(const struct telling *telling, bool french, struct page *page)
{
        bool any = false;
        char label[256];

        for (size_t i = 0; i < telling->n; i++) {
                const struct mail_alert *a = telling->list[i];
                bool said = !a->alert || is_over(a);

                for (size_t k = 0; k < i && !said; k++)
                        said = telling->list[k]->alert == a->alert && !is_over(telling->list[k]);
                if (said)
                        continue;
                if (!any)
                        page_heading(page, _("À faire"));
                any = true;
                snprintf(label, sizeof(label), _("%s :"), title_of(a, french));
                page_remedy(page, label, a->alert->action[french ? 0 : 1]);
        }
}

static void put_counts(const struct telling *telling, struct vg_buf *text)
{
        unsigned long n_major = 0, n_critical = 0;

        for (size_t i = 0; i < telling->n; i++) {
                const int s = is_over(telling->list[i]) ? 0 : gravity(telling->list[i]->severity);
                n_major += s == VG_SEVERITY_MAJOR;
                n_critical += s == VG_SEVERITY_CRITICAL;
        }
        if (is_over(telling->list[0])) /* what is over stands last: all of it is */
                vg_buf_printf(text, ngettext("Fin de %zu alerte", "Fin de %zu alertes", telling->n),
                              telling->n);
        else
                vg_buf_printf(text, ngettext("%zu alerte", "%zu alertes", telling->n), telling->n);
        if (n_critical)
                vg_buf_printf(text,
                              ngettext(", dont %lu critique", ", dont %lu critiques", n_critical),
                              n_critical);
        else if (n_major)
                vg_buf_printf(text, ngettext(", dont %lu majeure", ", dont %lu majeures", n_major),
                              n_major);
}

static void put_several(const struct mail_to *to, bool french, const struct telling *telling,
                        struct mail *mail)
{
        _cleanup_(vg_buf_done) struct vg_buf counts = { 0 };

        put_counts(telling, &counts);
        if (counts.failed) {
                mail->subject.failed = true;
                return;
        }
        vg_buf_printf(&mail->subject, _("%s (%s)"), counts.data, to->contract->id);
        page_band(&mail->page, tone_of(telling->list[0]), to->contract->id, counts.data);
        put_items(to, french, telling, &mail->page);
        put_remedies(telling, french, &mail->page);
}

static void now_part(const struct mail_to *to, bool french, struct mail *mail, void *ctx)
{
        const struct telling *telling = ctx;

        if (telling->n == 1)
                put_one(to, french, telling, mail);
        else
                put_several(to, french, telling, mail);
        mail_foot(to, mail);
}

static void digest_part(const struct mail_to *to, bool french, struct mail *mail, void *ctx)
{
        const struct telling *telling = ctx;
        _cleanup_(vg_buf_done) struct vg_buf counts = { 0 };
        char day[MAIL_TEXT], title[2 * MAIL_TEXT];

        put_counts(telling, &counts);
        if (counts.failed) {
                mail->subject.failed = true;
                return;
        }
        mail_day(french, telling->day, day);
        snprintf(title, sizeof(title), _("Résumé du %s"), day);
        vg_buf_printf(&mail->subject, _("%s : %s (%s)"), title, counts.data, to->contract->id);
        page_band(&mail->page, PAGE_INFO, title, counts.data);
        page_text(&mail->page, _("Ce qui ne demandait pas d'être dit sur-le-champ depuis le résumé "
                                 "précédent, le plus grave d'abord."));
        put_items(to, french, telling, &mail->page);
        put_remedies(telling, french, &mail->page);
        mail_foot(to, mail);
}

static int compose(const struct mail_to *to, const struct mail_alert *alerts, size_t n, int64_t day,
                   mail_part_fn *part, struct mail *ret_mail, size_t *ret_n)
{
        struct telling telling = { 0 };
        int r = choose(alerts, n, &telling);

        if (r < 0)
                return r;
        telling.day = day;
        *ret_n = telling.n;
        if (telling.n)
                r = mail_compose(to, part, &telling, ret_mail);
        if (telling.n && r == 0)
                ret_mail->is_urgent = part == now_part && !is_over(telling.list[0]) &&
                                      gravity(telling.list[0]->severity) >= VG_SEVERITY_MAJOR;
        free(telling.list);
        return r;
}

int mail_compose_now(const struct mail_to *to, const struct mail_alert *alerts, size_t n,
                     struct mail *ret_mail, size_t *ret_n)
{
        return compose(to, alerts, n, 0, now_part, ret_mail, ret_n);
}

int mail_compose_digest(const struct mail_to *to, const struct mail_alert *alerts, size_t n,
                        int64_t day, struct mail *ret_mail, size_t *ret_n)
{
        return compose(to, alerts, n, day, digest_part, ret_mail, ret_n);
}
