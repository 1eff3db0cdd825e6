/* SPDX-License-Identifier: Apache-2.0 */

/* Rules about days and money, as the buyer's guide has them: three years at most with renewals and
 * amendments (4.5), nothing before signature (4.2), the exit complete before the end (4.12). */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "core/contract/build.h"

/* Three years from the start, less a day. From 29 February that is 28 February: three years with one
 * leap day, as any other three years that have one. */
struct vg_date check_last_day(const struct vg_contract *contract)
{
        return vg_date_add_days(vg_date_add_years(contract->start, 3), -1);
}

static void over_three_years(struct build *b, struct vg_date end, const char *path)
{
        const struct vg_date most = check_last_day(b->contract);
        char found[16], last[16];

        if (vg_date_compare(end, most) > 0)
                report_member(b->report, VG_REFUSAL_OVER_THREE_YEARS, vg_date_format(end, found),
                              vg_date_format(most, last), NULL, "%s", path);
}

/* Two days that stand in the wrong order, both named. */
static void wrong_order(struct build *b, enum vg_refusal_reason reason, struct vg_date found,
                        struct vg_date other, const char *path)
{
        char x[16], y[16];

        report_member(b->report, reason, vg_date_format(found, x), vg_date_format(other, y), NULL,
                      "%s", path);
}

static void check_renewals(struct build *b)
{
        const struct vg_contract *c = b->contract;
        struct vg_date end = c->end;
        char path[64];

        for (size_t i = 0; i < c->n_renewals; i++) {
                const struct vg_renewal *renewal = &c->renewals[i];
                snprintf(path, sizeof(path), "term.renewals[%zu].new_end_date", i);
                over_three_years(b, renewal->new_end, path);
                if (vg_date_compare(renewal->new_end, end) <= 0)
                        wrong_order(b, VG_REFUSAL_RENEWAL_NOT_LATER, renewal->new_end, end, path);
                snprintf(path, sizeof(path), "term.renewals[%zu].exercise_by", i);
                if (vg_date_compare(renewal->exercise_by, end) > 0)
                        wrong_order(b, VG_REFUSAL_RENEWAL_TOO_LATE, renewal->exercise_by, end,
                                    path);
                snprintf(path, sizeof(path), "term.renewals[%zu].exercised_on", i);
                if (renewal->is_exercised &&
                    vg_date_compare(renewal->exercised_on, renewal->exercise_by) > 0)
                        wrong_order(b, VG_REFUSAL_RENEWAL_EXERCISED_LATE, renewal->exercised_on,
                                    renewal->exercise_by, path);
                end = renewal->new_end;
        }
}

/* An exit may be planned for a term already renewed. */
struct vg_date check_latest_end(const struct build *b)
{
        const json_t *amendments = json_object_get(b->tree, "amendments");
        const struct vg_contract *c = b->contract;
        struct vg_date latest = c->end, end;

        for (size_t i = 0; i < c->n_renewals; i++)
                if (c->renewals[i].is_exercised &&
                    vg_date_compare(c->renewals[i].new_end, latest) > 0)
                        latest = c->renewals[i].new_end;
        for (size_t i = 0; i < json_array_size(amendments); i++) {
                const json_t *changes = json_object_get(json_array_get(amendments, i), "changes");
                if (build_date(changes, "end_date", &end) && vg_date_compare(end, latest) > 0)
                        latest = end;
        }
        return latest;
}

static void check_exit(struct build *b)
{
        const struct vg_exit *leave = &b->contract->exit;
        const struct vg_date end = check_latest_end(b);
        char parallel[16], lead[16];

        if (vg_date_compare(leave->complete_by, end) > 0)
                wrong_order(b, VG_REFUSAL_EXIT_AFTER_END, leave->complete_by, end,
                            "term.exit_transition.complete_by");
        snprintf(parallel, sizeof(parallel), "%d", leave->parallel_days);
        snprintf(lead, sizeof(lead), "%d", leave->lead_days);
        if (leave->parallel_days > leave->lead_days)
                report_member(b->report, VG_REFUSAL_PARALLEL_OVER_LEAD, parallel, lead, NULL,
                              "term.exit_transition.parallel_days");
}

void check_term(struct build *b)
{
        const struct vg_contract *c = b->contract;

        b->term_is_sound = vg_date_compare(c->start, c->end) <= 0;
        if (b->term_is_sound) {
                over_three_years(b, c->end, "term.end_date");
                check_renewals(b);
        } else {
                wrong_order(b, VG_REFUSAL_END_BEFORE_START, c->end, c->start, "term.end_date");
        }
        if (vg_date_compare(c->start, c->signed_on) < 0)
                wrong_order(b, VG_REFUSAL_STARTS_BEFORE_SIGNATURE, c->start, c->signed_on,
                            "term.start_date");
        check_exit(b);
}

static void over_amount(struct build *b, size_t commitment, size_t amendment, int64_t cents)
{
        const struct vg_commitment *item = &b->contract->commitments[commitment];
        const int64_t cad_micro = item->values[item->n_values - 1].value;
        const bool is_cents = cad_micro % 10000 == 0; /* as money is written, where it is money */
        char value[64], amount[64], path[96];

        vg_decimal_format(is_cents ? cad_micro / 10000 : cad_micro, is_cents ? 2 : 6, value,
                          sizeof(value));
        vg_decimal_format(cents, 2, amount, sizeof(amount));
        if (amendment == SIZE_MAX)
                snprintf(path, sizeof(path), "minimum_commitments[%zu].value", commitment);
        else
                snprintf(path, sizeof(path), "amendments[%zu].changes", amendment);
        report_member(b->report, VG_REFUSAL_COMMITMENT_OVER_AMOUNT, item->id, value, amount, "%s",
                      path);
}

void check_money(struct build *b, size_t amendment)
{
        const struct vg_contract *c = b->contract;
        const struct vg_amendment *a = amendment == SIZE_MAX ? NULL : &c->amendments[amendment];
        const int64_t cents = c->amounts[c->n_amounts - 1].value;

        if (cents <= 0 && (!a || a->changes_amount)) {
                if (a)
                        report_member(b->report, VG_REFUSAL_AMOUNT_NOT_POSITIVE, NULL, NULL, NULL,
                                      "amendments[%zu].changes.authorised_amount", amendment);
                else
                        report_member(b->report, VG_REFUSAL_AMOUNT_NOT_POSITIVE, NULL, NULL, NULL,
                                      "money.authorised_amount");
        }
        if (cents <= 0) /* every amount is above it; that has been told */
                return;
        for (size_t i = 0; i < c->n_commitments; i++) {
                const struct vg_commitment *item = &c->commitments[i];
                const struct vg_dated *value = &item->values[item->n_values - 1];
                const bool is_new = !a || a->changes_amount || value->source == a->id;
                if (is_new && item->basis != VG_BASIS_QUANTITY_MONTH &&
                    value->value > cents * 10000)
                        over_amount(b, i, amendment, cents);
        }
}
