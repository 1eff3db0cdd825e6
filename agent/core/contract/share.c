/* SPDX-License-Identifier: Apache-2.0 */

/* share: one volume that several appliances see, moment by moment (vigie/merge.h). What is told of a
 * moment is the same whatever was told first, so the order of the rows does not matter but for ties. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/num.h"
#include "vigie/text.h"

#define KIB_MAX (INT64_C(1) << 43) /* 8 EiB */

/* ---- stretches as text ---- */

void vg_seen_write(struct vg_buf *text, const struct vg_seen *seen)
{
        vg_buf_printf(text, "%" PRId32 "-%" PRId32 ":%" PRId64 "%s", seen->from_s, seen->to_s,
                      seen->kib, seen->free ? "f" : "");
}

/* Digits, and behind them `end`. */
static bool take_number(const char **at, int64_t most, int64_t *ret_value)
{
        const char *digit = *at;
        int64_t value = 0;

        for (; *digit >= '0' && *digit <= '9' && value <= most; digit++)
                value = 10 * value + (*digit - '0');
        if (digit == *at || value > most)
                return false;
        *at = digit;
        *ret_value = value;
        return true;
}

static bool take(const char **at, char c)
{
        const bool is = **at == c;

        *at += is;
        return is;
}

int vg_seen_next(const char **at, struct vg_seen *ret_seen)
{
        int64_t from_s, to_s, kib;

        if (!**at)
                return 1;
        if (!take_number(at, VG_DAY_S, &from_s) || !take(at, '-') ||
            !take_number(at, VG_DAY_S, &to_s) || !take(at, ':') || from_s >= to_s)
                return -EINVAL;
        const bool below = take(at, '-');
        if (!take_number(at, KIB_MAX, &kib))
                return -EINVAL;
        *ret_seen = (struct vg_seen){ (int32_t)from_s, (int32_t)to_s, below ? -kib : kib,
                                      take(at, 'f') };
        return !**at || (take(at, ';') && **at) ? 0 : -EINVAL;
}

/* ---- groups: the rows of one appliance and tenant ---- */

struct group {
        size_t first, n;     /* its rows */
        vg_i128 held, freed; /* KiB, at the moment that is looked at */
        vg_i128 had, counts; /* KiB x seconds so far */
};

struct change { /* of what a group sees */
        int32_t at_s;
        size_t group;
        int64_t kib;
        bool free;
};

struct sharing {
        struct vg_merge_row *const *rows;
        struct group *groups;
        struct change *changes;
        size_t n_groups, n_changes, size;
};

static void sharing_done(struct sharing *s)
{
        free(s->groups);
        free(s->changes);
}

static bool is_of_one(const struct vg_merge_row *a, const struct vg_merge_row *b)
{
        return strcmp(a->appliance, b->appliance) == 0;
}

static const char *tenant_of(const struct sharing *s, size_t group)
{
        return s->rows[s->groups[group].first]->tenant;
}

static int add_change(struct sharing *s, const struct change *change)
{
        if (s->n_changes == s->size) {
                const size_t size = s->size ? 2 * s->size : 16;
                struct change *changes = reallocarray(s->changes, size, sizeof(*changes));
                if (!changes)
                        return -ENOMEM;
                s->changes = changes;
                s->size = size;
        }
        s->changes[s->n_changes++] = *change;
        return 0;
}

static int add_changes(struct sharing *s, size_t group, const char *text)
{
        struct vg_seen seen;
        int r, added = 0;

        while ((r = vg_seen_next(&text, &seen)) == 0 && added == 0) {
                const struct change begin = { seen.from_s, group, seen.kib, seen.free },
                                    end = { seen.to_s, group, -seen.kib, seen.free };
                added = add_change(s, &begin);
                if (added == 0)
                        added = add_change(s, &end);
        }
        return added < 0 ? added : r < 0 ? r : 0;
}

static int read_groups(struct sharing *s, size_t n)
{
        int r = 0;

        s->groups = calloc(n, sizeof(*s->groups));
        if (!s->groups)
                return -ENOMEM;
        for (size_t i = 0; i < n && r == 0; i++) {
                if (i == 0 || !is_of_one(s->rows[i - 1], s->rows[i]) ||
                    strcmp(s->rows[i - 1]->tenant, s->rows[i]->tenant) != 0)
                        s->groups[s->n_groups++].first = i;
                s->groups[s->n_groups - 1].n++;
                r = add_changes(s, s->n_groups - 1, s->rows[i]->seen);
        }
        return r;
}

