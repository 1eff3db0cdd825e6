/* SPDX-License-Identifier: Apache-2.0 */

#include "os/start.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/text.h"

enum { MAX_OWN = 4, OWN = 256 }; /* getopt's values of our own options: OWN + row */

static int say_usage(const struct vg_start *start, FILE *out)
{
        fputs(_(start->usage), out);
        return out == stdout ? 0 : VG_EXIT_USAGE;
}

/* What getopt would say itself, it says in English only. */
static int refuse(const struct vg_start *start, const char *argument)
{
        char clean[256];

        vg_text_clean(argument, strlen(argument), clean, sizeof(clean));
        fprintf(stderr, _("%s : argument inconnu ou sans valeur : %s\n"), start->program, clean);
        return say_usage(start, stderr);
}

static void take_own(const struct vg_start_option *own)
{
        if (own->value)
                *own->value = optarg;
        else
                *own->is_given = true;
}

int vg_start_read(struct vg_start *start, int argc, char **argv)
{
        struct option rows[4 + MAX_OWN + 1] = {
                { "config", required_argument, NULL, 'c' },
                { "debug", no_argument, NULL, 'd' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
        };

        assert(start->n_own <= MAX_OWN);
        vg_lang_init(NULL);
        for (size_t i = 0; i < start->n_own; i++)
                rows[4 + i] = (struct option){
                        start->own[i].name,
                        start->own[i].value ? required_argument : no_argument,
                        NULL,
                        OWN + (int)i,
                };

        opterr = 0;
        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
                if (c == 'h')
                        return say_usage(start, stdout);
                if (c == 'V') {
                        printf("%s %s\n", start->program, VIGIE_VERSION);
                        return 0;
                }
                if (c == '?')
                        return refuse(start, argv[optind - 1]);
                if (c == 'c')
                        start->config = optarg;
                else if (c == 'd')
                        start->debug = true;
                else
                        take_own(&start->own[c - OWN]);
        }
        return optind < argc ? refuse(start, argv[optind]) : VG_START_GO_ON;
}

int vg_start_load(const struct vg_start *start, struct vg_settings *ret_settings)
{
        struct vg_err err = { 0 };

        vg_log_init(start->program, start->debug);
        if (vg_settings_load(start->config, ret_settings, &err) < 0)
                return vg_start_fail(&err, VG_EXIT_SETTINGS);
        vg_lang_init(ret_settings->language);
        return VG_START_GO_ON;
}

int vg_start(struct vg_start *start, int argc, char **argv, struct vg_settings *ret_settings)
{
        int r = vg_start_read(start, argc, argv);

        return r == VG_START_GO_ON ? vg_start_load(start, ret_settings) : r;
}

int vg_start_fail(const struct vg_err *err, int status)
{
        vg_log(LOG_ERR, "%s", vg_err_text(err));
        return status;
}
