/* SPDX-License-Identifier: Apache-2.0 */

/* What a person reads first in a bundle, and how to verify it by hand. */

#include <errno.h>

#include "cli/bundle-export.h"

static const char *const readme[2] = {
        "Paquet de preuves de vigie\n"
        "==========================\n\n"
        "Ces fichiers sortent du registre d'un appareil. manifest.json les nomme; ledger/ "
        "contient\n"
        "les inscriptions, une par ligne, telles qu'elles ont été signées. Avec vigie :\n\n"
        "    vigie bundle verify PAQUET.tar --key EMPREINTE\n\n"
        "Sans vigie, avec tar, sha256sum et openssl seuls, depuis ce dossier :\n\n",
        "vigie's bundle of evidence\n"
        "==========================\n\n"
        "These files come from the ledger of an appliance. manifest.json names them; ledger/ "
        "holds\n"
        "the records, one a line, as they were signed. With vigie:\n\n"
        "    vigie bundle verify BUNDLE.tar --key FINGERPRINT\n\n"
        "Without vigie, with tar, sha256sum and openssl alone, from this folder:\n\n",
};

static const char recipe[] =
        "    sha256sum --check --strict SHA256SUMS\n"
        "    grep -c \"$(sha256sum < SHA256SUMS | cut -c 1-64)\" seal/record        # 1\n"
        "    { printf '\\0'; cat seal/record; } | openssl dgst -sha256 -binary > h\n"
        "    for p in seal/proof/*; do case $p in\n"
        "      *.left) { printf '\\1'; cat $p h; } ;; *.right) { printf '\\1'; cat h $p; } ;;\n"
        "      esac | openssl dgst -sha256 -binary > n; mv n h; done\n"
        "    openssl base64 -in h; sed -n 3p seal/checkpoint                       # =\n"
        "    sed '/^$/,$d' seal/checkpoint > text\n"
        "    sed -n 's/^\xe2\x80\x94 [^ ]* //p' seal/checkpoint | head -n 1 |\n"
        "      openssl base64 -d -A | tail -c +5 > signature\n"
        "    openssl pkeyutl -verify -pubin -inkey keys/public.pem -rawin -in text "
        "-sigfile signature\n\n";

/* Where the key was changed. */
static const char *const changed[2] = {
        "La clé a été changée. De la première, keys/000.pem, à celle qui signe, chacune signée par "
        "la\n"
        "précédente pour ce registre :\n\n",
        "The key was changed. From the first, keys/000.pem, to the one that signs, each signed by "
        "the\n"
        "one before for this ledger:\n\n",
};

static const char chain[] =
        "    k=keys/000.pem; for t in keys/*.text; do\n"
        "      openssl pkeyutl -verify -pubin -inkey $k -rawin -in $t -sigfile ${t%text}signature\n"
        "      test \"$(sed -n 2p $t)\" = \"$(sed -n 1p ledger/shared.checkpoint)\" && echo =\n"
        "      k=${t%text}pem; grep -c -F -- \"$(sed -n 3p $t)\" $k; done              # 1\n"
        "    cmp $k keys/public.pem\n\n";

static const char *const ending_changed[2] = {
        "L'empreinte de keys/000.pem doit être celle que les parties ont notée à l'installation.\n",
        "The fingerprint of keys/000.pem must be the one both parties noted at installation.\n",
};

static const char *const ending[2] = {
        "L'empreinte de keys/public.pem doit être celle que les parties ont notée à "
        "l'installation.\n",
        "The fingerprint of keys/public.pem must be the one both parties noted at installation.\n",
};

int export_readme(struct export *x)
{
        static const char *const names[] = { "LISEZMOI.txt", "README.txt" };
        unsigned n_keys;
        int r = export_n_keys(x, &n_keys);

        for (int i = 0; r == 0 && i < 2; i++) {
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                vg_buf_puts(&text, readme[i]);
                vg_buf_puts(&text, recipe);
                if (n_keys > 1) {
                        vg_buf_puts(&text, changed[i]);
                        vg_buf_puts(&text, chain);
                }
                vg_buf_puts(&text, n_keys > 1 ? ending_changed[i] : ending[i]);
                r = text.failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                                : bundle_add(x->bundle, names[i], text.data, text.n, &x->err);
        }
        return r;
}
