/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/isolation.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/isolation-ask.h"
#include "hypervisor/isolation-pace.h"
#include "hypervisor/isolation-wanted.h"
#include "hypervisor/reader.h"
#include "os/evidence.h"
#include "os/log.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum {
        TICK_US = 250 * 1000,
        SOON_US = 20 * 1000, /* while the first pass is under way */
        HOUSE_S = 10,
        SLOW_S = 120,
        CONFIRM_S = 10,
        URGENT_MAX = 1024,
};

struct isolation {
        struct reader *reader;
        struct vg_evidence *evidence;
        sd_event_source *timer;
        bool asking;       /* a question is on its way */
        bool whole;        /* a pass has come round: the keeper may count on it */
        uint64_t asked_ns; /* when, as of CLOCK_BOOTTIME */

        char (*urgent)[UUID_TEXT]; /* domains that events were about */
        size_t n_urgent;
        char (*pass)[UUID_TEXT]; /* those that the pass has still to reach: the last n_pass */
        size_t n_pass;
        uint32_t pass_round;
        uint64_t begun_ns; /* the pass, or the last one that came round */
        bool is_late;
        uint64_t pace_ns; /* no piece of the pass before that */
        uint64_t house_ns, slow_ns, confirm_ns;

        json_t *wants; /* {key of a document: […]} */
        char *said;    /* what the file of wants says */
        bool wants_fail;
};

static void take_answer(struct call *call, void *user);
static const struct call_kind kind_ask = { ask_work, take_answer, NULL, NULL, ask_free };

/* ---- asking ---- */

static void submit(struct isolation *iso, struct ask *ask, uint64_t now_ns)
{
        if (!ask) {
                vg_log(LOG_ERR, "mémoire épuisée");
                return;
        }
        iso->asking = true;
        iso->asked_ns = now_ns;
        calls_submit(iso->reader->calls, &ask->call);
}

static void begin_pass(struct isolation *iso)
{
        const struct domains *domains = &iso->reader->domains;

        free(iso->pass);
        iso->pass = calloc(domains->n + 1, sizeof(*iso->pass));
        iso->n_pass = iso->pass ? domains->n : 0;
        for (size_t i = 0; i < iso->n_pass; i++)
                memcpy(iso->pass[i], domains->rows[i]->uuid, UUID_TEXT);
        iso->pass_round = vg_evidence_round(iso->evidence);
        iso->begun_ns = vg_clock_now().at_boot_ns;
}

/* Every domain has been reached: whom the pass did not meet is gone. */
static void end_pass(struct isolation *iso)
{
        vg_evidence_sweep(iso->evidence, iso->pass_round, "document", "domain/");
        vg_evidence_sweep(iso->evidence, iso->pass_round, "document", "backup/");
        vg_evidence_sweep(iso->evidence, iso->pass_round, "document", "snapshot/");
        vg_evidence_put(iso->evidence,
                        json_pack("{s:s, s:s}", "key", "domain", "scope", "complete"));
        iso->whole = true;
        iso->reader->is_bulky = true;
        begin_pass(iso);
}

static void ask_pass(struct isolation *iso, uint64_t now_ns)
{
        size_t batch = pace_batch(iso->reader->domains.n, iso->whole);

        if (batch > iso->n_pass)
                batch = iso->n_pass;
        iso->n_pass -= batch;
        struct ask *ask = ask_new(ASK_DOMAINS, iso->pass + iso->n_pass, batch, &kind_ask);
        if (ask)
                ask->is_pass = true;
        submit(iso, ask, now_ns);
}

