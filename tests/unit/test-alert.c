/* SPDX-License-Identifier: Apache-2.0 */

/* The catalogue's promises, its sentences, the life of an alert, and what a view makes of one. */

#include "rating-fixture.h"

#include "vigie/alert.h"

/* ---- the catalogue ---- */

/* Adds the names of a text's placeholders, sorted and once each, to names. */
static void collect(const char *text, char names[][32], size_t *n)
{
        for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
                char name[32];
                size_t i = 0;

                snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, ":?}"), at + 1);
                while (i < *n && strcmp(names[i], name) < 0)
                        i++;
                if (i < *n && strcmp(names[i], name) == 0)
                        continue;
                memmove(names[i + 1], names[i], (*n - i) * sizeof(names[0]));
                memcpy(names[i], name, sizeof(name));
                ++*n;
        }
}

static void assert_placeholders(const struct vg_alert *row)
{
        for (size_t lang = 0; lang < 2; lang++) {
                _cleanup_(vg_buf_done) struct vg_buf joined = { 0 };
                char names[16][32];
                size_t n = 0;

                collect(row->text[lang], names, &n);
                for (size_t i = 0; i < n; i++)
                        vg_buf_printf(&joined, "%s%s", i ? " " : "", names[i]);
                if (strcmp(joined.data ? joined.data : "", row->params) != 0)
                        fail_msg("%s: text %zu has \"%s\", params are \"%s\"", row->code, lang,
                                 joined.data, row->params);
        }
}

/* French: a no-break space before : % $ », after «; none before ; ? !. No straight quotes. */
static void assert_french(const char *code, const char *text)
{
        for (const char *at = text; *at; at++) {
                const bool bare = at > text && at[-1] == ' ';

                if (bare && (strchr(":;?!%$", *at) || strncmp(at, "»", 2) == 0))
                        fail_msg("%s: space that may break before \"%s\"", code, at);
                if (strncmp(at, "« ", 3) == 0)
                        fail_msg("%s: space that may break after «", code);
                if (*at == '"' || (*at == ' ' && at[1] == ' '))
                        fail_msg("%s: \"%s\"", code, at);
                if (*at == ':' && (at == text || strncmp(at - 2, "\xc2\xa0", 2) != 0) &&
                    !strchr(text, '{'))
                        fail_msg("%s: no space before \":\"", code);
        }
}

static void assert_bracketed(const char *code, const char *text)
{
        int depth = 0;

        for (const char *at = text; *at; at++) {
                depth += (*at == '{') - (*at == '}');
                if (depth < 0 || depth > 1)
                        fail_msg("%s: braces", code);
        }
        assert_int_equal(depth, 0);
}

/* Who acts comes first, and is somebody that the alert is for. */
static void assert_who_acts(const struct vg_alert *row, size_t lang)
{
        static const struct {
                enum vg_role role;
                const char *who[2];
        } roles[] = {
                { VG_ROLE_CONTRACT_MANAGER, { "Gestion contractuelle", "Contract management" } },
                { VG_ROLE_CLIENT_IT, { "Équipe des TI", "IT team" } },
                { VG_ROLE_TENANT_OWNER, { "Pilote de l'abonné", "Tenant owner" } },
                { VG_ROLE_SUPPLIER_MAINTENANCE,
                  { "Télémaintenance du fournisseur", "Supplier's remote maintenance" } },
        };
        const char *action = row->action[lang];

        for (size_t i = 0; i < ELEMENTSOF(roles); i++)
                if (row->audience & 1u << roles[i].role &&
                    strncmp(action, roles[i].who[lang], strlen(roles[i].who[lang])) == 0)
                        return;
        fail_msg("%s: who does \"%s\"?", row->code, action);
}

static void assert_english(const char *code, const char *text)
{
        for (const char *at = text; *at; at++) {
                if (strncmp(at, "«", 2) == 0 || strncmp(at, "»", 2) == 0 || *at == '"' ||
                    (*at == ' ' && (at[1] == ' ' || strchr(":;?!,.", at[1]))))
                        fail_msg("%s: \"%s\"", code, at);
        }
}

