/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage-shared: a volume that several appliances of the contract see counts once. Records say what each
 * of them saw, whole; what of it is told twice is taken off by records of the type usage-shared, one
 * for an interval and tenant:
 *
 * client usage-shared {"appliance","contract","interval_s":N,"part":N,"resources":{id:{"micro":N,
 *                  "quality"}},"start":"…Z","tenant"}
 *
 * They follow from all other records of the interval, so the order in which those came leaves no trace:
 * what was taken off before is taken into account, and what is right already is not written. */

#include <stdint.h>

struct records;
struct vg_err;

/* In the transaction of whatever was recorded of the interval. */
int usage_share(struct records *records, int64_t start_s, struct vg_err *err);
