/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this folder share: words for states, and the telling of one. */

#include <stdbool.h>
#include <stddef.h>

#include "vigie/fault.h"

enum { RAID_LINE = 1024 };

struct raid_thing {
        const char *component_class; /* "drive", "volume", "controller", "battery", "enclosure" … */
        char location[128], model[128], serial[128], device[32];
};

/* Says what a word means for a thing of its class. path: of the document; text: the line. */
int raid_tell(struct vg_round *round, const char *path, const struct raid_thing *thing,
              const char *state, const char *text);
/* A counter of a drive that foretells its failure: told where it is above zero. */
int raid_tell_count(struct vg_round *round, const char *path, const struct raid_thing *thing,
                    const char *what, long long count);

/* Each reads a document in which it finds its own form. *ret_found: it was one. */
int raid_storcli(const char *path, const char *bytes, size_t n, struct vg_round *round,
                 bool *ret_found);
int raid_keyed(const char *path, const char *bytes, size_t n, struct vg_round *round,
               bool *ret_found);
int raid_zfs(const char *path, const char *bytes, size_t n, struct vg_round *round,
             bool *ret_found);
int raid_md(const char *path, const char *bytes, size_t n, struct vg_round *round, bool *ret_found);
