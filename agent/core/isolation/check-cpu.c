/* SPDX-License-Identifier: Apache-2.0 */

/* check-cpu: who may run on whose processors (CPU-01 to CPU-04). Domains of one tenant with the same
 * masks are one class; what is compared is a dedicated class with every different mask, of which a
 * host has few. */

#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "conf.h"
#include "cpu.h"
#include "vigie/mem.h"

struct classes {
        const struct judge *j;
        uint32_t *order; /* domains, by class */
        size_t *from;    /* where each class begins; one more at the end */
        size_t n;
        size_t *group; /* the first class of each set with one mask of all threads; one more */
        size_t n_groups;
};

static int by_class(const struct judge *j, uint32_t a, uint32_t b)
{
        const struct mask *x = &j->masks->of[a], *y = &j->masks->of[b];
        const size_t bytes = j->masks->n_words * sizeof(uint64_t);
        const uint32_t p = j->domains[a].owner, q = j->domains[b].owner;
        int order = memcmp(x->all, y->all, bytes);

        if (order == 0)
                order = (p > q) - (p < q);
        if (order == 0)
                order = memcmp(x->guest, y->guest, bytes);
        return order ? order : x->unsure - y->unsure;
}

static void sort_domains(const struct judge *j, uint32_t *at, uint32_t *room, size_t n)
{
        const size_t half = n / 2;

        if (n < 2)
                return;
        sort_domains(j, at, room, half);
        sort_domains(j, at + half, room, n - half);
        memcpy(room, at, half * sizeof(*at));
        for (size_t i = 0, k = half, to = 0; i < half;)
                at[to++] = k < n && by_class(j, at[k], room[i]) < 0 ? at[k++] : room[i++];
}

static uint32_t first_of(const struct classes *classes, size_t class)
{
        return classes->order[classes->from[class]];
}

static bool same_threads(const struct classes *classes, size_t a, size_t b)
{
        const struct masks *masks = classes->j->masks;

        return memcmp(masks->of[first_of(classes, a)].all, masks->of[first_of(classes, b)].all,
                      masks->n_words * sizeof(uint64_t)) == 0;
}

static bool classes_init(struct judge *j, struct classes *classes)
{
        const size_t n = j->n_domains;

        *classes = (struct classes){
                .j = j,
                .order = calloc(2 * n + 1, sizeof(*classes->order)),
                .from = calloc(n + 1, sizeof(*classes->from)),
                .group = calloc(n + 1, sizeof(*classes->group)),
        };
        if (!classes->order || !classes->from || !classes->group) {
                j->failed = true;
                return false;
        }
        for (uint32_t i = 0; i < n; i++)
                classes->order[i] = i;
        sort_domains(j, classes->order, classes->order + n, n);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || by_class(j, classes->order[i - 1], classes->order[i]) != 0)
                        classes->from[classes->n++] = i;
        classes->from[classes->n] = n;
        for (size_t i = 0; i < classes->n; i++)
                if (i == 0 || !same_threads(classes, i - 1, i))
                        classes->group[classes->n_groups++] = i;
        classes->group[classes->n_groups] = classes->n;
        return true;
}

static void classes_done(struct classes *classes)
{
        free(classes->order);
        free(classes->from);
        free(classes->group);
}

enum { ROLE_DEDICATED, ROLE_FOREIGN };
static const struct rule rule_dedicated = { .status = VG_ISO_FAIL, .conflicts = { 2, 1 } };

static void add_class(struct judge *j, struct uses *uses, const struct classes *classes,
                      size_t class, uint8_t role, const char *name)
{
        for (size_t i = classes->from[class]; i < classes->from[class + 1]; i++)
                uses_add(
                        j, uses,
                        &(struct use){ .key = "cpu",
                                       .name = name,
                                       .domain = classes->order[i],
                                       .role = role,
                                       .where = role == ROLE_DEDICATED ? "vcpu" : "Cpus_allowed" });
}

/* Which foreign classes reach a dedicated one: directly, or (siblings) only by sharing a core. */
struct reach {
        const struct classes *classes;
        bool siblings;
        uint64_t *wide; /* room */
};

static const uint64_t *reached(const struct judge *j, const struct reach *reach, uint32_t mine,
                               uint32_t theirs)
{
        const struct masks *masks = j->masks;
        const uint64_t *guest = masks->of[mine].guest, *all = masks->of[theirs].all;
        const bool directly = mask_meets(masks, guest, all);

        if (!reach->siblings)
                return directly ? guest : NULL;
        return !directly && mask_meets(masks, reach->wide, all) ? reach->wide : NULL;
}

static void judge_dedicated(struct judge *j, const struct reach *reach, size_t mine)
{
        const struct classes *classes = reach->classes;
        const uint32_t me = first_of(classes, mine);
        struct uses uses = { 0 };
        const char *name = NULL;

        mask_widen(j->masks, j->masks->of[me].guest, reach->wide);
        for (size_t g = 0; g < classes->n_groups; g++) {
                const uint32_t other = first_of(classes, classes->group[g]);
                const uint64_t *on = reached(j, reach, me, other);
                for (size_t k = classes->group[g]; on && k < classes->group[g + 1]; k++) {
                        if (!differs(j, me, first_of(classes, k)))
                                continue;
                        if (!name) {
                                name = arena_printf(
                                        &j->arena, "cpu %d",
                                        mask_first(j->masks, on, j->masks->of[other].all));
                                add_class(j, &uses, classes, mine, ROLE_DEDICATED, name);
                        }
                        add_class(j, &uses, classes, k, ROLE_FOREIGN, name);
                }
        }
        uses_judge(j, &uses, &rule_dedicated);
        uses_done(&uses);
}

