/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/usage-shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "keeper/records.h"
#include "keeper/usage-import.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/num.h"

struct correction { /* what is to be recorded of a tenant's resource: towards what counts */
        const char *tenant, *resource;
        int64_t micro;
};

struct sharing {
        struct records *records;
        json_t *bodies; /* of the interval's records: texts are theirs */
        struct vg_merge_row *rows;
        struct vg_merge_row **order;
        struct correction *corrections;
        size_t n, size, n_corrections, size_corrections;
        bool redacted, received;
        struct vg_err *err;
};

static void sharing_done(struct sharing *s)
{
        for (size_t i = 0; i < s->n; i++) {
                free((char *)s->rows[i].volume);
                free((char *)s->rows[i].seen);
        }
        free(s->rows);
        free(s->order);
        free(s->corrections);
        json_decref(s->bodies);
}

static int correct(struct sharing *s, const char *tenant, const char *resource, int64_t micro)
{
        for (size_t i = 0; i < s->n_corrections; i++) {
                struct correction *c = &s->corrections[i];
                if (strcmp(c->tenant, tenant) == 0 && strcmp(c->resource, resource) == 0)
                        return vg_add_i64(c->micro, micro, &c->micro);
        }
        if (s->n_corrections == s->size_corrections) {
                const size_t size = s->size_corrections ? 2 * s->size_corrections : 16;
                struct correction *list = reallocarray(s->corrections, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                s->corrections = list;
                s->size_corrections = size;
        }
        s->corrections[s->n_corrections++] = (struct correction){ tenant, resource, micro };
        return 0;
}

/* ---- what was recorded ---- */

static int add_row(void *ctx, const struct vg_merge_row *row)
{
        struct sharing *s = ctx;

        if (!*row->volume)
                return 0;
        if (s->n == s->size) {
                const size_t size = s->size ? 2 * s->size : 64;
                struct vg_merge_row *rows = reallocarray(s->rows, size, sizeof(*rows));
                if (!rows)
                        return -ENOMEM;
                s->rows = rows;
                s->size = size;
        }
        struct vg_merge_row *copy = &s->rows[s->n++];
        *copy = *row;
        copy->volume = strdup(row->volume);
        copy->seen = strdup(row->seen);
        return copy->volume && copy->seen ? 0 : -ENOMEM;
}

/* Of what counts of a record: of before, of a volume what it added to what others had told. */
static int add_counted(struct sharing *s, const char *tenant, const json_t *resources, int sign)
{
        const char *resource;
        json_t *amount;
        int64_t micro;
        int r = 0;

        json_object_foreach ((json_t *)resources, resource, amount) {
                if (vg_json_get_int(amount, "micro", &micro) < 0)
                        return -EBADMSG;
                r = correct(s, tenant, resource, sign * micro);
                if (r < 0)
                        break;
        }
        return r;
}

static int add_received(struct sharing *s, const json_t *body, const struct vg_merge_row *pattern)
{
        const json_t *one;
        size_t i;
        int r = add_counted(s, pattern->tenant, json_object_get(body, "resources"), -1);

        s->received = true;
        json_array_foreach (json_object_get(body, "sent"), i, one) {
                struct vg_merge_row row = *pattern;
                if (r < 0)
                        break;
                if (vg_json_get_string(one, "volume", &row.volume) < 0 ||
                    vg_json_get_string(one, "resource", &row.resource) < 0 ||
                    vg_json_get_int(one, "micro", &row.micro) < 0)
                        return -EBADMSG;
                (void)vg_json_get_string(one, "seen", &row.seen);
                r = correct(s, row.tenant, row.resource, row.micro);
                if (r == 0)
                        r = add_row(s, &row);
        }
        return r;
}

static int add_body(struct sharing *s, const char *type, uint64_t seq, const json_t *body)
{
        struct vg_merge_row row = { .seq = (int64_t)seq, .seen = "" };

        if (vg_json_get_string(body, "appliance", &row.appliance) < 0 ||
            vg_json_get_string(body, "tenant", &row.tenant) < 0)
                return -EBADMSG;
        if (strcmp(type, "usage-received") == 0)
                return add_received(s, body, &row);
        if (strcmp(type, "usage-shared") == 0)
                return add_counted(s, row.tenant, json_object_get(body, "resources"), -1);
        return vg_merge_rows_of(body, &(struct vg_merge_source){ row.appliance, row.seq }, add_row,
                                s);
}

static int take_record(void *ctx, const struct store_record *record)
{
        struct sharing *s = ctx;
        struct vg_record split;
        json_t *body = NULL;

        if (!record->bytes)
                s->redacted = true;
        if (!record->bytes || strcmp(record->type, "usage-import") == 0)
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, s->err) < 0)
                return -EBADMSG;
        return json_array_append_new(s->bodies, body) < 0
                       ? -ENOMEM
                       : add_body(s, record->type, record->seq, body);
}

