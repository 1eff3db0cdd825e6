/* SPDX-License-Identifier: Apache-2.0 */

/* load: what save.c wrote. Reading goes on after the first thing wrong with harmless values, and the
 * end says what it was. */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#include "room.h"

struct loading {
        struct vg_book *book;
        const char *wrong; /* first member that is missing or not as save.c writes it */
};

static void blame(struct loading *l, const char *member)
{
        if (!l->wrong)
                l->wrong = member;
}

static int64_t as_int(struct loading *l, const json_t *value, int64_t least, int64_t most,
                      const char *member)
{
        const int64_t n = json_integer_value(value);

        if (json_is_integer(value) && n >= least && n <= most)
                return n;
        blame(l, member);
        return least;
}

static const char *as_text(struct loading *l, const json_t *value, const char *member)
{
        if (json_is_string(value))
                return json_string_value(value);
        blame(l, member);
        return "";
}

static int64_t get_int(struct loading *l, const json_t *object, const char *key, int64_t least,
                       int64_t most)
{
        return as_int(l, json_object_get(object, key), least, most, key);
}

static uint64_t get_u64(struct loading *l, const json_t *object, const char *key)
{
        return (uint64_t)get_int(l, object, key, 0, INT64_MAX);
}

static uint32_t get_u32(struct loading *l, const json_t *object, const char *key)
{
        return (uint32_t)get_int(l, object, key, 0, UINT32_MAX);
}

static bool get_bool(struct loading *l, const json_t *object, const char *key)
{
        return get_int(l, object, key, 0, 1) != 0;
}

static const char *get_text(struct loading *l, const json_t *object, const char *key)
{
        return as_text(l, json_object_get(object, key), key);
}

static const json_t *get_array(struct loading *l, const json_t *object, const char *key, size_t n)
{
        const json_t *array = json_object_get(object, key);

        if (!json_is_array(array) || (n && json_array_size(array) != n))
                blame(l, key);
        return array;
}

static struct vg_stamp as_stamp(struct loading *l, const json_t *boot, const json_t *utc,
                                const char *member)
{
        return (struct vg_stamp){ (uint64_t)as_int(l, boot, 0, BOOT_NS_MAX, member),
                                  as_int(l, utc, -BOOT_NS_MAX, UTC_NS_MAX, member) };
}

static struct vg_stamp get_stamp(struct loading *l, const json_t *object, const char *key)
{
        const json_t *pair = get_array(l, object, key, 2);

        return as_stamp(l, json_array_get(pair, 0), json_array_get(pair, 1), key);
}

static struct gap as_gap(struct loading *l, const json_t *array, const char *member)
{
        const char *cause = as_text(l, json_array_get(array, 2), member);
        const int scope = scope_find(as_text(l, json_array_get(array, 3), member));

        if (scope < 0 || cause_find(cause, N_CAUSES) == N_CAUSES)
                blame(l, member);
        return (struct gap){
                as_int(l, json_array_get(array, 0), -BOOT_NS_MAX, UTC_NS_MAX, member),
                as_int(l, json_array_get(array, 1), -BOOT_NS_MAX, UTC_NS_MAX, member),
                cause_find(cause, CAUSE_START),
                scope < 0 ? SCOPE_ALL : (enum scope)scope,
        };
}

static struct tenant *as_tenant(struct loading *l, const char *id, const char *member)
{
        if (!vg_tenant_may_hold(id))
                blame(l, member);
        return tenant_intern(l->book, id);
}

/* Snapshots of before have none. */
static void load_seen(struct loading *l, struct cell *cell, const json_t *from)
{
        size_t i;
        json_t *one;

        json_array_foreach ((json_t *)from, i, one) {
                const char *key = as_text(l, json_array_get(one, 0), "disks");
                const struct seen seen = {
                        .from_s = (int32_t)as_int(l, json_array_get(one, 1), 0, VG_DAY_S, "disks"),
                        .to_s = (int32_t)as_int(l, json_array_get(one, 2), 0, VG_DAY_S, "disks"),
                        .kib = as_int(l, json_array_get(one, 3), 0, KIB_MAX, "disks"),
                };
                struct store *store = *key ? store_intern(l->book, key) : NULL;
                if (store)
                        seen_add(l->book, cell, store, seen);
                else
                        blame(l, "disks");
        }
}

