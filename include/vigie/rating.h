/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rating: what was used, priced to the cent (RATING R1-R10). Pure: no clock, no I/O.
 *
 * Three ways to use it:
 * - live, a row at a time: vg_rate_place() says to which line a measured quantity belongs; the store
 *   adds it there. Nothing else is kept.
 * - read-out: a contract, the lines and an instant become statements (struct vg_bill).
 * - offline: a usage CSV becomes lines, refusals, gaps and alerts (struct vg_rater), and a bill.
 *
 * Quantities are int64 micro-units a row and 128 bits a line. A line is an exact fraction until it
 * is rounded, once, half up (away from zero) to the cent. Whatever does not fit is -ERANGE. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/contract.h"
#include "vigie/num.h"

struct vg_err;

#define VG_LINE_CENTS_MAX INT64_C(99999999999999) /* of one line, either sign */

/* In the order in which a statement shows them. */
enum vg_line_kind { VG_LINE_USAGE, VG_LINE_PURCHASE, VG_LINE_RECURRING, VG_LINE_SHORTFALL };
const char *vg_line_kind_name(enum vg_line_kind kind);
int vg_line_kind_find(const char *name); /* enum vg_line_kind, or -ENOENT */

/* Where a quantity is added: what the store keeps, usage and purchase only. A correction (late data
 * for a closed month) has period_month < statement_month. */
struct vg_line {
        int32_t statement_month, period_month; /* vg_month_of() */
        enum vg_line_kind kind;
        const char *tenant, *sku;
        int64_t price_from_s; /* names the price segment */
        vg_i128 quantity_micro;
};

/* ---- live ---- */

enum {                             /* outcomes of vg_rate_place */
       VG_RATE_UNPRICED = 1,       /* R3: kept, not rated, VIG-Q-001 */
       VG_RATE_OUT_OF_CONTRACT = 2 /* R4: kept, not rated, VIG-C-006 */
};

/* The line of what (tenant, resource) used in the interval that begins at start_s, known at
 * known_s: price and month are those of start_s; where that month has closed by known_s, the
 * statement is the first one that is still open. Everything of *ret_line is filled but the
 * quantity, which is 0. A tenant that the contract does not name is rated under "_unassigned".
 * Texts are the contract's or static. */
int vg_rate_place(const struct vg_contract *contract, int64_t start_s, const char *tenant,
                  const char *resource, int64_t known_s, struct vg_line *ret_line);
/* Tenant of the contract, or "_unassigned" itself. */
bool vg_rate_knows_tenant(const struct vg_contract *contract, const char *tenant);

/* First instant at which a month's statement is closed: its end + close_after_hours. */
int64_t vg_month_close_s(const struct vg_contract *contract, int32_t month);
int vg_month_hours(const struct vg_contract *contract, int32_t month); /* 743 in a March */

/* ---- read-out ---- */

struct vg_fraction {
        vg_i128 num, den; /* den > 0 */
};

/* What a closed statement charged that no measured quantity makes: items, orders, shortfalls.
 * A closed statement is never changed, so these stand as they were, whatever is known since. */
struct vg_charged {
        int32_t statement_month, period_month;
        enum vg_line_kind kind;
        const char *tenant, *sku, *ref; /* sku NULL: a commitment on an amount */
        int64_t price_from_s;           /* 0 where the line named no price */
        int64_t cents;
};

struct vg_bill_line {
        enum vg_line_kind kind;
        int32_t statement_month, period_month;
        const char *tenant;                     /* "*": the contract as a whole */
        const char *sku;                        /* NULL: a commitment on an amount */
        const struct vg_price *price;           /* NULL: as sku */
        const struct vg_price_segment *segment; /* NULL: as sku, or given by its amount alone */
        const char *ref;                        /* recurring item or commitment; else NULL */
        bool in_tb_hours;                       /* usage in tb_month: measured in TB-hours */
        int hours_in_month;                     /* of period_month */
        vg_i128 measured_micro;                 /* usage and purchase: as measured (TB-hours) */
        struct vg_fraction quantity;            /* micro-units, as priced (TB-months) */
        struct vg_fraction exact;               /* pico-CAD */
        int64_t cents;                          /* exact, rounded once */
};

struct vg_statement {
        int32_t month;
        int hours_in_month;
        int64_t from_s, to_s; /* of the month, cut to the contract's term */
        bool is_closed;       /* by a record; where none is given, as of the bill's instant */
        const struct vg_bill_line *lines;
        size_t n_lines;
        int64_t total_cents;
};

struct vg_bill {
        const struct vg_contract *contract;
        int64_t as_of_s;
        int64_t end_s; /* of the term, exclusive, as in force at as_of_s */
        int64_t authorised_cents, consumed_cents, remaining_cents;
        bool has_pct;           /* authorised is not 0 */
        vg_i128 pct_micro;      /* consumed / authorised, millionths of a percent, half up */
        int32_t term_days_left; /* local days after today, the last day included; 0 from then on */
        struct vg_statement *statements; /* one a month begun, in order */
        size_t n_statements;
        struct vg_bill_line *lines; /* of all statements, in their order */
        size_t n_lines;
};

