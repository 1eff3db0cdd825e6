/* SPDX-License-Identifier: Apache-2.0 */

/* status-print: one screen of 80 columns. The verdict in words first; bars, because people look
 * rather than read; the figures beside them, because bars cannot be signed. */

#include <string.h>

#include "cli/print.h"
#include "cli/partial.h"
#include "cli/status.h"
#include "vigie/civil.h"
#include "vigie/tenant.h"

enum {
        BAR_CELLS = 20,
        LABEL_COLUMNS = 9,
        PERCENT_COLUMNS = 9,
        TENANTS_SHOWN = 8,
        ALERTS_SHOWN = 4
};

static void print_verdict(struct cli *cli, const struct status *status)
{
        static const struct {
                const char *mark, *text;
                enum cli_style style;
        } verdicts[] = {
                [STATUS_FINE] = { "●", N_("Tout va bien"), CLI_GOOD },
                [STATUS_LOOK] = { "▲", N_("À regarder"), CLI_WARN },
                [STATUS_ACT] = { "■", N_("Agir maintenant"), CLI_BAD },
        };
        char line[1024], when[CLI_TEXT];
        int n = snprintf(line, sizeof(line), "%s %s", verdicts[status->level].mark,
                         _(verdicts[status->level].text));

        for (size_t i = 0; i < status->n_reasons; i++)
                n += snprintf(line + n, sizeof(line) - (size_t)n, "%s%s",
                              i             ? "; "
                              : cli->french ? "\xc2\xa0: "
                                            : ": ",
                              status->reasons[i]);
        cli_wrap(cli, verdicts[status->level].style, 0, line);
        cli_printf(cli, CLI_DIM, "  %s, %s\n", store_identity(status->view->store)->appliance,
                   cli_when(cli, status->view->zone, status->view->now_s, when));
}

static enum cli_style gauge_style(int64_t permyriad)
{
        return permyriad >= 10000 ? CLI_BAD : permyriad >= 7500 ? CLI_WARN : CLI_GOOD;
}

/* "  Montant  ████░░░░     33,4 %  ": where its text begins. */
enum { GAUGE_TEXT = 2 + LABEL_COLUMNS + BAR_CELLS + PERCENT_COLUMNS + 2, LEAST_TEXT = 18 };

/* On a narrow screen it stands below. */
static size_t gauge_text(const struct cli *cli)
{
        return cli->columns < GAUGE_TEXT + LEAST_TEXT ? 4 : GAUGE_TEXT;
}

static void put_label(struct cli *cli, const char *label)
{
        const size_t width = vg_text_columns(label);

        cli_printf(cli, CLI_PLAIN, "  %s%*s", label,
                   width < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - width) : 1, "");
}

static void print_gauge(struct cli *cli, const char *label, int64_t permyriad, const char *text)
{
        char bar[BAR_CELLS * 4 + 8], percent[CLI_TEXT];

        put_label(cli, label);
        cli_print(cli, gauge_style(permyriad), cli_bar(permyriad, BAR_CELLS, bar, sizeof(bar)));
        cli_percent(cli, permyriad, percent);

        const size_t width = vg_text_columns(percent);
        cli_printf(cli, CLI_STRONG, "%*s%s",
                   width < PERCENT_COLUMNS ? (int)(PERCENT_COLUMNS - width) : 1, "", percent);
        if (gauge_text(cli) < GAUGE_TEXT) {
                fputc('\n', cli->out);
                cli_pad(cli->out, gauge_text(cli));
        } else {
                cli_pad(cli->out, 2);
        }
        cli_wrap_here(cli, CLI_PLAIN, gauge_text(cli), text);
}

