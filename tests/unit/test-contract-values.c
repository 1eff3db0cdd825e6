/* SPDX-License-Identifier: Apache-2.0 */

/* What a contract answers: what is in force at an instant, around amendments, renewals and changes
 * of the clock; and the pieces that reading is made of. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"
#include "core/contract/pattern.h"
#include "core/contract/schema.h"
#include "core/contract/where.h"

static int64_t utc(const char *text)
{
        int64_t utc_s = 0;

        if (vg_utc_parse(text, &utc_s) < 0)
                fail_msg("no instant: %s", text);
        return utc_s;
}

static const char *utc_text(int64_t utc_s)
{
        static char text[32];

        return vg_utc_format(utc_s, text);
}

/* ---- prices ---- */

static void test_prices(void **state _unused_)
{
        /* AV-01 on 1 July 2027 (UTC-4), AV-02 on 1 February 2028 (UTC-5). */
        static const struct {
                const char *sku, *at;
                int64_t price; /* -1: none */
                const char *source;
        } rows[] = {
                { "IL-VCPU", "2027-01-11T04:59:59Z", -1, NULL },
                { "IL-VCPU", "2027-01-11T05:00:00Z", 21200, NULL },
                { "IL-VCPU", "2027-07-01T03:59:59Z", 21200, NULL },
                { "IL-VCPU", "2027-07-01T04:00:00Z", 19900, "AV-01" },
                { "IL-VCPU", "2029-01-01T00:00:00Z", 19900, "AV-01" },
                { "IL-RAM", "2027-07-01T04:00:00Z", 3500, NULL },
                { "IL-OBJET", "2028-02-01T04:59:59Z", -1, NULL },
                { "IL-OBJET", "2028-02-01T05:00:00Z", 18250000, "AV-02" },
                { "IL-NOEUD", "2028-02-01T05:00:00Z", 1875000000, NULL },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_price *price = vg_contract_price(c, rows[i].sku);
                assert_non_null(price);
                const struct vg_price_segment *segment = vg_price_at(price, utc(rows[i].at));
                if (!segment != (rows[i].price < 0))
                        fail_msg("%s at %s", rows[i].sku, rows[i].at);
                if (!segment)
                        continue;
                assert_int_equal(segment->price_cad_micro, rows[i].price);
                if (rows[i].source)
                        assert_string_equal(segment->source, rows[i].source);
                else
                        assert_null(segment->source);
        }
        assert_int_equal(vg_contract_price(c, "IL-SORTIE")->segments[0].per, 1000);
        assert_null(vg_contract_price(c, "IL-RIEN"));
        assert_string_equal(vg_contract_price(c, "IL-OBJET")->added_by, "AV-02");
}

static void test_resources(void **state _unused_)
{
        static const struct {
                const char *resource, *sku; /* NULL: none */
        } rows[] = {
                { "vcpu", "IL-VCPU" },
                { "block_tb", "IL-BLOC" },
                { "object_tb", "IL-OBJET" },
                { "entry_activity", "IL-ENTREE" },
                { "node", NULL },
                { "gpu", NULL },
                { "", NULL },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_price *price = vg_contract_price_of(c, rows[i].resource);
                assert_true(!price == !rows[i].sku);
                if (price)
                        assert_string_equal(price->sku, rows[i].sku);
        }
}

/* ---- days that the clock makes short or long ---- */

