/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

struct list {
        void *items;
        size_t n, size, item;
};

struct vg_merge {
        struct list rows, conflicts, shared, told, merged;
        char **texts; /* the files' bytes, cut into fields in place */
        size_t n_texts;
        uint64_t duplicates;
        struct vg_merge_result result;
};

static int out_of_memory(struct vg_err *err)
{
        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static void *add(struct list *list)
{
        if (list->n == list->size) {
                const size_t size = list->size ? 2 * list->size : 256;
                void *items = reallocarray(list->items, size, list->item);
                if (!items)
                        return NULL;
                list->items = items;
                list->size = size;
        }
        return memset((char *)list->items + list->n++ * list->item, 0, list->item);
}

int vg_merge_new(struct vg_merge **ret_merge, struct vg_err *err)
{
        struct vg_merge *merge = calloc(1, sizeof(*merge));

        if (!merge)
                return out_of_memory(err);
        merge->rows.item = merge->conflicts.item = merge->shared.item = merge->told.item =
                sizeof(struct vg_merge_row);
        merge->merged.item = sizeof(struct vg_merged);
        *ret_merge = merge;
        return 0;
}

void vg_merge_free(struct vg_merge *merge)
{
        if (!merge)
                return;
        for (size_t i = 0; i < merge->n_texts; i++)
                free(merge->texts[i]);
        free(merge->texts);
        free(merge->rows.items);
        free(merge->conflicts.items);
        free(merge->shared.items);
        free(merge->told.items);
        free(merge->merged.items);
        free(merge);
}

/* ---- reading ---- */

static int read_lines(struct vg_merge *merge, const char *file, char *text, struct vg_err *err)
{
        uint64_t line = 0;

        for (char *at = text, *next; *at; at = next) {
                size_t n = strcspn(at, "\n");
                next = at + n + (at[n] == '\n');
                at[n] = '\0';
                if (n && at[n - 1] == '\r')
                        at[--n] = '\0';
                if (++line == 1 && !vg_merge_is_header(at, n))
                        return vg_err_set(err, -EINVAL, "%s : l'en-tête doit être « %s »", file,
                                          VG_MERGE_HEADER);
                if (line == 1 || !n)
                        continue;

                struct vg_merge_row *row = add(&merge->rows);
                if (!row)
                        return out_of_memory(err);
                if (!vg_merge_row_read(at, row))
                        return vg_err_set(err, -EINVAL, "%s, ligne %llu : illisible", file,
                                          (unsigned long long)line);
                row->file = file;
                row->line = line;
                row->counts = row->micro;
        }
        return line ? 0 : vg_err_set(err, -EINVAL, "%s : fichier vide", file);
}

int vg_merge_add(struct vg_merge *merge, const char *file, const char *bytes, size_t n,
                 struct vg_err *err)
{
        if (vg_utf16_likely(bytes, n))
                return vg_err_set(
                        err, -EINVAL,
                        "%s : en UTF-16 (« texte Unicode »); dans le tableur, enregistrer "
                        "en « CSV UTF-8 »",
                        file);
        if (memchr(bytes, '\0', n))
                return vg_err_set(err, -EINVAL, "%s : octet nul", file);
        /* Cut within its last field a row still reads, as another one. */
        if (n && bytes[n - 1] != '\n')
                return vg_err_set(err, -EINVAL,
                                  "%s : s'arrête au milieu d'une ligne; transfert interrompu, "
                                  "à refaire",
                                  file);

        char **texts = reallocarray(merge->texts, merge->n_texts + 1, sizeof(*texts));
        if (!texts)
                return out_of_memory(err);
        merge->texts = texts;
        char *text = texts[merge->n_texts] = strndup(bytes, n);
        if (!text)
                return out_of_memory(err);
        merge->n_texts++;
        return read_lines(merge, file, text, err);
}

/* ---- keys ---- */

static int compare_i64(int64_t a, int64_t b)
{
        return (a > b) - (a < b);
}

static int compare_sent(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        int r = strcmp(a->appliance, b->appliance);

        r = r ? r : compare_i64(a->seq, b->seq);
        r = r ? r : strcmp(a->resource, b->resource);
        return r ? r : strcmp(a->volume, b->volume);
}

static int compare_meant(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        int r = compare_i64(a->start_s, b->start_s);

        r = r ? r : strcmp(a->resource, b->resource);
        r = r ? r : strcmp(a->volume, b->volume);
        r = r ? r : strcmp(a->appliance, b->appliance);
        r = r ? r : strcmp(a->tenant, b->tenant);
        return r ? r : compare_i64(a->part, b->part);
}

enum fate { COUNTS, REPEATED, CONTRADICTS };

struct place {
        struct vg_merge_row *row;
        size_t at; /* in which it was read: among equals the first stays first */
        enum fate fate;
};

static int compare_at(const struct place *a, const struct place *b)
{
        return (a->at > b->at) - (a->at < b->at);
}

static int by_sent(const void *a, const void *b)
{
        const struct place *x = a, *y = b;
        int r = compare_sent(x->row, y->row);

        return r ? r : compare_at(x, y);
}

static int by_meant(const void *a, const void *b)
{
        const struct place *x = a, *y = b;
        int r = compare_meant(x->row, y->row);

        return r ? r : compare_at(x, y);
}

static int by_output(const void *a, const void *b)
{
        const struct vg_merge_row *x = ((const struct place *)a)->row,
                                  *y = ((const struct place *)b)->row;
        int r = compare_i64(x->start_s, y->start_s);

        r = r ? r : strcmp(x->tenant, y->tenant);
        r = r ? r : strcmp(x->resource, y->resource);
        r = r ? r : strcmp(x->appliance, y->appliance);
        return r ? r : compare_at(a, b);
}

static int by_reading(const void *a, const void *b)
{
        return compare_at(a, b);
}

static bool says_the_same(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        return a->micro == b->micro && strcmp(a->seen, b->seen) == 0 && compare_meant(a, b) == 0;
}

/* Of rows under one key the first stands. */
static void judge(struct place *places, size_t n,
                  int (*compare)(const struct vg_merge_row *a, const struct vg_merge_row *b))
{
        const struct vg_merge_row *first = NULL;

        for (size_t i = 0; i < n; i++) {
                if (places[i].fate != COUNTS)
                        continue;
                if (!first || compare(first, places[i].row) != 0)
                        first = places[i].row;
                else
                        places[i].fate =
                                says_the_same(first, places[i].row) ? REPEATED : CONTRADICTS;
        }
}

/* ---- volumes ---- */

static bool is_same_volume(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        return a->start_s == b->start_s && strcmp(a->resource, b->resource) == 0 &&
               strcmp(a->volume, b->volume) == 0;
}

/* Places [from, to) are of one volume in one interval; list: room for as many. */
static int share(struct place *places, size_t from, size_t to, struct vg_merge_row **list,
                 struct vg_err *err)
{
        size_t n = 0;

        for (size_t i = from; i < to; i++)
                if (places[i].fate == COUNTS)
                        list[n++] = places[i].row;
        int r = *places[from].row->volume && n ? vg_share(list, n) : 0;
        return r < 0 ? vg_err_set(err, r, "%s, ligne %llu : volume impossible à partager",
                                  places[from].row->file,
                                  (unsigned long long)places[from].row->line)
                     : 0;
}

static int share_volumes(struct place *places, size_t n, struct vg_err *err)
{
        _cleanup_free_ struct vg_merge_row **list = calloc(n + 1, sizeof(struct vg_merge_row *));
        int r = list ? 0 : out_of_memory(err);

        for (size_t i = 0, next; i < n && r == 0; i = next) {
                for (next = i + 1; next < n && is_same_volume(places[i].row, places[next].row);
                     next++)
                        ;
                r = share(places, i, next, list, err);
        }
        return r;
}

/* ---- what comes out ---- */

static int add_up(struct vg_merge *merge, const struct place *places, size_t n, struct vg_err *err)
{
        struct vg_merged *last = NULL;

        for (size_t i = 0; i < n; i++) {
                const struct vg_merge_row *row = places[i].row;
                if (places[i].fate != COUNTS || (row->micro && !row->counts) ||
                    vg_merge_is_month(row))
                        continue;
                if (!last || last->start_s != row->start_s ||
                    strcmp(last->tenant, row->tenant) != 0 ||
                    strcmp(last->resource, row->resource) != 0 ||
                    strcmp(last->appliance, row->appliance) != 0) {
                        last = add(&merge->merged);
                        if (!last)
                                return out_of_memory(err);
                        *last = (struct vg_merged){ row->start_s, 0, row->tenant, row->resource,
                                                    row->appliance };
                }
                if (vg_add_i64(last->micro, row->counts, &last->micro) < 0)
                        return vg_err_set(err, -ERANGE, "%s, ligne %llu : somme trop grande",
                                          row->file, (unsigned long long)row->line);
        }
        return 0;
}

static int put(struct list *list, const struct vg_merge_row *row, struct vg_err *err)
{
        struct vg_merge_row *place = add(list);

        if (!place)
                return out_of_memory(err);
        *place = *row;
        return 0;
}

static int list_apart(struct vg_merge *merge, const struct place *places, size_t n,
                      struct vg_err *err)
{
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                const enum fate fate = places[i].fate;
                if (fate == CONTRADICTS)
                        r = put(&merge->conflicts, places[i].row, err);
                if (fate == COUNTS && places[i].row->counts != places[i].row->micro)
                        r = put(&merge->shared, places[i].row, err);
                if (r == 0 && fate == COUNTS)
                        r = put(&merge->told, places[i].row, err);
                merge->duplicates += fate == REPEATED;
        }
        return r;
}

