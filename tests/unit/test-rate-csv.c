/* SPDX-License-Identifier: Apache-2.0 */

/* A usage CSV offline: what is refused, gaps, alerts; and that neither the cut of the bytes, nor the
 * order of the rows, nor a resend, nor the appliances change what is charged. */

#include "rating-fixture.h"

#define HEADER "timestamp,tenant,resource,quantity\n"
#define HEADER_5 "timestamp,tenant,resource,quantity,appliance\n"

static const char quiet[] = "{\"metering\":{\"heartbeat\":\"none\"}}";

static void files(_unused_ void **state)
{
        static const struct {
                const char *name, *patch, *csv, *as_of, *findings;
                int rated, duplicates;
                int64_t cents;
        } rows[] = {
                { "nothing", quiet, HEADER, "2027-03-02T05:00:00Z", "", 0, 0, 0 },
                { "byte order mark, CRLF, quotes, no end of line", quiet,
                  "\xef\xbb\xbf"
                  "timestamp,tenant,resource,quantity\r\n"
                  "2027-03-01T05:00:00Z,t-a,vcpu,1\r\n"
                  "\"2027-03-01T05:00:00Z\",\"t-b\",\"vcpu\",\"2\"\r\n"
                  "\r\n"
                  "2027-03-01T06:00:00Z,\"t-b\",vcpu,2",
                  "2027-03-02T05:00:00Z", "", 3, 0, 10 },
                { "rows that cannot be read", quiet,
                  HEADER "2027-03-01T05:30:00Z,t-a,vcpu,1\n" /* not the start of an interval */
                         "2027-03-01 05:00:00,t-a,vcpu,1\n"
                         "2027-02-30T05:00:00Z,t-a,vcpu,1\n"
                         "2027-03-01T05:00:00Z,t-a,vcpu,-1\n"
                         "2027-03-01T06:00:00Z,t-a,vcpu,1e3\n"
                         "2027-03-01T07:00:00Z,t-a,vcpu,1.1234567\n"
                         "2027-03-01T08:00:00Z,t-a,vcpu,\n"
                         "2027-03-01T09:00:00Z,t-a,vcpu\n"
                         "2027-03-01T09:00:00Z,t-a,vcpu,1,2\n"
                         "2027-03-01T10:00:00Z,t-a,vcpu,9223372036854.775808\n"
                         "2027-03-01T11:00:00Z,t-a,vcpu,007\n"
                         "garbage\n"
                         "2027-03-01T12:00:00Z,t-a,vcpu,1.\n",
                  "2027-03-02T05:00:00Z",
                  "2 bad_timestamp\n3 bad_timestamp\n4 bad_timestamp\n5 bad_quantity\n"
                  "6 bad_quantity\n7 bad_quantity\n8 bad_quantity\n9 bad_quantity\n"
                  "10 bad_quantity\n11 bad_quantity\n12 bad_quantity\n13 bad_timestamp\n"
                  "14 bad_quantity\n"
                  "2027-03-01T06:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T05:00:00Z\n"
                  "2027-03-01T07:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T06:00:00Z\n"
                  "2027-03-01T08:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T07:00:00Z\n"
                  "2027-03-01T09:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T08:00:00Z\n"
                  "2027-03-01T11:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T10:00:00Z\n"
                  "2027-03-01T12:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T11:00:00Z\n"
                  "2027-03-01T13:00:00Z VIG-D-005 +t-a/vcpu/2027-03-01T12:00:00Z\n",
                  0, 0, 0 },
                { "once only: the first value is kept", quiet,
                  HEADER "2027-03-01T05:00:00Z,t-a,vcpu,100\n"
                         "2027-03-01T05:00:00Z,t-a,vcpu,100.000\n"
                         "2027-03-01T05:00:00Z,t-a,vcpu,200\n"
                         "2027-03-01T05:00:00Z,t-a,vcpu,100\n",
                  "2027-03-02T05:00:00Z",
                  "4 conflicting_duplicate\n"
                  "2027-03-01T06:00:00Z VIG-D-004 +t-a/vcpu/2027-03-01T05:00:00Z\n",
                  1, 2, 200 },
                { "not priced, nobody's, outside", quiet,
                  HEADER "2027-03-01T04:00:00Z,t-a,vcpu,1\n"
                         "2027-03-01T05:00:00Z,t-z,vcpu,50\n"
                         "2027-03-01T07:00:00Z,t-a,gpu,1\n"
                         "2027-03-01T06:00:00Z,t-b,gpu,1\n"
                         "2027-03-01T06:00:00Z,t-b,gpu,1\n",
                  "2027-03-02T05:00:00Z",
                  "4 unpriced_resource\n5 unpriced_resource\n2 outside\n"
                  "2027-03-01T05:00:00Z VIG-C-006 +contract\n"
                  "2027-03-01T06:00:00Z VIG-N-002 +t-z\n"
                  "2027-03-01T07:00:00Z VIG-Q-001 +gpu\n",
                  1, 1, 100 },
                { "a line that grows too large", quiet,
                  HEADER "2027-03-01T05:00:00Z,t-a,entry,1999999999.99\n"
                         "2027-03-01T06:00:00Z,t-a,entry,0.01\n"
                         "2027-03-01T07:00:00Z,t-a,entry,0.00998\n"
                         "2027-03-01T08:00:00Z,t-b,vcpu,9223372036854.775807\n",
                  "2027-03-02T05:00:00Z",
                  "3 amount_overflow\n"
                  "2027-03-01T06:00:00Z VIG-C-001 +amount-100\n"
                  "2027-03-01T06:00:00Z VIG-C-001 +amount-50\n"
                  "2027-03-01T06:00:00Z VIG-C-002 +amount-exceeded\n"
                  "2027-03-01T07:00:00Z VIG-D-005 +t-a/entry/2027-03-01T06:00:00Z\n",
                  3, 0, 99999999999999 + 18446744073710 },
                { "what has not ended by then is not looked at", quiet,
                  HEADER "2027-03-01T05:00:00Z,t-a,vcpu,100\n"
                         "2027-03-01T06:00:00Z,t-a,vcpu,100\n",
                  "2027-03-01T06:59:59Z", "", 1, 0, 200 },
                { "gaps: one interval is no alert, two are", NULL,
                  HEADER "2027-03-01T05:00:00Z,_agent,_heartbeat,1\n"
                         "2027-03-01T07:00:00Z,_agent,_heartbeat,1\n"
                         "2027-03-01T10:00:00Z,_agent,_heartbeat,1\n",
                  "2027-03-01T13:30:00Z",
                  "gap 2027-03-01T06:00:00Z 2027-03-01T07:00:00Z\n"
                  "gap 2027-03-01T08:00:00Z 2027-03-01T10:00:00Z\n"
                  "gap 2027-03-01T11:00:00Z 2027-03-01T13:00:00Z\n"
                  "2027-03-01T10:00:00Z VIG-D-001 +gap-2027-03-01T08:00:00Z\n"
                  "2027-03-01T11:00:00Z VIG-D-001 -gap-2027-03-01T08:00:00Z\n"
                  "2027-03-01T13:00:00Z VIG-D-001 +gap-2027-03-01T11:00:00Z\n",
                  0, 0, 0 },
                { "a gap up to the end ends when something is collected, be it after the end",
                  "{\"term\":{\"end_date\":\"2027-03-02\",\"exit_transition\":{\"complete_by\":"
                  "\"2027-03-02\",\"lead_days\":1,\"parallel_days\":0,\"decision\":"
                  "\"none_needed\"}},\"alerts\":{\"term_days_before_end\":[9]}}",
                  HEADER "2027-03-03T08:00:00Z,_agent,_heartbeat,1\n", "2027-03-04T05:00:00Z",
                  "gap 2027-03-01T05:00:00Z 2027-03-03T05:00:00Z\n"
                  "2027-03-01T07:00:00Z VIG-D-001 +gap-2027-03-01T05:00:00Z\n"
                  "2027-03-03T05:00:00Z VIG-T-006 +contract-ended\n"
                  "2027-03-03T09:00:00Z VIG-D-001 -gap-2027-03-01T05:00:00Z\n",
                  0, 0, 0 },
                { "appliances: a gap of all, and a gap of one", NULL,
                  HEADER_5 "2027-03-01T05:00:00Z,_agent,_heartbeat,1,vigie-1\n"
                           "2027-03-01T05:00:00Z,_agent,_heartbeat,1,vigie-2\n"
                           "2027-03-01T05:00:00Z,t-a,vcpu,60,vigie-1\n"
                           "2027-03-01T05:00:00Z,t-a,vcpu,40,vigie-2\n"
                           "2027-03-01T06:00:00Z,_agent,_heartbeat,1,vigie-2\n"
                           "2027-03-01T08:00:00Z,_agent,_heartbeat,1,vigie-1\n"
                           "2027-03-01T08:00:00Z,_agent,_heartbeat,1,vigie-2\n",
                  "2027-03-01T09:00:00Z",
                  "gap 2027-03-01T06:00:00Z 2027-03-01T07:00:00Z vigie-1\n"
                  "gap 2027-03-01T07:00:00Z 2027-03-01T08:00:00Z\n",
                  2, 0, 200 },
                { "thresholds at the end of the interval, to the cent", quiet,
                  HEADER "2027-03-01T05:00:00Z,t-a,entry,99.99999\n" /* 49 999.995: rounds up */
                         "2027-03-01T08:00:00Z,t-a,entry,99.99\n"
                         "2027-03-01T09:00:00Z,t-a,entry,0.01001\n"
                         "2027-03-01T10:00:00Z,t-a,entry,0.00001\n",
                  "2027-03-01T12:00:00Z",
                  "2027-03-01T06:00:00Z VIG-C-001 +amount-50\n"
                  "2027-03-01T10:00:00Z VIG-C-001 +amount-100\n"
                  "2027-03-01T11:00:00Z VIG-C-002 +amount-exceeded\n",
                  4, 0, 10000001 },
                { "a quota on an interval falls where the use falls",
                  "{\"metering\":{\"heartbeat\":\"none\"},\"quotas\":[{\"id\":\"Q\",\"tenant\":"
                  "\"t-a\",\"resource\":\"vcpu\",\"metric\":\"interval_quantity\",\"limit\":\"10\","
                  "\"thresholds_pct\":[\"80\",\"100\"]}]}",
                  HEADER "2027-03-01T05:00:00Z,t-a,vcpu,7.999999\n"
                         "2027-03-01T06:00:00Z,t-a,vcpu,8\n"
                         "2027-03-01T08:00:00Z,t-b,vcpu,1\n" /* nothing of t-a: zero */
                         "2027-03-01T09:00:00Z,t-a,vcpu,10\n",
                  "2027-03-01T12:00:00Z",
                  "2027-03-01T07:00:00Z VIG-N-001 +quota-Q-80 8.000000\n"
                  "2027-03-01T09:00:00Z VIG-N-001 -quota-Q-80 0.000000\n"
                  "2027-03-01T10:00:00Z VIG-N-001 +quota-Q-100 10.000000\n"
                  "2027-03-01T10:00:00Z VIG-N-001 +quota-Q-80 10.000000\n",
                  4, 0, 54 },
                { "quotas on a month end with it, also when reached in its last hour",
                  "{\"metering\":{\"heartbeat\":\"none\"},\"quotas\":[{\"id\":\"Q\",\"tenant\":"
                  "\"*\",\"resource\":\"vcpu\",\"metric\":\"month_quantity\",\"limit\":\"10\","
                  "\"thresholds_pct\":[\"100\"]},{\"id\":\"A\",\"tenant\":\"t-a\",\"resource\":"
                  "\"vcpu\",\"metric\":\"month_amount\",\"limit\":\"0.19\",\"thresholds_pct\":"
                  "[\"100\"]}]}",
                  HEADER "2027-03-01T05:00:00Z,t-b,vcpu,1\n"
                         "2027-04-01T03:00:00Z,t-a,vcpu,9.25\n" /* 0.185: 0.19 */
                         "2027-04-01T04:00:00Z,t-a,vcpu,1\n",
                  "2027-04-01T06:00:00Z",
                  "2027-04-01T04:00:00Z VIG-N-001 +quota-A-100 0.19\n"
                  "2027-04-01T04:00:00Z VIG-N-001 -quota-A-100 0.00\n"
                  "2027-04-01T04:00:00Z VIG-N-001 +quota-Q-100 10.250000\n"
                  "2027-04-01T04:00:00Z VIG-N-001 -quota-Q-100 0.000000\n",
                  3, 0, 23 },
                { "a larger amount clears a threshold, which fires again when it is reached",
                  "{\"metering\":{\"heartbeat\":\"none\"},\"amendments\":[{\"id\":\"AV-1\","
                  "\"signed_on\":\"2027-03-02\",\"effective_on\":\"2027-03-03\","
                  "\"broker_copy_sent_on\":\"2027-03-02\",\"changes\":{\"authorised_amount\":"
                  "\"120000.00\"}}]}",
                  HEADER "2027-03-01T05:00:00Z,t-a,entry,110\n"
                         "2027-03-03T07:00:00Z,t-a,entry,10\n",
                  "2027-03-04T05:00:00Z",
                  "2027-03-01T06:00:00Z VIG-C-001 +amount-50\n"
                  "2027-03-03T05:00:00Z VIG-C-001 -amount-50\n"
                  "2027-03-03T05:00:00Z VIG-C-008 +AV-1\n"
                  "2027-03-03T08:00:00Z VIG-C-001 +amount-50\n",
                  2, 0, 6000000 },
                { "the contract's clock", quiet, HEADER "2028-03-16T04:00:00Z,t-a,vcpu,1\n",
                  "2028-04-01T04:00:00Z",
                  "2 outside\n"
                  "2027-11-02T04:00:00Z VIG-T-002 +exit-planning\n"
                  "2028-01-31T05:00:00Z VIG-T-003 +exit-parallel\n"
                  "2028-02-14T05:00:00Z VIG-T-001 +end-30d\n"
                  "2028-03-02T05:00:00Z VIG-T-004 +exit-overdue\n"
                  "2028-03-08T05:00:00Z VIG-T-001 +end-7d\n"
                  "2028-03-16T04:00:00Z VIG-T-006 +contract-ended\n"
                  "2028-03-16T05:00:00Z VIG-C-006 +contract\n",
                  0, 0, 0 },
                { "names from strangers", quiet,
                  HEADER "2027-03-01T05:00:00Z,\x1b[31mt\xff,vcpu,50\n", "2027-03-02T05:00:00Z",
                  "2027-03-01T06:00:00Z VIG-N-002 +\xef\xbf\xbd[31mt\xef\xbf\xbd\n", 1, 0, 100 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(rows[i].patch);

                /* The cut of the bytes changes nothing. */
                for (size_t piece = 0; piece <= 7; piece += 1) {
                        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                        struct rated rated = rate_text(c, rows[i].as_of, rows[i].csv,
                                                       strlen(rows[i].csv), piece);

                        write_findings(&text, rated.result);
                        if (strcmp(text.data ? text.data : "", rows[i].findings) != 0)
                                fail_msg("%s:\n%s\ninstead of\n%s", rows[i].name, text.data,
                                         rows[i].findings);
                        assert_int_equal(rated.result->rows_rated, rows[i].rated);
                        assert_int_equal(rated.result->duplicates_ignored, rows[i].duplicates);
                        assert_int_equal(rated.result->bill->consumed_cents, rows[i].cents);
                        vg_rater_free(rated.rater);
                }
        }
}

static void wrong_headers(_unused_ void **state)
{
        static const char *const rows[] = { "",
                                            "\n",
                                            "timestamp,tenant,resource\n",
                                            "timestamp,tenant,resource,quantity,site\n",
                                            "2027-03-01T05:00:00Z,t-a,vcpu,1\n",
                                            "tenant,timestamp,resource,quantity\n",
                                            "timestamp;tenant;resource;quantity\n" };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_rater_freep) struct vg_rater *rater = NULL;
                const struct vg_rate_result *result;
                struct vg_err err = { 0 };

                assert_int_equal(vg_rater_new(c, c->end_s, &rater, &err), 0);
                int r = vg_rater_feed(rater, rows[i], strlen(rows[i]), &err);
                if (r == 0)
                        r = vg_rater_finish(rater, &result, &err);
                assert_int_equal(r, -EINVAL);
                assert_int_equal(vg_rater_line(rater), 1);
        }
}