static void catalogue(_unused_ void **state)
{
        size_t n;
        const struct vg_alert *rows = vg_alert_rows(&n);

        assert_true(n >= 47);
        for (size_t i = 0; i < n; i++) {
                const struct vg_alert *row = &rows[i];

                if (i)
                        assert_true(strcmp(rows[i - 1].code, row->code) < 0);
                assert_ptr_equal(vg_alert_find(row->code), row);
                assert_int_equal(strlen(row->message_id), 32);
                assert_int_equal(strspn(row->message_id, "0123456789abcdef"), 32);
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(rows[k].message_id, row->message_id);
                assert_true(row->least <= row->most && row->audience != 0);
                assert_placeholders(row);
                for (size_t lang = 0; lang < 2; lang++) {
                        assert_true(*row->title[lang] && *row->text[lang]);
                        assert_who_acts(row, lang);
                        assert_bracketed(row->code, row->text[lang]);
                }
                assert_french(row->code, row->title[0]);
                assert_french(row->code, row->text[0]);
                assert_french(row->code, row->action[0]);
                assert_english(row->code, row->title[1]);
                assert_english(row->code, row->text[1]);
                assert_english(row->code, row->action[1]);
        }
        assert_null(vg_alert_find("VIG-X-001"));
        assert_null(vg_alert_find(""));
}

/* ---- sentences ---- */

