/* SPDX-License-Identifier: Apache-2.0 */

/* make-ledger FOLDER APPLIANCE KEY.pem: writes FOLDER/ledger.db through the store, as the keeper
 * would, from JSON lines on standard input:
 *
 *   {"do":"append","log":"client","type":"usage","utc_ns":N,"body":{…}}
 *   {"do":"open","at_s":N,"rows":[{"start_s":N,"tenant":"…","resource":"…","micro":N}]}
 *   {"do":"inbox","line":{…}}
 *   {"do":"checkpoint","utc_ns":N}
 *
 * Tests say what the ledger holds; only the store knows how. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/files.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"

enum { LINES_PER_COMMIT = 5000 };

static int append(struct store *store, const json_t *line, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf body = { 0 };
        const char *log_name = "", *type = "";
        int64_t utc_ns = 0;
        enum vg_log log;

        (void)vg_json_get_string(line, "log", &log_name);
        (void)vg_json_get_string(line, "type", &type);
        (void)vg_json_get_int(line, "utc_ns", &utc_ns);

        int r = vg_log_parse(log_name, &log);
        if (r == 0)
                r = vg_json_canonical(json_object_get(line, "body"), &body, err);
        return r < 0 ? r : store_append(store, log, type, body.data, body.n, utc_ns, NULL, err);
}

static int put_open(struct store *store, const json_t *line, struct vg_err *err)
{
        const json_t *rows = json_object_get(line, "rows");
        const size_t n = json_array_size(rows);
        _cleanup_free_ struct store_usage *list = calloc(n + 1, sizeof(*list));
        int64_t at_s = 0;

        if (!list)
                return -ENOMEM;
        (void)vg_json_get_int(line, "at_s", &at_s);
        for (size_t i = 0; i < n; i++) {
                const json_t *row = json_array_get(rows, i);
                (void)vg_json_get_int(row, "start_s", &list[i].start_s);
                (void)vg_json_get_int(row, "micro", &list[i].micro);
                (void)vg_json_get_string(row, "tenant", &list[i].tenant);
                (void)vg_json_get_string(row, "resource", &list[i].resource);
        }
        return store_open_usage_put(store, at_s, list, n, err);
}

static int put_inbox(struct store *store, const json_t *line, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };

        int r = vg_json_canonical(json_object_get(line, "line"), &bytes, err);
        return r < 0 ? r : store_inbox_append(store, bytes.data, bytes.n, NULL, err);
}

static int obey(struct store *store, const json_t *line, struct vg_err *err)
{
        const char *what = "";
        int64_t utc_ns = 0;

        (void)vg_json_get_string(line, "do", &what);
        (void)vg_json_get_int(line, "utc_ns", &utc_ns);
        if (strcmp(what, "append") == 0)
                return append(store, line, err);
        if (strcmp(what, "open") == 0)
                return put_open(store, line, err);
        if (strcmp(what, "inbox") == 0)
                return put_inbox(store, line, err);
        if (strcmp(what, "checkpoint") != 0)
                return vg_err_set(err, -EINVAL, "« %s » ?", what);

        int r = store_commit(store, err);
        if (r == 0)
                r = store_checkpoint(store, utc_ns, NULL, err);
        return r < 0 ? r : store_begin(store, err);
}

static int obey_all(struct store *store, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        ssize_t n;

        int r = store_begin(store, err);
        for (int64_t i = 1; r == 0 && (n = getline(&text, &size, stdin)) > 0; i++) {
                _cleanup_(vg_json_decrefp) json_t *line = NULL;
                r = vg_json_parse(text, (size_t)n, &line, NULL, NULL, err);
                if (r == 0)
                        r = obey(store, line, err);
                if (r == 0 && i % LINES_PER_COMMIT == 0) {
                        r = store_commit(store, err);
                        if (r == 0)
                                r = store_begin(store, err);
                }
        }
        return r == 0 ? store_commit(store, err) : r;
}

int main(int argc, char **argv)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_(store_closep) struct store *store = NULL;
        struct vg_err err = { 0 };
        char path[4096];

        if (argc != 4)
                return 2;
        snprintf(path, sizeof(path), "%s/ledger.db", argv[1]);

        int r = store_key_read(argv[3], &key, &err);
        const struct store_options options = {
                .path = path,
                .appliance = argv[2],
                .key = key,
                .load_zone = vg_file_zone,
                .version = VIGIE_VERSION,
        };
        if (r == 0)
                r = store_open(&options, &store, &err);
        if (r == 0)
                r = obey_all(store, &err);
        if (r < 0)
                fprintf(stderr, "make-ledger: %s\n", vg_err_text(&err));
        return r < 0;
}
