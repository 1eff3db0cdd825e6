/* SPDX-License-Identifier: Apache-2.0 */

/* Orders in the bill: of the file, and recorded by an act, also after their month had closed; a
 * contract that ends before its term. */

#include "rating-fixture.h"
#include "vigie/fact.h"

#define SECOND                                                                          \
        "\"schema\":\"vigie-contract/2\",\"termination\":null,\"service_levels\":null," \
        "\"reporting_appliance\":null"
#define ORDER(id, sku, quantity, from, to)                                                       \
        "{\"id\":\"" id "\",\"ordered_on\":\"2027-02-10\",\"sku\":\"" sku "\",\"tenant\":\"*\"," \
        "\"quantity\":\"" quantity "\",\"in_service_on\":\"" from "\",\"out_of_service_on\":" to \
        "}"
#define RECORDED(rest) "{\"contract_id\":\"CS-RATE\",\"on\":\"2027-03-01\"," rest "}"

static const struct row {
        const char *name, *patch, *fact, *known, *as_of, *want;
} rows[] = {
        { "an order in service for part of a month",
          "{" SECOND ",\"orders\":[" ORDER("O1", "NODE", "2", "2027-03-10", "\"2027-03-11\"") "]}",
          NULL, NULL, "2027-04-01T04:00:00Z",
          "2027-03 recurring * O1 0.129032 12.903225806452 12.90\n2027-03 = 12.90\n" },
        { "its first day counts strictly after its midnight",
          "{" SECOND ",\"orders\":[" ORDER("O1", "NODE", "2", "2027-03-10", "null") "]}", NULL,
          NULL, "2027-03-10T05:00:00Z", "2027-03 = 0.00\n" },
        { "a purchase, once, on its first day",
          "{" SECOND ",\"orders\":[" ORDER("O1", "ENTRY", "3", "2027-03-10", "null") "]}", NULL,
          NULL, "2027-05-01T04:00:00Z",
          "2027-03 purchase * O1 3.000000 1500.000000000000 1500.00\n2027-03 = 1500.00\n"
          "2027-04 = 0.00\n" },
        { "not before",
          "{" SECOND ",\"orders\":[" ORDER("O1", "ENTRY", "3", "2027-03-10", "null") "]}", NULL,
          NULL, "2027-03-10T05:00:00Z", "2027-03 = 0.00\n" },
        { "recorded while its month was open", NULL,
          RECORDED("\"fact\":\"order\",\"target\":\"O2\",\"values\":{\"sku\":\"NODE\","
                   "\"quantity\":\"1\",\"in_service_on\":\"2027-03-15\"}"),
          "2027-04-03T03:59:59Z", "2027-04-03T04:00:00Z",
          "2027-03 recurring * O2 0.548387 54.838709677419 54.84\n2027-03 = 54.84\n"
          "2027-04 recurring * O2 0.066667 6.666666666667 6.67\n2027-04 = 6.67\n" },
        { "recorded after its month had closed: a correction of the open one", NULL,
          RECORDED("\"fact\":\"order\",\"target\":\"O2\",\"values\":{\"sku\":\"NODE\","
                   "\"quantity\":\"1\",\"in_service_on\":\"2027-03-15\"}"),
          "2027-04-03T04:00:00Z", "2027-04-04T04:00:00Z",
          "2027-03 = 0.00\n"
          "2027-04 recurring * O2 0.548387 54.838709677419 54.84 of 2027-03\n"
          "2027-04 recurring * O2 0.100000 10.000000000000 10.00\n2027-04 = 64.84\n" },
        { "not yet known", NULL,
          RECORDED("\"fact\":\"order\",\"target\":\"O2\",\"values\":{\"sku\":\"NODE\","
                   "\"quantity\":\"1\",\"in_service_on\":\"2027-03-15\"}"),
          "2027-04-03T04:00:00Z", "2027-04-03T03:59:59Z", "2027-03 = 0.00\n2027-04 = 0.00\n" },
        { "an order counts towards a commitment on its SKU",
          "{\"minimum_commitments\":[{\"id\":\"QN\",\"basis\":\"quantity_month\",\"sku\":\"NODE\","
          "\"value\":\"2\"}]," SECOND
          ",\"orders\":[" ORDER("O1", "NODE", "1", "2027-03-01", "null") "]}",
          NULL, NULL, "2027-04-01T04:00:00Z",
          "2027-03 recurring * O1 1.000000 100.000000000000 100.00\n"
          "2027-03 shortfall * QN 1.000000 100.000000000000 100.00\n2027-03 = 200.00\n" },
        { "a termination cuts what is in service, and brings the end",
          "{\"minimum_commitments\":[{\"id\":\"AC\",\"basis\":\"amount_contract\",\"value\":\"150\""
          "}]," SECOND ",\"orders\":[" ORDER("O1", "NODE", "1", "2027-03-01", "null") "]}",
          RECORDED("\"fact\":\"termination\",\"target\":\"T1\","
                   "\"values\":{\"effective_on\":\"2027-04-16\"}"),
          "2027-03-02T05:00:00Z", "2027-06-01T04:00:00Z",
          "2027-03 recurring * O1 1.000000 100.000000000000 100.00\n2027-03 = 100.00\n"
          "2027-04 recurring * O1 0.500000 50.000000000000 50.00\n2027-04 = 50.00\n" },
};

