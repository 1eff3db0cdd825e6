/* SPDX-License-Identifier: Apache-2.0 */

/* Delivery keys: files that systemd hands over as credentials, or those of a folder that the settings
 * name, for a start in the foreground. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/key.h"
#include "deliver/sink.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { KEY_MAX = 64 << 10 };

char *key_path(const struct vg_settings *settings, const char *name)
{
        const char *own = settings->deliver_credentials, *given = getenv("CREDENTIALS_DIRECTORY");
        char *path = NULL;
        int n = -1;

        if (*own)
                n = asprintf(&path, "%s/%s", own, name);
        else if (given) /* LoadCredential=delivery:<folder> puts its name before each file's */
                n = asprintf(&path, "%s/delivery_%s", given, name);
        return n >= 0 ? path : NULL;
}

int sink_key(const struct vg_settings *settings, const char *name, char **ret_key, size_t *ret_n,
             struct vg_err *err)
{
        _cleanup_free_ char *path = key_path(settings, name);
        int r = path ? vg_file_read(path, KEY_MAX, ret_key, ret_n, err) : -ENOENT;

        if (r == -ENOENT)
                return vg_err_set(err, r, "il manque la clé de livraison « %s »", name);
        if (r < 0)
                return r;
        while (*ret_n > 0 && ((*ret_key)[*ret_n - 1] == '\n' || (*ret_key)[*ret_n - 1] == '\r'))
                (*ret_key)[--*ret_n] = '\0';
        return 0;
}

void sink_key_free(char *key, size_t n)
{
        if (key)
                explicit_bzero(key, n);
        free(key);
}
