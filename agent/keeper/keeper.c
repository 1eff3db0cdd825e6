/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/keeper.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/acts.h"
#include "keeper/clients.h"
#include "keeper/in-force.h"
#include "keeper/intake.h"
#include "keeper/records.h"
#include "keeper/socket.h"
#include "keeper/usage-import.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum {
        TICK_US = 1000000,
        END_S = 2, /* for the last answer to be read */
        GIVE_BACK_S = 60,
};

void keeper_store_failed(struct keeper *k, const struct vg_err *err)
{
        if (!k->store_fails)
                vg_log_message(LOG_ERR, &vg_message_STORE_FAILED, NULL,
                               "le registre ne peut pas être écrit, nouveaux essais à venir : %s",
                               vg_err_text(err));
        k->store_fails = true;
}

void keeper_store_works(struct keeper *k)
{
        if (k->store_fails)
                vg_log(LOG_NOTICE, "le registre peut de nouveau être écrit");
        k->store_fails = false;
}

int keeper_finish(struct keeper *k, int r, struct vg_err *err)
{
        if (r < 0) {
                store_rollback(k->store);
                return r;
        }
        const int committed = store_commit(k->store, err);
        return committed < 0 ? committed : r;
}

void keeper_reload_meter(struct keeper *k)
{
        struct vg_err err = { 0 };
        int r = meter_load(&k->meter, k->store, k->settings, &err);

        if (r < 0) {
                vg_log(LOG_CRIT, "compteur perdu en mémoire et illisible au registre, arrêt : %s",
                       vg_err_text(&err));
                sd_event_exit(k->event, r);
        }
}

void keeper_end(struct keeper *k)
{
        k->over_boot_ns = vg_clock_now().at_boot_ns + END_S * (uint64_t)VG_NS_PER_S;
        clients_set_open(k->clients, false);
}

/* ---- the tick ---- */

static void sign_heads(struct keeper *k, const struct vg_now *now)
{
        struct vg_err err = { 0 };

        if (now->at_boot_ns <
            k->checkpoint_boot_ns + k->settings->checkpoint_interval_s * (uint64_t)VG_NS_PER_S)
                return;
        k->checkpoint_boot_ns = now->at_boot_ns;
        if (store_checkpoint(k->store, now->at_utc_ns, NULL, &err) < 0)
                keeper_store_failed(k, &err);
}

/* Evidence of a whole host, or the closing of an interval, leaves holes in the heap. */
static void give_back(struct keeper *k, const struct vg_now *now)
{
        if (now->at_boot_ns < k->given_back_boot_ns + GIVE_BACK_S * (uint64_t)VG_NS_PER_S)
                return;
        k->given_back_boot_ns = now->at_boot_ns;
        malloc_trim(0);
}

static int on_tick(sd_event_source *source, uint64_t due_us, void *user)
{
        struct keeper *k = user;
        const struct vg_now now = vg_clock_now();
        uint64_t next_us = due_us + TICK_US;

        /* From the plan; after a pause of the machine, without making up for lost ticks. */
        if (next_us < now.at_boot_ns / 1000)
                next_us = now.at_boot_ns / 1000 + TICK_US;
        clients_check_patience(k->clients);
        if (k->over_boot_ns && now.at_boot_ns < k->over_boot_ns)
                return sd_event_source_set_time(source, next_us);
        if (k->over_boot_ns)
                return decommission_finish(k);
        purge_tick(k);
        in_force_tick(k);
        closing_tick(k);
        if (k->owes_import_look)
                import_look(k);
        months_tick(k);
        sign_heads(k, &now);
        if (audit_tick(k))
                k->watch.wanted = true;
        watch_tick(k);
        access_tick(k);
        isolation_tick(k);
        faults_tick(k);
        delivery_tick(k);
        give_back(k, &now);
        return sd_event_source_set_time(source, next_us);
}

/* ---- settings again ---- */

/* What only a start can change stays as it is. */
static int on_hangup(_unused_ sd_event_source *source,
                     _unused_ const struct signalfd_siginfo *signal, void *user)
{
        struct keeper *k = user;
        struct vg_settings fresh = { 0 };
        struct vg_err err = { 0 };
        int r = vg_settings_load(k->settings->file, &fresh, &err);

        if (r == 0 && strcmp(fresh.appliance_id, k->settings->appliance_id) != 0)
                r = vg_err_set(&err, -EINVAL, "[appliance] id ne change pas en marche");
        if (r < 0) {
                vg_log(LOG_ERR, "réglages non relus, les précédents restent : %s",
                       vg_err_text(&err));
                vg_settings_done(&fresh);
                return 0;
        }
        vg_settings_done(k->settings);
        *k->settings = fresh;
        peers_init(&k->peers, k->settings);
        vg_log(LOG_INFO, "réglages relus");
        return 0;
}

/* ---- start ---- */

/* The last life ended with a word, or without. */
static int how_it_ended(struct store *store, const char **ret_after, struct vg_err *err)
{
        _cleanup_free_ char *started = NULL, *stopped = NULL;
        int64_t start_s = INT64_MIN, stop_s = INT64_MIN;
        int r = store_meta_get(store, "last_start_s", &started, err);

        if (r == 0)
                vg_i64_parse(started, &start_s);
        if (r >= 0)
                r = store_meta_get(store, "last_stop_s", &stopped, err);
        if (r == 0)
                vg_i64_parse(stopped, &stop_s);
        *ret_after = stop_s >= start_s ? "clean" : "crash";
        return r < 0 ? r : 0;
}

