/* SPDX-License-Identifier: Apache-2.0 */

/* dossier: the supplier's performance over the contract or a period, or the incidents alone, for the
 * evaluation and for complaints (guide, sections 4.6 and 4.11). */

#include <string.h>

#include "cli/dossier.h"
#include "vigie/civil.h"
#include "vigie/statement.h"

/* A day or a month of the contract's zone; the end is the one after. */
static int read_day(struct cli *cli, const struct cli_view *view, const char *name, bool end,
                    int64_t *ret_s)
{
        const char *text = cli_option(cli, name);
        struct vg_date day;
        int32_t month;

        if (!text)
                return CLI_FINE;
        if (vg_date_parse(text, &day) == 0)
                *ret_s = vg_zone_midnight(view->zone, vg_date_add_days(day, end));
        else if (vg_statement_month(text, &month) == 0)
                *ret_s = vg_zone_month_start(view->zone, month + end);
        else
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--%s : un jour AAAA-MM-JJ ou un mois AAAA-MM est attendu", name);
        return CLI_FINE;
}

static int read_period(struct cli *cli, const struct cli_view *view, struct dossier *d)
{
        const int64_t end_s = vg_contract_end_at(view->contract, view->now_s)->value;

        d->from_s = view->contract->start_s;
        d->to_s = view->now_s < end_s ? view->now_s : end_s;
        int r = read_day(cli, view, "from", false, &d->from_s);
        if (r == CLI_FINE)
                r = read_day(cli, view, "to", true, &d->to_s);
        if (d->to_s > view->now_s) /* of what is to come there is nothing to tell */
                d->to_s = view->now_s;
        if (r == CLI_FINE && d->from_s >= d->to_s)
                r = cli_failf(cli, CLI_USAGE, "usage", "la période est vide");
        return r;
}

static int write_dossier(struct cli *cli, const struct cli_view *view, const struct dossier *d)
{
        const char *format = cli_option(cli, "format"), *lang = cli_option(cli, "lang");
        _cleanup_(html_done) struct html h = { 0 };

        if (!cli->json && !(format && strcmp(format, "json") == 0)) {
                dossier_html(cli, view, d, lang && strcmp(lang, "both") == 0, &h);
                return cli_write_out(cli, &h.buf);
        }
        _cleanup_free_ char *text =
                json_dumps(d->tree, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
        if (!text)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_buf_puts(&h.buf, text);
        vg_buf_puts(&h.buf, "\n");
        return cli_write_out(cli, &h.buf);
}

int verb_dossier(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(dossier_done) struct dossier dossier = { 0 };
        const char *format = cli_option(cli, "format");
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (format && strcmp(format, "csv") == 0)
                return cli_failf(cli, CLI_USAGE, "usage", "un dossier s'écrit en html ou en json");
        if (!view.contract)
                return cli_failf(cli, CLI_REFUSED, "no-contract",
                                 "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                 "charge un");
        dossier.incidents = cli_option(cli, "incidents") != NULL;
        r = read_period(cli, &view, &dossier);
        if (r != CLI_FINE)
                return r;
        return dossier_read(&view, &dossier, &err) < 0 ? cli_view_fail(cli, &err)
                                                       : write_dossier(cli, &view, &dossier);
}
