/* SPDX-License-Identifier: Apache-2.0 */

#include "os/loop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <systemd/sd-daemon.h>

#include "vigie/err.h"

int vg_loop_new_stopping(sd_event **ret_event, sd_event_signal_handler_t on_stop, void *user,
                         struct vg_err *err)
{
        sd_event *event = NULL;
        sigset_t stop;

        sigemptyset(&stop);
        sigaddset(&stop, SIGTERM);
        sigaddset(&stop, SIGINT);
        if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0)
                return vg_err_set(err, -errno, "signaux");
        signal(SIGPIPE, SIG_IGN);

        int r = sd_event_default(&event);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM, on_stop, user);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, on_stop, user);
        if (r >= 0)
                r = sd_event_set_watchdog(event, 1);
        if (r < 0) {
                sd_event_unref(event);
                return vg_err_set(err, r, "boucle d'événements impossible");
        }
        *ret_event = event;
        return 0;
}

int vg_loop_new(sd_event **ret_event, struct vg_err *err)
{
        return vg_loop_new_stopping(ret_event, NULL, NULL, err);
}

void vg_loop_notify(const char *state)
{
        sd_notify(0, state);
}
