/* SPDX-License-Identifier: Apache-2.0 */

/* Facts in the dossier: what people recorded of the contract, with what they recorded beside it. */

#include <errno.h>

#include "cli/dossier.h"
#include "cli/fact-words.h"

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
        for (size_t i = 0; i < FACT_VALUES; i++) {
                const struct fact_word word = fact_word(cli, values, i, buf);
                put_one(h, &any, word.label, word.text);
        }
        put_one(h, &any, _("document"), json_string_value(json_object_get(row, "document_name")));
        put_one(h, &any, _("au nom de"), json_string_value(json_object_get(row, "on_behalf")));
        html_text(h, any && note && *note ? "; " : "");
        html_text(h, note ? note : "");
        html_raw(h, "</td>");
}