static void endless_row(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(quiet);
        _cleanup_free_ char *csv = malloc(300000);
        char *at = stpcpy(csv, HEADER "2027-03-01T05:00:00Z,");

        memset(at, 'x', 60000);
        at = stpcpy(at + 60000, ",vcpu,1\n2027-03-01T05:00:00Z,t-a,vcpu,50\n");
        for (size_t piece = 1000; piece <= 100000; piece *= 10) {
                struct rated rated =
                        rate_text(c, "2027-03-02T05:00:00Z", csv, (size_t)(at - csv), piece);

                assert_int_equal(rated.result->n_refused, 1);
                assert_int_equal(rated.result->refused[0].line, 2);
                assert_int_equal(rated.result->bill->consumed_cents, 100);
                vg_rater_free(rated.rater);
        }
}

/* Bytes without an end, as of a device: it is refused before it is read on. */
static void no_line_end(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(quiet);
        static const char zeros[70000];

        for (size_t piece = 1000; piece <= sizeof(zeros); piece *= 70) {
                _cleanup_(vg_rater_freep) struct vg_rater *rater = NULL;
                struct vg_err err = { 0 };
                size_t n = 0;

                assert_int_equal(vg_rater_new(c, c->end_s, &rater, &err), 0);
                int r = vg_rater_feed(rater, HEADER, strlen(HEADER), &err);
                for (; r == 0 && n < sizeof(zeros); n += piece)
                        r = vg_rater_feed(rater, zeros, piece, &err);
                assert_int_equal(r, -EMSGSIZE);
                assert_int_equal(vg_rater_line(rater), 2);
        }
}

