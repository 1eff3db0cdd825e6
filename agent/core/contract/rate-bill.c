/* SPDX-License-Identifier: Apache-2.0 */

/* From the lines that the store keeps to statements: each line priced and rounded once, recurring
 * lines and shortfalls added, totals of what was rounded. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract/bill.h"
#include "core/contract/price.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/tenant.h"

struct bill { /* what vg_bill_free() finds */
        struct vg_bill public;
        char **texts; /* names that the contract no longer has */
        size_t n_texts;
};

static int compare_i64(int64_t a, int64_t b)
{
        return (a > b) - (a < b);
}

static int compare_text(const char *a, const char *b) /* NULL last */
{
        if (a == b)
                return 0;
        if (!a || !b)
                return (a == NULL) - (b == NULL);
        return strcmp(a, b);
}

int bill_compare_lines(const void *a, const void *b)
{
        const struct vg_bill_line *x = a, *y = b;
        int r = compare_i64(x->statement_month, y->statement_month);

        r = r ? r : compare_i64(x->kind, y->kind);
        r = r ? r : compare_text(x->tenant, y->tenant);
        r = r ? r : compare_text(x->sku, y->sku);
        r = r ? r : compare_text(x->ref, y->ref);
        r = r ? r : compare_i64(x->period_month, y->period_month);
        if (r == 0 && x->segment && y->segment)
                r = compare_i64(x->segment->from_s, y->segment->from_s);
        return r;
}

int bill_append(struct bill_draft *draft, struct vg_bill_line line, struct vg_err *err)
{
        if ((line.segment && price_exact(line.quantity, line.segment, &line.exact) < 0) ||
            price_cents(line.exact, &line.cents) < 0)
                return vg_err_set(err, -ERANGE,
                                  "ligne %s, %s : le montant dépasse 999 999 999 999,99 $",
                                  line.tenant, line.sku ? line.sku : line.ref);
        if (draft->n == draft->size) {
                size_t size = draft->size ? 2 * draft->size : 64;
                void *lines = reallocarray(draft->lines, size, sizeof(*draft->lines));
                if (!lines)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
                draft->lines = lines;
                draft->size = size;
        }
        draft->lines[draft->n++] = line;
        return 0;
}

/* ---- usage and purchase lines ---- */

/* Nothing is done where it is sorted already, as it is in a replay. */
static void sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *))
{
        const char *at = items;

        for (size_t i = 1; i < n; i++, at += size)
                if (compare(at, at + size) > 0) {
                        qsort(items, n, size, compare);
                        return;
                }
}

static int compare_given(const void *a, const void *b)
{
        const struct vg_line *x = *(const struct vg_line *const *)a;
        const struct vg_line *y = *(const struct vg_line *const *)b;
        int r = compare_i64(x->statement_month, y->statement_month);

        r = r ? r : compare_i64(x->kind, y->kind);
        r = r ? r : compare_text(x->tenant, y->tenant);
        r = r ? r : compare_text(x->sku, y->sku);
        r = r ? r : compare_i64(x->period_month, y->period_month);
        return r ? r : compare_i64(x->price_from_s, y->price_from_s);
}

static const struct vg_price_segment *find_segment(const struct vg_price *price, int64_t from_s)
{
        const struct vg_price_segment *segment = price ? vg_price_at(price, from_s) : NULL;

        return segment && segment->from_s == from_s ? segment : NULL;
}

const char *bill_keep(struct bill_draft *draft, const char *text)
{
        for (size_t i = 0; i < draft->n_texts; i++)
                if (strcmp(draft->texts[i], text) == 0)
                        return draft->texts[i];

        char **texts = reallocarray(draft->texts, draft->n_texts + 1, sizeof(*texts));
        if (!texts)
                return NULL;
        draft->texts = texts;
        texts[draft->n_texts] = strdup(text);
        return texts[draft->n_texts] ? texts[draft->n_texts++] : NULL;
}

const char *bill_keep_tenant(struct bill_draft *draft, const char *tenant)
{
        const struct vg_tenant *known = vg_contract_tenant(draft->contract, tenant);

        if (known)
                return known->id;
        return strcmp(tenant, VG_TENANT_NOBODY) == 0 ? VG_TENANT_NOBODY : bill_keep(draft, tenant);
}

