/* SPDX-License-Identifier: Apache-2.0 */

/* R1-R10 by tables: where a quantity goes, what lines come to, what commitments add. */

#include "rating-fixture.h"

static void exact_texts(_unused_ void **state)
{
        static const struct {
                int64_t num, den;
                unsigned scale, decimals;
                const char *want;
        } rows[] = {
                { 1, 3, 0, 12, "0.333333333333" },
                { 2, 3, 0, 12, "0.666666666667" },
                { 5, 10, 0, 0, "1" },
                { -5, 10, 0, 0, "-1" },
                { 4, 10, 0, 0, "0" },
                { 15000000, 1, 6, 6, "15.000000" },
                { 10000000, 743, 6, 6, "0.013459" },
                { INT64_MAX, 1, 6, 6, "9223372036854.775807" },
                { 1999999999999, 1, 12, 12, "1.999999999999" },
                { 1999995, 1, 6, 5, "2.00000" },
        };
        char text[64];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_string_equal(
                        vg_fraction_format((struct vg_fraction){ rows[i].num, rows[i].den },
                                           rows[i].scale, rows[i].decimals, text, sizeof(text)),
                        rows[i].want);
}

static void thresholds(_unused_ void **state)
{
        static const struct {
                int64_t consumed_cents, threshold_pct_micro, authorised_cents;
                bool want;
        } rows[] = {
                { 5000, 50000000, 10000, true },
                { 4999, 50000000, 10000, false },
                { 3333, 33330000, 10000, true },
                { 3333, 33330001, 10000, false },
                { 0, 0, 10000, true },
                { 99999999999999, 100000000, 99999999999999, true },
                { 99999999999998, 100000000, 99999999999999, false },
                { 99999999999999, 9999999999, 999999999999, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_reaches(rows[i].consumed_cents, rows[i].threshold_pct_micro,
                                            rows[i].authorised_cents),
                                 rows[i].want);
}

static void months(_unused_ void **state)
{
        static const struct {
                int year, month, hours;
                const char *closes; /* 48 hours after the end */
        } rows[] = {
                { 2027, 3, 743, "2027-04-03T04:00:00Z" }, /* a day of 23 hours */
                { 2027, 4, 720, "2027-05-03T04:00:00Z" },  { 2027, 7, 744, "2027-08-03T04:00:00Z" },
                { 2027, 11, 721, "2027-12-03T05:00:00Z" }, /* a day of 25 hours */
                { 2028, 2, 696, "2028-03-03T05:00:00Z" },  /* 29 days */
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const int32_t month =
                        vg_month_of((struct vg_date){ rows[i].year, rows[i].month, 1 });
                assert_int_equal(vg_month_hours(c, month), rows[i].hours);
                assert_int_equal(vg_month_close_s(c, month), utc(rows[i].closes));
        }
}

static const char price_change[] =
        "{\"amendments\":[{\"id\":\"AV-1\",\"signed_on\":\"2027-05-01\","
        "\"effective_on\":\"2027-05-16\",\"broker_copy_sent_on\":\"2027-05-03\","
        "\"changes\":{\"prices\":[{\"sku\":\"CPU\",\"price\":\"0.03\",\"per\":1},"
        "{\"sku\":\"NODE\",\"price\":\"130.00\",\"per\":1}],\"add_prices\":[{\"sku\":\"RAM\","
        "\"component_ref\":\"SRV\",\"resource\":\"ram_gib\",\"unit\":\"gib_hour\","
        "\"charge\":\"usage\",\"price\":\"0.01\",\"per\":1,\"name_fr\":\"Mémoire\","
        "\"name_en\":\"Memory\"}]}}]";

static void placing(_unused_ void **state)
{
        static const struct {
                const char *start, *tenant, *resource, *known;
                int want;
                const char *place; /* statement, period, tenant, SKU, segment */
        } rows[] = {
                { "2027-03-01T05:00:00Z", "t-a", "vcpu", "2027-03-01T06:02:00Z", 0,
                  "2027-03 2027-03 t-a CPU 2027-03-01T05:00:00Z" },
                { "2027-03-01T04:00:00Z", "t-a", "vcpu", "2027-03-01T06:02:00Z",
                  VG_RATE_OUT_OF_CONTRACT, NULL },
                { "2028-03-16T03:00:00Z", "t-a", "vcpu", "2028-03-16T04:02:00Z", 0,
                  "2028-03 2028-03 t-a CPU 2027-05-16T04:00:00Z" },
                { "2028-03-16T04:00:00Z", "t-a", "vcpu", "2028-03-16T05:02:00Z",
                  VG_RATE_OUT_OF_CONTRACT, NULL },
                { "2027-03-14T07:00:00Z", "t-x", "vcpu", "2027-03-14T08:02:00Z", 0,
                  "2027-03 2027-03 _unassigned CPU 2027-03-01T05:00:00Z" },
                { "2027-03-14T07:00:00Z", "t-a", "entry", "2027-03-14T08:02:00Z", 0,
                  "2027-03 2027-03 t-a ENTRY 2027-03-01T05:00:00Z" },
                { "2027-03-14T07:00:00Z", "t-a", "node", "2027-03-14T08:02:00Z", VG_RATE_UNPRICED,
                  NULL },
                { "2027-03-14T07:00:00Z", "t-a", "nothing", "2027-03-14T08:02:00Z",
                  VG_RATE_UNPRICED, NULL },
                /* the month is the local one */
                { "2027-04-01T03:00:00Z", "t-a", "vcpu", "2027-04-01T04:02:00Z", 0,
                  "2027-03 2027-03 t-a CPU 2027-03-01T05:00:00Z" },
                { "2027-04-01T04:00:00Z", "t-a", "vcpu", "2027-04-01T05:02:00Z", 0,
                  "2027-04 2027-04 t-a CPU 2027-03-01T05:00:00Z" },
                /* the price changes at local midnight */
                { "2027-05-16T03:00:00Z", "t-a", "vcpu", "2027-05-16T04:02:00Z", 0,
                  "2027-05 2027-05 t-a CPU 2027-03-01T05:00:00Z" },
                { "2027-05-16T04:00:00Z", "t-a", "vcpu", "2027-05-16T05:02:00Z", 0,
                  "2027-05 2027-05 t-a CPU 2027-05-16T04:00:00Z" },
                { "2027-05-16T03:00:00Z", "t-a", "ram_gib", "2027-05-16T04:02:00Z",
                  VG_RATE_UNPRICED, NULL },
                { "2027-05-16T04:00:00Z", "t-a", "ram_gib", "2027-05-16T05:02:00Z", 0,
                  "2027-05 2027-05 t-a RAM 2027-05-16T04:00:00Z" },
                /* late: before and after the month closes, at the price of the day of use */
                { "2027-05-10T04:00:00Z", "t-a", "vcpu", "2027-06-03T03:59:59Z", 0,
                  "2027-05 2027-05 t-a CPU 2027-03-01T05:00:00Z" },
                { "2027-05-10T04:00:00Z", "t-a", "vcpu", "2027-06-03T04:00:00Z", 0,
                  "2027-06 2027-05 t-a CPU 2027-03-01T05:00:00Z" },
                { "2027-03-10T05:00:00Z", "t-a", "vcpu", "2027-09-02T04:00:00Z", 0,
                  "2027-08 2027-03 t-a CPU 2027-03-01T05:00:00Z" },
        };
        char patch[2048], place[160], statement[16], period[16], from[32];

        snprintf(patch, sizeof(patch), "%s}", price_change);
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(patch);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_line line = { 0 };

                assert_int_equal(vg_rate_place(c, utc(rows[i].start), rows[i].tenant,
                                               rows[i].resource, utc(rows[i].known), &line),
                                 rows[i].want);
                if (rows[i].want != 0)
                        continue;
                snprintf(place, sizeof(place), "%s %s %s %s %s",
                         vg_month_format(line.statement_month, statement),
                         vg_month_format(line.period_month, period), line.tenant, line.sku,
                         vg_utc_format(line.price_from_s, from));
                assert_string_equal(place, rows[i].place);
                assert_int_equal(line.quantity_micro, 0);
        }
}

