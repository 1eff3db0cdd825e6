/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* capture-look: what the parts of capture-host share. */

#include "cli/host-tree.h"

struct vg_host;

struct capture {
        struct vg_host *host;
        struct host_tree tree;
        json_t *seen; /* paths of which the piece is put */
        struct vg_err *err;
};
void capture_done(struct capture *capture);

/* Takes the piece. */
int capture_put(struct capture *capture, json_t *piece);
/* capture-path.c: a path, and what its image's header names, depth first. */
int capture_put_path(struct capture *capture, const char *path, int depth);
/* capture-process.c: pids is {domain: process}; NULL: none. */
int capture_put_processes(struct capture *capture, const json_t *pids);
