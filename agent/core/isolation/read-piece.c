/* SPDX-License-Identifier: Apache-2.0 */

#include "read-piece.h"

#include <errno.h>
#include <string.h>

#include "host.h"
#include "register.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static int wrong(struct vg_err *err, const char *what)
{
        return vg_err_set(err, -EINVAL, "constat : « %s » manque ou n'a pas la forme attendue",
                          what);
}

static const char *text(struct arena *arena, const json_t *piece, const char *key)
{
        const char *value;

        return vg_json_get_string(piece, key, &value) == 0 ? arena_text(arena, value) : NULL;
}

static int64_t number(const json_t *piece, const char *key)
{
        int64_t value;

        return vg_json_get_int(piece, key, &value) == 0 ? value : -1;
}

/* An array of strings or integers, as texts. */
static struct words words_of(struct arena *arena, const json_t *array)
{
        const size_t n = json_array_size(array);
        const char **at = n ? arena_array(arena, n, sizeof(*at)) : NULL;
        struct words words = { .at = at, .known = json_is_array(array) };

        for (size_t i = 0; at && i < n; i++) {
                const json_t *value = json_array_get(array, i);
                if (json_is_string(value))
                        at[words.n++] = arena_text(arena, json_string_value(value));
                else if (json_is_integer(value))
                        at[words.n++] =
                                arena_printf(arena, "%lld", (long long)json_integer_value(value));
        }
        return words;
}

int piece_read_nothing(_unused_ struct item *item, _unused_ const json_t *piece,
                       _unused_ struct vg_err *err)
{
        return 0;
}

int piece_read_document(struct item *item, const json_t *piece, struct vg_err *err)
{
        item->live = number(piece, "live") == 1;
        item->hidden = number(piece, "hidden") == 1;
        item->taints = words_of(&item->arena, json_object_get(piece, "taints"));
        return node_read(&item->arena, json_object_get(piece, "tree"), &item->tree, err);
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_words(struct item *item, const json_t *array, const char *name, struct vg_err *err)
{
        item->words = words_of(&item->arena, array);
        if (!item->words.known)
                return wrong(err, name);
        if (item->words.n)
                qsort((void *)item->words.at, item->words.n, sizeof(char *), by_text);
        return 0;
}

int piece_read_filters(struct item *item, const json_t *piece, struct vg_err *err)
{
        return read_words(item, json_object_get(piece, "chains"), "chains", err);
}

int piece_read_orphans(struct item *item, const json_t *piece, struct vg_err *err)
{
        return read_words(item, json_object_get(piece, "orphans"), "orphans", err);
}

/* Flat: from, to, from, to. */
int piece_read_mirrors(struct item *item, const json_t *piece, struct vg_err *err)
{
        const json_t *list = json_object_get(piece, "mirrors");
        const size_t n = json_array_size(list);
        const char **at = n ? arena_array(&item->arena, n, 2 * sizeof(*at)) : NULL;

        if (!json_is_array(list))
                return wrong(err, "mirrors");
        item->words = (struct words){ .at = at, .known = true };
        for (size_t i = 0; at && i < n; i++) {
                const json_t *pair = json_array_get(list, i);
                const char *from = json_string_value(json_array_get(pair, 0));
                const char *to = json_string_value(json_array_get(pair, 1));
                if (!from || !to)
                        return wrong(err, "mirrors");
                at[item->words.n++] = arena_text(&item->arena, from);
                at[item->words.n++] = arena_text(&item->arena, to);
        }
        return 0;
}

int piece_read_path(struct item *item, const json_t *piece, struct vg_err *err)
{
        struct arena *arena = &item->arena;
        const char *mode = text(arena, piece, "mode");

        item->path = (struct path_fact){
                .real = text(arena, piece, "real"),
                .toward = text(arena, piece, "toward"),
                .kind = text(arena, piece, "kind"),
                .dev = text(arena, piece, "dev"),
                .ino = text(arena, piece, "ino"),
                .rdev = text(arena, piece, "rdev"),
                .format = text(arena, piece, "format"),
                .backing = text(arena, piece, "backing"),
                .data_file = text(arena, piece, "data_file"),
                .open = number(piece, "open"),
                .crypt = number(piece, "crypt"),
                .backing_bad = number(piece, "backing_bad"),
                .backing_raw = number(piece, "backing_raw"),
                .mode = -1,
        };
        if (mode && strspn(mode, "01234567") == strlen(mode) && strlen(mode) <= 6)
                item->path.mode = (int)strtoll(mode, NULL, 8);
        return item->path.real ? 0 : wrong(err, "real");
}

static bool holds(const json_t *array, const char *word)
{
        for (size_t i = 0; i < json_array_size(array); i++) {
                const char *is = json_string_value(json_array_get(array, i));
                if (is && strcmp(is, word) == 0)
                        return true;
        }
        return false;
}

static void read_threads(struct arena *arena, const json_t *piece, struct process *process)
{
        const json_t *all = json_object_get(piece, "threads");
        const json_t *vcpus = json_object_get(piece, "vcpus");
        const size_t n = json_object_size(all);
        struct thread *list = n ? arena_array(arena, n, sizeof(*list)) : NULL;
        const char *tid;
        json_t *cpus;

        process->threads = list;
        json_object_foreach ((json_t *)all, tid, cpus)
                if (list && json_is_string(cpus))
                        list[process->n_threads++] =
                                (struct thread){ arena_text(arena, tid),
                                                 arena_text(arena, json_string_value(cpus)),
                                                 holds(vcpus, tid) };
}

int piece_read_process(struct item *item, const json_t *piece, _unused_ struct vg_err *err)
{
        struct arena *arena = &item->arena;

        item->process = (struct process){
                .pid = number(piece, "pid"),
                .uid = number(piece, "uid"),
                .seccomp = number(piece, "seccomp"),
                .no_new_privs = number(piece, "no_new_privs"),
                .ksm_mergeable = number(piece, "ksm_mergeable"),
                .mnt_private = number(piece, "mnt_private"),
                .caps = text(arena, piece, "caps"),
                .label = text(arena, piece, "label"),
                .label_error = text(arena, piece, "label_error"),
                .cookies = words_of(arena, json_object_get(piece, "cookies")),
                .files = words_of(arena, json_object_get(piece, "files")),
                .listens = words_of(arena, json_object_get(piece, "listens")),
        };
        read_threads(arena, piece, &item->process);
        return 0;
}

int piece_read_tenants(struct item *item, const json_t *piece, struct vg_err *err)
{
        return register_read(&item->arena, json_object_get(piece, "register"), &item->tenants, err);
}

static int by_path(const void *a, const void *b)
{
        return strcmp(((const char *const *)a)[0], ((const char *const *)b)[0]);
}

int piece_read_texts(struct item *item, const json_t *piece, struct vg_err *err)
{
        const json_t *texts = json_object_get(piece, "texts");
        const size_t n = json_object_size(texts);
        const char **at = n ? arena_array(&item->arena, n, 2 * sizeof(*at)) : NULL;
        const char *path;
        json_t *content;

        if (!json_is_object(texts))
                return wrong(err, "texts");
        item->words = (struct words){ .at = at, .known = true };
        json_object_foreach ((json_t *)texts, path, content) {
                if (!json_is_string(content))
                        return wrong(err, path);
                if (!at)
                        continue;
                at[item->words.n++] = arena_text(&item->arena, path);
                at[item->words.n++] = arena_text(&item->arena, json_string_value(content));
        }
        if (item->words.n)
                qsort((void *)at, item->words.n / 2, 2 * sizeof(*at), by_path);
        return 0;
}
