/* SPDX-License-Identifier: Apache-2.0 */

/* contract new: the contract file from questions in plain words and tables from a spreadsheet. */

#include <string.h>

#include "cli/entry.h"
#include "os/clock.h"
#include "vigie/civil.h"

static const struct entry_field fields[] = {
        { "contract_id", ENTRY_TEXT, "identifiers.contract_id", N_("Numéro du contrat spécifique"),
          "", false },
        { "framework_id", ENTRY_TEXT, "identifiers.framework_agreement_id",
          N_("Numéro de l'accord-cadre (entente du courtier)"), "", false },
        { "seao_notice", ENTRY_OPTIONAL, "identifiers.seao_notice",
          N_("Avis au SEAO (vide : aucun)"), "", false },
        { "client_fr", ENTRY_TEXT, "parties.client.name_fr", N_("Organisme client, en français"),
          "", false },
        { "client_en", ENTRY_TEXT, "parties.client.name_en", N_("Organisme client, en anglais"),
          "=parties.client.name_fr", false },
        { "supplier_fr", ENTRY_TEXT, "parties.supplier.name_fr", N_("Fournisseur, en français"), "",
          false },
        { "supplier_en", ENTRY_TEXT, "parties.supplier.name_en", N_("Fournisseur, en anglais"),
          "=parties.supplier.name_fr", false },
        { "broker_fr", ENTRY_TEXT, "parties.broker.name_fr", N_("Courtier, en français"), NULL,
          false },
        { "broker_en", ENTRY_TEXT, "parties.broker.name_en", N_("Courtier, en anglais"), NULL,
          false },
        { "offer_id", ENTRY_TEXT, "solution.offer_id", N_("Numéro de l'offre au catalogue"), "",
          false },
        { "solution_fr", ENTRY_TEXT, "solution.name_fr", N_("Solution, en français"), "", false },
        { "solution_en", ENTRY_TEXT, "solution.name_en", N_("Solution, en anglais"),
          "=solution.name_fr", false },
        { "mode", ENTRY_TEXT, "solution.mode",
          N_("Location, achat ou les deux (rental, purchase, mixed)"), NULL, false },
        { "site", ENTRY_TEXT, "solution.sites[0].id", N_("Centre de traitement (identifiant)"),
          NULL, false },
        { "appliances", ENTRY_IDS, "solution.sites[0].appliances",
          N_("Appareils qui y sont livrés (identifiants séparés par des virgules)"), "", false },
        { "signed_on", ENTRY_DAY, "term.signed_on", N_("Date de signature (AAAA-MM-JJ)"), "",
          false },
        { "start_date", ENTRY_DAY, "term.start_date", N_("Premier jour du contrat"), NULL, false },
        { "end_date", ENTRY_DAY, "term.end_date", N_("Dernier jour du contrat, compris"), NULL,
          false },
        { "exit_by", ENTRY_DAY, "term.exit_transition.complete_by",
          N_("Transition à la sortie à terminer le"), NULL, false },
        { "exit_lead_days", ENTRY_COUNT, "term.exit_transition.lead_days",
          N_("Jours avant, pour la planifier"), NULL, false },
        { "exit_parallel_days", ENTRY_COUNT, "term.exit_transition.parallel_days",
          N_("Jours de parallélisme avec un nouveau contrat"), NULL, false },
        { "amount", ENTRY_MONEY, "money.authorised_amount",
          N_("Montant autorisé, avant taxes et sans frais de gestion"), "", false },
        { "thresholds", ENTRY_PERCENTS, "alerts.amount_thresholds_pct",
          N_("Avertir à ces pourcentages du montant"), "50, 75, 90, 100", false },
        { "term_days", ENTRY_COUNTS, "alerts.term_days_before_end",
          N_("Avertir tant de jours avant la fin"), "365, 180, 90, 60, 30, 7, 1", false },
        { "close_after_hours", ENTRY_COUNT, "metering.close_after_hours",
          N_("Heures après la fin du mois avant de fermer son relevé"), NULL, false },
        { "manager_name", ENTRY_TEXT, "recipients[0].name",
          N_("Qui gère le contrat (nom ou fonction)"), NULL, false },
        { "manager_email", ENTRY_TEXT, "recipients[0].email", N_("Son courriel"), "", false },
        { "manager_lang", ENTRY_TEXT, "recipients[0].lang", N_("Sa langue (fr, en, fr+en)"), NULL,
          false },
        { "retention_years", ENTRY_COUNT, "retention.years_after_end",
          N_("Années de conservation après la fin"), NULL, false },
};

