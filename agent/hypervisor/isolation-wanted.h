/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation-wanted: what libvirt's documents name and another must look at, in a file for
 * vigie-inspect: {"paths":[…],"processes":[uuid…]}, sorted, each once. */

#include <jansson.h>

/* wants: {key of a document: [path or "/"…]}; "/" of a domain: its process. Writes the file where it
 * would say something else than *said, which then is what it says (caller frees). 0 or -errno. */
int wanted_write(const char *path, const json_t *wants, char **said);