static int note_day(void *user, const struct vg_local_day *day)
{
        char date[16], micro[64];

        vg_buf_printf(user, "%s %s %s %s\n", vg_date_format(day->date, date), day->tenant,
                      day->resource, vg_decimal_format(day->micro, 6, micro, sizeof(micro)));
        return 0;
}

/* A day of 23 hours, between its own midnights; appliances together; priced or not. */
static void local_days(_unused_ void **state)
{
        static const char csv[] = HEADER_5 "2027-03-14T04:00:00Z,t-a,vcpu,1,vigie-1\n"
                                           "2027-03-14T05:00:00Z,t-a,vcpu,2,vigie-1\n"
                                           "2027-03-14T05:00:00Z,t-a,vcpu,0.5,vigie-2\n"
                                           "2027-03-15T03:00:00Z,t-a,vcpu,4,vigie-1\n"
                                           "2027-03-15T03:00:00Z,t-z,gpu,3,vigie-1\n"
                                           "2027-03-15T04:00:00Z,t-a,vcpu,8,vigie-1\n"
                                           "2027-03-15T04:00:00Z,_agent,_heartbeat,1,vigie-1\n";
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(quiet);
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        struct rated rated = rate_text(c, "2027-04-01T04:00:00Z", csv, strlen(csv), 0);

        assert_int_equal(vg_rater_local_days(rated.rater, note_day, &text), 0);
        assert_string_equal(text.data, "2027-03-13 t-a vcpu 1.000000\n"
                                       "2027-03-14 t-a vcpu 6.500000\n"
                                       "2027-03-14 t-z gpu 3.000000\n"
                                       "2027-03-15 t-a vcpu 8.000000\n");
        vg_rater_free(rated.rater);
}

