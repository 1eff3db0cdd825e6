/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* meter: turns cumulative counters into amounts used. Pure: no clock, no I/O, no heap. */

#include <stdint.h>

#include "vigie/num.h"

struct vg_err;

enum { VG_METER_FIRST = 1 }; /* nothing to compare with yet; an outcome, not an error */

/* From best to worst. WHOLE: all of it. RESTARTED: a counter started again, and what it had counted
 * after our last look is lost. GAP: nobody looked for part of the time. */
enum vg_quality { VG_QUALITY_WHOLE, VG_QUALITY_RESTARTED, VG_QUALITY_GAP };
const char *vg_quality_name(enum vg_quality quality); /* "whole", "restarted", "gap" */

struct vg_reading {        /* what a collector saw: the raw counter, never a difference */
        uint64_t meter_id; /* VM, resource and device; fixes the unit of value */
        uint64_t run_id;   /* changes whenever the counter starts again from zero */
        uint64_t value;
        uint64_t at_boot_ns; /* CLOCK_BOOTTIME: orders readings within one run */
        int64_t at_utc_ns;   /* wall clock: places them in a billing period */
};

struct vg_usage {
        uint64_t meter_id, amount;
        int64_t from_utc_ns, to_utc_ns;
        enum vg_quality quality;
};

/* Amount used between two readings of one meter. 0: *ret_usage is filled. VG_METER_FIRST:
 * prev was NULL. -EINVAL, -ESTALE, -ERANGE: *err is filled and *ret_usage left alone. */
int vg_meter_advance(const struct vg_reading *prev, const struct vg_reading *now,
                     struct vg_usage *ret_usage, struct vg_err *err);

enum vg_resource {
#define VG_RESOURCE(NAME, ...) VG_RESOURCE_##NAME,
#include "vigie/resources.def"
        VG_N_RESOURCES
};

enum vg_resource_from { VG_FROM_COUNTER, VG_FROM_GAUGE, VG_FROM_SPAN };

struct vg_resource_row { /* the columns of resources.def */
        const char *id, *unit, *base;
        uint64_t tick_ns;
        int64_t numerator, denominator;
        enum vg_resource_from from;
        const char *name_fr, *name_en;
};

const struct vg_resource_row *vg_resource_row(enum vg_resource resource);
int vg_resource_find(const char *id); /* enum vg_resource, or -ENOENT */

/* An exact base amount in micro-units, half up, once: *carry is what earlier roundings left (in
 * 1/denominator micro-units) and becomes what this one leaves, so that the micro-units of many
 * intervals add up to the rounded total of their bases. What int64 cannot hold stays in *carry. */
int64_t vg_resource_micro(enum vg_resource resource, vg_i128 base, vg_i128 *carry);