/* All rows, each to be counted until something says otherwise. */
static int places_of(const struct vg_merge *merge, struct place **ret_places, struct vg_err *err)
{
        struct vg_merge_row *rows = merge->rows.items;
        struct place *places = calloc(merge->rows.n + 1, sizeof(*places));

        if (!places)
                return out_of_memory(err);
        for (size_t i = 0; i < merge->rows.n; i++)
                places[i] = (struct place){ &rows[i], i, COUNTS };
        *ret_places = places;
        return 0;
}

static size_t count_appliances(const struct place *places, size_t n) /* sorted by what was sent */
{
        size_t count = 0;

        for (size_t i = 0; i < n; i++)
                count += i == 0 ||
                         strcmp(places[i].row->appliance, places[i - 1].row->appliance) != 0;
        return count;
}

static int by_record(const void *a, const void *b)
{
        const struct vg_merge_row *x = ((const struct place *)a)->row,
                                  *y = ((const struct place *)b)->row;
        int r = strcmp(x->appliance, y->appliance);

        r = r ? r : compare_i64(x->seq, y->seq);
        return r ? r : compare_at(a, b);
}

int vg_merge_sent(struct vg_merge *merge, vg_merge_row_fn *fn, void *ctx, struct vg_err *err)
{
        _cleanup_free_ struct place *places = NULL;
        int r = places_of(merge, &places, err);

        if (r < 0)
                return r;
        qsort(places, merge->rows.n, sizeof(*places), by_record);
        for (size_t i = 0; i < merge->rows.n && r == 0; i++)
                r = fn(ctx, places[i].row);
        return r;
}

