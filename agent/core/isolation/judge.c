/* SPDX-License-Identifier: Apache-2.0 */

/* judge: the domains of a host and whose they are; then every check in turn. */

#include "judge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "port.h"
#include "storage.h"
#include "verdict.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { WHYS_MAX = 16 };

struct why { /* one cause of not knowing, of the check at work */
        const char *text, *data;
        uint32_t *domains;
        size_t n, size;
};

struct whys {
        struct why list[WHYS_MAX];
        size_t n;
};

static void (*const checks[])(struct judge *j) = {
#define VG_CHECK(name, ...) check_##name,
#include "checks.def"
#undef VG_CHECK
};

/* ---- results ---- */

static size_t column(const struct judge *j, uint32_t domain)
{
        return domain == JUDGE_HOST ? j->n_domains : domain;
}

static uint8_t *cell_of(const struct judge *j, uint32_t domain)
{
        return &j->status[j->check * (j->n_domains + 1) + column(j, domain)];
}

enum vg_iso_status judge_status(const struct judge *j, uint32_t domain)
{
        return *cell_of(j, domain);
}

void judge_mark(struct judge *j, uint32_t domain, enum vg_iso_status status)
{
        uint8_t *cell = cell_of(j, domain);

        if (*cell < status)
                *cell = (uint8_t)status;
}

void judge_pass(struct judge *j, uint32_t domain)
{
        judge_mark(j, domain, VG_ISO_PASS);
}

static struct why *why_of(struct whys *whys, const char *text, const char *data)
{
        for (size_t i = 0; i < whys->n; i++)
                if (strcmp(whys->list[i].text, text) == 0 && whys->list[i].data == data)
                        return &whys->list[i];
        assert(whys->n < WHYS_MAX);
        whys->list[whys->n] = (struct why){ .text = text, .data = data };
        return &whys->list[whys->n++];
}

void judge_unknown(struct judge *j, uint32_t domain, const char *text)
{
        judge_unknown_as(j, domain, text, NULL);
}

void judge_unknown_as(struct judge *j, uint32_t domain, const char *text, const char *data)
{
        struct why *why = why_of(j->whys, text, data);

        judge_mark(j, domain, VG_ISO_UNKNOWN);
        if (why->n && why->domains[why->n - 1] == domain)
                return;
        if (why->n == why->size) {
                const size_t size = why->size ? why->size * 2 : 16;
                uint32_t *more = reallocarray(why->domains, size, sizeof(*more));
                if (!more) {
                        j->failed = true;
                        return;
                }
                why->domains = more;
                why->size = size;
        }
        why->domains[why->n++] = domain;
}

void judge_add(struct judge *j, const struct vg_finding *finding)
{
        size_t n_rows;

        if (j->n_findings == j->size_findings) {
                const size_t size = j->size_findings ? j->size_findings * 2 : 64;
                struct vg_finding *more = reallocarray(j->findings, size, sizeof(*more));
                if (!more) {
                        j->failed = true;
                        return;
                }
                j->findings = more;
                j->size_findings = size;
        }
        j->findings[j->n_findings] = *finding;
        j->findings[j->n_findings++].check = &vg_check_rows(&n_rows)[j->check];
        for (size_t i = 0; i < finding->n_domains; i++)
                judge_mark(j, finding->domains[i], finding->status);
        if (!finding->n_domains)
                judge_mark(j, JUDGE_HOST, finding->status);
}

void judge_fail_as(struct judge *j, uint32_t domain, enum vg_iso_severity severity,
                   const char *resource, const char *text, const char *data)
{
        uint32_t *domains = arena_array(&j->arena, 1, sizeof(*domains));
        const char **list = arena_array(&j->arena, 2, sizeof(*list));
        const struct vg_finding finding = {
                .status = VG_ISO_FAIL,
                .severity = severity,
                .resource = arena_text(&j->arena, resource),
                .domains = domains,
                .n_domains = domain != JUDGE_HOST,
                .evidence = list,
                .n_evidence = data ? 2 : 1,
        };

        if (!domains || !list)
                return;
        domains[0] = domain;
        list[0] = arena_text(&j->arena, text);
        if (data)
                list[1] = arena_text(&j->arena, data);
        judge_add(j, &finding);
}

void judge_fail(struct judge *j, uint32_t domain, const char *resource, const char *evidence)
{
        size_t n_rows;

        judge_fail_as(j, domain, vg_check_rows(&n_rows)[j->check].severity, resource, evidence,
                      NULL);
}

void judge_say(struct judge *j, uint32_t domain, bool ok, const char *resource,
               const char *evidence)
{
        if (ok)
                judge_pass(j, domain);
        else
                judge_fail(j, domain, resource, evidence);
}

