/* SPDX-License-Identifier: Apache-2.0 */

#include "core/fault/shapes.h"

#include "core/fault/room.h"
#include "vigie/mem.h"

#define F(s, name, member, type, max)                                \
        {                                                            \
                name, offsetof(struct s, member), type, max, 0, NULL \
        }
#define L(s, name, member, type, shape)                                                          \
        {                                                                                        \
                name, offsetof(struct s, member), type, 0, offsetof(struct s, n_##member), shape \
        }
#define SHAPE(s)                                                                    \
        static const struct shape s##_shape = { s##_fields, ELEMENTSOF(s##_fields), \
                                                sizeof(struct s) }

static const struct field claim_fields[] = {
        F(claim, "after_s", after_s, NUMBER, 0),
        F(claim, "count", count, NUMBER, 0),
        F(claim, "first_s", first_s, NUMBER, 0),
        F(claim, "good", good, SMALL, 2),
        F(claim, "key", key, TEXT, 0),
        F(claim, "kind", kind, SMALL, VG_SIGHT_MENTION),
        F(claim, "last_s", last_s, NUMBER, 0),
        F(claim, "level", level, NUMBER, 0),
        L(claim, "moments", moments, MOMENTS, NULL),
        F(claim, "path", path, TEXT, 0),
        F(claim, "severity", severity, SMALL, VG_FAULT_CRITICAL),
        F(claim, "source", source, TEXT, 0),
        F(claim, "stands", stands, FLAG, 0),
        F(claim, "text", text, TEXT, 0),
        F(claim, "threshold", threshold, TEXT, 0),
        F(claim, "threshold_from", threshold_from, TEXT, 0),
        F(claim, "value", value, TEXT, 0),
};
SHAPE(claim);

static const struct field entry_fields[] = {
        F(entry, "acknowledged_s", acknowledged_s, NUMBER, 0),
        F(entry, "before", before, SMALL, VG_FAULT_UNOBSERVABLE),
        L(entry, "claims", claims, LIST, &claim_shape),
        F(entry, "code", code, CODE, 0),
        F(entry, "count", count, NUMBER, 0),
        F(entry, "ended_s", ended_s, NUMBER, 0),
        F(entry, "episode", episode, NUMBER, 0),
        F(entry, "first_s", first_s, NUMBER, 0),
        F(entry, "how", how, TEXT, 0),
        F(entry, "last_s", last_s, NUMBER, 0),
        F(entry, "manufacturer", manufacturer, TEXT, 0),
        F(entry, "model", model, TEXT, 0),
        F(entry, "n_sources", n_sources, NUMBER, 0),
        F(entry, "on_site_s", on_site_s, NUMBER, 0),
        F(entry, "part", part, TEXT, 0),
        F(entry, "serial", serial, TEXT, 0),
        F(entry, "severity", severity, SMALL, VG_FAULT_CRITICAL),
        F(entry, "state", state, SMALL, VG_FAULT_UNOBSERVABLE),
};
SHAPE(entry);

static const struct field seen_fields[] = {
        F(seen, "health", health, SMALL, VG_HEALTH_CRITICAL),
        F(seen, "location", location, TEXT, 0),
        F(seen, "odata", odata, TEXT, 0),
        F(seen, "present", present, FLAG, 0),
        F(seen, "source", source, TEXT, 0),
};
SHAPE(seen);

static const struct field slot_fields[] = {
        F(slot, "class", component_class, TEXT, 0),
        F(slot, "device", device, TEXT, 0),
        L(slot, "entries", entries, POINTERS, &entry_shape),
        F(slot, "firmware", firmware, TEXT, 0),
        F(slot, "location", location, TEXT, 0),
        F(slot, "manufacturer", manufacturer, TEXT, 0),
        F(slot, "missing", missing, FLAG, 0),
        F(slot, "model", model, TEXT, 0),
        F(slot, "odata", odata, TEXT, 0),
        F(slot, "part", part, TEXT, 0),
        L(slot, "seen", seen, LIST, &seen_shape),
        F(slot, "serial", serial, TEXT, 0),
        F(slot, "unit_source", unit_source, TEXT, 0),
};
SHAPE(slot);

static const struct field source_fields[] = {
        F(source, "cause", cause, TEXT, 0),
        F(source, "failures", failures, NUMBER, 0),
        F(source, "last_good_s", last_good_s, NUMBER, 0),
        F(source, "last_s", last_s, NUMBER, 0),
        F(source, "name", name, TEXT, 0),
        F(source, "since_s", since_s, NUMBER, 0),
};
SHAPE(source);

static const struct field vg_fault_book_fields[] = {
        F(vg_fault_book, "host", host, TEXT, 0),
        L(vg_fault_book, "slots", slots, POINTERS, &slot_shape),
        L(vg_fault_book, "sources", sources, LIST, &source_shape),
};
const struct shape book_shape = { vg_fault_book_fields, ELEMENTSOF(vg_fault_book_fields),
                                  sizeof(struct vg_fault_book) };

_Static_assert(sizeof(enum vg_fault_state) == sizeof(int), "SMALL fields are ints");