/* Service levels before any is answered: one that agrees on nothing. */
static const char no_levels[] =
        "{\"coverage_windows\":[],\"levels\":[{\"severity\":\"critical\",\"respond_minutes\":null,"
        "\"repair_minutes\":null,\"coverage\":null}],\"maintenance_windows\":[]}";

static const struct entry_list lists[] = {
        { "components", "qualified_components", N_("Composants qualifiés (fichier CSV)"),
          "ref kind manufacturer model ?part_number ?max_quantity ?qualified_on ?withdrawn_on",
          .unready = "price_list" },
        { "tenants", "tenants", N_("Abonnés (fichier CSV)"), "id name_fr ?name_en ?cost_centre",
          .unready = "price_list" },
        { "prices", "price_list", N_("Bordereau de prix (fichier CSV)"),
          "sku component_ref resource unit charge price ?per name_fr ?name_en "
          "?focus_service_category",
          .may_lack = false },
        { "recurring", "recurring", N_("Services récurrents (fichier CSV; vide : aucun)"),
          "id sku tenant quantity from_date ?to_date", .may_lack = true },
        { "quotas", "quotas", N_("Quotas des abonnés (fichier CSV; vide : aucun)"),
          "id tenant resource metric limit ?thresholds_pct", .may_lack = true },
        { "commitments", "minimum_commitments",
          N_("Engagements minimaux (fichier CSV; vide : aucun)"), "id basis ?sku value",
          .may_lack = true },
        { "renewals", "term.renewals", N_("Options de renouvellement (fichier CSV; vide : aucune)"),
          "id exercise_by new_end_date ?exercised_on", .may_lack = true },
        { "coverage_windows", "service_levels.coverage_windows",
          N_("Heures de service du fournisseur (fichier CSV; vide : à toute heure)"),
          ENTRY_WINDOW_COLUMNS, .may_lack = true, .frame = no_levels, .windows = true },
        { "maintenance_windows", "service_levels.maintenance_windows",
          N_("Périodes d'entretien convenues (fichier CSV; vide : aucune)"), ENTRY_WINDOW_COLUMNS,
          .may_lack = true, .frame = no_levels, .windows = true },
        { "service_levels", "service_levels.levels",
          N_("Délais convenus avec le fournisseur (fichier CSV; vide : aucun)"),
          "severity ?respond_minutes ?repair_minutes ?coverage", .may_lack = true,
          .frame = no_levels },
        { "recipients", "recipients", N_("Autres destinataires (fichier CSV; vide : aucun)"),
          "id role lang ?name ?tenant ?email ?webhook ?channels ?min_severity ?classes",
          .may_lack = true, .adds = true },
};

