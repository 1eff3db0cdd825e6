/* SPDX-License-Identifier: Apache-2.0 */

/* ledger prove: one entry, and why it is in the log, without showing its neighbours. What is written
 * is one JSON object,
 *
 *   {"checkpoint":"signed note","entry":N,"keys":[{"key":"base64","signature":"base64"},…],
 *    "log":"client|shared","proof":["64 hex",…],"record":"the record's bytes"}
 *
 * with the hashes of RFC 6962's audit path from the leaf up. keys: where the key was changed, from the
 * first one (signature "") to the one that signs, each signed by the one before (vigie/ledger.h).
 * ledger check-proof reads it again. */

#include <errno.h>
#include <string.h>

#include "cli/ledger.h"

struct proven {
        struct store *store;
        struct vg_err *err;
        char *note;
        uint64_t size, seq;
        enum vg_log log;
        struct vg_proof proof;
        struct vg_json *j;
};

static int write_key(void *ctx, const struct store_key_change *change)
{
        struct vg_json *j = ctx;
        _cleanup_(vg_buf_done) struct vg_buf key = { 0 }, signature = { 0 };

        vg_base64_format(change->public_key, VG_PUBLIC_KEY_SIZE, &key);
        if (change->signature)
                vg_base64_format(change->signature, VG_SIGNATURE_SIZE, &signature);
        vg_json_object(j, NULL);
        vg_json_string(j, "key", key.data ? key.data : "");
        vg_json_string(j, "signature", signature.data ? signature.data : "");
        vg_json_end_object(j);
        return key.failed || signature.failed ? -ENOMEM : 0;
}

static int count_key(void *ctx, _unused_ const struct store_key_change *change)
{
        ++*(size_t *)ctx;
        return 0;
}

static int write_keys(const struct proven *p)
{
        size_t n = 0;
        int r = store_key_each(p->store, p->log, count_key, &n, p->err);

        if (r < 0 || n < 2)
                return r;
        vg_json_array(p->j, "keys");
        r = store_key_each(p->store, p->log, write_key, p->j, p->err);
        vg_json_end_array(p->j);
        return r;
}

static int write_proof(void *ctx, const struct store_record *record)
{
        struct proven *p = ctx;
        char hex[2 * VG_HASH_SIZE + 1];

        if (!record->bytes)
                return -ENODATA;
        vg_json_object(p->j, NULL);
        cli_json_text(p->j, "checkpoint", p->note);
        vg_json_int(p->j, "entry", (int64_t)p->seq);
        int r = write_keys(p);
        if (r < 0)
                return r;
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

        p->store = store;
        p->err = &err;
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
