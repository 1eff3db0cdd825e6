/* SPDX-License-Identifier: Apache-2.0 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/price.h"
#include "core/contract/rate-alerts.h"
#include "core/contract/rate-offline.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

const char *vg_row_refusal_name(enum vg_row_refusal refusal)
{
        static const char *const names[] = {
                [VG_ROW_BAD_TIMESTAMP] = "bad_timestamp",
                [VG_ROW_BAD_QUANTITY] = "bad_quantity",
                [VG_ROW_CONFLICTING_DUPLICATE] = "conflicting_duplicate",
                [VG_ROW_UNPRICED_RESOURCE] = "unpriced_resource",
                [VG_ROW_AMOUNT_OVERFLOW] = "amount_overflow",
        };

        return names[refusal];
}

void *list_add(struct list *list, bool *ret_failed)
{
        if (list->n == VG_RATE_LIST_MAX) {
                list->more++;
                return NULL;
        }
        if (list->n == list->size) {
                size_t size = list->size ? 2 * list->size : 16;
                void *items = reallocarray(list->items, size, list->item);
                if (!items) {
                        *ret_failed = true;
                        return NULL;
                }
                list->items = items;
                list->size = size;
        }

        void *item = (char *)list->items + list->n++ * list->item;
        return memset(item, 0, list->item);
}

int vg_rater_new(const struct vg_contract *contract, int64_t as_of_s, struct vg_rater **ret_rater,
                 struct vg_err *err)
{
        assert(contract && ret_rater);

        struct vg_rater *rater = calloc(1, sizeof(*rater));
        if (!rater)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        rater->contract = contract;
        rater->as_of_s = as_of_s;
        rater->end_s = vg_contract_end_at(contract, as_of_s)->value;
        rater->step_s = contract->interval_s;
        rater->refused.item = sizeof(struct vg_refused_row);
        rater->outside.item = sizeof(struct vg_outside_row);
        rater->facts.item = sizeof(struct rater_fact);
        rater->gaps.item = sizeof(struct vg_rate_gap);
        rater->alerts.item = sizeof(struct vg_rate_alert);
        *ret_rater = rater;
        return 0;
}

void vg_rater_free(struct vg_rater *rater)
{
        if (!rater)
                return;
        grid_done(&rater->grid);
        free(rater->sums);
        free(rater->sum_places);
        free(rater->refused.items);
        free(rater->outside.items);
        free(rater->facts.items);
        free(rater->gaps.items);
        free(rater->alerts.items);
        vg_bill_free(rater->bill);
        free(rater);
}

/* ---- from series to line ---- */

static void know_month(struct vg_rater *rater, int64_t start_s)
{
        const struct vg_zone *zone = rater->contract->zone;

        if (start_s >= rater->month_from_s && start_s < rater->month_until_s)
                return;
        rater->month = vg_month_of(vg_zone_date(zone, start_s));
        rater->month_from_s = vg_zone_month_start(zone, rater->month);
        rater->month_until_s = vg_zone_month_start(zone, rater->month + 1);
}

static uint64_t hash_line(const struct vg_line *line)
{
        uint64_t h = grid_hash((uint64_t)line->period_month, line->sku, strlen(line->sku));

        return grid_hash(h ^ (uint64_t)line->price_from_s, line->tenant, strlen(line->tenant));
}

static bool same_line(const struct vg_line *a, const struct vg_line *b)
{
        return a->period_month == b->period_month && a->price_from_s == b->price_from_s &&
               strcmp(a->sku, b->sku) == 0 && strcmp(a->tenant, b->tenant) == 0;
}

static int grow_sums(struct vg_rater *rater)
{
        const uint32_t size = rater->size_sums ? 2 * rater->size_sums : 64;
        void *sums = reallocarray(rater->sums, size, sizeof(*rater->sums));
        uint32_t *places = calloc(2 * (size_t)size, sizeof(*places));

        if (sums)
                rater->sums = sums;
        if (!sums || !places) {
                free(places);
                return -ENOMEM;
        }
        for (uint32_t i = 0; i < rater->n_sums; i++) {
                uint64_t h = hash_line(&rater->sums[i].line);
                while (places[h & (2 * size - 1)])
                        h++;
                places[h & (2 * size - 1)] = i + 1;
        }
        free(rater->sum_places);
        rater->sum_places = places;
        rater->size_sums = size;
        return 0;
}

