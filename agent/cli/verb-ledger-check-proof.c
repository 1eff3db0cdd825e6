/* SPDX-License-Identifier: Apache-2.0 */

/* ledger check-proof: the proof of one entry (verb-ledger-prove.c), without the ledger. */

#include <errno.h>
#include <string.h>

#include "cli/ledger.h"
#include "os/files.h"

enum { PROOF_MAX = 8 << 20 };

struct claim {
        const char *note, *log, *record;
        const json_t *keys; /* NULL: the key was never changed */
        int64_t seq;
        struct vg_proof proof;
};

static int read_claim(const json_t *tree, struct claim *c)
{
        c->keys = json_object_get(tree, "keys");
        if (vg_json_get_string(tree, "checkpoint", &c->note) < 0 ||
            vg_json_get_string(tree, "log", &c->log) < 0 ||
            vg_json_get_string(tree, "record", &c->record) < 0 ||
            vg_json_get_int(tree, "entry", &c->seq) < 0 || c->seq < 0)
                return -EINVAL;
        return ledger_read_proof(json_object_get(tree, "proof"), &c->proof);
}

static int read_base64(const json_t *item, const char *key, uint8_t *bytes, size_t size)
{
        const char *text;
        size_t n;

        return vg_json_get_string(item, key, &text) < 0 ||
                               vg_base64_parse(text, strlen(text), bytes, size, &n) < 0 || n != size
                       ? -EBADMSG
                       : 0;
}

/* From the key that the verifier holds, along those that followed it, to the one that signs. */
static int follow_keys(const struct claim *c, const char *origin, uint8_t key[VG_PUBLIC_KEY_SIZE])
{
        uint8_t before[VG_PUBLIC_KEY_SIZE], next[VG_PUBLIC_KEY_SIZE], signature[VG_SIGNATURE_SIZE];
        bool is_met = false;
        const json_t *item;
        size_t i;

        json_array_foreach (c->keys, i, item) {
                if (read_base64(item, "key", next, sizeof(next)) < 0)
                        return -EBADMSG;
                if (is_met &&
                    (read_base64(item, "signature", signature, sizeof(signature)) < 0 ||
                     vg_key_check(origin, before, next, signature, store_check, NULL) < 0))
                        return -EBADMSG;
                is_met |= memcmp(next, key, sizeof(next)) == 0;
                memcpy(before, next, sizeof(next));
        }
        if (is_met)
                memcpy(key, before, sizeof(before));
        return is_met ? 0 : -ENOKEY;
}

/* Every step has to hold: signature over the head, path from the leaf to it, and the record being
 * the one of that place. */
static int check_claim(const struct claim *c, uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                       struct vg_err *err)
{
        struct vg_record record;
        struct vg_note note;
        struct vg_hash leaf;
        int r = vg_note_parse(c->note, strlen(c->note), &note, err);

        if (r < 0)
                return r;
        r = c->keys ? follow_keys(c, note.checkpoint.origin, public_key) : 0;
        if (r == 0)
                r = vg_note_check(&note, &store_hasher, public_key, store_check, NULL);
        if (r < 0)
                return vg_err_set(err, r, "le point de contrôle n'est pas signé par cette clé");
        if (vg_record_split(c->record, strlen(c->record), &record) < 0 ||
            record.seq != (uint64_t)c->seq || strcmp(vg_log_name(record.log), c->log) != 0)
                return vg_err_set(err, -EBADMSG, "l'inscription n'est pas celle de cette place");
        r = vg_leaf_hash(&store_hasher, c->record, strlen(c->record), &leaf);
        if (r == 0)
                r = vg_check_inclusion(&store_hasher, &leaf, record.seq, note.checkpoint.size,
                                       &c->proof, &note.checkpoint.root);
        return r < 0 ? vg_err_set(err, r, "le chemin ne mène pas de l'inscription à la tête") : 0;
}

static int report(struct cli *cli, bool is_good, const struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        if (!cli->json) {
                if (is_good)
                        cli_print(cli, CLI_GOOD,
                                  _("l'inscription est bien dans le journal signé\n"));
                else
                        cli_printf(cli, CLI_BAD, "%s\n", vg_err_text(err));
                return is_good ? CLI_FINE : CLI_FOUND;
        }
        vg_json_object(&j, NULL);
        cli_json_bool(&j, "fine", is_good);
        cli_json_text(&j, "message", is_good ? "" : vg_err_text(err));
        vg_json_end_object(&j);
        int r = cli_json_print(cli, &j);
        return r == CLI_FINE && !is_good ? CLI_FOUND : r;
}

int verb_ledger_check_proof(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ char *text = NULL;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct claim claim = { 0 };
        struct vg_err err = { 0 };
        const char *key = cli_option(cli, "key");
        size_t n;

        if (!key)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--key est requis : la clé publique (PEM) de l'appareil");
        if (store_key_read_public(key, public_key, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "key", &err);
        if (vg_file_read(cli->args[0], PROOF_MAX, &text, &n, &err) < 0 ||
            vg_json_parse(text, n, &tree, NULL, NULL, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "proof", &err);
        if (read_claim(tree, &claim) < 0)
                return cli_failf(cli, CLI_REFUSED, "proof", "%s : ce n'est pas une preuve",
                                 cli->args[0]);
        return report(cli, check_claim(&claim, public_key, &err) == 0, &err);
}
