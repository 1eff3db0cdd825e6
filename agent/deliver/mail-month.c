/* SPDX-License-Identifier: Apache-2.0 */

/* The monthly page, as a message. */

#include "deliver/mail-month.h"

#include <stdio.h>
#include <string.h>

#include "deliver/mail.h"
#include "os/lang.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

enum { ALERTS_SHOWN = 20, PERMYRIAD_NEAR = 9000 };

struct writing {
        const struct mail_to *to;
        const struct mail_month *month;
        bool french;
        struct page *page;
};

/* "12,3 %" */
static char *percent(bool french, int permyriad, char buf[MAIL_TEXT])
{
        snprintf(buf, MAIL_TEXT, french ? "%d,%d\u00a0%%" : "%d.%d\u00a0%%", permyriad / 100,
                 permyriad / 10 % 10);
        return buf;
}

/* Whatever asks for somebody's eyes. */
static bool is_quiet(const struct mail_month *month)
{
        for (size_t i = 0; i < month->n_alerts; i++)
                if (month->alerts[i].severity > VG_SEVERITY_INFO)
                        return false;
        for (size_t i = 0; i < month->n_deliveries; i++)
                if (strcmp(month->deliveries[i].state, "waiting") == 0 ||
                    strcmp(month->deliveries[i].state, "refused") == 0)
                        return false;
        return true;
}

static void put_amounts(const struct writing *w)
{
        const struct mail_month *month = w->month;
        char consumed[MAIL_TEXT], authorised[MAIL_TEXT], pct[MAIL_TEXT], text[4 * MAIL_TEXT];

        page_heading(w->page, _("Montants, avant taxes"));
        if (!month->has_amounts) {
                page_text(w->page, _("Un autre appareil tarife ce contrat : voir sa page."));
                return;
        }
        snprintf(text, sizeof(text), _("%s consommés depuis le début, sur %s autorisés (%s)"),
                 mail_money(w->french, month->consumed_cents, consumed),
                 mail_money(w->french, month->authorised_cents, authorised),
                 percent(w->french, month->permyriad, pct));
        page_bar(w->page,
                 month->permyriad > 10000            ? PAGE_CRITICAL
                 : month->permyriad > PERMYRIAD_NEAR ? PAGE_MAJOR
                                                     : PAGE_INFO,
                 month->permyriad, text);
        page_facts(w->page);
        page_fact(w->page, _("Ce mois"), mail_money(w->french, month->month_cents, text));
        page_fact(w->page, _("Reste du montant autorisé"),
                  mail_money(w->french, month->remaining_cents, text));
        page_fact(w->page, _("Relevé du mois"),
                  month->is_closed ? _("fermé (« vigie statement »)")
                                   : _("encore ouvert : les montants du mois peuvent changer"));
        page_end_facts(w->page);
}

static void put_term(const struct writing *w)
{
        const struct vg_contract *contract = w->to->contract;
        const int64_t days = (w->month->end_s - w->month->now_s) / VG_DAY_S;
        char when[MAIL_TEXT], text[2 * MAIL_TEXT];

        page_heading(w->page, _("Durée"));
        page_facts(w->page);
        page_fact(w->page, _("Dernier jour du contrat"),
                  mail_day(w->french,
                           vg_days_from_civil(vg_zone_date(contract->zone, w->month->end_s - 1)),
                           when));
        snprintf(text, sizeof(text),
                 days < 0 ? _("terminé") : ngettext("%lld jour", "%lld jours", (unsigned long)days),
                 (long long)days);
        page_fact(w->page, _("Reste à courir"), text);
        page_end_facts(w->page);
}

