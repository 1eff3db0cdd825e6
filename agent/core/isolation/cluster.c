/* SPDX-License-Identifier: Apache-2.0 */

#include "cluster.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "vigie/mem.h"

enum { EVIDENCE_MAX = 16 };

const struct rule rule_any = { .status = VG_ISO_FAIL, .conflicts = { 1 } };

void uses_done(struct uses *uses)
{
        free(uses->list);
        *uses = (struct uses){ 0 };
}

void uses_add(struct judge *j, struct uses *uses, const struct use *use)
{
        if (uses->n == uses->size) {
                const size_t size = uses->size ? uses->size * 2 : 256;
                struct use *more = reallocarray(uses->list, size, sizeof(*more));
                if (!more) {
                        j->failed = true;
                        return;
                }
                uses->list = more;
                uses->size = size;
        }
        uses->list[uses->n++] = *use;
}

static int by_key_alone(const void *a, const void *b)
{
        return strcmp(((const struct use *)a)->key, ((const struct use *)b)->key);
}

void uses_sort(struct uses *uses)
{
        if (uses->n)
                qsort(uses->list, uses->n, sizeof(*uses->list), by_key_alone);
}

const char *uses_look(const struct uses *uses, const char *key)
{
        const struct use wanted = { .key = key };
        const struct use *use =
                uses->n ? bsearch(&wanted, uses->list, uses->n, sizeof(wanted), by_key_alone)
                        : NULL;

        return use ? use->part : NULL;
}

static int by_key(const void *a, const void *b)
{
        const struct use *x = a, *y = b;
        int order = strcmp(x->key, y->key);

        if (order == 0)
                order = (x->domain > y->domain) - (x->domain < y->domain);
        if (order == 0)
                order = (x->role > y->role) - (x->role < y->role);
        return order ? order : strcmp(x->where, y->where);
}

/* Most keys are nobody else's. They are told apart by numbers, side by side; the uses themselves, far
 * beyond the caches, are looked at only where two numbers are the same. */
struct hashed {
        uint64_t hash;
        size_t at;
};