static void print_exit(struct cli *cli, const struct vg_contract *contract, struct vg_date today)
{
        static const char *const decisions[] = {
                [VG_EXIT_UNDECIDED] = N_("décision à prendre"),
                [VG_EXIT_SAME_SUPPLIER] = N_("même fournisseur"),
                [VG_EXIT_NEW_SUPPLIER] = N_("nouveau fournisseur"),
                [VG_EXIT_NONE_NEEDED] = N_("aucune nécessaire"),
        };
        const struct vg_exit *leave = &contract->exit;
        const int64_t days = vg_days_from_civil(leave->complete_by) - vg_days_from_civil(today);
        const bool late = days < 0 && !leave->has_completed;
        char date[16], text[256];

        if (!vg_date_valid(leave->complete_by))
                return;
        vg_date_format(leave->has_completed ? leave->completed_on : leave->complete_by, date);
        if (leave->has_completed)
                snprintf(text, sizeof(text), _("transition terminée le %s"), date);
        else if (late)
                snprintf(text, sizeof(text), _("transition à terminer le %s, en retard; %s"), date,
                         _(decisions[leave->decision]));
        else
                snprintf(text, sizeof(text),
                         ngettext("transition à terminer le %s (%lld jour); %s",
                                  "transition à terminer le %s (%lld jours); %s",
                                  (unsigned long)days),
                         date, (long long)days, _(decisions[leave->decision]));
        put_label(cli, _("Sortie"));
        cli_wrap_here(cli, late ? CLI_BAD : CLI_PLAIN, 2 + LABEL_COLUMNS, text);
}

static void print_amount(struct cli *cli, const struct vg_bill *bill)
{
        const int64_t left_cents = bill->remaining_cents;
        char consumed[CLI_TEXT], of[CLI_TEXT], left[CLI_TEXT], text[400];
        int64_t permyriad = bill->consumed_cents > 0 ? 10001 : 0; /* of nothing authorised */

        if (bill->has_pct)
                permyriad = (int64_t)vg_round_half_up(bill->pct_micro, 10000);
        cli_money(cli, bill->consumed_cents, consumed);
        cli_money(cli, bill->authorised_cents, of);
        cli_money(cli, left_cents < 0 ? -left_cents : left_cents, left);
        snprintf(text, sizeof(text), _("%s sur %s"), consumed, of);
        print_gauge(cli, _("Montant"), permyriad, text);
        snprintf(text, sizeof(text), left_cents < 0 ? _("dépassé de %s") : _("reste %s"), left);
        cli_wrap(cli, left_cents < 0 ? CLI_BAD : CLI_STRONG, gauge_text(cli), text);
}

static void print_term(struct cli *cli, const struct status *status, const struct vg_bill *bill)
{
        const struct vg_contract *contract = status->view->contract;
        const int64_t now = status->view->now_s, length = bill->end_s - contract->start_s;
        const struct vg_date last = vg_contract_last_day_at(contract, now);
        int64_t permyriad = 0;
        char date[16], text[200];

        if (now > contract->start_s && length > 0)
                permyriad = (int64_t)vg_round_half_up((vg_i128)(now - contract->start_s) * 10000,
                                                      length);
        if (now < contract->start_s)
                snprintf(text, sizeof(text), _("commence le %s"),
                         vg_date_format(contract->start, date));
        else if (now >= bill->end_s)
                snprintf(text, sizeof(text), _("terminé depuis le %s"), vg_date_format(last, date));
        else
                snprintf(text, sizeof(text),
                         ngettext("reste %d jour, jusqu'au %s", "reste %d jours, jusqu'au %s",
                                  (unsigned long)bill->term_days_left),
                         (int)bill->term_days_left, vg_date_format(last, date));
        print_gauge(cli, _("Durée"), permyriad > 10000 ? 10000 : permyriad, text);
}

static void print_forecast(struct cli *cli, const struct status *status)
{
        const struct store_forecast *f = &status->forecast;
        const struct vg_contract *contract = status->view->contract;
        char text[300];

        if (!contract->forecast_enabled || status->view->now_s < contract->start_s ||
            status->view->now_s >= status->bill->end_s)
                return;
        put_label(cli, _("Prévu"));
        cli_wrap_here(cli, cli_forecast_warns(status->view, f) ? CLI_WARN : CLI_PLAIN,
                      2 + LABEL_COLUMNS,
                      cli_forecast_sentence(cli, status->view, f, text, sizeof(text)));
}

