/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage-months: what another appliance's export says that a month comes to there, against what was
 * recorded of it here (VIG-L-003). */

#include <stdint.h>

struct keeper;

struct usage_month {
        const char *appliance;
        int64_t start_s;  /* its first instant */
        int64_t cents;    /* there, */
        int64_t log_size; /* when its log was so long */
};
/* Tells where they differ, or do no more; nothing of a number that is older than what was recorded. 0 or -errno, which is logged. */
int usage_month_compare(struct keeper *keeper, const struct usage_month *month);
