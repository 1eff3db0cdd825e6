/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* inventory: what was observed of a contract's hardware, held against what it qualifies. Pure.
 *
 * A component is known by its part number, else by manufacturer and model, whatever their case,
 * spaces and punctuation ("Dell Inc." is Dell). What tells neither is unknown: never foreign. */

#include "vigie/contract.h"

struct vg_observed { /* a server, a storage unit or a network unit; "" where not told */
        enum vg_component_kind kind; /* VG_KIND_SERVER, _STORAGE or _NETWORK */
        const char *manufacturer, *model, *part_number, *serial;
};

enum vg_mismatch {
        VG_MISMATCH_FOREIGN,  /* VIG-Q-002: qualified under no reference */
        VG_MISMATCH_TOO_MANY, /* VIG-Q-003: more of a reference than are qualified */
        VG_MISMATCH_MISSING,  /* VIG-Q-004: delivered by an order, in service, and not seen */
};

struct vg_mismatched {
        enum vg_mismatch what;
        const struct vg_observed *observed;   /* FOREIGN */
        const struct vg_qualified *component; /* TOO_MANY, MISSING; NULL: not known */
        const struct vg_order *order;         /* MISSING */
        const char *serial;                   /* FOREIGN, MISSING */
        int64_t count, max;                   /* TOO_MANY */
};
typedef int vg_mismatch_fn(void *user, const struct vg_mismatched *found);

struct vg_inventory {
        const struct vg_observed *list;
        size_t n;
        const char *site; /* where they were observed; NULL: everywhere under the contract */
        bool is_complete; /* what is not in the list is not there */
};

/* The reference that an observed component is qualified under. NULL: none, or *ret_unknown (which
 * may be NULL): it does not tell what it is. */
const struct vg_qualified *vg_qualified_of(const struct vg_contract *contract,
                                           const struct vg_observed *observed, bool *ret_unknown);
/* Between its first and its last day, in the contract's zone. */
bool vg_order_is_in_service(const struct vg_contract *contract, const struct vg_order *order,
                            int64_t now_s);
/* Some order delivered that serial number, and none of those that did is in service any more: it may
 * be gone. */
bool vg_order_is_over(const struct vg_contract *contract, const char *serial, int64_t now_s);
/* Foreign ones in the order of the list, then references with too many, then what is missing. Serial
 * numbers that are told twice count once. A negative answer of fn stops and is passed up. */
int vg_inventory_compare(const struct vg_contract *contract, const struct vg_inventory *inventory,
                         int64_t now_s, vg_mismatch_fn *fn, void *user);
