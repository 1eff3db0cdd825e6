/* SPDX-License-Identifier: Apache-2.0 */

/* confirm: until when the facts that we know are known to hold, and what happens when that is lost.
 *
 * Facts belong to an epoch. Whatever breaks the chain of confirmations (libvirt lost, the reader or
 * the host restarted, observations dropped) begins a new one: the spans of the old epoch end where
 * they were last settled, and a domain counts again from its next fact. A whole pass closes the
 * gap. */

#include "vigie/civil.h"

#include "room.h"

static void mark_all_lost(struct vg_book *book)
{
        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++) {
                        struct domain *d = domain_of(table, i);
                        if (d->epoch == book->epoch)
                                mark_quality(book, d, d->counted.utc_ns, span_resources,
                                             VG_QUALITY_GAP);
                }
        }
}

static void new_epoch(struct vg_book *book)
{
        mark_all_lost(book);
        book->epoch++;
        for (int v = 0; v < 2; v++)
                book->pass[v] = (struct pass){ .number = book->pass[v].number + 1 };
}

void lose(struct vg_book *book, enum cause cause, enum scope scope)
{
        const bool was_complete = book->complete;
        const struct vg_stamp last = was_complete ? book->covered : book->heard;

        new_epoch(book);
        if (was_complete)
                book->born = last;
        else if (book->hole.cause == cause && book->hole.scope == scope)
                return;
        else if (last.utc_ns > book->hole.from_utc_ns) { /* the reason for not looking changes */
                book->hole.to_utc_ns = last.utc_ns;
                gap_push(book, book->hole);
        }
        book->complete = false;
        book->hole = (struct gap){ last.utc_ns, 0, cause, scope };
}

void lose_boot(struct vg_book *book, struct vg_stamp at)
{
        lose(book, CAUSE_REBOOT, SCOPE_ALL);

        /* Whatever runs now began in this boot. */
        book->born = (struct vg_stamp){ 0, at.utc_ns - (int64_t)at.boot_ns };
        for (size_t i = 0; i < book->domains.n; i++) {
                struct domain *d = domain_of(&book->domains, i);
                run_end(book, d, at, false);
                d->n_tenures = 0;
                tenure_set(book, d, d->tenant, 0);
        }
        for (size_t i = 0; i < book->volumes.n; i++) {
                struct domain *d = domain_of(&book->volumes, i);
                d->n_tenures = 0;
                tenure_set(book, d, d->tenant, 0);
        }
}

void first_heard(struct vg_book *book, struct vg_stamp at)
{
        book->closed_s = place_start_s(book, at.utc_ns);
        book->hole = (struct gap){ book->closed_s * VG_NS_PER_S, 0, CAUSE_START, SCOPE_ALL };
        book->born = book->heard = book->spoke = at;
        map_window(book, vg_floor_div(at.utc_ns, VG_NS_PER_S));
}

void regain(struct vg_book *book, struct vg_stamp at)
{
        if (book->complete)
                return;
        book->hole.to_utc_ns = at.utc_ns;
        if (book->hole.from_utc_ns != at.utc_ns)
                gap_push(book, book->hole);
        book->complete = true;
        book->covered = book->spoke = at;
}

static void cover(struct vg_book *book, struct vg_stamp at)
{
        struct placing placing;
        struct piece piece;

        if (at.boot_ns <= book->covered.boot_ns)
                return;
        place_begin(&placing, book, book->covered, at);
        while (place_next(&placing, &piece)) {
                struct coverage *coverage = coverage_at(book, piece.start_s);
                if (coverage)
                        coverage->covered_ns += piece.covered_ns;
        }
        book->covered = at;
}

/* The reader was silent and is the same one as before: its facts stand, the time between does not
 * count. */
void resume(struct vg_book *book, struct vg_stamp at)
{
        if (book->complete) {
                gap_push(book,
                         (struct gap){ book->covered.utc_ns, at.utc_ns, CAUSE_SILENCE, SCOPE_ALL });
                book->covered = at;
        }
        book->spoke = at;
        mark_all_lost(book);
        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++) {
                        struct domain *d = domain_of(table, i);
                        d->counted = at;
                        d->reopened = true;
                }
        }
}

void confirm(struct vg_book *book, struct vg_stamp at)
{
        if (book->complete)
                cover(book, at);
        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++)
                        settle(book, domain_of(table, i), at);
        }
}
