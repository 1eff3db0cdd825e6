/* SPDX-License-Identifier: Apache-2.0 */

/* Heartbeats: written line by line, and read by writing again what was understood. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"
#include "vigie/num.h"

int vg_heartbeat_origin(const char *log_origin, char ret_origin[VG_ORIGIN_SIZE])
{
        static const char prefix[] = "vigie/";
        const size_t n_prefix = sizeof(prefix) - 1;
        const char *slash = strncmp(log_origin, prefix, n_prefix) == 0
                                    ? strchr(log_origin + n_prefix, '/')
                                    : NULL;
        const char *hex = slash ? strchr(slash + 1, '/') : NULL;

        if (!hex)
                return -EINVAL;
        const int n = snprintf(ret_origin, VG_ORIGIN_SIZE, "%.*s/heartbeat%s",
                               (int)(slash - log_origin), log_origin, hex);
        return n < VG_ORIGIN_SIZE ? 0 : -EINVAL;
}

/* Logs in the order of their names. */
static const enum vg_log order[] = { VG_LOG_CLIENT, VG_LOG_SHARED };

static void put_text(const struct vg_heartbeat *heartbeat, struct vg_buf *buf)
{
        char at[32];

        vg_buf_printf(buf, "%s\n%s\n", heartbeat->origin, vg_utc_format(heartbeat->utc_s, at));
        for (size_t i = 0; i < ELEMENTSOF(order); i++) {
                const enum vg_log log = order[i];

                if (!heartbeat->has[log])
                        continue;
                vg_buf_printf(buf, "%s %" PRIu64 " ", vg_log_name(log), heartbeat->size[log]);
                vg_base64_format(heartbeat->root[log].bytes, VG_HASH_SIZE, buf);
                vg_buf_puts(buf, "\n");
        }
}

int vg_heartbeat_sign(const struct vg_heartbeat *heartbeat, const struct vg_hasher *hasher,
                      const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                      struct vg_buf *buf)
{
        const size_t from = buf->n;

        put_text(heartbeat, buf);
        return vg_note_sign(heartbeat->origin, from, hasher, public_key, sign, ctx, buf);
}

/* "shared 12 base64" */
static int parse_log(char *line, struct vg_heartbeat *ret)
{
        char *size = strchr(line, ' '), *root = size ? strchr(size + 1, ' ') : NULL;
        enum vg_log log;
        size_t n;

        if (!root)
                return -EINVAL;
        *size++ = *root++ = '\0';
        if (vg_log_parse(line, &log) < 0 || vg_u64_parse(size, &ret->size[log]) < 0 ||
            vg_base64_parse(root, strlen(root), ret->root[log].bytes, VG_HASH_SIZE, &n) < 0 ||
            n != VG_HASH_SIZE)
                return -EINVAL;
        ret->has[log] = true;
        return 0;
}

/* The line at *at, ended where its LF was; *at moves behind it. NULL: no LF is left. */
static char *next_line(char **at)
{
        char *line = *at, *end = strchr(line, '\n');

        if (!end)
                return NULL;
        *end = '\0';
        *at = end + 1;
        return line;
}

static int parse_lines(char *text, struct vg_heartbeat *ret)
{
        char *at = text, *origin = next_line(&at), *time = origin ? next_line(&at) : NULL, *line;

        if (!time || !*origin || strlen(origin) >= sizeof(ret->origin))
                return -EINVAL;
        memcpy(ret->origin, origin, strlen(origin) + 1);
        int r = vg_utc_parse(time, &ret->utc_s);
        while (r == 0 && (line = next_line(&at)))
                r = parse_log(line, ret);
        return r == 0 && *at ? -EINVAL : r;
}

int vg_heartbeat_parse(const char *note, size_t n, struct vg_heartbeat *ret_heartbeat,
                       struct vg_note *ret_note, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 }, again = { 0 };
        struct vg_heartbeat heartbeat = { 0 };
        int r = vg_note_split(note, n, ret_note, err);

        if (r < 0)
                return r;
        vg_buf_append(&text, ret_note->text.data, ret_note->text.n);
        r = text.failed ? -ENOMEM : parse_lines(text.data, &heartbeat);
        if (r == 0)
                put_text(&heartbeat, &again);
        if (r == -ENOMEM || again.failed)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r < 0 || again.n != ret_note->text.n ||
            memcmp(again.data, ret_note->text.data, again.n) != 0)
                return vg_err_set(err, -EINVAL, "ce n'est pas un signe de vie");
        *ret_heartbeat = heartbeat;
        return 0;
}
