/* SPDX-License-Identifier: Apache-2.0 */

/* seen: which disks the block storage of a cell is of, and from when to when, in whole seconds of the
 * interval: what another host sees of the same disk at the same moment is the same use. */

#include <string.h>

#include "vigie/civil.h"

#include "room.h"

/* NULL: the cell has none of that store. */
static struct seen *last_of(const struct cell *cell, const struct store *store)
{
        for (uint32_t i = cell->n_seen; i > 0; i--)
                if (cell->seen[i - 1].store == store)
                        return &cell->seen[i - 1];
        return NULL;
}

void seen_add(struct vg_book *book, struct cell *cell, struct store *store, struct seen seen)
{
        struct seen *last = last_of(cell, store);

        if (last && last->kib == seen.kib && last->to_s == seen.from_s) {
                last->to_s = seen.to_s;
                return;
        }
        if (cell->n_seen >= SEEN_MAX) { /* a flapping host: its stretches run together */
                if (last && last->to_s < seen.to_s)
                        last->to_s = seen.to_s;
                return;
        }

        struct seen *all = grow(book, cell->seen, cell->n_seen, sizeof(*all));
        if (!all)
                return;
        cell->seen = all;
        seen.store = store;
        all[cell->n_seen++] = seen;
        store->n_seen++;
}

static int32_t second_of(const struct vg_book *book, const struct cell *cell, int64_t utc_ns)
{
        const int64_t s = vg_floor_div(utc_ns + VG_NS_PER_S / 2, VG_NS_PER_S) - cell->start_s;
        const int32_t interval_s = place_interval_s(book, cell->start_s);

        return s < 0 ? 0 : s > interval_s ? interval_s : (int32_t)s;
}

void seen_all(struct vg_book *book, struct cell *cell, const struct domain *d, int64_t from_utc_ns,
              int64_t to_utc_ns)
{
        struct seen seen = { 0 };

        if (!cell)
                return;
        seen.from_s = second_of(book, cell, from_utc_ns);
        seen.to_s = second_of(book, cell, to_utc_ns);
        if (seen.from_s >= seen.to_s)
                return;
        for (uint32_t i = 0; i < d->n_disks; i++) {
                seen.kib = (int64_t)d->disks[i].capacity_kib;
                if (d->disks[i].counted && seen.kib)
                        seen_add(book, cell, d->disks[i].store, seen);
        }
}

void seen_move(struct vg_book *book, struct cell *from, struct cell *to)
{
        for (uint32_t i = 0; i < from->n_seen; i++)
                seen_add(book, to, from->seen[i].store, from->seen[i]);
        seen_clear(book, from);
}

void seen_clear(struct vg_book *book, struct cell *cell)
{
        for (uint32_t i = 0; i < cell->n_seen; i++) {
                struct store *store = cell->seen[i].store;
                store->n_seen--;
                store_drop(book, store);
        }
        free(cell->seen);
        cell->seen = NULL;
        cell->n_seen = 0;
}

static int compare_seen(const void *pa, const void *pb)
{
        const struct vg_disk_seen *a = pa, *b = pb;
        int order = strcmp(a->key, b->key);

        order = order ? order : (a->from_s > b->from_s) - (a->from_s < b->from_s);
        return order ? order : (a->to_s > b->to_s) - (a->to_s < b->to_s);
}

void seen_list(const struct cell *cell, struct vg_disk_seen *list)
{
        for (uint32_t i = 0; i < cell->n_seen; i++)
                list[i] = (struct vg_disk_seen){ cell->seen[i].store->key, cell->seen[i].from_s,
                                                 cell->seen[i].to_s, cell->seen[i].kib };
        if (cell->n_seen)
                qsort(list, cell->n_seen, sizeof(*list), compare_seen);
}
