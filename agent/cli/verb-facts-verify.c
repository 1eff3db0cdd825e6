/* SPDX-License-Identifier: Apache-2.0 */

/* contract facts verify: documents held against the digests that facts, and contracts loaded, have in
 * the ledger. Whether those entries are themselves intact, `ledger verify` says.
 *
 *   {"files":[{"entries":[{"contract_id","day","document","entry":"client 12","fact","target"},…],
 *              "file","newer":"client 14"|null,"sha256","state":"intact|altered|unknown"},…]}
 *
 * intact: the entries have this digest. altered: none has, and the entries have another one under this
 * file's name. unknown: no entry has either. newer: the last entry of the same fact and target, where it
 * came later and has another digest. fact is "contract" for a revision that was loaded. */

#include <string.h>

#include "cli/contract-file.h"
#include "cli/view.h"
#include "vigie/civil.h"
#include "vigie/fact.h"

enum state { INTACT, ALTERED, UNKNOWN };

struct search {
        struct cli *cli;
        const struct cli_view *view;
        struct cli_table *table; /* of people */
        struct vg_json *j;       /* of programs */
        const char *file, *name; /* name: of the file, without its folder */
        char digest[2 * VG_HASH_SIZE + 1];
        enum state state; /* what is looked for, and then what was found */
        size_t n_found;
        char key[256];  /* contract, fact and target of the last entry that was found intact */
        uint64_t newer; /* 0: none */
};

static const char *state_name(enum state state)
{
        static const char *const names[] = { "intact", "altered", "unknown" };

        return names[state];
}

static const char *state_text(enum state state)
{
        static const char *const texts[] = { N_("intact"), N_("modifié"), N_("inconnu") };

        return _(texts[state]);
}

struct entry {
        const char *contract_id, *day, *document, *fact, *target, *words;
        uint64_t seq;
};

static void put_entry(struct search *s, const struct entry *entry)
{
        s->n_found++;
        if (s->j) {
                vg_json_object(s->j, NULL);
                cli_json_text(s->j, "contract_id", entry->contract_id);
                vg_json_string(s->j, "day", entry->day);
                cli_json_text(s->j, "document", entry->document);
                char text[32];
                snprintf(text, sizeof(text), "client %llu", (unsigned long long)entry->seq);
                vg_json_string(s->j, "entry", text);
                vg_json_string(s->j, "fact", entry->fact);
                cli_json_text(s->j, "target", entry->target);
                vg_json_end_object(s->j);
                return;
        }
        cli_table_cell(s->table, CLI_PLAIN, s->n_found == 1 ? s->file : "");
        cli_table_cell(s->table, s->state == INTACT ? CLI_GOOD : CLI_BAD, state_text(s->state));
        cli_table_cell(s->table, CLI_PLAIN, entry->day);
        cli_table_cell(s->table, CLI_PLAIN, entry->words);
        cli_table_cell(s->table, CLI_PLAIN, entry->target);
        cli_table_cellf(s->table, CLI_DIM, "client/%llu", (unsigned long long)entry->seq);
}

/* ---- what the ledger has ---- */

static bool is_wanted(const struct search *s, const char *name, const char *digest)
{
        return s->state == INTACT ? strcmp(digest, s->digest) == 0 : strcmp(name, s->name) == 0;
}

/* A paper that is replaced is recorded again under the name of what it is, its target. */
static void note_newer(struct search *s, const struct store_fact *fact, const char *digest)
{
        char key[sizeof(s->key)];

        snprintf(key, sizeof(key), "%s %s %s", fact->contract_id, fact->fact, fact->target);
        if (strcmp(digest, s->digest) == 0) {
                memcpy(s->key, key, sizeof(key));
                s->newer = 0;
        } else if (*fact->target && strcmp(s->key, key) == 0) {
                s->newer = fact->seq;
        }
}

static int take_fact(void *ctx, const struct store_fact *fact)
{
        struct search *s = ctx;
        _cleanup_(vg_json_decrefp) json_t *detail = json_loads(fact->detail, 0, NULL);
        const json_t *document = json_object_get(detail, "document");
        const char *name = json_string_value(json_object_get(document, "name"));
        const char *digest = json_string_value(json_object_get(document, "sha256"));
        const int kind = vg_fact_find(fact->fact);

        if (name && digest && s->state == INTACT)
                note_newer(s, fact, digest);
        if (!name || !digest || !is_wanted(s, name, digest))
                return 0;
        put_entry(s, &(struct entry){
                             .contract_id = fact->contract_id,
                             .day = fact->day,
                             .document = name,
                             .fact = fact->fact,
                             .target = fact->target,
                             .words = kind < 0         ? fact->fact
                                      : s->cli->french ? vg_fact_row((enum vg_fact_kind)kind)->fr
                                                       : vg_fact_row((enum vg_fact_kind)kind)->en,
                             .seq = fact->seq,
                     });
        return 0;
}

