/* SPDX-License-Identifier: Apache-2.0 */

/* map: whose each domain is, from when, and what an act on the register map moves. */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"

#include "room.h"

static struct vg_tenant_rules rules_of(const struct vg_book *book)
{
        return (struct vg_tenant_rules){ book->rows, book->n_rows, book->options.name_pattern };
}

/* Tenures that ended before the oldest reading can cut nothing any more. */
static void tenures_prune(const struct vg_book *book, struct domain *d)
{
        uint64_t oldest = book->born.boot_ns; /* where a new run may count from */
        uint32_t n = 0;

        if (d->epoch == book->epoch)
                oldest = d->counted.boot_ns;
        for (uint32_t i = 0; i < d->n_slots; i++)
                if (d->slots[i].based && d->slots[i].at.boot_ns < oldest)
                        oldest = d->slots[i].at.boot_ns;
        while (n + 1 < d->n_tenures && d->tenures[n + 1].since_boot_ns <= oldest)
                n++;
        if (d->n_tenures - n == TENURES_MAX)
                n++;
        memmove(d->tenures, d->tenures + n, (d->n_tenures - n) * sizeof(*d->tenures));
        d->n_tenures -= n;
}

void tenure_set(struct vg_book *book, struct domain *d, struct tenant *tenant, uint64_t boot_ns)
{
        if (d->n_tenures)
                tenures_prune(book, d);
        while (d->n_tenures && d->tenures[d->n_tenures - 1].since_boot_ns >= boot_ns)
                d->n_tenures--;
        d->tenant = tenant;
        if (d->n_tenures && d->tenures[d->n_tenures - 1].tenant == tenant)
                return;

        struct tenure *tenures = grow(book, d->tenures, d->n_tenures, sizeof(*tenures));
        if (!tenures)
                return;
        d->tenures = tenures;
        tenures[d->n_tenures++] = (struct tenure){ boot_ns, tenant };
}

static void give(struct vg_book *book, struct domain *d, struct tenant *tenant, struct vg_stamp at,
                 uint64_t since_boot_ns)
{
        if (tenant == d->tenant && d->n_tenures)
                return;

        /* Storage that nobody else uses changes hands with the tenure, like all the rest. */
        bool shared = false;
        for (uint32_t i = 0; i < d->n_disks; i++)
                shared |= d->disks[i].store->n_users > 1;
        if (shared) {
                settle(book, d, at);
                disks_leave(book, d, at);
        }
        tenure_set(book, d, tenant, since_boot_ns);
        if (shared)
                disks_enter(book, d, at);
}

static struct tenant *judge(struct vg_book *book, struct domain *d, int64_t utc_s)
{
        const struct vg_identity who = domain_identity(d);
        const struct vg_tenant_rules rules = rules_of(book);
        struct vg_attribution attribution;

        vg_tenant_attribute(&who, &rules, utc_s, &attribution);
        d->by = attribution.by;
        d->hostile = attribution.hostile;
        return tenant_intern(book, attribution.tenant);
}

void attribute(struct vg_book *book, struct domain *d, struct vg_stamp at)
{
        /* What the domain did before we knew it was its first tenant's. */
        const uint64_t since_boot_ns = d->n_tenures ? at.boot_ns : 0;

        give(book, d, judge(book, d, vg_floor_div(at.utc_ns, VG_NS_PER_S)), at, since_boot_ns);
}

void map_window(struct vg_book *book, int64_t utc_s)
{
        const struct vg_tenant_rules rules = rules_of(book);

        book->map_from_s = INT64_MIN;
        for (size_t i = 0; i < book->n_rows; i++)
                if (book->rows[i].from_utc_s <= utc_s &&
                    book->rows[i].from_utc_s > book->map_from_s)
                        book->map_from_s = book->rows[i].from_utc_s;
        book->map_until_s = vg_tenant_next_change(&rules, utc_s);
}

static void judge_all(struct vg_book *book, struct vg_stamp at)
{
        for (int v = 0; v < 2; v++) {
                struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++)
                        if (domain_of(table, i)->state != VG_DOMAIN_GONE)
                                attribute(book, domain_of(table, i), at);
        }
        map_window(book, vg_floor_div(at.utc_ns, VG_NS_PER_S));
}

void map_cross(struct vg_book *book, struct vg_stamp at)
{
        int64_t utc_s = vg_floor_div(at.utc_ns, VG_NS_PER_S);

        /* Each date in between has its instant, unless the clock was stepped over it. */
        while (utc_s >= book->map_until_s && place_steady(book->heard, at) &&
               at.boot_ns > book->heard.boot_ns) {
                const int64_t date_ns = book->map_until_s * VG_NS_PER_S;
                struct vg_stamp then = { place_boot_at(book->heard, at, date_ns), date_ns };
                judge_all(book, then);
        }
        if (utc_s < book->map_from_s || utc_s >= book->map_until_s)
                judge_all(book, at);
}

static bool same_row(const struct vg_tenant_row *a, const struct vg_tenant_row *b)
{
        return a && a->by == b->by && a->from_utc_s == b->from_utc_s &&
               strcmp(a->value, b->value) == 0 && strcmp(a->tenant, b->tenant) == 0;
}

