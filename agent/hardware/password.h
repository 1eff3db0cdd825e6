/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* password: of the BMC. From [hardware] bmc_password_file, else from the credential "bmc-password"
 * that systemd hands over. */

struct vg_err;
struct vg_settings;

/* *ret_password NULL: none is given. A file that is named and cannot be read is an error. */
int password_read(const struct vg_settings *settings, char **ret_password, struct vg_err *err);
void password_free(char *password); /* wiped first */
static inline void password_freep(char **password)
{
        password_free(*password);
}
