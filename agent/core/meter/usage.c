/* SPDX-License-Identifier: Apache-2.0 */

/* usage: the body of a `usage` record, written and read back. One canonical object:
 *
 *   appliance, contract ("" where none), tenant
 *   clock        "ok", "unsynchronised" or "stepped"
 *   domains[]    {amounts: {resource: base}, disks[], hints: {...}, name, uuid}; disks and hints only
 *                where there are some; base an integer, or decimal text where int64 cannot hold it;
 *                uuid "": volume
 *     disks[]    [key, from_s, to_s, kib]: the seconds of the interval in which it counted here
 *   interval_s, start ("...Z"), part
 *   resources    {resource: {base: decimal text, micro, quality}}
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static const char *id_of(int resource)
{
        return vg_resource_row((enum vg_resource)resource)->id;
}

static void put_disks(struct vg_json *j, const struct vg_usage_line *line)
{
        vg_json_array(j, "disks");
        for (size_t i = 0; i < line->n_disks; i++) {
                const struct vg_disk_seen *disk = &line->disks[i];
                vg_json_array(j, NULL);
                vg_json_string(j, NULL, disk->key);
                vg_json_int(j, NULL, disk->from_s);
                vg_json_int(j, NULL, disk->to_s);
                vg_json_int(j, NULL, disk->kib);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void put_line(struct vg_json *j, const struct vg_usage_line *line)
{
        const struct {
                const char *key, *value;
        } hints[] = { { "kubevirt", line->hints.kubevirt },
                      { "metadata", line->hints.metadata },
                      { "nova", line->hints.nova },
                      { "opennebula", line->hints.opennebula } };
        char digits[48];
        bool any = false;

        vg_json_object(j, NULL);
        vg_json_object(j, "amounts");
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                if (!(line->present >> r & 1))
                        continue;
                if (line->base[r] >= INT64_MIN && line->base[r] <= INT64_MAX)
                        vg_json_int(j, id_of(r), (int64_t)line->base[r]);
                else
                        vg_json_string(j, id_of(r),
                                       vg_i128_format(line->base[r], digits, sizeof(digits)));
        }
        vg_json_end_object(j);
        if (line->n_disks)
                put_disks(j, line);
        for (size_t i = 0; i < ELEMENTSOF(hints); i++) {
                if (!hints[i].value)
                        continue;
                if (!any)
                        vg_json_object(j, "hints");
                any = true;
                vg_json_string(j, hints[i].key, hints[i].value);
        }
        if (any)
                vg_json_end_object(j);
        vg_json_string(j, "name", line->name);
        vg_json_string(j, "uuid", line->uuid);
        vg_json_end_object(j);
}

void vg_usage_write(struct vg_json *j, const char *appliance, const char *contract, int64_t part,
                    const struct vg_usage_entry *entry)
{
        char buf[48];

        vg_json_object(j, NULL);
        vg_json_string(j, "appliance", appliance);
        vg_json_string(j, "clock", vg_clock_name(entry->clock));
        vg_json_string(j, "contract", contract);
        vg_json_array(j, "domains");
        for (size_t i = 0; i < entry->n_lines; i++)
                put_line(j, &entry->lines[i]);
        vg_json_end_array(j);
        vg_json_int(j, "interval_s", entry->interval_s);
        vg_json_int(j, "part", part);
        vg_json_object(j, "resources");
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                const struct vg_usage_total *total = &entry->total[r];
                if (!(entry->present >> r & 1))
                        continue;
                vg_json_object(j, id_of(r));
                vg_json_string(j, "base", vg_i128_format(total->base, buf, sizeof(buf)));
                vg_json_int(j, "micro", total->micro);
                vg_json_string(j, "quality", vg_quality_name(total->quality));
                vg_json_end_object(j);
        }
        vg_json_end_object(j);
        vg_json_string(j, "start", vg_utc_format(entry->start_s, buf));
        vg_json_string(j, "tenant", entry->tenant);
        vg_json_end_object(j);
}

static int index_of(const char *name, const char *(*name_of)(int), int n)
{
        for (int i = 0; i < n; i++)
                if (strcmp(name_of(i), name) == 0)
                        return i;
        return -1;
}

static const char *clock_name(int i)
{
        return vg_clock_name((enum vg_clock)i);
}

static const char *quality_name(int i)
{
        return vg_quality_name((enum vg_quality)i);
}

static int parse_base(const json_t *value, vg_i128 *ret_base)
{
        if (json_is_integer(value)) {
                *ret_base = json_integer_value(value);
                return 0;
        }
        return json_is_string(value) ? vg_i128_parse(json_string_value(value), ret_base) : -EINVAL;
}

static int parse_resources(const json_t *resources, struct vg_usage_entry *entry)
{
        const char *id;
        json_t *from;

        if (!json_is_object(resources))
                return -EINVAL;
        json_object_foreach ((json_t *)resources, id, from) {
                const int r = vg_resource_find(id);
                const char *quality = "";
                if (r < 0)
                        continue; /* imported, or a later program's: not a domain's */

                struct vg_usage_total *total = &entry->total[r];
                if (parse_base(json_object_get(from, "base"), &total->base) < 0 ||
                    vg_json_get_int(from, "micro", &total->micro) < 0 ||
                    vg_json_get_string(from, "quality", &quality) < 0)
                        return -EINVAL;
                const int q = index_of(quality, quality_name, VG_QUALITY_GAP + 1);
                if (q < 0)
                        return -EINVAL;
                total->quality = (enum vg_quality)q;
                entry->present |= (uint16_t)(1u << r);
        }
        return 0;
}

