/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a usage file: rated or refused row by row, the same however they are cut, and the sum
 * of the statements is what was consumed. The first byte says where to cut. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "vigie/mem.h"
#include "vigie/rating.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A zone that changes its clock: version 2, EST5EDT by its footer, no transition written out. */
static const char tzif[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\1\0\0\0\4\0\0\0\0\0\0EST\0"
                           "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\1\0\0\0\4\xff\xff\xb9\xb0\0\0EST\0"
                           "\nEST5EDT,M3.2.0,M11.1.0\n";

static void expect(bool is_so)
{
        if (!is_so)
                abort();
}

static int zone(const char *name, struct vg_zone **ret_zone, struct vg_err *err)
{
        (void)name;
        return vg_zone_parse(tzif, sizeof(tzif) - 1, ret_zone, err);
}

static struct vg_contract *contract(void)
{
        static struct vg_contract *kept;
        struct vg_refusals refusals = { 0 };

        if (!kept) {
                json_t *tree = json_load_file(VIGIE_SOURCE_DIR "/tests/data/rating/contract.json",
                                              0, NULL);
                char *bytes = json_dumps(tree, 0);
                expect(vg_contract_parse(bytes, strlen(bytes), zone, &kept, &refusals, NULL) == 0);
                free(bytes);
                json_decref(tree);
        }
        return kept;
}

static struct vg_rater *rate(const char *bytes, size_t n, size_t cut,
                             const struct vg_rate_result **ret_result)
{
        const struct vg_contract *c = contract();
        struct vg_rater *rater = NULL;

        expect(vg_rater_new(c, c->start_s + 2 * VG_DAY_S, &rater, NULL) == 0);
        cut = cut < n ? cut : n;
        if (vg_rater_feed(rater, bytes, cut, NULL) < 0 ||
            vg_rater_feed(rater, bytes + cut, n - cut, NULL) < 0 ||
            vg_rater_finish(rater, ret_result, NULL) < 0) {
                vg_rater_free(rater);
                return NULL;
        }
        return rater;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct vg_rate_result *whole = NULL, *cut = NULL;
        int64_t sum = 0;

        if (size < 1)
                return 0;
        _cleanup_(vg_rater_freep) struct vg_rater *a =
                rate((const char *)data + 1, size - 1, size, &whole);
        _cleanup_(vg_rater_freep) struct vg_rater *b =
                rate((const char *)data + 1, size - 1, data[0], &cut);

        expect(!a == !b);
        if (!a)
                return 0;
        expect(whole->rows_rated == cut->rows_rated && whole->n_refused == cut->n_refused &&
               whole->n_alerts == cut->n_alerts &&
               whole->bill->consumed_cents == cut->bill->consumed_cents);
        for (size_t i = 0; i < whole->bill->n_statements; i++)
                sum += whole->bill->statements[i].total_cents;
        expect(sum == whole->bill->consumed_cents);
        return 0;
}