static int take_seq(void *ctx, int64_t seq)
{
        struct sharing *s = ctx;
        const struct store_record_query query = { VG_LOG_CLIENT, (uint64_t)seq, (uint64_t)seq + 1,
                                                  NULL };

        return store_record_each(s->records->keeper->store, &query, take_record, s, s->err);
}

/* ---- what counts of it ---- */

static bool is_same_volume(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        return strcmp(a->resource, b->resource) == 0 && strcmp(a->volume, b->volume) == 0;
}

static int by_volume(const void *a, const void *b)
{
        const struct vg_merge_row *x = *(struct vg_merge_row *const *)a,
                                  *y = *(struct vg_merge_row *const *)b;
        int r = strcmp(x->resource, y->resource);

        r = r ? r : strcmp(x->volume, y->volume);
        r = r ? r : strcmp(x->appliance, y->appliance);
        r = r ? r : strcmp(x->tenant, y->tenant);
        return r ? r : (x->seq > y->seq) - (x->seq < y->seq);
}

static int share(struct sharing *s)
{
        int r = 0;

        s->order = calloc(s->n + 1, sizeof(struct vg_merge_row *));
        if (!s->order)
                return -ENOMEM;
        for (size_t i = 0; i < s->n; i++)
                s->order[i] = &s->rows[i];
        qsort(s->order, s->n, sizeof(struct vg_merge_row *), by_volume);
        for (size_t i = 0, next; i < s->n && r == 0; i = next) {
                for (next = i + 1; next < s->n && is_same_volume(s->order[i], s->order[next]);
                     next++)
                        ;
                r = vg_share(s->order + i, next - i);
        }
        for (size_t i = 0; i < s->n && r == 0; i++)
                r = correct(s, s->rows[i].tenant, s->rows[i].resource,
                            s->rows[i].counts - s->rows[i].micro);
        return r;
}

static int put(struct sharing *s, int64_t start_s, const struct correction *c)
{
        const struct keeper *k = s->records->keeper;
        struct vg_json j = { 0 };
        int64_t part;
        char start[32];
        int r = store_next_part(k->store, start_s, c->tenant, IMPORT_RECEIVED_PART, INT64_MAX,
                                &part, s->err);

        if (r < 0)
                return r;
        vg_json_object(&j, NULL);
        vg_json_string(&j, "appliance", k->settings->appliance_id);
        vg_json_string(&j, "contract", k->closing.contract_id);
        vg_json_int(&j, "interval_s", k->closing.interval_s);
        vg_json_int(&j, "part", part);
        vg_json_object(&j, "resources");
        vg_json_object(&j, c->resource);
        vg_json_int(&j, "micro", c->micro);
        vg_json_string(&j, "quality", vg_quality_name(VG_QUALITY_WHOLE));
        vg_json_end_object(&j);
        vg_json_end_object(&j);
        vg_json_string(&j, "start", vg_utc_format(start_s, start));
        vg_json_string(&j, "tenant", c->tenant);
        vg_json_end_object(&j);
        return records_append(s->records, VG_LOG_CLIENT, "usage-shared", &j, s->err);
}

int usage_share(struct records *records, int64_t start_s, struct vg_err *err)
{
        _cleanup_(sharing_done) struct sharing s = { .records = records, .err = err };
        bool any;
        int r = store_received_any(records->keeper->store, &any, err);

        if (r < 0 || !any)
                return r;
        s.bodies = json_array();
        r = s.bodies ? store_usage_records(records->keeper->store, start_s, take_seq, &s, err)
                     : -ENOMEM;

        /* Nobody else told of it; or what was told cannot be read any more, and stays as it counted. */
        if (r < 0 || !s.received || s.redacted)
                return r < 0 ? vg_err_set(err, r, "volumes de l'intervalle illisibles") : 0;
        r = share(&s);
        if (r < 0)
                return vg_err_set(err, r, "volumes de l'intervalle : somme impossible");
        for (size_t i = 0; i < s.n_corrections && r == 0; i++)
                if (s.corrections[i].micro)
                        r = put(&s, start_s, &s.corrections[i]);
        return r;
}