/* The sum of a line, made where there is none. */
static int find_sum(struct vg_rater *rater, const struct vg_line *line, vg_i128 most,
                    uint32_t *ret_sum)
{
        if (rater->n_sums == rater->size_sums && grow_sums(rater) < 0)
                return -ENOMEM;

        uint64_t h = hash_line(line);
        uint32_t *place;

        for (; *(place = &rater->sum_places[h & (2 * rater->size_sums - 1)]); h++)
                if (same_line(&rater->sums[*place - 1].line, line)) {
                        *ret_sum = *place - 1;
                        return 0;
                }
        rater->sums[rater->n_sums] = (struct rater_sum){ .line = *line, .most = most };
        *ret_sum = rater->n_sums;
        *place = ++rater->n_sums;
        return 0;
}

static void cut_to(struct series *s, int64_t from_s, int64_t until_s)
{
        if (from_s > s->from_s)
                s->from_s = from_s;
        if (until_s < s->until_s)
                s->until_s = until_s;
}

/* The segment in force at start_s; the series' span is cut to it. NULL: not priced then. */
static const struct vg_price_segment *segment_at(struct series *s, const struct vg_price *price,
                                                 int64_t start_s)
{
        for (size_t i = 0; i < price->n_segments; i++) {
                const int64_t from_s = price->segments[i].from_s;
                if (from_s > start_s)
                        cut_to(s, INT64_MIN, from_s);
                else
                        cut_to(s, from_s, INT64_MAX);
        }
        return vg_price_at(price, start_s);
}

int rater_place(struct vg_rater *rater, struct series *s, int64_t start_s)
{
        const struct vg_contract *c = rater->contract;

        if (start_s >= s->from_s && start_s < s->until_s)
                return 0;

        s->from_s = INT64_MIN;
        s->until_s = INT64_MAX;
        s->fate = FATE_OUTSIDE;
        if (start_s < c->start_s)
                cut_to(s, INT64_MIN, c->start_s);
        else if (start_s >= rater->end_s)
                cut_to(s, rater->end_s, INT64_MAX);
        if (start_s < c->start_s || start_s >= rater->end_s)
                return 0;

        const struct vg_price *price = vg_contract_price_of(c, s->resource);
        const struct vg_tenant *tenant = vg_contract_tenant(c, s->tenant);
        const struct vg_price_segment *segment = price ? segment_at(s, price, start_s) : NULL;

        cut_to(s, c->start_s, rater->end_s);
        s->is_known = tenant != NULL;
        s->fate = FATE_UNPRICED;
        if (!segment)
                return 0;

        know_month(rater, start_s);
        cut_to(s, rater->month_from_s, rater->month_until_s);
        s->fate = FATE_RATED;

        const int hours = (int)((rater->month_until_s - rater->month_from_s) / VG_HOUR_S);
        const struct vg_line line = {
                .statement_month = rater->month,
                .period_month = rater->month,
                .kind = price->charge == VG_CHARGE_PURCHASE ? VG_LINE_PURCHASE : VG_LINE_USAGE,
                .tenant = tenant ? tenant->id : VG_TENANT_NOBODY,
                .sku = price->sku,
                .price_from_s = segment->from_s,
        };
        return find_sum(rater, &line,
                        price_most(segment, price->unit == VG_UNIT_TB_MONTH ? hours : 1), &s->sum);
}

/* ---- bytes to rows ---- */

enum { ROW_BYTES_MAX = 64 << 10 };

static const char header[] = "timestamp,tenant,resource,quantity";

static bool is_heading(const char *row, size_t n, bool *ret_has_appliance)
{
        static const char more[] = ",appliance";
        const size_t n_header = sizeof(header) - 1;

        if (n < n_header || memcmp(row, header, n_header) != 0)
                return false;
        *ret_has_appliance = n == n_header + sizeof(more) - 1 &&
                             memcmp(row + n_header, more, sizeof(more) - 1) == 0;
        return n == n_header || *ret_has_appliance;
}

static int read_header(struct vg_rater *rater, const char *row, size_t n, struct vg_err *err)
{
        static const char mark[] = "\xef\xbb\xbf";
        char plain[sizeof(rater->carry)];

        if (vg_utf16_likely(row, n))
                return vg_err_set(err, -EINVAL,
                                  "en UTF-16 (« texte Unicode ») : enregistrer en « CSV UTF-8 », "
                                  "séparé par des virgules");
        if (n && row[n - 1] == '\r')
                n--;
        if (n >= 3 && memcmp(row, mark, 3) == 0) {
                row += 3;
                n -= 3;
        }
        if (n <= sizeof(plain)) {
                n = row_unquote(row, n, plain);
                row = plain;
        }
        if (is_heading(row, n, &rater->has_appliance))
                return 0;
        if (memchr(row, ';', n))
                return vg_err_set(err, -EINVAL,
                                  "séparé par des points-virgules : enregistrer en CSV séparé "
                                  "par des virgules, avec un point décimal, sous l'en-tête "
                                  "« timestamp,tenant,resource,quantity »");
        return vg_err_set(err, -EINVAL,
                          "l'en-tête doit être « timestamp,tenant,resource,quantity », suivi "
                          "au besoin de « ,appliance »");
}

