/* SPDX-License-Identifier: Apache-2.0 */

/* The dossier as a document: a table for each of its lists, each row with the entries that prove it. */

#include <string.h>

#include "cli/alerts.h"
#include "cli/contract-page.h"
#include "cli/dossier.h"
#include "vigie/civil.h"
#include "vigie/fact.h"
#include "vigie/fault.h"
#include "vigie/service.h"

enum cell_kind {
        CELL_TEXT,
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
            { "component", N_("Composant"), CELL_TEXT },
            { "severity", N_("Gravité"), CELL_SEVERITY } } },
        { "faults",
          N_("Délais convenus"),
          N_("Aucune défaillance n'est inscrite."),
          true,
          { { "component", N_("Composant"), CELL_TEXT },
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
            { "what", N_("Quoi"), CELL_TEXT },
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
            { "note", N_("Note"), CELL_TEXT },
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

static void put_cell(const struct cli *cli, const struct cli_view *view,
                     const struct column *column, const json_t *row, struct html *h)
{
        const char *text = text_of(row, column->key);
        char buf[CLI_TEXT];
        int64_t value = 0;

        switch (column->kind) {
        case CELL_TIME:
        case CELL_DUE:
                if (vg_utc_parse(text, &value) == 0)
                        text = cli_when(cli, view->zone, value, buf);
                else
                        text = column->kind == CELL_TIME ? _("en cours") : "–";
                break;
        case CELL_SECONDS:
                text = vg_json_get_int(row, column->key, &value) == 0
                               ? cli_duration(cli, value, buf)
                               : "–";
                break;
        case CELL_FAULT:
                text = fault_name(cli, text);
                break;
        case CELL_FACT:
                text = fact_name(cli, text);
                break;
        case CELL_SERVICE:
                text = service_text(cli, text);
                break;
        case CELL_SEVERITY:
                text = strcmp(text, "critical") == 0 ? _("critique") : _("avertissement");
                break;
        case CELL_CAUSE:
                text = cli_gap_cause(cli, text);
                break;
        default:
                break;
        }
        html_element(h, "td",
                     column->kind == CELL_SECONDS || column->kind == CELL_MONEY ? "n" : NULL, text);
}

static void put_entries(const json_t *row, struct html *h)
{
        const json_t *entries = json_object_get(row, "entries"), *one;
        size_t i;

        html_raw(h, "<td class=\"id\">");
        json_array_foreach ((json_t *)entries, i, one) {
                html_text(h, i ? ", " : "");
                html_text(h, json_string_value(one));
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
                sides[n] =
                        part->columns[n].kind == CELL_SECONDS || part->columns[n].kind == CELL_MONEY
                                ? '>'
                                : '<';
        }
        headings[n] = _("Inscriptions");
        sides[n] = '<';
        html_table(h, strcmp(part->list, "gaps") == 0 ? "gaps" : NULL, headings, sides);
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

static void put_service_levels(const struct cli *cli, const struct vg_contract *c, struct html *h)
{
        char text[3 * CLI_TEXT];

        if (!c->n_service_levels)
                html_fact(h, _("Délais convenus"), "%s", _("aucun délai n'a été convenu"));
        for (size_t i = 0; i < c->n_service_levels; i++)
                html_fact(h, i ? "" : _("Délais convenus"), _("%s : %s"),
                          alert_severity_text(c->service_levels[i].severity),
                          contract_page_level(cli, &c->service_levels[i], text, sizeof(text)));
}

/* One record an interval is too many to print: the first and the last, and how many. */
static void put_availability(const struct cli *cli, const json_t *availability, struct html *h)
{
        const json_t *entries = json_object_get(availability, "entries");
        const size_t n = json_array_size(entries);
        int64_t covered_s = 0, expected_s = 0;
        char pct[CLI_TEXT], gap[CLI_TEXT];

        (void)vg_json_get_int(availability, "covered_s", &covered_s);
        (void)vg_json_get_int(availability, "expected_s", &expected_s);
        if (expected_s <= 0)
                return;
        html_fact(h, _("Mesuré"), _("%s du temps; %s sans mesure"),
                  cli_percent(cli, covered_s * 10000 / expected_s, pct),
                  cli_duration(cli, expected_s - covered_s, gap));
        if (!n)
                return;
        html_fact(h, _("Inscriptions"),
                  _("de « %s » à « %s », une par intervalle : %zu, que --json nomme toutes"),
                  json_string_value(json_array_get(entries, 0)),
                  json_string_value(json_array_get(entries, n - 1)), n);
}

static void put_head(const struct cli *cli, const struct cli_view *view, const struct dossier *d,
                     struct html *h)
{
        const struct vg_contract *c = view->contract;
        char from[16], to[16];

        html_raw(h, "<div class=\"top\"><div>");
        html_element(h, "h1", NULL,
                     d->incidents ? _("Extrait d'incidents") : _("Dossier de rendement"));
        html_elementf(h, "p", "sub", _("Contrat spécifique %s"), c->id);
        html_element(h, "p", "sub", cli->french ? c->supplier.name_fr : c->supplier.name_en);
        html_raw(h, "</div></div>\n");
        html_table(h, "facts", NULL, "");
        html_fact(h, _("Client"), "%s", cli->french ? c->client.name_fr : c->client.name_en);
        html_fact(h, _("Période"), _("du %s au %s inclus"),
                  vg_date_format(vg_zone_date(view->zone, d->from_s), from),
                  vg_date_format(vg_zone_date(view->zone, d->to_s - 1), to));
        put_availability(cli, json_object_get(d->tree, "availability"), h);
        put_service_levels(cli, c, h);
        html_end_table(h);
        html_element(h, "p", "notice",
                     _("Tout vient du registre : chaque ligne nomme les inscriptions qui la "
                       "prouvent, et « vigie ledger prove » en écrit la preuve. Ce qui n'y est pas "
                       "inscrit n'est pas jugé."));
}

void dossier_html(struct cli *cli, const struct cli_view *view, const struct dossier *d,
                  struct html *h)
{
        char title[128];

        snprintf(title, sizeof(title), "%s %s", _("Dossier de rendement"), view->contract->id);
        html_begin(h, cli->french, title, title);
        put_head(cli, view, d, h);
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (!d->incidents || parts[i].is_incident)
                        put_part(cli, view, d, &parts[i], h);
        html_end(h);
}
