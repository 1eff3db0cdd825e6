/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* status-seen: the last of what the readers told the keeper. */

#include "cli/view.h"

struct status_seen { /* the last of what the readers sent, as it waits in the inbox */
        int64_t last_utc_ns;
        char libvirt[16], clock[24];
        int64_t heartbeat_utc_ns;
        bool is_folded; /* the inbox was just folded into the meter's snapshot, its lines are gone */
};

int status_read_seen(const struct cli_view *view, struct status_seen *ret_seen, struct vg_err *err);
