/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* faults: the hardware as the keeper knows it. Rounds of the hardware reader are judged by the book
 * of vigie/fault.h; what it says becomes records of the shared log, in the transaction that also
 * keeps the book (fault-records.h). Alerts follow once that is durable (fault-alerts.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keeper;
struct vg_err;
struct vg_fault_book;
struct vg_round;

enum { FAULTS_PARTS_MAX = 16 };

struct faults {
        struct vg_fault_book *book;
        uint64_t saved_boot_ns, ticked_boot_ns, heard_boot_ns, began_boot_ns;
        struct faults_part { /* rounds of which parts are still to come, one a sender */
                char instance[33];
                struct vg_round *round;
        } parts[FAULTS_PARTS_MAX];
        bool wanted;  /* alerts are to be judged at the next tick */
        bool watches; /* a hardware reader has spoken, in this life or before */
};

int faults_init(struct keeper *keeper, struct vg_err *err);
void faults_done(struct faults *faults);
void faults_tick(struct keeper *keeper);
/* From the ledger again: what is in memory is ahead of it. */
void faults_reload(struct keeper *keeper);
/* Keeps the book. Within the caller's transaction. */
int faults_save(struct keeper *keeper, int64_t utc_ns, struct vg_err *err);

/* fault-alerts.c: signals of VIG-H and VIG-S from the book, applied. */
void faults_alert(struct keeper *keeper);
