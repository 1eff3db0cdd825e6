/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this folder share: rows of tables that IPMI tools print. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/fault.h"

enum { IPMI_FIELDS = 16, IPMI_LINE = 1024, IPMI_NAMES_MAX = 512, IPMI_NAME = 64 };

/* A sensor as it is now. */
struct ipmi_sensor {
        const char *name, *type; /* type "" where the tool does not print it */
        const char *state;       /* "ok", "ucr", "Nominal", "Critical" … */
        const char *reading, *unit;
        const char *events;             /* discrete states: "Presence detected, Failure detected" */
        const char *critical, *warning; /* thresholds, as printed */
};

/* An entry of the system event log. */
struct ipmi_entry {
        const char *id, *date, *time, *type, *name, *event, *state;
        const char *values; /* "Reading 95 > Threshold 90 degrees C" */
        bool is_end;
};

struct ipmi_reading {
        const char *path;
        struct vg_round *round;
        struct { /* numbers of sensors, where a table tells them */
                unsigned number;
                char name[IPMI_NAME];
        } names[IPMI_NAMES_MAX];
        size_t n_names;
        int64_t last_s;
};

/* One line in any of the tables. False: it is of none. */
bool ipmi_sensor_row(char **fields, size_t n, struct ipmi_sensor *ret_sensor);
bool ipmi_entry_row(char **fields, size_t n, struct ipmi_entry *ret_entry);

/* A block of "key : value" lines, as far as it was read. Zero-initialised is empty. */
struct ipmi_block {
        char id[16], date[40], type[64], number[16], direction[32], events[128]; /* of an entry */
        char name[128], reading[64], state[64], critical[32], warning[32], asserted[256];
        bool is_asserting; /* in the list of asserted states */
};
bool ipmi_block_is(const char *bytes, size_t n);
int ipmi_block_line(struct ipmi_reading *reading, struct ipmi_block *block, const char *line);
int ipmi_block_end(struct ipmi_reading *reading, struct ipmi_block *block);

int ipmi_tell_sensor(const struct ipmi_reading *reading, const struct ipmi_sensor *sensor);
int ipmi_tell_entry(struct ipmi_reading *reading, const struct ipmi_entry *entry);
/* "Drive Fault : true" of `ipmitool chassis status`, "Selftest: …" of `ipmitool mc selftest`. */
int ipmi_tell_chassis(const struct ipmi_reading *reading, const char *line);
