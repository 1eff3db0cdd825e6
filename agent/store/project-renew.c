/* SPDX-License-Identifier: Apache-2.0 */

/* A contract was loaded, or its end has moved: the lines of statements that are still open are made
 * again. Those of closed ones stand. Where what was measured in their months belongs to another line
 * by the contract as it is known now (an amendment that was loaded after the fact, an end that a
 * letter brought forward), the difference in quantity is a correction of the first open statement:
 * less at the one price, more at the other. */

#include <errno.h>
#include <string.h>

#include "store/lines.h"
#include "store/pricing.h"
#include "vigie/contract.h"
#include "vigie/tenant.h"

static const char nobody[] = VG_TENANT_NOBODY; /* lines are told apart by pointers */

struct renewal {
        const struct pricing *pricing;
        int32_t *from_month; /* of each contract: its first open statement */
        struct lines open;
        struct lines closed; /* of closed statements: what is due, less what stands */
        struct lines named;  /* tenants that stand in closed statements, by period */
};

static void renewal_done(struct renewal *renewal)
{
        free(renewal->from_month);
        lines_done(&renewal->open);
        lines_done(&renewal->closed);
        lines_done(&renewal->named);
}

static int32_t first_open_month(const struct vg_contract *contract, int64_t at_s)
{
        int32_t month = vg_month_of(contract->start);

        while (vg_month_close_s(contract, month) <= at_s)
                month++;
        return month;
}

/* From which statement on the lines of each contract are made again: all of them where it is new. */
static int forget_lines(struct projector *projector, const char *new_id, int64_t at_s,
                        int32_t *from_month, struct vg_err *err)
{
        const struct pricing *pricing = projector->pricing;
        int r = 0;

        for (size_t i = 0; i < pricing->n && r == 0; i++) {
                const struct vg_contract *contract = pricing->contracts[i];
                from_month[i] = new_id && strcmp(contract->id, new_id) == 0
                                        ? INT32_MIN
                                        : first_open_month(contract, at_s);
                r = project_run(projector, PROJECT_LINE_FORGET, err, V_TEXT(contract->id),
                                V_INT(from_month[i]));
        }
        return r;
}

/* ---- closed statements ---- */

static struct vg_line name_of(const char *tenant, int32_t period)
{
        return (struct vg_line){ .period_month = period, .tenant = tenant, .quantity_micro = 1 };
}

static const char *own_tenant(const struct vg_contract *contract, const char *tenant)
{
        const struct vg_tenant *known = vg_contract_tenant(contract, tenant);

        return known ? known->id : nobody;
}

/* A line that stands: contract_id, period_month, tenant, sku, price_from_s, kind, quantity_micro. */
static int subtract(void *ctx, const struct sql_rows *rows, size_t i)
{
        struct renewal *renewal = ctx;
        const struct pricing *pricing = renewal->pricing;
        size_t at = 0;

        while (at < pricing->n &&
               strcmp(pricing->contracts[at]->id, sql_cell_text(rows, i, 0)) != 0)
                at++;
        if (at == pricing->n)
                return 0;

        const struct vg_contract *contract = pricing->contracts[at];
        const struct vg_price *price = vg_contract_price(contract, sql_cell_text(rows, i, 3));
        const int kind = vg_line_kind_find(sql_cell_text(rows, i, 5));
        struct vg_line line = {
                .statement_month = renewal->from_month[at],
                .period_month = (int32_t)sql_cell_int(rows, i, 1),
                .kind = (enum vg_line_kind)kind,
                .tenant = own_tenant(contract, sql_cell_text(rows, i, 2)),
                .sku = price ? price->sku : NULL,
                .price_from_s = sql_cell_int(rows, i, 4),
        };
        if (!price || kind < 0 ||
            vg_i128_parse(sql_cell_text(rows, i, 6), &line.quantity_micro) < 0)
                return -EBADMSG;

        const struct vg_line name = name_of(line.tenant, line.period_month);
        line.quantity_micro = -line.quantity_micro;
        int r = lines_add(&renewal->closed, contract, &line);
        return r < 0 ? r : lines_add(&renewal->named, contract, &name);
}

