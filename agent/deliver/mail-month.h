/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mail-month: the page that a contract manager receives each month, also where nothing is wrong: what
 * was consumed and what is left, the term, the alerts, the failures, the measures and the deliveries. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/contract.h"

struct mail;
struct mail_to;
struct store;
struct vg_err;

struct mail_month_alert {
        enum vg_severity severity;
        const struct vg_alert *alert;
        char *text[2];
};

struct mail_month_delivery {
        char *name, *state;
};

struct mail_month {    /* mail_month_done() after use */
        int32_t month; /* that it is about */
        int64_t now_s;
        bool has_amounts; /* false: another appliance rates the contract */
        bool is_closed;   /* the month's statement */
        int64_t month_cents, consumed_cents, authorised_cents, remaining_cents;
        int64_t end_s; /* of the term, exclusive */
        int permyriad; /* consumed of authorised */
        int64_t measured_s, due_s;
        struct mail_month_alert *alerts; /* up, and for him to know; the graver first */
        size_t n_alerts;
        size_t n_faults_open, n_faults_new; /* of the hardware; new: in the month */
        struct mail_month_delivery *deliveries;
        size_t n_deliveries;
};

/* Reads what is known of month->month at now_s. */
int mail_month_read(struct store *store, const struct mail_to *to, int64_t now_s,
                    struct mail_month *month, struct vg_err *err);
void mail_month_done(struct mail_month *month);
int mail_compose_month(const struct mail_to *to, const struct mail_month *month,
                       struct mail *ret_mail);