static struct vg_contract *contract_of(const struct row *row)
{
        _cleanup_(vg_json_decrefp) json_t *tree =
                json_load_file(VIGIE_SOURCE_DIR "/tests/data/rating/contract.json", 0, NULL);
        _cleanup_(vg_json_decrefp) json_t *patch =
                row->patch ? json_loads(row->patch, 0, NULL) : json_object();
        _cleanup_(vg_json_decrefp) json_t *detail =
                row->fact ? json_loads(row->fact, 0, NULL) : json_object();
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };
        struct vg_fact fact;

        assert_non_null(patch);
        assert_non_null(detail);
        json_object_update_recursive(tree, patch);
        json_object_set(detail, "contract_id",
                        json_object_get(json_object_get(tree, "identifiers"), "contract_id"));
        if (row->fact && vg_fact_parse(detail, utc(row->known), &fact, &err) < 0)
                fail_msg("%s: %s", row->name, vg_err_text(&err));

        _cleanup_free_ char *bytes = json_dumps(tree, 0);
        int r = vg_contract_parse_with(bytes, strlen(bytes), &fact, row->fact ? 1 : 0, vg_file_zone,
                                       &contract, &refusals, &err);
        if (r != 0)
                fail_msg("%s: %s %s", row->name, refusals.n ? refusals.list[0].path : "",
                         vg_err_text(&err));
        return contract;
}

static void orders(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_contract_freep) struct vg_contract *c = contract_of(&rows[i]);
                _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
                struct vg_bill_options options = { .contract = c, .as_of_s = utc(rows[i].as_of) };
                struct vg_buf buf = { 0 };
                struct vg_err err = { 0 };

                assert_int_equal(vg_bill_new(&options, NULL, 0, &bill, &err), 0);
                write_bill(&buf, bill);
                if (strcmp(buf.data ? buf.data : "", rows[i].want) != 0)
                        fail_msg("%s:\n%s", rows[i].name, buf.data);
                vg_buf_done(&buf);

                /* In two halves, as a replay computes it. */
                _cleanup_(vg_bill_freep) struct vg_bill *rest = NULL;
                options.from_month = vg_month_of(c->start) + 1;
                options.carried_cents = bill->statements[0].total_cents;
                assert_int_equal(vg_bill_new(&options, NULL, 0, &rest, &err), 0);
                assert_int_equal(rest->consumed_cents, bill->consumed_cents);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(orders) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
