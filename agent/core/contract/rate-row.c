/* SPDX-License-Identifier: Apache-2.0 */

/* One row of a usage CSV: timestamp,tenant,resource,quantity[,appliance]. Rows mostly come interval
 * by interval, each with the same series in the same order, so the last timestamp and the series
 * that followed last time are tried first. */

#include <stdlib.h>
#include <string.h>

#include "core/contract/price.h"
#include "core/contract/rate-offline.h"
#include "vigie/err.h"

enum { STAMP = 20 }; /* bytes of 2027-04-01T04:00:00Z */

struct fields {
        const char *name; /* "tenant,resource" */
        size_t n_name;
        const char *quantity;
        size_t n_quantity;
        const char *appliance;
        size_t n_appliance;
};

static bool read_stamp(struct vg_rater *rater, const char *row, size_t n)
{
        char text[STAMP + 1];

        if (n <= STAMP || row[STAMP] != ',')
                return false;
        if (memcmp(row, rater->stamp, STAMP) != 0) {
                memcpy(text, row, STAMP);
                text[STAMP] = '\0';
                memcpy(rater->stamp, row, STAMP);
                rater->is_stamp_good = vg_utc_parse(text, &rater->stamp_s) == 0 &&
                                       rater->stamp_s % rater->step_s == 0;
        }
        return rater->is_stamp_good;
}

/* At most 6 decimals, no sign, no exponent, no leading zero; as vg_decimal_parse(), on a span. */
static bool read_quantity(const char *text, size_t n, int64_t *ret_micro)
{
        char copy[32];

        if (n == 0 || n >= sizeof(copy))
                return false;

        /* Up to 12 digits before the point nothing can overflow. */
        int64_t value = 0;
        size_t i = 0, decimals = 0;

        while (i < n && i < 12 && text[i] >= '0' && text[i] <= '9')
                value = value * 10 + (text[i++] - '0');
        if (i > 0 && (i == 1 || text[0] != '0') && (i == n || text[i] == '.')) {
                if (i < n)
                        for (i++; i < n && decimals < 6 && text[i] >= '0' && text[i] <= '9';
                             i++, decimals++)
                                value = value * 10 + (text[i] - '0');
                if (i == n && text[n - 1] != '.') {
                        for (; decimals < 6; decimals++)
                                value *= 10;
                        *ret_micro = value;
                        return true;
                }
        }
        memcpy(copy, text, n);
        copy[n] = '\0';
        return strlen(copy) == n && vg_decimal_parse(copy, 6, ret_micro) == 0;
}

/* The series of the row, if it is the one that stood below the last one. */
static struct series *guess(struct vg_rater *rater, const char *row, size_t n, struct fields *f)
{
        if (!rater->grid.n_series)
                return NULL;

        struct series *s = &rater->grid.series[rater->grid.series[rater->last].next];
        const char *rest = row + STAMP + 1, *end = row + n;

        if ((size_t)(end - rest) <= s->n_name || rest[s->n_name] != ',' ||
            memcmp(rest, s->name, s->n_name) != 0)
                return NULL;
        rest += s->n_name + 1;
        if (rater->has_appliance) {
                if ((size_t)(end - rest) <= s->n_appliance)
                        return NULL;
                const char *appliance = end - s->n_appliance;
                if (appliance[-1] != ',' ||
                    memcmp(appliance, s->name + s->n_name, s->n_appliance) != 0)
                        return NULL;
                end = appliance - 1;
        }
        f->quantity = rest;
        f->n_quantity = (size_t)(end - rest);
        return s;
}

static bool split(struct vg_rater *rater, const char *row, size_t n, struct fields *f)
{
        const char *at = row + STAMP + 1, *end = row + n;
        const char *comma[4] = { NULL };
        size_t n_commas = 0;

        for (const char *p = at; p < end; p++)
                if (*p == ',' && n_commas < 4)
                        comma[n_commas++] = p;
        if (n_commas != (rater->has_appliance ? 3u : 2u))
                return false;
        f->name = at;
        f->n_name = (size_t)(comma[1] - at);
        f->quantity = comma[1] + 1;
        f->n_quantity = (size_t)((comma[2] ? comma[2] : end) - f->quantity);
        f->appliance = comma[2] ? comma[2] + 1 : "";
        f->n_appliance = comma[2] ? (size_t)(end - f->appliance) : 0;
        return true;
}

size_t row_unquote(const char *row, size_t n, char *plain)
{
        size_t n_plain = 0;

        for (size_t i = 0; i < n; i++)
                if (row[i] != '"')
                        plain[n_plain++] = row[i];
        return n_plain;
}

/* ---- what becomes of it ---- */

static int refuse(struct vg_rater *rater, enum vg_row_refusal refusal)
{
        bool failed = false;
        struct vg_refused_row *refused = list_add(&rater->refused, &failed);

        if (refused)
                *refused = (struct vg_refused_row){ rater->line, refusal };
        return failed ? -ENOMEM : 0;
}

