/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/months.h"

#include <errno.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/months-tell.h"
#include "keeper/statement.h"
#include "os/files.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/rating.h"

enum { RETRY_S = 30, TELL_EVERY_S = 60, STEP_PATIENCE_S = 120 };

void months_changed(struct keeper *k)
{
        k->months.known = false;
}

/* ---- which month is next ---- */

struct next {
        struct keeper *keeper;
        struct vg_contract *contract; /* whose month it is */
        char digest[2 * VG_HASH_SIZE + 1];
        int32_t month;
        int64_t due_s, now_s;
        struct vg_err *err;
};

static void next_done(struct next *next)
{
        vg_contract_free(next->contract);
}

static int note_closed(void *ctx, const struct store_statement *statement)
{
        int32_t *open_month = ctx;

        if (statement->month >= *open_month)
                *open_month = statement->month + 1;
        return 0;
}

static bool is_of_term(const struct vg_contract *c, int32_t month)
{
        return vg_zone_month_start(c->zone, month) <
               vg_contract_end_at(c, vg_month_close_s(c, month))->value;
}

/* Whether statements of [month, to_month] have a line, as of an instant. */
static int has_lines(struct next *next, const struct vg_contract *c, int32_t month,
                     int32_t to_month, int64_t as_of_s, bool *ret_has)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        const struct store_bill query = { .contract = c, .as_of_s = as_of_s, .to_month = to_month };
        int r = store_bill_read(next->keeper->store, &query, &bill, next->err);

        *ret_has = false;
        for (size_t i = 0; r == 0 && i < bill->n_statements; i++)
                *ret_has |= bill->statements[i].month >= month &&
                            bill->statements[i].month <= to_month && bill->statements[i].n_lines;
        return r;
}

/* The first month from *month on that is to be closed, up to the one of now: one of the term; or one
 * after it, where a correction waits for it. */
static int find_wanted(struct next *next, const struct vg_contract *c, int32_t *month,
                       bool *ret_wanted)
{
        *ret_wanted = is_of_term(c, *month);
        if (*ret_wanted)
                return 0;
        int r = has_lines(next, c, *month, INT32_MAX, next->now_s, ret_wanted);
        if (r < 0 || !*ret_wanted)
                return r;
        do {
                const int64_t close_s = vg_month_close_s(c, *month);
                r = has_lines(next, c, *month, *month, close_s, ret_wanted);
                if (r < 0 || *ret_wanted || close_s > next->now_s)
                        return r;
        } while (++*month);
        return 0;
}

/* One that only adds to the contract in force may list no appliance: that one's then reports. */
static const char *reporter_of(const struct keeper *k, const struct vg_contract *c)
{
        const char *reporter = vg_contract_reporting_appliance(c);

        if (!reporter && c->improves_id && k->contract &&
            strcmp(c->improves_id, k->contract->id) == 0)
                reporter = vg_contract_reporting_appliance(k->contract);
        return reporter;
}

static int look_at(struct next *next, struct vg_contract **contract, const char *digest)
{
        struct keeper *k = next->keeper;
        const struct vg_contract *c = *contract;
        const char *reporter = reporter_of(k, c);
        int32_t month = vg_month_of(c->start);
        bool wanted;

        if (!reporter || strcmp(reporter, k->settings->appliance_id) != 0)
                return 0;
        int r = store_statement_each(k->store, c->id, note_closed, &month, next->err);
        if (r < 0)
                return r;
        r = find_wanted(next, c, &month, &wanted);
        if (r < 0 || !wanted || vg_month_close_s(c, month) >= next->due_s)
                return r;
        next->due_s = vg_month_close_s(c, month);
        next->month = month;
        snprintf(next->digest, sizeof(next->digest), "%s", digest);
        vg_contract_free(next->contract);
        next->contract = TAKE_PTR(*contract);
        return 0;
}

static int look_at_row(void *ctx, const struct store_contract *row)
{
        struct next *next = ctx;
        _cleanup_(vg_contract_freep) struct vg_contract *contract = NULL;
        struct vg_refusals refusals = { 0 };

        if (!row->current)
                return 0;
        int r = store_contract_read(next->keeper->store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &contract, &refusals, next->err);
        vg_refusals_done(&refusals);
        return r < 0 ? r : r == 0 ? look_at(next, &contract, row->digest) : 0;
}

static int find_next(struct keeper *k, int64_t now_s, struct next *next, struct vg_err *err)
{
        *next = (struct next){ .keeper = k, .due_s = INT64_MAX, .now_s = now_s, .err = err };

        int r = store_contract_each(k->store, look_at_row, next, err);
        if (r < 0)
                return r;
        k->months.due_s = next->due_s;
        k->months.known = true;
        return 0;
}

/* ---- closing it ---- */

/* All that was measured by then must be in the ledger; and a clock that has just jumped is given
 * time to jump back before a month is closed for good. */
static bool is_ripe(const struct keeper *k, const struct vg_now *now)
{
        const struct closing_view view = closing_view_of(k, now);
        const uint64_t stepped = k->watch.stepped_boot_ns;

        if (closing_waits(&view))
                return false;
        if (view.closed_until_s != INT64_MIN && view.closed_until_s < closing_upto(&view))
                return false;
        return !stepped || now->at_boot_ns > stepped + STEP_PATIENCE_S * (uint64_t)VG_NS_PER_S;
}

static int close_one(struct keeper *k, const struct vg_now *now, struct vg_err *err)
{
        _cleanup_(next_done) struct next next;
        const int64_t now_s = vg_floor_div(now->at_utc_ns, VG_NS_PER_S);
        int r = find_next(k, now_s, &next, err);

        if (r < 0 || next.due_s > now_s)
                return r;

        const struct statement_closing closing = {
                .contract = next.contract,
                .contract_digest = next.digest,
                .month = next.month,
                .utc_ns = now->at_utc_ns,
        };
        r = store_begin(k->store, err);
        if (r < 0)
                return r;
        r = keeper_finish(k, statement_close(k, &closing, err), err);
        if (r < 0)
                return r;
        months_changed(k);
        k->watch.wanted = true; /* shortfalls of the month are charged by now */
        return 1;
}

static void close_what_is_due(struct keeper *k, const struct vg_now *now)
{
        struct months *m = &k->months;
        struct vg_err err = { 0 };

        if (now->at_boot_ns < m->retry_boot_ns || !is_ripe(k, now))
                return;
        int r = close_one(k, now, &err);
        if (r < 0) {
                m->retry_boot_ns = now->at_boot_ns + RETRY_S * (uint64_t)VG_NS_PER_S;
                vg_log(LOG_ERR, "relevé du mois impossible à fermer, nouvel essai dans %d s : %s",
                       RETRY_S, vg_err_text(&err));
        }
        if (r > 0)
                m->told_boot_ns = 0;
}

void months_tick(struct keeper *k)
{
        struct months *m = &k->months;
        const struct vg_now now = vg_clock_now();

        if (!m->known || vg_floor_div(now.at_utc_ns, VG_NS_PER_S) >= m->due_s)
                close_what_is_due(k, &now);
        if (!m->told_boot_ns ||
            now.at_boot_ns >= m->told_boot_ns + TELL_EVERY_S * (uint64_t)VG_NS_PER_S) {
                m->told_boot_ns = now.at_boot_ns;
                months_tell(k, now.at_utc_ns);
        }
}
