/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* url: the address of a destination, "https://host[:port][/path]". Nothing that a contract could slip
 * in (a name and password, a fragment, a space) is accepted. Pure. */

#include "vigie/egress.h"

struct vg_err;

enum { URL_SIZE = 2048 };

struct url {
        char endpoint[VG_ENDPOINT_SIZE]; /* "host:port" */
        char base[VG_ENDPOINT_SIZE + 8]; /* "https://host:port" */
        char path[URL_SIZE];             /* "/…", its query included */
};

int url_parse(const char *text, struct url *ret_url, struct vg_err *err);
