/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* relay: the address of the mail relay, "smtp://host[:587]" or "smtps://host[:465]". Pure. */

#include "vigie/egress.h"

struct vg_err;

struct relay {
        char endpoint[VG_ENDPOINT_SIZE]; /* "host:port" */
        char url[VG_ENDPOINT_SIZE + 8];  /* "smtp://host:port" */
};

int relay_parse(const char *text, struct relay *ret_relay, struct vg_err *err);
