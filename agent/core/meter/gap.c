/* SPDX-License-Identifier: Apache-2.0 */

/* gap: what was covered and what was not, and why. */

#include <errno.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/civil.h"

#include "room.h"

static const char *const causes[N_CAUSES] = {
#define VG_GAP_CAUSE(NAME, id, fr, en) [CAUSE_##NAME] = id,
#include "vigie/gap-causes.def"
};

static const char *const scopes[N_SCOPES] = { "all", "allocation", "counters" };

enum cause cause_find(const char *id, enum cause fallback)
{
        for (int i = 0; i < N_CAUSES; i++)
                if (strcmp(causes[i], id) == 0)
                        return (enum cause)i;
        return fallback;
}

const char *cause_id(enum cause cause)
{
        return causes[cause];
}

const char *scope_id(enum scope scope)
{
        return scopes[scope];
}

int scope_find(const char *id)
{
        for (int i = 0; i < N_SCOPES; i++)
                if (strcmp(scopes[i], id) == 0)
                        return i;
        return -ENOENT;
}

const char *vg_clock_name(enum vg_clock clock)
{
        static const char *const names[] = { "ok", "unsynchronised", "stepped" };

        return names[clock];
}

struct coverage *coverage_at(struct vg_book *book, int64_t start_s)
{
        size_t i = book->n_coverage;

        while (i > 0 && book->coverage[i - 1].start_s > start_s)
                i--;
        if (i > 0 && book->coverage[i - 1].start_s == start_s)
                return &book->coverage[i - 1];

        struct coverage *coverage = grow(book, book->coverage, book->n_coverage, sizeof(*coverage));
        if (!coverage)
                return NULL;
        book->coverage = coverage;
        memmove(coverage + i + 1, coverage + i, (book->n_coverage - i) * sizeof(*coverage));
        coverage[i] = (struct coverage){ .start_s = start_s };
        book->n_coverage++;
        return &coverage[i];
}

void clock_mark(struct vg_book *book, int64_t utc_ns, enum vg_clock clock)
{
        if (clock == VG_CLOCK_OK)
                return;

        struct coverage *coverage = coverage_at(book, place_start_s(book, utc_ns));
        if (coverage && coverage->clock < clock)
                coverage->clock = clock;
}

void gap_push(struct vg_book *book, struct gap gap)
{
        if (gap.to_utc_ns < gap.from_utc_ns) /* the clock was set back meanwhile */
                gap.to_utc_ns = gap.from_utc_ns;
        if (book->n_gaps == GAPS_MAX) {
                /* Thousands within some hours: the last one widens, so that nothing is hidden. */
                struct gap *last = &book->gaps[book->n_gaps - 1];
                last->scope = last->scope == gap.scope ? gap.scope : SCOPE_ALL;
                if (last->to_utc_ns < gap.to_utc_ns)
                        last->to_utc_ns = gap.to_utc_ns;
                if (last->from_utc_ns > gap.from_utc_ns)
                        last->from_utc_ns = gap.from_utc_ns;
                return;
        }

        struct gap *gaps = grow(book, book->gaps, book->n_gaps, sizeof(*gaps));
        if (!gaps)
                return;
        book->gaps = gaps;
        gaps[book->n_gaps++] = gap;
}

static int compare_gaps(const void *pa, const void *pb)
{
        const struct gap *a = pa, *b = pb;

        if (a->cause != b->cause)
                return a->cause < b->cause ? -1 : 1;
        if (a->scope != b->scope)
                return a->scope < b->scope ? -1 : 1;
        if (a->from_utc_ns != b->from_utc_ns)
                return a->from_utc_ns < b->from_utc_ns ? -1 : 1;
        return (a->to_utc_ns > b->to_utc_ns) - (a->to_utc_ns < b->to_utc_ns);
}

static int compare_shown(const void *pa, const void *pb)
{
        const struct vg_book_gap *a = pa, *b = pb;

        if (a->from_utc_s != b->from_utc_s)
                return a->from_utc_s < b->from_utc_s ? -1 : 1;
        if (a->to_utc_s != b->to_utc_s)
                return a->to_utc_s < b->to_utc_s ? -1 : 1;

        int order = strcmp(a->cause, b->cause);
        return order ? order : strcmp(a->scope, b->scope);
}

/* All gaps, those still open with them, that touch [start, end) ns. */
static size_t collect(const struct vg_book *book, int64_t start_ns, int64_t end_ns,
                      struct gap *ret_gaps)
{
        size_t n = 0;

#define TAKE(g)                                                          \
        do {                                                             \
                struct gap g_ = (g);                                     \
                if (g_.from_utc_ns < end_ns && g_.to_utc_ns >= start_ns) \
                        ret_gaps[n++] = g_;                              \
        } while (0)

        for (size_t i = 0; i < book->n_gaps; i++)
                TAKE(book->gaps[i]);
        if (book->boot_id && book->complete && book->covered.utc_ns < end_ns)
                TAKE(((struct gap){ book->covered.utc_ns, INT64_MAX, CAUSE_SILENCE, SCOPE_ALL }));
        if (book->boot_id && !book->complete)
                TAKE(((struct gap){ book->hole.from_utc_ns, INT64_MAX, book->hole.cause,
                                    book->hole.scope }));
        for (size_t i = 0; i < book->domains.n; i++) {
                const struct domain *d = domain_of(&book->domains, i);
                if (d->stuck_utc_ns)
                        TAKE(((struct gap){ d->stuck_utc_ns, INT64_MAX, CAUSE_STUCK,
                                            SCOPE_COUNTERS }));
        }
#undef TAKE
        return n;
}

struct vg_book_gap *gaps_within(const struct vg_book *book, int64_t start_s, int64_t end_s,
                                size_t *ret_n)
{
        const size_t most = book->n_gaps + book->domains.n + 2;
        struct gap *gaps = malloc(most * sizeof(*gaps));
        struct vg_book_gap *shown = malloc(most * sizeof(*shown));

        if (!gaps || !shown) {
                free(gaps);
                free(shown);
                return NULL;
        }

        size_t n = collect(book, start_s * VG_NS_PER_S, end_s * VG_NS_PER_S, gaps), n_shown = 0;
        qsort(gaps, n, sizeof(*gaps), compare_gaps);
        for (size_t i = 0; i < n;) {
                const struct gap first = gaps[i];
                int64_t to_ns = first.to_utc_ns;
                for (i++; i < n && gaps[i].cause == first.cause && gaps[i].scope == first.scope &&
                          gaps[i].from_utc_ns <= to_ns;
                     i++)
                        if (to_ns < gaps[i].to_utc_ns)
                                to_ns = gaps[i].to_utc_ns;

                int64_t from_s = vg_floor_div(first.from_utc_ns, VG_NS_PER_S);
                int64_t to_s = to_ns == INT64_MAX ? end_s : -vg_floor_div(-to_ns, VG_NS_PER_S);
                from_s = from_s < start_s ? start_s : from_s;
                to_s = to_s > end_s ? end_s : to_s;
                if (from_s < to_s || first.from_utc_ns >= start_s * VG_NS_PER_S)
                        shown[n_shown++] =
                                (struct vg_book_gap){ from_s, to_s > from_s ? to_s : from_s,
                                                      cause_id(first.cause),
                                                      scope_id(first.scope) };
        }
        free(gaps);
        qsort(shown, n_shown, sizeof(*shown), compare_shown);
        *ret_n = n_shown;
        return shown;
}