static void sentences(_unused_ void **state)
{
        static const struct {
                const char *code;
                struct vg_alert_params params;
                const char *fr, *en;
        } rows[] = {
                { "VIG-C-001",
                  { .list = { { .name = "authorised", .kind = VG_PARAM_CENTS, .number = 198500000 },
                              { .name = "consumed", .kind = VG_PARAM_CENTS, .number = 99250001 },
                              { .name = "contract",
                                .kind = VG_PARAM_TEXT,
                                .text = { "C-1", "C-1" } },
                              { .name = "pct", .kind = VG_PARAM_PCT, .number = 99999999 },
                              { .name = "threshold", .kind = VG_PARAM_PCT, .number = 50000000 } },
                    .n = 5 },
                  "Contrat C-1\u00a0: 992\u202f500,01\u00a0$ consommés, soit 99,99\u00a0% du "
                  "montant "
                  "autorisé de 1\u202f985\u202f000,00\u00a0$ (seuil de 50\u00a0%).",
                  "Contract C-1: 992,500.01\u00a0CAD consumed, 99.99\u00a0% of the authorised "
                  "amount "
                  "of 1,985,000.00\u00a0CAD (threshold 50\u00a0%)." },
                { "VIG-T-001",
                  { .list = { { .name = "contract",
                                .kind = VG_PARAM_TEXT,
                                .text = { "C-1", "C-1" } },
                              { .name = "days", .kind = VG_PARAM_COUNT, .number = 1 },
                              { .name = "end", .kind = VG_PARAM_DATE, .number = 21640 } },
                    .n = 3 },
                  "Contrat C-1\u00a0: fin dans 1\u00a0jour, le 1er\u00a0avril\u00a02029.",
                  "Contract C-1: ends in 1\u00a0day, on April\u00a01, 2029." },
                { "VIG-T-001",
                  { .list = { { .name = "contract",
                                .kind = VG_PARAM_TEXT,
                                .text = { "C-1", "C-1" } },
                              { .name = "days", .kind = VG_PARAM_COUNT, .number = 0 },
                              { .name = "end", .kind = VG_PARAM_DATE, .number = 21639 } },
                    .n = 3 },
                  "Contrat C-1\u00a0: fin dans 0\u00a0jour, le 31\u00a0mars\u00a02029.",
                  "Contract C-1: ends in 0\u00a0days, on March\u00a031, 2029." },
                { "VIG-D-003",
                  { .list = { { .name = "appliance",
                                .kind = VG_PARAM_TEXT,
                                .text = { "v1", "v1" } },
                              { .name = "count", .kind = VG_PARAM_COUNT, .number = 1234 },
                              { .name = "month", .kind = VG_PARAM_MONTH, .number = 24331 } },
                    .n = 3 },
                  "v1\u00a0: 1\u202f234\u00a0mesures reçues après la fermeture du relevé "
                  "(août\u00a02027); inscrites en correction.",
                  "v1: 1,234\u00a0measurements received after August\u00a02027 closed; entered as "
                  "a "
                  "correction." },
                { "VIG-N-001",
                  { .list = { { .name = "limit", .kind = VG_PARAM_MICRO, .number = 512000000 },
                              { .name = "pct", .kind = VG_PARAM_PCT, .number = 312500 },
                              { .name = "resource",
                                .kind = VG_PARAM_RESOURCE,
                                .text = { "vcpu", "vcpu" } },
                              { .name = "tenant", .kind = VG_PARAM_TEXT, .text = { "t-a", "t-a" } },
                              { .name = "threshold", .kind = VG_PARAM_PCT, .number = 250000 },
                              { .name = "unit",
                                .kind = VG_PARAM_UNIT,
                                .number = VG_UNIT_VCPU_HOUR },
                              { .name = "value", .kind = VG_PARAM_MICRO, .number = 1600000 } },
                    .n = 7 },
                  "Abonné t-a\u00a0: 1,6 vCPU-heure de vCPU alloués, soit 0,31\u00a0% du quota de "
                  "512 "
                  "(seuil de 0,25\u00a0%).",
                  "Tenant t-a: 1.6 vCPU-hours of allocated vCPUs, 0.31\u00a0% of the quota of 512 "
                  "(threshold 0.25\u00a0%)." },
                { "VIG-D-001",
                  { .list = { { .name = "appliance",
                                .kind = VG_PARAM_TEXT,
                                .text = { "v1", "v1" } },
                              { .name = "since", .kind = VG_PARAM_INSTANT, .number = 1820127900 } },
                    .n = 2 },
                  "v1\u00a0: aucune mesure depuis le 5\u00a0septembre\u00a02027 à 7\u00a0h\u00a005 "
                  "(UTC). "
                  "La période reste marquée «\u00a0non mesurée\u00a0»; rien n'est estimé.",
                  "v1: no measurement since September\u00a05, 2027 at 07:05 (UTC). The period "
                  "stays "
                  "marked “not measured”; nothing is estimated." },
                { "VIG-D-002",
                  { .list = { { .name = "appliance",
                                .kind = VG_PARAM_TEXT,
                                .text = { "v1", "v1" } },
                              { .name = "offset",
                                .kind = VG_PARAM_SECONDS,
                                .number = -7200500000000 } },
                    .n = 2 },
                  "v1\u00a0: horloge décalée de -7\u202f200,5\u00a0s; les durées mesurées restent "
                  "exactes, l'heure affichée peut être fausse.",
                  "v1: clock off by -7,200.5\u00a0s; measured durations stay exact, displayed "
                  "times may "
                  "be wrong." },
                { "VIG-N-002",
                  { .list = { { .name = "tenant",
                                .kind = VG_PARAM_TEXT,
                                .text = { "a\x1b[31m\u202eb{x}%n", "a\x1b[31m\u202eb{x}%n" } } },
                    .n = 1 },
                  "Abonné inconnu «\u00a0a\ufffd[31m\ufffdb{x}%n\u00a0»\u00a0: consommation "
                  "imputée au "
                  "contrat sous «\u00a0_unassigned\u00a0».",
                  "Unknown tenant “a\ufffd[31m\ufffdb{x}%n”: use charged to the contract under "
                  "“_unassigned”." },
        };
        char text[VG_ALERT_TEXT_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_alert *alert = vg_alert_find(rows[i].code);

                assert_string_equal(vg_alert_text(alert, &rows[i].params, true, text, sizeof(text)),
                                    rows[i].fr);
                assert_string_equal(
                        vg_alert_text(alert, &rows[i].params, false, text, sizeof(text)),
                        rows[i].en);
        }
        /* Too little room ends in an ellipsis, on a character's boundary. */
        vg_alert_text(vg_alert_find("VIG-T-001"), &rows[1].params, true, text, 16);
        assert_true(strlen(text) < 16 && vg_utf8_valid(text, strlen(text), NULL));
}

/* ---- the life of an alert ---- */

