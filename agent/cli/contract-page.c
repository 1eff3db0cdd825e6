/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/contract-page.h"

#include <stdarg.h>
#include <string.h>

#include "cli/contract-remarks.h"
#include "vigie/civil.h"

#define NBSP "\xc2\xa0"

static const struct cli_column named_values[] = { { .heading = NULL },
                                                  { .heading = NULL, .wraps = true } };

struct cli_table *contract_page_part(struct cli *cli, const char *heading)
{
        fputc('\n', cli->out);
        cli_wrap(cli, CLI_STRONG, 0, heading);
        return cli_table_new(named_values, ELEMENTSOF(named_values), 2);
}

void contract_page_row(struct cli_table *table, const char *label, const char *format, ...)
{
        char text[1024];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        cli_table_cell(table, CLI_DIM, label);
        cli_table_cell(table, CLI_PLAIN, text);
}

char *contract_page_decimal(const struct cli *cli, int64_t micro, unsigned least,
                            char buf[CLI_TEXT])
{
        unsigned shown = 6;

        for (int64_t rest = micro; shown > least && rest % 10 == 0; rest /= 10)
                shown--;
        return vg_decimal_format_local(micro, 6, shown, cli->french, buf, CLI_TEXT);
}

char *contract_page_thresholds(const struct cli *cli, const int64_t *pct_micro, size_t n, char *buf,
                               size_t size)
{
        char one[CLI_TEXT];
        size_t used = 0;

        *buf = '\0';
        for (size_t i = 0; i < n && used < size; i++)
                used += (size_t)snprintf(buf + used, size - used, "%s%s",
                                         i == 0       ? ""
                                         : i + 1 == n ? _(" et ")
                                                      : ", ",
                                         contract_page_decimal(cli, pct_micro[i], 0, one));
        if (used < size)
                snprintf(buf + used, size - used, NBSP "%%");
        return buf;
}

static const char *name_of(const struct cli *cli, const struct vg_party *party)
{
        return cli->french ? party->name_fr : party->name_en;
}

static void party_row(const struct cli *cli, struct cli_table *table, const char *label,
                      const struct vg_party *party)
{
        if (party->neq)
                contract_page_row(table, label, _("%s (NEQ %s)"), name_of(cli, party), party->neq);
        else
                contract_page_row(table, label, "%s", name_of(cli, party));
}

static int print_parties(struct cli *cli, const struct vg_contract *c)
{
        _cleanup_(cli_table_freep) struct cli_table *table = contract_page_part(cli, _("Parties"));

        if (!table)
                return cli_table_print(cli, table);
        party_row(cli, table, _("Client"), &c->client);
        party_row(cli, table, _("Fournisseur"), &c->supplier);
        party_row(cli, table, _("Courtier"), &c->broker);
        contract_page_row(table, _("Accord-cadre"), "%s", c->framework_id);
        if (c->seao_notice)
                contract_page_row(table, _("Avis SEAO"), "%s", c->seao_notice);
        if (c->previous_id)
                contract_page_row(table, _("Succède à"), "%s", c->previous_id);
        if (c->improves_id)
                contract_page_row(table, _("S'ajoute à"), "%s", c->improves_id);
        if (c->successor_id)
                contract_page_row(table, _("Remplacé par"), "%s", c->successor_id);
        return cli_table_print(cli, table);
}

static void days_left(const struct cli_view *view, struct vg_date last, char *buf, size_t size)
{
        const struct vg_contract *c = view->contract;
        const int64_t today = vg_days_from_civil(vg_zone_date(view->zone, view->now_s));
        const int64_t before = vg_days_from_civil(c->start) - today;
        const int64_t left = vg_days_from_civil(last) - today;

        if (before > 0)
                snprintf(buf, size,
                         ngettext("commence dans %lld jour", "commence dans %lld jours",
                                  (unsigned long)before),
                         (long long)before);
        else if (left >= 0)
                snprintf(buf, size,
                         ngettext("reste %lld jour", "reste %lld jours", (unsigned long)left),
                         (long long)left);
        else
                snprintf(buf, size,
                         ngettext("terminé depuis %lld jour", "terminé depuis %lld jours",
                                  (unsigned long)-left),
                         (long long)-left);
}

static void renewal_rows(const struct vg_contract *c, struct cli_table *table)
{
        for (size_t i = 0; i < c->n_renewals; i++) {
                const struct vg_renewal *renewal = &c->renewals[i];
                char by[16], end[16], on[16];
                vg_date_format(renewal->exercise_by, by);
                vg_date_format(renewal->new_end, end);
                if (renewal->is_exercised)
                        contract_page_row(table, _("Renouvellement"),
                                          _("%s, exercé le %s : jusqu'au %s"), renewal->id,
                                          vg_date_format(renewal->exercised_on, on), end);
                else
                        contract_page_row(table, _("Renouvellement"),
                                          _("%s, à exercer au plus tard le %s : jusqu'au %s"),
                                          renewal->id, by, end);
        }
}

