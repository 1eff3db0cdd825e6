/* SPDX-License-Identifier: Apache-2.0 */

/* close: what the book holds, interval by interval, as entries for the ledger. */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

#include "room.h"

struct ref { /* one cell and whose it is */
        const struct cell *cell;
        const struct domain *domain;
};

struct closing {
        struct vg_book *book;
        const struct vg_book_sink *sink;
        struct ref *refs; /* sorted by start, tenant, then domain */
        size_t n_refs, at;
        struct vg_usage_line *lines;
        struct vg_disk_seen *disks; /* of the entry's lines */
        struct vg_err *err;
};

static int compare_refs(const void *pa, const void *pb)
{
        const struct ref *a = pa, *b = pb;

        if (a->cell->start_s != b->cell->start_s)
                return a->cell->start_s < b->cell->start_s ? -1 : 1;

        int order = strcmp(a->cell->tenant->id, b->cell->tenant->id);
        if (order)
                return order;
        if (a->domain->volume != b->domain->volume)
                return a->domain->volume ? -1 : 1; /* their uuid is "" */
        if (a->domain->volume)
                order = strcmp(a->domain->name ? a->domain->name : "",
                               b->domain->name ? b->domain->name : "");
        return order ? order : strcmp(a->domain->id, b->domain->id);
}

static int collect(struct closing *c, int64_t before_s)
{
        size_t n = 0, n_seen = 0;

        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(c->book, v);
                for (size_t i = 0; i < table->n; i++) {
                        const struct domain *d = domain_of(table, i);
                        n += d->n_cells;
                        for (uint32_t k = 0; k < d->n_cells; k++)
                                n_seen += d->cells[k].n_seen;
                }
        }
        c->refs = malloc((n ? n : 1) * sizeof(*c->refs));
        c->lines = malloc((n ? n : 1) * sizeof(*c->lines));
        c->disks = malloc((n_seen ? n_seen : 1) * sizeof(*c->disks));
        if (!c->refs || !c->lines || !c->disks)
                return vg_err_set(c->err, -ENOMEM, "mémoire épuisée");
        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(c->book, v);
                for (size_t i = 0; i < table->n; i++) {
                        const struct domain *d = domain_of(table, i);
                        for (uint32_t k = 0; k < d->n_cells; k++)
                                if (d->cells[k].present && d->cells[k].start_s < before_s)
                                        c->refs[c->n_refs++] = (struct ref){ &d->cells[k], d };
                }
        }
        qsort(c->refs, c->n_refs, sizeof(*c->refs), compare_refs);
        return 0;
}

static const char *lawful(const char *hint)
{
        return hint && vg_tenant_id_valid(hint) ? hint : NULL;
}

static void fill_line(struct vg_usage_line *line, const struct ref *ref, struct vg_disk_seen *disks)
{
        const struct vg_identity who = cell_identity(ref->domain, ref->cell);

        line->uuid = who.uuid;
        line->name = who.name;
        line->hints = (struct vg_hints){ lawful(who.hints.metadata), lawful(who.hints.nova),
                                         lawful(who.hints.opennebula), lawful(who.hints.kubevirt) };
        memcpy(line->base, ref->cell->amount, sizeof(line->base));
        line->present = ref->cell->present;
        line->disks = disks;
        line->n_disks = ref->cell->n_seen;
        seen_list(ref->cell, disks);
}

static void add_total(struct vg_usage_entry *entry, const struct cell *cell)
{
        entry->present |= cell->present;
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                struct vg_usage_total *total = &entry->total[r];
                enum vg_quality quality = VG_QUALITY_WHOLE;

                total->base += cell->amount[r];
                if (cell->restarted >> r & 1)
                        quality = VG_QUALITY_RESTARTED;
                if (cell->gap >> r & 1)
                        quality = VG_QUALITY_GAP;
                if (total->quality < quality)
                        total->quality = quality;
        }
}

static enum vg_clock clock_of(const struct vg_book *book, int64_t start_s)
{
        for (size_t i = 0; i < book->n_coverage; i++)
                if (book->coverage[i].start_s == start_s)
                        return book->coverage[i].clock;
        return VG_CLOCK_OK;
}

