/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* key-wipe: the files of this appliance's private keys, and their end. */

#include "cli/cli.h"

enum { KEY_FILES_MAX = 128 };

struct key_files {
        struct {
                char *path;
                bool is_wiped;
        } list[KEY_FILES_MAX];
        size_t n;
};
/* Those that are there: of the ledger, of the access authority, and of deliveries. 0 or -ENOMEM. */
int key_files_find(const struct vg_settings *settings, struct key_files *ret);
void key_files_done(struct key_files *files);
/* May each be removed by who asks? */
bool key_files_can_wipe(const struct key_files *files);
/* Overwrites and removes each; what fails stays marked. */
void key_files_wipe(struct key_files *files);