static bool parse_seconds(const json_t *value, int32_t *ret_s)
{
        const json_int_t s = json_integer_value(value);

        *ret_s = (int32_t)s;
        return json_is_integer(value) && s >= 0 && s <= VG_DAY_S;
}

/* Appended to *disks. */
static int parse_disks(const json_t *from, struct vg_usage_line *line, struct vg_disk_seen **disks)
{
        const json_t *one;
        size_t i;

        line->disks = *disks;
        json_array_foreach ((json_t *)from, i, one) {
                struct vg_disk_seen *disk = (*disks)++;
                const json_t *kib = json_array_get(one, 3);
                disk->key = json_string_value(json_array_get(one, 0));
                disk->kib = json_integer_value(kib);
                if (!disk->key || !json_is_integer(kib) ||
                    !parse_seconds(json_array_get(one, 1), &disk->from_s) ||
                    !parse_seconds(json_array_get(one, 2), &disk->to_s))
                        return -EINVAL;
                line->n_disks++;
        }
        return 0;
}

static size_t count_disks(const json_t *domains)
{
        const json_t *one;
        size_t i, n = 0;

        json_array_foreach ((json_t *)domains, i, one)
                n += json_array_size(json_object_get(one, "disks"));
        return n;
}

static int parse_line(const json_t *from, struct vg_usage_line *line)
{
        const json_t *hints = json_object_get(from, "hints");
        const char *id;
        json_t *base;

        if (vg_json_get_string(from, "name", &line->name) < 0 ||
            vg_json_get_string(from, "uuid", &line->uuid) < 0 ||
            !json_is_object(json_object_get(from, "amounts")))
                return -EINVAL;
        (void)vg_json_get_string(hints, "metadata", &line->hints.metadata);
        (void)vg_json_get_string(hints, "nova", &line->hints.nova);
        (void)vg_json_get_string(hints, "opennebula", &line->hints.opennebula);
        (void)vg_json_get_string(hints, "kubevirt", &line->hints.kubevirt);
        json_object_foreach (json_object_get(from, "amounts"), id, base) {
                const int r = vg_resource_find(id);
                if (r < 0)
                        continue;
                if (parse_base(base, &line->base[r]) < 0)
                        return -EINVAL;
                line->present |= (uint16_t)(1u << r);
        }
        return 0;
}

int vg_usage_parse(const json_t *body, struct vg_usage_entry **ret_entry, struct vg_err *err)
{
        const json_t *domains = json_object_get(body, "domains");
        const size_t n = json_array_size(domains);
        const char *start, *clock;
        int64_t interval_s, part;
        struct both {
                struct vg_usage_entry entry;
                struct vg_usage_line lines[];
        };
        const size_t lines_end = sizeof(struct both) + n * sizeof(struct vg_usage_line);
        _cleanup_free_ struct both *both =
                calloc(1, lines_end + count_disks(domains) * sizeof(struct vg_disk_seen));

        if (!both)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        struct vg_usage_entry *entry = &both->entry;
        struct vg_disk_seen *disks = (void *)((char *)both + lines_end);
        entry->lines = both->lines;
        entry->n_lines = n;
        if (!json_is_array(domains) || vg_json_get_string(body, "tenant", &entry->tenant) < 0 ||
            vg_json_get_string(body, "start", &start) < 0 ||
            vg_utc_parse(start, &entry->start_s) < 0 ||
            vg_json_get_string(body, "clock", &clock) < 0 ||
            index_of(clock, clock_name, VG_CLOCK_STEPPED + 1) < 0 ||
            vg_json_get_int(body, "interval_s", &interval_s) < 0 || interval_s <= 0 ||
            interval_s > VG_DAY_S || vg_json_get_int(body, "part", &part) < 0 ||
            parse_resources(json_object_get(body, "resources"), entry) < 0)
                return vg_err_set(err, -EINVAL, "enregistrement de consommation invalide");
        entry->clock = (enum vg_clock)index_of(clock, clock_name, VG_CLOCK_STEPPED + 1);
        entry->interval_s = (int32_t)interval_s;
        entry->late = part > 0;
        for (size_t i = 0; i < n; i++)
                if (parse_line(json_array_get(domains, i), &both->lines[i]) < 0 ||
                    parse_disks(json_object_get(json_array_get(domains, i), "disks"),
                                &both->lines[i], &disks) < 0)
                        return vg_err_set(err, -EINVAL,
                                          "enregistrement de consommation, machine %zu invalide",
                                          i + 1);
        *ret_entry = &TAKE_PTR(both)->entry;
        return 0;
}
