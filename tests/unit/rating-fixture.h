/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rating-fixture: the contract of tests/data/rating, changed as a test wants it, and a bill or the
 * result of a file as text, so that a row of a table holds both. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/rating.h"
#include "vigie/text.h"

/* patch: an object laid over the contract's, arrays replaced whole; NULL: none. */
static _unused_ struct vg_contract *given_contract(const char *patch)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree =
                json_load_file(VIGIE_SOURCE_DIR "/tests/data/rating/contract.json", 0, NULL);
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };
        char text[1024];

        assert_non_null(tree);
        if (patch) {
                json_error_t error;
                _cleanup_(vg_json_decrefp) json_t *over = json_loads(patch, 0, &error);
                if (!over)
                        fail_msg("%s: %s", patch, error.text);
                assert_int_equal(json_object_update_recursive(tree, over), 0);
        }

        _cleanup_free_ char *bytes = json_dumps(tree, 0);
        int r = vg_contract_parse(bytes, strlen(bytes), vg_file_zone, &contract, &refusals, &err);
        if (r == VG_CONTRACT_REFUSED)
                fail_msg("%s: %s", refusals.list[0].path,
                         vg_refusal_text(&refusals.list[0], false, text, sizeof(text)));
        if (r < 0)
                fail_msg("%s", vg_err_text(&err));
        return contract;
}

static int64_t utc(const char *text)
{
        int64_t s = 0;

        if (vg_utc_parse(text, &s) < 0)
                fail_msg("not an instant: %s", text);
        return s;
}

/* "2027-03 usage t-a CPU 12.000000 0.240000000000 0.24" a line; shortfalls and items by their id;
 * a correction says its period. Then "2027-03 = total". */
static _unused_ void write_bill(struct vg_buf *buf, const struct vg_bill *bill)
{
        char month[16], period[16], quantity[64], exact[64], cents[64];

        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];

                vg_month_format(s->month, month);
                for (size_t k = 0; k < s->n_lines; k++) {
                        const struct vg_bill_line *l = &s->lines[k];
                        struct vg_fraction none = { 0, 1 };

                        vg_buf_printf(buf, "%s %s %s %s %s %s %s", month,
                                      vg_line_kind_name(l->kind), l->tenant,
                                      l->ref ? l->ref : l->sku,
                                      vg_fraction_format(l->segment ? l->quantity : none, 6, 6,
                                                         quantity, sizeof(quantity)),
                                      vg_fraction_format(l->exact, 12, 12, exact, sizeof(exact)),
                                      vg_decimal_format(l->cents, 2, cents, sizeof(cents)));
                        if (l->period_month != l->statement_month)
                                vg_buf_printf(buf, " of %s",
                                              vg_month_format(l->period_month, period));
                        vg_buf_puts(buf, "\n");
                }
                vg_buf_printf(buf, "%s = %s\n", month,
                              vg_decimal_format(s->total_cents, 2, cents, sizeof(cents)));
        }
}

/* Rows that are refused, then gaps, then alerts: "3 bad_quantity", "gap from to [appliance]",
 * "at code +key extra" (+ fired, - cleared). */
static _unused_ void write_findings(struct vg_buf *buf, const struct vg_rate_result *result)
{
        char from[32], to[32];

        for (size_t i = 0; i < result->n_refused; i++)
                vg_buf_printf(buf, "%llu %s\n", (unsigned long long)result->refused[i].line,
                              vg_row_refusal_name(result->refused[i].refusal));
        for (size_t i = 0; i < result->n_outside; i++)
                vg_buf_printf(buf, "%llu outside\n", (unsigned long long)result->outside[i].line);
        for (size_t i = 0; i < result->n_gaps; i++)
                vg_buf_printf(buf, "gap %s %s%s%s\n", vg_utc_format(result->gaps[i].from_s, from),
                              vg_utc_format(result->gaps[i].to_s, to),
                              result->gaps[i].appliance ? " " : "",
                              result->gaps[i].appliance ? result->gaps[i].appliance : "");
        for (size_t i = 0; i < result->n_alerts; i++)
                vg_buf_printf(buf, "%s %s %c%s%s%s\n", vg_utc_format(result->alerts[i].at_s, from),
                              result->alerts[i].code, result->alerts[i].fired ? '+' : '-',
                              result->alerts[i].key, result->alerts[i].extra ? " " : "",
                              result->alerts[i].extra ? result->alerts[i].extra_text : "");
}

struct rated {
        struct vg_rater *rater;
        const struct vg_rate_result *result;
};

/* The bytes in pieces of `piece` (0: all at once). */
static _unused_ struct rated rate_text(const struct vg_contract *contract, const char *as_of,
                                       const char *csv, size_t n, size_t piece)
{
        struct rated rated = { 0 };
        struct vg_err err = { 0 };
        int r = vg_rater_new(contract, utc(as_of), &rated.rater, &err);

        for (size_t at = 0; at < n && r == 0;) {
                const size_t size = !piece || piece > n - at ? n - at : piece;
                r = vg_rater_feed(rated.rater, csv + at, size, &err);
                at += size;
        }
        if (r == 0)
                r = vg_rater_finish(rated.rater, &rated.result, &err);
        if (r < 0)
                fail_msg("%s", vg_err_text(&err));
        return rated;
}