static void put_alerts(const struct writing *w)
{
        static const enum page_tone tones[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = PAGE_INFO,
                [VG_SEVERITY_WARNING] = PAGE_WARNING,
                [VG_SEVERITY_MAJOR] = PAGE_MAJOR,
                [VG_SEVERITY_CRITICAL] = PAGE_CRITICAL,
        };
        static const char *const words[VG_SEVERITY_N] = {
                [VG_SEVERITY_INFO] = N_("Information"),
                [VG_SEVERITY_WARNING] = N_("Avertissement"),
                [VG_SEVERITY_MAJOR] = N_("Alerte majeure"),
                [VG_SEVERITY_CRITICAL] = N_("Alerte critique"),
        };
        const struct mail_month *month = w->month;
        char text[MAIL_TEXT];

        page_heading(w->page, _("Alertes en cours"));
        if (!month->n_alerts)
                page_text(w->page, _("Aucune."));
        for (size_t i = 0; i < month->n_alerts && i < ALERTS_SHOWN; i++) {
                const struct mail_month_alert *a = &month->alerts[i];
                page_item(w->page, tones[a->severity], _(words[a->severity]),
                          a->alert->title[w->french ? 0 : 1], a->text[w->french ? 0 : 1], "");
        }
        if (month->n_alerts > ALERTS_SHOWN) {
                snprintf(text, sizeof(text),
                         ngettext("Et %zu autre : « vigie alerts » la montre.",
                                  "Et %zu autres : « vigie alerts » les montre.",
                                  month->n_alerts - ALERTS_SHOWN),
                         month->n_alerts - ALERTS_SHOWN);
                page_text(w->page, text);
        }
}

static const char *state_word(const char *state)
{
        static const struct {
                const char *state, *word;
        } rows[] = {
                { "off", N_("rien n'est envoyé (paquets)") },
                { "ok", N_("à jour") },
                { "refused", N_("refusé") },
                { "waiting", N_("en attente") },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].state, state) == 0)
                        return _(rows[i].word);
        return state;
}

static void put_service(const struct writing *w)
{
        const struct mail_month *month = w->month;
        char text[2 * MAIL_TEXT], pct[MAIL_TEXT];

        page_heading(w->page, _("Matériel et mesure"));
        page_facts(w->page);
        snprintf(text, sizeof(text), _("en cours : %zu; nouvelles ce mois : %zu"),
                 month->n_faults_open, month->n_faults_new);
        page_fact(w->page, _("Défaillances"), text);
        if (month->due_s)
                page_fact(w->page, _("Temps mesuré"),
                          percent(w->french,
                                  (int)((vg_i128)month->measured_s * 10000 / month->due_s), pct));
        page_end_facts(w->page);

        page_heading(w->page, _("Envois"));
        page_facts(w->page);
        for (size_t i = 0; i < month->n_deliveries; i++)
                page_fact(w->page, month->deliveries[i].name,
                          state_word(month->deliveries[i].state));
        if (!month->n_deliveries)
                page_fact(w->page, _("Destinations"), _("aucune n'a encore été servie"));
        page_end_facts(w->page);
}

static void month_part(const struct mail_to *to, bool french, struct mail *mail, void *ctx)
{
        const struct writing w = { to, ctx, french, &mail->page };
        const bool quiet = is_quiet(w.month);
        char month[MAIL_TEXT], title[2 * MAIL_TEXT];

        snprintf(title, sizeof(title), _("Page mensuelle (%s)"),
                 mail_month_text(french, w.month->month, month));
        vg_buf_printf(&mail->subject, _("%s : contrat %s"), title, to->contract->id);
        page_band(&mail->page, quiet ? PAGE_GOOD : PAGE_WARNING, title,
                  quiet ? _("Rien n'appelle votre attention") : _("À regarder : voir les alertes"));
        page_facts(&mail->page);
        page_fact(&mail->page, _("Contrat"), to->contract->id);
        page_fact(&mail->page, _("Appareil"), to->appliance);
        page_end_facts(&mail->page);
        put_amounts(&w);
        put_term(&w);
        put_alerts(&w);
        put_service(&w);
        page_note(&mail->page, _("Vous recevez cette page chaque mois, même quand tout va bien : "
                                 "si elle ne vient pas, demandez pourquoi."));
        mail_foot(to, mail);
}

int mail_compose_month(const struct mail_to *to, const struct mail_month *month,
                       struct mail *ret_mail)
{
        return mail_compose(to, month_part, (void *)month, ret_mail);
}
