/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/fact-words.h"

#include <assert.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/statement.h"

static const struct {
        const char *value, *label; /* label: a French msgid */
} labels[FACT_VALUES] = {
        { "state", N_("état") },
        { "amount", N_("montant") },
        { "month", N_("mois") },
        { "sku", N_("SKU") },
        { "quantity", N_("quantité") },
        { "serials", N_("numéros de série") },
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

struct fact_word fact_word(const struct cli *cli, const json_t *values, size_t i,
                           char buf[CLI_TEXT])
{
        assert(i < FACT_VALUES);
        const char *text = json_string_value(json_object_get(values, labels[i].value));

        return (struct fact_word){
                .label = _(labels[i].label),
                .text = text && *text ? word_of(cli, labels[i].value, text, buf) : NULL,
        };
}
