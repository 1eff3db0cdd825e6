/* SPDX-License-Identifier: Apache-2.0 */

/* What may follow what in the life of a contract: a rule a row, tried when a fact is recorded and not
 * when it is read again. The days of orders and letters are rules of the contract (check-life.c). */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/fact.h"
#include "vigie/mem.h"

struct course {
        const struct vg_contract *contract; /* with the fact */
        const struct vg_fact *fact, *last;
        struct vg_err *err;
};

static const char *day(struct vg_date date, char buf[16])
{
        return vg_date_format(date, buf);
}

static int after_signature(const struct course *c)
{
        char on[16], signature[16];

        if (vg_date_compare(c->fact->on, c->contract->signed_on) >= 0)
                return 0;
        return vg_err_set(c->err, -EINVAL, "le %s précède la signature du contrat, le %s",
                          day(c->fact->on, on), day(c->contract->signed_on, signature));
}

static int exit_days(const struct course *c, struct vg_date done, struct vg_date started)
{
        char end[16], begin[16];

        if (vg_date_compare(done, started) >= 0)
                return 0;
        return vg_err_set(c->err, -EINVAL,
                          "la sortie serait terminée le %s, avant que sa planification ne "
                          "commence, le %s",
                          day(done, end), day(started, begin));
}

static int done_after_start(const struct course *c)
{
        const struct vg_exit *e = &c->contract->exit;

        if (!e->has_started)
                return vg_err_set(c->err, -EINVAL,
                                  "la sortie n'a pas commencé : inscrire d'abord « exit-started », "
                                  "au jour où sa planification a commencé");
        return exit_days(c, c->fact->on, e->planning_started_on);
}

static int started_before_done(const struct course *c)
{
        const struct vg_exit *e = &c->contract->exit;

        return e->has_completed ? exit_days(c, e->completed_on, c->fact->on) : 0;
}

/* By the end that was in force on its eve. */
static int renewed_in_time(const struct course *c)
{
        const struct vg_contract *contract = c->contract;
        const int64_t at_s = vg_zone_midnight(contract->zone, c->fact->on);
        const struct vg_dated *end = vg_contract_end_at(contract, at_s - 1);
        char last[16];

        if (contract->termination && end->source == contract->termination->id)
                return vg_err_set(c->err, -EINVAL,
                                  "la lettre « %s » du %s met fin au contrat : l'option ne "
                                  "s'exerce plus",
                                  contract->termination->id,
                                  day(contract->termination->letter_on, last));
        if (at_s < end->value)
                return 0;
        return vg_err_set(c->err, -EINVAL,
                          "le contrat a pris fin le %s : l'option ne s'exerce plus",
                          day(vg_contract_last_day_at(contract, at_s - 1), last));
}

static int sent_once_signed(const struct course *c)
{
        char on[16], signature[16];

        for (size_t i = 0; i < c->contract->n_documents; i++) {
                const struct vg_document *d = &c->contract->documents[i];
                if (strcmp(d->id, c->fact->target) == 0 &&
                    vg_date_compare(c->fact->on, d->signed_on) < 0)
                        return vg_err_set(c->err, -EINVAL,
                                          "« %s » est du %s : sa copie n'a pu partir le %s", d->id,
                                          day(d->signed_on, signature), day(c->fact->on, on));
        }
        return 0;
}

/* Copies for the broker are known by the name of what they are of. */
static int named_apart(const struct course *c)
{
        for (size_t i = 0; i < c->contract->n_documents; i++) {
                const struct vg_document *d = &c->contract->documents[i];
                if (d->kind != VG_DOCUMENT_EVALUATION && strcmp(d->id, c->fact->target) == 0)
                        return vg_err_set(c->err, -EINVAL,
                                          "« %s » nomme déjà un autre document du contrat : "
                                          "donner un autre numéro à l'évaluation",
                                          d->id);
        }
        return 0;
}

static const char *state_of(const struct vg_fact *dispute)
{
        return json_string_value(json_object_get(dispute->values, "state"));
}

/* Opened, settled, and perhaps opened again. */
static int opened_then_settled(const struct course *c)
{
        const bool opens = strcmp(state_of(c->fact), "opened") == 0;
        const bool is_open = c->last && strcmp(state_of(c->last), "opened") == 0;
        char on[16], before[16];

        if (opens && is_open)
                return vg_err_set(c->err, -EINVAL, "le différend « %s » est déjà ouvert",
                                  c->fact->target);
        if (!opens && !is_open)
                return vg_err_set(c->err, -EINVAL,
                                  "le différend « %s » n'est pas ouvert : inscrire d'abord son "
                                  "ouverture (--state opened)",
                                  c->fact->target);
        if (c->last && vg_date_compare(c->fact->on, c->last->on) < 0)
                return vg_err_set(c->err, -EINVAL,
                                  "le %s précède ce qui est inscrit du différend « %s », le %s",
                                  day(c->fact->on, on), c->fact->target, day(c->last->on, before));
        return 0;
}

/* Months of the term, by the end in force: what is charged for no month of it is not its invoice. */
static int invoice_of_term(const struct course *c)
{
        const struct vg_contract *contract = c->contract;
        const char *month = json_string_value(json_object_get(c->fact->values, "month"));
        char first[16], last[16];

        vg_month_format(vg_month_of(contract->start), first);
        vg_month_format(vg_month_of(vg_contract_last_day_at(contract, INT64_MAX)), last);
        if (!month || (strcmp(month, first) >= 0 && strcmp(month, last) <= 0))
                return 0;
        return vg_err_set(c->err, -EINVAL, "le mois %s est hors de la durée du contrat (%s à %s)",
                          month, first, last);
}

/* An attestation or a communication may be older than the contract. */
static const struct rule {
        enum vg_fact_kind kind;
        int (*holds)(const struct course *course);
} rules[] = {
        { VG_FACT_DISPUTE, after_signature },          { VG_FACT_DISPUTE, opened_then_settled },
        { VG_FACT_EVALUATION, after_signature },       { VG_FACT_EVALUATION, named_apart },
        { VG_FACT_EXIT_DECISION, after_signature },    { VG_FACT_EXIT_DONE, after_signature },
        { VG_FACT_EXIT_DONE, done_after_start },       { VG_FACT_EXIT_STARTED, after_signature },
        { VG_FACT_EXIT_STARTED, started_before_done }, { VG_FACT_INVOICE, after_signature },
        { VG_FACT_INVOICE, invoice_of_term },          { VG_FACT_RENEWAL, after_signature },
        { VG_FACT_RENEWAL, renewed_in_time },          { VG_FACT_SENT_TO_BROKER, sent_once_signed },
};

int vg_fact_follows(const struct vg_contract *contract, const struct vg_fact *fact,
                    const struct vg_fact *last, struct vg_err *err)
{
        const struct course course = { contract, fact, last, err };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(rules) && r == 0; i++)
                if (rules[i].kind == fact->kind)
                        r = rules[i].holds(&course);
        return r;
}