static void lives(_unused_ void **state)
{
        enum { A = VG_INPUT_ACTIVE, Q = VG_INPUT_QUIET, K = VG_INPUT_ACK, S = VG_INPUT_SETTLED };
        enum { W = VG_SEVERITY_WARNING, M = VG_SEVERITY_MAJOR, C = VG_SEVERITY_CRITICAL };
        static const struct {
                const char *code;
                struct {
                        int input, severity;
                        int64_t at_s;
                        const char *event, *status;
                } steps[8];
        } rows[] = {
                { "VIG-C-001",
                  { { Q, W, 1, "none", "none" },
                    { A, W, 2, "fired", "firing" },
                    { A, W, 3, "none", "firing" },
                    { A, M, 4, "raised", "firing" },
                    { A, W, 5, "none", "firing" },
                    { Q, W, 6, "cleared", "cleared" },
                    { Q, W, 7, "none", "cleared" },
                    { A, W, 8, "fired", "firing" } } },
                { "VIG-D-001", /* acknowledged: silent until it worsens or ends */
                  { { A, W, 1, "fired", "firing" },
                    { K, W, 2, "acknowledged", "acknowledged" },
                    { K, W, 3, "none", "acknowledged" },
                    { A, W, 4, "none", "acknowledged" },
                    { A, M, 5, "raised", "firing" },
                    { K, W, 6, "acknowledged", "acknowledged" },
                    { Q, W, 7, "cleared", "cleared" },
                    { K, W, 8, "none", "cleared" } } },
                { "VIG-N-002", /* 24 hours without use */
                  { { A, W, 1000, "fired", "firing" },
                    { Q, W, 1000 + 86399, "none", "firing" },
                    { A, W, 1000 + 86399, "none", "firing" },
                    { Q, W, 1000 + 86400, "none", "firing" },
                    { Q, W, 1000 + 2 * 86400, "cleared", "cleared" } } },
                { "VIG-D-002", /* the clock set back two hours: an hour from then */
                  { { A, M, 10000, "fired", "firing" },
                    { Q, M, 2800, "none", "firing" },
                    { Q, M, 2800 + 3599, "none", "firing" },
                    { Q, M, 2800 + 3600, "cleared", "cleared" } } },
                { "VIG-C-005", /* a fact is told once */
                  { { A, W, 1, "fired", "firing" },
                    { Q, W, 2, "none", "firing" },
                    { A, W, 3, "none", "firing" },
                    { K, W, 4, "cleared", "cleared" },
                    { A, W, 5, "none", "cleared" } } },
                { "VIG-L-001", /* only a settlement ends it */
                  { { A, C, 1, "fired", "firing" },
                    { Q, C, 999999, "none", "firing" },
                    { K, C, 1000000, "acknowledged", "acknowledged" },
                    { Q, C, 1000001, "none", "acknowledged" },
                    { S, C, 1000002, "cleared", "cleared" },
                    { A, C, 1000003, "fired", "firing" } } },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_alert_state s = { .alert = vg_alert_find(rows[i].code) };

                for (size_t k = 0; k < 8 && rows[i].steps[k].event; k++) {
                        enum vg_alert_event event = vg_alert_step(
                                &s, (enum vg_alert_input)rows[i].steps[k].input,
                                (enum vg_severity)rows[i].steps[k].severity, rows[i].steps[k].at_s);
                        if (strcmp(vg_alert_event_name(event), rows[i].steps[k].event) != 0 ||
                            strcmp(vg_alert_status_name(s.status), rows[i].steps[k].status) != 0)
                                fail_msg("%s, step %zu: %s, %s", rows[i].code, k,
                                         vg_alert_event_name(event),
                                         vg_alert_status_name(s.status));
                }
        }
}

/* ---- a view and its changes ---- */

static int note_change(void *user, const struct vg_alert_change *change,
                       _unused_ struct vg_err *err)
{
        vg_buf_printf(user, "%s %s %s\n", vg_alert_event_name(change->event),
                      change->state->alert->code, change->state->key);
        return 0;
}

