/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* search: where something is, or would be, among n that are in order. */

#include <stdbool.h>
#include <stddef.h>

/* How the i-th of things stands to key, as strcmp says it. */
typedef int vg_order_fn(const void *things, size_t i, const void *key);

/* The first that is not before key; n where all are. Whether it is key itself: *ret_found, where
 * given. */
static inline size_t vg_search(const void *things, size_t n, vg_order_fn *order, const void *key,
                               bool *ret_found)
{
        size_t low = 0, high = n;

        while (low < high) {
                const size_t middle = low + (high - low) / 2;

                if (order(things, middle, key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (ret_found)
                *ret_found = low < n && order(things, low, key) == 0;
        return low;
}
