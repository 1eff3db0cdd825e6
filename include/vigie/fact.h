/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fact: dated facts of a contract's life, recorded by acts and not by edits of the signed file; and
 * the contract as it stands with them. Where the file holds such a fact as well, the later of the
 * two counts. Pure.
 *
 * The detail of the act:
 *   {"contract_id","document":{"name","sha256","size"},"fact","note","on","on_behalf","target",
 *    "values":{…}}
 * document, note, on_behalf, target and values only where there are some. values of
 *   dispute      state ("opened", "settled")
 *   invoice      amount, month
 *   order        in_service_on, out_of_service_on, quantity, reference, serials (of what was
 *                delivered, "S-1,S-2"), site, sku, tenant
 *   termination  effective_on, reason */

#include <jansson.h>

#include "vigie/contract.h"

enum vg_fact_kind {
#define VG_FACT(NAME, word, target, fr, en) VG_FACT_##NAME,
#include "vigie/facts.def"
#undef VG_FACT
        VG_FACT_N,
};
enum vg_fact_target { VG_TARGET_NONE, VG_TARGET_SOME, VG_TARGET_DECISION };

struct vg_fact_row {
        const char *word, *fr, *en;
        enum vg_fact_target target;
};
const struct vg_fact_row *vg_fact_row(enum vg_fact_kind kind);
int vg_fact_find(const char *word); /* enum vg_fact_kind, or -ENOENT */
/* Whether a fact of this kind is nothing without this value. */
bool vg_fact_needs(enum vg_fact_kind kind, const char *value);

struct vg_fact {
        enum vg_fact_kind kind;
        const char *contract_id, *target, *note, *on_behalf; /* "" where there is none */
        struct vg_date on;
        const json_t *values; /* NULL: none */
        int64_t known_s;      /* when it was recorded */
};

/* Reads the detail of an act. Texts and values are the tree's. -EINVAL: *err names the member. */
int vg_fact_parse(const json_t *detail, int64_t known_s, struct vg_fact *ret_fact,
                  struct vg_err *err);

/* As vg_contract_parse(), with facts in the order in which they were recorded. The rules hold for
 * the whole: an order outside the term, or a renewal beyond three years, is refused with the code
 * that it would have in the file. Facts of other contracts are left out. */
int vg_contract_parse_with(const char *bytes, size_t n, const struct vg_fact *facts, size_t n_facts,
                           vg_zone_source_fn *zone_source, struct vg_contract **ret_contract,
                           struct vg_refusals *refusals, struct vg_err *err);

/* Whether a fact may be recorded now: against what it follows, and never again once it is held.
 * contract: as it stands with the fact. last: what was recorded last of the same kind and target;
 * NULL: nothing. 0, or -EINVAL and *err says what to do. */
int vg_fact_follows(const struct vg_contract *contract, const struct vg_fact *fact,
                    const struct vg_fact *last, struct vg_err *err);