/* A contract file has no name in the ledger. */
static int take_contract(void *ctx, const struct store_contract *contract)
{
        struct search *s = ctx;
        const int64_t loaded_s = vg_floor_div(contract->loaded_utc_ns, VG_NS_PER_S);
        char day[16], words[CLI_TEXT];

        if (s->state != INTACT || strcmp(contract->digest, s->digest) != 0)
                return 0;
        vg_date_format(vg_zone_date(s->view->zone, loaded_s), day);
        snprintf(words, sizeof(words), _("contrat chargé, révision %lld"),
                 (long long)contract->revision);
        put_entry(s, &(struct entry){
                             .contract_id = contract->contract_id,
                             .day = day,
                             .document = "",
                             .fact = "contract",
                             .target = contract->contract_id,
                             .words = words,
                             .seq = contract->seq,
                     });
        return 0;
}

static int look(struct search *s, struct vg_err *err)
{
        int r = 0;

        for (s->state = INTACT; s->state < UNKNOWN; s->state++) {
                r = store_contract_each(s->view->store, take_contract, s, err);
                if (r == 0)
                        r = store_fact_each(s->view->store, NULL, take_fact, s, err);
                if (r < 0 || s->n_found)
                        break;
        }
        return r;
}

/* ---- files ---- */

static void put_newer(struct search *s)
{
        char text[32];

        snprintf(text, sizeof(text), "client %llu", (unsigned long long)s->newer);
        if (s->newer)
                vg_json_string(s->j, "newer", text);
        else
                cli_json_null(s->j, "newer");
}

static int verify_file(struct search *s, const char *path, bool *ret_intact)
{
        const char *slash = strrchr(path, '/');
        struct vg_err err = { 0 };
        int64_t n;
        int r = contract_digest_document(s->cli, path, s->digest, &n);

        if (r != CLI_FINE)
                return r;
        s->file = path;
        s->name = slash ? slash + 1 : path;
        s->n_found = 0;
        s->newer = 0;
        *s->key = '\0';
        if (s->j) {
                vg_json_object(s->j, NULL);
                vg_json_array(s->j, "entries");
        }
        if (look(s, &err) < 0)
                return cli_view_fail(s->cli, &err);
        *ret_intact &= s->state == INTACT;
        if (s->newer && !s->j)
                cli_progress(s->cli, "%s : une version plus récente est inscrite (client/%llu)",
                             path, (unsigned long long)s->newer);
        if (s->j) {
                vg_json_end_array(s->j);
                cli_json_text(s->j, "file", path);
                put_newer(s);
                vg_json_string(s->j, "sha256", s->digest);
                vg_json_string(s->j, "state", state_name(s->state));
                vg_json_end_object(s->j);
        } else if (s->state == UNKNOWN) {
                cli_table_cell(s->table, CLI_PLAIN, path);
                cli_table_cell(s->table, CLI_BAD, state_text(UNKNOWN));
                for (int i = 0; i < 4; i++)
                        cli_table_cell(s->table, CLI_PLAIN, "");
        }
        return CLI_FINE;
}

static int verify_all(struct search *s)
{
        struct cli *cli = s->cli;
        bool intact = true;
        int r = CLI_FINE;

        for (size_t i = 0; i < cli->n_args && r == CLI_FINE; i++)
                r = verify_file(s, cli->args[i], &intact);
        if (r != CLI_FINE)
                return r;
        if (s->j) {
                vg_json_end_array(s->j);
                vg_json_end_object(s->j);
                r = cli_json_print(cli, s->j);
        } else {
                r = cli_table_print(cli, s->table);
        }
        return r == CLI_FINE && !intact ? CLI_FOUND : r;
}

int verb_contract_facts_verify(struct cli *cli)
{
        const struct cli_column columns[] = {
                { _("fichier"), 0, false, false }, { _("état"), 0, false, false },
                { _("jour"), 0, false, false },    { _("fait"), 0, true, false },
                { _("objet"), 0, false, false },   { _("registre"), 0, false, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct search search = {
                .cli = cli,
                .view = &view,
                .table = table,
                .j = cli->json ? &j : NULL,
        };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (cli->json) {
                vg_json_object(&j, NULL);
                vg_json_array(&j, "files");
        }
        return verify_all(&search);
}
