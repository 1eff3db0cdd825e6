/* SPDX-License-Identifier: Apache-2.0 */

/* What must be done by a day: renewal options, the broker's copies, the supplier's attestation, the
 * evaluation, the hand-over of the evidence. All of it begins at local midnights. */

#include <stdio.h>
#include <string.h>

#include "core/alert/watch.h"
#include "vigie/civil.h"
#include "vigie/holiday.h"

enum {
        RENEWAL_NOTICE_DAYS = 90,     /* a decision on a renewal takes a quarter */
        BROKER_BUSINESS_DAYS = 5,     /* guide, 4.13 */
        ATTESTATION_NOTICE_DAYS = 30, /* spec: 30 days before, major when late */
        HAND_OVER_NOTICE_DAYS = 90,
        HAND_OVER_MAJOR_DAYS = 30,
};

static bool has_come(const struct vg_watch_view *view, struct vg_date date, int64_t more_days)
{
        const struct vg_date day = vg_date_add_days(date, more_days);

        return view->now_s >= vg_zone_midnight(view->contract->zone, day);
}

static void put_date(struct vg_signal *signal, const char *name, struct vg_date date)
{
        vg_signal_number(signal, name, VG_PARAM_DATE, vg_days_from_civil(date));
}

/* Once it is over, or a letter says when it will be, no option is left. */
static bool may_renew(const struct vg_watch_view *view)
{
        const struct vg_contract *c = view->contract;
        const struct vg_dated *end = vg_contract_end_at(c, view->now_s);

        return view->now_s < end->value && !(c->termination && end->source == c->termination->id);
}

/* VIG-T-005 */
static int watch_renewals(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        for (size_t i = 0; i < c->n_renewals && may_renew(view); i++) {
                const struct vg_renewal *r = &c->renewals[i];

                if (r->is_exercised || !has_come(view, r->exercise_by, -RENEWAL_NOTICE_DAYS) ||
                    has_come(view, r->exercise_by, 1))
                        continue;
                struct vg_signal *s = vg_signal_add(signals, "VIG-T-005", r->id, true,
                                                    VG_SEVERITY_WARNING, c->zone);
                if (!s)
                        return -ENOMEM;
                put_date(s, "exercise_by", r->exercise_by);
                vg_signal_text(s, "renewal", r->id);
        }
        return 0;
}

/* "au plus tard le 5 avril 2027 (5 jours ouvrables)" */
static void put_deadline(struct vg_signal *signal, const struct vg_document *document)
{
        struct vg_signal at = { 0 };
        char day[64], fr[128], en[128];

        if (document->kind == VG_DOCUMENT_TERMINATION) {
                vg_signal_both(signal, "deadline", "sans délai", "at once");
                return;
        }
        put_date(&at, "date", vg_add_business_days(document->signed_on, BROKER_BUSINESS_DAYS));
        snprintf(fr, sizeof(fr), "au plus tard le %s (%d jours ouvrables)",
                 vg_alert_param_text(&at.params, 0, true, day, sizeof(day)), BROKER_BUSINESS_DAYS);
        snprintf(en, sizeof(en), "by %s (%d business days)",
                 vg_alert_param_text(&at.params, 0, false, day, sizeof(day)), BROKER_BUSINESS_DAYS);
        vg_signal_both(signal, "deadline", fr, en);
}

static void put_document(struct vg_signal *signal, const struct vg_document *document)
{
        static const char *const words[][2] = {
                [VG_DOCUMENT_CONTRACT] = { "contrat", "contract" },
                [VG_DOCUMENT_AMENDMENT] = { "avenant", "amendment" },
                [VG_DOCUMENT_EVALUATION] = { "évaluation", "evaluation" },
                [VG_DOCUMENT_TERMINATION] = { "lettre de résiliation", "letter of termination" },
        };
        char fr[160], en[160];

        snprintf(fr, sizeof(fr), "%s %s", words[document->kind][0], document->id);
        snprintf(en, sizeof(en), "%s %s", words[document->kind][1], document->id);
        vg_signal_both(signal, "document", fr, en);
}

