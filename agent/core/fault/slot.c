/* SPDX-License-Identifier: Apache-2.0 */

/* Slots: which component of one source is the same place as which of another. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

/* Of one class one source names at most SEEN_MAX: a machine has fewer, and each is compared with all. */
enum { SLOTS_MAX = 8192, SEEN_MAX = 1024, PLACE = 128 };

void slot_free(struct slot *slot)
{
        if (!slot)
                return;
        for (size_t i = 0; i < slot->n_entries; i++)
                entry_free(slot->entries[i]);
        for (size_t i = 0; i < slot->n_seen; i++) {
                free(slot->seen[i].source);
                free(slot->seen[i].location);
                free(slot->seen[i].odata);
        }
        free(slot->entries);
        free(slot->seen);
        free(slot->component_class);
        free(slot->location);
        free(slot->manufacturer);
        free(slot->model);
        free(slot->part);
        free(slot->serial);
        free(slot->firmware);
        free(slot->odata);
        free(slot->device);
        free(slot->unit_source);
        free(slot);
}

struct vg_component slot_component(const struct slot *slot)
{
        return (struct vg_component){
                .component_class = slot->component_class,
                .location = slot->location,
                .manufacturer = slot->manufacturer,
                .model = slot->model,
                .part = slot->part,
                .serial = slot->serial,
                .firmware = slot->firmware,
                .odata = slot->odata,
                .device = slot->device,
        };
}

/* ---- names of places ---- */

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Words that say what a thing is, not where. */
static bool is_noise(const char *component_class, const char *word)
{
        static const struct {
                const char *component_class, *word;
        } noise[] = {
                { "", "status" },          { "", "state" },
                { "", "sensor" },          { "", "health" },
                { "", "reading" },         { "", "presence" },
                { "battery", "bbu" },      { "dimm", "dimm" },
                { "dimm", "memory" },      { "dimm", "ecc" },
                { "dimm", "socket" },      { "drive", "drive" },
                { "drive", "disk" },       { "drive", "hdd" },
                { "drive", "slot" },       { "drive", "bay" },
                { "fan", "fan" },          { "fan", "rpm" },
                { "fan", "speed" },        { "fan", "tach" },
                { "fan", "system" },       { "fan", "sys" },
                { "psu", "psu" },          { "psu", "ps" },
                { "psu", "pws" },          { "psu", "power" },
                { "psu", "supply" },       { "cpu", "cpu" },
                { "cpu", "proc" },         { "cpu", "processor" },
                { "temperature", "temp" }, { "temperature", "temperature" },
                { "voltage", "voltage" },  { "voltage", "volt" },
        };

        for (size_t i = 0; i < ELEMENTSOF(noise); i++)
                if ((!*noise[i].component_class ||
                     strcmp(noise[i].component_class, component_class) == 0) &&
                    strcmp(noise[i].word, word) == 0)
                        return true;
        return false;
}

/* "PSU1 Status", "Power Supply 1" and "PS 01" all give " 1". "" where nothing but noise is there. */
static void place_of(const char *component_class, const char *location, char place[PLACE])
{
        size_t n = 0;

        place[0] = '\0';
        for (const char *at = location; *at;) {
                char word[32];
                size_t length = 0;
                const bool letters = is_letter(*at);

                if (!letters && !is_digit(*at)) {
                        at++;
                        continue;
                }
                while (*at && (letters ? is_letter(*at) : is_digit(*at))) {
                        if (length + 1 < sizeof(word))
                                word[length++] = lower(*at);
                        at++;
                }
                word[length] = '\0';

                const char *bare = word;
                while (!letters && bare[0] == '0' && bare[1])
                        bare++;
                if (is_noise(component_class, word))
                        continue;
                n += (size_t)snprintf(place + n, PLACE - n, " %s", bare);
                if (n >= PLACE)
                        return;
        }
}

