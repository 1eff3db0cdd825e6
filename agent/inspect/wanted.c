/* SPDX-License-Identifier: Apache-2.0 */

#include "inspect/wanted.h"

#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/files.h"
#include "os/log.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { WANTED_BYTES_MAX = 64 << 20 };

static void list_done(char **list, size_t n)
{
        for (size_t i = 0; i < n; i++)
                free(list[i]);
        free(list);
}

void wanted_done(struct wanted *w)
{
        list_done(w->paths, w->n_paths);
        list_done(w->processes, w->n_processes);
        *w = (struct wanted){ 0 };
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **take_list(const json_t *array, size_t *ret_n)
{
        char **list = calloc(json_array_size(array) + 1, sizeof(*list));
        const json_t *value;
        size_t i, n = 0;

        if (!list)
                return NULL;
        json_array_foreach (array, i, value) {
                if (json_is_string(value) && (list[n] = strdup(json_string_value(value))))
                        n++;
        }
        qsort(list, n, sizeof(*list), by_text);
        *ret_n = n;
        return list;
}

static bool may_be_theirs(const struct stat *st, const char *owner)
{
        const struct passwd *user = getpwnam(owner);

        return S_ISREG(st->st_mode) && !(st->st_mode & S_IWOTH) &&
               (st->st_uid == 0 || st->st_uid == geteuid() || (user && st->st_uid == user->pw_uid));
}

static void parse(struct wanted *w, const char *bytes, size_t n)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_err err = { 0 };

        if (vg_json_parse(bytes, n, &tree, NULL, NULL, &err) < 0) {
                vg_log(LOG_WARNING, "liste des objets à examiner illisible, ignorée : %s",
                       vg_err_text(&err));
                return;
        }
        w->paths = take_list(json_object_get(tree, "paths"), &w->n_paths);
        w->processes = take_list(json_object_get(tree, "processes"), &w->n_processes);
        w->is_known = w->paths && w->processes;
}

bool wanted_read(struct wanted *w, const char *path, const char *owner)
{
        _cleanup_free_ char *bytes = NULL;
        struct stat st;
        size_t n;

        if (stat(path, &st) < 0 || !may_be_theirs(&st, owner)) {
                const bool was_known = w->is_known;
                wanted_done(w);
                return was_known;
        }
        if (st.st_ino == w->inode && st.st_mtim.tv_sec == w->changed.tv_sec &&
            st.st_mtim.tv_nsec == w->changed.tv_nsec)
                return false;
        wanted_done(w);
        w->inode = st.st_ino;
        w->changed = st.st_mtim;
        if (vg_file_read(path, WANTED_BYTES_MAX, &bytes, &n, NULL) == 0)
                parse(w, bytes, n);
        return true;
}

bool wanted_has_process(const struct wanted *w, const char *uuid)
{
        return w->n_processes &&
               bsearch(&uuid, w->processes, w->n_processes, sizeof(*w->processes), by_text);
}
