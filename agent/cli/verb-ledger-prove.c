/* SPDX-License-Identifier: Apache-2.0 */

/* ledger prove: one entry, and why it is in the log, without showing its neighbours. What is written
 * is one JSON object,
 *
 *   {"checkpoint":"signed note","entry":N,"log":"client|shared","proof":["64 hex",…],
 *    "record":"the record's bytes"}
 *
 * with the hashes of RFC 6962's audit path from the leaf up. ledger check-proof reads it again. */

#include <errno.h>
#include <string.h>

#include "cli/ledger.h"
#include "os/files.h"

enum { PROOF_MAX = 8 << 20 };

struct proven {
        char *note;
        uint64_t size, seq;
        enum vg_log log;
        struct vg_proof proof;
        struct vg_json *j;
};

static int write_proof(void *ctx, const struct store_record *record)
{
        struct proven *p = ctx;
        char hex[2 * VG_HASH_SIZE + 1];

        if (!record->bytes)
                return -ENODATA;
        vg_json_object(p->j, NULL);
        cli_json_text(p->j, "checkpoint", p->note);
        vg_json_int(p->j, "entry", (int64_t)p->seq);
        vg_json_string(p->j, "log", vg_log_name(p->log));
        vg_json_array(p->j, "proof");
        for (size_t i = 0; i < p->proof.n; i++)
                vg_json_string(p->j, NULL,
                               vg_hex_format(p->proof.hash[i].bytes, VG_HASH_SIZE, hex));
        vg_json_end_array(p->j);
        cli_json_text(p->j, "record", record->bytes);
        vg_json_end_object(p->j);
        return 0;
}

static int prove(struct cli *cli, struct store *store, struct proven *p)
{
        const struct store_record_query query = { p->log, p->seq, p->seq + 1, NULL };
        struct vg_note note;
        struct vg_err err = { 0 };
        int r = store_checkpoint_get(store, p->log, UINT64_MAX, NULL, &p->note, &err);

        if (r == 0)
                r = vg_note_parse(p->note, strlen(p->note), &note, &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "ledger", &err);
        if (r == STORE_NONE || p->seq >= note.checkpoint.size)
                return cli_failf(
                        cli, CLI_REFUSED, "not-signed",
                        "aucun point de contrôle ne couvre encore cette inscription; faire "
                        "« vigie ledger checkpoint --now »");
        r = store_prove_inclusion(store, p->log, p->seq, note.checkpoint.size, &p->proof, &err);
        if (r == 0)
                r = store_record_each(store, &query, write_proof, p, &err);
        if (r == -ENODATA)
                return cli_failf(cli, CLI_REFUSED, "redacted", "cette inscription a été effacée");
        return r < 0 ? cli_fail(cli, CLI_REFUSED, "ledger", &err) : cli_json_print(cli, p->j);
}

int verb_ledger_prove(struct cli *cli)
{
        _cleanup_(store_closep) struct store *store = NULL;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct proven p = { .log = ledger_log(cli, VG_LOG_CLIENT), .j = &j };

        if (vg_u64_parse(cli->args[0], &p.seq) < 0)
                return cli_failf(cli, CLI_USAGE, "usage", "« %s » n'est pas un numéro",
                                 cli->args[0]);
        int r = ledger_open(cli, NULL, &store);
        if (r != CLI_FINE)
                return r;
        if (p.seq >= store_identity(store)->size[p.log])
                return cli_failf(cli, CLI_REFUSED, "no-entry",
                                 "le journal n'a pas cette inscription");
        r = prove(cli, store, &p);
        free(p.note);
        return r;
}

/* ---- the other side ---- */

struct claim {
        const char *note, *log, *record;
        int64_t seq;
        struct vg_proof proof;
};

static int read_claim(const json_t *tree, struct claim *c)
{
        if (vg_json_get_string(tree, "checkpoint", &c->note) < 0 ||
            vg_json_get_string(tree, "log", &c->log) < 0 ||
            vg_json_get_string(tree, "record", &c->record) < 0 ||
            vg_json_get_int(tree, "entry", &c->seq) < 0 || c->seq < 0)
                return -EINVAL;
        return ledger_read_proof(json_object_get(tree, "proof"), &c->proof);
}

/* Every step has to hold: signature over the head, path from the leaf to it, and the record being
 * the one of that place. */
static int check_claim(const struct claim *c, const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                       struct vg_err *err)
{
        struct vg_record record;
        struct vg_note note;
        struct vg_hash leaf;
        int r = vg_note_parse(c->note, strlen(c->note), &note, err);

        if (r < 0)
                return r;
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
