/* SPDX-License-Identifier: Apache-2.0 */

/* The contract's clock: end, exit transition, amendments in force. All of it begins at local
 * midnights. */

#include <stdio.h>
#include <string.h>

#include "core/alert/watch.h"
#include "vigie/civil.h"
#include "vigie/mem.h"

static int64_t midnight(const struct vg_contract *c, struct vg_date date, int64_t more_days)
{
        return vg_zone_midnight(c->zone, vg_date_add_days(date, more_days));
}

static void put_date(struct vg_signal *signal, const char *name, struct vg_date date)
{
        vg_signal_number(signal, name, VG_PARAM_DATE, vg_days_from_civil(date));
}

static bool is_recorded(const struct vg_contract *c, bool has, struct vg_date on, int64_t now_s)
{
        return has && now_s >= midnight(c, on, 0);
}

/* VIG-T-001: so many days before the last day, where the contract had begun by then. It ends only
 * where that day is moved: after the end it still is so, and VIG-T-006 hides it. */
static int watch_end(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);
        const int64_t left =
                vg_days_from_civil(last) - vg_days_from_civil(vg_zone_date(c->zone, view->now_s));

        for (size_t i = 0; i < c->n_term_days; i++) {
                const int days = c->term_days_before_end[i];
                const int64_t from_s = midnight(c, last, -days);
                char key[32];

                if (view->now_s < from_s || from_s < c->start_s)
                        continue;
                snprintf(key, sizeof(key), "end-%dd", days);
                struct vg_signal *s = vg_signal_add(signals, "VIG-T-001", key, true,
                                                    days <= 30   ? VG_SEVERITY_MAJOR
                                                    : days <= 90 ? VG_SEVERITY_WARNING
                                                                 : VG_SEVERITY_INFO,
                                                    c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_text(s, "contract", c->id);
                vg_signal_number(s, "days", VG_PARAM_COUNT, left > 0 ? left : 0);
                put_date(s, "end", last);
        }
        return 0;
}

/* VIG-T-006 */
static int watch_ended(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);

        if (view->now_s < vg_contract_end_at(c, view->now_s)->value ||
            is_recorded(c, c->has_handed_over, c->handed_over_on, view->now_s))
                return 0;
        struct vg_signal *s = vg_signal_add(signals, "VIG-T-006", "contract-ended", true,
                                            VG_SEVERITY_CRITICAL, c->zone);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "contract", c->id);
        put_date(s, "end", last);
        put_date(s, "keep_until",
                 vg_zone_date(c->zone, vg_contract_kept_until(c, view->now_s) - 1));
        return 0;
}

/* VIG-T-002: time to plan, and planning has not begun. */
static int watch_planning(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_exit *e = &c->exit;

        if (e->decision == VG_EXIT_NONE_NEEDED ||
            is_recorded(c, e->has_started, e->planning_started_on, view->now_s) ||
            view->now_s < midnight(c, e->complete_by, -e->lead_days))
                return 0;
        struct vg_signal *s = vg_signal_add(signals, "VIG-T-002", "exit-planning", true,
                                            VG_SEVERITY_MAJOR, c->zone);
        if (!s)
                return -ENOMEM;
        put_date(s, "complete_by", e->complete_by);
        vg_signal_text(s, "contract", c->id);
        vg_signal_number(s, "lead", VG_PARAM_COUNT, e->lead_days);
        return 0;
}

