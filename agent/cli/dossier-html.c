/* SPDX-License-Identifier: Apache-2.0 */

/* The dossier as a document: a table for each of its lists, each row with the entries that prove it. */

#include <string.h>

#include "cli/dossier.h"
#include "vigie/civil.h"
#include "vigie/fact.h"
#include "vigie/fault.h"
#include "vigie/service.h"
#include "vigie/statement.h"

#define NBSP "\xc2\xa0"

enum cell_kind {
        CELL_TEXT,
        CELL_PLACE,
        CELL_DETAIL,
        CELL_TIME,
        CELL_DUE,
        CELL_SECONDS,
        CELL_MONEY,
        CELL_FAULT,
        CELL_FACT,
        CELL_CAUSE,
        CELL_SERVICE,
        CELL_SEVERITY
};

struct column {
        const char *key, *heading; /* heading: a French msgid */
        enum cell_kind kind;
};

struct part {
        const char *list, *title, *none; /* French msgids */
        bool is_incident;
        struct column columns[9]; /* one that has no key ends them */
};

static const struct part parts[] = {
        { "faults",
          N_("Défaillances du matériel"),
          N_("Aucune défaillance n'est inscrite."),
          true,
          { { "first", N_("Début"), CELL_TIME },
            { "ended", N_("Fin"), CELL_TIME },
            { "repair_s", N_("Réparation"), CELL_SECONDS },
            { "code", N_("Défaillance"), CELL_FAULT },
            { "component", N_("Composant"), CELL_PLACE },
            { "severity", N_("Gravité"), CELL_SEVERITY } } },
        { "faults",
          N_("Délais convenus"),
          N_("Aucune défaillance n'est inscrite."),
          true,
          { { "component", N_("Composant"), CELL_PLACE },
            { "respond_due", N_("Prise en charge, échéance"), CELL_DUE },
            { "respond_state", N_("Prise en charge"), CELL_SERVICE },
            { "repair_due", N_("Réparation, échéance"), CELL_DUE },
            { "repair_state", N_("Réparation"), CELL_SERVICE },
            { "paused_s", N_("Attente d'accès"), CELL_SECONDS } } },
        { "gaps",
          N_("Périodes non mesurées"),
          N_("Aucune n'est inscrite."),
          true,
          { { "from", N_("De"), CELL_TIME },
            { "to", N_("À"), CELL_TIME },
            { "seconds", N_("Temps"), CELL_SECONDS },
            { "cause", N_("Cause"), CELL_CAUSE } } },
        { "updates",
          N_("Mises à jour et remplacements"),
          N_("Aucune n'est inscrite."),
          false,
          { { "at", N_("Date"), CELL_TIME },
            { "what", N_("Quoi"), CELL_PLACE },
            { "before", N_("Avant"), CELL_TEXT },
            { "after", N_("Après"), CELL_TEXT } } },
        { "commitments",
          N_("Compléments aux engagements minimaux"),
          N_("Aucun n'est inscrit."),
          false,
          { { "month", N_("Mois"), CELL_TEXT },
            { "ref", N_("Engagement"), CELL_TEXT },
            { "amount", N_("Montant"), CELL_MONEY } } },
        { "corrections",
          N_("Corrections de mois fermés"),
          N_("Aucune n'est inscrite."),
          false,
          { { "month", N_("Relevé"), CELL_TEXT },
            { "period", N_("Période"), CELL_TEXT },
            { "tenant", N_("Abonné"), CELL_TEXT },
            { "sku", N_("Service"), CELL_TEXT },
            { "amount", N_("Montant"), CELL_MONEY } } },
        { "facts",
          N_("Communications, différends et autres faits"),
          N_("Aucun n'est inscrit."),
          false,
          { { "on", N_("Date"), CELL_TEXT },
            { "fact", N_("Fait"), CELL_FACT },
            { "target", N_("Objet"), CELL_TEXT },
            { "note", N_("Précisions"), CELL_DETAIL },
            { "by", N_("Inscrit par"), CELL_TEXT } } },
};

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

static const char *fault_name(const struct cli *cli, const char *code)
{
        const struct vg_fault_code *row = vg_fault_code_find(code);

        return row ? row->title[!cli->french] : code;
}

static const char *fact_name(const struct cli *cli, const char *word)
{
        const int kind = vg_fact_find(word);
        const struct vg_fact_row *row = kind < 0 ? NULL : vg_fact_row((enum vg_fact_kind)kind);

        return !row ? word : cli->french ? row->fr : row->en;
}

static const char *service_text(const struct cli *cli, const char *name)
{
        for (int i = 0; i < VG_SERVICE_N; i++)
                if (strcmp(vg_service_state_name((enum vg_service_state)i), name) == 0)
                        return vg_service_state_text((enum vg_service_state)i, cli->french);
        return name;
}

/* A place breaks behind its slashes, and not within a word. */
static void put_place(struct html *h, const char *text)
{
        html_raw(h, "<td>");
        while (*text) {
                const size_t n = strcspn(text, "/");
                html_textf(h, "%.*s%s", (int)n, text, text[n] ? "/" : "");
                html_raw(h, text[n] ? "<wbr>" : "");
                text += n + (text[n] != '\0');
        }
        html_raw(h, "</td>");
}