static int append_given(struct bill_draft *draft, const struct vg_line *given,
                        vg_i128 quantity_micro, int hours_in_month, struct vg_err *err)
{
        const struct vg_price *price = vg_contract_price(draft->contract, given->sku);
        const struct vg_price_segment *segment = find_segment(price, given->price_from_s);

        if (!segment || (given->kind != VG_LINE_USAGE && given->kind != VG_LINE_PURCHASE))
                return vg_err_set(err, -EINVAL, "ligne %s, %s : prix absent du contrat",
                                  given->tenant, given->sku);

        const bool in_tb_hours = price->unit == VG_UNIT_TB_MONTH;
        const char *tenant = bill_keep_tenant(draft, given->tenant);
        if (!tenant)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (given->statement_month > draft->to_month)
                draft->to_month = given->statement_month;
        return bill_append(draft,
                           (struct vg_bill_line){
                                   .kind = given->kind,
                                   .statement_month = given->statement_month,
                                   .period_month = given->period_month,
                                   .tenant = tenant,
                                   .sku = price->sku,
                                   .price = price,
                                   .segment = segment,
                                   .in_tb_hours = in_tb_hours,
                                   .measured_micro = quantity_micro,
                                   .quantity = { quantity_micro, in_tb_hours ? hours_in_month : 1 },
                           },
                           err);
}

/* Lines of one key become one; those of earlier statements are left out. */
static int append_all_given(struct bill_draft *draft, const struct vg_line *lines, size_t n,
                            struct vg_err *err)
{
        _cleanup_free_ const struct vg_line **sorted = calloc(n ? n : 1, sizeof(*sorted));
        int32_t month = INT32_MIN;
        int hours = 0, r = 0;
        size_t n_sorted = 0;

        if (!sorted)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < n; i++)
                if (lines[i].statement_month >= draft->from_month)
                        sorted[n_sorted++] = &lines[i];
        sort(sorted, n_sorted, sizeof(*sorted), compare_given);

        for (size_t i = 0, next; i < n_sorted && r == 0; i = next) {
                vg_i128 sum = 0;
                for (next = i; next < n_sorted && compare_given(&sorted[i], &sorted[next]) == 0;
                     next++)
                        if (vg_add_i128(sum, sorted[next]->quantity_micro, &sum) < 0)
                                return vg_err_set(err, -ERANGE,
                                                  "ligne %s, %s : quantité trop grande",
                                                  sorted[i]->tenant, sorted[i]->sku);
                if (sorted[i]->period_month != month) {
                        month = sorted[i]->period_month;
                        hours = vg_month_hours(draft->contract, month);
                }
                r = append_given(draft, sorted[i], sum, hours, err);
        }
        return r;
}

/* ---- shortfalls ---- */

static int compare_periods(const void *a, const void *b)
{
        const struct vg_bill_line *x = a, *y = b;
        int r = compare_i64(x->period_month, y->period_month);

        return r ? r : bill_compare_lines(a, b);
}

static int append_shortfalls(struct bill_draft *draft, struct vg_err *err)
{
        const size_t n = draft->n;
        size_t first = 0, end;
        int r = 0;

        sort(draft->lines, n, sizeof(*draft->lines), compare_periods);
        for (int32_t month = draft->from_month; month <= draft->to_month && r == 0; month++) {
                while (first < n && draft->lines[first].period_month < month)
                        first++;
                for (end = first; end < n && draft->lines[end].period_month == month; end++)
                        ;
                r = bill_shortfalls(draft, month, first, end, err);
                first = end;
        }
        if (r < 0 || draft->end_s > draft->as_of_s)
                return r;

        const int32_t last = vg_month_of(vg_zone_date(draft->contract->zone, draft->end_s - 1));
        return last < draft->from_month ? 0 : bill_contract_shortfalls(draft, last, err);
}

/* ---- statements and totals ---- */

static void describe_month(const struct bill_draft *draft, struct vg_statement *s)
{
        const struct vg_contract *c = draft->contract;
        const int64_t from_s = vg_zone_month_start(c->zone, s->month);
        const int64_t to_s = vg_zone_month_start(c->zone, s->month + 1);

        s->hours_in_month = (int)((to_s - from_s) / VG_HOUR_S);
        s->from_s = from_s > c->start_s ? from_s : c->start_s;
        s->to_s = to_s < draft->end_s ? to_s : draft->end_s;
        if (s->to_s < s->from_s) /* corrections after the end */
                s->to_s = s->from_s;
        s->is_closed = draft->open_month ? s->month < draft->open_month
                                         : draft->as_of_s >= vg_month_close_s(c, s->month);
}

static int make_statements(struct vg_bill *bill, const struct bill_draft *draft)
{
        const int32_t n = draft->to_month - draft->from_month + 1;
        size_t at = 0;

        if (n <= 0)
                return 0;
        bill->statements = calloc((size_t)n, sizeof(*bill->statements));
        if (!bill->statements)
                return -ENOMEM;
        bill->n_statements = (size_t)n;
        for (size_t i = 0; i < bill->n_statements; i++) {
                struct vg_statement *s = &bill->statements[i];

                s->month = draft->from_month + (int32_t)i;
                describe_month(draft, s);
                s->lines = bill->lines ? bill->lines + at : NULL;
                while (at < bill->n_lines && bill->lines[at].statement_month == s->month) {
                        struct vg_bill_line *line = &bill->lines[at++];
                        line->hours_in_month =
                                line->period_month == s->month
                                        ? s->hours_in_month
                                        : vg_month_hours(bill->contract, line->period_month);
                        s->n_lines++;
                        if (vg_add_i64(s->total_cents, line->cents, &s->total_cents) < 0)
                                return -ERANGE;
                }
                if (vg_add_i64(bill->consumed_cents, s->total_cents, &bill->consumed_cents) < 0)
                        return -ERANGE;
        }
        return 0;
}

