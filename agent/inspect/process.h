/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* process: one QEMU in /proc, as a piece (vigie/isolation.h). */

#include <jansson.h>
#include <sys/types.h>

/* NULL: it is gone, or memory is. What of it cannot be read is left out. */
json_t *process_look(pid_t pid, const char *uuid);