int vg_merge_finish(struct vg_merge *merge, const struct vg_merge_result **ret_result,
                    struct vg_err *err)
{
        const size_t n = merge->rows.n;
        _cleanup_free_ struct place *places = NULL;
        int r = places_of(merge, &places, err);

        assert(!merge->result.rows);
        if (r < 0)
                return r;
        qsort(places, n, sizeof(*places), by_sent);
        merge->result.n_appliances = count_appliances(places, n);
        judge(places, n, compare_sent);
        qsort(places, n, sizeof(*places), by_meant);
        judge(places, n, compare_meant);
        r = share_volumes(places, n, err);
        qsort(places, n, sizeof(*places), by_output);
        if (r == 0)
                r = add_up(merge, places, n, err);
        qsort(places, n, sizeof(*places), by_reading);
        if (r == 0)
                r = list_apart(merge, places, n, err);
        if (r < 0)
                return r;
        merge->result.rows = merge->merged.items;
        merge->result.n_rows = merge->merged.n;
        merge->result.conflicts = merge->conflicts.items;
        merge->result.n_conflicts = merge->conflicts.n;
        merge->result.shared = merge->shared.items;
        merge->result.n_shared = merge->shared.n;
        merge->result.told = merge->told.items;
        merge->result.n_told = merge->told.n;
        merge->result.duplicates = merge->duplicates;
        *ret_result = &merge->result;
        return 0;
}
