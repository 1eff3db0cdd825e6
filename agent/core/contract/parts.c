/* SPDX-License-Identifier: Apache-2.0 */

/* Who, what, how long, how much: the parts of which there is one. */

#include "core/contract/parts.h"

#include <errno.h>
#include <string.h>

#include "core/contract/read.h"
#include "core/contract/words.h"

int part_thresholds(struct build *b, const json_t *array, int64_t **ret_list, size_t *ret_n)
{
        if (!NEW_LIST(b, *ret_list, *ret_n, array))
                return -ENOMEM;
        for (size_t i = 0; i < *ret_n; i++)
                (void)vg_decimal_parse(json_string_value(json_array_get(array, i)), 6,
                                       &(*ret_list)[i]);
        return 0;
}

int part_dated(struct build *b, int64_t value, struct vg_dated **ret_list, size_t *ret_n)
{
        struct vg_dated *list = build_grow(b, NULL, 0, sizeof(*list));

        if (!list)
                return -ENOMEM;
        list[0] = (struct vg_dated){ .from = b->contract->start, .value = value };
        *ret_list = list;
        *ret_n = 1;
        return 0;
}

static int identifiers(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "identifiers");
        struct vg_contract *c = b->contract;

        c->schema_version = read_version(b->tree);
        c->revision = json_integer_value(json_object_get(b->tree, "revision"));
        c->id = build_text(o, "contract_id");
        c->framework_id = build_text(o, "framework_agreement_id");
        c->seao_notice = build_text(o, "seao_notice");
        c->legal_basis = build_text(o, "legal_basis");
        c->previous_id = build_text(o, "previous_contract_id");
        c->successor_id = build_text(o, "successor_contract_id");
        c->improves_id = build_text(o, "improves_contract_id");
        return 0;
}

static struct vg_party party(const json_t *o)
{
        return (struct vg_party){
                .name_fr = build_text(o, "name_fr"),
                .name_en = build_text(o, "name_en"),
                .neq = build_text(o, "neq"),
                .email = build_text(o, "email"),
                .verify_key = build_text(o, "verify_key"),
                .is_rcti_subject = json_is_true(json_object_get(o, "rcti_subject")),
        };
}

static int parties(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "parties");

        b->contract->client = party(json_object_get(o, "client"));
        b->contract->supplier = party(json_object_get(o, "supplier"));
        b->contract->broker = party(json_object_get(o, "broker"));
        return 0;
}

static int site(struct build *b, const json_t *o, struct vg_site *site)
{
        const json_t *array = json_object_get(o, "appliances");

        site->id = build_text(o, "id");
        site->name = build_text(o, "name");
        if (!NEW_LIST(b, site->appliances, site->n_appliances, array))
                return -ENOMEM;
        for (size_t i = 0; i < site->n_appliances; i++)
                site->appliances[i] = json_string_value(json_array_get(array, i));
        return 0;
}

static int solution(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "solution");
        const json_t *sites = json_object_get(o, "sites");
        struct vg_contract *c = b->contract;

        c->offer_id = build_text(o, "offer_id");
        c->solution_fr = build_text(o, "name_fr");
        c->solution_en = build_text(o, "name_en");
        c->mode = build_text(o, "mode");
        c->minimum_configuration = build_text(o, "minimum_configuration_ref");
        c->has_sheet_date = build_date(o, "catalogue_sheet_date", &c->sheet_date);
        c->public_cloud_allowed = strcmp(build_text(o, "public_cloud_link"), "allowed") == 0;
        if (!NEW_LIST(b, c->sites, c->n_sites, sites))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_sites; i++)
                if (site(b, json_array_get(sites, i), &c->sites[i]) < 0)
                        return -ENOMEM;
        return 0;
}

static void exit_transition(const json_t *o, struct vg_exit *exit)
{
        const char *decision = build_text(o, "decision");

        build_date(o, "complete_by", &exit->complete_by);
        exit->lead_days = build_int(o, "lead_days", 0);
        exit->parallel_days = build_int(o, "parallel_days", 0);
        exit->decision = decision ? word_exit(decision) : VG_EXIT_UNDECIDED;
        exit->has_started = build_date(o, "planning_started_on", &exit->planning_started_on);
        exit->has_completed = build_date(o, "completed_on", &exit->completed_on);
}

