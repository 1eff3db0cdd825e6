/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-hardware: reads the machine's hardware through several sources, and tells the keeper. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/hardware.h"
#include "hardware/password.h"
#include "hardware/read.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "os/start.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { STOP_S = 8 };

struct program {
        struct hardware hardware;
        sd_event *event;
        char *password;   /* of the BMC; NULL: none */
        const char *root; /* "": that of this machine */
        bool is_ready;
};

static const char usage[] =
        N_("Usage : vigie-hardware [--config FICHIER] [--debug]\n"
           "Lit le matériel de cette machine et transmet ce qu'il voit au gardien.\n");

static void on_answer(void *user, _unused_ uint64_t seq, _unused_ bool ok,
                      _unused_ const json_t *answer)
{
        struct program *program = user;

        if (program->is_ready)
                return;
        program->is_ready = true;
        vg_loop_notify("READY=1");
        vg_log_message(LOG_INFO, &vg_message_STARTED, NULL, "prêt : %zu sources",
                       program->hardware.n_sources);
}

/* ---- the end: sessions are closed first, within STOP_S ---- */

static void on_idle(void *user)
{
        sd_event_exit(((struct program *)user)->event, 0);
}

static int on_patience(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        on_idle(user);
        return 0;
}

static int on_stop(_unused_ sd_event_source *s, _unused_ const struct signalfd_siginfo *signal,
                   void *user)
{
        struct program *program = user;

        vg_loop_notify("STOPPING=1");
        if (sd_event_add_time_relative(program->event, NULL, CLOCK_BOOTTIME,
                                       STOP_S * UINT64_C(1000000), 0, on_patience, program) < 0)
                on_idle(program);
        hardware_stop(&program->hardware);
        return 0;
}

/* ---- the beginning ---- */

static int start(struct program *program, const struct vg_settings *settings, struct vg_err *err)
{
        _cleanup_free_ char *socket = vg_settings_socket_path(settings);
        struct hardware *hw = &program->hardware;
        int r = socket ? vg_loop_new_stopping(&program->event, on_stop, program, err)
                       : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r == 0)
                r = vg_keeper_new(program->event, socket, "hardware", on_answer, program,
                                  &hw->keeper, err);
        if (r == 0)
                r = password_read(settings, &program->password, err);
        if (r < 0)
                return r;
        hw->settings = settings;
        hw->event = program->event;
        hw->root = program->root;
        hw->password = program->password;
        hw->idle = on_idle;
        hw->idle_user = program;
        return hardware_new(hw, err);
}

static void finish(struct program *program)
{
        hardware_done(&program->hardware);
        vg_keeper_free(program->hardware.keeper);
        sd_event_unref(program->event);
        password_free(program->password);
}

int main(int argc, char **argv)
{
        _cleanup_(vg_settings_done) struct vg_settings settings = { 0 };
        struct program program = { .root = "" };
        const char *read = NULL; /* for ourselves: read.h */
        /* root: a folder that stands for /, for tests */
        const struct vg_start_option own[] = { { "read", &read, NULL },
                                               { "root", &program.root, NULL } };
        struct vg_start begin = { "vigie-hardware", usage, own, ELEMENTSOF(own), NULL, false };
        struct vg_err err = { 0 };

        int r = vg_start_read(&begin, argc, argv);
        if (r == VG_START_GO_ON && read)
                return read_main(read);
        if (r == VG_START_GO_ON)
                r = vg_start_load(&begin, &settings);
        if (r != VG_START_GO_ON)
                return r;
        if (start(&program, &settings, &err) < 0)
                return vg_start_fail(&err, EXIT_FAILURE);

        r = sd_event_loop(program.event);
        vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "arrêt");
        finish(&program);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