/* VIG-T-007: from the day of the signature until it was sent. */
static int watch_documents(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        for (size_t i = 0; i < c->n_documents; i++) {
                const struct vg_document *d = &c->documents[i];

                if (!has_come(view, d->signed_on, 0) ||
                    (d->has_broker_copy && has_come(view, d->broker_copy_sent_on, 0)))
                        continue;
                struct vg_signal *s = vg_signal_add(signals, "VIG-T-007", d->id, true,
                                                    VG_SEVERITY_WARNING, c->zone);
                if (!s)
                        return -ENOMEM;
                put_deadline(s, d);
                put_document(s, d);
                put_date(s, "signed", d->signed_on);
        }
        return 0;
}

/* VIG-T-008. After the end nobody has to attest to anything any more. */
static int watch_attestation(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date due =
                vg_date_add_days(c->last_attested_on, c->attestation_interval_days);

        if (!c->has_attestation || !has_come(view, due, -ATTESTATION_NOTICE_DAYS) ||
            view->now_s >= vg_contract_end_at(c, view->now_s)->value)
                return 0;
        struct vg_signal *s = vg_signal_add(
                signals, "VIG-T-008", "attestation", true,
                has_come(view, due, 1) ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING, c->zone);
        if (!s)
                return -ENOMEM;
        put_date(s, "due", due);
        put_date(s, "last", c->last_attested_on);
        return 0;
}

/* The last whole year of the contract, or what there was of the last one at its end. */
static bool last_year(const struct vg_watch_view *view, struct vg_date *ret_from,
                      struct vg_date *ret_to)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);
        bool any = false;

        for (int year = 0; year < 3; year++) {
                const struct vg_date from = vg_date_add_years(c->start, year);
                struct vg_date to = vg_date_add_days(vg_date_add_years(c->start, year + 1), -1);
                if (vg_date_compare(to, last) > 0)
                        to = last;
                if (vg_date_compare(from, last) > 0 || !has_come(view, to, 1))
                        break;
                *ret_from = from;
                *ret_to = to;
                any = true;
        }
        return any;
}

static bool is_evaluated(const struct vg_contract *c, struct vg_date until)
{
        for (size_t i = 0; i < c->n_documents; i++)
                if (c->documents[i].kind == VG_DOCUMENT_EVALUATION &&
                    vg_date_compare(c->documents[i].signed_on, until) > 0)
                        return true;
        return false;
}

/* VIG-T-009: a year is over, and its evaluation is not written. */
static int watch_dossier(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        struct vg_date from, to;
        char first[16], last[16], period[64];

        if (!last_year(view, &from, &to) || is_evaluated(c, to))
                return 0;
        struct vg_signal *s =
                vg_signal_add(signals, "VIG-T-009", "dossier", true, VG_SEVERITY_INFO, c->zone);
        if (!s)
                return -ENOMEM;
        snprintf(period, sizeof(period), "%s – %s", vg_date_format(from, first),
                 vg_date_format(to, last));
        vg_signal_text(s, "contract", c->id);
        vg_signal_text(s, "period", period);
        return 0;
}

/* VIG-T-010 */
static int watch_hand_over(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);
        const int64_t left =
                vg_days_from_civil(last) - vg_days_from_civil(vg_zone_date(c->zone, view->now_s));

        if ((c->has_handed_over && has_come(view, c->handed_over_on, 0)) ||
            !has_come(view, last, -HAND_OVER_NOTICE_DAYS))
                return 0;
        struct vg_signal *s = vg_signal_add(
                signals, "VIG-T-010", "hand-over", true,
                left <= HAND_OVER_MAJOR_DAYS ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING, c->zone);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "contract", c->id);
        vg_signal_number(s, "days", VG_PARAM_COUNT, left > 0 ? left : 0);
        put_date(s, "end", last);
        return 0;
}

int watch_deadlines(const struct vg_watch_view *view, struct vg_signals *signals)
{
        static int (*const conditions[])(const struct vg_watch_view *, struct vg_signals *) = {
                watch_renewals, watch_documents, watch_attestation, watch_dossier, watch_hand_over,
        };
        int r = 0;

        if (!view->has_deadlines || !view->contract)
                return 0;
        for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]) && r == 0; i++)
                r = conditions[i](view, signals);
        return r;
}
