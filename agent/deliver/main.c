/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-deliver: takes what the ledger says to those whom the contract names, where the client allows
 * it. The only program of the house that talks to the outside; it holds delivery keys and no other. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "deliver/deliver.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct options {
        const char *config;
        bool debug;
};

static void usage(FILE *out)
{
        fputs(_("Usage : vigie-deliver [--config FICHIER] [--debug]\n"
                "Livre ce que dit le registre aux destinataires du contrat, là où [egress] le "
                "permet.\n"),
              out);
}

/* 0: carry on; otherwise the process ends with *ret_status. */
static int parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
        static const struct option rows[] = {
                { "config", required_argument, NULL, 'c' },
                { "debug", no_argument, NULL, 'd' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
                { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
                if (c == 'c') {
                        options->config = optarg;
                } else if (c == 'd') {
                        options->debug = true;
                } else {
                        *ret_status = c == '?' ? 2 : 0;
                        if (c == 'V')
                                puts("vigie-deliver " VIGIE_VERSION);
                        else
                                usage(c == '?' ? stderr : stdout);
                        return 1;
                }
        }
        if (optind < argc) {
                usage(stderr);
                *ret_status = 2;
                return 1;
        }
        return 0;
}

static int fail(const struct vg_err *err, int status)
{
        vg_log(LOG_ERR, "%s", vg_err_text(err));
        return status;
}

/* The keeper's word is not waited for: while it is down, what it has recorded is delivered. */
static void on_answer(_unused_ void *user, _unused_ uint64_t seq, bool ok, const json_t *answer)
{
        const char *message = json_string_value(json_object_get(answer, "message"));

        if (!ok)
                vg_log(LOG_ERR, "le gardien refuse une observation : %s", message ? message : "?");
}

static int run(struct deliver *deliver, const struct vg_settings *settings, struct vg_err *err)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_free_ char *socket = vg_settings_socket_path(settings);
        int r = socket ? vg_loop_new(&event, err) : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r == 0)
                r = deliver_init(deliver, settings, event, err);
        if (r == 0)
                r = vg_keeper_new(event, socket, "deliver", on_answer, NULL, &deliver->keeper, err);
        if (r == 0)
                r = deliver_start(deliver, err);
        if (r == 0) {
                vg_loop_notify("READY=1");
                vg_log_message(LOG_INFO, &vg_message_STARTED, NULL, "prêt ([egress] mode = %s)",
                               settings->egress_mode);
                r = sd_event_loop(event);
                vg_loop_notify("STOPPING=1");
                vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "arrêt");
        }
        vg_keeper_free(TAKE_PTR(deliver->keeper));
        deliver_done(deliver);
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_(vg_settings_done) struct vg_settings settings = { 0 };
        struct deliver deliver = { 0 };
        struct options options = { 0 };
        struct vg_err err = { 0 };
        int status = 0;

        vg_lang_init(NULL);
        if (parse_options(argc, argv, &options, &status))
                return status;
        vg_log_init("vigie-deliver", options.debug);
        if (vg_settings_load(options.config, &settings, &err) < 0)
                return fail(&err, 3);
        vg_lang_init(settings.language);
        if (!*settings.appliance_id) {
                vg_err_set(&err, -EINVAL, "%s : il manque [appliance] id", settings.file);
                return fail(&err, 3);
        }
        int r = run(&deliver, &settings, &err);
        return r < 0 ? fail(&err, r == -EINVAL ? 3 : 1) : 0;
}
