/* SPDX-License-Identifier: Apache-2.0 */

/* bench-rate [HOURS]: rates 100 tenants x 10 resources by the hour (three years: 26 million rows)
 * and says, as JSON, what that costs beside merely reading the same rows: cutting each into its
 * fields and reading its quantity. The rows are made in memory, an hour at a time, outside of what
 * is measured. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

static const char header[] = "timestamp,tenant,resource,quantity\n";

enum { TENANTS = 100, RESOURCES = 10, QUANTITY = 10 };

static double cpu_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static json_t *price(int i)
{
        char sku[16], resource[16];

        snprintf(sku, sizeof(sku), "S%d", i);
        snprintf(resource, sizeof(resource), "r%d", i);
        return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:s}", "sku", sku, "component_ref",
                         "SRV", "resource", resource, "unit", i ? "gb" : "tb_month", "charge",
                         "usage", "price", "0.0031", "per", 1, "name_fr", "r", "name_en", "r");
}

/* The contract of tests/data/rating over three years, with ten prices, a hundred tenants, and
 * quotas that rise and fall. */
static struct vg_contract *contract(void)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree =
                json_load_file(VIGIE_SOURCE_DIR "/tests/data/rating/contract.json", 0, NULL);
        json_t *prices = json_object_get(tree, "price_list"), *tenants = json_array();
        struct vg_contract *c = NULL;
        char id[16];

        for (int i = 0; i < RESOURCES; i++)
                json_array_append_new(prices, price(i));
        for (int i = 0; i < TENANTS; i++) {
                snprintf(id, sizeof(id), "t-%03d", i);
                json_array_append_new(tenants, json_pack("{s:s,s:s,s:s}", "id", id, "name_fr", "t",
                                                         "name_en", "t"));
        }
        json_object_set_new(tree, "tenants", tenants);
        json_object_update_recursive(
                tree,
                json_pack("{s:{s:s,s:{s:s,s:s}},s:{s:s},s:[{s:s,s:s,s:s,s:s,s:s,s:[s,s]}]}", "term",
                          "end_date", "2030-02-28", "exit_transition", "complete_by", "2030-02-01",
                          "decision", "undecided", "money", "authorised_amount", "900000.00",
                          "quotas", "id", "Q", "tenant", "t-001", "resource", "r1", "metric",
                          "interval_quantity", "limit", "9", "thresholds_pct", "80", "100"));
        _cleanup_free_ char *bytes = json_dumps(tree, 0);
        if (vg_contract_parse(bytes, strlen(bytes), vg_file_zone, &c, &refusals, NULL) != 0) {
                fprintf(stderr, "contract refused: %s\n",
                        refusals.n ? refusals.list[0].path : "unreadable");
                exit(1);
        }
        return c;
}

/* The rows of one hour, in a buffer that is written over. */
static size_t write_hour(int64_t at_s, unsigned hour, char *block)
{
        char stamp[32], *at = block;

        vg_utc_format(at_s, stamp);
        at += snprintf(at, 64, "%s,_agent,_heartbeat,1\n", stamp);
        for (unsigned i = 0; i < TENANTS * RESOURCES; i++)
                at += snprintf(at, 64, "%s,t-%03u,r%u,%u.%06u\n", stamp, i / RESOURCES,
                               i % RESOURCES, (hour + i * 7) % QUANTITY,
                               (hour * 7919 + i * 104729) % 1000000);
        return (size_t)(at - block);
}

/* The floor. Returns a sum, so that nothing is left out by the compiler. */
static uint64_t read_rows(const char *bytes, size_t n)
{
        const char *end = bytes + n;
        uint64_t sum = 0;

        for (const char *row = bytes, *stop; row < end; row = stop + 1) {
                stop = memchr(row, '\n', (size_t)(end - row));
                const char *tenant = memchr(row, ',', (size_t)(stop - row));
                const char *resource = memchr(tenant + 1, ',', (size_t)(stop - tenant - 1));
                const char *quantity = memchr(resource + 1, ',', (size_t)(stop - resource - 1));
                uint64_t micro = 0;
                for (const char *p = quantity + 1; p < stop; p++)
                        if (*p != '.')
                                micro = micro * 10 + (uint64_t)(*p - '0');
                sum += micro + (uint64_t)(tenant - row) + (uint64_t)(quantity - resource);
        }
        return sum;
}

int main(int argc, char **argv)
{
        const unsigned hours = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 26304;
        _cleanup_(vg_contract_freep) struct vg_contract *c = contract();
        _cleanup_(vg_rater_freep) struct vg_rater *rater = NULL;
        _cleanup_free_ char *block = malloc(64 * (TENANTS * RESOURCES + 1));
        const struct vg_rate_result *result;
        const int64_t as_of_s = c->start_s + (int64_t)hours * 3600;
        double floor_s = 0, feed_s = 0, finish_s;
        struct vg_err err = { 0 };
        struct rusage usage;
        uint64_t sum = 0;

        int r = vg_rater_new(c, as_of_s, &rater, &err);
        if (r == 0)
                r = vg_rater_feed(rater, header, strlen(header), &err);
        for (unsigned hour = 0; hour < hours && r == 0; hour++) {
                const size_t n = write_hour(c->start_s + (int64_t)hour * 3600, hour, block);
                double at = cpu_s();
                sum += read_rows(block, n);
                floor_s += cpu_s() - at;
                at = cpu_s();
                r = vg_rater_feed(rater, block, n, &err);
                feed_s += cpu_s() - at;
        }
        finish_s = cpu_s();
        if (r == 0)
                r = vg_rater_finish(rater, &result, &err);
        finish_s = cpu_s() - finish_s;
        if (r < 0 || !sum) {
                fprintf(stderr, "%s\n", vg_err_text(&err));
                return 1;
        }
        getrusage(RUSAGE_SELF, &usage);
        printf("{\"rows\":%llu,\"alerts\":%zu,\"read_s\":%.3f,\"feed_s\":%.3f,\"finish_s\":%.3f,"
               "\"ratio\":%.2f,\"peak_mib\":%ld}\n",
               (unsigned long long)result->rows_rated, result->n_alerts, floor_s, feed_s, finish_s,
               (feed_s + finish_s) / floor_s, usage.ru_maxrss / 1024);
        return 0;
}
