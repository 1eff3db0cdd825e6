/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/deliver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/egress.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { TICK_US = 1000000 };

/* ---- the settings of [egress] ---- */

struct reading {
        struct deliver *deliver;
        struct vg_err *err;
};

static int read_network(void *ctx, const char *text)
{
        struct reading *reading = ctx;
        struct deliver *d = reading->deliver;
        struct vg_network *networks =
                reallocarray(d->networks, d->n_networks + 1, sizeof(*networks));

        if (!networks)
                return vg_err_set(reading->err, -ENOMEM, "mémoire épuisée");
        d->networks = networks;
        if (vg_network_parse(text, strlen(text), &networks[d->n_networks]) < 0)
                return vg_err_set(reading->err, -EINVAL,
                                  "[egress] networks : « %s » n'est pas un réseau, p. ex. "
                                  "192.0.2.0/24",
                                  text);
        d->n_networks++;
        return 0;
}

static int read_host(void *ctx, const char *text)
{
        struct reading *reading = ctx;
        char endpoint[VG_ENDPOINT_SIZE];

        return vg_endpoint_parse(text, endpoint) == 0
                       ? 0
                       : vg_err_set(reading->err, -EINVAL,
                                    "[egress] hosts : « %s » n'est pas hôte:port", text);
}

static int read_egress(struct deliver *d, struct vg_err *err)
{
        struct reading reading = { d, err };
        const char *mode = d->settings->egress_mode;

        if (strcmp(mode, "none") != 0 && strcmp(mode, "listed") != 0)
                return vg_err_set(err, -EINVAL, "[egress] mode : none ou listed attendu, lu « %s »",
                                  mode);
        int r = vg_egress_each(d->settings->egress_hosts, read_host, &reading);
        return r < 0 ? r : vg_egress_each(d->settings->egress_networks, read_network, &reading);
}

/* ---- the ledger ---- */

static void close_ledger(struct deliver *d)
{
        destinations_done(d);
        store_close(TAKE_PTR(d->store));
        d->has_policy = false;
}

/* A rebuild puts another file in its place. */
static bool is_replaced(const struct deliver *d)
{
        struct stat st;

        return stat(d->ledger, &st) < 0 || st.st_ino != d->file.st_ino ||
               st.st_dev != d->file.st_dev;
}

static int open_ledger(struct deliver *d, struct vg_err *err)
{
        const struct store_options options = { .path = d->ledger };

        if (d->store && is_replaced(d))
                close_ledger(d);
        if (d->store)
                return store_refresh(d->store, err);
        if (stat(d->ledger, &d->file) < 0)
                return vg_err_set(err, -errno, "%s : %s", d->ledger, vg_errno_text(errno));
        return store_open_read(&options, &d->store, err);
}

/* ---- steps ---- */

static void complain(struct deliver *d, const struct vg_err *err)
{
        if (!d->has_complained)
                vg_log(LOG_WARNING, "registre illisible (%s), nouvel essai chaque seconde",
                       vg_err_text(err));
        d->has_complained = true;
}

int64_t deliver_step(struct deliver *d, int64_t now_s)
{
        int64_t wake_s = now_s + 1;
        struct vg_err err = { 0 };

        d->now_s = now_s;
        int r = open_ledger(d, &err);
        if (r == 0)
                r = destinations_update(d, &err);
        if (r < 0) {
                close_ledger(d);
                complain(d, &err);
                return wake_s;
        }
        d->has_complained = false;
        for (size_t i = 0; i < d->n_couriers; i++) {
                const int64_t at_s = courier_step(d->couriers[i]);
                wake_s = i == 0 || at_s < wake_s ? at_s : wake_s;
        }
        report_send(d);
        return wake_s;
}

void deliver_wake(struct deliver *d)
{
        d->is_woken = true;
        if (d->tick)
                sd_event_source_set_time_relative(d->tick, 0);
}

static int on_tick(sd_event_source *source, _unused_ uint64_t usec, void *user)
{
        struct deliver *d = user;

        d->is_woken = false;
        (void)deliver_step(d, vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S));
        int r = sd_event_source_set_time_relative(source, d->is_woken ? 0 : TICK_US);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int deliver_start(struct deliver *d, struct vg_err *err)
{
        int r = sd_event_add_time_relative(d->event, &d->tick, CLOCK_BOOTTIME, 0, 1000, on_tick, d);

        return r < 0 ? vg_err_set(err, r, "minuterie impossible") : 0;
}

/* ---- life ---- */

int deliver_init(struct deliver *d, const struct vg_settings *settings, sd_event *event,
                 struct vg_err *err)
{
        _cleanup_free_ char *path = NULL;

        *d = (struct deliver){ .settings = settings, .event = event };
        d->ledger = vg_settings_ledger_path(settings);
        if (!d->ledger || asprintf(&path, "%s/deliver.db", settings->deliver_state_dir) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int r = read_egress(d, err);
        return r < 0 ? r : memory_open(path, &d->memory, err);
}

void deliver_done(struct deliver *d)
{
        close_ledger(d);
        sd_event_source_disable_unref(d->tick);
        memory_close(d->memory);
        free(d->networks);
        free(d->ledger);
        free(d->told);
        *d = (struct deliver){ 0 };
}