static void load_cell(struct loading *l, struct domain *d, const json_t *from)
{
        struct tenant *tenant = as_tenant(l, get_text(l, from, "tenant"), "cells");
        struct cell *cell =
                cell_at(l->book, d, get_int(l, from, "start_s", INT64_MIN, INT64_MAX), tenant);
        const char *id;
        json_t *pair;

        json_object_foreach (json_object_get(from, "amounts"), id, pair) {
                const int r = vg_resource_find(id);
                const char *digits = as_text(l, json_array_get(pair, 0), "amounts");
                const int64_t flags = as_int(l, json_array_get(pair, 1), 0, 7, "amounts");
                if (r < 0 || !cell || vg_i128_parse(digits, &cell->amount[r]) < 0) {
                        blame(l, "amounts");
                        continue;
                }
                cell->present |= (uint16_t)((flags & 1) << r);
                cell->restarted |= (uint16_t)((flags >> 1 & 1) << r);
                cell->gap |= (uint16_t)((flags >> 2 & 1) << r);
        }
        if (cell)
                load_seen(l, cell, json_object_get(from, "disks"));
}

static void load_slot(struct loading *l, struct domain *d, const json_t *from)
{
        const char *prefix = as_text(l, json_array_get(from, 0), "slots");
        const char *device = as_text(l, json_array_get(from, 1), "slots");
        int kind = 0;

        while (kind < N_SLOT_KINDS && strcmp(slot_prefix((enum slot_kind)kind), prefix) != 0)
                kind++;
        if (kind == N_SLOT_KINDS) {
                blame(l, "slots");
                return;
        }

        struct slot *slot = slot_add(l->book, d, (enum slot_kind)kind, device, strlen(device));
        if (!slot)
                return;
        slot->based = as_int(l, json_array_get(from, 2), 0, 1, "slots") != 0;
        slot->generation = (uint32_t)as_int(l, json_array_get(from, 3), 0, UINT32_MAX, "slots");
        slot->value = (uint64_t)as_int(l, json_array_get(from, 4), 0, INT64_MAX, "slots");
        slot->at = as_stamp(l, json_array_get(from, 5), json_array_get(from, 6), "slots");
}

static void load_disks(struct loading *l, struct domain *d, const json_t *from)
{
        const json_t *array = get_array(l, from, "disks", 0);
        const size_t n = json_array_size(array);
        _cleanup_free_ struct vg_disk *disks = calloc(n + 1, sizeof(*disks));

        for (size_t i = 0; disks && i < n; i++) {
                const json_t *pair = json_array_get(array, i);
                disks[i] = (struct vg_disk){
                        .key = as_text(l, json_array_get(pair, 0), "disks"),
                        .target = "",
                        .capacity_kib =
                                (uint64_t)as_int(l, json_array_get(pair, 1), 0, KIB_MAX, "disks"),
                        .writable = true,
                };
        }
        if (!disks)
                l->book->failed = true;
        else /* settles nothing: every span is younger than this stamp */
                disks_replace(l->book, d, disks, n, (struct vg_stamp){ 0 });
        if (d->n_disks != n)
                blame(l, "disks");
}

static void load_tenures(struct loading *l, struct domain *d, const json_t *from)
{
        const json_t *array = get_array(l, from, "tenures", 0);
        struct tenant *tenant = as_tenant(l, get_text(l, from, "tenant"), "tenant");
        const size_t n = json_array_size(array);

        if (!n || n > TENURES_MAX)
                blame(l, "tenures");
        for (size_t i = 0; i < n && i < TENURES_MAX; i++) {
                const json_t *pair = json_array_get(array, i);
                struct tenure *tenures = grow(l->book, d->tenures, d->n_tenures, sizeof(*tenures));
                if (!tenures)
                        return;
                d->tenures = tenures;
                tenures[d->n_tenures++] = (struct tenure){
                        (uint64_t)as_int(l, json_array_get(pair, 0), 0, BOOT_NS_MAX, "tenures"),
                        as_tenant(l, as_text(l, json_array_get(pair, 1), "tenures"), "tenures"),
                };
        }
        d->tenant = tenant;
}

static void load_texts(struct loading *l, struct domain *d, const json_t *from)
{
        const json_t *hints = get_array(l, from, "hints", N_HINTS);

        for (size_t i = 0; i < N_HINTS; i++)
                set_text(l->book, &d->hints[i], as_text(l, json_array_get(hints, i), "hints"));
        set_text(l->book, &d->name, get_text(l, from, "name"));
        set_text(l->book, &d->run, get_text(l, from, "run"));
}

