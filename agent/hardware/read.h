/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* read: documents through a pipe, from a child that may hang. Each is "<path>\n<bytes>\n" and the
 * bytes; there is no other framing. */

#include <stddef.h>

struct documents;

void read_print(const char *path, const char *bytes, size_t n);          /* to standard output */
int read_take(const char *bytes, size_t n, struct documents *documents); /* -EPROTO */

/* The program to run for a child: vigie-hardware, beside us or where it is installed. NULL: none. */
const char *read_program(char *buf, size_t size);

/* What a child may be asked to read, by name; its exit status. */
int read_main(const char *what);
int read_hwmon(void);
