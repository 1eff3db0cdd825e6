/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-inspect: gathers the evidence of isolation that needs privileges, and tells the keeper. It
 * asks libvirt nothing, connects to nothing but the keeper, and writes nowhere. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect/inspect.h"
#include "os/evidence.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct options {
        const char *config, *wanted;
        bool debug, once;
};

static void usage(FILE *out)
{
        fputs(_("Usage : vigie-inspect [--config FICHIER] [--debug] [--once] [--wanted FICHIER]\n"
                "Recueille les preuves de cloisonnement et les transmet au gardien; avec --once,\n"
                "les écrit une fois sur la sortie standard.\n"),
              out);
}

/* 0: carry on; otherwise the process ends with *ret_status. */
static int parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
        static const struct option rows[] = {
                { "config", required_argument, NULL, 'c' },
                { "debug", no_argument, NULL, 'd' },
                { "help", no_argument, NULL, 'h' },
                { "once", no_argument, NULL, 'o' },
                { "version", no_argument, NULL, 'V' },
                { "wanted", required_argument, NULL, 'w' },
                { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
                if (c == 'c') {
                        options->config = optarg;
                } else if (c == 'd') {
                        options->debug = true;
                } else if (c == 'o') {
                        options->once = true;
                } else if (c == 'w') {
                        options->wanted = optarg;
                } else {
                        *ret_status = c == '?' ? 2 : 0;
                        if (c == 'V')
                                puts("vigie-inspect " VIGIE_VERSION);
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

/* The pieces, one canonical object a line: what a capture is made from. */
static int print_once(struct inspect *inspect, const char *wanted)
{
        const json_t *pieces, *piece;
        size_t i;

        wanted_read(&inspect->wanted, wanted ? wanted : inspect->settings->inspect_wanted,
                    inspect->settings->reader_user);
        inspect_look(inspect, LOOK_ALL);
        pieces = vg_evidence_waiting(inspect->evidence);
        json_array_foreach (pieces, i, piece) {
                _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
                if (vg_json_canonical(piece, &line, NULL) == 0)
                        printf("%.*s\n", (int)line.n, line.data);
        }
        return fflush(stdout) == 0 ? 0 : 1;
}

static void on_answer(void *user, _unused_ uint64_t seq, bool ok, const json_t *answer)
{
        struct inspect *inspect = user;

        if (!ok) {
                const char *message = json_string_value(json_object_get(answer, "message"));
                vg_log(LOG_ERR, "le gardien refuse une observation : %s", message ? message : "?");
        }
        if (vg_evidence_must_resend(answer))
                inspect->resend = true;
        if (inspect->is_ready)
                return;
        inspect->is_ready = true;
        vg_loop_notify("READY=1");
        vg_log_message(LOG_INFO, &vg_message_STARTED, NULL, "prêt");
}

static int run(struct inspect *inspect, struct vg_err *err)
{
        _cleanup_free_ char *socket = vg_settings_socket_path(inspect->settings);
        int r = socket ? vg_keeper_new(inspect->event, socket, "inspect", on_answer, inspect,
                                       &inspect->keeper, err)
                       : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r == 0)
                r = vg_evidence_new(inspect->keeper, &inspect->evidence, err);
        if (r == 0)
                r = rounds_start(inspect, err);
        if (r == 0)
                r = sd_event_loop(inspect->event);
        vg_loop_notify("STOPPING=1");
        vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "arrêt");
        rounds_stop(inspect);
        return r;
}

int main(int argc, char **argv)
{
        struct vg_settings settings = { 0 };
        struct inspect inspect = { .settings = &settings };
        struct options options = { 0 };
        struct vg_err err = { 0 };
        int status = 0;

        vg_lang_init(NULL);
        if (parse_options(argc, argv, &options, &status))
                return status;
        vg_log_init("vigie-inspect", options.debug);
        if (vg_settings_load(options.config, &settings, &err) < 0)
                return fail(&err, 3);
        vg_lang_init(settings.language);

        int r = options.once ? vg_evidence_new(NULL, &inspect.evidence, &err)
                             : vg_loop_new(&inspect.event, &err);
        if (r == 0)
                r = options.once ? print_once(&inspect, options.wanted) : run(&inspect, &err);
        if (r < 0)
                fail(&err, 1);
        wanted_done(&inspect.wanted);
        vg_evidence_free(inspect.evidence);
        vg_keeper_free(inspect.keeper);
        sd_event_unref(inspect.event);
        vg_settings_done(&settings);
        return r == 0 ? 0 : 1;
}