static int by_number(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

/* Of each cause one finding, with its domains. */
static void add_unknown(struct judge *j, struct why *why, enum vg_iso_severity severity)
{
        const char **evidence = arena_array(&j->arena, 2, sizeof(*evidence));
        uint32_t *domains = arena_array(&j->arena, why->n, sizeof(*domains));
        struct vg_finding finding = {
                .status = VG_ISO_UNKNOWN,
                .severity = severity,
                .resource = "",
                .domains = domains,
                .evidence = evidence,
                .n_evidence = why->data ? 2 : 1,
        };

        if (!evidence || !domains)
                return;
        evidence[0] = why->text;
        if (why->data) /* of the host, which the verdict outlives */
                evidence[1] = arena_text(&j->arena, why->data);
        qsort(why->domains, why->n, sizeof(*domains), by_number);
        for (size_t i = 0; i < why->n; i++)
                if (why->domains[i] != JUDGE_HOST &&
                    (!finding.n_domains || domains[finding.n_domains - 1] != why->domains[i]))
                        domains[finding.n_domains++] = why->domains[i];
        judge_add(j, &finding);
}

static void run_checks(struct judge *j)
{
        struct whys whys = { 0 };
        size_t n_rows;
        const struct vg_check *rows = vg_check_rows(&n_rows);

        assert(n_rows == ELEMENTSOF(checks));
        j->whys = &whys;
        for (j->check = 0; j->check < n_rows; j->check++) {
                checks[j->check](j);
                judge_doubts(j);
                for (size_t i = 0; i < whys.n; i++) {
                        add_unknown(j, &whys.list[i], rows[j->check].severity);
                        free(whys.list[i].domains);
                }
                whys.n = 0;
        }
}

/* ---- domains ---- */

static int by_name(const void *a, const void *b)
{
        const struct domain *x = a, *y = b;
        int order = strcmp(x->name, y->name);

        return order ? order : strcmp(x->uuid, y->uuid);
}

/* Tenants are numbered as in the register; nobody's domains follow, each its own. */
static void attribute(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                struct domain *domain = &j->domains[i];
                struct claims claims;
                domain->owner = (j->reg ? (uint32_t)j->reg->n_tenants : 0) + i;
                if (!j->reg)
                        continue;
                register_claims(j->reg, domain->xml, &claims);
                domain->tenant = register_choose(j->reg, &claims);
                if (domain->tenant)
                        domain->owner = (uint32_t)(domain->tenant - j->reg->tenants);
        }
}

static int find_domains(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        host_documents(j->host, "domain", &from, &to);
        j->n_domains = (uint32_t)(to - from);
        j->domains = calloc(to - from + 1, sizeof(*j->domains));
        if (!j->domains)
                return -ENOMEM;
        for (size_t i = from; i < to; i++) {
                const struct item *item = documents->at[i];
                const char *uuid = strchr(item->key, '/') + 1;
                const struct item *process = host_find(j->host, SCOPE_PROCESS, uuid);
                j->domains[i - from] = (struct domain){
                        .xml = &item->tree,
                        .devices = node_child(&item->tree, "devices"),
                        .uuid = uuid,
                        .name = node_text(&item->tree, "name"),
                        .running = item->live,
                        .hidden = item->hidden,
                        .taints = &item->taints,
                        .process = item->live && process ? &process->process : NULL,
                };
        }
        qsort(j->domains, j->n_domains, sizeof(*j->domains), by_name);
        attribute(j);
        return 0;
}

void judge_done(struct judge *j)
{
        ports_free(j->ports);
        storage_free(j->storage);
        masks_free(j->masks);
        arena_drop(&j->arena);
        free(j->domains);
        free(j->findings);
        free(j->status);
}

int judge_run(struct judge *j)
{
        const struct table *registers = &j->host->tables[SCOPE_TENANTS];
        size_t n_rows;

        (void)vg_check_rows(&n_rows);
        j->reg = registers->n ? registers->at[0]->tenants : NULL;
        j->qemu_conf = host_text(j->host, "/etc/libvirt/qemu.conf");
        if (find_domains(j) < 0)
                return -ENOMEM;
        j->status = calloc(n_rows, (size_t)j->n_domains + 1);
        j->ports = ports_new(j);
        j->storage = storage_new(j);
        j->masks = masks_new(j);
        if (!j->status || !j->ports || !j->storage || !j->masks)
                return -ENOMEM;
        run_checks(j);
        return j->failed || j->arena.failed ? -ENOMEM : 0;
}

int vg_isolation_judge(const struct vg_host *host, struct vg_verdict **ret_verdict,
                       struct vg_err *err)
{
        _cleanup_(judge_done) struct judge j = { .host = host };

        if (judge_run(&j) < 0 || verdict_make(&j, ret_verdict) < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        return 0;
}
