/* SPDX-License-Identifier: Apache-2.0 */

/* What closed statements charged stands; what the contract makes of it since is a correction. */

#include "rating-fixture.h"

enum { MOST = 4 };

static const struct row {
        const char *name;
        struct {
                const char *statement, *period, *kind, *ref;
                int64_t cents;
        } charged[MOST];
        const char *want;
} rows[] = {
        { "as it was charged",
          { { "2027-03", "2027-03", "recurring", "R1", 10000 },
            { "2027-04", "2027-04", "recurring", "R1", 10000 } },
          "2027-03 recurring * R1 1.000000 100.000000000000 100.00\n2027-03 = 100.00\n"
          "2027-04 recurring * R1 1.000000 100.000000000000 100.00\n2027-04 = 100.00\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 100.00\n" },
        { "known late",
          { { NULL, NULL, NULL, NULL, 0 } },
          "2027-03 = 0.00\n2027-04 = 0.00\n"
          "2027-05 recurring * R1 0.000000 100.000000000000 100.00 of 2027-03\n"
          "2027-05 recurring * R1 0.000000 100.000000000000 100.00 of 2027-04\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 300.00\n" },
        { "another amount",
          { { "2027-03", "2027-03", "recurring", "R1", 9000 },
            { "2027-04", "2027-04", "recurring", "R1", 10001 } },
          "2027-03 recurring * R1 0.000000 90.000000000000 90.00\n2027-03 = 90.00\n"
          "2027-04 recurring * R1 0.000000 100.010000000000 100.01\n2027-04 = 100.01\n"
          "2027-05 recurring * R1 0.000000 10.000000000000 10.00 of 2027-03\n"
          "2027-05 recurring * R1 0.000000 -0.010000000000 -0.01 of 2027-04\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 109.99\n" },
        { "corrected already",
          { { "2027-03", "2027-03", "recurring", "R1", 9000 },
            { "2027-04", "2027-03", "recurring", "R1", 1000 },
            { "2027-04", "2027-04", "recurring", "R1", 10000 } },
          "2027-03 recurring * R1 0.000000 90.000000000000 90.00\n2027-03 = 90.00\n"
          "2027-04 recurring * R1 0.000000 10.000000000000 10.00 of 2027-03\n"
          "2027-04 recurring * R1 1.000000 100.000000000000 100.00\n2027-04 = 110.00\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 100.00\n" },
        { "charged for what the contract no longer knows",
          { { "2027-03", "2027-03", "recurring", "R1", 10000 },
            { "2027-04", "2027-04", "recurring", "R1", 10000 },
            { "2027-03", "2027-03", "recurring", "GONE", 5000 } },
          "2027-03 recurring * GONE 0.000000 50.000000000000 50.00\n"
          "2027-03 recurring * R1 1.000000 100.000000000000 100.00\n2027-03 = 150.00\n"
          "2027-04 recurring * R1 1.000000 100.000000000000 100.00\n2027-04 = 100.00\n"
          "2027-05 recurring * GONE 0.000000 -50.000000000000 -50.00 of 2027-03\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 50.00\n" },
        { "given back already",
          { { "2027-03", "2027-03", "recurring", "R1", 10000 },
            { "2027-04", "2027-04", "recurring", "R1", 10000 },
            { "2027-03", "2027-03", "recurring", "GONE", 5000 },
            { "2027-04", "2027-03", "recurring", "GONE", -5000 } },
          "2027-03 recurring * GONE 0.000000 50.000000000000 50.00\n"
          "2027-03 recurring * R1 1.000000 100.000000000000 100.00\n2027-03 = 150.00\n"
          "2027-04 recurring * GONE 0.000000 -50.000000000000 -50.00 of 2027-03\n"
          "2027-04 recurring * R1 1.000000 100.000000000000 100.00\n2027-04 = 50.00\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n2027-05 = 100.00\n" },
        { "a top-up for what is no longer missing is given back",
          { { "2027-03", "2027-03", "recurring", "R1", 10000 },
            { "2027-04", "2027-04", "recurring", "R1", 10000 },
            { "2027-03", "2027-03", "shortfall", "MIN", 2500 } },
          "2027-03 recurring * R1 1.000000 100.000000000000 100.00\n"
          "2027-03 shortfall * MIN 0.000000 25.000000000000 25.00\n2027-03 = 125.00\n"
          "2027-04 recurring * R1 1.000000 100.000000000000 100.00\n2027-04 = 100.00\n"
          "2027-05 recurring * R1 1.000000 100.000000000000 100.00\n"
          "2027-05 shortfall * MIN 0.000000 -25.000000000000 -25.00 of 2027-03\n"
          "2027-05 = 75.00\n" },
};

static int32_t month(const char *text)
{
        return (int32_t)(12 * strtol(text, NULL, 10) + strtol(text + 5, NULL, 10) - 1);
}

static void check_row(const struct vg_contract *c, const struct row *row)
{
        struct vg_charged charged[MOST];
        struct vg_bill_options options = {
                .contract = c,
                .as_of_s = utc("2027-06-01T04:00:00Z"),
                .open_month = month("2027-05"),
                .charged = charged,
        };
        struct vg_bill *bill = NULL;
        struct vg_err err = { 0 };
        struct vg_buf text = { 0 };

        for (size_t i = 0; i < MOST && row->charged[i].statement; i++) {
                const bool recurring = row->charged[i].kind[0] == 'r';
                const bool own = strcmp(row->charged[i].statement, row->charged[i].period) == 0;
                charged[options.n_charged++] = (struct vg_charged){
                        .statement_month = month(row->charged[i].statement),
                        .period_month = month(row->charged[i].period),
                        .kind = recurring ? VG_LINE_RECURRING : VG_LINE_SHORTFALL,
                        .tenant = "*",
                        .sku = recurring ? "NODE" : NULL,
                        .ref = row->charged[i].ref,
                        .price_from_s = recurring && own ? c->start_s : 0, /* as records tell */
                        .cents = row->charged[i].cents,
                };
        }
        if (vg_bill_new(&options, NULL, 0, &bill, &err) < 0)
                fail_msg("%s: %s", row->name, vg_err_text(&err));
        write_bill(&text, bill);
        if (strcmp(text.data, row->want) != 0)
                fail_msg("%s: got\n%swanted\n%s", row->name, text.data, row->want);
        for (size_t i = 0; i < bill->n_statements; i++)
                assert_int_equal(bill->statements[i].is_closed,
                                 bill->statements[i].month < options.open_month);
        vg_buf_done(&text);
        vg_bill_free(bill);
}

static void closed_statements(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c =
                given_contract("{\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"*\","
                               "\"quantity\":\"1\",\"from_date\":\"2027-03-01\",\"to_date\":null}],"
                               "\"minimum_commitments\":["
                               "{\"id\":\"MIN\",\"basis\":\"amount_month\",\"value\":\"50\"}]}");

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                check_row(c, &rows[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(closed_statements) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
