/* SPDX-License-Identifier: Apache-2.0 */

/* bundle verify: a bundle on any machine (cli/bundle-check.h), and what was found. */

#include "cli/bundle-check.h"
#include "store/store.h"

static int finish(struct bundle_check *c, struct vg_json *j, bool is_fine)
{
        char fingerprint[80];

        store_key_fingerprint(c->first_key, fingerprint);
        if (!c->cli->json) {
                cli_printf(c->cli, CLI_DIM, _("%llu inscriptions, %llu effacées; clé %s\n"),
                           (unsigned long long)c->n_records, (unsigned long long)c->n_redacted,
                           fingerprint);
                if (!cli_option(c->cli, "key"))
                        cli_wrap(c->cli, CLI_WARN, 0,
                                 _("Comparer cette empreinte à celle qui a été notée à "
                                   "l'installation, ou la donner par --key."));
                return is_fine ? CLI_FINE : CLI_FOUND;
        }
        vg_json_end_array(j);
        cli_json_bool(j, "fine", is_fine);
        vg_json_string(j, "first_key", fingerprint);
        vg_json_string(j, "key", store_key_fingerprint(c->public_key, fingerprint));
        cli_json_bool(j, "key_is_trusted", cli_option(c->cli, "key") != NULL);
        vg_json_int(j, "records", (int64_t)c->n_records);
        vg_json_int(j, "redacted", (int64_t)c->n_redacted);
        vg_json_end_object(j);
        int r = cli_json_print(c->cli, j);
        return r == CLI_FINE && !is_fine ? CLI_FOUND : r;
}

int verb_bundle_verify(struct cli *cli)
{
        _cleanup_(bundle_check_done) struct bundle_check c = { .cli = cli, .path = cli->args[0] };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        bool is_fine = false;

        vg_json_object(&j, NULL);
        vg_json_array(&j, "checks");
        int r = bundle_check_all(&c, &j, &is_fine);
        return r == CLI_FINE ? finish(&c, &j, is_fine) : r;
}
