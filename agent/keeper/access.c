/* SPDX-License-Identifier: Apache-2.0 */

/* VIG-A-001: 30 days before a certificate expires, major from 7 days on, until it is renewed (one of
 * the same role, tenant and subject that holds longer) or revoked. One that has expired goes on
 * being told: somebody believes that he has access. */

#include "keeper/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/keeper.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { LOOK_S = 60, NOTICE_DAYS = 30, MAJOR_DAYS = 7 };

struct granted {
        char *fingerprint, *role, *tenant, *subject;
        int64_t until_s;
};

struct look {
        const struct keeper *keeper;
        int64_t now_s;
        struct granted *list;
        size_t n;
};

static void look_done(struct look *look)
{
        for (size_t i = 0; i < look->n; i++) {
                free(look->list[i].fingerprint);
                free(look->list[i].role);
                free(look->list[i].tenant);
                free(look->list[i].subject);
        }
        free(look->list);
}

static int take(void *ctx, const struct store_access *access)
{
        struct look *look = ctx;
        const int role = vg_role_find(access->role);
        struct granted *list;

        if (access->revoked_s || role < 0)
                return 0;
        list = reallocarray(look->list, look->n + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        look->list = list;
        list[look->n] = (struct granted){
                .fingerprint = strdup(access->fingerprint),
                .role = strdup(access->role),
                .tenant = strdup(access->tenant),
                .subject = strdup(access->subject),
                .until_s = vg_contract_access_until(look->keeper->contract, (enum vg_role)role,
                                                    access->until_s, look->now_s),
        };
        const struct granted *added = &list[look->n++];
        return added->fingerprint && added->role && added->tenant && added->subject ? 0 : -ENOMEM;
}

static bool is_renewed(const struct look *look, const struct granted *g)
{
        for (size_t i = 0; i < look->n; i++) {
                const struct granted *other = &look->list[i];
                if (other->until_s > g->until_s && strcmp(other->role, g->role) == 0 &&
                    strcmp(other->tenant, g->tenant) == 0 &&
                    strcmp(other->subject, g->subject) == 0)
                        return true;
        }
        return false;
}

static int signal_one(const struct look *look, const struct granted *g, struct vg_signals *signals)
{
        const struct vg_contract *contract = look->keeper->contract;
        const int64_t left_s = g->until_s - look->now_s;
        char key[32];

        if (left_s > NOTICE_DAYS * (int64_t)VG_DAY_S || is_renewed(look, g))
                return 0;
        snprintf(key, sizeof(key), "access-%.16s", g->fingerprint);
        struct vg_signal *s = vg_signal_add(
                signals, "VIG-A-001", key, true,
                left_s <= MAJOR_DAYS * (int64_t)VG_DAY_S ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING,
                contract ? contract->zone : NULL);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "subject", g->subject);
        vg_signal_number(s, "until", VG_PARAM_INSTANT, g->until_s);
        return 0;
}

static void look_now(struct keeper *k, int64_t utc_ns)
{
        static const char *const looked_at[] = { "VIG-A-001/access-", NULL };
        _cleanup_(look_done) struct look look = {
                .keeper = k,
                .now_s = vg_floor_div(utc_ns, VG_NS_PER_S),
        };
        _cleanup_(vg_signals_done) struct vg_signals signals = { .covers = looked_at };
        struct vg_err err = { 0 };
        int r = store_access_each(k->store, take, &look, &err);

        for (size_t i = 0; i < look.n && r == 0; i++)
                r = signal_one(&look, &look.list[i], &signals);
        if (r == 0)
                (void)watch_tell(k, &signals, utc_ns); /* has said why; the next look tries again */
        else
                keeper_store_failed(k, &err);
}

void access_wanted(struct keeper *k)
{
        k->access.wanted = true;
}

void access_tick(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();

        if (!k->access.wanted &&
            now.at_boot_ns < k->access.looked_boot_ns + LOOK_S * (uint64_t)VG_NS_PER_S)
                return;
        k->access.wanted = false;
        k->access.looked_boot_ns = now.at_boot_ns;
        look_now(k, now.at_utc_ns);
}
