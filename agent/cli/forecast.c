/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/forecast.h"

#include "cli/bill.h"
#include "vigie/civil.h"

int cli_forecast_read(const struct cli_view *view, struct store_forecast *ret, struct vg_err *err)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        int r = cli_bill_read(view, false, &bill, err);

        return r < 0 ? r
                     : store_forecast_read(view->store, view->contract, view->now_s,
                                           bill->consumed_cents, ret, err);
}

static int64_t last_day(const struct cli_view *view)
{
        return vg_days_from_civil(vg_contract_last_day_at(view->contract, view->now_s));
}

bool cli_forecast_warns(const struct cli_view *view, const struct store_forecast *f)
{
        return f->forecast.is_told && f->forecast.early.is_reached &&
               f->forecast.early.day <= last_day(view);
}

static char *write_day(struct vg_forecast_day day, char buf[16])
{
        return vg_date_format(vg_civil_from_days(day.day), buf);
}

char *cli_forecast_sentence(const struct cli *cli _unused_, const struct cli_view *view,
                            const struct store_forecast *f, char *buf, size_t size)
{
        const struct vg_forecast *v = &f->forecast;
        const int64_t end = last_day(view);
        const int confidence = view->contract->forecast_confidence_pct;
        char date[16], early[16], late[16];

        if (f->today > end)
                snprintf(buf, size, "%s", _("contrat terminé, plus rien n'est à prévoir"));
        else if (v->is_told && f->consumed >= f->authorised)
                snprintf(buf, size, "%s", _("le montant est épuisé"));
        else if (!v->is_told)
                snprintf(buf, size,
                         ngettext("pas encore : %zu jour mesuré sur les %d nécessaires",
                                  "pas encore : %zu jours mesurés sur les %d nécessaires",
                                  v->n_measured),
                         v->n_measured, view->contract->forecast_min_history_days);
        else if (!v->early.is_reached || v->early.day > end)
                snprintf(buf, size, _("le montant suffit jusqu'à la fin (à %d %%)"), confidence);
        else if (!v->date.is_reached)
                snprintf(buf, size, _("épuisement possible dès le %s (à %d %%)"),
                         write_day(v->early, early), confidence);
        else if (!v->late.is_reached || v->late.day > end)
                snprintf(buf, size,
                         v->date.day > end
                                 ? _("épuisement possible dès le %2$s, et non le plus probable "
                                     "(%1$s, après la fin; à %3$d %%)")
                                 : _("épuisement le %s (dès le %s, ou pas avant la fin; à %d %%)"),
                         write_day(v->date, date), write_day(v->early, early), confidence);
        else
                snprintf(buf, size, _("épuisement le %s (entre le %s et le %s, à %d %%)"),
                         write_day(v->date, date), write_day(v->early, early),
                         write_day(v->late, late), confidence);
        return buf;
}

/* ---- for programs ---- */

static void write_cad(struct vg_json *j, const char *key, double cents)
{
        cli_json_decimal(j, key, (vg_i128)(cents < 0 ? cents - 0.5 : cents + 0.5), 2);
}

static void write_share(struct vg_json *j, const char *key, double share)
{
        cli_json_decimal(j, key, (vg_i128)(share * 1000 + 0.5), 3);
}

static void write_date(struct vg_json *j, const char *key, struct vg_forecast_day day)
{
        char buf[16];

        if (day.is_reached)
                vg_json_string(j, key, write_day(day, buf));
        else
                cli_json_null(j, key);
}

static void write_told(const struct vg_forecast *v, struct vg_json *j)
{
        vg_json_object(j, "at_end_cad");
        write_cad(j, "expected", v->at_end);
        write_cad(j, "high", v->at_end_high);
        write_cad(j, "low", v->at_end_low);
        vg_json_end_object(j);
        write_cad(j, "burst_per_day_cad", v->burst_per_day);
        write_date(j, "date", v->date);
        write_date(j, "early", v->early);
        write_share(j, "error_4_weeks", v->error_28d);
        write_date(j, "late", v->late);
        write_date(j, "mean_30_days_date", v->naive);
        write_cad(j, "mean_30_days_per_day_cad", v->naive_per_day);
        vg_json_int(j, "origins", (int64_t)v->n_origins);
        write_cad(j, "per_day_cad", v->per_day);
        write_cad(j, "trend_per_week_cad", v->trend_per_week);
        vg_json_array(j, "weekdays");
        for (size_t w = 0; w < ELEMENTSOF(v->weekday); w++)
                write_share(j, NULL, v->weekday[w]);
        vg_json_end_array(j);
}

void cli_forecast_write_json(const struct cli_view *view, const struct store_forecast *f,
                             const char *key, struct vg_json *j)
{
        const struct vg_contract *c = view->contract;
        char end[16];

        vg_json_object(j, key);
        write_cad(j, "authorised_cad", f->authorised);
        vg_json_int(j, "confidence_pct", c->forecast_confidence_pct);
        write_cad(j, "consumed_cad", f->consumed);
        cli_json_text(j, "contract", c->id);
        vg_json_string(j, "end_date", vg_date_format(vg_contract_last_day_at(c, view->now_s), end));
        if (f->forecast.is_told) {
                vg_json_object(j, "forecast");
                write_told(&f->forecast, j);
                vg_json_end_object(j);
        } else {
                cli_json_null(j, "forecast");
        }
        vg_json_int(j, "history_days", (int64_t)f->forecast.n_measured);
        vg_json_int(j, "history_days_needed", c->forecast_min_history_days);
        vg_json_end_object(j);
}
