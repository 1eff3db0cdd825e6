/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/isolation.h"

#include <string.h>

#include "vigie/civil.h"
#include "vigie/isolation.h"
#include "vigie/tenant.h"

struct reading {
        const struct cli *cli;
        int64_t at_s, verdict_s;
        json_t *findings, *silent, *waivers; /* waivers: array, the last of a check and target */
        bool is_stale; /* somebody has been silent since the verdict, or before it */
};

static void set_time(json_t *object, const char *key, int64_t utc_s)
{
        char text[32];

        json_object_set_new(object, key, json_string(vg_utc_format(utc_s, text)));
}

/* ---- waivers ---- */

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
        return json_equal(json_object_get(a, key), json_object_get(b, key)) == 1;
}

static int take_waiver(void *ctx, const struct store_act *act)
{
        struct reading *reading = ctx;
        json_t *waiver = NULL, *other;
        size_t i;

        if (vg_floor_div(act->utc_ns, VG_NS_PER_S) > reading->at_s ||
            vg_json_parse(act->detail, strlen(act->detail), &waiver, NULL, NULL, NULL) < 0)
                return 0;
        json_object_set_new(waiver, "by", json_string(act->user));
        json_array_foreach (reading->waivers, i, other)
                if (is_same(waiver, other, "check") && is_same(waiver, other, "target")) {
                        json_array_remove(reading->waivers, i);
                        break;
                }
        json_array_append_new(reading->waivers, waiver);
        return 0;
}

/* "": all of the check; else its resource, a domain by UUID or a tenant. */
static bool is_target(const json_t *finding, const char *target)
{
        const char *resource = json_string_value(json_object_get(finding, "resource"));
        const json_t *domains = json_object_get(finding, "domains"), *domain;
        size_t i;

        if (!target[0] || (resource && strcmp(resource, target) == 0))
                return true;
        json_array_foreach (domains, i, domain) {
                const char *uuid = json_string_value(json_object_get(domain, "uuid"));
                const char *tenant = json_string_value(json_object_get(domain, "tenant"));
                if ((uuid && strcmp(uuid, target) == 0) || (tenant && strcmp(tenant, target) == 0))
                        return true;
        }
        return false;
}

static const json_t *waiver_of(const struct reading *reading, const json_t *finding)
{
        const json_t *waiver;
        size_t i;

        json_array_foreach (reading->waivers, i, waiver) {
                const char *target = NULL, *until = NULL;
                int64_t until_s;
                if (is_same(waiver, finding, "check") &&
                    vg_json_get_string(waiver, "target", &target) == 0 &&
                    vg_json_get_string(waiver, "until", &until) == 0 &&
                    vg_utc_parse(until, &until_s) == 0 && reading->at_s < until_s &&
                    is_target(finding, target))
                        return waiver;
        }
        return NULL;
}

/* ---- findings ---- */

static int take_finding(void *ctx, const struct store_iso_finding *row)
{
        struct reading *reading = ctx;
        const struct vg_check *check = vg_check_find(row->check);
        json_t *finding = NULL;

        if (vg_json_parse(row->detail, strlen(row->detail), &finding, NULL, NULL, NULL) < 0)
                return 0;
        const json_t *waiver = waiver_of(reading, finding);
        if (waiver)
                json_object_set_new(finding, "waiver",
                                    json_pack("{s:O, s:O, s:O}", "by",
                                              json_object_get(waiver, "by"), "reason",
                                              json_object_get(waiver, "reason"), "until",
                                              json_object_get(waiver, "until")));
        json_object_set_new(finding, "status", json_string(waiver ? "waived" : "fail"));
        json_object_set_new(finding, "title",
                            json_string(check ? check->title[!reading->cli->french] : row->check));
        json_object_del(finding, "at");
        json_object_del(finding, "event");
        json_object_del(finding, "host");
        json_array_append_new(reading->findings, finding);
        return 0;
}

static int take_silent(void *ctx, const struct store_unobserved *row)
{
        struct reading *reading = ctx;
        json_t *silent = json_pack("{s:s, s:s}", "cause", row->cause, "source", row->source);

        set_time(silent, "since", row->from_s);
        json_array_append_new(reading->silent, silent);
        /* A verdict that came later knew of the silence. */
        if (strcmp(row->source, "hypervisor") == 0 || reading->verdict_s <= row->from_s)
                reading->is_stale = true;
        return 0;
}

/* ---- the matrix ---- */

