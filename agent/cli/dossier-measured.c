/* SPDX-License-Identifier: Apache-2.0 */

/* The dossier's availability: what was measured, what was not, and what no record tells of. */

#include <errno.h>
#include <string.h>

#include "cli/dossier.h"
#include "store/statements.h"
#include "vigie/statement.h"

struct measured {
        json_t *availability;
        int64_t covered_s, expected_s, unrecorded_s, n_intervals;
        struct store_seen seen;
        size_t next; /* gap of seen */
};

static void measured_done(struct measured *m)
{
        store_seen_done(&m->seen);
}

static int take_interval(void *ctx, const struct store_interval *interval)
{
        struct measured *r = ctx;

        r->covered_s += interval->covered_s;
        r->expected_s += interval->length_s;
        r->n_intervals++;
        dossier_entry(r->availability, VG_LOG_CLIENT, interval->seq);
        return 0;
}

static json_t *add_gap(struct measured *r, int64_t from_s, int64_t to_s, const char *cause)
{
        json_t *gaps = json_object_get(r->availability, "gaps");
        json_t *row = json_object();

        dossier_time(row, "from", from_s);
        dossier_time(row, "to", to_s);
        json_object_set_new(row, "seconds", json_integer(to_s - from_s));
        dossier_text(row, "cause", cause);
        return json_array_append_new(gaps, row) < 0 ? NULL : row;
}

/* Those that begin before until_s. No record tells of them: they name none. */
static int add_unrecorded(struct measured *r, int64_t until_s)
{
        for (; r->next < r->seen.n_gaps && r->seen.gaps[r->next].from_s < until_s; r->next++) {
                const struct vg_statement_gap *gap = &r->seen.gaps[r->next];
                if (strcmp(gap->cause, "unrecorded") != 0)
                        continue;
                json_t *row = add_gap(r, gap->from_s, gap->to_s, gap->cause);
                if (!row)
                        return -ENOMEM;
                json_object_set_new(row, "entries", json_array());
                r->expected_s += gap->to_s - gap->from_s;
                r->unrecorded_s += gap->to_s - gap->from_s;
        }
        return 0;
}

static int take_gap(void *ctx, const struct store_gap *gap)
{
        struct measured *r = ctx;
        int s = add_unrecorded(r, gap->from_s);

        if (s < 0 || strcmp(gap->scope, "counters") == 0)
                return s;
        json_t *row = add_gap(r, gap->from_s, gap->to_s, gap->cause);
        if (!row)
                return -ENOMEM;
        dossier_entry(row, VG_LOG_CLIENT, gap->seq);
        return 0;
}

/* Of the contract's term alone can it be said that measurements should be there. */
static int read_seen(const struct cli_view *view, const struct dossier *d, struct measured *r,
                     struct vg_err *err)
{
        const int64_t start_s = view->contract->start_s;
        const int64_t end_s = vg_contract_end_at(view->contract, view->now_s)->value;
        const int64_t from_s = d->from_s > start_s ? d->from_s : start_s;
        const int64_t to_s = d->to_s < end_s ? d->to_s : end_s;

        return store_seen_read(view->store, from_s, to_s, cli_due_s(view), &r->seen, err);
}

int dossier_measured(const struct cli_view *view, struct dossier *d, struct vg_err *err)
{
        _cleanup_(measured_done) struct measured m = {
                .availability = json_object_get(d->tree, "availability"),
        };
        int r = store_interval_each(view->store, d->from_s, d->to_s, take_interval, &m, err);

        if (r == 0)
                r = read_seen(view, d, &m, err);
        if (r == 0)
                r = store_gap_each(view->store, d->from_s, d->to_s, take_gap, &m, err);
        if (r == 0)
                r = add_unrecorded(&m, INT64_MAX);
        json_object_set_new(m.availability, "covered_s", json_integer(m.covered_s));
        json_object_set_new(m.availability, "expected_s", json_integer(m.expected_s));
        json_object_set_new(m.availability, "intervals", json_integer(m.n_intervals));
        json_object_set_new(m.availability, "unrecorded_s", json_integer(m.unrecorded_s));
        return r;
}
