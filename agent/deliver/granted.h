/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* granted: by which keys the supplier is known, as the client let them in (« vigie access »). From
 * the first grant on no other is accepted, whoever signed its certificate; before, the authority of
 * [deliver] ca is enough. */

#include <stdbool.h>
#include <stdint.h>

#include "vigie/text.h"

struct store;
struct vg_contract;
struct vg_err;

struct granted {            /* granted_done() after use */
        bool is_ruled;      /* some key was let in, once */
        struct vg_buf pins; /* those in force, as struct vg_trust takes them; empty: none is */
        int64_t until_s;    /* when that may change by itself; INT64_MAX: never */
};
int granted_read(struct store *store, const struct vg_contract *contract, int64_t now_s,
                 struct granted *ret_granted, struct vg_err *err);
void granted_done(struct granted *granted);