/* What is most urgent; nothing, where it is not time. */
static void ask_next(struct isolation *iso)
{
        const uint64_t now_ns = vg_clock_now().at_boot_ns;

        if (!iso->reader->is_ok || iso->asking || calls_has_stuck(iso->reader->calls, &kind_ask))
                return;
        if (now_ns >= iso->house_ns) { /* first: what a new domain names may be as new */
                iso->house_ns = now_ns + HOUSE_S * (uint64_t)VG_NS_PER_S;
                submit(iso, ask_new(ASK_HOUSE, NULL, 0, &kind_ask), now_ns);
        } else if (iso->n_urgent) {
                submit(iso, ask_new(ASK_DOMAINS, iso->urgent, iso->n_urgent, &kind_ask), now_ns);
                iso->n_urgent = 0;
        } else if (now_ns >= iso->slow_ns) {
                iso->slow_ns = now_ns + SLOW_S * (uint64_t)VG_NS_PER_S;
                submit(iso, ask_new(ASK_SLOW, NULL, 0, &kind_ask), now_ns);
        } else if (iso->n_pass && (now_ns >= iso->pace_ns || !iso->whole)) {
                ask_pass(iso, now_ns);
        } else if (!iso->n_pass && now_ns >= iso->pace_ns) {
                end_pass(iso);
        }
}

/* ---- answers ---- */

static void forget_domain(struct isolation *iso, const char *uuid)
{
        char key[UUID_TEXT + 8];

        snprintf(key, sizeof(key), "domain/%s", uuid);
        vg_evidence_drop(iso->evidence, "document", key);
        json_object_del(iso->wants, key);
}

static void take_pieces(struct isolation *iso, const struct ask *ask)
{
        const uint32_t round = vg_evidence_round(iso->evidence);
        json_t *piece, *kind;
        size_t i;

        json_array_foreach (ask->pieces, i, piece) {
                json_object_del(iso->wants, json_string_value(json_object_get(piece, "key")));
                vg_evidence_put(iso->evidence, json_incref(piece));
        }
        json_object_update(iso->wants, ask->wants);
        json_array_foreach (ask->whole, i, kind) {
                char prefix[32];

                snprintf(prefix, sizeof(prefix), "%s/", json_string_value(kind));
                vg_evidence_sweep(iso->evidence, round, "document", prefix);
                vg_evidence_put(iso->evidence,
                                json_pack("{s:O, s:s}", "key", kind, "scope", "complete"));
        }
        json_array_foreach (ask->gone, i, piece)
                forget_domain(iso, json_string_value(piece));
}

/* Documents that are gone are wanted no more. */
static void trim_wants(struct isolation *iso)
{
        const char *key;
        json_t *list;
        void *next;

        json_object_foreach_safe(iso->wants, next, key,
                                 list) if (!vg_evidence_has(iso->evidence, "document", key))
                json_object_del(iso->wants, key);
}

/* A pass that does not come round in time leaves domains unseen: said once, and the keeper, no longer
 * confirmed of anything, takes all of it for not observed. */
static bool is_late(struct isolation *iso, uint64_t now_ns)
{
        const bool late = pace_is_late(iso->whole, iso->begun_ns, now_ns);

        if (late && !iso->is_late)
                vg_log(LOG_WARNING,
                       "cloisonnement : %zu domaines ne sont pas relus en 120 s; relevez "
                       "isolation_permille",
                       iso->n_pass);
        iso->is_late = late;
        return late;
}

static void tell(struct isolation *iso, const struct vg_now *at)
{
        int r;

        trim_wants(iso);
        r = wanted_write(iso->reader->settings->inspect_wanted, iso->wants, &iso->said);
        if (r < 0 && !iso->wants_fail)
                vg_log(LOG_WARNING, "%s : %s; vigie-inspect ne saura pas quoi examiner, ignoré",
                       iso->reader->settings->inspect_wanted, strerror(-r));
        iso->wants_fail = r < 0;
        iso->confirm_ns = at->at_boot_ns + CONFIRM_S * (uint64_t)VG_NS_PER_S;
        if (iso->whole && !is_late(iso, at->at_boot_ns))
                vg_evidence_send(iso->evidence, at);
}

static void take_answer(struct call *call, void *user)
{
        struct ask *ask = (struct ask *)call;
        struct reader *reader = user;
        struct isolation *iso = reader->isolation;
        const struct vg_now now = vg_clock_now();

        iso->asking = false;
        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        take_pieces(iso, ask);
        if (ask->is_pass)
                iso->pace_ns = now.at_boot_ns + pace_pause_ns(reader->domains.n, iso->whole,
                                                              (size_t)ask->n, ask->cpu_ns,
                                                              reader->settings->isolation_permille);
        if (!iso->n_pass && !iso->whole)
                end_pass(iso);
        tell(iso, &now);
        ask_next(iso);
}

