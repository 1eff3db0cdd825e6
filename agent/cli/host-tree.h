/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* host-tree: the files of host.json as a tree of names, and where a path leads in it. Pure. */

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

struct vg_err;

struct host_tree {
        const json_t *files, *symlinks, *hardlinks, *qcow2, *modes; /* of host.json; NULL: none */
        json_t *nodes; /* canonical path: "file", "link", "hard", "qcow2" or "dir" */
};

/* -EINVAL: a path that is not absolute, or a member of the wrong type. host_tree_done() after. */
int host_tree_read(struct host_tree *tree, const json_t *evidence, struct vg_err *err);
void host_tree_done(struct host_tree *tree);

enum host_end { HOST_MISSING, HOST_FILE, HOST_QCOW2, HOST_DIR };
struct host_place {
        enum host_end end;
        char real[PATH_MAX]; /* where links led; of what is missing, as far as they were seen to */
        char self[PATH_MAX]; /* the same for all hard links of one file */
};
/* Follows symbolic links, at most as many as the kernel does, and ".." never out of the root. */
void host_tree_find(const struct host_tree *tree, const char *path, struct host_place *ret_place);
/* The content of a file, or the target of a symbolic link that nothing else answers for (/proc's
 * "net:[4026531840]"); NULL: missing. */
const char *host_tree_text(const struct host_tree *tree, const char *path);
