/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/reattribute.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/records.h"
#include "os/loop.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { PROGRESS_RECORDS = 1000 };

void map_done(struct map *map)
{
        for (size_t i = 0; i < map->n; i++) {
                free((char *)map->row[i].value);
                free((char *)map->row[i].tenant);
        }
        free(map->row);
        *map = (struct map){ 0 };
}

static int add_row(void *ctx, const struct store_map *row)
{
        struct map *map = ctx;
        const int by = vg_tenant_by_find(row->by);

        if (by < 0)
                return -EBADMSG;
        if (map->n == map->size) {
                size_t size = map->size ? 2 * map->size : 16;
                struct vg_tenant_row *more = reallocarray(map->row, size, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                map->row = more;
                map->size = size;
        }
        struct vg_tenant_row *new = &map->row[map->n++];
        *new = (struct vg_tenant_row){
                .by = (enum vg_tenant_by)by,
                .value = strdup(row->value),
                .tenant = strdup(row->tenant),
                .from_utc_s = row->from_s,
        };
        return new->value &&new->tenant ? 0 : -ENOMEM;
}

int map_load(struct store *store, struct map *ret_map, struct vg_err *err)
{
        int r = store_map_each(store, add_row, ret_map, err);

        return r < 0 ? vg_err_wrap(err, r, "carte des abonnés") : 0;
}

/* One usage record of the period: where it is, whose, and whether the new row concerns it. */
struct place {
        int64_t start_s;
        char *tenant;
        uint64_t seq;
        bool concerned;
};

struct moving {
        struct records *records;
        struct vg_tenant_rules rules; /* the whole map */
        struct vg_tenant_rules alone; /* its last row */
        int64_t from_s;
        struct place *place;
        size_t n, size;
        size_t n_written, n_read;
        struct vg_err *err;
};

static void moving_done(struct moving *m)
{
        for (size_t i = 0; i < m->n; i++)
                free(m->place[i].tenant);
        free(m->place);
}

/* A usage record's entry; its strings live in *ret_tree. */
static int parse_record(const struct store_record *record, json_t **ret_tree,
                        struct vg_usage_entry **ret_entry, struct vg_err *err)
{
        struct vg_record split;
        int r = vg_record_split(record->bytes, record->n, &split);

        if (r == 0)
                r = vg_json_parse(split.body, split.n_body, ret_tree, NULL, NULL, err);
        return r < 0 ? r : vg_usage_parse(*ret_tree, ret_entry, err);
}

static bool concerns(const struct moving *m, const struct vg_usage_entry *entry)
{
        for (size_t i = 0; i < entry->n_lines; i++) {
                const struct vg_usage_line *line = &entry->lines[i];
                const struct vg_identity who = { line->uuid, line->name, line->hints };
                struct vg_attribution found;
                vg_tenant_attribute(&who, &m->alone, entry->start_s, &found);
                if (found.row)
                        return true;
        }
        return false;
}

static int add_place(struct moving *m, const struct store_record *record,
                     const struct vg_usage_entry *entry)
{
        if (m->n == m->size) {
                size_t size = m->size ? 2 * m->size : 256;
                struct place *more = reallocarray(m->place, size, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                m->place = more;
                m->size = size;
        }
        struct place *p = &m->place[m->n++];
        *p = (struct place){
                .start_s = entry->start_s,
                .tenant = strdup(entry->tenant),
                .seq = record->seq,
                .concerned = concerns(m, entry),
        };
        return p->tenant ? 0 : -ENOMEM;
}

/* A long period takes a while, and nothing else is done meanwhile: that is no stuck loop. */
static void show_progress(struct moving *m)
{
        if (m->n_read++ % PROGRESS_RECORDS == 0)
                vg_loop_notify("WATCHDOG=1");
}

static int look_at(void *ctx, const struct store_record *record)
{
        struct moving *m = ctx;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ struct vg_usage_entry *entry = NULL;

        if (!record->bytes)
                return 0; /* redacted: nothing is known of it any more */
        show_progress(m);
        int r = parse_record(record, &tree, &entry, m->err);
        if (r < 0)
                return r;
        return entry->start_s < m->from_s ? 0 : add_place(m, record, entry);
}

static int compare_places(const void *a, const void *b)
{
        const struct place *x = a, *y = b;
        int c;

        if (x->start_s != y->start_s)
                return x->start_s < y->start_s ? -1 : 1;
        c = strcmp(x->tenant, y->tenant);
        return c ? c : x->seq < y->seq ? -1 : 1;
}

struct part {
        json_t *tree;
        struct vg_usage_entry *entry;
        struct vg_err *err;
};

static int read_part(void *ctx, const struct store_record *record)
{
        struct part *part = ctx;

        return parse_record(record, &part->tree, &part->entry, part->err);
}

static int write_part(void *user, const struct vg_usage_entry *entry, struct vg_err *err)
{
        struct moving *m = user;

        m->n_written++;
        show_progress(m);
        return records_usage(m->records, entry, err);
}

static int pass_interval(_unused_ void *user, _unused_ const struct vg_interval_entry *entry,
                         _unused_ struct vg_err *err)
{
        return 0;
}

/* All parts of one interval of one tenant: place[0..n). */
static int move_group(struct moving *m, const struct place *place, size_t n, struct vg_err *err)
{
        _cleanup_free_ struct part *parts = calloc(n, sizeof(*parts));
        _cleanup_free_ struct vg_usage_entry *entries = calloc(n, sizeof(*entries));
        const struct vg_book_sink sink = { write_part, pass_interval, m };
        int r = parts && entries ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        for (size_t i = 0; i < n && r == 0; i++) {
                const struct store_record_query query = {
                        .log = VG_LOG_CLIENT,
                        .from_seq = place[i].seq,
                        .to_seq = place[i].seq + 1,
                };
                parts[i].err = err;
                r = store_record_each(m->records->keeper->store, &query, read_part, &parts[i], err);
                if (r == 0)
                        entries[i] = *parts[i].entry;
        }
        if (r == 0)
                r = vg_reattribute(entries, n, &m->rules, m->rules.n_rows - 1, &sink, err);
        for (size_t i = 0; parts && i < n; i++) {
                free(parts[i].entry);
                json_decref(parts[i].tree);
        }
        return r;
}

/* Intervals are written one after the other, each after its usage. So all usage of the period stands
 * behind the first record of an interval that begins just before it; where none does, anywhere. */
struct oldest {
        int64_t start_s;
        uint64_t seq;
};

static int note_oldest(void *ctx, const struct store_interval *interval)
{
        struct oldest *oldest = ctx;

        if (interval->seq < oldest->seq)
                *oldest = (struct oldest){ interval->start_s, interval->seq };
        return 0;
}

static int gather(struct moving *m, struct vg_err *err)
{
        struct store *store = m->records->keeper->store;
        struct store_record_query query = { .log = VG_LOG_CLIENT, .type = "usage" };
        struct oldest oldest = { INT64_MAX, UINT64_MAX };
        int r = store_interval_each(store, m->from_s - VG_HOUR_S, INT64_MAX, note_oldest, &oldest,
                                    err);

        if (oldest.start_s < m->from_s)
                query.from_seq = oldest.seq;
        query.to_seq = store_identity(store)->size[VG_LOG_CLIENT];
        return r < 0 ? r : store_record_each(store, &query, look_at, m, err);
}

int reattribute(struct records *records, const struct map *map, int64_t from_s, size_t *ret_n,
                struct vg_err *err)
{
        _cleanup_(moving_done) struct moving m = {
                .records = records,
                .rules = { map->row, map->n, records->keeper->meter.options.name_pattern },
                .alone = { map->row + map->n - 1, 1, NULL },
                .from_s = from_s,
                .err = err,
        };
        int r = gather(&m, err);

        if (r < 0)
                return vg_err_wrap(err, r, "usage déjà inscrit");
        if (m.n)
                qsort(m.place, m.n, sizeof(*m.place), compare_places);
        for (size_t i = 0, next; i < m.n && r == 0; i = next) {
                bool concerned = false;
                for (next = i; next < m.n && m.place[next].start_s == m.place[i].start_s &&
                               strcmp(m.place[next].tenant, m.place[i].tenant) == 0;
                     next++)
                        concerned |= m.place[next].concerned;
                if (concerned)
                        r = move_group(&m, m.place + i, next - i, err);
        }
        if (r == 0)
                r = records_usage_end(records, err);
        *ret_n = m.n_written;
        return r;
}
