/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* smbios: what the firmware says of the machine's parts (SMBIOS 3.x, types 0, 1, 4 and 17), as the
 * kernel gives it. Pure. */

#include <stddef.h>

struct documents;
struct vg_round;

/* One structure of the table: its formatted part and its strings. */
struct smbios_entry {
        const unsigned char *bytes; /* bytes[0] type, bytes[1] length of the formatted part */
        const char *strings;        /* each ends in NUL, the last one in two */
        size_t n;                   /* of bytes */
};
/* Walks the table. Returns 0 at its end or where it is cut short; a nonzero answer of fn stops. */
int smbios_each(const void *table, size_t n,
                int (*fn)(void *user, const struct smbios_entry *entry), void *user);
/* String number at offset, cleaned of padding; "" where there is none or it says nothing. */
const char *smbios_text(const struct smbios_entry *entry, size_t offset, char *buf, size_t size);

/* Sightings of the system, its processors and its memory: from the table where it may be read, else
 * from /sys/class/dmi/id. */
int smbios_parse(const struct documents *documents, struct vg_round *round);
