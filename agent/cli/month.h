/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* month: a month's statement as a verb reads it: the record where it is closed, else the same object
 * made from what is known now. */

#include "cli/view.h"

struct month_line { /* texts live in the body; "" where the line has none */
        const char *kind, *tenant, *sku, *ref, *unit, *price, *period, *exact;
        int64_t cents, quantity_micro, measured_micro, price_cad_micro, per, price_from_s;
        bool has_price, is_correction;
};

struct month { /* zero-initialised is empty; month_done() after use */
        int32_t month;
        bool is_closed;
        json_t *body; /* vigie/statement.h */
        struct month_line *lines;
        size_t n_lines;
        int64_t total_cents, from_s, to_s, closes_s, closed_s, not_measured_s;
        bool is_overdue;    /* open, though it should have been closed by now */
        const char *digest; /* "" while it is open */
        char invoice[72];   /* the supplier's; "" where none is known. focus_invoices() */

        uint64_t entry; /* of the client log, where it is closed */
        char leaf[2 * VG_HASH_SIZE + 1];
        char *note; /* the signed head that covers it; NULL: none yet */

        const struct vg_contract *contract; /* the revision that the statement names */
        struct vg_contract *own_contract;
        int64_t authorised_cents, cumulative_cents; /* at the month's end, its own statement too */
};
void month_done(struct month *month);

/* text: "2027-08"; NULL: the last month that is closed, or the present one where none is. CLI_FINE,
 * or an exit code after having said why. */
int month_read(struct cli *cli, const struct cli_view *view, const char *text,
               struct month *ret_month);
/* Every month from the first to the present one, or --from to --to. The caller frees with
 * months_done(). */
struct months_read {
        struct month *list;
        size_t n;
};
int months_read(struct cli *cli, const struct cli_view *view, struct months_read *ret_months);
void months_done(struct months_read *months);

/* ---- words ---- */

const char *month_unit(const struct cli *cli, const char *unit);
/* "août 2027". */
char *month_name(const struct cli *cli, int32_t month, char buf[CLI_TEXT]);
/* Name of a SKU, of a tenant ("*": the whole contract), in the reader's language. */
const char *month_sku(const struct cli *cli, const struct month *month, const char *sku);
const char *month_tenant(const struct cli *cli, const struct month *month, const char *tenant);

/* ---- parts of a statement ---- */

enum month_part {
        MONTH_USAGE,
        MONTH_RECURRING,
        MONTH_PURCHASE,
        MONTH_ENTRY, /* activities of entry and of exit stand apart from other purchases */
        MONTH_EXIT,
        MONTH_COMMITMENT,
        MONTH_CORRECTION,
        MONTH_N_PARTS
};
enum month_part month_part_of(const struct month *month, const struct month_line *line);
const char *month_part_name(enum month_part part); /* in the language of now */

/* ---- what it is written as ---- */

struct html;
int month_html(struct cli *cli, const struct cli_view *view, const struct month *month,
               struct html *html);
void month_csv(const struct cli *cli, const struct month *month, struct vg_buf *text);
int month_json(struct cli *cli, const struct month *month, struct vg_buf *text);
