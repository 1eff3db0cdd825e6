/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/hardware.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/runner.h"
#include "hardware/uevents.h"
#include "os/clock.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/mem.h"

enum {
        WANT_US = 200000,   /* what comes together is looked at once */
        AGAIN_US = 1000000, /* a BMC that did not answer is asked again at once, */
        AGAIN_MAX = 3,      /* as often as it takes to call it unreachable */
        BOOT_US = 120000000,
};

static const struct vg_source *const rows[] = {
#define VG_SOURCE(name) &vg_source_##name,
#include "hardware/sources.def"
#undef VG_SOURCE
};

static uint64_t now_us(void)
{
        return vg_clock_now().at_boot_ns / 1000;
}

/* CLOCK_BOOTTIME counts from the boot. */
static uint64_t not_before(const struct source *source, uint64_t at_us)
{
        const bool waits = source->row->waits_for_boot && source->hardware->keeper;

        return waits && at_us < BOOT_US ? BOOT_US : at_us;
}

static void plan(struct source *source, uint64_t at_us)
{
        sd_event_source_set_time(source->timer, not_before(source, at_us));
        sd_event_source_set_enabled(source->timer, SD_EVENT_ONESHOT);
}

/* ---- what was seen ---- */

static bool all_looked(const struct hardware *hw)
{
        for (size_t i = 0; i < hw->n_sources; i++)
                if (!hw->sources[i].is_off && !hw->sources[i].has_looked)
                        return false;
        return true;
}

/* Whoever answers that he does not want to is there. */
static bool is_in_reach(int r)
{
        return r != -ETIMEDOUT && r != -ECONNREFUSED && r != -ECONNRESET;
}

static int set_silence(const struct source *source, int r, struct vg_round *round)
{
        const struct vg_component bmc = { .component_class = "bmc" };

        return source->row->is_bmc && (r == 0 || !is_in_reach(r))
                       ? vg_round_set_silence(round, &bmc, "bmc.unreachable")
                       : 0;
}

/* What was heard is a hint, what is then seen the truth. */
static void give_hint(struct source *source, const struct vg_round *round)
{
        struct hardware *hw = source->hardware;
        size_t n;

        vg_round_sightings(round, &n);
        for (size_t i = 0; i < hw->n_sources && n && source->row->is_hint; i++)
                if (hw->sources[i].row->takes_hints)
                        source_want(&hw->sources[i]);
}

static void send_round(struct source *source, int r, const char *why)
{
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        int told = vg_round_new(source->row->name, &round);

        if (told == 0 && r == 0 && source->row->parse)
                told = source->row->parse(&source->documents, round);
        if (told == 0 && !source->row->parse)
                vg_round_set_partial(round); /* it sees no components */
        if (told == 0 && r < 0)
                vg_round_fail(round, why);
        if (told == 0)
                told = set_silence(source, r, round);
        if (told == 0)
                give_hint(source, round);
        if (told == 0)
                told = report_send(&source->report, round, source->hardware->keeper);
        if (told < 0)
                vg_log(LOG_ERR, "source %s : observation perdue : %s", source->row->name,
                       strerror(-told));
}

/* Once, when it begins and when it ends; the keeper hears it with each round. */
static void say_silence(struct source *source, int r, const char *why)
{
        const bool is_silent = r < 0;

        if (is_silent && !source->is_silent)
                vg_log_message(LOG_WARNING, &vg_message_SOURCE_SILENT, NULL,
                               "source %s illisible : %s", source->row->name, why);
        if (!is_silent && source->is_silent)
                vg_log(LOG_NOTICE, "source %s lisible de nouveau", source->row->name);
        source->is_silent = is_silent;
}

static void write_capture(struct source *source, int r, const char *why)
{
        struct hardware *hw = source->hardware;
        struct vg_err err = { 0 };

        if (r < 0)
                vg_log(LOG_WARNING, "source %s illisible : %s", source->row->name, why);
        else
                r = documents_write(&source->documents, hw->folder, &err);
        if (err.code) {
                vg_log(LOG_ERR, "%s", vg_err_text(&err));
                hw->capture_r = r;
        }
}

