/* SPDX-License-Identifier: Apache-2.0 */

/* book: its making, and its tables of domains and tenants. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

#include "room.h"

void *grow(struct vg_book *book, void *array, size_t n, size_t size)
{
        /* By powers of two: the capacity needs no member of its own. */
        if (n && (n & (n - 1)))
                return array;

        void *grown = realloc(array, (n ? 2 * n : 1) * size);
        if (!grown)
                book->failed = true;
        return grown;
}

char *copy_text(struct vg_book *book, const char *text)
{
        char *copy = strdup(text);

        if (!copy)
                book->failed = true;
        return copy;
}

bool set_text(struct vg_book *book, char **text, const char *now)
{
        if (!now || !*now) {
                const bool changed = *text != NULL;
                free(*text);
                *text = NULL;
                return changed;
        }
        if (*text && strcmp(*text, now) == 0)
                return false;

        char *copy = copy_text(book, now);
        if (!copy)
                return false;
        free(*text);
        *text = copy;
        return true;
}

struct tenant *tenant_intern(struct vg_book *book, const char *id)
{
        struct tenant *tenant = table_find(&book->tenants, id);

        if (tenant)
                return tenant;
        if (book->tenants.n >= TENANTS_MAX)
                return book->nobody;
        tenant = calloc(1, sizeof(*tenant));
        if (tenant)
                tenant->id = strdup(id);
        if (!tenant || !tenant->id || !table_insert(&book->tenants, tenant)) {
                book->failed = true;
                if (tenant)
                        free(tenant->id);
                free(tenant);
                return book->nobody;
        }
        return tenant;
}

struct domain *domain_new(struct vg_book *book, const char *id, bool volume)
{
        struct domain *d = calloc(1, sizeof(*d));

        if (!d) {
                book->failed = true;
                return NULL;
        }
        d->volume = volume;
        d->tenant = book->nobody;
        d->by = VG_BY_NOBODY;
        d->id = copy_text(book, id);
        if (d->id && table_insert(table_for(book, volume), d))
                return d;
        book->failed = true;
        domain_free(book, d);
        return NULL;
}

void domain_free(struct vg_book *book, struct domain *d)
{
        for (uint32_t i = 0; i < d->n_cells; i++)
                seen_clear(book, &d->cells[i]);
        slots_clear(d);
        for (int i = 0; i < N_HINTS; i++)
                free(d->hints[i]);
        free(d->id);
        free(d->name);
        free(d->run);
        free(d->disks);
        free(d->tenures);
        free(d->cells);
        free(d);
}

struct vg_identity domain_identity(const struct domain *d)
{
        return (struct vg_identity){
                .uuid = d->volume ? "" : d->id,
                .name = d->name ? d->name : "",
                .hints = { d->hints[HINT_METADATA], d->hints[HINT_NOVA], d->hints[HINT_OPENNEBULA],
                           d->hints[HINT_KUBEVIRT] },
        };
}

struct vg_identity cell_identity(const struct domain *d, const struct cell *cell)
{
        struct vg_identity who = domain_identity(d);

        if (cell->tenant != d->tenant)
                who.hints = (struct vg_hints){ 0 };
        return who;
}

static int check_options(const struct vg_book_options *options, struct vg_err *err)
{
        if (options->interval_s <= 0 || VG_HOUR_S % options->interval_s != 0)
                return vg_err_set(err, -EINVAL, "intervalle de %d s : ne divise pas une heure",
                                  options->interval_s);
        if (!options->gauge_hold_ns || options->gauge_hold_ns > VG_DAY_S * VG_NS_PER_S ||
            !options->silence_ns || options->silence_ns > VG_DAY_S * VG_NS_PER_S)
                return vg_err_set(err, -EINVAL, "durées de maintien ou de silence hors des bornes");
        return 0;
}

int vg_book_new(const struct vg_book_options *options, struct vg_book **ret_book,
                struct vg_err *err)
{
        int r = check_options(options, err);
        if (r < 0)
                return r;

