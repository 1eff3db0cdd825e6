/* SPDX-License-Identifier: Apache-2.0 */

#include "verdict.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct kept { /* a verdict and what it points to */
        struct vg_verdict verdict;
        struct arena arena;
};

static int by_domains(const struct vg_finding *x, const struct vg_finding *y)
{
        for (size_t i = 0; i < x->n_domains && i < y->n_domains; i++)
                if (x->domains[i] != y->domains[i])
                        return x->domains[i] < y->domains[i] ? -1 : 1;
        return (x->n_domains > y->n_domains) - (x->n_domains < y->n_domains);
}

static int by_check(const void *a, const void *b)
{
        const struct vg_finding *x = a, *y = b;

        if (x->check != y->check)
                return x->check < y->check ? -1 : 1;
        if (x->status != y->status)
                return x->status > y->status ? -1 : 1;

        int order = by_domains(x, y);
        return order ? order : strcmp(x->resource, y->resource);
}

/* What two keys of one thing gave twice (a volume with two monitors) is said once, the gravest. */
static size_t unique(struct vg_finding *list, size_t n)
{
        size_t kept = 0;

        for (size_t i = 0; i < n; i++)
                if (!kept || list[i].status == VG_ISO_UNKNOWN ||
                    by_check(&list[i], &list[kept - 1]) != 0)
                        list[kept++] = list[i];
                else if (list[kept - 1].severity < list[i].severity)
                        list[kept - 1] = list[i];
        return kept;
}

int verdict_make(struct judge *j, struct vg_verdict **ret_verdict)
{
        struct kept *kept = calloc(1, sizeof(*kept));
        struct vg_iso_domain *domains =
                kept ? arena_array(&j->arena, j->n_domains, sizeof(*domains)) : NULL;

        if (!domains) {
                free(kept);
                return -ENOMEM;
        }
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                domains[i] = (struct vg_iso_domain){
                        arena_text(&j->arena, domain->uuid),
                        arena_text(&j->arena, domain->name),
                        arena_text(&j->arena, domain->tenant ? domain->tenant->id : ""),
                };
        }
        if (j->arena.failed) {
                free(kept);
                return -ENOMEM;
        }
        if (j->n_findings)
                qsort(j->findings, j->n_findings, sizeof(*j->findings), by_check);

        const size_t n_findings = unique(j->findings, j->n_findings);
        kept->verdict = (struct vg_verdict){
                .domains = domains,
                .n_domains = j->n_domains,
                .n_findings = n_findings,
                .findings = TAKE_PTR(j->findings),
                .status = TAKE_PTR(j->status),
        };
        kept->arena = j->arena;
        j->arena = (struct arena){ 0 };
        *ret_verdict = &kept->verdict;
        return 0;
}

void vg_verdict_free(struct vg_verdict *verdict)
{
        struct kept *kept = (struct kept *)verdict;

        if (!kept)
                return;
        free((void *)verdict->findings);
        free((void *)verdict->status);
        arena_drop(&kept->arena);
        free(kept);
}

enum vg_iso_status vg_verdict_of(const struct vg_verdict *verdict, size_t check, size_t domain)
{
        assert(domain <= verdict->n_domains);
        return verdict->status[check * (verdict->n_domains + 1) + domain];
}

enum vg_iso_status vg_verdict_check(const struct vg_verdict *verdict, size_t check)
{
        enum vg_iso_status worst = VG_ISO_NOT_APPLICABLE;

        for (size_t i = 0; i <= verdict->n_domains; i++)
                if (vg_verdict_of(verdict, check, i) > worst)
                        worst = vg_verdict_of(verdict, check, i);
        return worst;
}

/* ---- JSON ---- */

static void write_domains(const struct vg_verdict *verdict, const struct vg_finding *finding,
                          struct vg_json *json)
{
        vg_json_array(json, "domains");
        for (size_t i = 0; i < finding->n_domains; i++)
                vg_json_string(json, NULL, verdict->domains[finding->domains[i]].name);
        if (!finding->n_domains)
                vg_json_string(json, NULL, "-");
        vg_json_end_array(json);
}

