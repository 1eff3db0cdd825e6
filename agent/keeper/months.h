/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* months: a month that is over becomes a record. close_after_hours after its end, once all of its
 * intervals are in the ledger, the statement is written (vigie/statement.h) and never changed; what
 * comes later is a correction of the next one. Each contract of the ledger has its own months: the
 * last one of a contract closes though another is in force by then. Only the appliance that reports
 * a contract closes its months. */

#include <stdbool.h>
#include <stdint.h>

struct keeper;

struct months {
        bool known;             /* due_s is what the ledger says */
        int64_t due_s;          /* when the next month of any contract closes; INT64_MAX: none */
        uint64_t retry_boot_ns; /* not before, after a failure */
        uint64_t told_boot_ns;  /* when late data were last looked for */
};

/* A contract was loaded, an act or late data may want a correction: months are looked at again. */
void months_changed(struct keeper *keeper);
/* Once a second: closes at most one month, tells what closings and late data there were. */
void months_tick(struct keeper *keeper);