/* Looks, and asserts what changed. */
static void assert_look(struct vg_alert_states *states, const struct vg_watch_view *view,
                        const char *want)
{
        struct vg_signals signals = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        struct vg_err err = { 0 };
        char sentence[VG_ALERT_TEXT_SIZE];

        assert_int_equal(vg_watch(view, &signals), 0);
        assert_int_equal(vg_alert_would_change(states, &signals, view->now_s), *want != '\0');
        assert_int_equal(vg_alert_apply(states, &signals, view->now_s, note_change, &text, &err),
                         0);
        assert_string_equal(text.data ? text.data : "", want);
        /* Every signal fills its sentence, in both languages. */
        for (size_t i = 0; i < signals.n; i++)
                for (int french = 0; french < 2; french++) {
                        vg_alert_text(signals.list[i].alert, &signals.list[i].params, french,
                                      sentence, sizeof(sentence));
                        assert_null(strchr(sentence, '?'));
                        assert_null(strchr(sentence, '{'));
                }
        vg_signals_done(&signals);
}

static void amounts(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        struct vg_alert_states states = { 0 };
        struct vg_watch_view view = { .contract = c,
                                      .now_s = c->start_s,
                                      .has_amounts = true,
                                      .authorised_cents = 10000000 };

        assert_look(&states, &view, "");
        view.consumed_cents = 4999999;
        assert_look(&states, &view, "");
        view.consumed_cents = 5000000;
        assert_look(&states, &view, "fired VIG-C-001 amount-50\n");
        assert_look(&states, &view, "");
        view.consumed_cents = 10000001;
        assert_look(&states, &view,
                    "fired VIG-C-001 amount-100\nfired VIG-C-002 amount-exceeded\n");
        view.has_amounts = false; /* not looked at: nothing ends */
        assert_look(&states, &view, "");
        view.has_amounts = true;
        view.authorised_cents = 20000000;
        assert_look(&states, &view,
                    "cleared VIG-C-001 amount-100\ncleared VIG-C-002 amount-exceeded\n");
        vg_alert_states_done(&states);
}

