/* SPDX-License-Identifier: Apache-2.0 */

/* inventory: the parts of the machine, with serial numbers and firmware, as last recorded. */

#include <string.h>

#include "cli/faults.h"

struct listing {
        struct cli *cli;
        const struct cli_view *view;
        struct cli_table *table;
        struct vg_json json;
        size_t n;
};

static void put_row(const struct listing *listing, const struct store_unit *unit,
                    const json_t *component)
{
        const enum cli_style style = unit->present ? CLI_PLAIN : CLI_BAD;
        char text[CLI_TEXT];

        cli_table_cell(listing->table, style, fault_where(component, text));
        cli_table_cell(listing->table, style, fault_what(listing->cli, component, text));
        cli_table_cell(listing->table, style, fault_text(component, "serial"));
        cli_table_cell(listing->table, style, fault_text(component, "firmware"));
        if (unit->present)
                cli_table_cell(listing->table, CLI_DIM,
                               cli_when(listing->cli, listing->view->zone, unit->since_s, text));
        else
                cli_table_cell(listing->table, style, _("absent"));
}

static void put_json(struct listing *listing, const struct store_unit *unit,
                     const json_t *component)
{
        static const char *const members[] = { "class",        "device", "firmware", "location",
                                               "manufacturer", "model",  "odata",    "part" };
        struct vg_json *j = &listing->json;

        vg_json_object(j, NULL);
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                cli_json_text(j, members[i], fault_text(component, members[i]));
        cli_json_bool(j, "present", unit->present);
        vg_json_int(j, "seq", (int64_t)unit->seq);
        cli_json_text(j, "serial", fault_text(component, "serial"));
        cli_json_time(j, "since", unit->since_s);
        vg_json_end_object(j);
}

static int take(void *ctx, const struct store_unit *unit)
{
        struct listing *listing = ctx;
        _cleanup_(vg_json_decrefp) json_t *component = NULL;

        if (vg_json_parse(unit->component, strlen(unit->component), &component, NULL, NULL, NULL) <
            0)
                return 0;
        listing->n++;
        if (listing->cli->json)
                put_json(listing, unit, component);
        else
                put_row(listing, unit, component);
        return 0;
}

int verb_inventory(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        const struct cli_column columns[] = {
                { .heading = _("Emplacement") }, { .heading = _("Composant"), .elastic = true },
                { .heading = _("Nº de série") }, { .heading = _("Micrologiciel") },
                { .heading = _("Depuis") },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        struct listing listing = { .cli = cli, .view = &view, .table = table };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_json_object(&listing.json, NULL);
        vg_json_array(&listing.json, "components");
        r = store_unit_each(view.store, take, &listing, &err);
        vg_json_end_array(&listing.json);
        vg_json_end_object(&listing.json);
        if (r < 0)
                r = cli_view_fail(cli, &err);
        else if (cli->json)
                r = cli_json_print(cli, &listing.json);
        else if (listing.n)
                r = cli_table_print(cli, table);
        else
                cli_printf(cli, CLI_PLAIN, "%s\n",
                           _("Aucun composant inscrit : vigie-hardware n'a encore rien transmis."));
        vg_json_done(&listing.json);
        return r;
}