struct vg_bill_options {
        const struct vg_contract *contract; /* borrowed; outlives the bill */
        int64_t as_of_s;
        /* Months before this one are not computed: carried_cents is what they came to (the total of
         * a bill whose statements ended there). 0: from the contract's start. */
        int32_t from_month;
        int64_t carried_cents;
        /* The first month whose statement is not closed by a record, and what the closed ones
         * charged. What recurring lines of closed months should have come to, and did not, becomes
         * a correction of open_month, given by its amount. 0: months close by the clock alone. */
        int32_t open_month;
        const struct vg_charged *charged;
        size_t n_charged;
};

/* The lines may come in any order and several times (parts add up); lines of statements before
 * from_month are left out. Recurring lines (R7), shortfalls (R9) and the statements of months
 * without usage are computed. -ERANGE: an amount beyond VG_LINE_CENTS_MAX, *err names the line.
 * -EINVAL: a line whose SKU or price segment the contract does not have. */
int vg_bill_new(const struct vg_bill_options *options, const struct vg_line *lines, size_t n_lines,
                struct vg_bill **ret_bill, struct vg_err *err);
void vg_bill_free(struct vg_bill *bill);
static inline void vg_bill_freep(struct vg_bill **bill)
{
        vg_bill_free(*bill);
}

/* What the statements of [from_month, to_month] charge to a tenant ("*": what belongs to none of
 * them; NULL: all), in cents. */
int64_t vg_bill_cents(const struct vg_bill *bill, const char *tenant, int32_t from_month,
                      int32_t to_month);

/* Decimal text of a fraction, half up at its last digit: value / 10^scale with `decimals` decimals
 * (exact: scale 12, decimals 12; quantity: 6, 6). 64 bytes suffice. */
char *vg_fraction_format(struct vg_fraction f, unsigned scale, unsigned decimals, char *buf,
                         size_t size);

/* consumed x 10^8 >= threshold x authorised, exactly. */
bool vg_reaches(int64_t consumed_cents, int64_t threshold_pct_micro, int64_t authorised_cents);

/* ---- offline ---- */

enum vg_row_refusal {
        VG_ROW_BAD_TIMESTAMP,
        VG_ROW_BAD_QUANTITY,
        VG_ROW_CONFLICTING_DUPLICATE,
        VG_ROW_UNPRICED_RESOURCE,
        VG_ROW_AMOUNT_OVERFLOW,
};
const char *vg_row_refusal_name(enum vg_row_refusal refusal); /* "bad_timestamp" */

struct vg_refused_row {
        uint64_t line; /* in the file; the header is line 1 */
        enum vg_row_refusal refusal;
};

struct vg_outside_row { /* R4 */
        uint64_t line;
        int64_t start_s, micro;
        const char *tenant, *resource;
};

struct vg_rate_gap {
        int64_t from_s, to_s;
        const char *appliance; /* NULL where the file has no such column */
};

struct vg_rate_alert {
        int64_t at_s;
        const char *code; /* "VIG-C-001" */
        bool fired;       /* else cleared */
        const char *key;
        const char *extra; /* name of a further member: "amount", "value"; NULL: none */
        char extra_text[48];
};

struct vg_rate_result { /* belongs to the rater */
        const struct vg_bill *bill;
        uint64_t rows_rated, duplicates_ignored;
        uint64_t rows_later;                  /* of intervals that end after as_of: not looked at */
        const struct vg_refused_row *refused; /* in the order of the file */
        size_t n_refused;
        uint64_t n_refused_more; /* found beyond VG_RATE_LIST_MAX and not kept */
        const struct vg_outside_row *outside;
        size_t n_outside;
        uint64_t n_outside_more;
        const struct vg_rate_gap *gaps;
        size_t n_gaps;
        const struct vg_rate_alert *alerts; /* by instant, code, key */
        size_t n_alerts;
};

enum { VG_RATE_LIST_MAX = 1000000 };

struct vg_rater;
int vg_rater_new(const struct vg_contract *contract, int64_t as_of_s, struct vg_rater **ret_rater,
                 struct vg_err *err);
void vg_rater_free(struct vg_rater *rater);
static inline void vg_rater_freep(struct vg_rater **rater)
{
        vg_rater_free(*rater);
}
/* The bytes of the CSV, cut anywhere. -EINVAL: not such a file (its header), -ENOMEM. */
int vg_rater_feed(struct vg_rater *rater, const char *bytes, size_t n, struct vg_err *err);
/* The line that was read last, from 1: where an error stands. 0: none yet. */
uint64_t vg_rater_line(const struct vg_rater *rater);
/* Once, after the last byte. */
int vg_rater_finish(struct vg_rater *rater, const struct vg_rate_result **ret_result,
                    struct vg_err *err);

struct vg_local_day {
        struct vg_date date;
        const char *tenant, *resource; /* as in the file */
        vg_i128 micro;
};
/* Accepted quantities by local day, tenant, resource, in that order, priced or not; after finish. A
 * negative answer of fn stops and is passed up. */
int vg_rater_local_days(const struct vg_rater *rater,
                        int (*fn)(void *user, const struct vg_local_day *day), void *user);