static int read_standing(struct projector *projector, struct renewal *renewal, struct vg_err *err)
{
        return sql_each(projector->db,
                        "SELECT contract_id, period_month, tenant, sku, price_from_s, kind,"
                        " quantity_micro FROM line",
                        NULL, 0, subtract, renewal, err);
}

/* What was nobody's in a closed statement, and is somebody's now, stays there: it costs the same. */
static const char *tenant_then(const struct renewal *renewal, const struct vg_contract *contract,
                               const struct vg_line *line)
{
        const char *tenant = own_tenant(contract, line->tenant);
        const struct vg_line own = name_of(tenant, line->period_month);
        const struct vg_line other = name_of(nobody, line->period_month);

        return lines_has(&renewal->named, contract, &own) ||
                               !lines_has(&renewal->named, contract, &other)
                       ? tenant
                       : nobody;
}

/* ---- all that was measured ---- */

static int add_line(struct renewal *renewal, const struct vg_contract *contract,
                    const struct vg_line *line)
{
        size_t at = 0;

        while (renewal->pricing->contracts[at] != contract)
                at++;
        if (line->statement_month >= renewal->from_month[at])
                return lines_add(&renewal->open, contract, line);

        struct vg_line due = *line;
        due.statement_month = renewal->from_month[at];
        due.tenant = tenant_then(renewal, contract, line);
        return lines_add(&renewal->closed, contract, &due);
}

static int add_row(struct renewal *renewal, sqlite3_stmt *stmt)
{
        const struct store_usage row = {
                .start_s = sqlite3_column_int64(stmt, 0),
                .tenant = (const char *)sqlite3_column_text(stmt, 1),
                .resource = (const char *)sqlite3_column_text(stmt, 2),
                .micro = sqlite3_column_int64(stmt, 3),
        };
        const char *named = (const char *)sqlite3_column_text(stmt, 5);
        const struct vg_contract *contract;
        struct vg_line line = { 0 };

        if (!row.tenant || !row.resource || !named)
                return -EBADMSG;
        int r = pricing_place(renewal->pricing, &row, named, sqlite3_column_int64(stmt, 4),
                              &contract, &line);
        return r < 0 || !contract ? r : add_line(renewal, contract, &line);
}

static int add_rows(struct projector *projector, struct renewal *renewal, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int r = sql_prepare(projector->db,
                            "SELECT u.start_s, t.name, r.name, u.micro, p.known_s, p.contract"
                            " FROM usage_part p CROSS JOIN usage u ON u.start_s = p.start_s AND"
                            " u.tenant = p.tenant AND u.part = p.part"
                            " JOIN tenant_name t ON t.id = u.tenant"
                            " JOIN resource_name r ON r.id = u.resource",
                            &stmt, err);

        while (r == 0 && (r = sql_step(stmt, err)) == 1)
                r = add_row(renewal, stmt);
        return r < 0 ? vg_err_wrap(err, r, "tarification") : 0;
}

static int put_lines(struct projector *projector, const struct lines *lines, struct vg_err *err)
{
        int r = 0;

        for (size_t i = 0; i < lines->size && r == 0; i++)
                if (lines->sums[i].contract && lines->sums[i].line.quantity_micro)
                        r = pricing_put(projector, lines->sums[i].contract, &lines->sums[i].line,
                                        err);
        return r;
}

int pricing_renew(struct projector *projector, const char *new_id, int64_t at_s, struct vg_err *err)
{
        _cleanup_(renewal_done) struct renewal renewal = { 0 };

        pricing_free(TAKE_PTR(projector->pricing));
        int r = pricing_load(projector, err);
        if (r < 0)
                return r;

        renewal.pricing = projector->pricing;
        renewal.from_month = calloc(projector->pricing->n + 1, sizeof(int32_t));
        if (!renewal.from_month)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = forget_lines(projector, new_id, at_s, renewal.from_month, err);
        if (r == 0)
                r = read_standing(projector, &renewal, err);
        if (r == 0)
                r = add_rows(projector, &renewal, err);
        if (r == 0)
                r = put_lines(projector, &renewal.open, err);
        return r < 0 ? r : put_lines(projector, &renewal.closed, err);
}
