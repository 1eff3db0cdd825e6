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

static const char *const ending[2] = {
        "L'empreinte de keys/public.pem doit être celle que les parties ont notée à "
        "l'installation.\n",
        "The fingerprint of keys/public.pem must be the one both parties noted at installation.\n",
};

int export_readme(struct export *x)
{
        static const char *const names[] = { "LISEZMOI.txt", "README.txt" };

        for (int i = 0; i < 2; i++) {
                _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
                vg_buf_puts(&text, readme[i]);
                vg_buf_puts(&text, recipe);
                vg_buf_puts(&text, ending[i]);
                if (text.failed)
                        return vg_err_set(&x->err, -ENOMEM, "mémoire épuisée");
                int r = bundle_add(x->bundle, names[i], text.data, text.n, &x->err);
                if (r < 0)
                        return r;
        }
        return 0;
}
