/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/usage-disks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/num.h"

void usage_disks_done(struct usage_disks *disks)
{
        for (size_t i = 0; i < disks->n; i++) {
                free(disks->list[i].volume);
                free(disks->list[i].appliance);
        }
        free(disks->list);
        *disks = (struct usage_disks){ 0 };
}

/* The first that is not before (volume, appliance). */
static size_t place_of(const struct usage_disks *disks, const char *volume, const char *appliance)
{
        size_t low = 0, high = disks->n;

        while (low < high) {
                const size_t middle = low + (high - low) / 2;
                const struct usage_disk *disk = &disks->list[middle];
                int order = strcmp(disk->volume, volume);
                order = order ? order : strcmp(disk->appliance, appliance);
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static int64_t most_of(const struct usage_disks *disks, const char *volume)
{
        int64_t most = 0;

        for (size_t i = place_of(disks, volume, "");
             i < disks->n && strcmp(disks->list[i].volume, volume) == 0; i++)
                if (disks->list[i].micro > most)
                        most = disks->list[i].micro;
        return most;
}

static struct usage_disk *disk_of(struct usage_disks *disks, const char *volume,
                                  const char *appliance)
{
        const size_t at = place_of(disks, volume, appliance);
        struct usage_disk *disk = at < disks->n ? &disks->list[at] : NULL;

        if (disk && strcmp(disk->volume, volume) == 0 && strcmp(disk->appliance, appliance) == 0)
                return disk;
        if (disks->n == disks->size) {
                const size_t size = disks->size ? 2 * disks->size : 64;
                struct usage_disk *list = reallocarray(disks->list, size, sizeof(*list));
                if (!list)
                        return NULL;
                disks->list = list;
                disks->size = size;
        }
        disk = &disks->list[at];
        memmove(disk + 1, disk, (disks->n - at) * sizeof(*disk));
        *disk = (struct usage_disk){ strdup(volume), strdup(appliance), 0 };
        disks->n++;
        return disk->volume && disk->appliance ? disk : NULL;
}

int usage_disks_add(struct usage_disks *disks, const char *volume, const char *appliance,
                    int64_t micro, int64_t *ret_counts)
{
        const int64_t before = most_of(disks, volume);
        struct usage_disk *disk = disk_of(disks, volume, appliance);

        if (!disk)
                return -ENOMEM;
        int r = vg_add_i64(disk->micro, micro, &disk->micro);
        if (r == 0)
                *ret_counts = most_of(disks, volume) - before;
        return r;
}

/* ---- from the ledger ---- */

struct reading {
        struct usage_disks *disks;
        struct store *store;
        struct vg_err *err;
};

static int add_row(void *ctx, const struct vg_merge_row *row)
{
        struct reading *reading = ctx;
        int64_t counts;

        return *row->volume ? usage_disks_add(reading->disks, row->volume, row->appliance,
                                              row->micro, &counts)
                            : 0;
}

/* What was received says what was sent, not only what of it counts. */
static int add_sent(struct reading *reading, const char *appliance, const json_t *sent)
{
        const json_t *one;
        size_t i;

        json_array_foreach ((json_t *)sent, i, one) {
                struct vg_merge_row row = { .appliance = appliance, .volume = "" };
                if (vg_json_get_string(one, "volume", &row.volume) < 0 ||
                    vg_json_get_int(one, "micro", &row.micro) < 0)
                        return -EBADMSG;
                int r = add_row(reading, &row);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_record(void *ctx, const struct store_record *record)
{
        struct reading *reading = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        const char *appliance;

        if (!record->bytes || strcmp(record->type, "usage-import") == 0)
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, reading->err) < 0 ||
            vg_json_get_string(body, "appliance", &appliance) < 0)
                return -EBADMSG;
        if (strcmp(record->type, "usage-received") == 0)
                return add_sent(reading, appliance, json_object_get(body, "sent"));
        return vg_merge_rows_of(body, &(struct vg_merge_source){ appliance, 0 }, add_row, reading);
}

static int take_seq(void *ctx, uint64_t seq)
{
        struct reading *reading = ctx;
        const struct store_record_query query = { VG_LOG_CLIENT, seq, seq + 1, NULL };

        return store_record_each(reading->store, &query, take_record, reading, reading->err);
}

int usage_disks_read(struct usage_disks *disks, struct store *store, int64_t start_s,
                     struct vg_err *err)
{
        struct reading reading = { disks, store, err };

        if (disks->list && disks->start_s == start_s)
                return 0;
        usage_disks_done(disks);
        disks->start_s = start_s;
        int r = store_usage_records(store, start_s, take_seq, &reading, err);
        return r == -EBADMSG || r == -ENOMEM
                       ? vg_err_set(err, r, "volumes de l'intervalle illisibles")
                       : r;
}
