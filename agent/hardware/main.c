/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-hardware: reads the machine's hardware through several sources, and tells the keeper. */

#include <errno.h>
#include <getopt.h>
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
#include "vigie/err.h"
#include "vigie/mem.h"

enum { STOP_S = 8 };

struct options {
        const char *config, *read;
        bool debug;
};

struct program {
        struct hardware hardware;
        sd_event *event;
        char *password; /* of the BMC; NULL: none */
        bool is_ready;
};

static void usage(FILE *out)
{
        fputs(_("Usage : vigie-hardware [--config FICHIER] [--debug]\n"
                "Lit le matériel de cette machine et transmet ce qu'il voit au gardien.\n"),
              out);
}

/* 0: carry on; otherwise the process ends with *ret_status. */
static int parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
        static const struct option rows[] = {
                { "config", required_argument, NULL, 'c' },
                { "debug", no_argument, NULL, 'd' },
                { "help", no_argument, NULL, 'h' },
                { "read", required_argument, NULL, 'r' }, /* for ourselves: read.h */
                { "version", no_argument, NULL, 'V' },
                { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
                if (c == 'c') {
                        options->config = optarg;
                } else if (c == 'd') {
                        options->debug = true;
                } else if (c == 'r') {
                        options->read = optarg;
                } else {
                        *ret_status = c == '?' ? 2 : 0;
                        if (c == 'V')
                                puts("vigie-hardware " VIGIE_VERSION);
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

static void on_answer(void *user, _unused_ uint64_t seq, bool ok, const json_t *answer)
{
        struct program *program = user;

        if (!ok) {
                const char *message = json_string_value(json_object_get(answer, "message"));
                vg_log(LOG_ERR, "le gardien refuse une observation : %s", message ? message : "?");
        }
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
        hw->root = "";
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
        struct program program = { 0 };
        struct options options = { 0 };
        struct vg_err err = { 0 };
        int status = 0;

        vg_lang_init(NULL);
        if (parse_options(argc, argv, &options, &status))
                return status;
        if (options.read)
                return read_main(options.read);
        vg_log_init("vigie-hardware", options.debug);
        if (vg_settings_load(options.config, &settings, &err) < 0)
                return fail(&err, 3);
        vg_lang_init(settings.language);
        if (start(&program, &settings, &err) < 0)
                return fail(&err, 1);

        int r = sd_event_loop(program.event);
        vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "arrêt");
        finish(&program);
        return r < 0 ? 1 : 0;
}