static void test_midnights(void **state _unused_)
{
        static const struct {
                const char *zone, *day, *begins;
        } rows[] = {
                /* 14 March 2027 has 23 hours, 7 November 25: each begins before the change. */
                { "America/Toronto", "2027-03-14", "2027-03-14T05:00:00Z" },
                { "America/Toronto", "2027-03-15", "2027-03-15T04:00:00Z" },
                { "America/Toronto", "2027-11-07", "2027-11-07T04:00:00Z" },
                { "America/Toronto", "2027-11-08", "2027-11-08T05:00:00Z" },
                { "America/Montreal", "2027-03-15", "2027-03-15T04:00:00Z" },
                { "America/Halifax", "2027-03-14", "2027-03-14T04:00:00Z" },
                { "America/Halifax", "2027-03-15", "2027-03-15T03:00:00Z" },
                { "America/Blanc-Sablon", "2027-03-14", "2027-03-14T04:00:00Z" },
                { "America/Blanc-Sablon", "2027-07-01", "2027-07-01T04:00:00Z" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *const edits[] = { "term.timezone",
                                              rows[i].zone,
                                              "amendments[0].signed_on",
                                              "2027-03-01",
                                              "amendments[0].effective_on",
                                              rows[i].day,
                                              NULL };
                _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(edits);
                const struct vg_price *price = vg_contract_price(c, "IL-VCPU");
                const int64_t begins = utc(rows[i].begins);
                if (c->amendments[0].effective_s != begins)
                        fail_msg("%s %s begins at %s", rows[i].zone, rows[i].day,
                                 utc_text(c->amendments[0].effective_s));
                assert_int_equal(vg_price_at(price, begins - 1)->price_cad_micro, 21200);
                assert_int_equal(vg_price_at(price, begins)->price_cad_micro, 19900);
                assert_int_equal(vg_contract_amount_at(c, begins - 1), 74250000);
                assert_int_equal(vg_contract_amount_at(c, begins), 80100000);
                assert_string_equal(c->zone_name, rows[i].zone);
        }
}

/* ---- amounts, limits, values ---- */

static void test_amounts(void **state _unused_)
{
        static const struct {
                const char *at;
                int64_t cents, quota_micro, commitment_micro;
        } rows[] = {
                { "2020-01-01T00:00:00Z", 74250000, 60000000, 90000000000 },
                { "2027-07-01T03:59:59Z", 74250000, 60000000, 90000000000 },
                { "2027-07-01T04:00:00Z", 80100000, 90000000, 95000000000 },
                { "2028-02-01T04:59:59Z", 80100000, 90000000, 95000000000 },
                { "2028-02-01T05:00:00Z", 84600000, 90000000, 95000000000 },
                { "2099-01-01T00:00:00Z", 84600000, 90000000, 95000000000 },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(NULL);

        assert_int_equal(c->n_amounts, 3);
        assert_string_equal(c->quotas[1].id, "Q-SANTE-BLOC");
        assert_int_equal(c->quotas[1].n_limits, 2);
        assert_int_equal(c->quotas[0].n_limits, 1);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const int64_t at = utc(rows[i].at);
                assert_int_equal(vg_contract_amount_at(c, at), rows[i].cents);
                assert_int_equal(vg_dated_at(c->quotas[1].limits, c->quotas[1].n_limits, at)->value,
                                 rows[i].quota_micro);
                assert_int_equal(
                        vg_dated_at(c->commitments[0].values, c->commitments[0].n_values, at)
                                ->value,
                        rows[i].commitment_micro);
        }
}

/* Two amendments of one day: the later in the file is the one in force. */
static void test_same_day(void **state _unused_)
{
        static const char *const edits[] = { "amendments[0].effective_on", "2028-02-01", NULL };
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(edits);
        const int64_t at = utc("2028-02-01T05:00:00Z");

        assert_int_equal(vg_contract_amount_at(c, at - 1), 74250000);
        assert_int_equal(vg_contract_amount_at(c, at), 84600000);
}

/* ---- the end ---- */

static void test_ends(void **state _unused_)
{
        static const char *const as_it_is[] = { NULL };
        static const char *const renewed[] = { "term.renewals[0].exercised_on", "2028-09-01",
                                               NULL };
        static const char *const renewed_before[] = { "term.renewals[0].exercised_on", "2028-01-20",
                                                      NULL };
        static const char *const ended_early[] = { "amendments[1].changes.end_date", "2028-06-30",
                                                   NULL };
        static const struct {
                const char *const *edits;
                const char *as_of, *end, *last_day, *source;
        } rows[] = {
                { as_it_is, "2027-01-01T00:00:00Z", "2029-01-01T05:00:00Z", "2028-12-31", NULL },
                { as_it_is, "2028-02-01T04:59:59Z", "2029-01-01T05:00:00Z", "2028-12-31", NULL },
                { as_it_is, "2028-02-01T05:00:00Z", "2029-04-01T04:00:00Z", "2029-03-31", "AV-02" },
                { renewed, "2028-09-01T03:59:59Z", "2029-04-01T04:00:00Z", "2029-03-31", "AV-02" },
                { renewed, "2028-09-01T04:00:00Z", "2030-01-01T05:00:00Z", "2029-12-31", "R1" },
                { renewed_before, "2028-01-20T05:00:00Z", "2030-01-01T05:00:00Z", "2029-12-31",
                  "R1" },
                { renewed_before, "2028-02-01T05:00:00Z", "2029-04-01T04:00:00Z", "2029-03-31",
                  "AV-02" },
                { ended_early, "2028-01-31T00:00:00Z", "2029-01-01T05:00:00Z", "2028-12-31", NULL },
                { ended_early, "2028-02-01T05:00:00Z", "2028-07-01T04:00:00Z", "2028-06-30",
                  "AV-02" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(rows[i].edits);
                const int64_t as_of = utc(rows[i].as_of), end = utc(rows[i].end);
                const struct vg_dated *found = vg_contract_end_at(c, as_of);
                char day[16];
                if (found->value != end)
                        fail_msg("row %zu ends at %s", i, utc_text(found->value));
                assert_true(!found->source == !rows[i].source);
                if (found->source)
                        assert_string_equal(found->source, rows[i].source);
                vg_date_format(vg_contract_last_day_at(c, as_of), day);
                assert_string_equal(day, rows[i].last_day);
                assert_true(vg_contract_covers(c, end - 1, as_of));
                assert_false(vg_contract_covers(c, end, as_of));
                assert_true(vg_contract_covers(c, c->start_s, as_of));
                assert_false(vg_contract_covers(c, c->start_s - 1, as_of));
        }
}

/* Seven whole years after the end, whatever 29 February does: never a day too early. */
static void test_kept_until(void **state _unused_)
{
        static const struct {
                const char *start, *last, *until;
        } rows[] = {
                { "2027-01-11", "2028-12-31", "2036-01-01T05:00:00Z" },
                { "2027-03-01", "2029-02-28", "2036-03-01T05:00:00Z" }, /* not on 29 February */
                { "2027-03-01", "2028-02-29", "2035-03-01T05:00:00Z" },
                { "2027-03-01", "2028-02-28", "2035-03-01T05:00:00Z" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_json_decrefp) json_t *tree = read_json(EXAMPLE_1);
                char text[32];
                put(tree, "term.start_date", json_string(rows[i].start));
                put(tree, "term.end_date", json_string(rows[i].last));
                put(tree, "term.exit_transition.complete_by", json_string(rows[i].last));
                put(tree, "term.renewals", json_array());
                put(tree, "amendments", json_array());
                _cleanup_(vg_contract_freep) struct vg_contract *c = load_tree(tree);
                assert_string_equal(vg_utc_format(vg_contract_kept_until(c, INT64_MAX), text),
                                    rows[i].until);
        }
}

/* ---- the rest of the file ---- */

static void test_rest(void **state _unused_)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(NULL);

        assert_string_equal(c->id, "CS-2026-0311");
        assert_null(c->previous_id);
        assert_int_equal(c->revision, 1);
        assert_true(c->client.is_rcti_subject);
        assert_false(c->supplier.is_rcti_subject);
        assert_false(c->public_cloud_allowed);
        assert_string_equal(vg_contract_site_of(c, "vigie-si-01")->id, "CT-SI");
        assert_string_equal(vg_contract_site_of(c, "vigie-rim-03")->id, "CT-RIM");
        assert_null(vg_contract_site_of(c, "vigie-rim-04"));
        assert_null(vg_contract_site_of(c, ""));
        assert_string_equal(vg_contract_tenant(c, "t-essais")->name_en, "Development and test");
        assert_null(vg_contract_tenant(c, "t-essais")->cost_centre);
        assert_null(vg_contract_tenant(c, "_unassigned"));
        assert_int_equal(vg_contract_component(c, "IL-NOEUD-2")->max_quantity, 8);
        assert_int_equal(vg_contract_component(c, "IL-CONTENEURS")->max_quantity, 0);
        assert_null(vg_contract_component(c, "IL"));
        assert_int_equal(c->interval_s, 3600);
        assert_int_equal(c->increase_notice_pct_micro, 10000000);
        assert_int_equal(c->term_days_before_end[0], 365);
        assert_int_equal(c->term_days_before_end[6], 1);
        assert_int_equal(c->renotify_hours[VG_SEVERITY_INFO], 0);
        assert_int_equal(c->renotify_hours[VG_SEVERITY_CRITICAL], 4);
        assert_int_equal(c->amount_thresholds_pct_micro[3], 100000000);
        assert_int_equal(c->recipients[0].classes, 1u << VG_CLASS_CONTRACT | 1u << VG_CLASS_TERM |
                                                           1u << VG_CLASS_SUPPLIER |
                                                           1u << VG_CLASS_INVENTORY);
        assert_int_equal(c->recipients[1].classes, 0);
        assert_int_equal(c->recipients[1].channels,
                         1u << VG_CHANNEL_EMAIL | 1u << VG_CHANNEL_WEBHOOK);
        assert_true(c->recipients[1].french && c->recipients[1].english);
        assert_true(c->recipients[0].french && !c->recipients[0].english);
        assert_int_equal(c->recurring[2].quantity_micro, 2000000);
        assert_true(c->recurring[2].has_to && !c->recurring[0].has_to);
        assert_int_equal(c->retention_years, 7);
        assert_true(c->has_attestation);
        assert_int_equal(c->amendments[0].n_prices, 1);
        assert_int_equal(c->amendments[1].n_added_prices, 1);
        assert_true(c->amendments[1].changes_end && !c->amendments[0].changes_end);
        assert_true(c->amendments[0].has_broker_copy && !c->amendments[1].has_broker_copy);
}

static int no_zone(const char *name, struct vg_zone **ret_zone _unused_, struct vg_err *err)
{
        return vg_err_set(err, -ENOENT, "no data of %s", name);
}

static void test_no_zone(void **state _unused_)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *bytes = NULL;
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };
        size_t n;

        bytes = read_file(EXAMPLE, &n);
        assert_int_equal(vg_contract_parse(bytes, n, no_zone, &contract, &refusals, &err), -ENOENT);
        assert_null(contract);
        assert_string_equal(vg_err_text(&err), "no data of America/Toronto");
}

