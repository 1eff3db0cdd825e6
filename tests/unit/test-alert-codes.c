/* SPDX-License-Identifier: Apache-2.0 */

/* Every code of the catalogue, from its first signal to its end; and the conditions that are judged
 * from forecasts, from days and from what others take in. */

#include "rating-fixture.h"

#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/forecast.h"

static int note_change(void *user, const struct vg_alert_change *change,
                       _unused_ struct vg_err *err)
{
        vg_buf_printf(user, "%s %s %s\n", vg_alert_event_name(change->event),
                      change->state->alert->code, change->state->key);
        return 0;
}

/* Applies and asserts what changed; each sentence is whole in both languages. */
static void assert_applied(struct vg_alert_states *states, struct vg_signals *signals, int64_t at_s,
                           const char *want)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        char sentence[VG_ALERT_TEXT_SIZE];
        struct vg_err err = { 0 };

        for (size_t i = 0; i < signals->n; i++) {
                const struct vg_signal *s = &signals->list[i];

                for (int french = 0; french < 2; french++) {
                        vg_alert_text(s->alert, &s->params, french, sentence, sizeof(sentence));
                        if (strpbrk(sentence, "?{}"))
                                fail_msg("%s: %s", s->alert->code, sentence);
                }
        }
        assert_int_equal(vg_alert_apply(states, signals, at_s, note_change, &text, &err), 0);
        assert_string_equal(text.data ? text.data : "", want);
        vg_signals_done(signals);
}

static void assert_told(const struct vg_signals *signals, size_t i, const char *fr, const char *en)
{
        char text[VG_ALERT_TEXT_SIZE];

        assert_true(i < signals->n);
        const struct vg_signal *s = &signals->list[i];
        assert_string_equal(vg_alert_text(s->alert, &s->params, true, text, sizeof(text)), fr);
        assert_string_equal(vg_alert_text(s->alert, &s->params, false, text, sizeof(text)), en);
}

/* ---- every code ---- */

static void add_params(struct vg_signal *signal)
{
        char names[256], *save = NULL;

        snprintf(names, sizeof(names), "%s", signal->alert->params);
        for (const char *name = strtok_r(names, " ", &save); name;
             name = strtok_r(NULL, " ", &save)) {
                const char *at = strstr(signal->alert->params, name);
                /* The catalogue's own bytes, since names are borrowed. */
                while (at != signal->alert->params && at[-1] != ' ')
                        at = strstr(at + 1, name);
                char *copy = strndup(at, strlen(name));
                assert_non_null(copy);
                vg_signal_number(signal, copy, VG_PARAM_MICRO, 1234567800000);
        }
}

static void free_params(struct vg_signals *signals)
{
        for (size_t i = 0; i < signals->n; i++)
                for (size_t k = 0; k < signals->list[i].params.n; k++)
                        free((char *)signals->list[i].params.list[k].name);
}

/* Numbers have their decimal comma, thousands apart, and nothing else of the other language. */
static void assert_numbers(const struct vg_signal *signal)
{
        char text[VG_ALERT_TEXT_SIZE];

        vg_alert_text(signal->alert, &signal->params, true, text, sizeof(text));
        assert_non_null(strstr(text, "1\u202f234\u202f567,8"));
        assert_null(strstr(text, "567.8"));
        vg_alert_text(signal->alert, &signal->params, false, text, sizeof(text));
        assert_non_null(strstr(text, "1,234,567.8"));
        assert_null(strstr(text, "\u202f"));
}

static void raise(struct vg_signals *signals, const struct vg_alert *row, bool first,
                  enum vg_severity severity)
{
        struct vg_signal *s = vg_signal_add(signals, row->code, "k", true, severity, NULL);

        assert_non_null(s);
        add_params(s);
        if (first)
                assert_numbers(s);
}

static void every_code_lives(_unused_ void **state)
{
        size_t n;
        const struct vg_alert *rows = vg_alert_rows(&n);

        for (size_t i = 0; i < n; i++) {
                const struct vg_alert *row = &rows[i];
                const char *const covers[] = { row->code, NULL };
                struct vg_alert_states states = { 0 };
                struct vg_signals signals = { .covers = covers };
                struct vg_err err = { 0 };
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 }, want = { 0 };
                int64_t at_s = 1000000;

                raise(&signals, row, true, row->least);
                assert_int_equal(vg_alert_apply(&states, &signals, at_s, note_change, &text, &err),
                                 0);
                vg_buf_printf(&want, "fired %s k\n", row->code);
                if (row->most > row->least) {
                        signals.list[0].severity = row->most;
                        assert_int_equal(
                                vg_alert_apply(&states, &signals, ++at_s, note_change, &text, &err),
                                0);
                        vg_buf_printf(&want, "raised %s k\n", row->code);
                }
                free_params(&signals);
                signals.n = 0;
                if (row->quiet_s) /* not a second before */
                        assert_int_equal(vg_alert_apply(&states, &signals, at_s + row->quiet_s - 1,
                                                        note_change, &text, &err),
                                         0);
                assert_int_equal(vg_alert_apply(&states, &signals, at_s + row->quiet_s, note_change,
                                                &text, &err),
                                 0);
                if (row->end == VG_END_QUIET)
                        vg_buf_printf(&want, "cleared %s k\n", row->code);
                else
                        assert_int_equal(vg_alert_step(states.list,
                                                       row->end == VG_END_ACK ? VG_INPUT_ACK
                                                                              : VG_INPUT_SETTLED,
                                                       row->least, at_s + row->quiet_s),
                                         VG_EVENT_CLEARED);
                assert_string_equal(text.data, want.data);
                vg_signals_done(&signals);
                vg_alert_states_done(&states);
        }
}

