/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/password.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/files.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { PASSWORD_MAX = 1024 };

int password_read(const struct vg_settings *settings, char **ret_password, struct vg_err *err)
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        const bool is_named = *settings->hardware_bmc_password_file;
        _cleanup_free_ char *path = NULL;
        size_t n;

        *ret_password = NULL;
        if (!is_named && !credentials)
                return 0;
        if (asprintf(&path, "%s%s", is_named ? settings->hardware_bmc_password_file : credentials,
                     is_named ? "" : "/bmc-password") < 0) {
                path = NULL;
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        int r = vg_file_read(path, PASSWORD_MAX, ret_password, &n, err);
        if (r == -ENOENT && !is_named) {
                *err = (struct vg_err){ 0 };
                return 0;
        }
        if (r == 0)
                (*ret_password)[strcspn(*ret_password, "\r\n")] = '\0';
        return r;
}

void password_free(char *password)
{
        if (password)
                explicit_bzero(password, strlen(password));
        free(password);
}