/* One poll that stays without an answer says little, four in a row much: not four periods later. */
static bool is_asked_again(struct source *source, int r)
{
        if (!source->row->is_bmc || is_in_reach(r))
                source->n_again = 0;
        else
                source->n_again++;
        return source->n_again && source->n_again <= AGAIN_MAX;
}

static void tell(struct source *source, int r, const char *why)
{
        if (source->hardware->keeper) {
                say_silence(source, r, why);
                send_round(source, r, why);
        } else {
                write_capture(source, r, why);
        }
}

void source_end(struct source *source, int r, const char *why)
{
        struct hardware *hw = source->hardware;

        if (!source->is_looking)
                return;
        source->is_looking = false;
        source->has_looked = true;
        sd_event_source_set_enabled(source->patience, SD_EVENT_OFF);
        if (r != SOURCE_AS_BEFORE)
                tell(source, r, why);
        documents_done(&source->documents);
        report_done(&source->report);
        source->is_again = hw->keeper && is_asked_again(source, r);
        if (hw->keeper && (source->is_wanted || source->is_again))
                plan(source, now_us() + (source->is_wanted ? WANT_US : AGAIN_US));
        source->is_wanted = false;
        if (!hw->keeper && all_looked(hw))
                hw->idle(hw->idle_user);
}

void source_unread(struct source *source, const char *what, const char *why)
{
        if (!source->hardware->keeper)
                vg_log(LOG_WARNING, "%s : %s", what, why);
        report_unread(&source->report, what, why);
}

/* ---- when ---- */

static int on_patience(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct source *source = user;
        const char *why = _("elle ne répond pas");

        if (!source->hardware->keeper) {
                source_end(source, -ETIMEDOUT, why);
                return 0;
        }
        say_silence(source, -ETIMEDOUT, why);
        send_round(source, -ETIMEDOUT, why);
        return 0;
}

static void begin(struct source *source)
{
        source->is_looking = true;
        sd_event_source_set_time_relative(source->patience,
                                          source->row->patience_s * UINT64_C(1000000));
        sd_event_source_set_enabled(source->patience, SD_EVENT_ONESHOT);
        source->row->look(source);
}

static int on_timer(_unused_ sd_event_source *s, uint64_t planned_us, void *user)
{
        struct source *source = user;

        if (source->is_stopping)
                return 0;
        if (source->interval_us &&
            source->hardware
                    ->keeper) { /* from the plan; what was slept through is not made up for */
                const bool is_planned = planned_us >= source->look_us;
                if (is_planned)
                        source->look_us += source->interval_us;
                if (source->look_us <= now_us())
                        source->look_us = now_us() + source->interval_us;
                plan(source, source->look_us);
        }
        if (!source->is_looking)
                begin(source);
        else if (sd_event_source_get_enabled(source->patience, NULL) == 0)
                on_patience(NULL, 0, source); /* still hangs: another round of silence */
        else if (source->row->knock)
                source->row->knock(source);
        return 0;
}

void source_want(struct source *source)
{
        if (source->is_off || source->is_stopping)
                return;
        if (source->is_looking)
                source->is_wanted = true;
        else
                plan(source, now_us() + WANT_US);
}

void source_wait(struct source *source, unsigned seconds)
{
        const uint64_t at_us = now_us() + seconds * UINT64_C(1000000);

        if (at_us > source->look_us)
                source->look_us = at_us;
        plan(source, source->look_us);
}

/* ---- life ---- */

static bool is_enabled(const struct vg_settings *settings, const char *name)
{
        const size_t n = strlen(name);

        for (const char *at = settings->hardware_sources; *at;) {
                at += strspn(at, " ,\t");
                const size_t length = strcspn(at, " ,\t");
                if (length == n && strncmp(at, name, n) == 0)
                        return true;
                at += length;
        }
        return false;
}

