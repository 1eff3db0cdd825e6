/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* phrases: what a log entry of a machine says, whatever tool or vendor words it. */

#include "vigie/fault.h"

struct phrase {
        const char *component_class, *code;
        enum vg_sight_kind kind;     /* LOG, or EVENT for what counts by its rate */
        enum vg_sight_health health; /* OK: it is over */
};

/* sensor: type of the sensor or class of the entry ("Power Supply", "Drive Slot / Bay"), "" where
 * the log has none; text: what happened. severity: what the log says itself, UNKNOWN where it does
 * not. False: nothing that concerns the hardware's health. */
bool phrase_find(const char *sensor, const char *text, enum vg_sight_health severity,
                 struct phrase *ret_phrase);

/* Where it happened, as far as the text says: "PSU1 Status", "DIMMB1", "slot 1, port 1". Returns
 * buf; "" where it does not say. */
char *phrase_place(const char *component_class, const char *text, char *buf, size_t size);