static int term(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "term");
        const json_t *renewals = json_object_get(o, "renewals");
        struct vg_contract *c = b->contract;

        build_date(o, "signed_on", &c->signed_on);
        build_date(o, "start_date", &c->start);
        build_date(o, "end_date", &c->end);
        c->zone_name = build_text(o, "timezone");
        exit_transition(json_object_get(o, "exit_transition"), &c->exit);
        if (!NEW_LIST(b, c->renewals, c->n_renewals, renewals))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_renewals; i++) {
                const json_t *item = json_array_get(renewals, i);
                struct vg_renewal *renewal = &c->renewals[i];
                renewal->id = build_text(item, "id");
                build_date(item, "exercise_by", &renewal->exercise_by);
                build_date(item, "new_end_date", &renewal->new_end);
                renewal->is_exercised = build_date(item, "exercised_on", &renewal->exercised_on);
        }
        return part_dated(b, vg_days_from_civil(c->end), &c->ends, &c->n_ends);
}

static int money(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "money");
        struct vg_contract *c = b->contract;

        c->increase_notice_pct_micro = 10 * INT64_C(1000000);
        if (build_text(o, "amendment_increase_notice_pct"))
                c->increase_notice_pct_micro = build_decimal(o, "amendment_increase_notice_pct", 6);
        return part_dated(b, build_decimal(o, "authorised_amount", 2), &c->amounts, &c->n_amounts);
}

static int metering(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "metering");

        b->contract->interval_s = build_int(o, "interval_seconds", 0);
        b->contract->close_after_hours = build_int(o, "close_after_hours", 0);
        b->contract->heartbeat_required = strcmp(build_text(o, "heartbeat"), "required") == 0;
        return 0;
}

static int falling(const void *a, const void *b)
{
        const int *x = a, *y = b;

        return *y < *x ? -1 : *y > *x;
}

static int alerts(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "alerts");
        const json_t *days = json_object_get(o, "term_days_before_end");
        const json_t *forecast = json_object_get(o, "forecast");
        const json_t *renotify = json_object_get(o, "renotify_hours");
        struct vg_contract *c = b->contract;

        c->forecast_enabled = json_is_true(json_object_get(forecast, "enabled"));
        c->forecast_confidence_pct = build_int(forecast, "confidence_pct", 80);
        c->forecast_min_history_days = build_int(forecast, "min_history_days", 28);
        for (enum vg_severity s = 0; s < VG_SEVERITY_N; s++)
                c->renotify_hours[s] = build_int(renotify, vg_severity_name(s), -1);
        if (!NEW_LIST(b, c->term_days_before_end, c->n_term_days, days))
                return -ENOMEM;
        for (size_t i = 0; i < c->n_term_days; i++)
                c->term_days_before_end[i] = (int)json_integer_value(json_array_get(days, i));
        qsort(c->term_days_before_end, c->n_term_days, sizeof(int), falling);
        return part_thresholds(b, json_object_get(o, "amount_thresholds_pct"),
                               &c->amount_thresholds_pct_micro, &c->n_amount_thresholds);
}

static int duties(struct build *b)
{
        const json_t *o = json_object_get(b->tree, "security_compliance");
        struct vg_contract *c = b->contract;

        c->has_attestation = build_date(o, "last_attested_on", &c->last_attested_on);
        c->attestation_interval_days = build_int(o, "interval_days", 0);
        c->retention_years = build_int(json_object_get(b->tree, "retention"), "years_after_end", 7);
        return 0;
}

int build_parts(struct build *b)
{
        /* The term comes early: first values hold from its start. */
        static part_fn *const parts[] = {
                identifiers,    parties,          solution,        term,
                money,          metering,         alerts,          duties,
                part_prices,    part_recurring,   part_components, part_tenants,
                part_quotas,    part_commitments, part_recipients, part_amendments,
                part_orders,    part_termination, part_documents,  part_service_levels,
                part_reporting,
        };
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
                r = parts[i](b);
        return r;
}