static void print_contract(struct cli *cli, const struct status *status)
{
        const struct vg_contract *contract = status->view->contract;
        char title[256];

        if (!contract) {
                cli_printf(cli, CLI_STRONG, "\n%s\n", _("Contrat"));
                cli_print(cli, CLI_PLAIN,
                          _("  aucun; « vigie contract load FICHIER » en charge un\n"));
                return;
        }
        snprintf(title, sizeof(title), _("Contrat %s, révision %lld"), contract->id,
                 (long long)contract->revision);
        fputc('\n', cli->out);
        cli_wrap(cli, CLI_STRONG, 0, title);
        partial_print(cli, status->view, 2);
        print_amount(cli, status->bill);
        print_term(cli, status, status->bill);
        print_forecast(cli, status);
        print_exit(cli, contract, vg_zone_date(status->view->zone, status->view->now_s));
}

static void add_use(const struct cli *cli, const struct status_tenant *tenant, int use,
                    struct cli_table *table)
{
        char text[CLI_TEXT];

        if (tenant->has[use])
                cli_table_cell(table, CLI_PLAIN, cli_quantity(cli, tenant->micro[use], 3, text));
        else
                cli_table_cell(table, CLI_DIM, "–");
}

static void add_tenant(const struct cli *cli, const struct status *status,
                       const struct status_tenant *tenant, struct cli_table *table)
{
        const char *id = status->names.texts[tenant->name];
        char text[CLI_TEXT];

        cli_table_cell(table, strcmp(id, VG_TENANT_NOBODY) == 0 ? CLI_WARN : CLI_PLAIN, id);
        cli_table_cell(table, CLI_DIM, cli_tenant_name(cli, status->view, id));
        for (int use = 0; use < STATUS_N_USES; use++)
                add_use(cli, tenant, use, table);
        if (status->bill)
                cli_table_cell(table, CLI_STRONG, cli_money(cli, tenant->month_cents, text));
        else
                cli_table_cell(table, CLI_DIM, "–");
}

static void add_shared(const struct cli *cli, const struct status *status, struct cli_table *table)
{
        char text[CLI_TEXT];

        cli_table_cell(table, CLI_PLAIN, "*");
        cli_table_cell(table, CLI_DIM, _("commun au contrat"));
        for (int use = 0; use < STATUS_N_USES; use++)
                cli_table_cell(table, CLI_PLAIN, "");
        cli_table_cell(table, CLI_STRONG, cli_money(cli, status->shared_cents, text));
}

static int print_tenants(struct cli *cli, const struct status *status)
{
        const struct cli_column columns[] = {
                { .heading = "", .elastic = true },
                { .heading = "", .elastic = true },
                { .heading = _("vCPU·h"), .align = CLI_RIGHT },
                { .heading = _("utilisé"), .align = CLI_RIGHT },
                { .heading = _("Gio·h"), .align = CLI_RIGHT },
                { .heading = _("To·h"), .align = CLI_RIGHT },
                { .heading = _("ce mois-ci"), .align = CLI_RIGHT },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        const char *title = _("Abonnés");
        char from[CLI_TEXT], at[CLI_TEXT], open[3 * CLI_TEXT] = "";

        if (status->open_from_s)
                snprintf(open, sizeof(open), _("intervalle en cours, ouvert : de %s à %s"),
                         cli_clock(cli, status->view->zone, status->open_from_s, from),
                         cli_clock(cli, status->view->zone, status->open_at_s, at));
        cli_printf(cli, CLI_STRONG, "\n%s", title);
        cli_beside(cli, CLI_DIM, vg_text_columns(title), 2, open);
        if (!status->n_tenants) {
                cli_print(cli, CLI_PLAIN, _("  aucun pour l'instant\n"));
                return CLI_FINE;
        }
        for (size_t i = 0; table && i < status->n_tenants && i < TENANTS_SHOWN; i++)
                add_tenant(cli, status, &status->tenants[i], table);
        if (table && status->shared_cents)
                add_shared(cli, status, table);

        int r = cli_table_print(cli, table);
        if (status->n_tenants > TENANTS_SHOWN)
                cli_printf(cli, CLI_DIM,
                           ngettext("  et %zu autre : « vigie tenants »\n",
                                    "  et %zu autres : « vigie tenants »\n",
                                    status->n_tenants - TENANTS_SHOWN),
                           status->n_tenants - TENANTS_SHOWN);
        return r;
}

/* Of one code the gravest is written out; the rows are in that order. */
static bool is_repeated(const struct alerts *alerts, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(alerts->rows[k].code, alerts->rows[i].code) == 0)
                        return true;
        return false;
}