/* ---- properties, over seeded files ---- */

enum { HOURS = 24 * 40, SERIES = 6 };

struct row {
        int64_t start_s;
        int series;
        int64_t micro;
        int appliance; /* 0: none */
};

static uint64_t next_random(uint64_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed;
}

static void write_rows(struct vg_buf *csv, const struct row *rows, size_t n, bool appliances)
{
        static const char *const names[SERIES] = {
                "t-a,vcpu",      "t-b,vcpu", "t-a,block_tb",
                "t-b,net_tx_gb", "t-c,vcpu", "_agent,_heartbeat"
        };
        char at[32], micro[64];

        vg_buf_puts(csv, appliances ? HEADER_5 : HEADER);
        for (size_t i = 0; i < n; i++) {
                vg_buf_printf(csv, "%s,%s,%s", vg_utc_format(rows[i].start_s, at),
                              names[rows[i].series],
                              vg_decimal_format(rows[i].micro, 6, micro, sizeof(micro)));
                if (appliances)
                        vg_buf_printf(csv, ",vigie-%d", rows[i].appliance);
                vg_buf_puts(csv, "\n");
        }
}

static char *rate_rows(const struct vg_contract *c, const struct row *rows, size_t n,
                       bool appliances)
{
        _cleanup_(vg_buf_done) struct vg_buf csv = { 0 };
        struct vg_buf text = { 0 };
        int64_t sum = 0;

        write_rows(&csv, rows, n, appliances);
        struct rated rated = rate_text(c, "2027-04-15T04:00:00Z", csv.data, csv.n, 0);
        write_bill(&text, rated.result->bill);
        write_findings(&text, rated.result);
        for (size_t i = 0; i < rated.result->bill->n_statements; i++)
                sum += rated.result->bill->statements[i].total_cents;
        assert_int_equal(sum, rated.result->bill->consumed_cents);
        assert_int_equal(vg_bill_cents(rated.result->bill, NULL, INT32_MIN, INT32_MAX), sum);
        vg_rater_free(rated.rater);
        return vg_buf_take(&text);
}

