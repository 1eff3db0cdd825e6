/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/closing.h"

#include <errno.h>
#include <stdio.h>

#include "keeper/keeper.h"
#include "keeper/open-usage.h"
#include "keeper/records.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static const char memory_name[] = "unlooked"; /* from when on intervals wait for a look, decimal */

enum { RETRY_S = 5, SEEN_KEPT_S = 7 * VG_DAY_S, CATCH_UP_MOST_S = 3660 * VG_DAY_S };

bool closing_waits(const struct closing_view *v)
{
        return v->observed_utc_s < v->now_utc_s - v->grace_s && v->quiet_s < v->grace_s;
}

int64_t closing_upto(const struct closing_view *v)
{
        const int64_t upto = closing_waits(v) ? v->observed_utc_s : v->now_utc_s - v->grace_s;

        return vg_floor_div(upto, v->interval_s) * v->interval_s;
}

struct closing_view closing_view_of(const struct keeper *k, const struct vg_now *now)
{
        const struct meter *m = &k->meter;

        return (struct closing_view){
                .now_utc_s = vg_floor_div(now->at_utc_ns, VG_NS_PER_S),
                .observed_utc_s = m->observed_utc_ns == INT64_MIN
                                          ? INT64_MIN / 2
                                          : vg_floor_div(m->observed_utc_ns, VG_NS_PER_S),
                .closed_until_s = vg_book_closed_until(m->book),
                .interval_s = k->closing.interval_s,
                .grace_s = k->settings->close_grace_s,
                .quiet_s = (int64_t)((now->at_boot_ns - m->heard_boot_ns) / VG_NS_PER_S),
        };
}

/* What goes with the records of closed intervals, in their transaction. */
static int settle_book(struct keeper *k, const struct vg_now *now, struct vg_err *err)
{
        int r = meter_snapshot(&k->meter, now->at_utc_ns, err);

        if (r == 0)
                r = open_usage_put(k, now, err);
        if (r == 0)
                r = store_seen_purge(k->store, now->at_utc_ns - SEEN_KEPT_S * VG_NS_PER_S, err);
        return r;
}

int closing_remember(struct keeper *k, int64_t look_from_s, int64_t utc_ns, struct vg_err *err)
{
        char text[32];
        const int n = snprintf(text, sizeof(text), "%lld", (long long)look_from_s);

        return store_memory_put(k->store, memory_name, utc_ns, text, (size_t)n, err);
}

int closing_init(struct keeper *k, struct vg_err *err)
{
        struct closing *c = &k->closing;
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r = store_memory_get(k->store, memory_name, &text, &n, err);

        c->owes_look = r == 0 && vg_i64_parse(text, &c->look_from_s) == 0 &&
                       c->look_from_s < vg_book_closed_until(k->meter.book);
        return r < 0 ? r : 0;
}

/* One transaction: the records of at most VG_BOOK_CLOSE_MAX intervals, the snapshot after them, and
 * that they are still to be looked at: after a crash they are. */
static int close_some(struct keeper *k, int64_t upto_s, int64_t look_from_s,
                      const struct vg_now *now, struct vg_err *err)
{
        struct records records = { .keeper = k, .utc_ns = now->at_utc_ns };
        const struct vg_book_sink sink = { records_usage, records_interval, &records };
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        const int more = vg_book_close(k->meter.book, upto_s, &sink, err);
        if (more < 0) { /* the book is as it was */
                store_rollback(k->store);
                return more;
        }
        r = records_usage_end(&records, err);
        if (r == 0)
                r = settle_book(k, now, err);
        if (r == 0)
                r = closing_remember(k, look_from_s, now->at_utc_ns, err);
        r = keeper_finish(k, r, err);
        if (r < 0)
                keeper_reload_meter(k);
        return r < 0 ? r : more;
}

static int snapshot(struct keeper *k, const struct vg_now *now, struct vg_err *err)
{
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        r = keeper_finish(k, meter_snapshot(&k->meter, now->at_utc_ns, err), err);
        if (r < 0)
                keeper_reload_meter(k);
        return r;
}

static int forget(struct keeper *k, struct vg_err *err)
{
        int r = store_begin(k->store, err);

        return r < 0 ? r : keeper_finish(k, meter_forget(&k->meter, err), err);
}

static void report(struct keeper *k, int r, const struct vg_err *err)
{
        if (r < 0)
                keeper_store_failed(k, err);
        else
                keeper_store_works(k);
}

/* A wall clock that is years ahead would fill the ledger with empty intervals for ever: longer than
 * any ledger is kept, it is not believed. */
static bool is_absurd(struct closing *c, const struct closing_view *view)
{
        const bool absurd = view->now_utc_s - view->closed_until_s > CATCH_UP_MOST_S;

        if (absurd && !c->said_absurd)
                vg_log(LOG_ERR, "l'horloge est à plus de dix ans du dernier intervalle : rien "
                                "n'est inscrit tant qu'elle y reste");
        c->said_absurd = absurd;
        return absurd;
}

static void close_what_is_due(struct keeper *k, const struct vg_now *now)
{
        const struct closing_view view = closing_view_of(k, now);
        const int64_t upto = closing_upto(&view);
        struct closing *c = &k->closing;
        struct vg_err err = { 0 };

        if (view.closed_until_s == INT64_MIN || upto == c->tried_s ||
            now->at_boot_ns < c->retry_boot_ns || is_absurd(c, &view))
                return;
        const int64_t look_from_s = c->owes_look ? c->look_from_s : view.closed_until_s;
        int r = close_some(k, upto, look_from_s, now, &err);
        if (r == 0)
                c->tried_s = upto;
        if (r < 0) {
                c->retry_boot_ns = now->at_boot_ns + RETRY_S * (uint64_t)VG_NS_PER_S;
        } else {
                c->owes_look = true;
                c->look_from_s = look_from_s;
        }
        report(k, r, &err);
}

void closing_look(struct keeper *k)
{
        if (k->closing.owes_look)
                watch_closed(k, k->closing.look_from_s, vg_book_closed_until(k->meter.book));
        k->closing.owes_look = false;
}

void closing_tick(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };

        closing_look(k);
        if (k->meter.holds_inbox)
                report(k, forget(k, &err), &err);
        close_what_is_due(k, &now);
        if (meter_wants_snapshot(&k->meter, now.at_boot_ns))
                report(k, snapshot(k, &now, &err), &err);
        if (open_usage_is_due(k, &now))
                report(k, open_usage_write(k, &now, &err), &err);
}