static void write_pairs(const struct vg_verdict *verdict, const struct vg_finding *finding,
                        struct vg_json *json)
{
        vg_json_array(json, "pairs");
        for (size_t i = 0; i < finding->n_pairs; i++) {
                vg_json_array(json, NULL);
                vg_json_string(json, NULL, verdict->domains[finding->pairs[i][0]].name);
                vg_json_string(json, NULL, verdict->domains[finding->pairs[i][1]].name);
                vg_json_end_array(json);
        }
        vg_json_end_array(json);
        if (finding->pairs_cut)
                vg_json_int(json, "pairs_cut", 1);
}

static void write_finding(const struct vg_verdict *verdict, const struct vg_finding *finding,
                          struct vg_json *json)
{
        vg_json_object(json, NULL);
        vg_json_string(json, "check", finding->check->id);
        write_domains(verdict, finding, json);
        vg_json_array(json, "evidence");
        for (size_t i = 0; i < finding->n_evidence; i++)
                vg_json_string(json, NULL, finding->evidence[i]);
        vg_json_end_array(json);
        write_pairs(verdict, finding, json);
        vg_json_string(json, "resource", finding->resource);
        vg_json_string(json, "severity", vg_iso_severity_name(finding->severity));
        vg_json_string(json, "status", vg_iso_status_name(finding->status));
        vg_json_end_object(json);
}

/* Sorted as in every finding: the host's "-" goes before the names. */
static void write_passing(const struct vg_verdict *verdict, size_t row, struct vg_json *json)
{
        vg_json_array(json, "domains");
        if (vg_verdict_of(verdict, row, verdict->n_domains) == VG_ISO_PASS)
                vg_json_string(json, NULL, "-");
        for (size_t i = 0; i < verdict->n_domains; i++)
                if (vg_verdict_of(verdict, row, i) == VG_ISO_PASS)
                        vg_json_string(json, NULL, verdict->domains[i].name);
        vg_json_end_array(json);
}

/* A check without a finding: pass with the domains that it holds for, or not applicable. */
static void write_quiet(const struct vg_verdict *verdict, const struct vg_check *check, size_t row,
                        struct vg_json *json)
{
        const enum vg_iso_status status = vg_verdict_check(verdict, row);

        vg_json_object(json, NULL);
        vg_json_string(json, "check", check->id);
        write_passing(verdict, row, json);
        vg_json_array(json, "evidence");
        vg_json_end_array(json);
        vg_json_array(json, "pairs");
        vg_json_end_array(json);
        vg_json_string(json, "resource", "");
        vg_json_string(json, "severity", vg_iso_severity_name(check->severity));
        vg_json_string(json, "status", vg_iso_status_name(status));
        vg_json_end_object(json);
}

static void write_summary(const struct vg_verdict *verdict, struct vg_json *json)
{
        size_t n_rows, count[VG_ISO_FAIL + 1] = { 0 };

        (void)vg_check_rows(&n_rows);
        for (size_t i = 0; i < n_rows; i++)
                count[vg_verdict_check(verdict, i)]++;
        vg_json_object(json, "summary");
        vg_json_int(json, "checks", (int64_t)n_rows);
        vg_json_int(json, "domains", (int64_t)verdict->n_domains);
        vg_json_int(json, "fail", (int64_t)count[VG_ISO_FAIL]);
        vg_json_int(json, "not_applicable", (int64_t)count[VG_ISO_NOT_APPLICABLE]);
        vg_json_int(json, "pass", (int64_t)count[VG_ISO_PASS]);
        vg_json_int(json, "unknown", (int64_t)count[VG_ISO_UNKNOWN]);
        vg_json_end_object(json);
}

void vg_verdict_json(const struct vg_verdict *verdict, struct vg_json *json, const char *key)
{
        size_t n_rows, at = 0;
        const struct vg_check *rows = vg_check_rows(&n_rows);

        vg_json_object(json, key);
        vg_json_array(json, "findings");
        for (size_t i = 0; i < n_rows; i++) {
                if (at == verdict->n_findings || verdict->findings[at].check != &rows[i])
                        write_quiet(verdict, &rows[i], i, json);
                while (at < verdict->n_findings && verdict->findings[at].check == &rows[i])
                        write_finding(verdict, &verdict->findings[at++], json);
        }
        vg_json_end_array(json);
        write_summary(verdict, json);
        vg_json_end_object(json);
}
