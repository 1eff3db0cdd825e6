/* SPDX-License-Identifier: Apache-2.0 */

/* ledger log, checkpoint, rebuild. */

#include <errno.h>
#include <string.h>

#include "cli/ledger.h"
#include "os/files.h"
#include "store/rebuild.h"
#include "vigie/civil.h"

enum { LOG_DEFAULT = 20 };

struct lister {
        struct cli *cli;
        struct cli_table *table;
        struct vg_json *j;
};

static int list_json(struct lister *lister, const struct store_record *record)
{
        struct vg_json *j = lister->j;
        char leaf[2 * VG_HASH_SIZE + 1];

        vg_json_object(j, NULL);
        vg_json_int(j, "entry", (int64_t)record->seq);
        vg_json_string(j, "leaf", vg_hex_format(record->leaf.bytes, VG_HASH_SIZE, leaf));
        if (record->bytes) /* the very bytes, as text: they are what the leaf is the hash of */
                cli_json_text(j, "record", record->bytes);
        else
                cli_json_null(j, "record");
        cli_json_text(j, "type", record->type);
        vg_json_end_object(j);
        return 0;
}

static int list_row(void *ctx, const struct store_record *record)
{
        struct lister *lister = ctx;
        struct vg_record split;
        char text[CLI_TEXT];

        if (lister->j)
                return list_json(lister, record);
        cli_table_cellf(lister->table, CLI_STRONG, "%llu", (unsigned long long)record->seq);
        cli_table_cell(lister->table, CLI_PLAIN,
                       vg_utc_format(vg_floor_div(record->utc_ns, VG_NS_PER_S), text));
        cli_table_cell(lister->table, CLI_PLAIN, record->type);
        if (!record->bytes)
                cli_table_cell(lister->table, CLI_DIM, _("(effacée)"));
        else if (vg_record_split(record->bytes, record->n, &split) < 0)
                cli_table_cell(lister->table, CLI_BAD, _("(illisible)"));
        else
                cli_table_cellf(lister->table, CLI_PLAIN, "%.*s",
                                (int)(split.n_body < 400 ? split.n_body : 400), split.body);
        return 0;
}

/* One entry for people: its bytes, as they are hashed. */
static int show_entry(void *ctx, const struct store_record *record)
{
        struct lister *lister = ctx;
        char leaf[2 * VG_HASH_SIZE + 1];

        if (lister->j)
                return list_json(lister, record);
        cli_wrap(lister->cli, CLI_PLAIN, 0, record->bytes ? record->bytes : _("(effacée)"));
        cli_printf(lister->cli, CLI_DIM, _("feuille : %s\n"),
                   vg_hex_format(record->leaf.bytes, VG_HASH_SIZE, leaf));
        return 1;
}

static int list(struct cli *cli, struct store *store, const struct store_record_query *query,
                store_record_fn *fn, struct lister *lister)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_err err = { 0 };

        if (cli->json) {
                lister->j = &j;
                vg_json_array(&j, NULL);
        }
        int r = store_record_each(store, query, fn, lister, &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "ledger", &err);
        if (cli->json) {
                vg_json_end_array(&j);
                return cli_json_print(cli, &j);
        }
        return lister->table ? cli_table_print(cli, lister->table) : CLI_FINE;
}

static int list_last(struct cli *cli, struct store *store, enum vg_log log)
{
        const struct cli_column columns[] = {
                { _("n°"), CLI_RIGHT, false, false },
                { _("inscrite à (UTC)"), CLI_LEFT, false, false },
                { _("type"), CLI_LEFT, false, false },
                { _("contenu"), CLI_LEFT, true, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        struct lister lister = { .cli = cli, .table = table };
        const uint64_t size = store_identity(store)->size[log];
        const struct store_record_query query = {
                .log = log,
                .from_seq =
                        size > LOG_DEFAULT && !cli_option(cli, "all") && !cli_option(cli, "type")
                                ? size - LOG_DEFAULT
                                : 0,
                .to_seq = size,
                .type = cli_option(cli, "type"),
        };

        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        return list(cli, store, &query, list_row, &lister);
}

int verb_ledger_log(struct cli *cli)
{
        _cleanup_(store_closep) struct store *store = NULL;
        const enum vg_log log = ledger_log(cli, VG_LOG_CLIENT);
        struct lister lister = { .cli = cli };
        uint64_t seq;
        int r = ledger_open(cli, NULL, &store);

        if (r != CLI_FINE)
                return r;
        if (cli->n_args == 0)
                return list_last(cli, store, log);
        if (vg_u64_parse(cli->args[0], &seq) < 0)
                return cli_failf(cli, CLI_USAGE, "usage", "« %s » n'est pas un numéro",
                                 cli->args[0]);
        if (seq >= store_identity(store)->size[log])
                return cli_failf(cli, CLI_REFUSED, "no-entry",
                                 "le journal n'a pas cette inscription");

        const struct store_record_query query = { log, seq, seq + 1, NULL };
        return list(cli, store, &query, show_entry, &lister);
}

static int ask_for_head(struct cli *cli)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "lang", cli->french ? "fr" : "en");
        vg_json_string(&j, "verb", "ledger.checkpoint");
        vg_json_end_object(&j);
        return cli_act(cli, &j, NULL);
}

/* Notes go to standard output as they are, for a file, a colleague or a witness. */
static int print_heads(struct cli *cli, struct store *store)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_err err = { 0 };
        int r = 0;

        vg_json_object(&j, NULL);
        for (int log = VG_LOG_N - 1; log >= 0 && r >= 0; log--) { /* client before shared */
                _cleanup_free_ char *note = NULL;
                const enum vg_log which = (enum vg_log)log;
                if (cli_option(cli, "log") && ledger_log(cli, which) != which)
                        continue;
                r = store_checkpoint_get(store, which, UINT64_MAX, NULL, &note, &err);
                if (r != 0)
                        continue;
                if (cli->json)
                        cli_json_text(&j, vg_log_name(which), note);
                else
                        fprintf(cli->out, "%s\n", note);
        }
        vg_json_end_object(&j);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "ledger", &err);
        return cli->json ? cli_json_print(cli, &j) : CLI_FINE;
}

int verb_ledger_checkpoint(struct cli *cli)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int r = cli_option(cli, "now") ? ask_for_head(cli) : CLI_FINE;

        if (r == CLI_FINE)
                r = ledger_open(cli, NULL, &store);
        return r == CLI_FINE ? print_heads(cli, store) : r;
}

int verb_ledger_rebuild(struct cli *cli)
{
        struct ledger_progress progress = { cli, N_("%llu inscriptions sur %llu…"), 0 };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_free_ char *path = NULL;
        struct vg_err err = { 0 };
        int r = ledger_path(cli, NULL, &path);

        if (r != CLI_FINE)
                return r;
        r = store_rebuild(path, vg_file_zone, ledger_progress, &progress, &err);
        if (r < 0)
                return ledger_fail(cli, path, r, &err);
        if (!cli->json) {
                cli_print(cli, CLI_GOOD,
                          _("les tables ont été refaites à partir des inscriptions\n"));
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        cli_json_bool(&j, "rebuilt", true);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}