/* A serial that says nothing: empty, a word for "none", or one character over and over. */
bool slot_is_serial(const char *serial)
{
        static const char *const none[] = { "N/A",
                                            "NA",
                                            "None",
                                            "NONE",
                                            "Unknown",
                                            "UNKNOWN",
                                            "unknown",
                                            "Not Available",
                                            "REDACTED",
                                            "null",
                                            "To Be Filled By O.E.M.",
                                            "To be filled by O.E.M.",
                                            "Not Specified",
                                            "NO DIMM" };

        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                if (strcmp(serial, none[i]) == 0)
                        return false;
        return *serial && strspn(serial, (char[]){ serial[0], '\0' }) != strlen(serial);
}

static bool serials_conflict(const struct slot *slot, const struct vg_component *component)
{
        return slot_is_serial(slot->serial) && slot_is_serial(component->serial) &&
               strcmp(slot->serial, component->serial) != 0;
}

/* ---- finding ---- */

struct seen *seen_by(struct vg_fault_book *book, struct slot *slot, const char *source)
{
        struct seen *seen;
        void *list;

        for (size_t i = 0; i < slot->n_seen; i++)
                if (strcmp(slot->seen[i].source, source) == 0)
                        return &slot->seen[i];
        list = book_grow(book, slot->seen, &slot->n_seen, sizeof(*slot->seen));
        if (!list)
                return NULL;
        slot->seen = list;
        seen = &slot->seen[slot->n_seen - 1];
        book_set(book, &seen->source, source);
        book_set(book, &seen->location, "");
        book_set(book, &seen->odata, "");
        return book->failed ? NULL : seen;
}

const struct seen *slot_seen_by(const struct slot *slot, const char *source)
{
        for (size_t i = 0; i < slot->n_seen; i++)
                if (strcmp(slot->seen[i].source, source) == 0)
                        return &slot->seen[i];
        return NULL;
}

/* The host gives names anew at each boot, and when a disk comes back: "sda" is whoever bears that name
 * now, and no place where a serial is known. */
static bool is_host_named(const struct vg_component *component)
{
        return *component->device && strcmp(component->location, component->device) == 0;
}

static bool is_only_device(const struct vg_component *component)
{
        return is_host_named(component) && slot_is_serial(component->serial);
}

static bool bears_other_name(const struct slot *slot, const struct vg_component *component)
{
        return *slot->device && strcmp(slot->device, component->device) != 0;
}

enum how { BY_HOST, BY_NAME, BY_DEVICE, BY_SERIAL, BY_PLACE, N_HOWS };

/* Whether this component can be found that way at all. */
static bool may_match(enum how how, const struct vg_component *component, const char *place)
{
        switch (how) {
        case BY_HOST:
                return is_host_named(component);
        case BY_DEVICE:
                return *component->device;
        case BY_SERIAL:
                return slot_is_serial(component->serial);
        case BY_PLACE:
                return *place;
        case BY_NAME:
        case N_HOWS:
                break;
        }
        return true;
}

static bool matches(const struct slot *slot, enum how how, const struct seen *seen,
                    const struct vg_component *component, const char *place)
{
        char other[PLACE];

        switch (how) {
        case BY_HOST:
                return strcmp(slot->device, component->device) == 0 &&
                       !serials_conflict(slot, component);
        case BY_NAME:
                return seen && strcmp(seen->location, component->location) == 0 &&
                       !(is_host_named(component) &&
                         (serials_conflict(slot, component) || bears_other_name(slot, component)));
        case BY_DEVICE:
                return !seen && strcmp(slot->device, component->device) == 0 &&
                       !serials_conflict(slot, component);
        case BY_SERIAL:
                return (!seen || is_only_device(component)) &&
                       strcmp(slot->serial, component->serial) == 0;
        case BY_PLACE:
                if (seen || serials_conflict(slot, component))
                        return false;
                place_of(slot->component_class, slot->location, other);
                return strcmp(place, other) == 0;
        case N_HOWS:
                break;
        }
        return false;
}