/* ---- the schema ---- */

/* Places of a schema in which schemas stand under names of their own. */
static bool holds_named(const char *keyword)
{
        return strcmp(keyword, "properties") == 0 || strcmp(keyword, "$defs") == 0;
}

static void understand(const json_t *schema)
{
        const char *keyword, *name;
        json_t *word, *one;
        size_t i;

        json_object_foreach ((json_t *)schema, keyword, word) {
                if (!schema_understands(keyword))
                        fail_msg("the schema says %s", keyword);
                if (strcmp(keyword, "pattern") == 0)
                        (void)pattern_matches(json_string_value(word), "x"); /* asserts its form */
                if (holds_named(keyword))
                        json_object_foreach (word, name, one)
                                understand(one);
                else if (json_is_object(word))
                        understand(word);
                else if (json_is_array(word))
                        json_array_foreach (word, i, one)
                                if (json_is_object(one))
                                        understand(one);
        }
}

static void test_schema(void **state _unused_)
{
        static const char *const files[VG_CONTRACT_VERSION] = {
                VIGIE_SOURCE_DIR "/config/contract-1.schema.json",
                VIGIE_SOURCE_DIR "/config/contract.schema.json",
        };
        size_t n;

        for (int version = 1; version <= VG_CONTRACT_VERSION; version++) {
                _cleanup_(vg_json_decrefp) json_t *file = read_json(files[version - 1]);
                _cleanup_(vg_json_decrefp) json_t *built_in = NULL;
                struct vg_err err = { 0 };
                const char *bytes = vg_contract_schema_of(version, &n);
                assert_int_equal(vg_json_parse(bytes, n, &built_in, NULL, NULL, &err), 0);
                assert_true(json_equal(file, built_in));
                understand(file);
        }
}