/* A whole contract with stand-ins, lawful as of today. */
static const char stand_in[] =
        "{\"schema\":\"vigie-contract/2\",\"revision\":1,"
        "\"identifiers\":{\"contract_id\":\"X\",\"framework_agreement_id\":\"X\","
        "\"seao_notice\":null},"
        "\"parties\":{\"client\":{\"name_fr\":\"X\",\"name_en\":\"X\"},"
        "\"supplier\":{\"name_fr\":\"X\",\"name_en\":\"X\"},"
        "\"broker\":{\"name_fr\":\"Courtier en infonuagique, ministère de la Cybersécurité et du "
        "Numérique\",\"name_en\":\"Cloud broker, ministère de la Cybersécurité et du "
        "Numérique\"}},"
        "\"solution\":{\"offer_id\":\"X\",\"name_fr\":\"X\",\"name_en\":\"X\",\"mode\":\"rental\","
        "\"public_cloud_link\":\"forbidden\",\"sites\":[{\"id\":\"CT-1\",\"appliances\":[\"X\"]}]},"
        "\"term\":{\"signed_on\":\"2026-01-05\",\"start_date\":\"2026-02-04\","
        "\"end_date\":\"2027-02-03\",\"timezone\":\"America/Toronto\",\"renewals\":[],"
        "\"exit_transition\":{\"complete_by\":\"2027-02-03\",\"lead_days\":240,"
        "\"parallel_days\":30}},"
        "\"money\":{\"currency\":\"CAD\",\"authorised_amount\":\"1.00\",\"taxes\":\"excluded\","
        "\"management_fee\":\"excluded\",\"rounding\":\"half_up_line_cents\"},"
        "\"metering\":{\"interval_seconds\":3600,\"month_basis\":\"calendar\","
        "\"close_after_hours\":72,\"heartbeat\":\"required\"},"
        "\"price_list\":[{\"sku\":\"X\",\"component_ref\":\"X\",\"resource\":\"vcpu\","
        "\"unit\":\"vcpu_hour\",\"charge\":\"usage\",\"price\":\"0\",\"per\":1,\"name_fr\":\"X\","
        "\"name_en\":\"X\"}],"
        "\"qualified_components\":[{\"ref\":\"X\",\"kind\":\"server\",\"manufacturer\":\"X\","
        "\"model\":\"X\",\"qualified_on\":\"2026-01-05\",\"withdrawn_on\":null}],"
        "\"tenants\":[{\"id\":\"X\",\"name_fr\":\"X\",\"name_en\":\"X\"}],"
        "\"alerts\":{\"amount_thresholds_pct\":[\"100\"],\"term_days_before_end\":[30],"
        "\"forecast\":{\"enabled\":true}},"
        "\"recipients\":[{\"id\":\"r-contrat\",\"role\":\"contract_manager\","
        "\"name\":\"Gestion contractuelle\",\"lang\":\"fr\",\"email\":\"x@x.example\","
        "\"channels\":[\"email\"],\"min_severity\":\"warning\"}],"
        "\"orders\":[],\"reporting_appliance\":null,\"termination\":null,"
        "\"service_levels\":null,\"retention\":{\"years_after_end\":7}}";

static int finish(struct entry *entry, _unused_ const void *ctx)
{
        char name[128];

        snprintf(name, sizeof(name), "%s.json",
                 json_string_value(entry_at(entry->tree, "identifiers.contract_id")));
        for (char *at = name; *at; at++)
                if (*at == '/')
                        *at = '-';
        return entry_finish(entry, name);
}

int verb_contract_new(struct cli *cli)
{
        const char *keys[ELEMENTSOF(fields) + ELEMENTSOF(lists) + 2] = { "confirm" };
        const struct entry_steps steps = {
                .fields = fields,
                .n_fields = ELEMENTSOF(fields),
                .lists = lists,
                .n_lists = ELEMENTSOF(lists),
                .finish = finish,
        };
        struct entry entry = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                keys[1 + i] = fields[i].key;
        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                keys[1 + ELEMENTSOF(fields) + i] = lists[i].key;
        entry.tree = json_loads(stand_in, 0, NULL);
        int r = entry_may_write(cli);
        if (r == CLI_FINE)
                r = setup_begin(cli, keys, &entry.setup);
        if (r == CLI_FINE && !entry.tree)
                r = cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (r == CLI_FINE)
                r = entry_run(&entry, &steps);
        entry_done(&entry);
        return r;
}