static void load_domain(struct loading *l, const json_t *from, bool volume)
{
        const char *id = get_text(l, from, "id");
        const int by = vg_tenant_by_find(get_text(l, from, "by"));
        struct domain *d = NULL;

        if (!*id || table_find(table_for(l->book, volume), id))
                blame(l, "id");
        else
                d = domain_new(l->book, id, volume);
        if (!d)
                return;
        if (by < 0)
                blame(l, "by");
        d->by = by < 0 ? VG_BY_NOBODY : (enum vg_tenant_by)by;
        d->hostile = get_bool(l, from, "hostile");
        d->reopened = get_bool(l, from, "reopened");
        d->state = (enum vg_domain_state)get_int(l, from, "state", 0, VG_DOMAIN_CRASHED);
        l->book->n_live[volume] += d->state != VG_DOMAIN_GONE;
        d->epoch = get_u32(l, from, "epoch");
        d->listed = get_u32(l, from, "listed");
        d->touched = get_u32(l, from, "touched");
        d->vcpus = get_u64(l, from, "vcpus");
        d->memory_kib = get_u64(l, from, "memory_kib");
        d->counted = get_stamp(l, from, "counted");
        d->stuck_utc_ns = get_int(l, from, "stuck_utc_ns", 0, UTC_NS_MAX);
        load_texts(l, d, from);
        load_tenures(l, d, from);
        load_disks(l, d, from);

        size_t i;
        json_t *item;
        json_array_foreach (json_object_get(from, "slots"), i, item) {
                load_slot(l, d, item);
        }
        json_array_foreach (json_object_get(from, "cells"), i, item) {
                load_cell(l, d, item);
        }
}

static void load_domains(struct loading *l, const json_t *tree, const char *key, bool volume)
{
        const json_t *array = get_array(l, tree, key, 0);

        for (size_t i = 0; i < json_array_size(array); i++)
                load_domain(l, json_array_get(array, i), volume);
}

static void load_tenants(struct loading *l, const json_t *tree)
{
        const json_t *array = get_array(l, tree, "tenants", 0);

        for (size_t i = 0; i < json_array_size(array); i++) {
                const json_t *from = json_array_get(array, i);
                struct tenant *tenant = as_tenant(l, get_text(l, from, "id"), "tenants");
                const char *id;
                json_t *text;
                json_object_foreach (json_object_get(from, "carry"), id, text) {
                        const int r = vg_resource_find(id);
                        if (r < 0 ||
                            vg_i128_parse(as_text(l, text, "carry"), &tenant->carry[r]) < 0)
                                blame(l, "carry");
                }
        }
}

static void load_time(struct loading *l, const json_t *tree)
{
        struct vg_book *book = l->book;
        const json_t *regimes = get_array(l, tree, "regimes", 0);
        const json_t *gaps = get_array(l, tree, "gaps", 0);
        const json_t *coverage = get_array(l, tree, "coverage", 0);

        book->n_regimes = 0;
        for (size_t i = 0; i < json_array_size(regimes) && i < REGIMES_MAX; i++) {
                const json_t *pair = json_array_get(regimes, i);
                struct regime *grown = grow(book, book->regimes, i, sizeof(*grown));
                if (!grown)
                        break;
                book->regimes = grown;
                grown[book->n_regimes++] = (struct regime){
                        as_int(l, json_array_get(pair, 0), INT64_MIN, INT64_MAX, "regimes"),
                        (int32_t)as_int(l, json_array_get(pair, 1), 1, 3600, "regimes"),
                };
        }
        if (!book->n_regimes)
                blame(l, "regimes");
        else
                book->options.interval_s = book->regimes[book->n_regimes - 1].interval_s;
        for (size_t i = 0; i < json_array_size(gaps); i++)
                gap_push(book, as_gap(l, json_array_get(gaps, i), "gaps"));
        for (size_t i = 0; i < json_array_size(coverage); i++) {
                const json_t *from = json_array_get(coverage, i);
                struct coverage *c = coverage_at(
                        book, as_int(l, json_array_get(from, 0), INT64_MIN, INT64_MAX, "coverage"));
                if (!c)
                        break;
                c->covered_ns = as_int(l, json_array_get(from, 1), 0, INT64_MAX, "coverage");
                c->clock = (enum vg_clock)as_int(l, json_array_get(from, 2), 0, VG_CLOCK_STEPPED,
                                                 "coverage");
        }
}

