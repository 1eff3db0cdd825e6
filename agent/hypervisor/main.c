/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-hypervisor: looks at libvirt, read-only, and at the kernel, and tells the keeper. */

#include <libxml/parser.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hypervisor/isolation-documents.h"
#include "hypervisor/reader.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/loop.h"
#include "os/settings.h"
#include "os/start.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const char usage[] =
        N_("Usage : vigie-hypervisor [--config FICHIER] [--debug] [--documents DOSSIER]\n"
           "Lit l'hyperviseur libvirt et le noyau, et transmet ses mesures au gardien; avec\n"
           "--documents, écrit une fois les documents de libvirt dans un dossier.\n");

int main(int argc, char **argv)
{
        static struct vg_settings settings;
        static struct reader reader; /* threads that hang may outlive any frame of ours */
        const char *documents = NULL;
        const struct vg_start_option own[] = { { "documents", &documents, NULL } };
        struct vg_start begin = { "vigie-hypervisor", usage, own, ELEMENTSOF(own), NULL, false };
        struct vg_err err = { 0 };

        /* Three threads that allocate little: one arena, or each would keep its own pages. */
        mallopt(M_ARENA_MAX, 1);
        int r = vg_start(&begin, argc, argv, &settings);
        if (r != VG_START_GO_ON)
                return r;

        xmlInitParser();
        if (documents)
                return documents_capture(settings.hypervisor_uri, documents, &err) < 0
                               ? vg_start_fail(&err, EXIT_FAILURE)
                               : EXIT_SUCCESS;
        reader.settings = &settings;
        if (vg_loop_new(&reader.event, &err) < 0 || reader_start(&reader, &err) < 0)
                return vg_start_fail(&err, EXIT_FAILURE);

        r = sd_event_loop(reader.event);
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
