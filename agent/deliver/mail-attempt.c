/* SPDX-License-Identifier: Apache-2.0 */

/* One small file a stream, mail-<16 hex of its name> beside the deliverer's memory: the ids of the first
 * and of the last event, a line each. */

#include "deliver/mail-attempt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "deliver/sink.h"
#include "os/files.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { FILE_MAX = 4096, ID_SIZE = 2 * VG_HASH_SIZE };

static char *path_of(const struct vg_settings *settings, const char *destination,
                     const char *stream)
{
        const struct vg_bytes parts[] = { { destination, strlen(destination) + 1 },
                                          { stream, strlen(stream) } };
        struct vg_hash hash;
        char hex[17], *path;

        if (store_hasher.sha256(store_hasher.ctx, parts, ELEMENTSOF(parts), &hash) < 0 ||
            asprintf(&path, "%s/mail-%s", settings->deliver_state_dir,
                     vg_hex_format(hash.bytes, 8, hex)) < 0)
                return NULL;
        return path;
}

static size_t tried_before(const char *path, const struct event *events, size_t n)
{
        _cleanup_free_ char *text = NULL;
        size_t n_text;

        if (vg_file_read(path, FILE_MAX, &text, &n_text, NULL) < 0 || n_text != 2 * (ID_SIZE + 1) ||
            strncmp(text, events[0].id, ID_SIZE) != 0)
                return 0;
        for (size_t i = 0; i < n; i++)
                if (strncmp(text + ID_SIZE + 1, events[i].id, ID_SIZE) == 0)
                        return i + 1;
        return 0;
}

int mail_attempt(const struct vg_settings *settings, const char *destination, const char *stream,
                 const struct event *events, size_t n, size_t *ret_n, struct vg_err *err)
{
        _cleanup_free_ char *path = path_of(settings, destination, stream);
        char text[2 * (ID_SIZE + 1) + 1];

        if (!path)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        *ret_n = tried_before(path, events, n);
        if (*ret_n)
                return 0;
        *ret_n = n;
        snprintf(text, sizeof(text), "%s\n%s\n", events[0].id, events[n - 1].id);
        return vg_file_write(path, text, strlen(text), 0600, err);
}