static int take_row(struct vg_rater *rater, const char *row, size_t n, struct vg_err *err)
{
        if (++rater->line == 1)
                return read_header(rater, row, n, err);

        int r = n < sizeof(rater->carry) ? rater_row(rater, row, n, err) : rater_endless(rater);
        return r == -ENOMEM ? vg_err_set(err, r, "mémoire épuisée") : r;
}

/* What is left of a buffer waits for the next one; of a row that does not fit, which is refused
 * however it was cut, the end is dropped. */
static void carry(struct vg_rater *rater, const char *bytes, size_t n)
{
        const size_t room = sizeof(rater->carry) - rater->n_carry;

        if (n > room)
                n = room;
        memcpy(rater->carry + rater->n_carry, bytes, n);
        rater->n_carry += n;
}

/* A file without line ends is no CSV, and might never end. */
static int measure_row(struct vg_rater *rater, size_t n, struct vg_err *err)
{
        rater->n_row += n;
        if (rater->n_row <= ROW_BYTES_MAX)
                return 0;
        rater->line++;
        return vg_err_set(err, -EMSGSIZE, "plus de %d octets : ce n'est pas un CSV", ROW_BYTES_MAX);
}

int vg_rater_feed(struct vg_rater *rater, const char *bytes, size_t n, struct vg_err *err)
{
        const char *end = bytes + n;
        int r = 0;

        while (bytes < end && r == 0) {
                const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
                r = measure_row(rater, (size_t)((line_end ? line_end : end) - bytes), err);
                if (r < 0)
                        return r;
                if (!line_end) {
                        carry(rater, bytes, (size_t)(end - bytes));
                        return 0;
                }
                if (rater->n_carry) {
                        carry(rater, bytes, (size_t)(line_end - bytes));
                        r = take_row(rater, rater->carry, rater->n_carry, err);
                        rater->n_carry = 0;
                } else {
                        r = take_row(rater, bytes, (size_t)(line_end - bytes), err);
                }
                rater->n_row = 0;
                bytes = line_end + 1;
        }
        return r;
}

uint64_t vg_rater_line(const struct vg_rater *rater)
{
        return rater->line;
}

/* ---- the end ---- */

/* What was refused makes no line. */
static int make_bill(struct vg_rater *rater, struct vg_err *err)
{
        _cleanup_free_ struct vg_line *lines = calloc(rater->n_sums + 1u, sizeof(*lines));
        size_t n = 0;

        if (!lines)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (uint32_t i = 0; i < rater->n_sums; i++)
                if (rater->sums[i].has_rows)
                        lines[n++] = rater->sums[i].line;
        return vg_bill_new(
                &(struct vg_bill_options){ .contract = rater->contract, .as_of_s = rater->as_of_s },
                lines, n, &rater->bill, err);
}

int vg_rater_finish(struct vg_rater *rater, const struct vg_rate_result **ret_result,
                    struct vg_err *err)
{
        assert(!rater->bill);

        int r = 0;
        if (rater->n_carry || rater->line == 0)
                r = take_row(rater, rater->carry, rater->n_carry, err);
        if (r == 0)
                r = make_bill(rater, err);
        if (r < 0)
                return r;
        if (grid_sort(&rater->grid) < 0 || rater_gaps(rater) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = rater_replay(rater, err);
        if (r < 0)
                return r;
        alerts_sort(rater);
        rater->result = (struct vg_rate_result){
                .bill = rater->bill,
                .rows_rated = rater->rows_rated,
                .duplicates_ignored = rater->duplicates_ignored,
                .rows_later = rater->rows_later,
                .refused = rater->refused.items,
                .n_refused = rater->refused.n,
                .n_refused_more = rater->refused.more,
                .outside = rater->outside.items,
                .n_outside = rater->outside.n,
                .n_outside_more = rater->outside.more,
                .gaps = rater->gaps.items,
                .n_gaps = rater->gaps.n,
                .alerts = rater->alerts.items,
                .n_alerts = rater->alerts.n,
        };
        *ret_result = &rater->result;
        return 0;
}