static void termination_row(const struct vg_contract *c, struct cli_table *table)
{
        char letter[16], effect[16];

        if (c->termination)
                contract_page_row(table, _("Résiliation"), _("lettre %s du %s, effet le %s"),
                                  c->termination->id,
                                  vg_date_format(c->termination->letter_on, letter),
                                  vg_date_format(c->termination->effective_on, effect));
}

static void exit_row(const struct vg_contract *c, struct cli_table *table)
{
        const struct vg_exit *leave = &c->exit;
        char day[16];

        if (leave->has_completed) {
                contract_page_row(table, _("Transition à la sortie"), _("terminée le %s"),
                                  vg_date_format(leave->completed_on, day));
                return;
        }
        contract_page_row(
                table, _("Transition à la sortie"),
                _("à terminer le %s; planification %d jours avant; parallélisme de %d jours"),
                vg_date_format(leave->complete_by, day), leave->lead_days, leave->parallel_days);
}

static int print_term(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);
        const struct vg_dated *end = vg_contract_end_at(c, view->now_s);
        _cleanup_(cli_table_freep) struct cli_table *table = contract_page_part(cli, _("Durée"));
        char from[16], to[16], text[120];

        if (!table)
                return cli_table_print(cli, table);
        days_left(view, last, text, sizeof(text));
        contract_page_row(table, _("Signé"), _("le %s"), vg_date_format(c->signed_on, from));
        vg_date_format(c->start, from);
        vg_date_format(last, to);
        if (end->source)
                contract_page_row(table, _("Dates"), _("du %s au %s inclus, par %s; %s"), from, to,
                                  end->source, text);
        else
                contract_page_row(table, _("Dates"), _("du %s au %s inclus; %s"), from, to, text);
        contract_page_row(table, _("Heure"), "%s", c->zone_name);
        renewal_rows(c, table);
        termination_row(c, table);
        exit_row(c, table);
        return cli_table_print(cli, table);
}

static void amount_rows(const struct cli *cli, const struct cli_view *view, struct cli_table *table)
{
        const struct vg_contract *c = view->contract;
        const struct vg_dated *now = vg_dated_at(c->amounts, c->n_amounts, view->now_s);

        for (size_t i = 0; i < c->n_amounts; i++) {
                const struct vg_dated *one = &c->amounts[i];
                char money[CLI_TEXT], day[16];
                const char *state = one->from_s > view->now_s ? _("à venir")
                                    : one == now              ? _("en vigueur")
                                                              : _("remplacé");
                cli_money(cli, one->value, money);
                contract_page_row(table, i ? "" : _("Montant autorisé"),
                                  _("%s depuis le %s, %s (%s)"), money,
                                  vg_date_format(one->from, day),
                                  one->source ? one->source : _("au contrat"), state);
        }
}

static int print_money(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;
        _cleanup_(cli_table_freep) struct cli_table *table =
                contract_page_part(cli, _("Argent, avant taxes et sans frais de gestion"));
        char text[256];

        if (!table)
                return cli_table_print(cli, table);
        amount_rows(cli, view, table);
        contract_page_row(table, _("Alertes de montant"), _("à %s"),
                          contract_page_thresholds(cli, c->amount_thresholds_pct_micro,
                                                   c->n_amount_thresholds, text, sizeof(text)));
        for (size_t i = 0; i < c->n_commitments; i++) {
                static const char *const bases[] = {
                        [VG_BASIS_AMOUNT_MONTH] = N_("%s : %s $ par mois"),
                        [VG_BASIS_QUANTITY_MONTH] = N_("%s : %s de %s par mois"),
                        [VG_BASIS_AMOUNT_CONTRACT] = N_("%s : %s $ sur la durée du contrat"),
                };
                const struct vg_commitment *item = &c->commitments[i];
                const struct vg_dated *value =
                        vg_dated_at(item->values, item->n_values, view->now_s);
                char number[CLI_TEXT];
                contract_page_decimal(cli, value->value,
                                      item->basis == VG_BASIS_QUANTITY_MONTH ? 0 : 2, number);
                contract_page_row(table, i ? "" : _("Engagements minimaux"), _(bases[item->basis]),
                                  item->id, number, item->sku);
        }
        return cli_table_print(cli, table);
}

int contract_page_terms(struct cli *cli, const struct cli_view *view)
{
        int r = print_parties(cli, view->contract);

        if (r == CLI_FINE)
                r = print_term(cli, view);
        return r == CLI_FINE ? print_money(cli, view) : r;
}

int contract_page_print(struct cli *cli, const struct cli_view *view)
{
        const struct vg_contract *c = view->contract;

        cli_printf(cli, CLI_STRONG, _("Contrat %s, révision %lld\n"), c->id,
                   (long long)c->revision);
        cli_wrap(cli, CLI_PLAIN, 0, cli->french ? c->solution_fr : c->solution_en);

        int r = contract_page_terms(cli, view);
        if (r == CLI_FINE)
                r = contract_page_lists(cli, view);
        if (r == CLI_FINE) {
                cli_print(cli, CLI_PLAIN, "\n");
                r = contract_remarks_print(cli, c, "", 0);
        }
        if (r == CLI_FINE)
                cli_wrap(cli, CLI_DIM, 0,
                         _("Cette page lit le fichier chargé; le contrat signé fait foi."));
        return r;
}
