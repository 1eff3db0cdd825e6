/* SPDX-License-Identifier: Apache-2.0 */

/* index.html of a hand-over: what somebody opens first, years later and without vigie. French, then
 * English. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-export.h"
#include "cli/html.h"
#include "cli/month.h"
#include "vigie/civil.h"

struct page {
        struct export *x;
        struct months_read months;
        struct html html;
};

static void page_done(struct page *p)
{
        months_done(&p->months);
        html_done(&p->html);
}

/* Names are our own words, and months. */
static void put_link(struct html *h, const char *name)
{
        html_raw(h, "<a href=\"");
        html_raw(h, name);
        html_raw(h, "\">");
        html_code(h, "span", name);
        html_raw(h, "</a>");
}

static const char *name_of(const struct page *p, const struct vg_party *party)
{
        return p->x->cli->french || !party->name_en ? party->name_fr : party->name_en;
}

static void put_who(struct page *p)
{
        const struct cli_view *view = &p->x->view;
        const struct vg_contract *c = view->contract;
        struct html *h = &p->html;
        char text[CLI_TEXT], from[16], to[16], fingerprint[80];

        html_table(h, "facts", NULL, "");
        html_fact(h, _("Contrat"), "%s", c->id);
        html_fact(h, _("Organisme"), "%s", name_of(p, &c->client));
        html_fact(h, _("Fournisseur"), "%s", name_of(p, &c->supplier));
        html_fact(h, _("Durée"), _("du %s au %s"), vg_date_format(c->start, from),
                  vg_date_format(vg_contract_last_day_at(c, view->now_s), to));
        html_fact(h, _("Appareil"), "%s", store_identity(view->store)->appliance);
        html_fact(h, _("Fait le"), "%s", cli_when(p->x->cli, view->zone, view->now_s, text));
        html_fact(
                h, _("À conserver jusqu'au"), "%s",
                vg_date_format(vg_zone_date(view->zone, vg_contract_kept_until(c, view->now_s) - 1),
                               to));
        html_raw(h, "<tr>");
        html_label(h, _("Empreinte de la clé"));
        html_raw(h, "<td>");
        html_code(h, "span",
                  store_key_fingerprint(store_identity(view->store)->public_key, fingerprint));
        html_raw(h, "</td></tr>\n");
        html_end_table(h);
}

static void put_row(struct html *h, const char *name, const char *what)
{
        html_raw(h, "<tr><td>");
        put_link(h, name);
        html_raw(h, "</td>");
        html_element(h, "td", NULL, what);
        html_raw(h, "</tr>\n");
}

static void put_contents(struct page *p)
{
        static const struct {
                const char *name, *fr;
        } rows[] = {
                { "contract/", N_("le contrat : chaque révision, telle qu'elle a été chargée") },
                { "statements/", N_("le relevé de chaque mois, en document, en CSV et en JSON") },
                { "focus/cost-and-usage-1.2.csv",
                  N_("les mêmes coûts, dans la forme FOCUS des outils de coûts") },
                { N_("dossier/dossier.fr.html"), N_("le dossier de rendement du fournisseur") },
                { "alerts/alerts.json", N_("chaque alerte, et comment elle a fini") },
                { "ledger/client.jsonl",
                  N_("le journal du client : toutes les inscriptions, une par ligne") },
                { "ledger/shared.jsonl",
                  N_("le journal commun : défaillances, inventaire, vie de l'appareil") },
                { "keys/", N_("les clés publiques") },
                { "seal/", N_("la preuve que tout ceci est inscrit au registre, et signé") },
                { "SHA256SUMS", N_("l'empreinte de chaque fichier") },
        };
        const char *const headings[] = { _("Fichier"), _("Ce que c'est") };

        html_element(&p->html, "h2", NULL, _("Ce que contient ce dossier"));
        html_table(&p->html, NULL, headings, "<<");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                put_row(&p->html, _(rows[i].name), _(rows[i].fr));
        html_end_table(&p->html);
}

static void put_months(struct page *p)
{
        const char *const headings[] = { _("Mois"), _("État"), _("Total"), _("Document") };
        struct html *h = &p->html;
        char text[CLI_TEXT], month[16], name[64];

        html_element(h, "h2", NULL, _("Relevés"));
        html_table(h, NULL, headings, "<<><");
        for (size_t i = 0; i < p->months.n; i++) {
                const struct month *m = &p->months.list[i];
                snprintf(name, sizeof(name), "statements/%s.html",
                         vg_month_format(m->month, month));
                html_raw(h, "<tr>");
                html_element(h, "td", NULL, month_name(p->x->cli, m->month, text));
                html_element(h, "td", NULL, m->is_closed ? _("clos") : _("provisoire"));
                html_element(h, "td", "n", cli_money(p->x->cli, m->total_cents, text));
                html_raw(h, "<td>");
                put_link(h, name);
                html_raw(h, "</td></tr>\n");
        }
        html_end_table(h);
}

static void put_ways(struct page *p)
{
        struct html *h = &p->html;

        html_element(h, "h2", NULL, _("Vérifier, et en garder le reçu"));
        html_element(h, "p", NULL,
                     _("Sur une autre machine que celle d'où viennent ces preuves, depuis le "
                       "dossier qui contient celui-ci :"));
        html_raw(h, "<pre class=\"code\">vigie contract hand-over verify ");
        html_text(h, p->x->top);
        html_element(h, "span", NULL, _(" --key EMPREINTE --out recu.json"));
        html_raw(h, "</pre>\n");
        html_element(h, "p", NULL,
                     _("L'empreinte est celle que les parties ont notée à l'installation. Sans "
                       "vigie, LISEZMOI.txt donne la recette, avec openssl et sha256sum seuls. "
                       "Le reçu retourne à l'appareil, qui l'inscrit :"));
        html_raw(h, "<pre class=\"code\">vigie contract hand-over receipt ");
        html_text(h, _("recu.json"));
        html_raw(h, "</pre>\n");
        html_element(h, "p", "notice",
                     _("Ce dossier nomme les abonnés et dit ce qu'ils ont consommé : il est au "
                       "client seul. Les montants sont des estimations, non des factures."));
}

static void put_language(struct page *p, bool french)
{
        struct cli *cli = p->x->cli;
        const bool own_french = cli->french;

        cli->french = french;
        vg_lang_use(french);
        html_raw(&p->html,
                 french ? "<section lang=\"fr-CA\">" : "<section lang=\"en-CA\" class=\"next\">");
        html_raw(&p->html, "<div class=\"top\"><div>");
        html_element(&p->html, "h1", NULL, _("Remise des preuves"));
        html_elementf(&p->html, "p", "sub", _("Contrat %s, durée entière"),
                      p->x->view.contract->id);
        html_raw(&p->html, "</div></div>\n");
        put_who(p);
        put_contents(p);
        put_months(p);
        put_ways(p);
        html_raw(&p->html, "</section>\n");
        cli->french = own_french;
        vg_lang_use(own_french);
}

int export_page(struct export *x)
{
        _cleanup_(page_done) struct page p = { .x = x };
        char title[256];
        int r = months_read(x->cli, &x->view, &p.months);

        if (r != CLI_FINE)
                return r;
        snprintf(title, sizeof(title), "vigie — %s", x->view.contract->id);
        html_begin(&p.html, true, title, title);
        put_language(&p, true);
        put_language(&p, false);
        html_end(&p.html);
        return p.html.buf.failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                                 : bundle_add(x->bundle, "index.html", p.html.buf.data,
                                              p.html.buf.n, &x->err);
}
