/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-hypervisor: looks at libvirt, read-only, and at the kernel, and tells the keeper. */

#include <getopt.h>
#include <libxml/parser.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor/isolation-documents.h"
#include "hypervisor/reader.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct options {
        const char *config, *documents;
        bool debug;
};

static void usage(FILE *out)
{
        fputs(_("Usage : vigie-hypervisor [--config FICHIER] [--debug] [--documents DOSSIER]\n"
                "Lit l'hyperviseur libvirt et le noyau, et transmet ses mesures au gardien; avec\n"
                "--documents, écrit une fois les documents de libvirt dans un dossier.\n"),
              out);
}

/* 0: carry on; otherwise the process ends with *ret_status. */
static int parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
        static const struct option rows[] = {
                { "config", required_argument, NULL, 'c' },    { "debug", no_argument, NULL, 'd' },
                { "documents", required_argument, NULL, 'D' }, { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },         { 0 },
        };

        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;) {
                if (c == 'c') {
                        options->config = optarg;
                } else if (c == 'd') {
                        options->debug = true;
                } else if (c == 'D') {
                        options->documents = optarg;
                } else {
                        *ret_status = c == '?' ? 2 : 0;
                        if (c == 'V')
                                puts("vigie-hypervisor " VIGIE_VERSION);
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

int main(int argc, char **argv)
{
        static struct vg_settings settings;
        static struct reader reader; /* threads that hang may outlive any frame of ours */
        struct options options = { 0 };
        struct vg_err err = { 0 };
        int status = 0;

        /* Three threads that allocate little: one arena, or each would keep its own pages. */
        mallopt(M_ARENA_MAX, 1);
        vg_lang_init(NULL);
        if (parse_options(argc, argv, &options, &status))
                return status;
        vg_log_init("vigie-hypervisor", options.debug);
        if (vg_settings_load(options.config, &settings, &err) < 0)
                return fail(&err, 3);
        vg_lang_init(settings.language);

        xmlInitParser();
        if (options.documents)
                return documents_capture(settings.hypervisor_uri, options.documents, &err) < 0
                               ? fail(&err, 1)
                               : 0;
        reader.settings = &settings;
        if (vg_loop_new(&reader.event, &err) < 0 || reader_start(&reader, &err) < 0)
                return fail(&err, 1);

        int r = sd_event_loop(reader.event);
        vg_loop_notify("STOPPING=1");
        vg_log_message(LOG_INFO, &vg_message_STOPPED, NULL, "arrêt");
        reader_stop(&reader);
        sd_event_unref(reader.event);
        vg_settings_done(&settings);
        /* Workers may hang in libvirt for ever: nothing waits for them, nor runs exit handlers
         * below their feet. */
        fflush(NULL);
        _exit(r < 0 ? 1 : 0);
}