/* ---- when ---- */

/* A question that a connection lost has taken with it is never answered. */
static void check_asking(struct isolation *iso, uint64_t now_ns)
{
        const uint64_t patience_ns =
                10 * iso->reader->settings->call_deadline_s * (uint64_t)VG_NS_PER_S;

        if (iso->asking && !calls_has_stuck(iso->reader->calls, &kind_ask) &&
            now_ns > iso->asked_ns + patience_ns)
                iso->asking = false;
}

static int on_tick(sd_event_source *source, uint64_t due_us, void *user)
{
        struct isolation *iso = user;
        const struct vg_now now = vg_clock_now();
        const uint64_t step_us = iso->whole ? TICK_US : SOON_US, now_us = now.at_boot_ns / 1000;

        check_asking(iso, now.at_boot_ns);
        ask_next(iso);
        if (iso->reader->is_ok && now.at_boot_ns >= iso->confirm_ns)
                tell(iso, &now);
        return sd_event_source_set_time(source, due_us + step_us > now_us ? due_us + step_us
                                                                          : now_us + step_us);
}

void isolation_event(struct reader *reader, const struct event *event)
{
        struct isolation *iso = reader->isolation;

        if (!iso)
                return;
        for (size_t i = 0; i < iso->n_urgent; i++)
                if (strcmp(iso->urgent[i], event->uuid) == 0)
                        return;
        if (iso->n_urgent == URGENT_MAX) /* the pass will come by */
                return;
        memcpy(iso->urgent[iso->n_urgent++], event->uuid, UUID_TEXT);
        /* Of filters and networks libvirt tells nothing: once a second an event asks for them too. */
        const uint64_t sooner = iso->house_ns - (HOUSE_S - 1) * (uint64_t)VG_NS_PER_S;
        if (iso->whole && vg_clock_now().at_boot_ns >= sooner)
                iso->house_ns = 0;
        ask_next(iso);
}

void isolation_restart(struct reader *reader)
{
        struct isolation *iso = reader->isolation;

        if (!iso)
                return;
        iso->whole = iso->asking = false;
        iso->house_ns = iso->slow_ns = iso->pace_ns = 0;
        begin_pass(iso);
        ask_next(iso);
}

void isolation_resend(struct reader *reader)
{
        if (reader->isolation)
                vg_evidence_forget(reader->isolation->evidence);
        isolation_restart(reader);
}

/* What libvirt has against a question we say ourselves, where it matters. */
static void say_nothing(_unused_ void *user, _unused_ virErrorPtr error)
{
}

int isolation_start(struct reader *reader, struct vg_err *err)
{
        if (!reader->settings->isolation_permille)
                return 0;

        struct isolation *iso = calloc(1, sizeof(*iso));
        int r = iso ? 0 : -ENOMEM;

        virSetErrorFunc(NULL, say_nothing);
        if (r == 0) {
                reader->isolation = iso;
                iso->reader = reader;
                iso->wants = json_object();
                iso->urgent = calloc(URGENT_MAX, sizeof(*iso->urgent));
                r = iso->wants && iso->urgent ? 0 : -ENOMEM;
        }
        if (r == 0)
                r = vg_evidence_new(reader->keeper, &iso->evidence, err);
        if (r == 0)
                r = sd_event_add_time_relative(reader->event, &iso->timer, CLOCK_BOOTTIME, 0, 1000,
                                               on_tick, iso);
        if (r >= 0)
                r = sd_event_source_set_enabled(iso->timer, SD_EVENT_ON);
        return r < 0 ? vg_err_set(err, r, "minuterie impossible") : 0;
}

void isolation_stop(struct reader *reader)
{
        struct isolation *iso = reader->isolation;

        if (!iso)
                return;
        sd_event_source_disable_unref(iso->timer);
        vg_evidence_free(iso->evidence);
        json_decref(iso->wants);
        free(iso->urgent);
        free(iso->pass);
        free(iso->said);
        free(iso);
        reader->isolation = NULL;
}