static void load_rows(struct loading *l, const json_t *tree)
{
        const json_t *array = get_array(l, tree, "rows", 0);
        const size_t n = json_array_size(array);

        l->book->rows = calloc(n + 1, sizeof(*l->book->rows));
        for (size_t i = 0; l->book->rows && i < n; i++) {
                const json_t *from = json_array_get(array, i);
                const int by = vg_tenant_by_find(get_text(l, from, "by"));
                if (by < 0 || by >= VG_BY_NOBODY)
                        blame(l, "by");
                if (!vg_tenant_may_hold(get_text(l, from, "tenant")))
                        blame(l, "rows");
                l->book->rows[l->book->n_rows++] = (struct vg_tenant_row){
                        by < 0 ? VG_BY_UUID : (enum vg_tenant_by)by,
                        copy_text(l->book, get_text(l, from, "value")),
                        copy_text(l->book, get_text(l, from, "tenant")),
                        get_int(l, from, "from_s", INT64_MIN, INT64_MAX),
                };
        }
}

static void load_trust(struct loading *l, const json_t *tree)
{
        struct vg_book *book = l->book;
        const json_t *passes = get_array(l, tree, "passes", 2);

        set_text(book, &book->boot_id, get_text(l, tree, "boot_id"));
        set_text(book, &book->instance, get_text(l, tree, "instance"));
        book->seq = get_u64(l, tree, "seq");
        book->heard = get_stamp(l, tree, "heard");
        book->spoke = get_stamp(l, tree, "spoke");
        book->covered = get_stamp(l, tree, "covered");
        book->born = get_stamp(l, tree, "born");
        book->clock = (enum vg_clock)get_int(l, tree, "clock", 0, VG_CLOCK_STEPPED);
        book->closed_s = get_int(l, tree, "closed_s", INT64_MIN, INT64_MAX);
        book->complete = get_bool(l, tree, "complete");
        book->ever_complete = get_bool(l, tree, "ever_complete");
        book->epoch = get_u32(l, tree, "epoch");
        book->hole = as_gap(l, get_array(l, tree, "hole", 4), "hole");
        for (size_t v = 0; v < 2; v++) {
                const json_t *from = json_array_get(passes, v);
                book->pass[v] = (struct pass){
                        (uint32_t)as_int(l, json_array_get(from, 0), 1, UINT32_MAX, "passes"),
                        (uint64_t)as_int(l, json_array_get(from, 1), 0, INT64_MAX, "passes"),
                        (uint64_t)as_int(l, json_array_get(from, 2), 0, INT64_MAX, "passes"),
                };
        }
}

int vg_book_load(const json_t *tree, const struct vg_book_options *options,
                 struct vg_book **ret_book, struct vg_err *err)
{
        const json_t *saved = json_object_get(tree, "options");
        struct loading l = { 0 };

        struct vg_book_options had = {
                .interval_s = 3600,
                .gauge_hold_ns = get_u64(&l, saved, "gauge_hold_ns"),
                .silence_ns = get_u64(&l, saved, "silence_ns"),
                .name_pattern = get_text(&l, saved, "name_pattern"),
                .sha256 = options->sha256,
        };
        if (!*had.name_pattern)
                had.name_pattern = NULL;
        if (get_int(&l, tree, "v", 1, 1) != 1 || l.wrong)
                return vg_err_set(err, -EINVAL,
                                  "instantané du compteur : « %s » manque ou est faux",
                                  l.wrong ? l.wrong : "v");

        _cleanup_(vg_book_freep) struct vg_book *book = NULL;
        int r = vg_book_new(&had, &book, err);
        if (r < 0)
                return r;
        l.book = book;
        load_time(&l, tree);
        load_tenants(&l, tree);
        load_trust(&l, tree);
        load_rows(&l, tree);
        load_domains(&l, tree, "domains", false);
        load_domains(&l, tree, "volumes", true);
        if (book->failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (l.wrong)
                return vg_err_set(err, -EINVAL,
                                  "instantané du compteur : « %s » manque ou est faux", l.wrong);
        map_window(book, vg_floor_div(book->heard.utc_ns, INT64_C(1000000000)));
        *ret_book = TAKE_PTR(book);
        return 0;
}