static void compare_with_contract(struct vg_bill *bill)
{
        const struct vg_contract *c = bill->contract;
        const int64_t today = vg_days_from_civil(vg_zone_date(c->zone, bill->as_of_s));
        const int64_t last = vg_days_from_civil(vg_contract_last_day_at(c, bill->as_of_s));

        bill->authorised_cents = vg_contract_amount_at(c, bill->as_of_s);
        bill->remaining_cents = bill->authorised_cents - bill->consumed_cents;
        bill->has_pct = bill->authorised_cents > 0;
        if (bill->has_pct)
                bill->pct_micro = vg_round_half_up((vg_i128)bill->consumed_cents * 100000000,
                                                   bill->authorised_cents);
        bill->term_days_left = last > today ? (int32_t)(last - today) : 0;
}

static void begin_draft(struct bill_draft *draft, const struct vg_bill_options *options)
{
        const struct vg_contract *c = options->contract;
        const int32_t start = vg_month_of(c->start);
        int64_t as_of_s = options->as_of_s;

        /* What a record has closed is over, though a clock that was set back says otherwise. */
        if (options->open_month && as_of_s < vg_zone_month_start(c->zone, options->open_month))
                as_of_s = vg_zone_month_start(c->zone, options->open_month);
        *draft = (struct bill_draft){
                .contract = c,
                .as_of_s = as_of_s,
                .end_s = vg_contract_end_at(c, as_of_s)->value,
                .from_month = options->from_month > start ? options->from_month : start,
                .open_month = options->open_month,
                .correction_month = options->open_month,
                .carried_cents = options->carried_cents,
        };
        /* After the term months close only where there is something to tell: it is that of the day. */
        if (options->open_month > vg_month_of(vg_zone_date(c->zone, draft->end_s - 1)))
                draft->correction_month = rate_open_statement(c, options->open_month, as_of_s - 1);
        const int64_t last_s = (draft->end_s < as_of_s ? draft->end_s : as_of_s) - 1;
        draft->to_month = last_s < c->start_s ? draft->from_month - 1
                                              : vg_month_of(vg_zone_date(c->zone, last_s));
}

int vg_bill_new(const struct vg_bill_options *options, const struct vg_line *lines, size_t n_lines,
                struct vg_bill **ret_bill, struct vg_err *err)
{
        assert(options && options->contract && (lines || !n_lines) && ret_bill);

        struct bill_draft draft;
        struct bill *bill = calloc(1, sizeof(*bill));
        if (!bill)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        begin_draft(&draft, options);
        bill->public.contract = options->contract;
        bill->public.as_of_s = options->as_of_s;
        bill->public.end_s = draft.end_s;
        bill->public.consumed_cents = options->carried_cents;

        int r = append_all_given(&draft, lines, n_lines, err);
        if (r == 0)
                r = bill_recurring(&draft, err);
        if (r == 0)
                r = append_shortfalls(&draft, err);
        if (r == 0)
                r = bill_keep_closed(&draft, options->charged, options->n_charged, err);
        if (r == 0)
                sort(draft.lines, draft.n, sizeof(*draft.lines), bill_compare_lines);
        bill->public.lines = draft.lines;
        bill->public.n_lines = draft.n;
        bill->texts = draft.texts;
        bill->n_texts = draft.n_texts;
        if (r == 0) {
                r = make_statements(&bill->public, &draft);
                if (r < 0)
                        vg_err_set(err, r, "relevés : total trop grand ou mémoire épuisée");
        }
        if (r < 0) {
                vg_bill_free(&bill->public);
                return r;
        }
        compare_with_contract(&bill->public);
        *ret_bill = &bill->public;
        return 0;
}

void vg_bill_free(struct vg_bill *bill)
{
        struct bill *own = (struct bill *)bill;

        if (!own)
                return;
        for (size_t i = 0; i < own->n_texts; i++)
                free(own->texts[i]);
        free(own->texts);
        free(bill->statements);
        free(bill->lines);
        free(own);
}

int64_t vg_bill_cents(const struct vg_bill *bill, const char *tenant, int32_t from_month,
                      int32_t to_month)
{
        int64_t sum = 0;

        for (size_t i = 0; i < bill->n_lines; i++) {
                const struct vg_bill_line *line = &bill->lines[i];
                if (line->statement_month >= from_month && line->statement_month <= to_month &&
                    (!tenant || strcmp(line->tenant, tenant) == 0))
                        sum += line->cents;
        }
        return sum;
}
