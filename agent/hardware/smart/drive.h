/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One drive, as smartctl saw it, and what each protocol has to say of it. */

#include <jansson.h>
#include <stdbool.h>

#include "vigie/fault.h"

struct smart_drive {
        const json_t *tree;
        const char *path;
        struct vg_round *round;
        struct vg_component component;
        char location[128], device[32];
        bool is_nvme;
        bool has_verdict, has_table, has_log; /* what could be read */
        bool is_bad;
};

/* A state that is bad. threshold "" where there is none. */
int smart_bad(struct smart_drive *drive, const char *code, enum vg_sight_health health,
              const char *text, const char *value, const char *threshold, const char *from);
/* A counter; at_once: a fault wherever it is above zero, else only when it grows, and a note. */
int smart_count(struct smart_drive *drive, const char *code, bool at_once, const char *text,
                int64_t count);

/* `nvme smart-log -o json`, whose members have other names, as smartctl would tell it. The caller owns
 * the tree; NULL: no memory. */
bool smart_is_nvme_cli(const json_t *tree);
json_t *smart_of_nvme_cli(const json_t *log, const char *path);

/* Each says what it finds of its protocol; 0 where the tree has nothing of it. */
int smart_ata(struct smart_drive *drive);
int smart_nvme(struct smart_drive *drive);
int smart_scsi(struct smart_drive *drive);