/* Refused, with an alert: VIG-D-004 or VIG-D-005. */
static int refuse_loudly(struct vg_rater *rater, enum vg_row_refusal refusal, const char *code,
                         const struct series *s)
{
        bool failed = false;
        struct rater_fact *fact = list_add(&rater->facts, &failed);

        if (fact)
                *fact = (struct rater_fact){ rater->stamp_s, code, s->tenant, s->resource };
        return failed ? -ENOMEM : refuse(rater, refusal);
}

static int note_outside(struct vg_rater *rater, const struct series *s, int64_t micro)
{
        bool failed = false;
        struct vg_outside_row *row = list_add(&rater->outside, &failed);

        if (row)
                *row = (struct vg_outside_row){
                        .line = rater->line,
                        .start_s = rater->stamp_s,
                        .micro = micro,
                        .tenant = s->tenant,
                        .resource = s->resource,
                };
        return failed ? -ENOMEM : 0;
}

static int accept(struct vg_rater *rater, struct series *s, int64_t *slot, int64_t micro)
{
        if (s->is_heartbeat) {
                *slot = micro;
                return 0;
        }

        int r = rater_place(rater, s, rater->stamp_s);
        if (r < 0)
                return r;
        if (s->fate == FATE_RATED) {
                struct rater_sum *sum = &rater->sums[s->sum];
                if (sum->line.quantity_micro + micro > sum->most)
                        return refuse_loudly(rater, VG_ROW_AMOUNT_OVERFLOW, "VIG-D-005", s);
                sum->line.quantity_micro += micro;
                sum->has_rows = true;
                rater->rows_rated++;
        } else if (s->fate == FATE_UNPRICED) {
                r = refuse(rater, VG_ROW_UNPRICED_RESOURCE);
        } else {
                r = note_outside(rater, s, micro);
        }
        if (micro > 0 && rater->stamp_s < s->first_s[s->fate])
                s->first_s[s->fate] = rater->stamp_s;
        *slot = micro;
        return r;
}

static int enter(struct vg_rater *rater, struct series *s, const struct fields *f)
{
        int64_t micro;

        if (!read_quantity(f->quantity, f->n_quantity, &micro))
                return memchr(f->quantity, ',', f->n_quantity) /* too many fields: not a row */
                               ? refuse(rater, VG_ROW_BAD_QUANTITY)
                               : refuse_loudly(rater, VG_ROW_BAD_QUANTITY, "VIG-D-005", s);

        int64_t *slot = grid_slot(&rater->grid, s, vg_floor_div(rater->stamp_s, rater->step_s));
        if (!slot)
                return -ENOMEM;
        if (*slot == GRID_EMPTY)
                return accept(rater, s, slot, micro);
        if (*slot != micro)
                return refuse_loudly(rater, VG_ROW_CONFLICTING_DUPLICATE, "VIG-D-004", s);
        rater->duplicates_ignored++;
        return 0;
}

int rater_endless(struct vg_rater *rater)
{
        return refuse(rater, VG_ROW_BAD_TIMESTAMP);
}

int rater_row(struct vg_rater *rater, const char *row, size_t n, struct vg_err *err)
{
        char plain[sizeof(rater->carry)];
        struct fields f = { 0 };

        if (n && row[n - 1] == '\r')
                n--;
        if (!n)
                return 0;
        if (!read_stamp(rater, row, n)) {
                if (!memchr(row, '"', n) || n > sizeof(plain))
                        return refuse(rater, VG_ROW_BAD_TIMESTAMP);
                n = row_unquote(row, n, plain);
                row = plain;
                if (!read_stamp(rater, row, n))
                        return refuse(rater, VG_ROW_BAD_TIMESTAMP);
        }
        if (rater->stamp_s > rater->as_of_s - rater->step_s) {
                rater->rows_later++;
                return 0;
        }

        struct series *s = guess(rater, row, n, &f);
        if (!s) {
                if (row != plain && n <= sizeof(plain) && memchr(row, '"', n)) {
                        n = row_unquote(row, n, plain);
                        row = plain;
                }
                if (!split(rater, row, n, &f))
                        return refuse(rater, VG_ROW_BAD_QUANTITY);
                int r = grid_series(&rater->grid, f.name, f.n_name, f.appliance, f.n_appliance,
                                    rater->has_appliance, &s);
                if (r == -E2BIG)
                        return vg_err_set(err, r,
                                          "plus d'un million de couples abonné et ressource");
                if (r < 0)
                        return r;
                rater->grid.series[rater->last].next = (uint32_t)(s - rater->grid.series);
        }
        rater->last = (uint32_t)(s - rater->grid.series);
        return enter(rater, s, &f);
}
