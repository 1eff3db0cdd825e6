/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* fact-merge: facts laid over the tree of a contract file. */

#include "core/contract/refusal.h"
#include "vigie/fact.h"

/* 0 or -ENOMEM; a fact about nothing that the contract has goes to the report. */
int fact_merge(json_t *tree, const struct vg_fact *facts, size_t n, struct report *report);
