/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* parts: the file's parts as they were first signed, one function each. 0 or -ENOMEM. */

#include "core/contract/build.h"

/* An array's items and as many zeroed rows for them. */
#define NEW_LIST(b, list, n, array)                              \
        ({                                                       \
                (n) = json_array_size(array);                    \
                (list) = build_alloc((b), (n), sizeof(*(list))); \
                (list) != NULL;                                  \
        })

/* A list of one value that holds from the start. */
int part_dated(struct build *b, int64_t value, struct vg_dated **ret_list, size_t *ret_n);
int part_thresholds(struct build *b, const json_t *array, int64_t **ret_list, size_t *ret_n);

typedef int part_fn(struct build *b);
part_fn part_amendments, part_commitments, part_components, part_prices, part_quotas,
        part_recipients, part_recurring, part_tenants; /* parts-lists.c */
part_fn part_documents, part_orders, part_reporting, part_service_levels,
        part_termination; /* parts-life.c */
