/* SPDX-License-Identifier: Apache-2.0 */

/* A record of usage as rows of an export: its storage by volume. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/meter.h"
#include "vigie/num.h"

struct volume { /* what a record says of it, all lines together */
        struct vg_buf name, seen;
        vg_i128 base;
};

struct volumes {
        struct volume *list;
        size_t n, size;
};

static void volumes_done(struct volumes *volumes)
{
        for (size_t i = 0; i < volumes->n; i++) {
                vg_buf_done(&volumes->list[i].name);
                vg_buf_done(&volumes->list[i].seen);
        }
        free(volumes->list);
}

static void put_name(struct vg_buf *text, const char *name)
{
        for (const unsigned char *p = (const unsigned char *)name; *p; p++)
                if (*p < 0x20 || *p > 0x7e || strchr(",\"%", *p))
                        vg_buf_printf(text, "%%%02X", *p);
                else
                        vg_buf_append(text, p, 1);
}

/* NULL: no memory. */
static struct volume *volume_of(struct volumes *volumes, const char *name)
{
        struct vg_buf written = { 0 };

        put_name(&written, name);
        for (size_t i = 0; i < volumes->n && !written.failed; i++)
                if (strcmp(volumes->list[i].name.data, written.data) == 0) {
                        vg_buf_done(&written);
                        return &volumes->list[i];
                }
        if (!written.failed && volumes->n == volumes->size) {
                const size_t size = volumes->size ? 2 * volumes->size : 16;
                struct volume *list = reallocarray(volumes->list, size, sizeof(*list));
                if (list) {
                        volumes->list = list;
                        volumes->size = size;
                }
        }
        if (written.failed || volumes->n == volumes->size) {
                vg_buf_done(&written);
                return NULL;
        }
        volumes->list[volumes->n] = (struct volume){ .name = written };
        return &volumes->list[volumes->n++];
}

/* What several hosts may reach has the same key on each; a path, or a device of the machine, has not
 * (the reader names what lies on shared storage by where it lies: hypervisor/storekey.h). */
static bool is_reached_by_several(const char *key)
{
        static const char *const local[] = { "/", "nvme:", "vhostuser:", "volume:" };
        static const char *const here[] = { "@/", "@127.", "@::1", "@localhost" };
        const char *at = strchr(key, '@');

        for (size_t i = 0; i < ELEMENTSOF(local); i++)
                if (strncmp(key, local[i], strlen(local[i])) == 0)
                        return false;
        for (size_t i = 0; at && i < ELEMENTSOF(here); i++)
                if (strncmp(at, here[i], strlen(here[i])) == 0)
                        return false;
        return true;
}

/* An amount is an integer, or decimal text where it is larger. */
static bool read_base(const json_t *value, vg_i128 *ret_base)
{
        if (json_is_integer(value)) {
                *ret_base = json_integer_value(value);
                return true;
        }
        return json_is_string(value) && vg_i128_parse(json_string_value(value), ret_base) == 0;
}

struct line {                    /* of a record */
        const char *uuid, *name; /* "": none */
        const json_t *disks;
        vg_i128 base, weight; /* of the disks: KiB x seconds */
};

static bool read_disk(const struct line *line, size_t i, const char **ret_key,
                      struct vg_seen *ret_seen)
{
        const json_t *one = json_array_get(line->disks, i);
        const json_int_t from_s = json_integer_value(json_array_get(one, 1));
        const json_int_t to_s = json_integer_value(json_array_get(one, 2));

        *ret_key = json_string_value(json_array_get(one, 0));
        *ret_seen = (struct vg_seen){ (int32_t)from_s, (int32_t)to_s,
                                      json_integer_value(json_array_get(one, 3)), !*line->uuid };
        return *ret_key && from_s >= 0 && from_s < to_s && to_s <= VG_DAY_S;
}

static vg_i128 weight_of(const struct vg_seen *seen)
{
        return (vg_i128)(seen->to_s - seen->from_s) * seen->kib;
}

static void read_line(const json_t *from, const char *resource, struct line *line)
{
        struct vg_seen seen;
        const char *key;

        *line = (struct line){ "", "", json_object_get(from, "disks"), 0, 0 };
        (void)vg_json_get_string(from, "uuid", &line->uuid);
        (void)vg_json_get_string(from, "name", &line->name);
        if (!read_base(json_object_get(json_object_get(from, "amounts"), resource), &line->base))
                line->base = 0;
        for (size_t i = 0; i < json_array_size(line->disks); i++)
                if (read_disk(line, i, &key, &seen))
                        line->weight += weight_of(&seen);
}

/* A record of before does not say of which disks: all of the line, under the domain or the volume. */
static int add_whole(struct volumes *volumes, const struct line *line)
{
        const char *name = *line->uuid ? line->uuid : line->name;
        struct volume *volume = *name ? volume_of(volumes, name) : NULL;

        if (!*name)
                return 0;
        return volume ? vg_add_i128(volume->base, line->base, &volume->base) : -ENOMEM;
}