/* ---- forecasts ---- */

static void forecasts(_unused_ void **state)
{
        enum { TODAY = 21000, DAY = 86400 };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(
                "{\"minimum_commitments\":[{\"id\":\"E-1\",\"basis\":\"amount_contract\","
                "\"value\":\"60000.00\"}]}");
        const int64_t end = vg_days_from_civil(c->end);
        struct vg_forecast f = {
                .is_told = true,
                .date = { true, end - 40 },
                .early = { true, end - 60 },
                .late = { false, 0 },
                .at_end = 6000000,
        };
        struct vg_watch_view view = { .contract = c, .forecast = &f };
        struct vg_alert_states states = { 0 };
        struct vg_signals signals = { 0 };

        view.now_s = vg_zone_midnight(c->zone, vg_civil_from_days(end - 200));
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_told(
                &signals, 0,
                "Contrat CS-ESSAI-7\u00a0: au rythme actuel, le montant autorisé serait épuisé le "
                "4\u00a0février\u00a02028 (entre le 15\u00a0janvier\u00a02028 et le "
                "16\u00a0mars\u00a02029, confiance 80\u00a0%), avant la fin du contrat, le "
                "15\u00a0mars\u00a02028.",
                "Contract CS-ESSAI-7: at the present rate the authorised amount would run out on "
                "February\u00a04, 2028 (between January\u00a015, 2028 and March\u00a016, 2029, "
                "80\u00a0% confidence), before the contract ends on March\u00a015, 2028.");
        assert_applied(&states, &signals, view.now_s, "fired VIG-C-003 contract\n");

        f.early.day = end - 170; /* within thirty days of now */
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_applied(&states, &signals, view.now_s + 1, "raised VIG-C-003 contract\n");

        f.date.is_reached = false; /* not likely, yet possible: neither raised nor ended */
        view.now_s += 10 * DAY;
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_applied(&states, &signals, view.now_s, "");

        f.early.is_reached = false; /* now it lasts, for three days running */
        f.at_end = 5999999 - 1;
        for (int i = 0; i < 3; i++) {
                view.now_s += DAY;
                assert_int_equal(vg_watch(&view, &signals), 0);
                assert_applied(&states, &signals, view.now_s,
                               i == 0   ? "fired VIG-C-004 E-1\n"
                               : i == 2 ? "cleared VIG-C-003 contract\n"
                                        : "");
        }
        f.at_end = 6000000;
        for (int i = 0; i < 3; i++) {
                view.now_s += DAY;
                assert_int_equal(vg_watch(&view, &signals), 0);
                assert_applied(&states, &signals, view.now_s,
                               i == 2 ? "cleared VIG-C-004 E-1\n" : "");
        }
        f.is_told = false; /* too little history: nothing is said */
        f.at_end = 0;
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_applied(&states, &signals, view.now_s, "");
        vg_alert_states_done(&states);
}

/* ---- the increase ---- */

