/* SPDX-License-Identifier: Apache-2.0 */

/* contract amend: the next revision of a contract, with one more amendment, from questions. What an
 * amendment may change is what the guide allows (section 4.5), and nothing else is asked. */

#include <errno.h>
#include <string.h>

#include "cli/contract-file.h"
#include "cli/entry.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

/* Within the amendment; `changes` come last, and at least one of them is needed. */
static const struct entry_field head[] = {
        { "id", ENTRY_TEXT, "id", N_("Numéro de l'avenant"), "", false },
        { "signed_on", ENTRY_DAY, "signed_on", N_("Date de signature (AAAA-MM-JJ)"), "", false },
        { "effective_on", ENTRY_DAY, "effective_on", N_("Premier jour où il vaut"), NULL, false },
        { "note_fr", ENTRY_TEXT, "note_fr", N_("En une phrase, en français"), "", false },
        { "note_en", ENTRY_TEXT, "note_en", N_("En une phrase, en anglais"), "=note_fr", false },
        { "amount", ENTRY_MONEY, "changes.authorised_amount",
          N_("Nouveau montant autorisé (vide : inchangé)"), "", true },
        { "end_date", ENTRY_DAY, "changes.end_date",
          N_("Nouveau dernier jour, compris (vide : inchangé)"), "", true },
};

static const struct entry_list lists[] = {
        { "components", "changes.add_components",
          N_("Composants ajoutés (fichier CSV; vide : aucun)"),
          "ref kind manufacturer model ?part_number ?max_quantity ?qualified_on ?withdrawn_on",
          .may_lack = true },
        { "add_prices", "changes.add_prices", N_("Prix ajoutés (fichier CSV; vide : aucun)"),
          "sku component_ref resource unit charge price ?per name_fr ?name_en "
          "?focus_service_category",
          .may_lack = true },
        { "prices", "changes.prices", N_("Prix modifiés (fichier CSV; vide : aucun)"),
          "sku price ?per", .may_lack = true },
        { "quotas", "changes.quotas", N_("Quotas modifiés (fichier CSV; vide : aucun)"), "id limit",
          .may_lack = true },
        { "commitments", "changes.minimum_commitments",
          N_("Engagements modifiés (fichier CSV; vide : aucun)"), "id value", .may_lack = true },
};

/* ---- the contract that is amended ---- */

static int keep_text(void *ctx, const struct store_contract *row)
{
        struct contract_file *file = ctx;

        file->bytes = strndup(row->text, row->n_text);
        file->n = row->n_text;
        return file->bytes ? 0 : -ENOMEM;
}

static int read_held(struct cli *cli, struct contract_file *file)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        const struct store_now now = { view.settings->appliance_id, view.now_s, vg_file_zone };
        r = store_contract_now(view.store, &now, keep_text, file, NULL, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);
        if (r == STORE_NONE)
                return cli_failf(cli, CLI_REFUSED, "no-contract",
                                 "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                 "charge un");
        return contract_file_parse(cli, _("contrat au registre"), file);
}

/* ---- the amendment ---- */

/* One more revision and one more amendment, which so far changes what it finds: the amount. */
static int begin(struct entry *entry, const struct contract_file *file)
{
        json_t *list, *amendment;
        struct vg_err err = { 0 };
        char text[64];

        if (vg_json_parse(file->bytes, file->n, &entry->tree, NULL, NULL, &err) < 0)
                return cli_fail(entry->setup.cli, CLI_REFUSED, "contract", &err);
        json_object_set_new(entry->tree, "revision", json_integer(file->contract->revision + 1));
        list = json_object_get(entry->tree, "amendments");
        if (!list)
                json_object_set_new(entry->tree, "amendments", list = json_array());

        const struct vg_contract *c = file->contract;
        const struct vg_dated *last = &c->amounts[c->n_amounts - 1];
        struct vg_date day =
                c->n_amendments ? c->amendments[c->n_amendments - 1].effective_on : c->start;
        amendment = json_pack("{s:s, s:s, s:s, s:n, s:{s:s}}", "id", "X", "signed_on",
                              vg_date_format(day, text), "effective_on",
                              vg_date_format(vg_date_add_days(day, 1), text + 16),
                              "broker_copy_sent_on", "changes", "authorised_amount",
                              vg_decimal_format(last->value, 2, text + 32, 32));
        return list && amendment && json_array_append_new(list, amendment) == 0
                       ? CLI_FINE
                       : cli_failf(entry->setup.cli, CLI_REFUSED, "memory", "mémoire épuisée");
}

/* The path of a field within the last amendment. */
static void place(const struct entry *entry, const char *path, char buf[ENTRY_PATH])
{
        const size_t n = json_array_size(json_object_get(entry->tree, "amendments"));

        snprintf(buf, ENTRY_PATH, "amendments[%zu].%s", n - 1, path);
}

/* The amount that stood in for a change goes, where something else is changed. */
static int drop_stand_in(struct entry *entry, const char *amount)
{
        char path[ENTRY_PATH];

        place(entry, "changes", path);
        json_t *changes = entry_at(entry->tree, path);
        const char *now = json_string_value(json_object_get(changes, "authorised_amount"));
        if (!now || strcmp(now, amount) != 0)
                return CLI_FINE;
        json_object_del(changes, "authorised_amount");
        return json_object_size(changes)
                       ? CLI_FINE
                       : cli_failf(entry->setup.cli, CLI_USAGE, "no-change",
                                   "cet avenant ne change rien : rien n'a été écrit");
}

static int finish(struct entry *entry, const void *ctx)
{
        const struct vg_contract *c = ctx;
        char amount[64], name[160];
        int r = drop_stand_in(entry, vg_decimal_format(c->amounts[c->n_amounts - 1].value, 2,
                                                       amount, sizeof(amount)));

        if (r != CLI_FINE)
                return r;
        snprintf(name, sizeof(name), "%s-r%lld.json", c->id, (long long)c->revision + 1);
        for (char *at = name; *at; at++)
                if (*at == '/')
                        *at = '-';
        return entry_finish(entry, name);
}

int verb_contract_amend(struct cli *cli)
{
        static const char *const keys[] = { "add_prices", "amount",  "commitments",
                                            "components", "confirm", "effective_on",
                                            "end_date",   "id",      "note_en",
                                            "note_fr",    "prices",  "quotas",
                                            "signed_on",  NULL };
        _cleanup_(contract_file_done) struct contract_file file = { 0 };
        struct entry_steps steps = {
                .fields = head,
                .n_fields = ELEMENTSOF(head),
                .lists = lists,
                .n_lists = ELEMENTSOF(lists),
                .place = place,
                .finish = finish,
        };
        struct entry entry = { 0 };
        int r = entry_may_write(cli);

        if (r == CLI_FINE)
                r = cli->n_args ? contract_file_read(cli, cli->args[0], &file)
                                : read_held(cli, &file);
        if (r == CLI_FINE)
                r = setup_begin(cli, keys, &entry.setup);
        if (r == CLI_FINE)
                r = begin(&entry, &file);
        steps.ctx = file.contract;
        if (r == CLI_FINE)
                r = entry_run(&entry, &steps);
        entry_done(&entry);
        return r;
}
