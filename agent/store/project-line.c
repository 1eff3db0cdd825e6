/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of the contract and of the lines that it prices (RATING R6).
 *
 * Whose a row is: of the contract that its record names, where that covers its time; else of the
 * one loaded first among those that cover it. Loading one more contract thus never takes rows away
 * from another. Months are closed by their own clock (rating.h): a line of a closed statement is
 * not touched again, and what arrives later goes to the first open one (project-renew.c). */

#include <errno.h>

#include "store/facts.h"
#include "store/pricing.h"
#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/json.h"

void pricing_free(struct pricing *pricing)
{
        if (!pricing)
                return;
        for (size_t i = 0; i < pricing->n; i++)
                vg_contract_free(pricing->contracts[i]);
        free(pricing->contracts);
        free(pricing);
}

/* A contract that this release no longer accepts prices nothing; its record stays. */
static int read_contract(struct projector *projector, const struct sql_rows *rows, size_t i,
                         struct pricing *pricing, struct vg_err *err)
{
        struct vg_refusals refusals = { 0 };
        int r = facts_contract(projector->db, sql_cell_text(rows, i, 0), sql_cell(rows, i, 0)->n,
                               projector->load_zone, &pricing->contracts[pricing->n], &refusals,
                               err);

        vg_refusals_done(&refusals);
        pricing->n += r == 0;
        return r < 0 ? r : 0;
}

int pricing_load(struct projector *projector, struct vg_err *err)
{
        _cleanup_(pricing_freep) struct pricing *pricing = calloc(1, sizeof(*pricing));
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        struct sql_rows rows = { 0 };
        int r = sql_prepare(projector->db,
                            "SELECT text FROM contract c WHERE current = 1 ORDER BY"
                            " (SELECT min(seq) FROM contract f WHERE f.contract_id ="
                            " c.contract_id)",
                            &stmt, err);

        if (r == 0)
                r = sql_fetch(stmt, 0, &rows, err);
        if (r == 0 && pricing)
                pricing->contracts = calloc(rows.n_rows + 1, sizeof(*pricing->contracts));
        if (r == 0 && (!pricing || !pricing->contracts))
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < rows.n_rows && r == 0; i++)
                r = read_contract(projector, &rows, i, pricing, err);
        sql_rows_done(&rows);
        if (r < 0)
                return r;
        projector->pricing = TAKE_PTR(pricing);
        return 0;
}

static bool improves(const struct vg_contract *contract, const struct vg_contract *other)
{
        return contract->improves_id && strcmp(contract->improves_id, other->id) == 0;
}

int pricing_place(const struct pricing *pricing, const struct store_usage *row, const char *named,
                  int64_t known_s, const struct vg_contract **ret_contract,
                  struct vg_line *ret_line)
{
        const struct vg_contract *unpriced = NULL; /* one that adds to it may have the price */
        int r = VG_RATE_OUT_OF_CONTRACT;

        *ret_contract = NULL;
        for (int try = *named ? 0 : 1; try < 2; try++)
                for (size_t i = 0; i < pricing->n && r > 0; i++) {
                        const struct vg_contract *contract = pricing->contracts[i];
                        if ((try == 0 && strcmp(contract->id, named) != 0) ||
                            (unpriced && !improves(contract, unpriced)))
                                continue;
                        r = vg_rate_place(contract, row->start_s, row->tenant, row->resource,
                                          known_s, ret_line);
                        if (r == 0)
                                *ret_contract = contract;
                        if (r == VG_RATE_UNPRICED && !unpriced)
                                unpriced = contract;
                }
        ret_line->quantity_micro = row->micro;
        return r < 0 ? r : 0;
}

int pricing_put(struct projector *projector, const struct vg_contract *contract,
                const struct vg_line *line, struct vg_err *err)
{
        char quantity[64];

        return project_run(
                projector, PROJECT_LINE, err, V_TEXT(contract->id), V_INT(line->statement_month),
                V_INT(line->period_month), V_TEXT(line->tenant), V_TEXT(line->sku),
                V_INT(line->price_from_s), V_TEXT(vg_line_kind_name(line->kind)),
                V_TEXT(vg_i128_format(line->quantity_micro, quantity, sizeof(quantity))));
}

int pricing_add(struct projector *projector, const struct store_usage *row, const char *named,
                int64_t known_s, struct vg_err *err)
{
        const struct vg_contract *contract;
        struct vg_line line = { 0 };
        int r = projector->pricing ? 0 : pricing_load(projector, err);

        if (r < 0)
                return r;
        r = pricing_place(projector->pricing, row, named, known_s, &contract, &line);
        if (r < 0)
                return vg_err_set(err, r, "la ligne ne peut pas être tarifée");
        return contract ? pricing_put(projector, contract, &line, err) : 0;
}

int project_contract(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *id, *digest, *text;
        int64_t revision, known_s;
        int r = body_text(entry->body, "contract_id", &id, err);

        if (r == 0)
                r = body_text(entry->body, "digest", &digest, err);
        if (r == 0)
                r = body_int(entry->body, "revision", &revision, err);
        if (r == 0)
                r = body_text(entry->body, "text", &text, err);
        if (r == 0)
                r = project_run(projector, PROJECT_CONTRACT_SUPERSEDE, err, V_TEXT(id));
        if (r < 0)
                return r;
        const bool is_new = sqlite3_changes(projector->db) == 0;
        r = project_run(projector, PROJECT_CONTRACT, err, V_INT(entry->seq), V_TEXT(id),
                        V_INT(revision), V_TEXT(digest), V_INT(entry->utc_ns), V_TEXT(text));
        if (r == 0)
                r = closing_known(projector, entry->utc_ns, &known_s, err);
        return r < 0 ? r : pricing_renew(projector, is_new ? id : NULL, known_s, err);
}
