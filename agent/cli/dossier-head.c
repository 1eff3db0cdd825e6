/* SPDX-License-Identifier: Apache-2.0 */

/* What stands above the dossier's tables, and below them: who and when, the figures in short, and the
 * signed heads of the ledger. */

#include "cli/alerts.h"
#include "cli/contract-page.h"
#include "cli/dossier.h"
#include "vigie/civil.h"

static int64_t int_of(const json_t *object, const char *key)
{
        int64_t value = 0;

        (void)vg_json_get_int(object, key, &value);
        return value;
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

/* Each appliance records its own faults: what is told here is of this one. */
static void put_appliance(const struct dossier *d, const struct vg_contract *c, struct html *h)
{
        const char *appliance = json_string_value(json_object_get(d->tree, "appliance"));
        const size_t n = vg_contract_n_appliances(c);

        if (n > 1)
                html_fact(h, _("Appareil"),
                          _("%s, l'un des %zu du contrat; les autres ont leur propre dossier"),
                          appliance, n);
        else
                html_fact(h, _("Appareil"), "%s", appliance);
}

static void put_clock(const struct cli *cli, const char *label, int64_t met, int64_t missed,
                      struct html *h)
{
        char of[CLI_TEXT], all[CLI_TEXT];

        if (met + missed)
                html_fact(h, label, _("respecté %s fois sur %s"), cli_count(cli, met, of),
                          cli_count(cli, met + missed, all));
}

static void put_summary(const struct cli *cli, const json_t *summary, struct html *h)
{
        char one[CLI_TEXT], two[CLI_TEXT];
        int64_t mean_s, longest_s;

        html_fact(h, _("Défaillances"), _("%s, dont %s en cours"),
                  cli_count(cli, int_of(summary, "faults"), one),
                  cli_count(cli, int_of(summary, "open"), two));
        if (vg_json_get_int(summary, "repair_mean_s", &mean_s) == 0 &&
            vg_json_get_int(summary, "repair_longest_s", &longest_s) == 0)
                html_fact(h, _("Temps de réparation"), _("en moyenne %s; le plus long, %s"),
                          cli_duration(cli, mean_s, one), cli_duration(cli, longest_s, two));
        put_clock(cli, _("Délai de prise en charge"), int_of(summary, "respond_met"),
                  int_of(summary, "respond_missed"), h);
        put_clock(cli, _("Délai de réparation"), int_of(summary, "repair_met"),
                  int_of(summary, "repair_missed"), h);
}

void dossier_html_head(const struct cli *cli, const struct cli_view *view, const struct dossier *d,
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
        put_appliance(d, c, h);
        put_availability(cli, json_object_get(d->tree, "availability"), h);
        put_service_levels(cli, c, h);
        put_summary(cli, json_object_get(d->tree, "summary"), h);
        html_end_table(h);
        html_element(h, "p", "notice",
                     _("Tout vient du registre : chaque ligne nomme les inscriptions qui la "
                       "prouvent, et « vigie ledger prove » en écrit la preuve. Ce qui n'y est pas "
                       "inscrit n'est pas jugé."));
}

void dossier_html_proof(const struct dossier *d, struct html *h)
{
        const json_t *heads = json_object_get(d->tree, "checkpoints");
        const char *log;
        json_t *head;

        html_element(h, "h2", NULL, _("Preuve"));
        html_element(h, "p", NULL,
                     _("Têtes signées des deux journaux; « vigie ledger verify » et « vigie ledger "
                       "check-proof » les vérifient, sur n'importe quelle machine."));
        json_object_foreach ((json_t *)heads, log, head) {
                if (json_is_string(head))
                        html_code(h, "pre", json_string_value(head));
                else
                        html_elementf(h, "p", NULL,
                                      _("Journal %s : aucune tête n'est encore signée."), log);
        }
        html_raw(h, "<div class=\"sign\"><div>");
        html_text(h, _("Vérifié par"));
        html_raw(h, "</div><div>");
        html_text(h, _("Date"));
        html_raw(h, "</div></div>\n");
}
