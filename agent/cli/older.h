/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* older: appliances whose export is of a release that did not say when a volume was there, nor named
 * it by where it lies. A volume that several hosts see may have another name on each, and count twice. */

#include <stddef.h>

struct cli;
struct vg_json;
struct vg_merge_row;

enum { OLDER_MAX = 32 };

struct older {
        const char *names[OLDER_MAX]; /* of the rows */
        size_t n;
};

void older_note(struct older *older, const struct vg_merge_row *row);
void older_tell(struct cli *cli, const struct older *older);
void older_write(struct vg_json *j, const struct older *older); /* as the member "older" */
