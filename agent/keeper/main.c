/* SPDX-License-Identifier: Apache-2.0 */

/* vigied: the keeper. Takes observations and acts over one Unix socket, meters, rates, watches, and
 * alone writes the ledger. No network, no capability. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/files.h"
#include "os/settings.h"
#include "os/start.h"
#include "store/store.h"
#include "vigie/alert.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { EXIT_CLOSED = 4 }; /* the unit knows it */

static const char usage[] =
        N_("vigied [--config FICHIER] [--debug] : le gardien de vigie.\n"
           "  --config FICHIER  réglages (sinon $VIGIE_CONFIG, sinon /etc/vigie/vigie.conf)\n"
           "  --debug           écrit aussi les messages de mise au point\n"
           "  --version         dit la version\n"
           "  --help            cette aide\n");

static int check_settings(const struct vg_settings *settings, struct vg_err *err)
{
        if (!*settings->appliance_id)
                return vg_err_set(err, -EINVAL,
                                  "%s : il manque [appliance] id, l'identifiant de cet appareil au "
                                  "contrat",
                                  settings->file);
        if (VG_HOUR_S % settings->interval_s != 0)
                return vg_err_set(err, -EINVAL,
                                  "[keeper] interval = %us : il faut un diviseur de l'heure",
                                  settings->interval_s);
        return 0;
}

static int read_key(const struct vg_settings *settings, struct store_key **ret_key,
                    struct vg_err *err)
{
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;

        if (*settings->signing_key)
                return store_key_read(settings->signing_key, ret_key, err);
        if (!credentials)
                return vg_err_set(err, -ENOKEY,
                                  "aucune clé de signature : ni [keeper] signing_key, ni clé "
                                  "confiée par systemd; « vigie setup » en fait une");
        if (asprintf(&path, "%s/signing-key", credentials) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return store_key_read(path, ret_key, err);
}

static int open_ledger(const struct vg_settings *settings, const struct store_key *key,
                       struct store **ret_store, struct vg_err *err)
{
        _cleanup_free_ char *path = vg_settings_ledger_path(settings);
        const struct store_options options = {
                .path = path,
                .appliance = settings->appliance_id,
                .key = key,
                .load_zone = vg_file_zone,
                .utc_ns = vg_clock_now().at_utc_ns,
                .version = VIGIE_VERSION,
        };

        return path ? store_open(&options, ret_store, err)
                    : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

/* One that was decommissioned stays as it is. */
static int check_open(struct store *store, struct vg_err *err)
{
        _cleanup_free_ char *closed = NULL;
        int r = store_meta_get(store, "decommissioned_s", &closed, err);

        return r < 0 || r == STORE_NONE
                       ? (r < 0 ? r : 0)
                       : vg_err_set(err, -ESHUTDOWN,
                                    "ce registre est clos : l'appareil a été mis hors service");
}

/* A ledger that is not the one we signed is never written to, so the alert cannot stand in it: the
 * journal alone hears of it, under the alert's own message. */
static void tell_mismatch(const struct vg_err *err)
{
        static const char *const fields[] = { "VIGIE_CODE=VIG-L-001", "VIGIE_EVENT=fired",
                                              "VIGIE_SEVERITY=critical", NULL };
        char text[sizeof(err->text) + 64];

        snprintf(text, sizeof(text), "VIG-L-001, %s : %s", _("alerte"), vg_err_text(err));
        vg_log_text(LOG_CRIT, vg_alert_find("VIG-L-001")->message_id, fields, text);
}

static int run(struct vg_settings *settings, struct vg_err *err)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_(store_closep) struct store *store = NULL;
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(keeper_freep) struct keeper *keeper = NULL;
        int r = read_key(settings, &key, err);

        if (r == 0)
                r = open_ledger(settings, key, &store, err);
        if (r == -EBADMSG)
                tell_mismatch(err);
        if (r == 0)
                r = check_open(store, err);
        if (r == 0)
                r = vg_loop_new(&event, err);
        if (r == 0)
                r = keeper_new(settings, store, event, &keeper, err);
        if (r < 0)
                return r;

        vg_log_message(LOG_INFO, &vg_message_STARTED, NULL, "gardien en marche, appareil %s",
                       settings->appliance_id);
        vg_loop_notify("READY=1");
        r = sd_event_loop(event);
        vg_loop_notify("STOPPING=1");
        if (r < 0)
                return vg_err_set(err, r, "boucle d'événements interrompue : %s",
                                  vg_errno_text(-r));
        r = keeper_stop(keeper, err);
        if (r == 0 && keeper->over_boot_ns)
                r = check_open(store, err);
        if (r == 0)
                vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "gardien arrêté");
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_(vg_settings_done) struct vg_settings settings = { 0 };
        struct vg_start begin = { .program = "vigied", .usage = usage };
        struct vg_err err = { 0 };

        int r = vg_start(&begin, argc, argv, &settings);
        if (r != VG_START_GO_ON)
                return r;
        if (check_settings(&settings, &err) < 0)
                return vg_start_fail(&err, VG_EXIT_SETTINGS);
        r = run(&settings, &err);
        if (r < 0)
                return vg_start_fail(&err, r == -ESHUTDOWN ? EXIT_CLOSED : EXIT_FAILURE);
        return EXIT_SUCCESS;
}