static const char *cell_text(const struct cli *cli, const struct cli_view *view,
                             const struct column *column, const json_t *row, char buf[CLI_TEXT])
{
        const char *text = text_of(row, column->key);
        int64_t value = 0;

        switch (column->kind) {
        case CELL_TIME:
        case CELL_DUE:
                if (vg_utc_parse(text, &value) == 0)
                        return cli_when(cli, view->zone, value, buf);
                return column->kind == CELL_TIME ? _("en cours") : "–";
        case CELL_SECONDS:
                return vg_json_get_int(row, column->key, &value) == 0
                               ? cli_duration(cli, value, buf)
                               : "–";
        case CELL_MONEY:
                return vg_statement_cents(text, &value) == 0 ? cli_money(cli, value, buf) : text;
        case CELL_FAULT:
                return fault_name(cli, text);
        case CELL_FACT:
                return fact_name(cli, text);
        case CELL_SERVICE:
                return service_text(cli, text);
        case CELL_SEVERITY:
                return strcmp(text, "critical") == 0 ? _("critique") : _("avertissement");
        case CELL_CAUSE:
                return cli_gap_cause(cli, text);
        default:
                return text;
        }
}

static const char *cell_class(enum cell_kind kind)
{
        switch (kind) {
        case CELL_SECONDS:
        case CELL_MONEY:
                return "n";
        case CELL_TIME:
        case CELL_SEVERITY:
                return "w";
        case CELL_CAUSE:
        case CELL_DUE:
        case CELL_FACT:
        case CELL_FAULT:
        case CELL_SERVICE:
                return "own";
        default:
                return NULL;
        }
}

static void put_cell(const struct cli *cli, const struct cli_view *view,
                     const struct column *column, const json_t *row, struct html *h)
{
        char buf[CLI_TEXT];

        if (column->kind == CELL_PLACE)
                put_place(h, text_of(row, column->key));
        else if (column->kind == CELL_DETAIL)
                dossier_html_detail(cli, row, h);
        else
                html_element(h, "td", cell_class(column->kind),
                             cell_text(cli, view, column, row, buf));
}

static void put_entries(const json_t *row, struct html *h)
{
        const json_t *entries = json_object_get(row, "entries"), *one;
        size_t i;

        html_raw(h, "<td class=\"id\">");
        json_array_foreach ((json_t *)entries, i, one) {
                const char *log = json_string_value(one), *seq = strchr(log, ' ');
                html_textf(h, "%s%.*s" NBSP "%s", i ? ", " : "", (int)(seq - log), log, seq + 1);
        }
        html_raw(h, "</td></tr>\n");
}

static size_t begin_table(const struct part *part, struct html *h)
{
        const char *headings[ELEMENTSOF(part->columns)];
        char sides[ELEMENTSOF(part->columns) + 1] = "";
        size_t n = 0;

        for (; part->columns[n].key; n++) {
                headings[n] = _(part->columns[n].heading);
                const char *class = cell_class(part->columns[n].kind);
                sides[n] = class && strcmp(class, "n") == 0 ? '>' : '<';
        }
        headings[n] = _("Inscriptions");
        sides[n] = '<';
        html_table(h, NULL, headings, sides);
        return n;
}

static void put_part(const struct cli *cli, const struct cli_view *view, const struct dossier *d,
                     const struct part *part, struct html *h)
{
        const bool gaps = strcmp(part->list, "gaps") == 0;
        json_t *list = json_object_get(gaps ? json_object_get(d->tree, "availability") : d->tree,
                                       part->list);
        const json_t *row;
        size_t i;

        html_element(h, "h2", NULL, _(part->title));
        if (!json_array_size(list)) {
                html_element(h, "p", NULL, _(part->none));
                return;
        }
        const size_t n = begin_table(part, h);
        json_array_foreach (list, i, row) {
                html_raw(h, "<tr>");
                for (size_t k = 0; k < n; k++)
                        put_cell(cli, view, &part->columns[k], row, h);
                put_entries(row, h);
        }
        html_end_table(h);
}

static void put_language(const struct cli *cli, const struct cli_view *view,
                         const struct dossier *d, struct html *h)
{
        dossier_html_head(cli, view, d, h);
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (!d->incidents || parts[i].is_incident)
                        put_part(cli, view, d, &parts[i], h);
        dossier_html_proof(d, h);
}

/* Both languages: French first, since it is the language of the contract, then English anew. */
void dossier_html(struct cli *cli, const struct cli_view *view, const struct dossier *d, bool both,
                  struct html *h)
{
        const bool french = cli->french;
        char title[128];

        snprintf(title, sizeof(title), "%s %s",
                 d->incidents ? _("Extrait d'incidents") : _("Dossier de rendement"),
                 view->contract->id);
        html_begin(h, french, title, title);
        html_raw(h, both ? "<section lang=\"fr-CA\">" : "");
        put_language(cli, view, d, h);
        if (both) {
                html_raw(h, "</section>\n<section lang=\"en-CA\" class=\"next\">");
                cli->french = false;
                vg_lang_use(false);
                put_language(cli, view, d, h);
                html_raw(h, "</section>\n");
                cli->french = french;
                vg_lang_use(french);
        }
        html_end(h);
}