/* All lines of one interval and tenant, from c->at on. */
static int emit_usage(struct closing *c, bool late)
{
        const struct cell *first = c->refs[c->at].cell;
        struct tenant *tenant = first->tenant;
        struct vg_usage_entry entry = {
                .start_s = first->start_s,
                .interval_s = place_interval_s(c->book, first->start_s),
                .late = late,
                .clock = clock_of(c->book, first->start_s),
                .tenant = tenant->id,
                .lines = c->lines,
        };
        size_t n_seen = 0;

        for (; c->at < c->n_refs && c->refs[c->at].cell->start_s == entry.start_s &&
               c->refs[c->at].cell->tenant == tenant;
             c->at++) {
                fill_line(&c->lines[entry.n_lines++], &c->refs[c->at], c->disks + n_seen);
                n_seen += c->refs[c->at].cell->n_seen;
                add_total(&entry, c->refs[c->at].cell);
        }
        for (int r = 0; r < VG_N_RESOURCES; r++)
                if (entry.present >> r & 1)
                        entry.total[r].micro = vg_resource_micro(
                                (enum vg_resource)r, entry.total[r].base, &tenant->carry[r]);
        return c->sink->usage(c->sink->user, &entry, c->err);
}

static int32_t whole_seconds(int64_t covered_ns, int32_t interval_s)
{
        int64_t s = (covered_ns + VG_NS_PER_S / 2) / VG_NS_PER_S;

        if (covered_ns > 0 && s == 0)
                s = 1; /* measured, be it briefly */
        return s > interval_s ? interval_s : (int32_t)s;
}

static int emit_interval(struct closing *c, int64_t start_s)
{
        const struct vg_book *book = c->book;
        struct vg_interval_entry entry = {
                .start_s = start_s,
                .interval_s = place_interval_s(book, start_s),
                .clock = clock_of(book, start_s),
        };
        _cleanup_free_ struct vg_book_gap *gaps =
                gaps_within(book, start_s, start_s + entry.interval_s, &entry.n_gaps);

        if (!gaps)
                return vg_err_set(c->err, -ENOMEM, "mémoire épuisée");
        entry.gaps = gaps;
        for (size_t i = 0; i < book->n_coverage; i++)
                if (book->coverage[i].start_s == start_s)
                        entry.covered_s =
                                whole_seconds(book->coverage[i].covered_ns, entry.interval_s);
        return c->sink->interval(c->sink->user, &entry, c->err);
}

/* Of intervals closed before: amounts, then time covered after all. */
static int emit_late(struct closing *c)
{
        const struct vg_book *book = c->book;
        int r = 0;

        while (r >= 0 && c->at < c->n_refs && c->refs[c->at].cell->start_s < book->closed_s)
                r = emit_usage(c, true);
        for (size_t i = 0; r >= 0 && i < book->n_coverage; i++) {
                const struct coverage *coverage = &book->coverage[i];
                if (coverage->start_s >= book->closed_s || coverage->covered_ns <= 0)
                        continue;
                struct vg_interval_entry entry = {
                        .start_s = coverage->start_s,
                        .interval_s = place_interval_s(book, coverage->start_s),
                        .late = true,
                        .clock = coverage->clock,
                };
                entry.covered_s = whole_seconds(coverage->covered_ns, entry.interval_s);
                r = c->sink->interval(c->sink->user, &entry, c->err);
        }
        return r;
}

static void drop_cells(struct vg_book *book, int64_t before_s)
{
        for (int v = 0; v < 2; v++) {
                struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n;) {
                        struct domain *d = domain_of(table, i);
                        uint32_t n = 0;
                        while (n < d->n_cells && d->cells[n].start_s < before_s)
                                seen_clear(book, &d->cells[n++]);
                        if (n)
                                memmove(d->cells, d->cells + n,
                                        (d->n_cells - n) * sizeof(*d->cells));
                        d->n_cells -= n;
                        if (d->state != VG_DOMAIN_GONE || d->n_cells) {
                                i++;
                                continue;
                        }
                        table_remove(table, d->id);
                        domain_free(book, d);
                }
        }
}

