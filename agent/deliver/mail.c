/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/mail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/lang.h"
#include "vigie/mem.h"

void mail_done(struct mail *mail)
{
        page_done(&mail->page);
        vg_buf_done(&mail->subject);
}

bool mail_failed(const struct mail *mail)
{
        return page_failed(&mail->page) || mail->subject.failed;
}

/* ---- languages ---- */

int mail_compose(const struct mail_to *to, mail_part_fn *part, void *ctx, struct mail *ret_mail)
{
        const struct vg_recipient *recipient = to->recipient;
        const bool own_french = vg_lang_is_french();
        const bool both = recipient->french && recipient->english;
        struct mail mail = { 0 };

        vg_buf_puts(&mail.subject, "[vigie] ");
        page_begin(&mail.page, recipient->english && !both ? "en" : "fr", "");
        for (int english = 0; english < 2; english++) {
                if (english ? !recipient->english : recipient->english && !both)
                        continue;
                vg_lang_use(!english);
                if (english && both) {
                        vg_buf_puts(&mail.subject, " / ");
                        page_language(&mail.page, "en");
                }
                part(to, !english, &mail, ctx);
        }
        vg_lang_use(own_french);
        page_end(&mail.page);
        if (mail_failed(&mail)) {
                mail_done(&mail);
                return -ENOMEM;
        }
        *ret_mail = mail;
        return 0;
}

/* ---- forms ---- */

static char *one(enum vg_param_kind kind, const struct vg_zone *zone, vg_i128 number, bool french,
                 char buf[MAIL_TEXT])
{
        const struct vg_alert_params params = {
                .list = { { .name = "x", .kind = kind, .number = number } },
                .n = 1,
                .zone = zone,
        };

        return vg_alert_param_text(&params, 0, french, buf, MAIL_TEXT);
}

char *mail_when(const struct mail_to *to, bool french, int64_t at_s, char buf[MAIL_TEXT])
{
        return one(VG_PARAM_INSTANT, to->contract->zone, at_s, french, buf);
}

char *mail_day(bool french, int64_t day, char buf[MAIL_TEXT])
{
        return one(VG_PARAM_DATE, NULL, day, french, buf);
}

char *mail_month_text(bool french, int32_t month, char buf[MAIL_TEXT])
{
        return one(VG_PARAM_MONTH, NULL, month, french, buf);
}

char *mail_money(bool french, int64_t cents, char buf[MAIL_TEXT])
{
        char amount[MAIL_TEXT];

        snprintf(buf, MAIL_TEXT, french ? "%s\u00a0$" : "%s\u00a0CAD",
                 one(VG_PARAM_CENTS, NULL, cents, french, amount));
        return buf;
}

/* ---- the foot ---- */

static const char *role_words(enum vg_role role)
{
        static const char *const words[VG_ROLE_N] = {
                [VG_ROLE_CONTRACT_MANAGER] = N_("gestion contractuelle"),
                [VG_ROLE_CLIENT_IT] = N_("équipe des TI"),
                [VG_ROLE_TENANT_OWNER] = N_("responsable d'un abonné"),
                [VG_ROLE_SUPPLIER_MAINTENANCE] = N_("télémaintenance du fournisseur"),
                [VG_ROLE_BROKER] = N_("Courtier"),
        };

        return _(words[role]);
}

void mail_foot(const struct mail_to *to, struct mail *mail)
{
        char text[1024];

        snprintf(text, sizeof(text),
                 _("Message automatique de vigie (appareil %s) : n'y répondez pas. Vous le recevez "
                   "parce que le contrat %s vous nomme parmi ses destinataires (%s, %s)."),
                 to->appliance, to->contract->id, to->recipient->id,
                 role_words(to->recipient->role));
        page_note(&mail->page, text);
}

/* ---- a test ---- */

struct testing {
        int64_t at_s;
};

static void test_part(const struct mail_to *to, bool french, struct mail *mail, void *ctx)
{
        const struct testing *testing = ctx;
        char when[MAIL_TEXT];

        vg_buf_puts(&mail->subject, _("ESSAI : les messages vous parviennent"));
        page_band(&mail->page, PAGE_TEST, _("ESSAI"), _("Les messages vous parviennent"));
        page_text(&mail->page, _("Ceci est un essai, demandé par quelqu'un de votre organisation. "
                                 "Rien n'est arrivé, et il n'y a rien à faire : les alertes de ce "
                                 "contrat viendront par le même chemin."));
        page_facts(&mail->page);
        page_fact(&mail->page, _("Contrat"), to->contract->id);
        page_fact(&mail->page, _("Appareil"), to->appliance);
        page_fact(&mail->page, _("Essai demandé le"), mail_when(to, french, testing->at_s, when));
        page_end_facts(&mail->page);
        mail_foot(to, mail);
}

int mail_compose_test(const struct mail_to *to, int64_t at_s, struct mail *ret_mail)
{
        struct testing testing = { at_s };

        return mail_compose(to, test_part, &testing, ret_mail);
}
