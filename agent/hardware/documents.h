/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* documents: what a source has read, by path, as a capture keeps it (DESIGN §8). The parsers read
 * them, `vigie hardware capture` writes them to a folder. */

#include <stddef.h>

struct vg_err;

enum { DOCUMENTS_MAX = 50000, DOCUMENTS_BYTES_MAX = 96 << 20 };

struct document {
        char *path;  /* "redfish/v1/Systems/1/index.json", "sys/block/md0/md/degraded" */
        char *bytes; /* NUL-terminated */
        size_t n;
};

struct documents {             /* zero-initialised is empty */
        struct document *rows; /* by path */
        size_t n, size, n_bytes;
};

void documents_done(struct documents *documents);
/* Keeps a copy, in place of an older one. -ENOMEM; -EFBIG: more than is sensible. */
int documents_put(struct documents *documents, const char *path, const char *bytes, size_t n);
/* Appends to the document, which is made where it is not there. */
int documents_append(struct documents *documents, const char *path, const char *bytes, size_t n);
void documents_remove(struct documents *documents, const char *path);
/* NULL: none. Borrowed until the next change. */
const struct document *documents_find(const struct documents *documents, const char *path);

/* Writes each below folder, making folders as needed; a path that would leave it is refused. */
int documents_write(const struct documents *documents, const char *folder, struct vg_err *err);
