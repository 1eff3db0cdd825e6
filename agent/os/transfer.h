/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* transfer: one transfer of libcurl at a time in the event loop, to the other end that easy.h
 * describes. */

#include <systemd/sd-event.h>

#include "os/easy.h"

struct vg_err;
struct vg_transfer;

/* Called from the loop, once a transfer; the next may be started, or all be freed, from within. */
typedef void vg_transfer_done_fn(void *user, CURLcode code);

/* protocols: as vg_easy_init(). */
int vg_transfer_new(sd_event *event, const char *protocols, const struct vg_trust *trust,
                    unsigned timeout_s, vg_transfer_done_fn *fn, void *user,
                    struct vg_transfer **ret_transfer, struct vg_err *err);
/* A transfer on its way is dropped without an answer. */
void vg_transfer_free(struct vg_transfer *transfer);
static inline void vg_transfer_freep(struct vg_transfer **transfer)
{
        vg_transfer_free(*transfer);
}

/* For the options of what is sent, and how it ended. */
const struct vg_easy *vg_transfer_easy(const struct vg_transfer *transfer);
/* -EBUSY: one is on its way. -ENOMEM. */
int vg_transfer_start(struct vg_transfer *transfer);
void vg_transfer_cancel(struct vg_transfer *transfer);
bool vg_transfer_is_on(const struct vg_transfer *transfer);
