/* SPDX-License-Identifier: Apache-2.0 */

/* key new, key show: the Ed25519 key that signs the heads of the ledger. */

#include <errno.h>
#include <string.h>

#include "cli/ledger.h"

static int report(struct cli *cli, const char *path, const uint8_t public_key[VG_PUBLIC_KEY_SIZE])
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_free_ char *pem = NULL;
        struct vg_err err = { 0 };
        char fingerprint[80];

        if (store_key_public_pem(public_key, &pem, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "key", &err);
        store_key_fingerprint(public_key, fingerprint);
        if (!cli->json) {
                if (path)
                        cli_printf(cli, CLI_PLAIN, _("clé : %s\n"), path);
                cli_printf(cli, CLI_STRONG, _("empreinte : %s\n"), fingerprint);
                cli_wrap(cli, CLI_DIM, 0,
                         _("À noter par les deux parties, hors de cette machine : c'est à elle "
                           "qu'on reconnaît le registre."));
                fprintf(cli->out, "%s", pem);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "fingerprint", fingerprint);
        cli_json_text(&j, "path", path ? path : "");
        vg_json_string(&j, "public_key", pem);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

int verb_key_new(struct cli *cli)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_free_ char *path = NULL;
        struct vg_err err = { 0 };
        int r = cli->n_args ? CLI_FINE : ledger_key_path(cli, &path);

        if (r != CLI_FINE)
                return r;
        const char *to = cli->n_args ? cli->args[0] : path;
        r = store_key_new(&key, &err);
        if (r == 0)
                r = store_key_write(key, to, &err);
        if (r == -EEXIST)
                return cli_failf(
                        cli, CLI_REFUSED, "key-exists",
                        "%s existe déjà; une clé ne se remplace pas : ce qu'elle a signé ne "
                        "se vérifierait plus",
                        to);
        return r < 0 ? cli_fail(cli, CLI_REFUSED, "key", &err)
                     : report(cli, to, store_key_public(key));
}

/* Without a file: the key of the ledger's current epoch, which needs no privilege to read. */
int verb_key_show(struct cli *cli)
{
        _cleanup_(store_closep) struct store *store = NULL;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct vg_err err = { 0 };

        if (cli->n_args) {
                if (store_key_read_public(cli->args[0], public_key, &err) < 0)
                        return cli_fail(cli, CLI_REFUSED, "key", &err);
                return report(cli, cli->args[0], public_key);
        }
        int r = ledger_open(cli, NULL, &store);
        return r == CLI_FINE ? report(cli, NULL, store_identity(store)->public_key) : r;
}