/* ---- moment by moment ---- */

static int by_time(const void *a, const void *b)
{
        const struct change *x = a, *y = b;

        return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

/* Nobody of its tenant has more of it, and no appliance before it as much. */
static bool holds_for_tenant(const struct sharing *s, size_t group)
{
        const vg_i128 held = s->groups[group].held;

        for (size_t i = 0; i < s->n_groups; i++)
                if (strcmp(tenant_of(s, i), tenant_of(s, group)) == 0 &&
                    (s->groups[i].held > held || (s->groups[i].held == held && i < group)))
                        return false;
        return held > 0;
}

static void count_moment(struct sharing *s, int32_t length_s)
{
        size_t freest = s->n_groups;
        bool held = false;

        for (size_t i = 0; i < s->n_groups; i++) {
                struct group *g = &s->groups[i];
                g->had += length_s * ((g->held > 0 ? g->held : 0) + (g->freed > 0 ? g->freed : 0));
                if (holds_for_tenant(s, i))
                        g->counts += length_s * g->held;
                held |= g->held > 0;
                if (g->freed > 0 && (freest == s->n_groups || g->freed > s->groups[freest].freed))
                        freest = i;
        }
        if (!held && freest < s->n_groups)
                s->groups[freest].counts += length_s * s->groups[freest].freed;
}

static void count_moments(struct sharing *s)
{
        if (s->n_changes)
                qsort(s->changes, s->n_changes, sizeof(*s->changes), by_time);
        for (size_t i = 0; i < s->n_changes; i++) {
                const struct change *change = &s->changes[i];
                struct group *group = &s->groups[change->group];
                if (i > 0 && change->at_s > change[-1].at_s)
                        count_moment(s, change->at_s - change[-1].at_s);
                if (change->free)
                        group->freed += change->kib;
                else
                        group->held += change->kib;
        }
}

/* A running sum, so that the rows of a group come to what the group does. */
static int give(const struct sharing *s, const struct group *group)
{
        vg_i128 so_far = 0, given = 0, product;

        for (size_t i = group->first; i < group->first + group->n; i++) {
                if (vg_add_i128(so_far, s->rows[i]->micro, &so_far) < 0 ||
                    vg_mul_i128(so_far, group->counts, &product) < 0)
                        return -ERANGE;
                if (group->counts == group->had)
                        product = so_far;
                else
                        product = vg_round_half_up(product, group->had);
                s->rows[i]->counts = (int64_t)(product - given);
                given = product;
        }
        return 0;
}

/* ---- without moments ---- */

static void give_to_most(struct vg_merge_row *const *rows, size_t n)
{
        const struct vg_merge_row *most = NULL;
        vg_i128 largest = 0;

        for (size_t i = 0, next; i < n; i = next) {
                vg_i128 sum = 0;
                for (next = i; next < n && is_of_one(rows[i], rows[next]); next++)
                        sum += rows[next]->micro;
                if (!most || sum > largest) {
                        most = rows[i];
                        largest = sum;
                }
        }
        for (size_t i = 0; i < n; i++)
                rows[i]->counts = is_of_one(rows[i], most) ? rows[i]->micro : 0;
}

int vg_share(struct vg_merge_row *const *rows, size_t n)
{
        _cleanup_(sharing_done) struct sharing s = { .rows = rows };
        bool several = false, told = true;
        int r;

        for (size_t i = 0; i < n; i++) {
                rows[i]->counts = rows[i]->micro;
                several |= !is_of_one(rows[i], rows[0]);
                told &= *rows[i]->seen != '\0';
        }
        if (!several)
                return 0;
        if (!told) {
                give_to_most(rows, n);
                return 0;
        }
        r = read_groups(&s, n);
        if (r == 0)
                count_moments(&s);
        for (size_t i = 0; i < s.n_groups && r == 0; i++)
                r = give(&s, &s.groups[i]);
        return r;
}