/* The line's amount by its disks, as a running sum: nothing is left over. */
static int add_disks(struct volumes *volumes, const struct line *line)
{
        vg_i128 so_far = 0, given = 0, product;
        struct vg_seen seen;
        const char *key;

        for (size_t i = 0; i < json_array_size(line->disks); i++) {
                if (!read_disk(line, i, &key, &seen))
                        continue;
                const char *alone = *line->uuid ? line->uuid : line->name;
                struct volume *volume =
                        volume_of(volumes, is_reached_by_several(key) || !*alone ? key : alone);
                if (!volume)
                        return -ENOMEM;
                if (volume->seen.n)
                        vg_buf_puts(&volume->seen, ";");
                vg_seen_write(&volume->seen, &seen);
                so_far += weight_of(&seen);
                if (vg_mul_i128(line->base, so_far, &product) < 0)
                        return -ERANGE;
                const vg_i128 share = product / line->weight - given;
                given += share;
                if (vg_add_i128(volume->base, share, &volume->base) < 0)
                        return -ERANGE;
        }
        return 0;
}

/* A record of before that takes back says it of no volume: it was sent so. */
static int read_volumes(const json_t *body, const char *resource, bool takes_back,
                        struct volumes *volumes)
{
        const json_t *domains = json_object_get(body, "domains");
        int r = 0;

        for (size_t i = 0; i < json_array_size(domains) && r == 0; i++) {
                struct line line;
                read_line(json_array_get(domains, i), resource, &line);
                if (line.base && line.weight)
                        r = add_disks(volumes, &line);
                else if (line.base && !takes_back)
                        r = add_whole(volumes, &line);
        }
        return r;
}

struct giving {
        struct vg_merge_row row;
        vg_merge_row_fn *fn;
        void *ctx;
};

/* The micro-units of a resource by volume, by base units, rounded as a running sum: what is left in the
 * end is of no volume, and not of the rounding. */
static int give_volumes(struct giving *g, const struct volumes *volumes, vg_i128 total,
                        int64_t *micro)
{
        const int64_t whole = *micro;
        vg_i128 told = 0, product;
        int64_t given = 0;
        int r = 0;

        for (size_t i = 0; i < volumes->n && r == 0; i++) {
                const struct volume *volume = &volumes->list[i];
                if (volume->name.failed || volume->seen.failed)
                        return -ENOMEM;
                if (vg_add_i128(told, volume->base, &told) < 0 ||
                    vg_mul_i128(told, whole, &product) < 0)
                        return -ERANGE;
                const int64_t so_far = (int64_t)vg_round_half_up(total < 0 ? -product : product,
                                                                 total < 0 ? -total : total);
                g->row.micro = so_far - given;
                g->row.volume = volume->name.data;
                g->row.seen = volume->seen.data ? volume->seen.data : "";
                given = so_far;
                if (volume->base)
                        r = g->fn(g->ctx, &g->row);
        }
        g->row.volume = g->row.seen = "";
        *micro = whole - given;
        return r;
}

static int give_resource(struct giving *g, const json_t *body, const json_t *amount)
{
        _cleanup_(volumes_done) struct volumes volumes = { 0 };
        vg_i128 total;
        int64_t micro;
        int r = 0;

        if (vg_json_get_int(amount, "micro", &micro) < 0)
                return -EBADMSG;
        if (vg_resource_find(g->row.resource) == VG_RESOURCE_BLOCK &&
            read_base(json_object_get(amount, "base"), &total) && total != 0)
                r = read_volumes(body, g->row.resource, total < 0, &volumes);
        if (r == 0 && volumes.n)
                r = give_volumes(g, &volumes, total, &micro);
        g->row.micro = micro;
        return r == 0 && (micro || !volumes.n) ? g->fn(g->ctx, &g->row) : r;
}

int vg_merge_rows_of(const json_t *body, const struct vg_merge_source *source, vg_merge_row_fn *fn,
                     void *ctx)
{
        const json_t *resources = json_object_get(body, "resources");
        const char *start, *resource;
        struct giving g = {
                { .appliance = source->appliance, .seq = source->seq, .volume = "", .seen = "" },
                fn,
                ctx
        };
        json_t *amount;
        int r = 0;

        if (vg_json_get_string(body, "start", &start) < 0 ||
            vg_utc_parse(start, &g.row.start_s) < 0 ||
            vg_json_get_string(body, "tenant", &g.row.tenant) < 0 ||
            vg_json_get_int(body, "part", &g.row.part) < 0 || !json_is_object(resources))
                return -EBADMSG;
        json_object_foreach ((json_t *)resources, resource, amount) {
                g.row.resource = resource;
                r = give_resource(&g, body, amount);
                if (r != 0)
                        break;
        }
        return r;
}
