/* SPDX-License-Identifier: Apache-2.0 */

/* contract facts: what was recorded of the contract, by whom, for whom, and by which document. */

#include <errno.h>
#include <string.h>

#include "cli/fact-words.h"
#include "cli/view.h"
#include "vigie/civil.h"
#include "vigie/fact.h"

struct listing {
        struct cli *cli;
        const struct cli_view *view;
        struct vg_json *j;
        struct cli_table *table;
        size_t n;
};

static int put_json(void *ctx, const struct store_fact *fact)
{
        struct listing *listing = ctx;
        struct vg_json *j = listing->j;

        vg_json_object(j, NULL);
        vg_json_object(j, "author");
        cli_json_text(j, "role", fact->role);
        vg_json_int(j, "uid", fact->uid);
        cli_json_text(j, "user", fact->user);
        vg_json_end_object(j);
        vg_json_raw(j, "detail", fact->detail, strlen(fact->detail));
        cli_json_time(j, "recorded_at", vg_floor_div(fact->utc_ns, VG_NS_PER_S));
        vg_json_int(j, "seq", (int64_t)fact->seq);
        vg_json_end_object(j);
        return 0;
}

/* ---- for people: a row, and what it holds below ---- */

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static void put_below(const struct listing *listing, const char *label, const char *text)
{
        char line[1200];

        if (!*text)
                return;
        snprintf(line, sizeof(line), "    %s%s%s", label, *label ? " " : "", text);
        cli_table_title(listing->table, CLI_DIM, line);
}

static void put_values(const struct listing *listing, const json_t *values)
{
        _cleanup_(vg_buf_done) struct vg_buf line = { 0 };
        char buf[CLI_TEXT];

        for (size_t i = 0; i < FACT_VALUES; i++) {
                const struct fact_word word = fact_word(listing->cli, values, i, buf);
                if (word.text)
                        vg_buf_printf(&line, "%s%s %s", line.n ? ", " : "", word.label, word.text);
        }
        put_below(listing, "", line.data ? line.data : "");
}

/* One thing a line, so that a digest can be compared whole. */
static void put_detail(const struct listing *listing, const struct store_fact *fact)
{
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;

        if (vg_json_parse(fact->detail, strlen(fact->detail), &detail, NULL, NULL, NULL) < 0)
                return;
        const json_t *document = json_object_get(detail, "document");
        put_values(listing, json_object_get(detail, "values"));
        put_below(listing, _("au nom de"), text_of(detail, "on_behalf"));
        put_below(listing, _("note :"), text_of(detail, "note"));
        put_below(listing, _("pièce :"), text_of(document, "name"));
        put_below(listing, "SHA-256", text_of(document, "sha256"));
}

static int put_row(void *ctx, const struct store_fact *fact)
{
        struct listing *listing = ctx;
        const struct cli *cli = listing->cli;
        const int kind = vg_fact_find(fact->fact);
        const char *words = kind < 0      ? fact->fact
                            : cli->french ? vg_fact_row((enum vg_fact_kind)kind)->fr
                                          : vg_fact_row((enum vg_fact_kind)kind)->en;

        listing->n++;
        cli_table_cell(listing->table, CLI_PLAIN, fact->day);
        cli_table_cell(listing->table, CLI_PLAIN, words);
        cli_table_cell(listing->table, CLI_PLAIN, fact->target);
        cli_table_cellf(listing->table, CLI_DIM, "%s (%lld)", fact->user, (long long)fact->uid);
        cli_table_cellf(listing->table, CLI_DIM, "client/%llu", (unsigned long long)fact->seq);
        put_detail(listing, fact);
        return 0;
}

static int list_json(struct cli *cli, const struct cli_view *view)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct listing listing = { cli, view, &j, NULL, 0 };
        struct vg_err err = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "facts");
        if (store_fact_each(view->store, cli_option(cli, "contract-id"), put_json, &listing, &err) <
            0)
                return cli_view_fail(cli, &err);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

int verb_contract_facts(struct cli *cli)
{
        const struct cli_column columns[] = {
                { _("jour"), 0, false, false },     { _("fait"), 0, true, false },
                { _("objet"), 0, false, false },    { _("auteur"), 0, false, false },
                { _("registre"), 0, false, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct listing listing = { cli, &view, NULL, table, 0 };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (cli->json)
                return list_json(cli, &view);
        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (store_fact_each(view.store, view.contract ? view.contract->id : NULL, put_row, &listing,
                            &err) < 0)
                return cli_view_fail(cli, &err);
        if (!listing.n)
                return cli_done(cli, _("Aucun fait n'est inscrit."));
        return cli_table_print(cli, table);
}
