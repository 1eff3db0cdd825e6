/* SPDX-License-Identifier: Apache-2.0 */

/* redfish: the BMC over HTTPS. A fast poll every minute; a full one every ten, and at once where the
 * fast one finds some health changed. Half a minute after each, a knock: a BMC that hangs is found out
 * in time although a slow one is given half a minute for its answer. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/redfish-walk.h"
#include "os/clock.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/mem.h"

/* A slow BMC is not a silent one: each request has a time of its own, and the walk bounds the poll.
 * Patience is for what neither of them foresaw. */
enum { BODY_MAX = 16 << 20, PATIENCE_S = 2 * 3600 };

struct redfish {
        struct source *source;
        struct redfish_session *session;
        struct redfish_walk *walk;
        uint64_t full_boot_ns; /* when the last full poll began; 0: never */
        bool is_full, has_knocked;
};

static uint32_t interval_s(const struct vg_settings *settings)
{
        const uint32_t poll_s = settings->hardware_bmc_interval_s;

        return poll_s > 1 ? poll_s / 2 : poll_s;
}

static void begin(struct redfish *redfish, enum redfish_poll poll)
{
        redfish->is_full = poll == REDFISH_FULL;
        redfish->has_knocked = poll == REDFISH_KNOCK;
        if (redfish->is_full)
                redfish->full_boot_ns = vg_clock_now().at_boot_ns;
        int r = redfish_walk_start(redfish->walk, poll, redfish->source->is_again);
        if (r < 0)
                source_end(redfish->source, r, strerror(-r));
}

static void add_documents(struct source *source, const struct documents *documents)
{
        for (size_t i = 0; i < documents->n; i++)
                if (documents_put(&source->documents, documents->rows[i].path,
                                  documents->rows[i].bytes, documents->rows[i].n) < 0)
                        source_unread(source, documents->rows[i].path, _("réponse démesurée"));
}

static void on_end(void *user, const struct redfish_walk_end *end)
{
        struct redfish *redfish = user;
        struct source *source = redfish->source;

        if (end->r == 0 && end->is_knock) {
                source_end(source, SOURCE_AS_BEFORE, "");
                return;
        }
        vg_log(LOG_DEBUG, "redfish : %u requêtes, %zu ressources, tour %s", end->n_requests,
               redfish_walk_documents(redfish->walk)->n,
               redfish->is_full ? _("entier") : _("bref"));
        if (end->r == 0 && end->changed) { /* a summary may be ahead of its leaves: all of it */
                begin(redfish, REDFISH_FULL);
                return;
        }
        for (size_t i = 0; i < end->n_unreads; i++)
                source_unread(source, end->unreads[i].link, end->unreads[i].why);
        if (end->n_unread_more)
                source_unread(source, "…", _("et d'autres ressources illisibles"));
        if (end->r == 0)
                add_documents(source, redfish_walk_documents(redfish->walk));
        source_end(source, end->r, end->why);
        if (end->wait_s)
                source_wait(source, end->wait_s);
}

static void look(struct source *source)
{
        struct redfish *redfish = source->state;
        const uint64_t now = vg_clock_now().at_boot_ns;
        const struct vg_settings *settings = source->hardware->settings;
        const uint64_t every_ns = settings->hardware_bmc_full_interval_s * UINT64_C(1000000000);

        if (!redfish->full_boot_ns || now >= redfish->full_boot_ns + every_ns)
                begin(redfish, REDFISH_FULL);
        else if (interval_s(settings) < settings->hardware_bmc_interval_s && !redfish->has_knocked)
                begin(redfish, REDFISH_KNOCK);
        else
                begin(redfish, REDFISH_FAST);
}

static void free_redfish(struct source *source)
{
        struct redfish *redfish = source->state;

        redfish_walk_free(redfish->walk);
        redfish_session_free(redfish->session);
        free(redfish);
}

static int open_session(struct source *source, struct redfish *redfish, struct vg_err *err)
{
        const struct vg_settings *settings = source->hardware->settings;
        _cleanup_free_ char *state_file = source_state_path(source, "redfish-session.json");
        const struct redfish_options options = {
                .http = {
                        .base = settings->hardware_bmc_address,
                        .trust.ca_file = settings->hardware_bmc_ca,
                        .trust.pin = settings->hardware_bmc_pin,
                        .user = settings->hardware_bmc_user,
                        .password = source->hardware->password,
                        .timeout_s = settings->hardware_bmc_timeout_s,
                        .body_max = BODY_MAX,
                },
                .state_file = state_file,
                .allow_basic = strcmp(settings->hardware_bmc_basic, "yes") == 0,
        };
        int r = redfish_session_new(source->hardware->event, &options, &redfish->session, err);

        return r < 0 ? r : redfish_walk_new(redfish->session, on_end, redfish, &redfish->walk, err);
}

static int start(struct source *source, struct vg_err *err)
{
        const struct vg_settings *settings = source->hardware->settings;

        if (!*settings->hardware_bmc_address)
                return 1;
        if (!source->hardware->password)
                return vg_err_set(err, -ENOKEY,
                                  "aucun mot de passe pour le BMC : donner [hardware] "
                                  "bmc_password_file ou la clé « bmc-password » de systemd");

        struct redfish *redfish = calloc(1, sizeof(*redfish));
        if (!redfish)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        redfish->source = source;
        source->state = redfish;
        int r = open_session(source, redfish, err);
        if (r < 0) {
                free_redfish(source);
                source->state = NULL;
        }
        return r;
}

static void on_ended(void *user)
{
        source_stopped(user);
}

static void stop(struct source *source)
{
        redfish_session_end(((struct redfish *)source->state)->session, on_ended, source);
}

const struct vg_source vg_source_redfish = {
        .name = "redfish",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .is_bmc = true,
        .start = start,
        .look = look,
        .stop = stop,
        .free = free_redfish,
        .parse = redfish_parse,
};