/* The first durable round. Settings may have changed while we were away: the interval is told to
 * the book again, which is part of its story. */
static int begin_life(struct keeper *k, struct vg_err *err)
{
        const struct vg_now now = vg_clock_now();
        struct records records = { .keeper = k, .utc_ns = now.at_utc_ns };
        const char *after;
        int r = how_it_ended(k->store, &after, err);

        if (r < 0)
                return r;
        r = store_begin(k->store, err);
        if (r < 0)
                return r;
        r = records_life(&records, "start", after, err);
        if (r == 0)
                r = vg_book_set_interval(k->meter.book, k->closing.interval_s,
                                         vg_floor_div(now.at_utc_ns, VG_NS_PER_S), err);
        if (r == 0)
                r = meter_snapshot(&k->meter, now.at_utc_ns, err);
        return keeper_finish(k, r, err);
}

static int listen_at(struct keeper *k, struct vg_err *err)
{
        _cleanup_free_ char *path = vg_settings_socket_path(k->settings);

        return path ? socket_listen(path, &k->listen_fd, err)
                    : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static int wait_for_clients(struct keeper *k, struct vg_err *err)
{
        const uint64_t now_us = vg_clock_now().at_boot_ns / 1000;
        sigset_t hangup;

        int r = clients_new(k->event, k->listen_fd, &k->peers, intake_turn, k, &k->clients, err);
        if (r < 0)
                return r;
        sigemptyset(&hangup);
        sigaddset(&hangup, SIGHUP);
        signal(SIGHUP, SIG_DFL); /* nohup has it ignored, and then it would not even wait */
        sigprocmask(SIG_BLOCK, &hangup, NULL);
        r = sd_event_add_signal(k->event, &k->hangup, SIGHUP, on_hangup, k);
        if (r >= 0)
                r = sd_event_add_time(k->event, &k->tick, CLOCK_BOOTTIME, now_us, TICK_US / 10,
                                      on_tick, k);
        if (r >= 0)
                r = sd_event_source_set_enabled(k->tick, SD_EVENT_ON);
        if (r >= 0) /* whoever talks without end must not keep intervals from closing */
                r = sd_event_source_set_priority(k->tick, SD_EVENT_PRIORITY_IMPORTANT);
        return r < 0 ? vg_err_set(err, r, "boucle d'événements impossible") : 0;
}

int keeper_new(struct vg_settings *settings, struct store *store, sd_event *event,
               struct keeper **ret_keeper, struct vg_err *err)
{
        _cleanup_(keeper_freep) struct keeper *k = calloc(1, sizeof(*k));

        if (!k)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        k->settings = settings;
        k->store = store;
        k->event = sd_event_ref(event);
        k->listen_fd = -1;
        k->owes_import_look = true;
        peers_init(&k->peers, settings);

        int r = vg_clock_boot_id(k->boot_id);
        if (r < 0)
                return vg_err_set(err, r, "identité de ce démarrage illisible");
        r = in_force_load(k, err);
        if (r == 0)
                r = meter_load(&k->meter, store, settings, err);
        if (r == 0)
                r = closing_init(k, err);
        if (r == 0)
                r = listen_at(k, err);
        if (r == 0)
                r = begin_life(k, err);
        if (r == 0)
                r = watch_init(k, err);
        if (r == 0)
                r = isolation_init(k, err);
        if (r == 0)
                r = faults_init(k, err);
        if (r == 0)
                r = delivery_init(k, err);
        if (r == 0)
                r = wait_for_clients(k, err);
        if (r < 0)
                return r;
        k->checkpoint_boot_ns = vg_clock_now().at_boot_ns;
        audit_start(k);
        clients_set_open(k->clients, true);
        *ret_keeper = TAKE_PTR(k);
        return 0;
}

/* ---- stop ---- */

int keeper_stop(struct keeper *k, struct vg_err *err)
{
        struct records records = { .keeper = k, .utc_ns = vg_clock_now().at_utc_ns };

        if (!k->over_boot_ns)
                closing_look(k);
        int r = k->over_boot_ns ? 0 : store_begin(k->store, err);

        if (r < 0 || k->over_boot_ns) /* what was wiped is not written again */
                return r;
        r = meter_snapshot(&k->meter, records.utc_ns, err);
        if (r == 0)
                r = closing_remember(k, vg_book_closed_until(k->meter.book), records.utc_ns, err);
        if (r == 0)
                r = faults_save(k, records.utc_ns, err);
        if (r == 0)
                r = records_life(&records, "stop", NULL, err);
        r = keeper_finish(k, r, err);
        return r < 0 ? r : store_checkpoint(k->store, records.utc_ns, NULL, err);
}

void keeper_free(struct keeper *k)
{
        if (!k)
                return;
        audit_done(&k->audit);
        sd_event_source_disable_unref(k->tick);
        sd_event_source_disable_unref(k->hangup);
        clients_free(k->clients);
        if (k->listen_fd >= 0)
                close(k->listen_fd);
        watch_done(&k->watch);
        isolation_done(&k->isolation);
        faults_done(&k->faults);
        delivery_done(&k->delivery);
        meter_done(&k->meter);
        in_force_done(k);
        sd_event_unref(k->event);
        free(k);
}