static void print_alert(struct cli *cli, const struct status *status, const struct alert_row *row)
{
        char head[CLI_TEXT], since[CLI_TEXT], when[2 * CLI_TEXT];

        snprintf(head, sizeof(head), "  %s %s  %s", alert_mark(row), row->code,
                 alert_severity_text(row->severity));
        snprintf(when, sizeof(when), _("depuis le %s; inscrit alors :"),
                 cli_when(cli, status->view->zone, row->fired_s, since));
        cli_print(cli, alert_severity_style(row), head);
        cli_beside(cli, CLI_DIM, vg_text_columns(head), 4, when);
        cli_wrap(cli, CLI_PLAIN, 4, row->text);
}

static void print_alerts(struct cli *cli, const struct status *status)
{
        const struct alerts *alerts = &status->alerts;
        size_t n_shown = 0;

        cli_printf(cli, CLI_STRONG, "\n%s", _("Alertes"));
        if (!alerts->n) {
                cli_printf(cli, CLI_GOOD, "  %s\n", _("aucune"));
                alerts_print_observation(cli, status->view, alerts, 2);
                return;
        }
        fputc('\n', cli->out);
        for (size_t i = 0; i < alerts->n && n_shown < ALERTS_SHOWN; i++) {
                const struct alert_row *row = &alerts->rows[i];
                if (is_repeated(alerts, i))
                        continue;
                n_shown++;
                print_alert(cli, status, row);
        }
        if (alerts->n > n_shown)
                cli_printf(cli, CLI_DIM,
                           ngettext("  et %zu autre : « vigie alerts »\n",
                                    "  et %zu autres : « vigie alerts »\n", alerts->n - n_shown),
                           alerts->n - n_shown);
        alerts_print_observation(cli, status->view, alerts, 2);
}

static int print_health(struct cli *cli, const struct status *status)
{
        static const struct {
                const char *mark;
                enum cli_style style;
        } answers[] = {
                [STATUS_PASS] = { "✓", CLI_GOOD },
                [STATUS_FAIL] = { "✗", CLI_BAD },
                [STATUS_UNKNOWN] = { "?", CLI_WARN },
        };
        static const struct cli_column columns[] = { { 0 }, { 0 }, { .wraps = true } };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 3, 2);

        cli_printf(cli, CLI_STRONG, "\n%s\n", _("Mesure"));
        for (size_t i = 0; table && i < STATUS_N_ITEMS; i++) {
                const struct status_item *item = &status->items[i];
                cli_table_cell(table, answers[item->answer].style, answers[item->answer].mark);
                cli_table_cell(table, CLI_PLAIN, item->label);
                cli_table_cell(table, CLI_PLAIN, item->text);
        }
        return cli_table_print(cli, table);
}

int status_print(struct cli *cli, const struct status *status)
{
        print_verdict(cli, status);
        print_contract(cli, status);

        int r = print_tenants(cli, status);
        if (r != CLI_FINE)
                return r;
        print_alerts(cli, status);
        return print_health(cli, status);
}
