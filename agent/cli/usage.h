/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage: consumption as `vigie usage` shows it: periods of local time, in each what was measured of
 * it, and a row per tenant and resource. What was not measured is never shown as zero. */

#include "cli/names.h"
#include "cli/view.h"
#include "vigie/meter.h"
#include "vigie/rating.h"

enum usage_by { USAGE_BY_HOUR, USAGE_BY_DAY, USAGE_BY_MONTH };

struct usage_period {
        int64_t from_s, to_s;
        int64_t expected_s; /* of it that is past and whose record is due */
        int64_t covered_s;  /* of it that was measured */
        int64_t recorded_s; /* of it in intervals of which anything was measured */
        bool open;          /* holds the interval that is still open */
        int64_t cause_s;    /* longest gap within; 0: none recorded */
        uint32_t cause;     /* in names */
};

struct usage_row {
        size_t period;
        uint32_t tenant, resource; /* in names */
        int64_t micro;
        enum vg_quality quality;
        bool open;     /* holds an amount of the open interval */
        bool has_cost; /* priced, and within the term */
        int64_t cents; /* of a month: as its statement; of less: half up, for reading */
};

struct usage {
        enum usage_by by;
        int64_t from_s, to_s;
        int64_t *edges; /* n_periods + 1 */
        struct usage_period *periods;
        size_t n_periods;
        struct usage_row *rows; /* by period, tenant, resource */
        size_t n_rows, size;
        struct cli_names names; /* of tenants, resources and causes, sorted */
        int64_t open_at_s;      /* when the open interval was last written; 0: never */
};

struct usage_query {
        enum usage_by by;
        const char *tenant, *resource; /* NULL: all */
        const char *from, *to;         /* as typed; NULL: this month until now */
};

/* CLI_FINE, or an exit code after having said why. */
int usage_read(struct cli *cli, const struct cli_view *view, const struct usage_query *query,
               struct usage *ret_usage);
void usage_done(struct usage *usage);

static inline const char *usage_name(const struct usage *usage, uint32_t number)
{
        return usage->names.texts[number];
}

/* Fills the costs (usage-cost.c). 0 or -errno. */
int usage_price(const struct cli_view *view, struct usage *usage, struct vg_err *err);

/* Bounds and edges (usage-time.c). */
int usage_edges(struct cli *cli, const struct cli_view *view, const struct usage_query *query,
                struct usage *usage);
/* "2026-11", "2026-11-23", "2026-11-23 13 h" */
char *usage_period_name(const struct cli *cli, const struct cli_view *view,
                        const struct usage *usage, size_t period, char buf[CLI_TEXT]);

int usage_print(struct cli *cli, const struct cli_view *view, const struct usage *usage);
int usage_print_json(struct cli *cli, const struct cli_view *view, const struct usage *usage);
int usage_print_csv(struct cli *cli, const struct cli_view *view, const struct usage *usage);