        _cleanup_(vg_book_freep) struct vg_book *book = calloc(1, sizeof(*book));
        if (!book)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        book->options = *options;
        book->options.name_pattern = NULL;
        if (options->name_pattern)
                book->options.name_pattern = copy_text(book, options->name_pattern);
        book->epoch = book->pass[0].number = book->pass[1].number = 1;
        book->closed_s = INT64_MIN;
        book->regimes = grow(book, NULL, 0, sizeof(*book->regimes));
        book->nobody = tenant_intern(book, VG_TENANT_NOBODY);
        if (book->failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        book->regimes[0] = (struct regime){ INT64_MIN, options->interval_s };
        book->n_regimes = 1;
        map_window(book, 0);

        *ret_book = TAKE_PTR(book);
        return 0;
}

void vg_book_free(struct vg_book *book)
{
        if (!book)
                return;
        for (int v = 0; v < 2; v++) {
                struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++)
                        domain_free(book, table->at[i]);
                table_done(table);
        }
        for (size_t i = 0; i < book->stores.n; i++) {
                struct store *store = book->stores.at[i];
                free(store->users);
                free(store->key);
                free(store);
        }
        table_done(&book->stores);
        for (size_t i = 0; i < book->tenants.n; i++) {
                struct tenant *tenant = book->tenants.at[i];
                free(tenant->id);
                free(tenant);
        }
        table_done(&book->tenants);
        rows_free(book->rows, book->n_rows);
        free((char *)book->options.name_pattern);
        free(book->instance);
        free(book->boot_id);
        free(book->regimes);
        free(book->coverage);
        free(book->gaps);
        free(book);
}

int64_t vg_book_closed_until(const struct vg_book *book)
{
        return book->closed_s;
}

/* End of the last interval that anything was placed in: the wall clock may have been ahead. */
static int64_t placed_until(struct vg_book *book)
{
        int64_t until_s = book->closed_s;

        for (int v = 0; v < 2; v++) {
                const struct table *table = table_for(book, v);
                for (size_t i = 0; i < table->n; i++) {
                        const struct domain *d = domain_of(table, i);
                        if (!d->n_cells)
                                continue;
                        const int64_t start_s = d->cells[d->n_cells - 1].start_s;
                        const int64_t end_s = start_s + place_interval_s(book, start_s);
                        until_s = end_s > until_s ? end_s : until_s;
                }
        }
        return until_s;
}

int vg_book_set_interval(struct vg_book *book, int32_t interval_s, int64_t now_utc_s,
                         struct vg_err *err)
{
        struct vg_book_options options = book->options;

        options.interval_s = interval_s;
        int r = check_options(&options, err);
        if (r < 0)
                return r;

        struct regime *last = &book->regimes[book->n_regimes - 1];
        if (last->interval_s == interval_s)
                return 0;

        int64_t from_s = (vg_floor_div(now_utc_s, VG_HOUR_S) + 1) * VG_HOUR_S;
        if (book->closed_s == INT64_MIN) { /* nothing is in the book: no need to wait */
                last->interval_s = interval_s;
                return 0;
        }
        const int64_t placed_s = placed_until(book);
        if (from_s < placed_s)
                from_s = vg_floor_div(placed_s + VG_HOUR_S - 1, VG_HOUR_S) * VG_HOUR_S;
        if (last->from_s >= from_s) { /* changed twice within the hour */
                last->from_s = from_s;
                last->interval_s = interval_s;
                return 0;
        }
        if (book->n_regimes == REGIMES_MAX) {
                memmove(book->regimes, book->regimes + 1,
                        (REGIMES_MAX - 1) * sizeof(*book->regimes));
                book->n_regimes--;
                book->regimes[0].from_s = INT64_MIN;
                last--;
        }

        struct regime *regimes = grow(book, book->regimes, book->n_regimes, sizeof(*regimes));
        if (!regimes) {
                book->failed = false;
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        book->regimes = regimes;
        regimes[book->n_regimes++] = (struct regime){ from_s, interval_s };
        return 0;
}

int vg_book_each(const struct vg_book *book,
                 int (*fn)(void *user, const struct vg_book_domain *domain), void *user)
{
        for (int v = 0; v < 2; v++) {
                const struct table *table = v ? &book->volumes : &book->domains;
                for (size_t i = 0; i < table->n; i++) {
                        const struct domain *d = domain_of(table, i);
                        if (d->state == VG_DOMAIN_GONE)
                                continue;
                        int r = fn(user, &(struct vg_book_domain){
                                                 .who = domain_identity(d),
                                                 .state = d->state,
                                                 .tenant = d->tenant->id,
                                                 .by = d->by,
                                                 .hostile = d->hostile,
                                                 .volume = d->volume,
                                                 .vcpus = d->vcpus,
                                                 .memory_kib = d->memory_kib,
                                                 .disk_kib = d->block_kib,
                                         });
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}
