/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/domains.h"

#include <errno.h>
#include <string.h>

#include "os/settings.h"
#include "vigie/civil.h"

static int replay(void *ctx, int64_t id _unused_, const void *bytes, size_t n)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ struct vg_observation *observation = NULL;
        struct vg_err err = { 0 };

        /* The keeper took this line, so it can be read; were it not so, the rest still counts. */
        if (vg_json_parse(bytes, n, &tree, NULL, NULL, &err) < 0 ||
            vg_observation_parse(tree, &observation, &err) < 0)
                return 0;

        int r = vg_book_apply(ctx, observation, &err);
        return r == -ENOMEM ? r : 0;
}

static int load(const struct cli_view *view, struct vg_book **ret_book, int64_t *ret_id,
                struct vg_err *err)
{
        const struct vg_book_options options = {
                .interval_s = (int32_t)view->settings->interval_s,
                .gauge_hold_ns = 3 * view->settings->kernel_interval_s * (uint64_t)VG_NS_PER_S,
                .silence_ns = 3 * view->settings->state_interval_s * (uint64_t)VG_NS_PER_S,
                .name_pattern = *view->settings->name_pattern ? view->settings->name_pattern : NULL,
        };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ void *bytes = NULL;
        int64_t utc_ns;
        size_t n;

        *ret_id = 0;

        int r = store_snapshot_get(view->store, ret_id, &utc_ns, &bytes, &n, err);
        if (r == STORE_NONE)
                return vg_book_new(&options, ret_book, err);
        if (r == 0)
                r = vg_json_parse(bytes, n, &tree, NULL, NULL, err);
        return r < 0 ? r : vg_book_load(tree, &options, ret_book, err);
}

int domains_read(const struct cli_view *view, struct vg_book **ret_book, struct vg_err *err)
{
        _cleanup_(vg_book_freep) struct vg_book *book = NULL;
        int64_t id;

        int r = load(view, &book, &id, err);
        if (r == 0)
                r = store_inbox_each(view->store, id, replay, book, err);
        if (r < 0)
                return r;
        *ret_book = TAKE_PTR(book);
        return 0;
}

static int take_row(void *ctx, const struct store_map *row)
{
        struct domains_map *map = ctx;
        const int by = vg_tenant_by_find(row->by);
        struct vg_tenant_row *rows = reallocarray(map->rows, map->n + 1, sizeof(*rows));

        if (!rows)
                return -ENOMEM;
        map->rows = rows;
        if (by < 0)
                return 0;

        char *value = strdup(row->value), *tenant = strdup(row->tenant);
        map->rows[map->n++] = (struct vg_tenant_row){
                .by = (enum vg_tenant_by)by,
                .value = value,
                .tenant = tenant,
                .from_utc_s = row->from_s,
        };
        return value && tenant ? 0 : -ENOMEM;
}

int domains_map_read(const struct cli_view *view, struct domains_map *ret_map, struct vg_err *err)
{
        *ret_map = (struct domains_map){ 0 };
        return store_map_each(view->store, take_row, ret_map, err);
}

void domains_map_done(struct domains_map *map)
{
        for (size_t i = 0; i < map->n; i++) {
                free((char *)map->rows[i].value);
                free((char *)map->rows[i].tenant);
        }
        free(map->rows);
        *map = (struct domains_map){ 0 };
}
