/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* usage-import: between the files of the act usage.import. It takes two forms of CSV: services that
 * the hypervisor does not show (usage-services.c), and what another appliance of the contract measured
 * (usage-received.c). Each row is recorded, known already, refused, or told to wait. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper/acts.h"
#include "vigie/json.h"

enum { IMPORT_ROWS_MAX = 50000, IMPORT_REFUSED_MAX = 1000, IMPORT_TOLD_MAX = 50 };

struct import_told { /* something of a row that an alert tells of, once a name */
        char name[80];
        int64_t start_s; /* of the first row */
};
struct import_tolds {
        struct import_told list[IMPORT_TOLD_MAX];
        size_t n;
};

struct import_starts { /* of intervals that alerts are to be looked at for; some twice */
        int64_t *list;
        size_t n, size;
};
int import_add_start(struct import_starts *starts, int64_t start_s); /* 0, -ENOMEM */
void import_sort_starts(struct import_starts *starts);

struct import {
        struct act *act;
        const char *name;
        char digest[65];
        int64_t imported, duplicates, refused, outside;
        int64_t waiting; /* rows of intervals that this appliance has not closed itself */
        struct import_tolds unpriced, strangers, outsiders;
        struct import_starts starts;
        json_t *months;        /* of whole months, as import_owe() remembers them; NULL: none */
        struct vg_json answer; /* the list of what was refused, as it grows */
};

struct import_row { /* as it was read, for whoever refuses it */
        int64_t line;
        const char *tenant, *resource, *timestamp, *quantity;
        const char *appliance; /* NULL: this one */
};
void import_refuse(struct import *import, const struct import_row *row, const char *reason,
                   int64_t kept_micro);
/* Of a row that was recorded: has it no price, no tenant of the contract, or no place in its term? Or
 * is there a quota on what its interval may use of it? 0 or -ENOMEM, which *err tells. */
int import_note(struct import *import, int64_t start_s, const char *tenant, const char *resource,
                int64_t micro, struct vg_err *err);
/* The first parts under which more of one interval and tenant is recorded. Part 0 is the meter's own,
 * which may still come. */
enum { IMPORT_SERVICE_PART = 1, IMPORT_RECEIVED_PART = 1000000 };

/* One line, without its end. */
int import_service(struct import *import, int64_t line, const char *text, size_t n,
                   struct vg_err *err);
/* All lines after the heading. */
int import_received(struct import *import, const char *text, size_t n, struct vg_err *err);

/* In the act's transaction: what is to be told of it (VIG-D-004 and D-005 of what was refused; VIG-Q-001,
 * N-001, N-002 and C-006 of its intervals; VIG-L-003 of the months that it is whole of). import_tell() tells once the act is durable; after a crash in
 * between import_look() does, at the next start. */
int import_owe(struct import *import, struct vg_err *err);
void import_tell(struct act *act);
void import_look(struct keeper *keeper);
