/* SPDX-License-Identifier: Apache-2.0 */

/* contract hand-over verify: a hand-over on a machine that is not the one it comes from, and its
 * receipt.
 *
 * The receipt, canonical JSON:
 *   {"appliance","bytes":N,"contract_id","digest":"64 hex of SHA256SUMS","key":"64 hex",
 *    "key_is_trusted":0|1,"logs":{"client":{"root":"64 hex","size":N},"shared":{…}},"made":"…Z",
 *    "parts":N,"records":N,"redacted":N,"verified":"…Z","version","vigie":"hand-over-receipt/1"} */

#include <errno.h>
#include <string.h>

#include "cli/bundle-check.h"
#include "os/clock.h"
#include "os/files.h"
#include "store/store.h"
#include "vigie/civil.h"

struct manifest {
        json_t *tree;
        const char *appliance, *contract, *audience, *made;
};

static int read_manifest(const struct bundle_check *c, struct manifest *ret, struct vg_err *err)
{
        const struct bundle_part *part;
        int r = bundle_held(c, "manifest.json", &part, err);

        if (r == 0)
                r = vg_json_parse(part->bytes, part->size, &ret->tree, NULL, NULL, err);
        if (r < 0)
                return r;
        if (vg_json_get_string(ret->tree, "appliance", &ret->appliance) < 0 ||
            vg_json_get_string(ret->tree, "contract", &ret->contract) < 0 ||
            vg_json_get_string(ret->tree, "for", &ret->audience) < 0 ||
            vg_json_get_string(ret->tree, "made", &ret->made) < 0)
                return vg_err_set(err, -EINVAL, "manifest.json : illisible");
        return 0;
}

/* Everything from the first record to the signed head, in both logs. */
static int check_whole(struct bundle_check *c, struct vg_err *err)
{
        struct manifest manifest = { 0 };
        int r = read_manifest(c, &manifest, err);

        if (r == 0 && strcmp(manifest.audience, "hand-over") != 0)
                r = vg_err_set(err, -EINVAL, "c'est un paquet, et non une remise");
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                const struct bundle_slice *slice = &c->log[log];
                if (!slice->is_there || slice->from != 0 || slice->to != slice->head.size)
                        r = vg_err_set(err, -EBADMSG, "le journal « %s » n'y est pas en entier",
                                       vg_log_name((enum vg_log)log));
        }
        if (r == 0 && !bundle_part_find(&c->parts, "contract/001.json"))
                r = vg_err_set(err, -ENOENT, "il manque %s", "contract/001.json");
        vg_json_decrefp(&manifest.tree);
        return r;
}

static void put_log(struct vg_json *j, const struct bundle_check *c, enum vg_log log)
{
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_object(j, vg_log_name(log));
        vg_json_string(j, "root", vg_hex_format(c->log[log].head.root.bytes, VG_HASH_SIZE, hex));
        vg_json_int(j, "size", (int64_t)c->log[log].head.size);
        vg_json_end_object(j);
}

static int write_receipt(const struct bundle_check *c, struct vg_json *j, struct vg_err *err)
{
        const struct bundle_part *sums;
        struct manifest manifest = { 0 };
        char hex[2 * VG_HASH_SIZE + 1], now[32];
        struct vg_hash key;
        int64_t bytes = 0;
        int r = bundle_held(c, "SHA256SUMS", &sums, err);

        if (r == 0)
                r = read_manifest(c, &manifest, err);
        if (r == 0)
                r = bundle_hash(c->public_key, VG_PUBLIC_KEY_SIZE, &key, err);
        if (r < 0) {
                vg_json_decrefp(&manifest.tree);
                return r;
        }
        for (size_t i = 0; i < c->parts.n; i++)
                bytes += (int64_t)c->parts.list[i].size;
        vg_json_object(j, NULL);
        cli_json_text(j, "appliance", manifest.appliance);
        vg_json_int(j, "bytes", bytes);
        cli_json_text(j, "contract_id", manifest.contract);
        vg_json_string(j, "digest", vg_hex_format(sums->hash.bytes, VG_HASH_SIZE, hex));
        vg_json_string(j, "key", vg_hex_format(key.bytes, VG_HASH_SIZE, hex));
        vg_json_int(j, "key_is_trusted", cli_option(c->cli, "key") != NULL);
        vg_json_object(j, "logs");
        put_log(j, c, VG_LOG_CLIENT);
        put_log(j, c, VG_LOG_SHARED);
        vg_json_end_object(j);
        cli_json_text(j, "made", manifest.made);
        vg_json_int(j, "parts", (int64_t)c->parts.n);
        vg_json_int(j, "records", (int64_t)c->n_records);
        vg_json_int(j, "redacted", (int64_t)c->n_redacted);
        vg_json_string(j, "verified",
                       vg_utc_format(vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S), now));
        vg_json_string(j, "version", VIGIE_VERSION);
        vg_json_string(j, "vigie", "hand-over-receipt/1");
        vg_json_end_object(j);
        vg_json_decrefp(&manifest.tree);
        return j->buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}

static int finish_text(struct bundle_check *c, const char *out, bool is_fine)
{
        struct cli *cli = c->cli;
        char fingerprint[80];

        cli_printf(cli, CLI_DIM, _("%llu inscriptions, %llu effacées; clé %s\n"),
                   (unsigned long long)c->n_records, (unsigned long long)c->n_redacted,
                   store_key_fingerprint(c->first_key, fingerprint));
        if (!cli_option(cli, "key"))
                cli_wrap(cli, CLI_WARN, 0,
                         _("Comparer cette empreinte à celle qui a été notée à l'installation, ou "
                           "la donner par --key."));
        if (is_fine)
                cli_printf(cli, CLI_GOOD,
                           _("Reçu écrit : %s. Le rapporter à l'appareil : « vigie contract "
                             "hand-over receipt ».\n"),
                           out);
        else
                cli_print(cli, CLI_BAD, _("Aucun reçu : cette remise n'est pas entière.\n"));
        return is_fine ? CLI_FINE : CLI_FOUND;
}

static int finish(struct bundle_check *c, struct vg_json *j, const char *out, bool is_fine)
{
        _cleanup_(vg_json_done) struct vg_json receipt = { 0 };
        struct vg_err err = { 0 };

        if (is_fine && (write_receipt(c, &receipt, &err) < 0 ||
                        vg_file_write(out, receipt.buf.data, receipt.buf.n, 0644, &err) < 0))
                return cli_fail(c->cli, CLI_REFUSED, "receipt", &err);
        if (!c->cli->json)
                return finish_text(c, out, is_fine);
        vg_json_end_array(j);
        cli_json_bool(j, "fine", is_fine);
        cli_json_text(j, "receipt", is_fine ? out : "");
        vg_json_end_object(j);
        int r = cli_json_print(c->cli, j);
        return r == CLI_FINE && !is_fine ? CLI_FOUND : r;
}

int verb_contract_hand_over_verify(struct cli *cli)
{
        _cleanup_(bundle_check_done) struct bundle_check c = { .cli = cli, .path = cli->args[0] };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const char *out = cli_option(cli, "out");
        bool is_fine = false;

        if (!out)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--out est nécessaire : le fichier où écrire le reçu");
        vg_json_object(&j, NULL);
        vg_json_array(&j, "checks");
        int r = bundle_check_all(&c, &j, &is_fine);
        if (r != CLI_FINE)
                return r;
        is_fine &=
                bundle_check_one(&c, &j, "whole", check_whole, N_("la durée entière y est")) == 0;
        return finish(&c, &j, out, is_fine);
}
