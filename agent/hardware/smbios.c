/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/smbios.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/documents.h"
#include "vigie/fault.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { TYPE_BIOS = 0, TYPE_SYSTEM = 1, TYPE_CPU = 4, TYPE_MEMORY = 17, TYPE_END = 127, TEXT = 128 };
#define TABLE "sys/firmware/dmi/tables/DMI"

int smbios_each(const void *table, size_t n,
                int (*fn)(void *user, const struct smbios_entry *entry), void *user)
{
        const unsigned char *at = table, *end = at + n;

        while (end - at >= 4) {
                const size_t length = at[1];
                if (length < 4 || length > (size_t)(end - at))
                        return 0;
                const unsigned char *strings = at + length, *stop = strings;
                while (end - stop >= 2 && (stop[0] || stop[1]))
                        stop++;
                if (end - stop < 2)
                        return 0;
                const struct smbios_entry entry = { at, (const char *)strings, length };
                int r = fn(user, &entry);
                if (r || at[0] == TYPE_END)
                        return r;
                at = stop + 2;
        }
        return 0;
}

/* What makers write where they have nothing to say. */
static bool says_nothing(const char *text)
{
        static const char *const fillers[] = {
                "none",
                "n/a",
                "unknown",
                "not specified",
                "to be filled by o.e.m.",
                "no dimm",
                "not available",
                "default string",
                "system serial number",
                "0",
                "00000000",
        };

        for (size_t i = 0; i < ELEMENTSOF(fillers); i++)
                if (strcasecmp(fillers[i], text) == 0)
                        return true;
        return false;
}

static const char *tidy(const char *text, char *buf, size_t size)
{
        vg_text_clean(text, strlen(text), buf, size);
        for (size_t n = strlen(buf); n && (buf[n - 1] == ' ' || buf[n - 1] == '\n'); n--)
                buf[n - 1] = '\0';
        if (says_nothing(buf))
                buf[0] = '\0';
        return buf;
}

const char *smbios_text(const struct smbios_entry *entry, size_t offset, char *buf, size_t size)
{
        const char *text = entry->strings;

        buf[0] = '\0';
        if (offset >= entry->n || !entry->bytes[offset])
                return buf;
        for (unsigned i = 1; i < entry->bytes[offset] && *text; i++)
                text += strlen(text) + 1;
        return tidy(text, buf, size);
}

static unsigned word_at(const struct smbios_entry *entry, size_t offset)
{
        return offset + 1 < entry->n ? entry->bytes[offset] | entry->bytes[offset + 1] << 8 : 0;
}

/* ---- sightings ---- */

struct reading {
        struct vg_round *round;
        struct vg_component system;
        char maker[TEXT], model[TEXT], serial[TEXT], firmware[TEXT];
};

static int add(struct vg_round *round, enum vg_sight_kind kind,
               const struct vg_component *component)
{
        const struct vg_sighting sighting = {
                .kind = kind,
                .component = *component,
                .path = TABLE,
        };

        return vg_round_add(round, &sighting);
}

static int read_memory(struct reading *reading, const struct smbios_entry *entry)
{
        char locator[TEXT], maker[TEXT], serial[TEXT], part[TEXT];
        const struct vg_component component = {
                .component_class = "dimm",
                .location = smbios_text(entry, 0x10, locator, sizeof(locator)),
                .manufacturer = smbios_text(entry, 0x17, maker, sizeof(maker)),
                .serial = smbios_text(entry, 0x18, serial, sizeof(serial)),
                .part = smbios_text(entry, 0x1a, part, sizeof(part)),
        };

        if (!*locator)
                return 0;
        return add(reading->round, word_at(entry, 0x0c) ? VG_SIGHT_PRESENT : VG_SIGHT_ABSENT,
                   &component);
}

static int read_cpu(struct reading *reading, const struct smbios_entry *entry)
{
        char socket[TEXT], maker[TEXT], model[TEXT], serial[TEXT], part[TEXT];
        const struct vg_component component = {
                .component_class = "cpu",
                .location = smbios_text(entry, 0x04, socket, sizeof(socket)),
                .manufacturer = smbios_text(entry, 0x07, maker, sizeof(maker)),
                .model = smbios_text(entry, 0x10, model, sizeof(model)),
                .serial = smbios_text(entry, 0x20, serial, sizeof(serial)),
                .part = smbios_text(entry, 0x22, part, sizeof(part)),
        };
        const bool is_populated = 0x18 < entry->n && entry->bytes[0x18] & 0x40;

        if (!*socket)
                return 0;
        return add(reading->round, is_populated ? VG_SIGHT_PRESENT : VG_SIGHT_ABSENT, &component);
}

static int read_entry(void *user, const struct smbios_entry *entry)
{
        struct reading *reading = user;

        switch (entry->bytes[0]) {
        case TYPE_BIOS:
                smbios_text(entry, 0x05, reading->firmware, TEXT);
                return 0;
        case TYPE_SYSTEM:
                smbios_text(entry, 0x04, reading->maker, TEXT);
                smbios_text(entry, 0x05, reading->model, TEXT);
                smbios_text(entry, 0x07, reading->serial, TEXT);
                return 0;
        case TYPE_CPU:
                return read_cpu(reading, entry);
        case TYPE_MEMORY:
                return read_memory(reading, entry);
        default:
                return 0;
        }
}

static void read_id(const struct documents *documents, const char *name, char buf[TEXT])
{
        char path[64];

        snprintf(path, sizeof(path), "sys/class/dmi/id/%s", name);
        const struct document *document = documents_find(documents, path);
        if (document && !buf[0])
                tidy(document->bytes, buf, TEXT);
}

int smbios_parse(const struct documents *documents, struct vg_round *round)
{
        const struct document *table = documents_find(documents, TABLE);
        struct reading reading = { .round = round };
        int r = table ? smbios_each(table->bytes, table->n, read_entry, &reading) : 0;

        read_id(documents, "sys_vendor", reading.maker);
        read_id(documents, "product_name", reading.model);
        read_id(documents, "product_serial", reading.serial);
        read_id(documents, "bios_version", reading.firmware);
        const struct vg_component system = {
                .component_class = "system",
                .location = "",
                .manufacturer = reading.maker,
                .model = reading.model,
                .serial = reading.serial,
                .firmware = reading.firmware,
        };
        if (!table)
                vg_round_set_partial(round);
        return r == 0 ? add(round, VG_SIGHT_PRESENT, &system) : r;
}
