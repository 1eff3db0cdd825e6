/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* loop: one sd-event loop a process. */

#include <systemd/sd-event.h>

struct vg_err;

/* The loop of this process: SIGTERM and SIGINT end it with 0, SIGPIPE is ignored, and the watchdog
 * is answered from it where the unit asks for one (a stuck loop is then restarted). Caller:
 * sd_event_unref. Other signals must be blocked before threads are made: this does it. */
int vg_loop_new(sd_event **ret_event, struct vg_err *err);
/* The same, but SIGTERM and SIGINT call on_stop, for whoever has something to end first: it calls
 * sd_event_exit() when that is done. */
int vg_loop_new_stopping(sd_event **ret_event, sd_event_signal_handler_t on_stop, void *user,
                         struct vg_err *err);

/* READY=1 and the rest of sd_notify's words; nothing where systemd did not start us. */
void vg_loop_notify(const char *state);
