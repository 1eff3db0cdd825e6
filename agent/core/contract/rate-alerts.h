/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rate-alerts: fired and cleared, as `vigie contract rate` lists them. */

#include "core/contract/rate-offline.h"
#include "vigie/alert.h"

struct alerts_ctx { /* the user of alerts_on_change() */
        struct vg_rater *rater;
        const char *prefix; /* before the key; NULL: none */
        /* Adds what is shown beside the key. NULL: nothing. */
        void (*describe)(void *user, const struct vg_alert_change *change,
                         struct vg_rate_alert *alert);
        void *user;
};
vg_alert_change_fn alerts_on_change;

int alerts_add(struct vg_rater *rater, const struct vg_rate_alert *alert); /* copies the key */
int alerts_gaps(struct vg_rater *rater, struct vg_err *err);
int alerts_first_uses(struct vg_rater *rater, struct vg_err *err);
int alerts_refusals(struct vg_rater *rater);
void alerts_sort(struct vg_rater *rater);
