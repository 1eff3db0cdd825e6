/* SPDX-License-Identifier: Apache-2.0 */

/* bundle import: what a supplier or an auditor keeps of the bundles that he is handed, one folder for
 * all of them. A bundle is verified first; its records are added where they agree with what is held,
 * each once, however often it comes. The appliance's own ledger is never written to. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-check.h"
#include "store/store.h"

struct importing {
        struct bundle_check check;
        struct bundle_kept kept[VG_LOG_N];
        struct vg_json j;
};

static void importing_done(struct importing *im)
{
        bundle_check_done(&im->check);
        vg_json_done(&im->j);
}

static void report_log(const struct importing *im, struct vg_json *j, enum vg_log log)
{
        const struct bundle_kept *kept = &im->kept[log];
        const unsigned long long held = kept->held + kept->added;
        struct cli *cli = im->check.cli;

        if (!cli->json) {
                cli_printf(cli, CLI_PLAIN, _("%s : %llu inscriptions ajoutées, %llu détenues\n"),
                           vg_log_name(log), (unsigned long long)kept->added, held);
                cli_printf(cli, CLI_DIM, "  %s\n", kept->folder);
                return;
        }
        vg_json_object(j, NULL);
        vg_json_int(j, "added", (int64_t)kept->added);
        cli_json_text(j, "folder", kept->folder);
        vg_json_int(j, "held", (int64_t)held);
        vg_json_string(j, "log", vg_log_name(log));
        vg_json_end_object(j);
}

static int keep_all(struct importing *im)
{
        struct bundle_check *c = &im->check;
        struct vg_err err = { 0 };

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                if (!c->log[log].is_there)
                        continue;
                int r = bundle_keep(c, (enum vg_log)log, c->cli->args[1], &im->kept[log], &err);
                if (r == -EEXIST)
                        return cli_fail(c->cli, CLI_FOUND, "contradiction", &err);
                if (r < 0)
                        return cli_fail(c->cli, CLI_REFUSED, r == -ENODATA ? "gap" : "import",
                                        &err);
        }
        return CLI_FINE;
}

/* Only all of it: what does not verify is nobody's evidence. */
static int refuse(struct importing *im)
{
        struct cli *cli = im->check.cli;

        if (!cli->json) {
                cli_print(cli, CLI_BAD, _("Rien n'est gardé : ce paquet ne se vérifie pas.\n"));
                return CLI_FOUND;
        }
        vg_json_end_array(&im->j);
        cli_json_bool(&im->j, "fine", false);
        vg_json_array(&im->j, "logs");
        vg_json_end_array(&im->j);
        vg_json_end_object(&im->j);
        int r = cli_json_print(cli, &im->j);
        return r == CLI_FINE ? CLI_FOUND : r;
}

static int report(struct importing *im)
{
        struct cli *cli = im->check.cli;

        vg_json_end_array(&im->j);
        cli_json_bool(&im->j, "fine", true);
        vg_json_array(&im->j, "logs");
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (im->check.log[log].is_there)
                        report_log(im, &im->j, (enum vg_log)log);
        vg_json_end_array(&im->j);
        vg_json_end_object(&im->j);
        return cli->json ? cli_json_print(cli, &im->j) : CLI_FINE;
}

int verb_bundle_import(struct cli *cli)
{
        _cleanup_(importing_done) struct importing im = {
                .check = { .cli = cli, .path = cli->args[0] },
        };
        bool is_fine = false;

        vg_json_object(&im.j, NULL);
        vg_json_array(&im.j, "checks");
        int r = bundle_check_all(&im.check, &im.j, &is_fine);
        if (r != CLI_FINE)
                return r;
        if (!is_fine)
                return refuse(&im);
        r = keep_all(&im);
        return r == CLI_FINE ? report(&im) : r;
}
