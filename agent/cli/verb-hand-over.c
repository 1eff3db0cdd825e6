/* SPDX-License-Identifier: Apache-2.0 */

/* contract hand-over: the evidence of the whole term leaves rented servers before they do. A folder of
 * plain files (cli/bundle.h) is written here, verified elsewhere, and the receipt comes back
 * (cli/verb-hand-over-verify.c). */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bundle-export.h"
#include "cli/contract-file.h"
#include "os/files.h"
#include "store/store.h"
#include "vigie/civil.h"

enum { RECEIPT_MAX = 64 * 1024 };

/* ---- writing it ---- */

static int report_written(struct export *x, const char *path)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct cli *cli = x->cli;
        char hex[2 * VG_HASH_SIZE + 1];

        vg_hex_format(x->digest.bytes, VG_HASH_SIZE, hex);
        if (!cli->json) {
                cli_printf(cli, CLI_GOOD, "%s\n", path);
                cli_printf(cli, CLI_PLAIN,
                           _("%zu parties; le condensat de SHA256SUMS est inscrit et signé : "
                             "%.16s…\n"),
                           bundle_n_parts(x->bundle), hex);
                cli_wrap(cli, CLI_WARN, 0,
                         _("Rien n'est encore remis : porter ce dossier sur une autre machine, y "
                           "faire « vigie contract hand-over verify », et rapporter le reçu par "
                           "« vigie contract hand-over receipt »."));
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "digest", hex);
        vg_json_int(&j, "parts", (int64_t)bundle_n_parts(x->bundle));
        cli_json_text(&j, "path", path);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int write_folder(struct export *x, const char *folder)
{
        _cleanup_free_ char *path = NULL;
        char now[32];

        export_name(x, "vigie-hand-over-%.80s-%s", x->view.contract->id,
                    vg_utc_format(x->view.now_s, now));
        if (asprintf(&path, "%s/%s", folder, x->top) < 0) {
                path = NULL;
                return cli_failf(x->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        }
        if (mkdir(folder, 0750) < 0 && errno != EEXIST)
                return cli_failf(x->cli, CLI_REFUSED, "bundle", "%s : %s", folder,
                                 vg_errno_text(errno));
        int r = export_write(x, path, true);
        return r == CLI_FINE ? report_written(x, path) : r;
}

int verb_contract_hand_over(struct cli *cli)
{
        struct export x = {
                .cli = cli,
                .audience = FOR_HAND_OVER,
                .from_ns = INT64_MIN,
                .to_ns = INT64_MAX,
        };
        const char *folder = cli_option(cli, "to");

        if (!folder || !*folder)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--to est nécessaire : le dossier où écrire la remise");
        cli_set_option(cli, "to", NULL); /* a folder here, and no end of a period */
        cli_set_option(cli, "lang", "both");
        int r = cli_view_open(cli, &x.view);
        if (r == CLI_FINE && !x.view.contract)
                r = cli_failf(cli, CLI_REFUSED, "no-contract",
                              "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                              "charge un");
        if (r == CLI_FINE)
                r = write_folder(&x, folder);
        bundle_free(x.bundle);
        cli_view_done(&x.view);
        return r;
}

/* ---- and back ---- */

int verb_contract_hand_over_receipt(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *receipt = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf canonical = { 0 };
        _cleanup_free_ char *text = NULL;
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(cli->args[0], RECEIPT_MAX, &text, &n, &err) < 0 ||
            vg_json_parse(text, n, &receipt, NULL, NULL, &err) < 0 ||
            vg_json_canonical(receipt, &canonical, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "receipt", &err);
        vg_json_object(&body, NULL);
        int r = contract_put_document(cli, &body, cli->args[0]);
        if (r != CLI_FINE)
                return r;
        vg_json_string(&body, "lang", vg_lang());
        vg_json_raw(&body, "receipt", canonical.data, canonical.n);
        vg_json_string(&body, "verb", "contract.receipt");
        vg_json_end_object(&body);
        r = cli_act(cli, &body, NULL);
        return r != CLI_FINE
                       ? r
                       : cli_done(cli, _("Reçu inscrit au registre : les preuves sont remises "
                                         "et vérifiées ailleurs."));
}
