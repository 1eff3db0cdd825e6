/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* wanted: what vigie-hypervisor has found worth looking at in libvirt's documents, in a file that it
 * writes anew when that changes: {"paths":[…],"processes":[uuid…]}, canonical JSON. Only questions
 * come by there; whoever could write it could have us look at a path, and tell the keeper of it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct wanted {
        char **paths, **processes; /* sorted, each once */
        size_t n_paths, n_processes;
        bool is_known; /* the file was read: what it does not name is not wanted */
        struct timespec changed;
        uint64_t inode;
};

/* Reads the file again where it has changed. true: it had. owner: who may have written it, beside
 * root and ourselves. */
bool wanted_read(struct wanted *wanted, const char *path, const char *owner);
void wanted_done(struct wanted *wanted);
bool wanted_has_process(const struct wanted *wanted, const char *uuid);
