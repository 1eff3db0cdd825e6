/* SPDX-License-Identifier: Apache-2.0 */

/* Facts in the dossier: what people recorded of the contract, with what they recorded beside it. */

#include <errno.h>
#include <string.h>

#include "cli/dossier.h"
#include "vigie/statement.h"

int dossier_fact(struct dossier *d, const struct store_fact *fact)
{
        _cleanup_(vg_json_decrefp) json_t *detail = json_loads(fact->detail, 0, NULL);
        json_t *values = json_object_get(detail, "values"), *row = json_object();
        const json_t *document = json_object_get(detail, "document");

        dossier_text(row, "on", fact->day);
        dossier_text(row, "fact", fact->fact);
        dossier_text(row, "target", fact->target);
        dossier_text(row, "note", json_string_value(json_object_get(detail, "note")));
        dossier_text(row, "document", json_string_value(json_object_get(document, "sha256")));
        dossier_text(row, "document_name", json_string_value(json_object_get(document, "name")));
        dossier_text(row, "on_behalf", json_string_value(json_object_get(detail, "on_behalf")));
        json_object_set_new(row, "values", values ? json_incref(values) : json_object());
        dossier_text(row, "by", fact->user);
        dossier_entry(row, VG_LOG_CLIENT, fact->seq);
        return json_array_append_new(json_object_get(d->tree, "facts"), row) < 0 ? -ENOMEM : 0;
}

/* ---- in words ---- */

static const struct {
        const char *value, *label; /* label: a French msgid */
} labels[] = {
        { "state", N_("état") },
        { "amount", N_("montant") },
        { "month", N_("mois") },
        { "sku", N_("article") },
        { "quantity", N_("quantité") },
        { "tenant", N_("abonné") },
        { "site", N_("site") },
        { "in_service_on", N_("en service le") },
        { "out_of_service_on", N_("hors service le") },
        { "effective_on", N_("effet le") },
        { "reason", N_("motif") },
        { "reference", N_("référence") },
};

static const struct {
        const char *word, *text;
} words[] = {
        { "agreement", N_("accord des parties") },
        { "client_decision", N_("décision du client") },
        { "lost_compliance", N_("conformité de sécurité perdue") },
        { "opened", N_("ouvert") },
        { "settled", N_("réglé") },
        { "supplier_default", N_("défaut du fournisseur") },
};

static const char *word_of(const struct cli *cli, const char *value, const char *text,
                           char buf[CLI_TEXT])
{
        int64_t cents;

        if (strcmp(value, "amount") == 0 && vg_statement_cents(text, &cents) == 0)
                return cli_money(cli, cents, buf);
        if (strcmp(value, "state") == 0 || strcmp(value, "reason") == 0)
                for (size_t i = 0; i < ELEMENTSOF(words); i++)
                        if (strcmp(text, words[i].word) == 0)
                                return _(words[i].text);
        return text;
}

static void put_one(struct html *h, bool *any, const char *label, const char *text)
{
        if (!text || !*text)
                return;
        html_text(h, *any ? "; " : "");
        html_textf(h, _("%s : %s"), label, text);
        *any = true;
}

void dossier_html_detail(const struct cli *cli, const json_t *row, struct html *h)
{
        const json_t *values = json_object_get(row, "values");
        const char *note = json_string_value(json_object_get(row, "note"));
        char buf[CLI_TEXT];
        bool any = false;

        html_raw(h, "<td>");
        for (size_t i = 0; i < ELEMENTSOF(labels); i++) {
                const char *text = json_string_value(json_object_get(values, labels[i].value));
                put_one(h, &any, _(labels[i].label),
                        text ? word_of(cli, labels[i].value, text, buf) : NULL);
        }
        put_one(h, &any, _("document"), json_string_value(json_object_get(row, "document_name")));
        put_one(h, &any, _("au nom de"), json_string_value(json_object_get(row, "on_behalf")));
        html_text(h, any && note && *note ? "; " : "");
        html_text(h, note ? note : "");
        html_raw(h, "</td>");
}