static size_t make_rows(const struct vg_contract *c, uint64_t *seed, struct row *rows)
{
        size_t n = 0;

        for (int hour = 0; hour < HOURS; hour++) {
                const bool is_gap = next_random(seed) % 40 == 0;
                for (int series = 0; series < SERIES && !is_gap; series++)
                        rows[n++] = (struct row){
                                .start_s = c->start_s + hour * 3600,
                                .series = series,
                                .micro = series == SERIES - 1
                                                 ? 1000000
                                                 : (int64_t)(next_random(seed) % 90000001),
                        };
        }
        return n;
}

static void shuffle(uint64_t *seed, struct row *rows, size_t n)
{
        for (size_t i = n; i > 1; i--) {
                const size_t j = next_random(seed) % i;
                const struct row row = rows[j];
                rows[j] = rows[i - 1];
                rows[i - 1] = row;
        }
}

/* Each quantity in two parts, one an appliance. */
static size_t split_rows(uint64_t *seed, const struct row *rows, size_t n, struct row *parts)
{
        for (size_t i = 0; i < n; i++) {
                const bool beats = rows[i].series == SERIES - 1;
                const int64_t part =
                        beats ? rows[i].micro
                              : (int64_t)(next_random(seed) % (uint64_t)(rows[i].micro + 1));

                parts[2 * i] = parts[2 * i + 1] = rows[i];
                parts[2 * i].micro = part;
                parts[2 * i].appliance = 1;
                parts[2 * i + 1].micro = beats ? part : rows[i].micro - part;
                parts[2 * i + 1].appliance = 2;
        }
        return 2 * n;
}

