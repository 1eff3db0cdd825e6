/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* listens: where a process waits for connections, as the kernel shows it: the sockets among its
 * open files that are among the listening ones of its network. */

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

struct listens {
        unsigned long *inodes;
        size_t n, size;
};

void listens_note(struct listens *listens, const char *link); /* "socket:[4242]"; others are none */
/* ["0.0.0.0:5900", "[::1]:5901"…] */
json_t *listens_of(struct listens *listens, pid_t pid);
void listens_done(struct listens *listens);
