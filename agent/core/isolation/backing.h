/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* backing: what an image's header names, where it is no path. */

#include <stdbool.h>

#include "arena.h"

struct backing {
        const char *protocol, *name;
        const char *hosts;  /* "host:port;host:port"; NULL: none is named */
        const char *socket; /* NULL: none */
};

/* false: it is no object of the network that we know how to name. */
bool backing_read(struct arena *arena, const char *text, struct backing *ret_backing);
