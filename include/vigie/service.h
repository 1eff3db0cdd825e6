/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* service: the clocks of the agreed service levels (contract.service_levels). Pure.
 *
 * A clock runs within the hours of coverage of its level, in the contract's zone, and stands still
 * during agreed maintenance and while the supplier waits for access. A local time that does not
 * exist on a day is the instant of the change; one that exists twice is the first. Without an agreed
 * time there is no clock, and nothing is late. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/contract.h"

struct vg_signals;

struct vg_span { /* [from_s, to_s) */
        int64_t from_s, to_s;
};

struct vg_incident {
        const char *id, *code, *component; /* for the alerts */
        enum vg_severity severity;         /* of the level that holds */
        int64_t opened_s;
        int64_t acknowledged_s, on_site_s, repaired_s; /* 0: not yet */
        const struct vg_span *pauses; /* waiting for access; to_s INT64_MAX: still so */
        size_t n_pauses;
};

enum vg_service_state {
        VG_SERVICE_NO_TIME, /* none was agreed */
        VG_SERVICE_RUNNING,
        VG_SERVICE_OVERDUE, /* running, and past its time */
        VG_SERVICE_MET,
        VG_SERVICE_MISSED, /* done, but late */
        VG_SERVICE_N,
};
const char *vg_service_state_name(enum vg_service_state state); /* "no_agreed_time" … */
const char *vg_service_state_text(enum vg_service_state state, bool french); /* for people */

struct vg_service_clock {
        enum vg_service_state state;
        int64_t agreed_s;  /* 0 where there is no time */
        int64_t elapsed_s; /* that count, until done or now */
        int64_t due_s;     /* INT64_MAX: not within three years, or a pause has no end yet */
};

/* respond: until somebody of the supplier acknowledges, comes or has repaired. */
void vg_service_judge(const struct vg_contract *contract, const struct vg_incident *incident,
                      int64_t now_s, struct vg_service_clock *ret_respond,
                      struct vg_service_clock *ret_repair);
/* Seconds of [from_s, to_s) that count for a level's coverage (NULL: all hours). */
int64_t vg_service_elapsed(const struct vg_contract *contract, const struct vg_window *coverage,
                           struct vg_span span, const struct vg_span *pauses, size_t n_pauses);

/* VIG-H-004 and S-001 of the incidents whose repair is overdue at now_s; the caller says that both
 * codes are covered. 0 or -ENOMEM. */
int vg_service_watch(const struct vg_contract *contract, const struct vg_incident *incidents,
                     size_t n, int64_t now_s, struct vg_signals *signals);
