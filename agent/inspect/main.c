/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-inspect: gathers the evidence of isolation that needs privileges, and tells the keeper. It
 * asks libvirt nothing, connects to nothing but the keeper, and writes nowhere. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect/guard.h"
#include "inspect/inspect.h"
#include "os/evidence.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "os/start.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { LOOK_PATIENCE_MS = 5000 };

static const char usage[] =
        N_("Usage : vigie-inspect [--config FICHIER] [--debug] [--once] [--wanted FICHIER]\n"
           "Recueille les preuves de cloisonnement et les transmet au gardien; avec --once,\n"
           "les écrit une fois sur la sortie standard.\n");

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

static void on_answer(void *user, _unused_ uint64_t seq, _unused_ bool ok, const json_t *answer)
{
        struct inspect *inspect = user;

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
        const char *wanted = NULL;
        bool once = false;
        const struct vg_start_option own[] = { { "once", NULL, &once },
                                               { "wanted", &wanted, NULL } };
        struct vg_start begin = { "vigie-inspect", usage, own, ELEMENTSOF(own), NULL, false };
        struct vg_err err = { 0 };

        int r = vg_start(&begin, argc, argv, &settings);
        if (r != VG_START_GO_ON)
                return r;

        r = guard_new(LOOK_PATIENCE_MS, &inspect.guard, &err);
        if (r == 0)
                r = once ? vg_evidence_new(NULL, &inspect.evidence, &err)
                         : vg_loop_new(&inspect.event, &err);
        if (r == 0)
                r = once ? print_once(&inspect, wanted) : run(&inspect, &err);
        if (r < 0)
                vg_start_fail(&err, EXIT_FAILURE);
        wanted_done(&inspect.wanted);
        guard_free(inspect.guard);
        vg_evidence_free(inspect.evidence);
        vg_keeper_free(inspect.keeper);
        sd_event_unref(inspect.event);
        vg_settings_done(&settings);
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