/* ---- bills ---- */

struct given_line {
        const char *start, *tenant, *resource;
        int64_t micro;
        const char *known; /* NULL: an hour after start */
};

static struct vg_bill *given_bill(const struct vg_contract *c, const struct given_line *given,
                                  size_t n, const char *as_of)
{
        struct vg_line lines[8];
        struct vg_bill *bill = NULL;
        struct vg_err err = { 0 };

        for (size_t i = 0; i < n; i++) {
                int64_t start_s = utc(given[i].start);
                assert_int_equal(
                        vg_rate_place(c, start_s, given[i].tenant, given[i].resource,
                                      given[i].known ? utc(given[i].known) : start_s + 3600,
                                      &lines[i]),
                        0);
                lines[i].quantity_micro = given[i].micro;
        }
        int r = vg_bill_new(&(struct vg_bill_options){ .contract = c, .as_of_s = utc(as_of) },
                            lines, n, &bill, &err);
        if (r < 0)
                fail_msg("%s", vg_err_text(&err));
        return bill;
}

static void bills(_unused_ void **state)
{
        static const struct {
                const char *name, *patch;
                struct given_line lines[8];
                const char *as_of, *want;
        } rows[] = {
                { "nothing yet", NULL, { { 0 } }, "2027-03-01T05:00:00Z", "" },
                { "a month begun", NULL, { { 0 } }, "2027-03-01T05:00:01Z", "2027-03 = 0.00\n" },
                { "half a cent goes up, away from zero",
                  NULL,
                  { { "2027-03-01T05:00:00Z", "t-a", "vcpu", 250000, NULL },
                    { "2027-03-01T05:00:00Z", "t-b", "vcpu", 249999, NULL },
                    { "2027-03-01T05:00:00Z", "t-x", "vcpu", -250000, NULL } },
                  "2027-03-02T05:00:00Z",
                  "2027-03 usage _unassigned CPU -0.250000 -0.005000000000 -0.01\n"
                  "2027-03 usage t-a CPU 0.250000 0.005000000000 0.01\n"
                  "2027-03 usage t-b CPU 0.249999 0.004999980000 0.00\n"
                  "2027-03 = 0.00\n" },
                { "rounded once, from the sum: 3 x 0.25 are 0.015, not 3 x 0.01",
                  NULL,
                  { { "2027-03-01T05:00:00Z", "t-a", "vcpu", 250000, NULL },
                    { "2027-03-01T06:00:00Z", "t-a", "vcpu", 250000, NULL },
                    { "2027-03-02T06:00:00Z", "t-a", "vcpu", 250000, NULL } },
                  "2027-03-02T05:00:00Z",
                  "2027-03 usage t-a CPU 0.750000 0.015000000000 0.02\n"
                  "2027-03 = 0.02\n" },
                { "TB-hours by the hours of the month: 743, 720, 721, 696",
                  NULL,
                  { { "2027-03-14T07:00:00Z", "t-a", "block_tb", 743000000, NULL },
                    { "2027-04-14T07:00:00Z", "t-a", "block_tb", 743000000, NULL },
                    { "2027-11-07T06:00:00Z", "t-a", "block_tb", 721000000, NULL },
                    { "2028-02-29T07:00:00Z", "t-a", "block_tb", 1000000, NULL } },
                  "2028-03-01T05:00:00Z",
                  "2027-03 usage t-a DISK 1.000000 40.000000000000 40.00\n"
                  "2027-03 = 40.00\n"
                  "2027-04 usage t-a DISK 1.031944 41.277777777778 41.28\n"
                  "2027-04 = 41.28\n"
                  "2027-05 = 0.00\n2027-06 = 0.00\n2027-07 = 0.00\n2027-08 = 0.00\n"
                  "2027-09 = 0.00\n2027-10 = 0.00\n"
                  "2027-11 usage t-a DISK 1.000000 40.000000000000 40.00\n"
                  "2027-11 = 40.00\n2027-12 = 0.00\n2028-01 = 0.00\n"
                  "2028-02 usage t-a DISK 0.001437 0.057471264368 0.06\n"
                  "2028-02 = 0.06\n" },
                { "a divisor; a purchase; the order of kinds",
                  "{\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"*\","
                  "\"quantity\":\"2\",\"from_date\":\"2027-03-10\",\"to_date\":\"2027-03-11\"}]}",
                  { { "2027-03-01T05:00:00Z", "t-b", "net_tx_gb", 1000000, NULL },
                    { "2027-03-01T05:00:00Z", "t-a", "entry", 2000000, NULL } },
                  "2027-03-11T05:00:01Z",
                  "2027-03 usage t-b NET 1.000000 0.003300000000 0.00\n"
                  "2027-03 purchase t-a ENTRY 2.000000 1000.000000000000 1000.00\n"
                  "2027-03 recurring * R1 0.129032 12.903225806452 12.90\n"
                  "2027-03 = 1012.90\n" },
                { "a day counts strictly after its midnight",
                  "{\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"t-a\","
                  "\"quantity\":\"1\",\"from_date\":\"2027-03-10\",\"to_date\":null}]}",
                  { { 0 } },
                  "2027-03-11T05:00:00Z",
                  "2027-03 recurring t-a R1 0.032258 3.225806451613 3.23\n"
                  "2027-03 = 3.23\n" },
                { "a price that changes within the month splits usage and recurring lines",
                  price_change,
                  { { "2027-05-16T03:00:00Z", "t-a", "vcpu", 1000000, NULL },
                    { "2027-05-16T04:00:00Z", "t-a", "vcpu", 1000000, NULL } },
                  "2027-06-01T04:00:00Z",
                  "2027-03 = 0.00\n2027-04 = 0.00\n"
                  "2027-05 usage t-a CPU 1.000000 0.020000000000 0.02\n"
                  "2027-05 usage t-a CPU 1.000000 0.030000000000 0.03\n"
                  "2027-05 recurring * R1 0.483871 48.387096774194 48.39\n"
                  "2027-05 recurring * R1 0.516129 67.096774193548 67.10\n"
                  "2027-05 = 115.54\n" },
                { "late data of a closed month is a correction of the open one",
                  NULL,
                  { { "2027-03-10T05:00:00Z", "t-a", "block_tb", 743000000,
                      "2027-04-10T05:00:00Z" },
                    { "2027-04-10T05:00:00Z", "t-a", "block_tb", 720000000, NULL } },
                  "2027-04-11T04:00:00Z",
                  "2027-03 = 0.00\n"
                  "2027-04 usage t-a DISK 1.000000 40.000000000000 40.00 of 2027-03\n"
                  "2027-04 usage t-a DISK 1.000000 40.000000000000 40.00\n"
                  "2027-04 = 80.00\n" },
                { "a re-attribution moves what it moves, and no more",
                  NULL,
                  { { "2027-03-10T05:00:00Z", "t-x", "vcpu", 5000000, NULL },
                    { "2027-03-10T05:00:00Z", "t-x", "vcpu", -5000000, NULL },
                    { "2027-03-10T05:00:00Z", "t-a", "vcpu", 5000000, NULL } },
                  "2027-03-11T04:00:00Z",
                  "2027-03 usage _unassigned CPU 0.000000 0.000000000000 0.00\n"
                  "2027-03 usage t-a CPU 5.000000 0.100000000000 0.10\n"
                  "2027-03 = 0.10\n" },
                { "commitments: quantity, then amount with the top-up in it, purchases apart",
                  "{\"minimum_commitments\":["
                  "{\"id\":\"AMT\",\"basis\":\"amount_month\",\"value\":\"10\"},"
                  "{\"id\":\"QTY\",\"basis\":\"quantity_month\",\"sku\":\"CPU\","
                  "\"value\":\"100\"}]}",
                  { { "2027-03-10T05:00:00Z", "t-a", "vcpu", 25000000, NULL },
                    { "2027-03-10T05:00:00Z", "t-a", "entry", 1000000, NULL } },
                  "2027-04-01T04:00:00Z",
                  "2027-03 usage t-a CPU 25.000000 0.500000000000 0.50\n"
                  "2027-03 purchase t-a ENTRY 1.000000 500.000000000000 500.00\n"
                  "2027-03 shortfall * QTY 75.000000 1.500000000000 1.50\n"
                  "2027-03 shortfall * AMT 0.000000 8.000000000000 8.00\n"
                  "2027-03 = 510.00\n" },
                { "not before the month is over",
                  "{\"minimum_commitments\":["
                  "{\"id\":\"AMT\",\"basis\":\"amount_month\",\"value\":\"10\"}]}",
                  { { 0 } },
                  "2027-04-01T03:59:59Z",
                  "2027-03 = 0.00\n" },
                { "a shortfall that rounds to nothing is a line all the same",
                  "{\"minimum_commitments\":["
                  "{\"id\":\"QTY\",\"basis\":\"quantity_month\",\"sku\":\"CPU\","
                  "\"value\":\"25.000001\"}]}",
                  { { "2027-03-10T05:00:00Z", "t-a", "vcpu", 25000000, NULL } },
                  "2027-04-01T04:00:00Z",
                  "2027-03 usage t-a CPU 25.000000 0.500000000000 0.50\n"
                  "2027-03 shortfall * QTY 0.000001 0.000000020000 0.00\n"
                  "2027-03 = 0.50\n" },
                { "TB-months against TB-hours",
                  "{\"minimum_commitments\":["
                  "{\"id\":\"QTY\",\"basis\":\"quantity_month\",\"sku\":\"DISK\","
                  "\"value\":\"2\"}]}",
                  { { "2027-03-10T05:00:00Z", "t-a", "block_tb", 743000000, NULL },
                    { "2027-03-10T05:00:00Z", "t-b", "block_tb", 371500000, NULL } },
                  "2027-04-01T04:00:00Z",
                  "2027-03 usage t-a DISK 1.000000 40.000000000000 40.00\n"
                  "2027-03 usage t-b DISK 0.500000 20.000000000000 20.00\n"
                  "2027-03 shortfall * QTY 0.500000 20.000000000000 20.00\n"
                  "2027-03 = 80.00\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char patch[4096];
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                size_t n = 0;

                if (rows[i].patch == price_change)
                        snprintf(patch, sizeof(patch),
                                 "%s,\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\","
                                 "\"tenant\":\"*\",\"quantity\":\"1\",\"from_date\":\"2027-05-01\","
                                 "\"to_date\":null}]}",
                                 price_change);
                else
                        snprintf(patch, sizeof(patch), "%s", rows[i].patch ? rows[i].patch : "{}");
                while (n < 8 && rows[i].lines[n].start)
                        n++;
                _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(patch);
                _cleanup_(vg_bill_freep) struct vg_bill *bill =
                        given_bill(c, rows[i].lines, n, rows[i].as_of);

                write_bill(&text, bill);
                if (strcmp(text.data ? text.data : "", rows[i].want) != 0)
                        fail_msg("%s:\n%sinstead of\n%s", rows[i].name, text.data, rows[i].want);
        }
}

/* The contract's last month has 15 of 31 days; its own commitment is due with it, purchases and
 * the month's top-up counted. */
static void the_end(_unused_ void **state)
{
        static const struct given_line line = { "2028-03-15T05:00:00Z", "t-a", "entry", 1000000,
                                                NULL };
        _cleanup_(vg_contract_freep) struct vg_contract *c =
                given_contract("{\"minimum_commitments\":["
                               "{\"id\":\"ALL\",\"basis\":\"amount_contract\",\"value\":\"1000\"},"
                               "{\"id\":\"AMT\",\"basis\":\"amount_month\",\"value\":\"31\"}]}");
        struct vg_bill *bill = given_bill(c, &line, 1, "2028-03-16T03:59:59Z");

        assert_int_equal(bill->consumed_cents, 12 * 3100 + 50000);
        assert_int_equal(bill->term_days_left, 0);
        vg_bill_free(bill);

        bill = given_bill(c, &line, 1, "2028-03-16T04:00:00Z");
        const struct vg_statement *last = &bill->statements[bill->n_statements - 1];
        assert_int_equal(bill->end_s, utc("2028-03-16T04:00:00Z"));
        assert_int_equal(last->n_lines, 3);
        assert_string_equal(last->lines[1].ref, "ALL");
        assert_int_equal(last->lines[1].cents, 11300); /* 1000 - 12 x 31 - 500 - 15 */
        assert_string_equal(last->lines[2].ref, "AMT");
        assert_int_equal(last->lines[2].cents, 1500);
        assert_int_equal(bill->consumed_cents, 100000);
        vg_bill_free(bill);
}

/* A bill of the last months, with what the others came to, says the same as the whole. */
static void carried(_unused_ void **state)
{
        static const struct given_line lines[] = {
                { "2027-03-10T05:00:00Z", "t-a", "vcpu", 123456789, NULL },
                { "2027-04-10T05:00:00Z", "t-b", "vcpu", 987654321, NULL },
                { "2027-05-10T05:00:00Z", "t-a", "block_tb", 55555555, NULL },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(
                "{\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"*\","
                "\"quantity\":\"1.5\",\"from_date\":\"2027-03-10\",\"to_date\":null}],"
                "\"minimum_commitments\":["
                "{\"id\":\"ALL\",\"basis\":\"amount_contract\",\"value\":\"90000\"},"
                "{\"id\":\"AMT\",\"basis\":\"amount_month\",\"value\":\"160\"}]}");
        _cleanup_(vg_bill_freep) struct vg_bill *whole =
                given_bill(c, lines, 3, "2028-03-20T04:00:00Z");
        _cleanup_(vg_bill_freep) struct vg_bill *first =
                given_bill(c, lines, 1, "2027-04-01T04:00:00Z");
        struct vg_bill *rest = NULL;
        struct vg_line tail[2];

        for (size_t i = 0; i < 2; i++) {
                int64_t start_s = utc(lines[i + 1].start);
                vg_rate_place(c, start_s, lines[i + 1].tenant, lines[i + 1].resource, start_s,
                              &tail[i]);
                tail[i].quantity_micro = lines[i + 1].micro;
        }
        assert_int_equal(vg_bill_new(
                                 &(struct vg_bill_options){
                                         .contract = c,
                                         .as_of_s = whole->as_of_s,
                                         .from_month = vg_month_of(c->start) + 1,
                                         .carried_cents = first->consumed_cents,
                                 },
                                 tail, 2, &rest, NULL),
                         0);
        assert_int_equal(rest->consumed_cents, whole->consumed_cents);
        assert_int_equal(rest->n_statements + 1, whole->n_statements);
        assert_int_equal(vg_bill_cents(whole, NULL, INT32_MIN, INT32_MAX), whole->consumed_cents);
        assert_int_equal(vg_bill_cents(whole, "t-a", INT32_MIN, INT32_MAX) +
                                 vg_bill_cents(whole, "t-b", INT32_MIN, INT32_MAX) +
                                 vg_bill_cents(whole, "*", INT32_MIN, INT32_MAX),
                         whole->consumed_cents);
        vg_bill_free(rest);
}

static void too_much(_unused_ void **state)
{
        const vg_i128 units = (vg_i128)INT64_C(49999999999999) * 1000000;
        const struct {
                vg_i128 micro;
                int want;
                int64_t cents;
        } rows[] = {
                /* 999 999 999 999.99 CAD at 0.02 */
                { (units + 500000), 0, VG_LINE_CENTS_MAX },
                { (units + 749999), 0, VG_LINE_CENTS_MAX },
                { (units + 750000), -ERANGE, 0 },
                { -(units + 749999), 0, -VG_LINE_CENTS_MAX },
                { -(units + 750000), -ERANGE, 0 },
                { (vg_i128)1 << 126, -ERANGE, 0 },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
                struct vg_err err = { 0 };
                struct vg_line line;

                vg_rate_place(c, c->start_s, "t-a", "vcpu", c->start_s, &line);
                line.quantity_micro = rows[i].micro;
                assert_int_equal(vg_bill_new(&(struct vg_bill_options){ .contract = c,
                                                                        .as_of_s = c->start_s + 1 },
                                             &line, 1, &bill, &err),
                                 rows[i].want);
                if (rows[i].want == 0)
                        assert_int_equal(bill->consumed_cents, rows[i].cents);
        }
}

/* A line that no price of the contract explains is not guessed at. */
static void strangers(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        const struct vg_line rows[] = {
                { .statement_month = vg_month_of(c->start),
                  .tenant = "t-a",
                  .sku = "GONE",
                  .price_from_s = c->start_s },
                { .statement_month = vg_month_of(c->start),
                  .tenant = "t-a",
                  .sku = "CPU",
                  .price_from_s = c->start_s + 1 },
                { .statement_month = vg_month_of(c->start),
                  .tenant = "t-a",
                  .sku = "CPU",
                  .price_from_s = c->start_s,
                  .kind = VG_LINE_SHORTFALL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_bill *bill = NULL;
                assert_int_equal(vg_bill_new(&(struct vg_bill_options){ .contract = c,
                                                                        .as_of_s = c->start_s + 1 },
                                             &rows[i], 1, &bill, NULL),
                                 -EINVAL);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(exact_texts), cmocka_unit_test(thresholds),
                cmocka_unit_test(months),      cmocka_unit_test(placing),
                cmocka_unit_test(bills),       cmocka_unit_test(the_end),
                cmocka_unit_test(carried),     cmocka_unit_test(too_much),
                cmocka_unit_test(strangers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