static void forget(struct vg_book *book, int64_t before_s)
{
        size_t n = 0;

        drop_cells(book, before_s);
        for (size_t i = 0; i < book->n_coverage; i++)
                if (book->coverage[i].start_s >= before_s)
                        book->coverage[n++] = book->coverage[i];
        book->n_coverage = n;

        n = 0;
        for (size_t i = 0; i < book->n_gaps; i++)
                if (book->gaps[i].to_utc_ns >= before_s * VG_NS_PER_S)
                        book->gaps[n++] = book->gaps[i];
        book->n_gaps = n;
}

/* Rounding changes what tenants carry: kept aside, so that a sink that fails changes nothing. */
static vg_i128 *copy_carries(const struct vg_book *book)
{
        const size_t size = sizeof(((struct tenant *)0)->carry);
        vg_i128 *carries = malloc(book->tenants.n * size);

        for (size_t i = 0; carries && i < book->tenants.n; i++)
                memcpy(carries + i * VG_N_RESOURCES, ((struct tenant *)book->tenants.at[i])->carry,
                       size);
        return carries;
}

static void restore_carries(struct vg_book *book, const vg_i128 *carries)
{
        for (size_t i = 0; i < book->tenants.n; i++)
                memcpy(((struct tenant *)book->tenants.at[i])->carry, carries + i * VG_N_RESOURCES,
                       sizeof(((struct tenant *)0)->carry));
}

/* Intervals from closed_s on that end by `upto`; *ret_until: end of the last. */
static int emit_closed(struct closing *c, int64_t upto_s, int64_t *ret_until)
{
        int64_t start_s = c->book->closed_s;
        int r = emit_late(c), n = 0;

        while (r >= 0 && n < VG_BOOK_CLOSE_MAX) {
                const int32_t interval_s = place_interval_s(c->book, start_s);
                if (start_s + interval_s > upto_s)
                        break;
                while (r >= 0 && c->at < c->n_refs &&
                       c->refs[c->at].cell->start_s < start_s + interval_s)
                        r = emit_usage(c, false);
                if (r >= 0)
                        r = emit_interval(c, start_s);
                start_s += interval_s;
                n++;
        }
        *ret_until = start_s;
        return r < 0 ? r : n == VG_BOOK_CLOSE_MAX ? VG_BOOK_MORE : 0;
}

int vg_book_close(struct vg_book *book, int64_t upto_utc_s, const struct vg_book_sink *sink,
                  struct vg_err *err)
{
        struct closing c = { .book = book, .sink = sink, .err = err };
        int64_t until_s = book->closed_s;

        if (book->closed_s == INT64_MIN)
                return 0;
        if (upto_utc_s > UTC_NS_MAX / VG_NS_PER_S)
                return vg_err_set(err, -EINVAL, "clôture hors des bornes du temps");

        _cleanup_free_ vg_i128 *carries = copy_carries(book);
        /* What is late goes out whatever `upto` is. */
        int r = carries ? collect(&c, upto_utc_s > book->closed_s ? upto_utc_s : book->closed_s)
                        : vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r == 0)
                r = emit_closed(&c, upto_utc_s, &until_s);
        free(c.refs);
        free(c.lines);
        free(c.disks);
        if (r < 0) {
                if (carries)
                        restore_carries(book, carries);
                return r;
        }
        book->closed_s = until_s;
        forget(book, until_s);
        return r;
}

int vg_book_open(struct vg_book *book, const struct vg_book_sink *sink, struct vg_err *err)
{
        struct closing c = { .book = book, .sink = sink, .err = err };

        if (book->closed_s == INT64_MIN)
                return 0;

        _cleanup_free_ vg_i128 *carries = copy_carries(book);
        int r = carries ? collect(&c, INT64_MAX) : vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r == 0)
                r = emit_late(&c);
        while (r >= 0 && c.at < c.n_refs)
                r = emit_usage(&c, false);
        for (size_t i = 0; r >= 0 && i < book->n_coverage; i++)
                if (book->coverage[i].start_s >= book->closed_s)
                        r = emit_interval(&c, book->coverage[i].start_s);
        free(c.refs);
        free(c.lines);
        free(c.disks);
        if (carries)
                restore_carries(book, carries);
        return r < 0 ? r : 0;
}