/* Where a row that is new decides about an interval from its start, the amounts move to its tenant.
 * NULL: they stay. */
static struct tenant *mover(struct vg_book *book, const struct domain *d, const struct cell *cell,
                            const struct vg_tenant_rules *before,
                            const struct vg_tenant_rules *after)
{
        const struct vg_identity who = cell_identity(d, cell);
        const int64_t until_s = cell->start_s + place_interval_s(book, cell->start_s);
        struct vg_attribution was, is;

        vg_tenant_attribute(&who, before, cell->start_s, &was);
        vg_tenant_attribute(&who, after, cell->start_s, &is);
        if (!is.row || same_row(was.row, is.row) ||
            !vg_tenant_moves(&who, after, is.row, cell->start_s, until_s, cell->tenant->id))
                return NULL;
        return tenant_intern(book, is.tenant);
}

static void move_cells(struct vg_book *book, struct domain *d, const struct vg_tenant_rules *before,
                       const struct vg_tenant_rules *after)
{
        for (uint32_t i = 0; i < d->n_cells;) {
                struct cell from = d->cells[i];
                struct tenant *to = mover(book, d, &from, before, after);

                if (!to || to == from.tenant) {
                        i++;
                        continue;
                }
                memmove(d->cells + i, d->cells + i + 1, (d->n_cells - i - 1) * sizeof(*d->cells));
                d->n_cells--;

                struct cell *cell = cell_at(book, d, from.start_s, to);
                if (!cell) {
                        seen_clear(book, &from);
                        return;
                }
                for (int k = 0; k < VG_N_RESOURCES; k++)
                        cell->amount[k] += from.amount[k];
                cell->present |= from.present;
                cell->restarted |= from.restarted;
                cell->gap |= from.gap;
                seen_move(book, &from, cell);
                /* It may have landed at i or behind it: it is its new tenant's, and stays. */
        }
}

static void move_domain(struct vg_book *book, struct domain *d,
                        const struct vg_tenant_rules *before, const struct vg_tenant_rules *after)
{
        const int64_t now_s = vg_floor_div(book->heard.utc_ns, VG_NS_PER_S);
        const struct vg_identity who = domain_identity(d);
        struct vg_attribution now;

        move_cells(book, d, before, after);
        if (d->state == VG_DOMAIN_GONE)
                return;
        vg_tenant_attribute(&who, after, now_s, &now);
        d->by = now.by;
        d->hostile = now.hostile;

        /* What a counter gained since its last reading moves from the row's date on. */
        uint64_t since_boot_ns = d->counted.boot_ns;
        if (now.row) {
                vg_i128 ago_ns =
                        (vg_i128)book->heard.utc_ns - (vg_i128)now.row->from_utc_s * VG_NS_PER_S;
                since_boot_ns = ago_ns < (vg_i128)book->heard.boot_ns
                                        ? book->heard.boot_ns - (uint64_t)ago_ns
                                        : 0;
        }
        give(book, d, tenant_intern(book, now.tenant), d->counted, since_boot_ns);
}

static struct vg_tenant_row *copy_rows(struct vg_book *book, const struct vg_tenant_row *rows,
                                       size_t n)
{
        struct vg_tenant_row *copy = calloc(n ? n : 1, sizeof(*copy));

        if (!copy)
                book->failed = true;
        for (size_t i = 0; copy && i < n; i++)
                copy[i] = (struct vg_tenant_row){ rows[i].by, copy_text(book, rows[i].value),
                                                  copy_text(book, rows[i].tenant),
                                                  rows[i].from_utc_s };
        return copy;
}

void rows_free(struct vg_tenant_row *rows, size_t n)
{
        for (size_t i = 0; rows && i < n; i++) {
                free((char *)rows[i].value);
                free((char *)rows[i].tenant);
        }
        free(rows);
}

int vg_book_set_map(struct vg_book *book, const struct vg_tenant_row *rows, size_t n_rows,
                    struct vg_err *err)
{
        if (n_rows > ROWS_MAX)
                return vg_err_set(err, -E2BIG, "registre : plus de %d lignes", ROWS_MAX);
        for (size_t i = 0; i < n_rows; i++)
                if (!vg_tenant_may_hold(rows[i].tenant) || rows[i].by >= VG_BY_NOBODY)
                        return vg_err_set(err, -EINVAL,
                                          "registre, ligne %zu : abonné « %s » invalide", i + 1,
                                          rows[i].tenant);

        struct vg_tenant_row *copy = copy_rows(book, rows, n_rows);
        if (book->failed) {
                rows_free(copy, n_rows);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }

        const struct vg_tenant_rules before = rules_of(book);
        book->rows = copy;
        book->n_rows = n_rows;
        const struct vg_tenant_rules after = rules_of(book);

        for (int v = 0; v < 2; v++) {
                struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++)
                        move_domain(book, domain_of(table, i), &before, &after);
        }
        map_window(book, vg_floor_div(book->heard.utc_ns, VG_NS_PER_S));
        rows_free((struct vg_tenant_row *)before.rows, before.n_rows);
        return book->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}