static void test_patterns(void **state _unused_)
{
        static const struct {
                const char *pattern, *text;
                bool matches;
        } rows[] = {
                { "^$", "", true },
                { "^$", "a", false },
                { "^a$", "a", true },
                { "^a$", "ab", false },
                { "^a$", "ba", false },
                { "^a?b$", "b", true },
                { "^a?b$", "aab", false },
                { "^a*$", "aaaa", true },
                { "^a+$", "", false },
                { "^a*ab$", "aaab", true },
                { "^[a-c]{2}$", "ac", true },
                { "^[a-c]{2}$", "a", false },
                { "^[a-c]{2}$", "abc", false },
                { "^[a-c]{1,3}c$", "abcc", true },
                { "^[a-c]{1,3}c$", "c", false },
                { "^[a-]$", "-", true },
                { "^[a-]$", "b", false },
                { "^[^\\s]{1,3}$", "éàü", true },
                { "^[^\\s]{1,3}$", "éàüo", false },
                { "^[^\\s]{1,3}$", "a b", false },
                { "^[^\\s]+é$", "ééé", true },
                { "^\\.$", ".", true },
                { "^\\.$", "a", false },
                { "^(a|bc)$", "bc", true },
                { "^(a|bc)$", "abc", false },
                { "^(a|ab)c$", "abc", true },
                { "^(0[1-9]|1[0-2])-(3[01])?$", "12-", true },
                { "^(0[1-9]|1[0-2])-(3[01])?$", "13-31", false },
                { "^(x{2}|y)z$", "xxz", true },
                { "^(x{2}|y)z$", "xz", false },
                { "^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$", "120.05", true },
                { "^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$", "01", false },
                { "^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$", "1.", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (pattern_matches(rows[i].pattern, rows[i].text) != rows[i].matches)
                        fail_msg("%s on %s", rows[i].pattern, rows[i].text);
}

/* ---- places ---- */

static void test_places(void **state _unused_)
{
        static const char text[] = "{\n \"a\": [1,\n  {\"b\": \"}]\\\"\",\n   \"c\": {}}, [\n2]],\n"
                                   " \"d\": {\"b\":\n3}\n}\n";
        static const struct {
                const char *path;
                int line;
        } rows[] = {
                { "", 1 },       { "a", 2 },       { "a[0]", 2 },    { "a[1]", 3 },
                { "a[1].b", 3 }, { "a[1].c", 4 },  { "a[1].x", 3 },  { "a[1].c.x", 4 },
                { "a[2]", 4 },   { "a[2][0]", 5 }, { "a[2][1]", 4 }, { "a[9]", 2 },
                { "b", 1 },      { "d", 6 },       { "d.b", 6 },     { "d[0]", 6 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct where_path path, back;
                char shown[64];
                where_parse(rows[i].path, &path);
                assert_string_equal(where_format(&path, shown, sizeof(shown)), rows[i].path);
                const size_t at = where_offset(text, strlen(text), &path);
                if (where_line(text, strlen(text), at) != rows[i].line)
                        fail_msg("%s: line %d", rows[i].path, where_line(text, strlen(text), at));
                where_path_at(text, strlen(text), at, &back);
                where_format(&back, shown, sizeof(shown));
                assert_true(strncmp(rows[i].path, shown, strlen(shown)) == 0);
        }
        /* Cut anywhere, it is walked no further than it goes. */
        for (size_t n = 0; n < sizeof(text); n++) {
                _cleanup_free_ char *cut = malloc(n ? n : 1);
                struct where_path path;
                memcpy(cut, text, n);
                where_parse("d.b", &path);
                assert_true(where_offset(cut, n, &path) <= n);
                where_path_at(cut, n, n, &path);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_prices),     cmocka_unit_test(test_resources),
                cmocka_unit_test(test_midnights),  cmocka_unit_test(test_amounts),
                cmocka_unit_test(test_same_day),   cmocka_unit_test(test_ends),
                cmocka_unit_test(test_kept_until), cmocka_unit_test(test_kept_until),
                cmocka_unit_test(test_rest),       cmocka_unit_test(test_no_zone),
                cmocka_unit_test(test_schema),     cmocka_unit_test(test_patterns),
                cmocka_unit_test(test_places),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
