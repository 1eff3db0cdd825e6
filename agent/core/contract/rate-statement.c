/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/statement.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"

enum { STATEMENT_VERSION = 1 };

/* ---- gaps ---- */

static int compare_gaps(const void *a, const void *b)
{
        const struct vg_statement_gap *x = a, *y = b;
        int r = strcmp(x->scope, y->scope);

        r = r ? r : strcmp(x->cause, y->cause);
        return r ? r : (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

static int compare_begins(const void *a, const void *b)
{
        const struct vg_statement_gap *x = a, *y = b;
        int r = (x->from_s > y->from_s) - (x->from_s < y->from_s);

        return r ? r : compare_gaps(a, b);
}

size_t vg_statement_gaps(struct vg_statement_gap *gaps, size_t n, int64_t from_s, int64_t to_s)
{
        size_t kept = 0;

        if (n)
                qsort(gaps, n, sizeof(*gaps), compare_gaps);
        for (size_t i = 0; i < n; i++) {
                struct vg_statement_gap gap = gaps[i], *last = kept ? &gaps[kept - 1] : NULL;
                if (gap.from_s < from_s)
                        gap.from_s = from_s;
                if (gap.to_s > to_s)
                        gap.to_s = to_s;
                if (gap.from_s >= gap.to_s)
                        continue;
                if (last && last->to_s >= gap.from_s && strcmp(last->cause, gap.cause) == 0 &&
                    strcmp(last->scope, gap.scope) == 0) {
                        if (gap.to_s > last->to_s)
                                last->to_s = gap.to_s;
                        continue;
                }
                gaps[kept++] = gap;
        }
        if (kept)
                qsort(gaps, kept, sizeof(*gaps), compare_begins);
        return kept;
}

int64_t vg_statement_gap_s(const struct vg_statement_gap *gaps, size_t n)
{
        int64_t until_s = INT64_MIN, sum = 0;

        for (size_t i = 0; i < n; i++) {
                if (strcmp(gaps[i].scope, "counters") == 0)
                        continue; /* what was allocated is known all the same */
                const int64_t from_s = gaps[i].from_s > until_s ? gaps[i].from_s : until_s;
                if (gaps[i].to_s > from_s)
                        sum += gaps[i].to_s - from_s;
                if (gaps[i].to_s > until_s)
                        until_s = gaps[i].to_s;
        }
        return sum;
}

static void put_time(struct vg_json *j, const char *key, int64_t utc_s)
{
        char text[32];

        vg_json_string(j, key, vg_utc_format(utc_s, text));
}

static void put_gaps(struct vg_json *j, const struct vg_statement_facts *facts)
{
        vg_json_array(j, "gaps");
        for (size_t i = 0; i < facts->n_gaps; i++) {
                vg_json_object(j, NULL);
                vg_json_string(j, "cause", facts->gaps[i].cause);
                put_time(j, "from", facts->gaps[i].from_s);
                vg_json_string(j, "scope", facts->gaps[i].scope);
                put_time(j, "to", facts->gaps[i].to_s);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
        if (facts->n_gaps_more)
                vg_json_int(j, "gaps_more", (int64_t)facts->n_gaps_more);
}

/* ---- lines ---- */

static void put_decimal(struct vg_json *j, const char *key, vg_i128 value, unsigned decimals)
{
        char text[64];

        vg_json_string(j, key, vg_decimal_format(value, decimals, text, sizeof(text)));
}

static void put_fraction(struct vg_json *j, const char *key, struct vg_fraction f, unsigned scale)
{
        char text[64];

        vg_json_string(j, key, vg_fraction_format(f, scale, scale, text, sizeof(text)));
}

static void put_month(struct vg_json *j, const char *key, int32_t month)
{
        char text[16];

        vg_json_string(j, key, vg_month_format(month, text));
}

static void put_line(struct vg_json *j, const struct vg_bill_line *line)
{
        vg_json_object(j, NULL);
        put_decimal(j, "amount", line->cents, 2);
        put_fraction(j, "exact", line->exact, 12);
        put_decimal(j, "exact_den", line->exact.den, 0);
        put_decimal(j, "exact_num", line->exact.num, 0);
        if (line->in_tb_hours)
                vg_json_int(j, "hours_in_month", line->hours_in_month);
        vg_json_string(j, "kind", vg_line_kind_name(line->kind));
        if (line->in_tb_hours)
                put_decimal(j, "measured", line->measured_micro, 6);
        if (line->segment)
                vg_json_int(j, "per", line->segment->per);
        put_month(j, "period", line->period_month);
        if (line->segment) {
                vg_json_string(j, "price", line->segment->written);
                put_time(j, "price_from", line->segment->from_s);
                put_fraction(j, "quantity", line->quantity, 6);
        }
        if (line->ref)
                vg_json_string(j, "ref", line->ref);
        if (line->sku)
                vg_json_string(j, "sku", line->sku);
        vg_json_string(j, "tenant", line->tenant);
        if (line->segment && line->price)
                vg_json_string(j, "unit", vg_unit_name(line->price->unit));
        vg_json_end_object(j);
}

/* ---- the whole ---- */

static void put_absent(struct vg_json *j, const struct vg_statement_facts *facts)
{
        vg_json_array(j, "absent");
        for (size_t i = 0; i < facts->n_absent; i++) {
                vg_json_object(j, NULL);
                vg_json_string(j, "appliance", facts->absent[i].appliance);
                put_time(j, "from", facts->absent[i].from_s);
                put_time(j, "to", facts->absent[i].to_s);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_head(struct vg_json *j, const struct vg_contract *c, const struct vg_statement *s,
                     const struct vg_statement_facts *facts, const char *digest)
{
        const size_t n_appliances = vg_contract_n_appliances(c);

        if (n_appliances > 1)
                put_absent(j, facts);
        vg_json_string(j, "appliance", facts->appliance);
        vg_json_int(j, "appliances", (int64_t)n_appliances);
        put_time(j, "closes_at", vg_month_close_s(c, s->month));
        vg_json_string(j, "contract", c->id);
        vg_json_string(j, "contract_digest", facts->contract_digest);
        vg_json_int(j, "contract_revision", c->revision);
        if (digest)
                vg_json_string(j, "digest", digest);
        put_time(j, "from", s->from_s);
}

void vg_statement_write(struct vg_json *j, const struct vg_bill *bill, const struct vg_statement *s,
                        const struct vg_statement_facts *facts, const char *digest)
{
        assert(j && bill && s && facts);

        vg_json_object(j, NULL);
        put_head(j, bill->contract, s, facts, digest);
        put_gaps(j, facts);
        vg_json_int(j, "hours_in_month", s->hours_in_month);
        vg_json_array(j, "lines");
        for (size_t i = 0; i < s->n_lines; i++)
                put_line(j, &s->lines[i]);
        vg_json_end_array(j);
        put_month(j, "month", s->month);
        vg_json_int(j, "not_measured_s", facts->not_measured_s);
        put_time(j, "to", s->to_s);
        put_decimal(j, "total", s->total_cents, 2);
        vg_json_string(j, "tzdata", facts->tzdata);
        vg_json_int(j, "v", STATEMENT_VERSION);
        vg_json_string(j, "version", facts->version);
        vg_json_string(j, "zone", bill->contract->zone_name);
        vg_json_end_object(j);
}

/* ---- reading ---- */

int vg_statement_cents(const char *text, int64_t *ret_cents)
{
        const bool is_negative = *text == '-';
        int64_t cents;
        int r = vg_decimal_parse(text + is_negative, 2, &cents);

        if (r < 0)
                return r;
        *ret_cents = is_negative ? -cents : cents;
        return 0;
}

int vg_statement_month(const char *text, int32_t *ret_month)
{
        struct vg_date date;
        char first[16];

        if (strlen(text) != 7)
                return -EINVAL;
        snprintf(first, sizeof(first), "%s-01", text);
        if (vg_date_parse(first, &date) < 0)
                return -EINVAL;
        *ret_month = vg_month_of(date);
        return 0;
}