static int by_hash(const void *a, const void *b)
{
        const struct hashed *x = a, *y = b;
        const int order = (x->hash > y->hash) - (x->hash < y->hash);

        return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Those of one number, sorted by key: a cluster a key. */
static void tell_clusters(struct judge *j, struct use *list, size_t n, cluster_fn *fn, void *user)
{
        qsort(list, n, sizeof(*list), by_key);
        for (size_t from = 0, to; from < n; from = to) {
                bool shared = false;
                for (to = from + 1; to < n && strcmp(list[to].key, list[from].key) == 0; to++)
                        shared |= list[to].domain != list[from].domain;
                if (shared)
                        fn(j, &list[from], to - from, user);
        }
}

void uses_clusters(struct judge *j, const struct uses *uses, cluster_fn *fn, void *user)
{
        _cleanup_free_ struct hashed *order = calloc(uses->n + 1, sizeof(*order));
        _cleanup_free_ struct use *room = NULL;
        size_t size = 0;

        j->failed |= !order;
        for (size_t i = 0; order && i < uses->n; i++)
                order[i] = (struct hashed){ text_hash(uses->list[i].key), i };
        if (order && uses->n)
                qsort(order, uses->n, sizeof(*order), by_hash);
        for (size_t from = 0, to; order && from < uses->n; from = to) {
                for (to = from + 1; to < uses->n && order[to].hash == order[from].hash;)
                        to++;
                if (to - from < 2)
                        continue;
                if (to - from > size) {
                        free(room);
                        size = 2 * (to - from);
                        room = calloc(size, sizeof(*room));
                        j->failed |= !room;
                        if (!room)
                                return;
                }
                for (size_t i = from; i < to; i++)
                        room[i - from] = uses->list[order[i].at];
                tell_clusters(j, room, to - from, fn, user);
        }
}

/* ---- one cluster ---- */

/* The cluster by role, part (where the rule asks), owner and domain. skip[i] is the first of the next
 * owner, part or role; skip_part[i] of the next part or role. */
struct sorted {
        const struct judge *j;
        const struct rule *rule;
        const struct use **at, **room;
        size_t *skip, *skip_part;
        size_t from[ROLES_MAX + 1]; /* where each role begins */
        size_t n;
};

static int by_role(const struct sorted *s, const struct use *x, const struct use *y)
{
        const uint32_t p = s->j->domains[x->domain].owner, q = s->j->domains[y->domain].owner;
        int order = x->role - y->role;

        if (order == 0 && s->rule->parts_differ)
                order = strcmp(x->part, y->part);
        if (order == 0)
                order = (p > q) - (p < q);
        return order ? order : (x->domain > y->domain) - (x->domain < y->domain);
}

/* Merge sort, as qsort() hands no context on. */
static void sort_roles(const struct sorted *s, const struct use **at, size_t n)
{
        const size_t half = n / 2;

        if (n < 2)
                return;
        sort_roles(s, at, half);
        sort_roles(s, at + half, n - half);
        memcpy((void *)s->room, (const void *)at, half * sizeof(*at));
        for (size_t i = 0, k = half, to = 0; i < half;)
                at[to++] = k < n && by_role(s, at[k], s->room[i]) < 0 ? at[k++] : s->room[i++];
}

static bool same_owner(const struct sorted *s, const struct use *a, const struct use *b)
{
        if (s->rule->any_owner)
                return a->domain == b->domain;
        return !differs(s->j, a->domain, b->domain);
}

static bool same_part(const struct use *a, const struct use *b)
{
        return strcmp(a->part, b->part) == 0;
}

static void mark_bounds(struct sorted *s)
{
        size_t next = s->n, next_part = s->n;

        for (int role = 0; role <= ROLES_MAX; role++) {
                s->from[role] = s->n;
                for (size_t i = s->n; i > 0 && s->at[i - 1]->role >= role; i--)
                        s->from[role] = i - 1;
        }
        for (size_t i = s->n; i > 0; i--) {
                const struct use *use = s->at[i - 1], *after = i < s->n ? s->at[i] : NULL;
                if (after &&
                    (after->role != use->role || (s->rule->parts_differ && !same_part(after, use))))
                        next = next_part = i;
                if (after && !same_owner(s, after, use))
                        next = i;
                s->skip[i - 1] = next;
                s->skip_part[i - 1] = next_part;
        }
}

/* The first in [from, to) that conflicts with a, going over a's own at one step. */
static size_t next_conflict(const struct sorted *s, const struct use *a, size_t from, size_t to)
{
        while (from < to) {
                const struct use *b = s->at[from];
                if (s->rule->parts_differ && same_part(a, b))
                        from = s->skip_part[from];
                else if (same_owner(s, a, b))
                        from = s->skip[from];
                else
                        return from;
        }
        return to;
}

/* Both skips end with their role, and so never pass `to`. */
static bool conflicts(const struct sorted *s, const struct use *a)
{
        for (int role = 0; role < ROLES_MAX; role++)
                if (s->rule->conflicts[a->role] >> role & 1 &&
                    next_conflict(s, a, s->from[role], s->from[role + 1]) < s->from[role + 1])
                        return true;
        return false;
}

static int by_pair(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        if (x[0] != y[0])
                return x[0] < y[0] ? -1 : 1;
        return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Pairs, each once; no more than there is room for. */
static void add_pairs(struct judge *j, const struct sorted *s, struct vg_finding *finding)
{
        uint32_t(*pairs)[2] = malloc((VG_ISO_PAIRS_MAX + 1) * sizeof(*pairs));
        size_t n = 0, kept = 0;

        j->failed |= !pairs;
        for (size_t i = 0; pairs && i < s->n; i++)
                for (int role = 0; role < ROLES_MAX && n <= VG_ISO_PAIRS_MAX; role++) {
                        if (!(s->rule->conflicts[s->at[i]->role] >> role & 1))
                                continue;
                        const size_t to = s->from[role + 1];
                        for (size_t k = next_conflict(s, s->at[i], s->from[role], to);
                             k < to && n <= VG_ISO_PAIRS_MAX;
                             k = next_conflict(s, s->at[i], k + 1, to))
                                if (s->at[i]->domain < s->at[k]->domain &&
                                    differs(j, s->at[i]->domain, s->at[k]->domain)) {
                                        pairs[n][0] = s->at[i]->domain;
                                        pairs[n++][1] = s->at[k]->domain;
                                }
                }
        if (pairs && n)
                qsort(pairs, n, sizeof(*pairs), by_pair);
        for (size_t i = 0; i < n; i++)
                if (kept == 0 || by_pair(pairs[i], pairs[kept - 1]) != 0)
                        memmove(pairs[kept++], pairs[i], sizeof(*pairs));
        finding->pairs_cut = n > VG_ISO_PAIRS_MAX;
        finding->n_pairs = kept > VG_ISO_PAIRS_MAX ? VG_ISO_PAIRS_MAX : kept;
        uint32_t(*copy)[2] = arena_array(&j->arena, finding->n_pairs, sizeof(*copy));
        if (copy && finding->n_pairs)
                memcpy(copy, pairs, finding->n_pairs * sizeof(*copy));
        finding->pairs = (const uint32_t(*)[2])copy;
        free(pairs);
}

static int by_number(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

static void add_domains(struct judge *j, const struct sorted *s, struct vg_finding *finding)
{
        uint32_t *domains = arena_array(&j->arena, s->n, sizeof(*domains));
        const char **evidence = arena_array(&j->arena, EVIDENCE_MAX, sizeof(*evidence));
        size_t n = 0;

        for (size_t i = 0; domains && evidence && i < s->n; i++) {
                if (!conflicts(s, s->at[i]))
                        continue;
                domains[n++] = s->at[i]->domain;
                if (finding->n_evidence < EVIDENCE_MAX)
                        evidence[finding->n_evidence++] =
                                arena_printf(&j->arena, "%s: %s", j->domains[s->at[i]->domain].name,
                                             s->at[i]->where);
        }
        finding->evidence = evidence;
        finding->domains = domains;
        if (n)
                qsort(domains, n, sizeof(*domains), by_number);
        for (size_t i = 0; i < n; i++)
                if (!finding->n_domains || domains[finding->n_domains - 1] != domains[i])
                        domains[finding->n_domains++] = domains[i];
}

static void judge_sorted(struct judge *j, const struct sorted *s, const struct use *first,
                         enum vg_iso_severity severity)
{
        struct vg_finding finding = {
                .check = NULL,
                .status = s->rule->status,
                .severity = severity,
                .resource = first->name,
        };

        if (s->rule->status == VG_ISO_UNKNOWN) {
                for (size_t i = 0; i < s->n; i++)
                        if (conflicts(s, s->at[i]))
                                judge_unknown(j, s->at[i]->domain, s->rule->why);
                return;
        }
        add_domains(j, s, &finding);
        if (!finding.n_domains)
                return;
        add_pairs(j, s, &finding);
        judge_add(j, &finding);
}

void cluster_judge(struct judge *j, const struct use *cluster, size_t n, const struct rule *rule,
                   enum vg_iso_severity severity)
{
        _cleanup_free_ const struct use **at = calloc(n, 2 * sizeof(*at));
        _cleanup_free_ size_t *skip = calloc(n, 2 * sizeof(*skip));

        if (!at || !skip) {
                j->failed = true;
                return;
        }
        for (size_t i = 0; i < n; i++)
                at[i] = &cluster[i];

        struct sorted s = {
                .j = j,
                .rule = rule,
                .at = at,
                .room = at + n,
                .skip = skip,
                .skip_part = skip + n,
                .n = n,
        };
        sort_roles(&s, at, n);
        mark_bounds(&s);
        judge_sorted(j, &s, cluster, severity);
}

static void judge_cluster(struct judge *j, const struct use *cluster, size_t n, void *user)
{
        size_t n_rows;

        cluster_judge(j, cluster, n, user, vg_check_rows(&n_rows)[j->check].severity);
}

void uses_judge(struct judge *j, const struct uses *uses, const struct rule *rule)
{
        for (size_t i = 0; i < uses->n; i++)
                judge_pass(j, uses->list[i].domain);
        uses_clusters(j, uses, judge_cluster, (void *)rule);
}