static int add_timers(struct source *source, struct vg_err *err)
{
        sd_event *event = source->hardware->event;
        int r = sd_event_add_time(event, &source->timer, CLOCK_BOOTTIME, source->look_us, 10000,
                                  on_timer, source);

        if (r >= 0)
                r = sd_event_add_time_relative(event, &source->patience, CLOCK_BOOTTIME,
                                               UINT64_MAX / 2, 10000, on_patience, source);
        if (r >= 0)
                r = sd_event_source_set_enabled(source->patience, SD_EVENT_OFF);
        return r < 0 ? vg_err_set(err, r, "minuterie impossible") : 0;
}

static int start(struct source *source, struct vg_err *err)
{
        const struct vg_source *row = source->row;
        const struct vg_settings *settings = source->hardware->settings;
        struct vg_err why = { 0 };
        int r = row->start ? row->start(source, &why) : 0;

        if (r != 0) {
                source->is_off = true;
                if (r > 0)
                        return 0;
                say_silence(source, r, vg_err_text(&why));
                if (source->hardware->keeper)
                        send_round(source, r, vg_err_text(&why));
                return 0;
        }
        source->look_us = not_before(source, now_us());
        source->interval_us = row->interval_s ? row->interval_s(settings) * UINT64_C(1000000) : 0;
        return add_timers(source, err);
}

static void listen_to_uevents(struct hardware *hw)
{
        struct vg_err why = { 0 };

        if (uevents_new(hw, &hw->uevents, &why) < 0) /* then by the clock alone */
                vg_log(LOG_NOTICE, "aucun avis du noyau sur les périphériques : %s",
                       vg_err_text(&why));
}

int hardware_new(struct hardware *hw, struct vg_err *err)
{
        int r = runner_new(hw->event, &hw->runner, err);

        if (r < 0)
                return r;
        hw->sources = calloc(ELEMENTSOF(rows), sizeof(*hw->sources));
        if (!hw->sources)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < ELEMENTSOF(rows) && r == 0; i++) {
                if (!is_enabled(hw->settings, rows[i]->name))
                        continue;
                struct source *source = &hw->sources[hw->n_sources++];
                *source = (struct source){ .row = rows[i], .hardware = hw };
                r = start(source, err);
        }
        if (r == 0 && hw->keeper)
                listen_to_uevents(hw);
        return r;
}

void source_stopped(struct source *source)
{
        struct hardware *hw = source->hardware;

        source->is_stopping = false;
        for (size_t i = 0; i < hw->n_sources; i++)
                if (hw->sources[i].is_stopping)
                        return;
        hw->idle(hw->idle_user);
}

void hardware_stop(struct hardware *hw)
{
        size_t n = 0;

        for (size_t i = 0; i < hw->n_sources; i++) {
                struct source *source = &hw->sources[i];
                sd_event_source_set_enabled(source->timer, SD_EVENT_OFF);
                sd_event_source_set_enabled(source->patience, SD_EVENT_OFF);
                source->is_stopping = !source->is_off && source->row->stop;
                n += source->is_stopping;
        }
        for (size_t i = 0; i < hw->n_sources; i++)
                if (hw->sources[i].is_stopping)
                        hw->sources[i].row->stop(&hw->sources[i]);
        if (!n)
                hw->idle(hw->idle_user);
}

void hardware_done(struct hardware *hw)
{
        uevents_free(hw->uevents);
        for (size_t i = 0; i < hw->n_sources; i++) {
                struct source *source = &hw->sources[i];
                if (source->row->free && source->state)
                        source->row->free(source);
                sd_event_source_disable_unref(source->timer);
                sd_event_source_disable_unref(source->patience);
                documents_done(&source->documents);
                report_done(&source->report);
        }
        free(hw->sources);
        runner_free(hw->runner);
}

char *source_state_path(const struct source *source, const char *name)
{
        char *path;

        if (!source->hardware->keeper ||
            asprintf(&path, "%s/%s", source->hardware->settings->hardware_state_dir, name) < 0)
                return NULL;
        return path;
}
