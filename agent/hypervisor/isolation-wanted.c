/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/isolation-wanted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/files.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static int by_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_list(struct vg_json *j, const char *key, const char **list, size_t n)
{
        if (n)
                qsort(list, n, sizeof(*list), by_text);
        vg_json_array(j, key);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || strcmp(list[i - 1], list[i]) != 0)
                        vg_json_string(j, NULL, list[i]);
        vg_json_end_array(j);
}

static char *format(const json_t *wants)
{
        static const char domain[] = "domain/";
        struct vg_json j = { 0 };
        size_t n = 0, n_paths = 0, n_processes = 0, i;
        const char *key;
        json_t *list;

        json_object_foreach ((json_t *)wants, key, list)
                n += json_array_size(list);
        _cleanup_free_ const char **paths = calloc(n + 1, sizeof(*paths));
        _cleanup_free_ const char **processes = calloc(n + 1, sizeof(*processes));
        if (!paths || !processes)
                return NULL;
        json_object_foreach ((json_t *)wants, key, list) {
                const json_t *want;
                json_array_foreach (list, i, want) {
                        const char *text = json_string_value(want);
                        if (strcmp(text, "/") != 0)
                                paths[n_paths++] = text;
                        else if (strncmp(key, domain, strlen(domain)) == 0)
                                processes[n_processes++] = key + strlen(domain);
                }
        }
        vg_json_object(&j, NULL);
        put_list(&j, "paths", paths, n_paths);
        put_list(&j, "processes", processes, n_processes);
        vg_json_end_object(&j);
        return vg_buf_take(&j.buf);
}

int wanted_write(const char *path, const json_t *wants, char **said)
{
        _cleanup_free_ char *text = format(wants);

        if (!text)
                return -ENOMEM;
        if (*said && strcmp(*said, text) == 0)
                return 0;
        int r = vg_file_write(path, text, strlen(text), 0600, NULL);
        if (r < 0)
                return r;
        free(*said);
        *said = TAKE_PTR(text);
        return 0;
}
