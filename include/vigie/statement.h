/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* statement: a month's statement as one canonical JSON object. The keeper records it when the month
 * closes (client log, type `statement`); commands write the same object of a month that is still
 * open, without its digest. Pure.
 *
 *   {"absent":[{"appliance","from":"…Z","to":"…Z"}…],"appliance","appliances":N,"closes_at":"…Z","contract","contract_digest","contract_revision":N,
 *    "digest":"64 hex","from":"…Z","gaps":[{"cause","from","scope","to"}…],"gaps_more":N,
 *    "hours_in_month":N,"lines":[…],"month":"2027-08","not_measured_s":N,"to":"…Z","total":"0.00",
 *    "tzdata":"2025b","v":1,"version","zone"}
 *
 * A line: {"amount":"0.00","exact":"0.000000000000","exact_den","exact_num","hours_in_month":N,
 *   "kind":"usage|purchase|recurring|shortfall","measured","per":N,"period":"2027-08","price",
 *   "price_from":"…Z","quantity","ref","sku","tenant","unit"}
 * exact_num / exact_den is the amount in pico-CAD, exactly; exact and quantity are half up at their
 * last digit. hours_in_month and measured (TB-hours) only where the unit is tb_month; per, price,
 * price_from, quantity and unit only where a price was applied; ref and sku where there is one. A
 * line whose period is another month than the statement's is a correction.
 *
 * absent stands where the contract lists several appliances: for what time none of their usage was
 * received by the one that reports.
 *
 * digest is the SHA-256 of the object's canonical bytes without it. Amounts may be negative. */

#include <stddef.h>
#include <stdint.h>

#include "vigie/json.h"
#include "vigie/rating.h"

struct vg_statement_gap {
        int64_t from_s, to_s;
        const char *cause, *scope;
};

struct vg_statement_absent { /* [from_s, to_s): nothing was received of what it measured */
        const char *appliance;
        int64_t from_s, to_s;
};

struct vg_statement_facts {
        const char *appliance, *contract_digest, *tzdata, *version;
        const struct vg_statement_gap *gaps; /* in order; vg_statement_gaps() makes them so */
        size_t n_gaps, n_gaps_more;
        int64_t not_measured_s; /* of allocation: what no clock counted */
        const struct vg_statement_absent
                *absent; /* by appliance, in the contract's order, then time */
        size_t n_absent;
};

/* Cuts gaps to [from_s, to_s), drops what is empty, puts those of one cause and scope that touch
 * together, and orders them by beginning. Returns how many are left. */
size_t vg_statement_gaps(struct vg_statement_gap *gaps, size_t n, int64_t from_s, int64_t to_s);
/* Seconds of [from_s, to_s) that any gap of the scope covers, each counted once. */
int64_t vg_statement_gap_s(const struct vg_statement_gap *gaps, size_t n);

struct vg_statement_interval { /* as recorded; several records of one added up */
        int64_t from_s, to_s, covered_s;
};
struct vg_statement_seen { /* both in order of from_s */
        const struct vg_statement_interval *intervals;
        const struct vg_statement_gap *gaps;
        size_t n_intervals, n_gaps;
};
/* The time of [from_s, to_s) that neither an interval nor a gap of allocation tells of, as gaps of the
 * cause "unrecorded", in order. Returns how many; ret_gaps has room for n_intervals + n_gaps + 1. */
size_t vg_statement_unrecorded(const struct vg_statement_seen *seen, int64_t from_s, int64_t to_s,
                               struct vg_statement_gap *ret_gaps);
/* Seconds that intervals within [from_s, to_s) lack and no gap accounts for: it is not known when. */
int64_t vg_statement_uncovered_s(const struct vg_statement_seen *seen, int64_t from_s,
                                 int64_t to_s);

/* digest: 64 hexadecimal digits, or NULL where there is none (yet). */
void vg_statement_write(struct vg_json *j, const struct vg_bill *bill,
                        const struct vg_statement *statement,
                        const struct vg_statement_facts *facts, const char *digest);

/* "-12.34" to -1234. -EINVAL, -ERANGE. */
int vg_statement_cents(const char *text, int64_t *ret_cents);
/* "2027-08" to vg_month_of(). -EINVAL. */
int vg_statement_month(const char *text, int32_t *ret_month);