static void increase(_unused_ void **state)
{
        static const struct {
                const char *amount, *want;
        } rows[] = {
                { "109999.99", "" },
                { "110000.00", "fired VIG-C-007 AV-1\n" },
                { "125000.00", "fired VIG-C-007 AV-1\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char patch[1024];
                snprintf(patch, sizeof(patch),
                         "{\"money\":{\"authorised_amount\":\"100000.00\"},\"amendments\":[{\"id\":"
                         "\"AV-1\",\"signed_on\":\"2027-06-01\",\"effective_on\":\"2027-07-01\","
                         "\"changes\":{\"authorised_amount\":\"%s\"}}]}",
                         rows[i].amount);
                _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(patch);
                struct vg_watch_view view = { .contract = c,
                                              .now_s = c->start_s,
                                              .has_increase = true };
                struct vg_alert_states states = { 0 };
                struct vg_signals signals = { 0 };

                assert_int_equal(vg_watch(&view, &signals), 0);
                assert_applied(&states, &signals, view.now_s, rows[i].want);
                assert_int_equal(vg_watch(&view, &signals), 0);
                assert_applied(&states, &signals, view.now_s + 1, "");
                vg_alert_states_done(&states);
        }
}

/* ---- unusual days ---- */

static void usual_ranges(_unused_ void **state)
{
        static const struct {
                int64_t values[8];
                size_t n;
                bool told;
                int64_t low, high;
        } rows[] = {
                { { 120, 120, 120 }, 3, false, 0, 0 },
                { { 120, 120, 120, 120 }, 4, true, 60, 180 }, /* half of it, at least */
                { { 120, 120, 9999, 120, 120 },
                  5,
                  true,
                  60,
                  180 },                                           /* one strange week is no rule */
                { { 100, 120, 140, 160, 180 }, 5, true, 20, 260 }, /* weeks that differ: wider */
                { { 10, 200, 100, 300, 40 }, 5, true, 0, 640 },
                { { 0, 0, 0, 500, 0 }, 5, false, 0, 0 }, /* not used as a rule */
                { { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX }, 4, false, 0, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int64_t values[8], low = 0, high = 0;

                memcpy(values, rows[i].values, sizeof(values));
                assert_int_equal(vg_usual_range(values, rows[i].n, &low, &high), rows[i].told);
                assert_int_equal(low, rows[i].low);
                assert_int_equal(high, rows[i].high);
        }
}

static void unusual_days(_unused_ void **state)
{
        static const struct vg_watch_day days[] = {
                { "t-a", "vcpu", 24000000, 10000000, 20500000 },
                { "t-b", "vcpu", 10000000, 10000000, 20500000 },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        struct vg_watch_view view = { .contract = c,
                                      .now_s = c->start_s + 10 * 86400,
                                      .days = days,
                                      .n_days = 2,
                                      .day = vg_days_from_civil(c->start) + 9 };
        struct vg_alert_states states = { 0 };
        struct vg_signals signals = { 0 };

        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_told(&signals, 0,
                    "Consommation inhabituelle de vCPU alloués pour t-a le 10\u00a0mars\u00a02027"
                    "\u00a0: 24 vCPU-heures (valeur attendue\u00a0: de 10 à 20,5 vCPU-heures).",
                    "Unusual use of allocated vCPUs by t-a on March\u00a010, 2027: 24 vCPU-hours "
                    "(expected 10 to 20.5 vCPU-hours).");
        assert_applied(&states, &signals, view.now_s, "fired VIG-C-009 t-a/vcpu/2027-03-10\n");
        view.days = NULL; /* a day of which something is missing says nothing */
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_applied(&states, &signals, view.now_s + 86400, "");
        view.days = &days[1];
        view.n_days = 1;
        view.day++;
        assert_int_equal(vg_watch(&view, &signals), 0);
        assert_applied(&states, &signals, view.now_s + 86400,
                       "cleared VIG-C-009 t-a/vcpu/2027-03-10\n");
        vg_alert_states_done(&states);
}

/* ---- what others take in ---- */

static void facts(_unused_ void **state)
{
        static const char *const fleet[] = { "VIG-L-002", "VIG-L-003", NULL };
        static const char key[] = "t-a/vcpu/2027-09-05T07:00:00Z";
        struct vg_alert_states states = { 0 };
        struct vg_signals signals = { 0 };

        assert_int_equal(vg_tell_conflict(&signals, key, 1500000, 2000000), 0);
        assert_int_equal(vg_tell_refused(&signals, key, "quantité négative", "negative quantity"),
                         0);
        assert_int_equal(vg_tell_witness(&signals, "client", 20000, 45), 0);
        assert_int_equal(vg_tell_difference(&signals, "vigie-2", 24331, 123456, 123457), 0);
        assert_told(&signals, 0,
                    "Deux mesures contradictoires pour t-a/vcpu/2027-09-05T07:00:00Z\u00a0: la "
                    "première (1,5) est gardée, la seconde (2) est refusée.",
                    "Two contradictory measurements for t-a/vcpu/2027-09-05T07:00:00Z: the first "
                    "(1.5) is kept, the second (2) refused.");
        assert_told(&signals, 1,
                    "Mesure refusée pour t-a/vcpu/2027-09-05T07:00:00Z\u00a0: quantité "
                    "négative.",
                    "Measurement refused for t-a/vcpu/2027-09-05T07:00:00Z: negative quantity.");
        assert_told(&signals, 2,
                    "Registre client\u00a0: dernier point de contrôle contresigné le "
                    "4\u00a0octobre\u00a02024 (il y a 45\u00a0jours).",
                    "Ledger client: last countersigned checkpoint on October\u00a04, 2024 "
                    "(45\u00a0days ago).");
        assert_applied(&states, &signals, 1000,
                       "fired VIG-D-004 t-a/vcpu/2027-09-05T07:00:00Z\n"
                       "fired VIG-D-005 t-a/vcpu/2027-09-05T07:00:00Z\n"
                       "fired VIG-L-002 client\nfired VIG-L-003 vigie-2/2027-08\n");
        /* Facts stay until somebody acknowledges them; what the fleet keeps ends by itself. */
        signals.covers = fleet;
        assert_applied(&states, &signals, 2000,
                       "cleared VIG-L-002 client\ncleared VIG-L-003 vigie-2/2027-08\n");
        vg_alert_states_done(&states);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_code_lives), cmocka_unit_test(forecasts),
                cmocka_unit_test(increase),         cmocka_unit_test(usual_ranges),
                cmocka_unit_test(unusual_days),     cmocka_unit_test(facts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