/* VIG-T-003, T-004: both contracts must run in parallel; the exit is overdue. */
static int watch_exit(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;
        const struct vg_exit *e = &c->exit;
        struct vg_signal *s;

        if (e->decision == VG_EXIT_NONE_NEEDED || e->decision == VG_EXIT_SAME_SUPPLIER ||
            is_recorded(c, e->has_completed, e->completed_on, view->now_s))
                return 0;
        if (view->now_s >= midnight(c, e->complete_by, -e->parallel_days)) {
                s = vg_signal_add(signals, "VIG-T-003", "exit-parallel", true, VG_SEVERITY_MAJOR,
                                  c->zone);
                if (!s)
                        return -ENOMEM;
                put_date(s, "complete_by", e->complete_by);
                vg_signal_text(s, "contract", c->id);
                vg_signal_number(s, "parallel", VG_PARAM_COUNT, e->parallel_days);
        }
        if (view->now_s >= midnight(c, e->complete_by, 1)) {
                s = vg_signal_add(signals, "VIG-T-004", "exit-overdue", true, VG_SEVERITY_CRITICAL,
                                  c->zone);
                if (!s)
                        return -ENOMEM;
                put_date(s, "complete_by", e->complete_by);
                vg_signal_text(s, "contract", c->id);
                put_date(s, "end", vg_contract_last_day_at(c, view->now_s));
        }
        return 0;
}

/* What an amendment without a note changes: "montant autorisé, 2 prix". */
static void summarise(const struct vg_amendment *a, bool french, char *buf, size_t size)
{
        const struct {
                size_t n; /* 0: not changed */
                bool counted;
                const char *one[2], *many[2];
        } parts[] = {
                { a->changes_amount,
                  false,
                  { "montant autorisé", "authorised amount" },
                  { "", "" } },
                { a->changes_end, false, { "date de fin", "end date" }, { "", "" } },
                { a->n_prices, true, { "prix", "price" }, { "prix", "prices" } },
                { a->n_added_prices,
                  true,
                  { "prix ajouté", "price added" },
                  { "prix ajoutés", "prices added" } },
                { a->n_added_components,
                  true,
                  { "composant qualifié ajouté", "qualified component added" },
                  { "composants qualifiés ajoutés", "qualified components added" } },
                { a->n_quotas, true, { "quota", "quota" }, { "quotas", "quotas" } },
                { a->n_commitments,
                  true,
                  { "engagement", "commitment" },
                  { "engagements", "commitments" } },
        };
        size_t n = 0;

        buf[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                const char *const *words = parts[i].n > 1 ? parts[i].many : parts[i].one;
                char count[32] = "";

                if (!parts[i].n)
                        continue;
                if (parts[i].counted)
                        snprintf(count, sizeof(count), "%zu\xc2\xa0", parts[i].n);
                n += (size_t)snprintf(buf + n, size - n, "%s%s%s", n ? ", " : "", count,
                                      words[!french]);
        }
}

/* VIG-C-008. Its summary is the amendment's own note, where it has one. */
static int watch_amendments(const struct vg_watch_view *view, struct vg_signals *signals)
{
        const struct vg_contract *c = view->contract;

        for (size_t i = 0; i < c->n_amendments; i++) {
                const struct vg_amendment *a = &c->amendments[i];
                char fr[256], en[256];

                if (view->now_s < a->effective_s)
                        continue;
                struct vg_signal *s =
                        vg_signal_add(signals, "VIG-C-008", a->id, true, VG_SEVERITY_INFO, c->zone);
                if (!s)
                        return -ENOMEM;
                vg_signal_text(s, "amendment", a->id);
                put_date(s, "date", a->effective_on);
                summarise(a, true, fr, sizeof(fr));
                summarise(a, false, en, sizeof(en));
                vg_signal_both(s, "summary", a->note_fr ? a->note_fr : fr,
                               a->note_en ? a->note_en : en);
        }
        return 0;
}

int watch_term(const struct vg_watch_view *view, struct vg_signals *signals)
{
        static int (*const conditions[])(const struct vg_watch_view *, struct vg_signals *) = {
                watch_end, watch_ended, watch_planning, watch_exit, watch_amendments,
        };
        int r = 0;

        if (!view->has_term || !view->contract || view->now_s < view->contract->start_s)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(conditions) && r == 0; i++)
                r = conditions[i](view, signals);
        return r;
}
