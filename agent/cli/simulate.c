/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/simulate.h"

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"

void simulation_done(struct simulation *simulation)
{
        free(simulation->lines);
        *simulation = (struct simulation){ 0 };
}

static int add_line(struct simulation *s, const struct vg_line *line)
{
        for (size_t i = s->n; i-- > 0 && s->n - i < 64;) { /* the same line as just before */
                struct vg_line *last = &s->lines[i];
                if (last->statement_month == line->statement_month && last->sku == line->sku &&
                    last->tenant == line->tenant && last->price_from_s == line->price_from_s)
                        return vg_add_i128(last->quantity_micro, line->quantity_micro,
                                           &last->quantity_micro);
        }
        if (s->n == s->size) {
                size_t size = s->size ? 2 * s->size : 256;
                struct vg_line *lines = reallocarray(s->lines, size, sizeof(*lines));
                if (!lines)
                        return -ENOMEM;
                s->lines = lines;
                s->size = size;
        }
        s->lines[s->n++] = *line;
        return 0;
}

/* A quantity in each day of [from_s, to_s): per_day, or per hour times the hours of that day. */
static int fill_days(const struct cli_view *view, struct simulation *s, const char *tenant,
                     const char *resource, int64_t from_s, int64_t to_s, vg_i128 micro,
                     bool per_hour)
{
        const struct vg_zone *zone = view->zone;
        int outcome = VG_RATE_OUT_OF_CONTRACT;

        for (int64_t at_s = from_s; at_s < to_s;) {
                const struct vg_date tomorrow = vg_date_add_days(vg_zone_date(zone, at_s), 1);
                const int64_t next_s = vg_zone_midnight(zone, tomorrow);
                struct vg_line line;
                int r = vg_rate_place(view->contract, at_s, tenant, resource, at_s, &line);
                if (r == 0) {
                        line.quantity_micro =
                                per_hour ? micro * (next_s - at_s) / VG_HOUR_S : micro;
                        r = add_line(s, &line);
                        outcome = 0;
                } else if (r > 0) {
                        outcome = outcome ? r : 0;
                        r = 0;
                }
                if (r < 0)
                        return r;
                at_s = next_s;
        }
        return outcome;
}

struct opening {
        const struct cli_view *view;
        struct simulation *simulation;
};

static int add_open(void *ctx, const struct store_usage *row)
{
        const struct opening *o = ctx;
        struct vg_line line;
        int r = vg_rate_place(o->view->contract, row->start_s, row->tenant, row->resource,
                              o->view->now_s, &line);

        if (r != 0)
                return r < 0 ? r : 0;
        line.quantity_micro = row->micro;
        return add_line(o->simulation, &line);
}

int simulation_open(const struct cli_view *view, struct simulation *s, struct vg_err *err)
{
        struct opening opening = { view, s };
        int64_t at_s;

        return store_open_usage_each(view->store, &at_s, add_open, &opening, err);
}

struct going_on {
        const struct cli_view *view;
        struct simulation *simulation;
        int64_t end_s;
};

static int add_mean(void *ctx, const struct store_sum *sum)
{
        const struct going_on *g = ctx;
        int r = fill_days(g->view, g->simulation, sum->tenant, sum->resource, g->simulation->from_s,
                          g->end_s, (vg_i128)sum->micro / g->simulation->basis_days, false);

        return r < 0 ? r : 0; /* what has no price is no charge in days to come either */
}

static void begin(const struct cli_view *view, struct simulation *s)
{
        s->from_s = vg_zone_midnight(view->zone,
                                     vg_date_add_days(vg_zone_date(view->zone, view->now_s), 1));
}

int simulation_go_on(const struct cli_view *view, struct simulation *s, struct vg_err *err)
{
        const struct vg_date today = vg_zone_date(view->zone, view->now_s);
        const int64_t today_s = vg_zone_midnight(view->zone, today);
        const int64_t since = vg_days_from_civil(today) - vg_days_from_civil(view->contract->start);
        struct going_on g = { view, s, vg_contract_end_at(view->contract, view->now_s)->value };

        begin(view, s);
        s->basis_days = since < SIMULATION_BASIS_DAYS ? (int)since : SIMULATION_BASIS_DAYS;
        if (s->basis_days <= 0) {
                s->basis_days = 0;
                return 0;
        }
        const int64_t edges[] = {
                vg_zone_midnight(view->zone, vg_date_add_days(today, -s->basis_days)),
                today_s,
        };
        const struct store_usage_query query = { .from_s = edges[0], .to_s = edges[1] };
        return store_usage_sum(view->store, &query, edges, 2, add_mean, &g, err);
}

int simulation_add(const struct cli_view *view, const struct plan_row *row, struct simulation *s,
                   struct vg_err *err)
{
        const struct vg_price *price = vg_contract_price_of(view->contract, row->resource);
        int64_t from_s = vg_zone_midnight(view->zone, row->from);
        const int64_t to_s = vg_zone_midnight(view->zone, vg_date_add_days(row->to, 1));
        const bool per_hour = price && price->unit != VG_UNIT_GB && price->unit != VG_UNIT_EACH;

        begin(view, s);
        if (from_s < s->from_s)
                from_s = s->from_s;
        int r = price ? fill_days(view, s, row->tenant, row->resource, from_s, to_s, row->micro,
                                  per_hour)
                      : VG_RATE_UNPRICED;
        if (r == VG_RATE_UNPRICED)
                return vg_err_set(err, -EINVAL, "%s n'a pas de prix au contrat", row->resource);
        if (r == VG_RATE_OUT_OF_CONTRACT)
                return vg_err_set(err, -EINVAL, "%s : hors de la durée du contrat, ou déjà passé",
                                  row->resource);
        return r;
}
