/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* read: from the bytes of a file to a tree that the schema has let through (C001 to C020). */

#include <jansson.h>

#include "core/contract/refusal.h"

struct vg_err;

/* 0: *ret_tree, or something is in the report and *ret_tree is left alone. -ENOMEM. */
int read_tree(struct report *report, json_t **ret_tree, struct vg_err *err);
/* 1 … VG_CONTRACT_VERSION; 0: none of them. */
int read_version(const json_t *tree);
