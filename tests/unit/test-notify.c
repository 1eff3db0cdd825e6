/* SPDX-License-Identifier: Apache-2.0 */

/* Who is told what, and when: stories of one appliance, a line a turn. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/notify.h"
#include "vigie/text.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* ---- a story ---- */

/* A turn: what is so at an instant, and what is recorded of it. Every code of the story is looked
 * at in each turn. "C-001 amount-50 warning, T-004 x critical"; "" for nothing. */
struct chapter {
        int64_t at_s;
        const char *so, *want;
        const char *
                act; /* before it: "live", "ack <code> <key>", "step <seconds>", "silence … <until>" */
};

static const char *const all[] = { "VIG-A-001", "VIG-C-001", "VIG-C-002", "VIG-C-003", "VIG-C-005",
                                   "VIG-D-001", "VIG-H-001", "VIG-N-001", "VIG-Q-002", "VIG-T-001",
                                   "VIG-T-002", "VIG-T-003", "VIG-T-004", "VIG-T-006", NULL };

struct story {
        struct vg_alert_states states;
        struct vg_notify_policy policy;
        struct vg_silence silence;
        char silence_key[128];
};

static enum vg_severity severity_of(const char *word)
{
        for (int i = 0; i < VG_SEVERITY_N; i++)
                if (strcmp(vg_severity_name((enum vg_severity)i), word) == 0)
                        return (enum vg_severity)i;
        fail_msg("no severity: %s", word);
        return VG_SEVERITY_INFO;
}

static void read_signals(const char *so, struct vg_signals *signals)
{
        for (const char *at = so; *at;) {
                char code[16], key[64], severity[16], full[24];

                assert_int_equal(sscanf(at, "%15s %63s %15[a-z]", code, key, severity), 3);
                snprintf(full, sizeof(full), "VIG-%s", code);
                assert_non_null(
                        vg_signal_add(signals, full, key, true, severity_of(severity), NULL));
                at += strcspn(at, ",");
                at += strspn(at, ", ");
        }
}

static void perform(struct story *story, const char *act, int64_t at_s)
{
        char code[16], key[64];
        long long number;

        if (strcmp(act, "live") == 0) {
                story->policy.is_live = true;
        } else if (sscanf(act, "ack %15s %63s", code, key) == 2) {
                struct vg_alert_state *state =
                        vg_alert_state_of(&story->states, vg_alert_find(code), key);
                assert_true(vg_alert_step(state, VG_INPUT_ACK, VG_SEVERITY_INFO, at_s));
        } else if (sscanf(act, "step %lld", &number) == 1) {
                vg_alert_states_shift(&story->states, number);
        } else if (sscanf(act, "silence %127s %lld", story->silence_key, &number) == 2) {
                story->silence = (struct vg_silence){ story->silence_key, number };
                story->policy.silences = &story->silence;
                story->policy.n_silences = 1;
        } else {
                fail_msg("no act: %s", act);
        }
}

static void write_notice(struct vg_buf *buf, const struct vg_notice *n)
{
        vg_buf_printf(buf, "%s%s %s %s %s", buf->n ? "; " : "", vg_alert_event_name(n->event),
                      n->state.alert->code + 4, n->state.key, vg_notify_name(n->notify));
        if (n->head)
                vg_buf_printf(buf, " by %s %s", n->head->code + 4, n->head_key);
}

static void tell(const char *name, const struct chapter *chapters, size_t n, bool is_live)
{
        struct story story = {
                .policy = { .is_live = is_live, .contract = "CS-1", .appliance = "vigie-1" },
        };

        for (size_t i = 0; i < n && chapters[i].so; i++) {
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                struct vg_signals signals = { .covers = all };
                struct vg_notices notices = { 0 };

                if (chapters[i].act)
                        perform(&story, chapters[i].act, chapters[i].at_s);
                read_signals(chapters[i].so, &signals);
                assert_int_equal(vg_alert_turn(&story.states, &signals, &story.policy,
                                               chapters[i].at_s, &notices),
                                 0);
                for (size_t k = 0; k < notices.n; k++)
                        write_notice(&text, &notices.list[k]);
                if (strcmp(text.data ? text.data : "", chapters[i].want) != 0)
                        fail_msg("%s, turn %zu: \"%s\"", name, i, text.data ? text.data : "");
                vg_notices_done(&notices);
                vg_signals_done(&signals);
        }
        vg_alert_states_done(&story.states);
}