static bool any_dedicated(const struct judge *j)
{
        EACH_DOMAIN(i, j)
        if (is_dedicated(&j->domains[i]))
                return true;
        return false;
}

/* Whoever has a dedicated neighbour of another tenant, or is one, and was seen to the end, passes. */
static void judge_rest(struct judge *j)
{
        const char *why = N_("les fils d'un domaine en marche n'ont pas été vus");

        EACH_DOMAIN(i, j)
        if (j->masks->of[i].unsure)
                judge_unknown(j, i, why);
        else
                judge_pass(j, i);
}

static void judge_reach(struct judge *j, bool siblings)
{
        struct classes classes;
        _cleanup_free_ uint64_t *wide = calloc(j->masks->n_words, sizeof(*wide));
        const struct reach reach = { &classes, siblings, wide };

        if (!wide)
                j->failed = true;
        else if (classes_init(j, &classes))
                for (size_t i = 0; i < classes.n; i++)
                        if (is_dedicated(&j->domains[first_of(&classes, i)]))
                                judge_dedicated(j, &reach, i);
        if (wide)
                classes_done(&classes);
}

static void all_unknown(struct judge *j, const char *why)
{
        EACH_DOMAIN(i, j)
        judge_unknown(j, i, why);
}

void check_cpu_01(struct judge *j)
{
        if (!j->reg) {
                all_unknown(
                        j, N_("tenants.json n'a pas été vu : les cœurs dédiés ne sont pas connus"));
                return;
        }
        if (!any_dedicated(j))
                return;
        judge_reach(j, false);
        judge_rest(j);
}

/* Whether libvirt starts its domains so that no two share a core: 1, 0, or -1 for not seen. */
static int core_scheduling(const struct judge *j)
{
        bool any = false;

        if (!j->qemu_conf)
                return -1;
        if (!conf_is_set(j->qemu_conf, "sched_core") || conf_is(j->qemu_conf, "sched_core", "none"))
                return 0;
        /* What runs must have its cookie: 0 is none. */
        EACH_DOMAIN(i, j)
        {
                const struct process *process = j->domains[i].process;
                for (size_t k = 0; process && k < process->cookies.n; k++)
                        any |= strcmp(process->cookies.at[k], "0") == 0;
        }
        return !any;
}

void check_cpu_02(struct judge *j)
{
        const int scheduled = core_scheduling(j);

        if (!j->masks->knows_cores) {
                all_unknown(j, N_("les processeurs qui partagent un cœur n'ont pas été vus"));
                return;
        }
        if (!j->masks->has_smt)
                return;
        if (!j->reg) {
                all_unknown(
                        j, N_("tenants.json n'a pas été vu : les cœurs dédiés ne sont pas connus"));
                return;
        }
        if (!any_dedicated(j))
                return;
        if (scheduled < 0)
                all_unknown(j, N_("/etc/libvirt/qemu.conf n'a pas été vu : l'ordonnancement par "
                                  "cœur n'est pas connu"));
        if (scheduled == 0)
                judge_reach(j, true);
        judge_rest(j);
}

/* Two shared tenants on one core, at one time or another. */
static bool shared_meet(struct judge *j, const char **ret_who)
{
        const struct masks *masks = j->masks;
        uint32_t *on = malloc(masks->n_cpus * sizeof(*on)); /* the domain first seen on each core */
        _cleanup_free_ uint64_t *wide = calloc(masks->n_words, sizeof(*wide));
        bool meet = false;

        j->failed |= !on || !wide;
        if (on && wide)
                memset(on, 0xff, masks->n_cpus * sizeof(*on));
        for (uint32_t i = 0; on && wide && !meet && i < j->n_domains; i++) {
                const struct tenant *tenant = j->domains[i].tenant;
                if (tenant && (tenant->dedicated || tenant->doubts[DOUBT_COMPUTE]))
                        continue;
                mask_widen(masks, masks->of[i].all, wide);
                for (size_t cpu = 0; cpu < masks->n_cpus && !meet; cpu++) {
                        if (!(wide[cpu / 64] >> (cpu % 64) & 1))
                                continue;
                        meet = on[cpu] != UINT32_MAX && differs(j, on[cpu], i);
                        if (meet)
                                *ret_who = arena_printf(&j->arena, "%s, %s: cpu %zu",
                                                        j->domains[on[cpu]].name,
                                                        j->domains[i].name, cpu);
                        on[cpu] = i;
                }
        }
        free(on);
        return meet;
}

void check_cpu_03(struct judge *j)
{
        const int scheduled = core_scheduling(j);
        const char *who = "";

        if (!j->masks->knows_cores)
                judge_unknown(j, JUDGE_HOST,
                              N_("les processeurs qui partagent un cœur n'ont pas été vus"));
        else if (!j->masks->has_smt)
                return;
        else if (scheduled == 1 || !shared_meet(j, &who))
                judge_pass(j, JUDGE_HOST);
        else if (scheduled < 0)
                judge_unknown(j, JUDGE_HOST,
                              N_("/etc/libvirt/qemu.conf n'a pas été vu : l'ordonnancement par "
                                 "cœur n'est pas connu"));
        else
                judge_fail(j, JUDGE_HOST, "sched_core", who);
}

void check_cpu_04(struct judge *j)
{
        if (!j->reg)
                all_unknown(
                        j, N_("tenants.json n'a pas été vu : les cœurs dédiés ne sont pas connus"));
        EACH_DOMAIN(i, j)
        if (is_dedicated(&j->domains[i]))
                judge_say(j, i, !j->masks->of[i].unpinned, "",
                          N_("un vCPU sans vcpupin, ni cpuset"));
}