static void conditions(_unused_ void **state)
{
        static const struct vg_watch_ledger broken = { "client", 41 };
        static const struct vg_watch_usage usage[] = {
                { "t-a", "vcpu", 5 }, { "t-z", "vcpu", 5 }, { "t-a", "gpu", 7 }, { "t-z", "gpu", 0 }
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        struct vg_alert_states states = { 0 };
        struct vg_watch_view view = { .appliance = "vigie-1",
                                      .now_s = c->start_s + 7200,
                                      .has_measured = true,
                                      .measured_s = c->start_s,
                                      .interval_s = 3600,
                                      .has_clock = true };

        /* Without a contract too. */
        assert_look(&states, &view,
                    "fired VIG-D-001 gap-2027-03-01T05:00:00Z\nfired VIG-D-002 clock\n");
        view.contract = c;
        view.now_s = c->start_s + 86400;
        assert_look(&states, &view, "raised VIG-D-001 gap-2027-03-01T05:00:00Z\n");
        view.measured_s = view.now_s;
        view.clock_ok = true;
        assert_look(&states, &view, "cleared VIG-D-001 gap-2027-03-01T05:00:00Z\n");
        view.now_s += 3600; /* the clock has been right for an hour */
        view.has_ledger = true;
        view.ledger = &broken;
        view.n_ledger = 1;
        assert_look(&states, &view, "cleared VIG-D-002 clock\nfired VIG-L-001 client\n");
        view.n_ledger = 0;
        view.has_usage = true;
        view.usage = usage;
        view.n_usage = ELEMENTSOF(usage);
        view.usage_s = c->start_s;
        assert_look(&states, &view, "fired VIG-N-002 t-z\nfired VIG-Q-001 gpu\n");
        view.usage_s = c->start_s - 3600;
        assert_look(&states, &view, "fired VIG-C-006 contract\n");
        view.n_usage = 0;
        assert_look(&states, &view, "");
        view.measured_s = view.now_s += 86400;
        assert_look(&states, &view,
                    "cleared VIG-N-002 t-z\ncleared VIG-Q-001 gpu\ncleared VIG-C-006 contract\n");
        vg_alert_states_done(&states);
}

static void quotas(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(
                "{\"quotas\":[{\"id\":\"Q-1\",\"tenant\":\"t-a\",\"resource\":\"vcpu\",\"metric\":"
                "\"interval_quantity\",\"limit\":\"10\",\"thresholds_pct\":[\"80\",\"100\"]}]}");
        struct vg_watch_quota quota = { .is_known = true, .value = 8000000 };
        struct vg_alert_states states = { 0 };
        struct vg_watch_view view = { .contract = c, .now_s = c->start_s, .quotas = &quota };

        assert_look(&states, &view, "fired VIG-N-001 quota-Q-1-80\n");
        quota = (struct vg_watch_quota){ .is_known = true, .is_partial = true, .value = 10000000 };
        assert_look(&states, &view, "fired VIG-N-001 quota-Q-1-100\n");
        quota.value = 0; /* the interval has only begun */
        assert_look(&states, &view, "");
        quota = (struct vg_watch_quota){ 0 }; /* a gap */
        assert_look(&states, &view, "");
        quota.is_known = true;
        assert_look(&states, &view,
                    "cleared VIG-N-001 quota-Q-1-80\ncleared VIG-N-001 quota-Q-1-100\n");
        vg_alert_states_done(&states);
}

/* The contract's clock, to the second. */
static void clock_of_contract(_unused_ void **state)
{
        static const struct {
                const char *at, *want;
        } rows[] = {
                { "2027-03-01T04:59:59Z", "" },
                { "2027-11-02T03:59:59Z", "" },
                { "2027-11-02T04:00:00Z", "fired VIG-T-002 exit-planning\n" },
                { "2028-01-31T05:00:00Z", "fired VIG-T-003 exit-parallel\n" },
                { "2028-02-14T04:59:59Z", "" },
                { "2028-02-14T05:00:00Z", "fired VIG-T-001 end-30d\n" },
                { "2028-03-02T04:59:59Z", "" },
                { "2028-03-02T05:00:00Z", "fired VIG-T-004 exit-overdue\n" },
                { "2028-03-08T05:00:00Z", "fired VIG-T-001 end-7d\n" },
                { "2028-03-16T03:59:59Z", "" },
                { "2028-03-16T04:00:00Z", "fired VIG-T-006 contract-ended\n" },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        struct vg_alert_states states = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_look(&states,
                            &(struct vg_watch_view){
                                    .contract = c, .now_s = utc(rows[i].at), .has_term = true },
                            rows[i].want);
        vg_alert_states_done(&states);
}

/* A letter of termination leaves no option to exercise. */
static void no_option_is_left(_unused_ void **state)
{
        static const char patch[] =
                "{\"schema\":\"vigie-contract/2\",\"orders\":[],\"service_levels\":null,"
                "\"reporting_appliance\":null,\"termination\":{\"id\":\"RES-1\",\"letter_on\":"
                "\"2027-10-01\",\"effective_on\":\"2027-11-01\"},\"term\":{\"renewals\":[{\"id\":"
                "\"R1\",\"exercise_by\":\"2027-12-15\",\"new_end_date\":\"2029-03-15\","
                "\"exercised_on\":null}]}}";
        static const struct {
                const char *at, *want;
        } rows[] = {
                { "2027-09-16T04:00:00Z", "fired VIG-T-005 R1\nfired VIG-T-007 CS-ESSAI-7\n" },
                { "2027-10-01T03:59:59Z", "" },
                { "2027-10-01T04:00:00Z",
                  "cleared VIG-T-005 R1\nfired VIG-T-007 RES-1\nfired VIG-T-010 hand-over\n" },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(patch);
        struct vg_alert_states states = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_look(&states,
                            &(struct vg_watch_view){ .contract = c,
                                                     .now_s = utc(rows[i].at),
                                                     .has_deadlines = true },
                            rows[i].want);
        vg_alert_states_done(&states);
}

/* What is due by a day, to the second: with the facts that end it. */
static void deadlines(_unused_ void **state)
{
        static const char patch[] =
                "{\"term\":{\"renewals\":[{\"id\":\"R1\",\"exercise_by\":\"2027-12-15\","
                "\"new_end_date\":\"2029-03-15\",\"exercised_on\":null}]},"
                "\"security_compliance\":{\"last_attested_on\":\"2026-06-01\",\"interval_days\":"
                "365},"
                "\"amendments\":[{\"id\":\"AV-1\",\"signed_on\":\"2027-03-26\",\"effective_on\":"
                "\"2027-04-01\",\"broker_copy_sent_on\":\"2027-04-06\",\"changes\":"
                "{\"authorised_amount\":\"100000.01\"}}]}";
        static const struct {
                const char *at, *want;
        } rows[] = {
                { "2027-02-01T04:59:59Z", "" },
                { "2027-02-01T05:00:00Z", "fired VIG-T-007 CS-ESSAI-7\n" }, /* never sent */
                { "2027-03-26T03:59:59Z", "" },
                { "2027-03-26T04:00:00Z", "fired VIG-T-007 AV-1\n" },
                { "2027-04-06T03:59:59Z", "" },
                { "2027-04-06T04:00:00Z", "cleared VIG-T-007 AV-1\n" },
                { "2027-05-02T03:59:59Z", "" },
                { "2027-05-02T04:00:00Z", "fired VIG-T-008 attestation\n" },
                { "2027-06-02T03:59:59Z", "" },
                { "2027-06-02T04:00:00Z", "raised VIG-T-008 attestation\n" },
                { "2027-09-16T03:59:59Z", "" },
                { "2027-09-16T04:00:00Z", "fired VIG-T-005 R1\n" },
                { "2027-12-16T04:59:59Z", "" },
                { "2027-12-16T05:00:00Z", "cleared VIG-T-005 R1\nfired VIG-T-010 hand-over\n" },
                { "2028-02-14T05:00:00Z", "raised VIG-T-010 hand-over\n" },
                { "2028-03-01T04:59:59Z", "" },
                { "2028-03-01T05:00:00Z", "fired VIG-T-009 dossier\n" },
                { "2028-03-16T04:00:00Z", "cleared VIG-T-008 attestation\n" },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(patch);
        struct vg_alert_states states = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_look(&states,
                            &(struct vg_watch_view){ .contract = c,
                                                     .now_s = utc(rows[i].at),
                                                     .has_deadlines = true },
                            rows[i].want);
        vg_alert_states_done(&states);
}

/* Good Friday and Easter Monday are not business days; a letter is due at once. */
static void deadline_texts(_unused_ void **state)
{
        static const struct {
                enum vg_document_kind kind;
                const char *signed_on, *fr, *en;
        } rows[] = {
                { VG_DOCUMENT_AMENDMENT, "2027-03-25", "5\u00a0avril\u00a02027",
                  "by April\u00a05, 2027 (5 business days): amendment X-1 (signed: " },
                { VG_DOCUMENT_TERMINATION, "2027-03-25", "sans délai",
                  "at once: letter of termination X-1" },
                { VG_DOCUMENT_EVALUATION, "2027-12-23", "évaluation X-1",
                  "December\u00a030, 2027" },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_document document = { .kind = rows[i].kind, .id = "X-1" };
                const struct vg_watch_view view = { .contract = c,
                                                    .now_s = utc("2028-01-01T05:00:00Z"),
                                                    .has_deadlines = true };
                struct vg_signals signals = { 0 };
                char fr[VG_ALERT_TEXT_SIZE], en[VG_ALERT_TEXT_SIZE];

                assert_int_equal(vg_date_parse(rows[i].signed_on, &document.signed_on), 0);
                c->documents = &document;
                c->n_documents = 1;
                assert_int_equal(vg_watch(&view, &signals), 0);
                assert_string_equal(signals.list[0].alert->code, "VIG-T-007");
                vg_alert_text(signals.list[0].alert, &signals.list[0].params, true, fr, sizeof(fr));
                vg_alert_text(signals.list[0].alert, &signals.list[0].params, false, en,
                              sizeof(en));
                if (!strstr(fr, rows[i].fr) || !strstr(en, rows[i].en))
                        fail_msg("%s / %s", fr, en);
                vg_signals_done(&signals);
        }
}

/* An appliance that does not report says nothing of the contract, and ends what it said. */
static void partial(_unused_ void **state)
{
        static const struct vg_watch_usage usage = { "t-z", "vcpu", 1 };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        struct vg_alert_states states = { 0 };
        struct vg_watch_view view = {
                .contract = c,
                .now_s = utc("2027-11-02T04:00:00Z"),
                .has_term = true,
                .has_amounts = true,
                .consumed_cents = c->amounts[0].value + 1,
                .authorised_cents = c->amounts[0].value,
        };

        assert_look(&states, &view,
                    "fired VIG-C-001 amount-100\nfired VIG-C-001 amount-50\n"
                    "fired VIG-C-002 amount-exceeded\nfired VIG-T-002 exit-planning\n");
        view.is_partial = true;
        view.has_usage = true;
        view.usage = &usage;
        view.n_usage = 1;
        view.usage_s = view.now_s - 3600;
        assert_look(&states, &view,
                    "cleared VIG-C-001 amount-100\ncleared VIG-C-001 amount-50\n"
                    "cleared VIG-C-002 amount-exceeded\ncleared VIG-T-002 exit-planning\n"
                    "fired VIG-N-002 t-z\n");
        vg_alert_states_done(&states);
}

/* What a room looked at without a view: a whole code, or keys that begin alike. */
static void covered(_unused_ void **state)
{
        static const char *const whole[] = { "VIG-H-001", NULL };
        static const char *const source[] = { "VIG-H-003/smart", NULL };
        struct vg_alert_states states = { 0 };
        struct vg_signals signals = { .covers = whole };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        struct vg_err err = { 0 };

        assert_non_null(
                vg_signal_add(&signals, "VIG-H-001", "f-1", true, VG_SEVERITY_WARNING, NULL));
        assert_non_null(
                vg_signal_add(&signals, "VIG-H-001", "f-2", true, VG_SEVERITY_WARNING, NULL));
        assert_non_null(
                vg_signal_add(&signals, "VIG-H-003", "redfish/1", true, VG_SEVERITY_WARNING, NULL));
        assert_non_null(
                vg_signal_add(&signals, "VIG-H-003", "smart/sda", true, VG_SEVERITY_WARNING, NULL));
        assert_int_equal(vg_alert_apply(&states, &signals, 1, note_change, &text, &err), 0);
        signals.n = 1;
        assert_int_equal(vg_alert_apply(&states, &signals, 2, note_change, &text, &err), 0);
        signals.covers = source;
        signals.n = 0;
        assert_int_equal(vg_alert_apply(&states, &signals, 3, note_change, &text, &err), 0);
        assert_string_equal(text.data, "fired VIG-H-001 f-1\nfired VIG-H-001 f-2\n"
                                       "fired VIG-H-003 redfish/1\nfired VIG-H-003 smart/sda\n"
                                       "cleared VIG-H-001 f-2\ncleared VIG-H-003 smart/sda\n");
        vg_signals_done(&signals);
        vg_alert_states_done(&states);
}

static void keys(_unused_ void **state)
{
        static const struct {
                const char *code, *contract, *want;
        } rows[] = {
                { "VIG-C-001", "CS-1", "VIG-C-001/CS-1/k" },
                { "VIG-Q-001", "CS-1", "VIG-Q-001/CS-1/k" },
                { "VIG-D-001", "CS-1", "VIG-D-001/vigie-1/k" },
                { "VIG-L-001", NULL, "VIG-L-001/vigie-1/k" },
                { "VIG-C-001", "", "VIG-C-001/vigie-1/k" },
        };
        char key[VG_ALERT_KEY_SIZE + 96];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_string_equal(vg_alert_dedup_key(vg_alert_find(rows[i].code),
                                                       rows[i].contract, "vigie-1", "k", key,
                                                       sizeof(key)),
                                    rows[i].want);
        assert_true(vg_alert_is_shared(vg_alert_find("VIG-H-001")));
        assert_false(vg_alert_is_shared(vg_alert_find("VIG-N-002")));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(catalogue),      cmocka_unit_test(covered),
                cmocka_unit_test(sentences),      cmocka_unit_test(lives),
                cmocka_unit_test(amounts),        cmocka_unit_test(conditions),
                cmocka_unit_test(quotas),         cmocka_unit_test(clock_of_contract),
                cmocka_unit_test(deadlines),      cmocka_unit_test(no_option_is_left),
                cmocka_unit_test(deadline_texts), cmocka_unit_test(partial),
                cmocka_unit_test(keys),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
