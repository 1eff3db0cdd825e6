/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/status-seen.h"

#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"

enum { FOLDED_S = 60 }; /* a reader speaks more often than that */

/* The stamp of a line, without parsing all of it: there may be sixteen megabytes of them. */
static int64_t stamp_of(const char *line, size_t n)
{
        static const char key[] = "\"at_utc_ns\":";
        const char *at = memmem(line, n, key, sizeof(key) - 1), *end = line + n;
        char digits[24];
        size_t k = 0;
        int64_t stamp = 0;

        for (at = at ? at + sizeof(key) - 1 : end; at < end && k + 1 < sizeof(digits); at++) {
                if (*at < '0' || *at > '9')
                        break;
                digits[k++] = *at;
        }
        digits[k] = '\0';
        return vg_i64_parse(digits, &stamp) == 0 ? stamp : 0;
}

static int take_line(void *ctx, int64_t id _unused_, const void *bytes, size_t n)
{
        static const char heartbeat[] = "\"kind\":\"heartbeat\"";
        struct status_seen *seen = ctx;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        const int64_t at = stamp_of(bytes, n);
        const char *text;

        if (at > seen->last_utc_ns)
                seen->last_utc_ns = at;
        if (!memmem(bytes, n, heartbeat, sizeof(heartbeat) - 1) ||
            vg_json_parse(bytes, n, &tree, NULL, NULL, NULL) < 0)
                return 0;

        const json_t *body = json_object_get(tree, "body");
        seen->heartbeat_utc_ns = at;
        if (vg_json_get_string(body, "libvirt", &text) == 0)
                snprintf(seen->libvirt, sizeof(seen->libvirt), "%s", text);
        if (vg_json_get_string(body, "clock", &text) == 0)
                snprintf(seen->clock, sizeof(seen->clock), "%s", text);
        return 0;
}

int status_read_seen(const struct cli_view *view, struct status_seen *ret_seen, struct vg_err *err)
{
        _cleanup_free_ void *snapshot = NULL;
        int64_t id = 0, at_ns = 0;
        size_t n;

        *ret_seen = (struct status_seen){ 0 };

        int r = store_snapshot_get(view->store, &id, &at_ns, &snapshot, &n, err);
        if (r < 0)
                return r;
        ret_seen->is_folded = r == 0 && view->now_s - at_ns / VG_NS_PER_S < FOLDED_S;
        return store_inbox_each(view->store, 0, take_line, ret_seen, err);
}
