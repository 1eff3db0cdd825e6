/* SPDX-License-Identifier: Apache-2.0 */

/* disk: each storage key counts once for each tenant that can write to it, on the line of its first
 * domain; a volume counts only while no domain uses it. */

#include <string.h>

#include "room.h"

/* Domains before volumes, then by tenant, then by id. */
static int compare_users(const struct domain *a, const struct domain *b)
{
        if (a->volume != b->volume)
                return a->volume ? 1 : -1;

        int order = strcmp(a->tenant->id, b->tenant->id);
        return order ? order : strcmp(a->id, b->id);
}

static void set_counted(struct vg_book *book, struct domain *d, const struct store *store,
                        bool counted, struct vg_stamp at)
{
        bool seen = false;

        for (uint32_t i = 0; i < d->n_disks; i++) {
                struct disk *disk = &d->disks[i];
                /* One file behind two disks of a domain is one file. */
                const bool now = counted && !seen;
                if (disk->store != store)
                        continue;
                seen = true;
                if (disk->counted == now)
                        continue;
                settle(book, d, at);
                d->block_kib =
                        now ? d->block_kib + disk->capacity_kib : d->block_kib - disk->capacity_kib;
                disk->counted = now;
        }
}

static void elect(struct vg_book *book, struct store *store, struct vg_stamp at)
{
        for (size_t i = 0; i < store->n_users; i++) {
                const struct domain *before = i ? store->users[i - 1] : NULL;
                struct domain *d = store->users[i];
                const bool first = !before || (!d->volume && before->tenant != d->tenant);

                set_counted(book, d, store, first, at);
        }
}

static size_t user_position(const struct store *store, const struct domain *d)
{
        size_t low = 0, high = store->n_users;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (compare_users(store->users[middle], d) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void use(struct vg_book *book, struct store *store, struct domain *d)
{
        size_t at = user_position(store, d);

        if (at < store->n_users && store->users[at] == d)
                return;

        struct domain **users = grow(book, store->users, store->n_users, sizeof(*users));
        if (!users)
                return;
        store->users = users;
        memmove(users + at + 1, users + at, (store->n_users - at) * sizeof(*users));
        users[at] = d;
        store->n_users++;
}

static void unuse(struct store *store, struct domain *d)
{
        size_t at = user_position(store, d);

        if (at == store->n_users || store->users[at] != d)
                return;
        memmove(store->users + at, store->users + at + 1,
                (store->n_users - at - 1) * sizeof(*store->users));
        store->n_users--;
}

struct store *store_intern(struct vg_book *book, const char *key)
{
        struct store *store = table_find(&book->stores, key);

        if (store)
                return store;
        store = calloc(1, sizeof(*store));
        if (!store) {
                book->failed = true;
                return NULL;
        }
        store->key = copy_text(book, key);
        if (!store->key || !table_insert(&book->stores, store)) {
                book->failed = true;
                free(store->key);
                free(store);
                return NULL;
        }
        return store;
}

void store_drop(struct vg_book *book, struct store *store)
{
        if (store->n_users || store->n_seen)
                return;
        table_remove(&book->stores, store->key);
        free(store->users);
        free(store->key);
        free(store);
}

void disks_leave(struct vg_book *book, struct domain *d, struct vg_stamp at)
{
        for (uint32_t i = 0; i < d->n_disks; i++) {
                struct store *store = d->disks[i].store;
                set_counted(book, d, store, false, at);
                unuse(store, d);
                elect(book, store, at);
        }
}

void disks_enter(struct vg_book *book, struct domain *d, struct vg_stamp at)
{
        for (uint32_t i = 0; i < d->n_disks; i++) {
                use(book, d->disks[i].store, d);
                elect(book, d->disks[i].store, at);
        }
}

bool disk_fits(const struct vg_disk *disk)
{
        return *disk->key && strnlen(disk->key, VG_BOOK_NAME_MAX + 1) <= VG_BOOK_NAME_MAX &&
               disk->capacity_kib <= KIB_MAX;
}

static const struct vg_disk *next_writable(const struct vg_disk *disks, size_t n, size_t *i)
{
        while (*i < n && (!disks[*i].writable || !disk_fits(&disks[*i])))
                ++*i;
        return *i < n ? &disks[(*i)++] : NULL;
}

bool disks_differ(const struct domain *d, const struct vg_disk *disks, size_t n)
{
        const struct vg_disk *disk;
        uint32_t at = 0;

        for (size_t i = 0; (disk = next_writable(disks, n, &i)); at++)
                if (at >= d->n_disks || d->disks[at].capacity_kib != disk->capacity_kib ||
                    strcmp(d->disks[at].store->key, disk->key) != 0)
                        return true;
        return at != d->n_disks;
}

void disks_replace(struct vg_book *book, struct domain *d, const struct vg_disk *disks, size_t n,
                   struct vg_stamp at)
{
        struct disk *old = d->disks, *now = NULL;
        const uint32_t n_old = d->n_disks;
        const struct vg_disk *disk;
        uint32_t n_now = 0;
        size_t n_writable = 0;

        for (size_t i = 0; next_writable(disks, n, &i);)
                n_writable++;
        if (n_writable)
                now = calloc(n_writable, sizeof(*now));
        if (n_writable && !now) {
                book->failed = true;
                return;
        }
        disks_leave(book, d, at);
        for (size_t i = 0; (disk = next_writable(disks, n, &i));) {
                struct store *store = store_intern(book, disk->key);
                if (store)
                        now[n_now++] = (struct disk){ store, disk->capacity_kib, false };
        }
        d->disks = now;
        d->n_disks = n_now;
        disks_enter(book, d, at);

        /* Only now: a key that stays keeps its store. One file twice among the old ones is dropped
         * once. */
        for (uint32_t i = 0; i < n_old; i++) {
                bool again = false;
                for (uint32_t k = i + 1; k < n_old; k++)
                        again |= old[k].store == old[i].store;
                if (!again)
                        store_drop(book, old[i].store);
        }
        free(old);
        book->n_disks += n_now;
        book->n_disks -= n_old;
}
