/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* report: rounds to the keeper. One that says the same as the last two is not sent again before
 * REPORT_REPEAT_S: the keeper needs a second good reading, and to hear that a source lives. Failed
 * looks are counted there: each is told. */

#include <stddef.h>
#include <stdint.h>

struct documents;
struct vg_keeper;
struct vg_round;

enum { REPORT_REPEAT_S = 300, REPORT_UNREADS_MAX = 64 };

struct report {
        uint64_t digest, sent_boot_ns;
        unsigned n_same;
        struct { /* of the look that is on */
                char *what, *why;
        } unreads[REPORT_UNREADS_MAX];
        size_t n_unreads;
};

void report_unread(struct report *report, const char *what, const char *why);
void report_done(struct report *report); /* forgets what could not be read */
/* Adds what could not be read, and sends. 0 or -errno. */
int report_send(struct report *report, struct vg_round *round, struct vg_keeper *keeper);
