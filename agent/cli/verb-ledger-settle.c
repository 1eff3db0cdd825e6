/* SPDX-License-Identifier: Apache-2.0 */

/* ledger settle: two people record that both parties have come to terms about an entry that no longer
 * matches (VIG-L-001). The entry stays as it is, and verify goes on telling of it. */

#include <string.h>

#include "cli/cli.h"
#include "os/files.h"
#include "store/statements.h"
#include "vigie/num.h"

enum { DOCUMENT_MAX = 256 << 20 };

static int put_document(struct cli *cli, struct vg_json *body, const char *path)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        char digest[65];
        size_t n;

        if (vg_file_read(path, DOCUMENT_MAX, &bytes, &n, &err) < 0 ||
            store_digest(bytes, n, digest, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        vg_json_string(body, "document", digest);
        return CLI_FINE;
}

int verb_ledger_settle(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        const char *reason = cli_option(cli, "reason"), *document = cli_option(cli, "document");
        const char *log = cli_option(cli, "log");
        int64_t seq, settled = 0;

        if (!reason || !*reason || !document)
                return cli_failf(
                        cli, CLI_USAGE, "usage",
                        "--document, signé des deux parties, et --reason sont nécessaires");
        if (vg_i64_parse(cli->args[0], &seq) < 0)
                return cli_failf(cli, CLI_USAGE, "usage", "« %s » : un nombre est attendu",
                                 cli->args[0]);
        vg_json_object(&body, NULL);
        int r = put_document(cli, &body, document);
        if (r != CLI_FINE)
                return r;
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "log", log ? log : "client");
        vg_json_string(&body, "reason", reason);
        vg_json_int(&body, "seq", seq);
        vg_json_string(&body, "verb", "ledger.settle");
        vg_json_end_object(&body);
        r = cli_act(cli, &body, &result);
        if (r != CLI_FINE)
                return r;
        (void)vg_json_get_int(result, "settled", &settled);
        return cli_done(cli, settled ? _("Règlement inscrit; le registre est relu.")
                                     : _("Demande inscrite. Une autre personne la confirme par la "
                                         "même commande, avec le même document."));
}