static void properties(_unused_ void **state)
{
        const char *given = getenv("VIGIE_SEED");
        uint64_t seed = given ? strtoull(given, NULL, 0) : UINT64_C(0x9e3779b97f4a7c15);
        _cleanup_free_ struct row *rows = calloc(4 * HOURS * SERIES, sizeof(*rows));
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(
                "{\"money\":{\"authorised_amount\":\"5000.00\"},\"alerts\":{"
                "\"amount_thresholds_pct\":[\"10\",\"50\",\"75.5\",\"90\",\"100\"]},\"quotas\":["
                "{\"id\":\"I\",\"tenant\":\"t-a\",\"resource\":\"vcpu\",\"metric\":"
                "\"interval_quantity\",\"limit\":\"90\",\"thresholds_pct\":[\"80\",\"99\"]},"
                "{\"id\":\"M\",\"tenant\":\"*\",\"resource\":\"vcpu\",\"metric\":"
                "\"month_amount\",\"limit\":\"1500\",\"thresholds_pct\":[\"50\",\"100\"]}],"
                "\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"t-b\","
                "\"quantity\":\"1.5\",\"from_date\":\"2027-03-10\",\"to_date\":null}]}");

        print_message("seed 0x%llx\n", (unsigned long long)seed);
        for (int round = 0; round < 4; round++) {
                size_t n = make_rows(c, &seed, rows);
                _cleanup_free_ char *want = rate_rows(c, rows, n, false);

                assert_non_null(strstr(want, "VIG-C-001 +amount-50"));
                assert_non_null(strstr(want, "VIG-N-001 -quota-I-80"));

                shuffle(&seed, rows, n);
                _cleanup_free_ char *shuffled = rate_rows(c, rows, n, false);
                assert_string_equal(shuffled, want);

                _cleanup_free_ struct row *parts = calloc(2 * n, sizeof(*parts));
                size_t n_parts = split_rows(&seed, rows, n, parts);
                _cleanup_free_ char *split = rate_rows(c, parts, n_parts, true);
                assert_string_equal(split, want);

                memcpy(rows + n, rows, n * sizeof(*rows));
                shuffle(&seed, rows, 2 * n);
                _cleanup_free_ char *resent = rate_rows(c, rows, 2 * n, false);
                assert_string_equal(resent, want);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files),       cmocka_unit_test(wrong_headers),
                cmocka_unit_test(endless_row), cmocka_unit_test(no_line_end),
                cmocka_unit_test(local_days),  cmocka_unit_test(properties),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
