/* SPDX-License-Identifier: Apache-2.0 */

/* What people read of the ledger: contracts, statements, costs, alerts, the dossier. */

#include <errno.h>
#include <string.h>

#include "cli/alerts.h"
#include "cli/bundle-export.h"
#include "cli/dossier.h"
#include "cli/focus.h"
#include "cli/html.h"
#include "cli/month.h"
#include "vigie/civil.h"

static int add_text(struct export *x, const char *name, const struct vg_buf *text)
{
        return text->failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                            : bundle_add(x->bundle, name, text->data ? text->data : "", text->n,
                                         &x->err);
}

struct revisions {
        struct export *x;
        unsigned n;
};

static int put_contract(void *ctx, const struct store_contract *contract)
{
        struct revisions *revisions = ctx;
        char name[64];

        snprintf(name, sizeof(name), "contract/%03u.json", ++revisions->n);
        return bundle_add(revisions->x->bundle, name, contract->text, contract->n_text,
                          &revisions->x->err);
}

int export_contracts(struct export *x)
{
        struct revisions revisions = { x, 0 };

        return store_contract_each(x->view.store, put_contract, &revisions, &x->err);
}

static int put_month(struct export *x, const struct month *month)
{
        _cleanup_(html_done) struct html html = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf csv = { 0 }, json = { 0 };
        const struct {
                const char *kind;
                struct vg_buf *text;
        } forms[] = { { "html", &html.buf }, { "csv", &csv }, { "json", &json } };
        char name[64], text[16];
        int r = month_html(x->cli, &x->view, month, &html);

        if (r == CLI_FINE)
                r = month_json(x->cli, month, &json);
        month_csv(x->cli, month, &csv);
        for (size_t i = 0; r == CLI_FINE && i < ELEMENTSOF(forms); i++) {
                snprintf(name, sizeof(name), "statements/%s.%s",
                         vg_month_format(month->month, text), forms[i].kind);
                r = forms[i].text->failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                                          : bundle_add(x->bundle, name, forms[i].text->data,
                                                       forms[i].text->n, &x->err);
        }
        return r;
}

int export_statements(struct export *x)
{
        struct months_read months = { 0 };
        int r = x->view.contract ? months_read(x->cli, &x->view, &months) : 0;

        for (size_t i = 0; r == CLI_FINE && i < months.n; i++)
                r = put_month(x, &months.list[i]);
        months_done(&months);
        return r;
}

/* ---- costs ---- */

int export_focus(struct export *x)
{
        _cleanup_(months_done) struct months_read months = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        int r = x->view.contract ? months_read(x->cli, &x->view, &months) : 0;

        if (r != CLI_FINE || !x->view.contract)
                return r;
        r = focus_invoices(&x->view, &months, &x->err);
        if (r < 0)
                return r;
        focus_cost_and_usage(x->cli, &months, FOCUS_1_2, &text);
        return add_text(x, "focus/cost-and-usage-1.2.csv", &text);
}

/* ---- alerts ---- */

/* In both languages: the text of an alert was frozen in both when it was told. */
static int put_alert(void *ctx, const struct store_alert *alert)
{
        struct vg_json *j = ctx;

        vg_json_object(j, NULL);
        cli_json_bool(j, "acknowledged", alert->acknowledged);
        cli_json_bool(j, "active", alert->active);
        vg_json_int(j, "change", alert->change);
        cli_json_time(j, "changed", alert->changed_s);
        cli_json_text(j, "code", alert->code);
        vg_json_int(j, "entry", (int64_t)alert->seq);
        cli_json_text(j, "event", alert->event);
        cli_json_text(j, "key", alert->key);
        vg_json_string(j, "log", vg_log_name(alert->log));
        cli_json_text(j, "severity", alert->severity);
        cli_json_time(j, "since", alert->fired_s);
        cli_json_text(j, "text_en", alert->text_en);
        cli_json_text(j, "text_fr", alert->text_fr);
        vg_json_end_object(j);
        vg_buf_puts(&j->buf, "\n");
        return 0;
}

int export_alerts(struct export *x)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        int r;

        vg_json_array(&j, NULL);
        r = store_alert_each(x->view.store, false, put_alert, &j, &x->err);
        vg_json_end_array(&j);
        vg_buf_puts(&j.buf, "\n");
        return r < 0 ? r : add_text(x, "alerts/alerts.json", &j.buf);
}

/* ---- the dossier ---- */

static int put_dossier(struct export *x, const struct dossier *dossier, bool french)
{
        _cleanup_(html_done) struct html html = { 0 };
        struct cli *cli = x->cli;
        const bool own_french = cli->french;

        cli->french = french;
        vg_lang_use(french);
        dossier_html(cli, &x->view, dossier, false, &html);
        cli->french = own_french;
        vg_lang_use(own_french);
        return add_text(x, french ? "dossier/dossier.fr.html" : "dossier/dossier.en.html",
                        &html.buf);
}

int export_dossier(struct export *x)
{
        const struct vg_contract *c = x->view.contract;
        _cleanup_(dossier_done) struct dossier dossier = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        int r;

        if (!c)
                return 0;
        const int64_t end_s = vg_contract_end_at(c, x->view.now_s)->value;
        dossier.from_s = c->start_s;
        dossier.to_s = x->view.now_s < end_s ? x->view.now_s : end_s;
        r = dossier_read(&x->view, &dossier, &x->err);
        if (r == 0)
                r = put_dossier(x, &dossier, true);
        if (r == 0)
                r = put_dossier(x, &dossier, false);
        if (r < 0)
                return r;

        _cleanup_free_ char *json =
                json_dumps(dossier.tree, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
        vg_buf_puts(&text, json ? json : "");
        vg_buf_puts(&text, "\n");
        text.failed |= !json;
        return add_text(x, "dossier/dossier.json", &text);
}