/* *ret_n_seen: how many of the class this source has named, where its own name does not decide. */
static struct slot *find_slot(const struct vg_fault_book *book, const char *source,
                              const struct vg_component *component, size_t *ret_n_seen)
{
        char place[PLACE];

        place_of(component->component_class, component->location, place);
        for (enum how how = BY_HOST; how < N_HOWS; how++) {
                struct slot *found = NULL;
                size_t n = 0, n_seen = 0;

                if (!may_match(how, component, place))
                        continue;
                for (size_t i = 0; i < book->n_slots; i++) {
                        struct slot *slot = book->slots[i];

                        if (strcmp(slot->component_class, component->component_class) != 0)
                                continue;
                        const struct seen *seen = slot_seen_by(slot, source);
                        n_seen += seen != NULL;
                        if (matches(slot, how, seen, component, place)) {
                                found = slot;
                                n++;
                        }
                }
                if (n == 1)
                        return found; /* more than one: no identity, a further name decides */
                *ret_n_seen = n_seen;
                if (how == BY_NAME && n_seen >= SEEN_MAX)
                        return NULL;
        }
        return NULL;
}

static struct slot *make_slot(struct vg_fault_book *book, const struct vg_component *component)
{
        struct slot *slot = NULL;
        void *list;

        if (book->n_slots >= SLOTS_MAX)
                return NULL;
        slot = calloc(1, sizeof(*slot));
        list = slot ? book_grow(book, book->slots, &book->n_slots, sizeof(struct slot *)) : NULL;
        if (!list) {
                book->failed = true;
                free(slot);
                return NULL;
        }
        book->slots = list;
        book->slots[book->n_slots - 1] = slot;
        book_set(book, &slot->component_class, component->component_class);
        book_set(book, &slot->location, component->location);
        book_set(book, &slot->device, component->device);
        char **const rest[] = { &slot->manufacturer, &slot->model, &slot->part,       &slot->serial,
                                &slot->firmware,     &slot->odata, &slot->unit_source };
        for (size_t i = 0; i < ELEMENTSOF(rest); i++)
                book_set(book, rest[i], "");
        return book->failed ? NULL : slot;
}

/* Two slots of one class and one location would share their faults' ids. */
static void name_apart(struct vg_fault_book *book, struct slot *slot,
                       const struct vg_component *component)
{
        for (size_t i = 0; i < book->n_slots; i++) {
                char name[2 * VG_SIGHT_TEXT_MAX + 2];

                if (book->slots[i] == slot ||
                    strcmp(book->slots[i]->component_class, slot->component_class) != 0 ||
                    strcmp(book->slots[i]->location, slot->location) != 0)
                        continue;
                snprintf(name, sizeof(name), "%s/%s", component->location,
                         slot_is_serial(component->serial) ? component->serial : component->odata);
                book_set(book, &slot->location, name);
                return;
        }
}

bool slot_has_better_place(const struct slot *slot, const struct vg_component *component)
{
        for (size_t i = 0; i < slot->n_entries; i++)
                if (slot->entries[i]->episode)
                        return false; /* the ids of its faults are of that name */
        return *slot->device && strcmp(slot->location, slot->device) == 0 && !*component->device &&
               *component->location;
}

void slot_rename(struct vg_fault_book *book, struct slot *slot,
                 const struct vg_component *component)
{
        book_set(book, &slot->location, component->location);
        name_apart(book, slot, component);
}

struct slot *slot_of(struct vg_fault_book *book, const char *source,
                     const struct vg_component *component)
{
        size_t n_seen = 0;
        struct slot *slot = find_slot(book, source, component, &n_seen);
        struct seen *seen;

        if (!slot) {
                slot = n_seen < SEEN_MAX ? make_slot(book, component) : NULL;
                if (!slot)
                        return NULL;
                name_apart(book, slot, component);
        }
        seen = seen_by(book, slot, source);
        if (!seen)
                return NULL;
        book_set(book, &seen->location, component->location);
        if (*component->odata)
                book_set(book, &seen->odata, component->odata);
        return book->failed ? NULL : slot;
}