/* Whether all findings of a tenant and family are waived, of which there are some. */
static bool is_all_waived(const json_t *findings, const char *tenant, const char *family)
{
        const json_t *finding, *domain;
        size_t i, k;
        bool any = false;

        json_array_foreach (findings, i, finding) {
                const char *check = json_string_value(json_object_get(finding, "check"));
                const json_t *domains = json_object_get(finding, "domains");
                bool concerns = !json_array_size(domains) && strcmp(tenant, "-") == 0;

                json_array_foreach (domains, k, domain) {
                        const char *whose = json_string_value(json_object_get(domain, "tenant"));
                        concerns |=
                                whose && strcmp(whose[0] ? whose : VG_TENANT_NOBODY, tenant) == 0;
                }
                if (!concerns || !check || strlen(check) < 4 ||
                    strncmp(check + 4, family, strlen(family)) != 0 ||
                    check[4 + strlen(family)] != '-')
                        continue;
                if (strcmp(json_string_value(json_object_get(finding, "status")), "waived") != 0)
                        return false;
                any = true;
        }
        return any;
}

static void settle_cells(const struct reading *reading, json_t *tenants)
{
        const char *tenant, *family;
        json_t *row, *cell;
        void *next;

        json_object_foreach (tenants, tenant, row)
                json_object_foreach_safe(row, next, family, cell)
                {
                        const char *status = json_string_value(cell);
                        if (strcmp(status, "fail") == 0) {
                                if (is_all_waived(reading->findings, tenant, family))
                                        json_object_set_new(row, family, json_string("waived"));
                        } else if (reading->is_stale && strcmp(status, "not_applicable") != 0) {
                                json_object_set_new(row, family, json_string("not_observed"));
                        }
                }
}

static json_t *summary_of(const struct reading *reading, const json_t *checks)
{
        json_t *summary = json_object(), *value;
        const char *check;

        json_object_foreach ((json_t *)checks, check, value) {
                const char *status = json_string_value(value);
                const bool is_known =
                        strcmp(status, "fail") == 0 || strcmp(status, "not_applicable") == 0;
                if (reading->is_stale && !is_known)
                        status = "not_observed";
                const json_int_t n = json_integer_value(json_object_get(summary, status));
                json_object_set_new(summary, status, json_integer(n + 1));
        }
        return summary;
}

static json_t *state_of(const struct reading *reading, json_t *verdict)
{
        json_t *tenants = json_object_get(verdict, "tenants"),
               *host = json_object_get(verdict, "host");
        json_t *state = json_object();

        set_time(state, "at", reading->at_s);
        json_object_set(state, "findings", reading->findings);
        json_object_set(state, "observed", reading->silent);
        if (!verdict)
                return state;
        settle_cells(reading, tenants);
        json_object_set(state, "host", host);
        json_object_set_new(state, "summary",
                            summary_of(reading, json_object_get(verdict, "checks")));
        json_object_set(state, "tenants", tenants);
        set_time(state, "verdict_at", reading->verdict_s);
        return state;
}

int isolation_state(const struct cli *cli, const struct cli_view *view, int64_t at_s,
                    json_t **ret_state, struct vg_err *err)
{
        _cleanup_free_ char *detail = NULL;
        _cleanup_(vg_json_decrefp) json_t *findings = json_array();
        _cleanup_(vg_json_decrefp) json_t *silent = json_array();
        _cleanup_(vg_json_decrefp) json_t *waivers = json_array();
        _cleanup_(vg_json_decrefp) json_t *verdict = NULL;
        struct reading reading = {
                .cli = cli, .at_s = at_s, .findings = findings, .silent = silent, .waivers = waivers
        };
        int r = store_verdict_at(view->store, at_s, &reading.verdict_s, &detail, err);

        if (r == 0)
                r = vg_json_parse(detail, strlen(detail), &verdict, NULL, NULL, err);
        if (r >= 0)
                r = store_unobserved_each(view->store, at_s, take_silent, &reading, err);
        if (r >= 0)
                r = store_act_each(view->store, "isolation.waive", take_waiver, &reading, err);
        if (r >= 0)
                r = store_iso_finding_each(view->store, at_s, take_finding, &reading, err);
        if (r < 0)
                return r;
        *ret_state = state_of(&reading, verdict);
        return 0;
}

int isolation_read(struct cli *cli, const struct cli_view *view, int64_t at_s, json_t **ret_state)
{
        struct vg_err err = { 0 };

        return isolation_state(cli, view, at_s, ret_state, &err) < 0 ? cli_view_fail(cli, &err)
                                                                     : CLI_FINE;
}
