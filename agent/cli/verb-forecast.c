/* SPDX-License-Identifier: Apache-2.0 */

/* forecast: when the authorised amount runs out, how sure that is, and a picture of what it is drawn
 * from. The plain mean stands beside it, so that nobody has to believe us. */

#include "cli/forecast.h"
#include "cli/print.h"
#include "vigie/civil.h"

enum { WEEKS_SHOWN = 26, LABEL = 24 };

/* One cell a value, from the lowest bar to the highest; a dot where nothing was measured. */
static void draw(const double *values, size_t n, char *buf, size_t size)
{
        static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        double most = 0;
        size_t at = 0;

        for (size_t i = 0; i < n; i++)
                most = values[i] > most ? values[i] : most;
        buf[0] = '\0';
        for (size_t i = 0; i < n && at + 4 < size; i++) {
                const size_t bar =
                        most > 0 && values[i] > 0 ? (size_t)(values[i] / most * 7.999) : 0;
                at += (size_t)snprintf(buf + at, size - at, "%s", values[i] < 0 ? "·" : bars[bar]);
        }
}

static void put(struct cli *cli, const char *label, enum cli_style style, const char *text)
{
        const size_t width = vg_text_columns(label);

        cli_printf(cli, CLI_DIM, "  %s%*s", label, width < LABEL ? (int)(LABEL - width) : 1, "");
        cli_wrap_here(cli, style, 2 + LABEL, text);
}

/* Mean day of each whole week, the last one last. */
static void print_weeks(struct cli *cli, const struct store_forecast *f)
{
        double weeks[WEEKS_SHOWN];
        size_t n = f->n / 7 < WEEKS_SHOWN ? f->n / 7 : WEEKS_SHOWN;
        char text[4 * WEEKS_SHOWN + 8];

        for (size_t w = 0; w < n; w++) {
                const double *day = f->spent + f->n - (n - w) * 7;
                double sum = 0;
                size_t k = 0;
                for (size_t i = 0; i < 7; i++)
                        if (day[i] >= 0) {
                                sum += day[i];
                                k++;
                        }
                weeks[w] = k ? sum / (double)k : -1;
        }
        draw(weeks, n, text, sizeof(text));
        put(cli, _("Semaines passées"), CLI_PLAIN, text);
}

static char *money(const struct cli *cli, double cents, char buf[CLI_TEXT])
{
        return cli_money(cli, (int64_t)(cents < 0 ? cents - 0.5 : cents + 0.5), buf);
}

static char *share(const struct cli *cli, double part, char buf[CLI_TEXT])
{
        return cli_percent(cli, (int64_t)(part * 10000 + 0.5), buf);
}

static void print_pace(struct cli *cli, const struct vg_forecast *v)
{
        char day[CLI_TEXT], more[CLI_TEXT], text[400];

        money(cli, v->per_day, day);
        money(cli, v->trend_per_week < 0 ? -v->trend_per_week : v->trend_per_week, more);
        if (v->trend_per_week > 0)
                snprintf(text, sizeof(text), _("%s par jour, en hausse de %s chaque semaine"), day,
                         more);
        else if (v->trend_per_week < 0)
                snprintf(text, sizeof(text), _("%s par jour, en baisse de %s chaque semaine"), day,
                         more);
        else
                snprintf(text, sizeof(text), _("%s par jour, sans tendance nette"), day);
        put(cli, _("Rythme prévu"), CLI_PLAIN, text);
        if (v->burst_per_day >= 1) {
                snprintf(text, sizeof(text), _("dont %s par jour en pointes isolées"),
                         money(cli, v->burst_per_day, more));
                put(cli, "", CLI_PLAIN, text);
        }
}

static void print_told(struct cli *cli, const struct cli_view *view, const struct store_forecast *f)
{
        const struct vg_forecast *v = &f->forecast;
        char a[CLI_TEXT], b[CLI_TEXT], c[CLI_TEXT], date[16], text[400];

        snprintf(text, sizeof(text), _("%s (de %s à %s), le %s"), money(cli, v->at_end, a),
                 money(cli, v->at_end_low, b), money(cli, v->at_end_high, c),
                 vg_date_format(vg_contract_last_day_at(view->contract, view->now_s), date));
        put(cli, _("À la fin du contrat"), CLI_PLAIN, text);
        print_pace(cli, v);
        print_weeks(cli, f);
        draw(v->weekday, 7, text, sizeof(text));
        put(cli, _("Lundi à dimanche"), CLI_PLAIN, text);
        money(cli, v->naive_per_day, a);
        if (v->naive.is_reached)
                snprintf(text, sizeof(text), _("%s par jour : épuisement le %s"), a,
                         vg_date_format(vg_civil_from_days(v->naive.day), date));
        else
                snprintf(text, sizeof(text), _("%s par jour : pas d'épuisement"), a);
        put(cli, _("Moyenne de 30 jours"), CLI_DIM, text);
        snprintf(text, sizeof(text),
                 ngettext("%s à quatre semaines, médiane de %zu essai sur le passé",
                          "%s à quatre semaines, médiane de %zu essais sur le passé", v->n_origins),
                 share(cli, v->error_28d, a), v->n_origins);
        put(cli, _("Erreur"), CLI_DIM, text);
}

static void print(struct cli *cli, const struct cli_view *view, const struct store_forecast *f)
{
        char a[CLI_TEXT], b[CLI_TEXT], text[400];

        snprintf(text, sizeof(text), _("Prévision du contrat %s"), view->contract->id);
        cli_wrap(cli, CLI_STRONG, 0, text);
        put(cli, _("Prévision"), cli_forecast_warns(view, f) ? CLI_WARN : CLI_STRONG,
            cli_forecast_sentence(cli, view, f, text, sizeof(text)));
        snprintf(text, sizeof(text), _("%s sur %s, la veille"), money(cli, f->consumed, a),
                 money(cli, f->authorised, b));
        put(cli, _("Consommé"), CLI_PLAIN, text);
        if (f->forecast.is_told)
                print_told(cli, view, f);
        cli_wrap(
                cli, CLI_DIM, 2,
                _("Une prévision n'est pas une preuve : elle suppose que l'usage reste ce qu'il "
                  "est. Ce qui revient chaque mois et les achats connus sont comptés tels quels."));
}

int verb_forecast(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(store_forecast_done) struct store_forecast f = { 0 };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct vg_err err = { 0 };

        int r = cli_view_open(cli, &view);
        if (r != CLI_FINE)
                return r;
        if (!view.contract)
                return cli_failf(cli, CLI_REFUSED, "no-contract", "aucun contrat n'est chargé");
        if (cli_forecast_read(&view, &f, &err) < 0)
                return cli_view_fail(cli, &err);
        if (cli->json) {
                cli_forecast_write_json(&view, &f, NULL, &j);
                return cli_json_print(cli, &j);
        }
        print(cli, &view, &f);
        return CLI_FINE;
}