static void stories(_unused_ void **state)
{
        static const struct {
                const char *name;
                bool is_live;
                struct chapter chapters[9];
        } rows[] = {
                { "told at once, by day in the first week, then by week",
                  true,
                  { { DAY, "C-002 x critical", "fired C-002 x now", NULL },
                    { 2 * DAY - 1, "C-002 x critical", "", NULL },
                    { 2 * DAY, "C-002 x critical", "reminded C-002 x now", NULL },
                    { 7 * DAY, "C-002 x critical", "reminded C-002 x now", NULL },
                    { 8 * DAY, "C-002 x critical", "", NULL },
                    { 14 * DAY, "C-002 x critical", "reminded C-002 x now", NULL },
                    { 15 * DAY, "", "cleared C-002 x now", NULL },
                    { 40 * DAY, "", "", NULL } } },
                { "told by a clock that was a year ahead: told just now, not in a year",
                  true,
                  { { 366 * DAY, "C-002 x critical", "fired C-002 x now", NULL },
                    { DAY, "C-002 x critical", "", NULL },
                    { 2 * DAY - 1, "C-002 x critical", "", NULL },
                    { 2 * DAY, "C-002 x critical", "reminded C-002 x now", NULL } } },
                { "warnings wait for the digest, and an acknowledgement ends the reminders",
                  true,
                  { { DAY, "A-001 cert warning", "fired A-001 cert digest", NULL },
                    { 8 * DAY, "A-001 cert warning", "reminded A-001 cert digest", NULL },
                    { 90 * DAY, "A-001 cert warning", "", "ack VIG-A-001 cert" },
                    { 91 * DAY, "A-001 cert major", "raised A-001 cert now", NULL },
                    { 92 * DAY, "A-001 cert major", "reminded A-001 cert now", NULL } } },
                { "a fact is told once",
                  true,
                  { { DAY, "C-005 m/2027-03 warning", "fired C-005 m/2027-03 digest", NULL },
                    { 500 * DAY, "C-005 m/2027-03 warning", "", NULL } } },
                { "observed until go-live, then told what is still so",
                  false,
                  { { DAY, "H-001 f-1 critical, H-001 f-2 critical",
                      "fired H-001 f-1 observed; fired H-001 f-2 observed", NULL },
                    { 3 * DAY, "H-001 f-1 critical, H-001 f-2 critical", "", NULL },
                    { 4 * DAY, "H-001 f-1 critical", "cleared H-001 f-2 none", NULL },
                    { 5 * DAY, "H-001 f-1 critical", "reminded H-001 f-1 now", "live" } } },
                { "silence: nothing until it is over, then what is still so",
                  true,
                  { { DAY, "D-001 gap-1 warning", "fired D-001 gap-1 silenced",
                      "silence VIG-D-001/vigie-1/* 200000" },
                    { DAY + 1, "D-001 gap-1 major", "raised D-001 gap-1 silenced", NULL },
                    { 199999, "D-001 gap-1 major", "", NULL },
                    { 200000, "D-001 gap-1 major", "reminded D-001 gap-1 now", NULL } } },
                { "the further threshold leads, and alone is told again",
                  true,
                  { { DAY, "C-001 amount-9.5 warning, C-001 amount-50 warning",
                      "fired C-001 amount-50 digest; "
                      "fired C-001 amount-9.5 grouped by C-001 amount-50",
                      NULL },
                    { 2 * DAY, "C-001 amount-9.5 warning, C-001 amount-50 warning",
                      "reminded C-001 amount-50 digest", NULL },
                    { 2 * DAY + 1,
                      "C-001 amount-9.5 warning, C-001 amount-50 warning, C-001 amount-100 "
                      "critical",
                      "fired C-001 amount-100 now", NULL },
                    { 3 * DAY + 1,
                      "C-001 amount-9.5 warning, C-001 amount-50 warning, C-001 amount-100 "
                      "critical",
                      "reminded C-001 amount-100 now", NULL },
                    { 4 * DAY + 1,
                      "C-001 amount-9.5 warning, C-001 amount-50 warning, C-001 amount-100 "
                      "critical, "
                      "C-002 x critical",
                      "fired C-002 x now", NULL } } },
                { "fewer days left is the further step",
                  true,
                  { { DAY, "T-001 end-180d info, T-001 end-90d warning",
                      "fired T-001 end-180d grouped by T-001 end-90d; fired T-001 end-90d digest",
                      NULL },
                    { 40 * DAY, "T-001 end-180d info, T-001 end-90d warning",
                      "reminded T-001 end-90d digest", NULL } } },
                { "while nothing is measured no forecast is told; then it is",
                  true,
                  { { DAY, "D-001 gap-1 warning", "fired D-001 gap-1 digest", NULL },
                    { 2 * DAY, "D-001 gap-1 warning, C-003 x major",
                      "fired C-003 x inhibited by D-001 gap-1", NULL },
                    { 3 * DAY, "C-003 x major", "cleared D-001 gap-1 digest; reminded C-003 x now",
                      NULL } } },
                { "the end of the contract hides its clock",
                  true,
                  { { DAY, "T-004 x critical", "fired T-004 x now", NULL },
                    { 3 * DAY, "T-004 x critical, T-002 y major, T-006 z critical",
                      "fired T-002 y inhibited by T-004 x; fired T-006 z now", NULL },
                    { 60 * DAY, "T-004 x critical, T-002 y major, T-006 z critical",
                      "reminded T-006 z now", "ack VIG-T-002 y" } } },
                { "many of one kind are one message; tenants each hear of their own",
                  true,
                  { { DAY, "Q-002 a warning, Q-002 b warning, Q-002 c warning",
                      "fired Q-002 a digest; fired Q-002 b grouped by Q-002 a; "
                      "fired Q-002 c grouped by Q-002 a",
                      NULL },
                    { 2 * DAY, "N-001 quota-A-80 warning, N-001 quota-B-80 warning",
                      "cleared Q-002 a digest; cleared Q-002 b grouped by Q-002 a; "
                      "cleared Q-002 c grouped by Q-002 a; fired N-001 quota-A-80 digest; "
                      "fired N-001 quota-B-80 digest",
                      NULL } } },
                { "a false midnight, two hours early: nothing is lost or told twice",
                  true,
                  { { 10 * DAY, "C-002 x critical", "fired C-002 x now", NULL },
                    { 10 * DAY + 23 * HOUR, "C-002 x critical, T-001 end-30d major",
                      "fired T-001 end-30d now", "step 7200" },
                    { 10 * DAY + 21 * HOUR + 60, "C-002 x critical", "", "step -7200" },
                    { 10 * DAY + 23 * HOUR, "C-002 x critical, T-001 end-30d major", "", NULL },
                    { 11 * DAY - 1, "C-002 x critical, T-001 end-30d major", "", NULL },
                    { 11 * DAY, "C-002 x critical, T-001 end-30d major", "reminded C-002 x now",
                      NULL } } },
                { "a month that begins twice",
                  true,
                  { { 10 * DAY, "N-001 quota-A-80 warning", "fired N-001 quota-A-80 digest", NULL },
                    { 11 * DAY, "", "cleared N-001 quota-A-80 digest", "step 7200" },
                    { 11 * DAY - HOUR, "N-001 quota-A-80 warning", "", "step -7200" },
                    { 11 * DAY + 1, "", "", NULL } } },
                { "a clock that was years ahead is not waited for",
                  true,
                  { { 10000 * DAY, "T-001 end-30d major", "fired T-001 end-30d now", NULL },
                    { 10 * DAY, "", "cleared T-001 end-30d now", NULL },
                    { 11 * DAY, "T-001 end-30d major", "fired T-001 end-30d now", NULL } } },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                tell(rows[i].name, rows[i].chapters, ELEMENTSOF(rows[i].chapters), rows[i].is_live);
}

/* ---- tables ---- */

static void renotify(_unused_ void **state)
{
        static const int contract[VG_SEVERITY_N] = { -1, 0, 48, -1 };
        static const struct {
                const char *code;
                enum vg_severity severity;
                int64_t for_s;
                const int *contract;
                int hours;
        } rows[] = {
                { "VIG-C-001", VG_SEVERITY_WARNING, 0, NULL, 24 },
                { "VIG-C-001", VG_SEVERITY_WARNING, 7 * DAY, NULL, 168 },
                { "VIG-C-001", VG_SEVERITY_WARNING, 0, contract, 0 },
                { "VIG-C-001", VG_SEVERITY_MAJOR, 90 * DAY, contract, 48 },
                { "VIG-C-001", VG_SEVERITY_CRITICAL, 90 * DAY, contract, 168 },
                { "VIG-T-001", VG_SEVERITY_INFO, 0, NULL, 720 },
                { "VIG-I-004", VG_SEVERITY_INFO, 0, NULL, 0 },
                { "VIG-D-006", VG_SEVERITY_WARNING, 0, NULL, 168 },
                { "VIG-D-006", VG_SEVERITY_MAJOR, 90 * DAY, NULL, 24 },
                { "VIG-L-001", VG_SEVERITY_CRITICAL, 0, NULL, 8 },
                { "VIG-L-001", VG_SEVERITY_CRITICAL, 8 * DAY, NULL, 24 },
                { "VIG-D-004", VG_SEVERITY_MAJOR, 0, contract, 0 }, /* a fact */
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_renotify_hours(vg_alert_find(rows[i].code), rows[i].severity,
                                                   rows[i].for_s, rows[i].contract),
                                 rows[i].hours);
}

static void silences(_unused_ void **state)
{
        static const struct {
                const char *silence, *key;
                bool covers, lawful;
        } rows[] = {
                { "VIG-D-001/v1/gap-1", "VIG-D-001/v1/gap-1", true, true },
                { "VIG-D-001/v1/gap-1", "VIG-D-001/v1/gap-12", false, true },
                { "VIG-D-001/v1/gap-*", "VIG-D-001/v1/gap-12", true, true },
                { "VIG-D-001/*", "VIG-D-002/v1/clock", false, true },
                { "VIG-D-001/", "VIG-D-001/v1/gap-1", false, false },
                { "VIG-D-001", "VIG-D-001", true, false },
                { "VIG-*", "VIG-D-001/v1/gap-1", true, false },
                { "*", "VIG-D-001/v1/gap-1", true, false },
                { "VIG-X-001/a", "VIG-X-001/a", true, false },
                { "", "VIG-D-001/v1/gap-1", false, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                assert_int_equal(vg_silence_covers(rows[i].silence, rows[i].key), rows[i].covers);
                assert_int_equal(vg_silence_alert(rows[i].silence) != NULL, rows[i].lawful);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(stories),
                cmocka_unit_test(renotify),
                cmocka_unit_test(silences),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
