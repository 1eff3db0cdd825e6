/* SPDX-License-Identifier: Apache-2.0 */

/* usage-time: from what was typed to instants, and from instants to periods of local time. */

#include <errno.h>
#include <string.h>

#include "cli/domains.h"
#include "cli/usage.h"
#include "vigie/civil.h"

enum { PERIODS_MAX = 100000 }; /* eleven years of hours */

static int parse_month(const char *text, int32_t *ret_month)
{
        struct vg_date date;
        char day[16];

        if (strlen(text) != 7)
                return -EINVAL;
        snprintf(day, sizeof(day), "%s-01", text);
        if (vg_date_parse(day, &date) < 0)
                return -EINVAL;
        *ret_month = vg_month_of(date);
        return 0;
}

/* A month, a day or an instant. until: what comes after it; a day and a month count whole. */
int cli_parse_time(struct cli *cli, const struct cli_view *view, const char *option,
                   const char *text, bool until, int64_t *ret_s)
{
        struct vg_date date;
        int32_t month;

        if (vg_date_parse(text, &date) == 0)
                *ret_s = vg_zone_midnight(view->zone, vg_date_add_days(date, until));
        else if (parse_month(text, &month) == 0)
                *ret_s = vg_zone_month_start(view->zone, month + until);
        else if (vg_utc_parse(text, ret_s) != 0)
                return option ? cli_failf(cli, CLI_USAGE, "usage",
                                          "--%s : « %s » n'est ni un jour (AAAA-MM-JJ), ni un mois "
                                          "(AAAA-MM), ni un instant UTC (AAAA-MM-JJTHH:MM:SSZ)",
                                          option, text)
                              : cli_failf(cli, CLI_USAGE, "usage",
                                          "DATE : « %s » n'est ni un jour (AAAA-MM-JJ), ni un mois "
                                          "(AAAA-MM), ni un instant UTC (AAAA-MM-JJTHH:MM:SSZ)",
                                          text);
        return CLI_FINE;
}

static int keep_first(void *ctx, const struct store_interval *interval)
{
        *(int64_t *)ctx = interval->start_s;
        return 1;
}

/* This month; its days before the first measure are no gap worth a line when nobody asked. */
static int default_from(struct cli *cli, const struct cli_view *view, enum usage_by by,
                        int64_t *ret_s)
{
        const struct vg_date today = vg_zone_date(view->zone, view->now_s);
        int64_t from = vg_zone_month_start(view->zone, vg_month_of(today)), first = view->now_s;
        struct vg_err err = { 0 };

        int r = store_interval_each(view->store, from, view->now_s, keep_first, &first, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);
        if (by == USAGE_BY_DAY)
                first = vg_zone_midnight(view->zone, vg_zone_date(view->zone, first));
        if (by == USAGE_BY_HOUR)
                first -= first % VG_HOUR_S;
        *ret_s = by == USAGE_BY_MONTH || first < from ? from : first;
        return CLI_FINE;
}

/* The end of the period that holds an instant. */
static int64_t next_edge(const struct cli_view *view, enum usage_by by, int64_t at_s)
{
        const struct vg_date date = vg_zone_date(view->zone, at_s);

        if (by == USAGE_BY_HOUR)
                return vg_floor_div(at_s, VG_HOUR_S) * VG_HOUR_S + VG_HOUR_S;
        if (by == USAGE_BY_DAY)
                return vg_zone_midnight(view->zone, vg_date_add_days(date, 1));
        return vg_zone_month_start(view->zone, vg_month_of(date) + 1);
}

static int make_edges(struct cli *cli, const struct cli_view *view, struct usage *usage)
{
        size_t size = 0;
        int64_t at = usage->from_s;

        while (at < usage->to_s) {
                if (usage->n_periods + 2 > size) {
                        size = size ? 2 * size : 64;
                        int64_t *edges = reallocarray(usage->edges, size, sizeof(*edges));
                        if (!edges)
                                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
                        usage->edges = edges;
                }
                usage->edges[usage->n_periods++] = at;
                at = next_edge(view, usage->by, at);
                usage->edges[usage->n_periods] = at < usage->to_s ? at : usage->to_s;
                if (usage->n_periods > PERIODS_MAX)
                        return cli_failf(
                                cli, CLI_USAGE, "usage",
                                "trop de périodes (plus de %d); rapprocher --from et --to, ou "
                                "choisir --by day ou --by month",
                                PERIODS_MAX);
        }
        return CLI_FINE;
}

int usage_edges(struct cli *cli, const struct cli_view *view, const struct usage_query *query,
                struct usage *usage)
{
        int r = query->from ? cli_parse_time(cli, view, "from", query->from, false, &usage->from_s)
                            : default_from(cli, view, query->by, &usage->from_s);

        if (r != CLI_FINE)
                return r;
        usage->by = query->by;
        usage->to_s = next_edge(view, query->by, view->now_s);
        if (query->to) {
                r = cli_parse_time(cli, view, "to", query->to, true, &usage->to_s);
                if (r != CLI_FINE)
                        return r;
        }
        if (usage->from_s >= usage->to_s)
                return cli_failf(cli, CLI_USAGE, "usage", "--from doit précéder --to");
        return make_edges(cli, view, usage);
}

char *usage_period_name(const struct cli *cli, const struct cli_view *view,
                        const struct usage *usage, size_t period, char buf[CLI_TEXT])
{
        const int64_t from = usage->periods[period].from_s;
        char text[40];

        if (usage->by == USAGE_BY_HOUR)
                return cli_when(cli, view->zone, from, buf);
        vg_zone_format(view->zone, from, text);
        snprintf(buf, CLI_TEXT, "%.*s", usage->by == USAGE_BY_MONTH ? 7 : 10, text);
        return buf;
}
