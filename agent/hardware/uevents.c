/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/uevents.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-device.h>

#include "hardware/hardware.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct uevents {
        struct hardware *hardware;
        sd_device_monitor *monitor;
};

static bool listens_to(const struct vg_source *row, const char *subsystem)
{
        for (size_t i = 0; row->subsystems && row->subsystems[i]; i++)
                if (strcmp(row->subsystems[i], subsystem) == 0)
                        return true;
        return false;
}

static int on_device(_unused_ sd_device_monitor *monitor, sd_device *device, void *user)
{
        struct hardware *hw = ((struct uevents *)user)->hardware;
        const char *subsystem;

        if (sd_device_get_subsystem(device, &subsystem) < 0)
                return 0;
        for (size_t i = 0; i < hw->n_sources; i++)
                if (listens_to(hw->sources[i].row, subsystem))
                        source_want(&hw->sources[i]);
        return 0;
}

static int add_filters(struct uevents *uevents)
{
        const struct hardware *hw = uevents->hardware;
        int r = 0;

        for (size_t i = 0; i < hw->n_sources && r >= 0; i++) {
                const char *const *names = hw->sources[i].row->subsystems;
                for (size_t j = 0; names && names[j] && r >= 0; j++)
                        r = sd_device_monitor_filter_add_match_subsystem_devtype(uevents->monitor,
                                                                                 names[j], NULL);
        }
        return r;
}

int uevents_new(struct hardware *hw, struct uevents **ret_uevents, struct vg_err *err)
{
        struct uevents *uevents = calloc(1, sizeof(*uevents));

        if (!uevents)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        uevents->hardware = hw;
        int r = sd_device_monitor_new(&uevents->monitor);
        if (r >= 0)
                r = add_filters(uevents);
        if (r >= 0)
                r = sd_device_monitor_attach_event(uevents->monitor, hw->event);
        if (r >= 0)
                r = sd_device_monitor_start(uevents->monitor, on_device, uevents);
        if (r < 0) {
                uevents_free(uevents);
                return vg_err_set(err, r, "%s", strerror(-r));
        }
        *ret_uevents = uevents;
        return 0;
}

void uevents_free(struct uevents *uevents)
{
        if (!uevents)
                return;
        sd_device_monitor_unref(uevents->monitor);
        free(uevents);
}
