/* SPDX-License-Identifier: Apache-2.0 */

/* The book's memory as canonical JSON, and back. Field tables say what is kept, so that saving and
 * loading cannot drift apart. Numbers that are zero and texts that are empty are left out.
 *
 * {"host","slots":[{texts, numbers, "entries":[{…, "claims":[{…, "moments":[[at,count]]}]}],
 *  "seen":[…]}],"sources":[…],"v":1} */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum type { TEXT, NUMBER, FLAG, SMALL };

struct field { /* sorted by name within a table */
        const char *name;
        size_t offset;
        enum type type;
        int64_t max; /* SMALL: the highest value of the enumeration */
};

#define F(s, name, member, type, max)                       \
        {                                                   \
                name, offsetof(struct s, member), type, max \
        }

static const struct field slot_fields[] = {
        F(slot, "class", component_class, TEXT, 0),
        F(slot, "device", device, TEXT, 0),
        F(slot, "firmware", firmware, TEXT, 0),
        F(slot, "location", location, TEXT, 0),
        F(slot, "manufacturer", manufacturer, TEXT, 0),
        F(slot, "missing", missing, FLAG, 0),
        F(slot, "model", model, TEXT, 0),
        F(slot, "odata", odata, TEXT, 0),
        F(slot, "part", part, TEXT, 0),
        F(slot, "serial", serial, TEXT, 0),
        F(slot, "unit_source", unit_source, TEXT, 0),
};

static const struct field seen_fields[] = {
        F(seen, "health", health, SMALL, VG_HEALTH_CRITICAL),
        F(seen, "location", location, TEXT, 0),
        F(seen, "odata", odata, TEXT, 0),
        F(seen, "present", present, FLAG, 0),
        F(seen, "source", source, TEXT, 0),
};

static const struct field entry_fields[] = {
        F(entry, "acknowledged_s", acknowledged_s, NUMBER, 0),
        F(entry, "before", before, SMALL, VG_FAULT_UNOBSERVABLE),
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

static const struct field claim_fields[] = {
        F(claim, "after_s", after_s, NUMBER, 0),
        F(claim, "count", count, NUMBER, 0),
        F(claim, "first_s", first_s, NUMBER, 0),
        F(claim, "good", good, SMALL, 2),
        F(claim, "key", key, TEXT, 0),
        F(claim, "kind", kind, SMALL, VG_SIGHT_ABSENT),
        F(claim, "last_s", last_s, NUMBER, 0),
        F(claim, "level", level, NUMBER, 0),
        F(claim, "path", path, TEXT, 0),
        F(claim, "severity", severity, SMALL, VG_FAULT_CRITICAL),
        F(claim, "source", source, TEXT, 0),
        F(claim, "stands", stands, FLAG, 0),
        F(claim, "text", text, TEXT, 0),
        F(claim, "threshold", threshold, TEXT, 0),
        F(claim, "threshold_from", threshold_from, TEXT, 0),
        F(claim, "value", value, TEXT, 0),
};

static const struct field source_fields[] = {
        F(source, "cause", cause, TEXT, 0),
        F(source, "failures", failures, NUMBER, 0),
        F(source, "last_good_s", last_good_s, NUMBER, 0),
        F(source, "last_s", last_s, NUMBER, 0),
        F(source, "name", name, TEXT, 0),
        F(source, "since_s", since_s, NUMBER, 0),
};

_Static_assert(sizeof(enum vg_fault_state) == sizeof(int), "SMALL fields are ints");

static int64_t number_of(const void *object, const struct field *f)
{
        const char *at = (const char *)object + f->offset;

        switch (f->type) {
        case NUMBER:
                return *(const int64_t *)(const void *)at;
        case FLAG:
                return *(const bool *)(const void *)at;
        case SMALL:
                return *(const int *)(const void *)at;
        case TEXT:
                break;
        }
        return 0;
}

/* Members that stand beside the fields of a table; each in its place in byte order. */
struct beside {
        const char *name;
        void (*write)(struct vg_json *j, const void *object);
};

static void write_fields(struct vg_json *j, const struct field *fields, size_t n,
                         const void *object, const struct beside *beside, size_t n_beside)
{
        size_t b = 0;

        for (size_t i = 0; i < n; i++) {
                for (; b < n_beside && strcmp(beside[b].name, fields[i].name) < 0; b++)
                        beside[b].write(j, object);
                if (fields[i].type == TEXT) {
                        const char *const *text =
                                (const void *)((const char *)object + fields[i].offset);
                        if (**text)
                                vg_json_string(j, fields[i].name, *text);
                } else if (number_of(object, &fields[i])) {
                        vg_json_int(j, fields[i].name, number_of(object, &fields[i]));
                }
        }
        for (; b < n_beside; b++)
                beside[b].write(j, object);
}

static void write_moments(struct vg_json *j, const void *object)
{
        const struct claim *claim = object;

        if (!claim->n_moments)
                return;
        vg_json_array(j, "moments");
        for (size_t i = 0; i < claim->n_moments; i++) {
                vg_json_array(j, NULL);
                vg_json_int(j, NULL, claim->moments[i].at_s);
                vg_json_int(j, NULL, claim->moments[i].count);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void write_claims(struct vg_json *j, const void *object)
{
        static const struct beside beside[] = { { "moments", write_moments } };
        const struct entry *entry = object;

        vg_json_array(j, "claims");
        for (size_t i = 0; i < entry->n_claims; i++) {
                vg_json_object(j, NULL);
                write_fields(j, claim_fields, ELEMENTSOF(claim_fields), &entry->claims[i], beside,
                             ELEMENTSOF(beside));
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void write_code(struct vg_json *j, const void *object)
{
        vg_json_string(j, "code", ((const struct entry *)object)->code->id);
}

static void write_entries(struct vg_json *j, const void *object)
{
        static const struct beside beside[] = { { "claims", write_claims },
                                                { "code", write_code } };
        const struct slot *slot = object;

        vg_json_array(j, "entries");
        for (size_t i = 0; i < slot->n_entries; i++) {
                vg_json_object(j, NULL);
                write_fields(j, entry_fields, ELEMENTSOF(entry_fields), slot->entries[i], beside,
                             ELEMENTSOF(beside));
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void write_seen(struct vg_json *j, const void *object)
{
        const struct slot *slot = object;

        vg_json_array(j, "seen");
        for (size_t i = 0; i < slot->n_seen; i++) {
                vg_json_object(j, NULL);
                write_fields(j, seen_fields, ELEMENTSOF(seen_fields), &slot->seen[i], NULL, 0);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

int vg_fault_book_save(const struct vg_fault_book *book, struct vg_buf *buf, struct vg_err *err)
{
        static const struct beside beside[] = { { "entries", write_entries },
                                                { "seen", write_seen } };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "host", book->host);
        vg_json_array(&j, "slots");
        for (size_t i = 0; i < book->n_slots; i++) {
                vg_json_object(&j, NULL);
                write_fields(&j, slot_fields, ELEMENTSOF(slot_fields), book->slots[i], beside,
                             ELEMENTSOF(beside));
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_array(&j, "sources");
        for (size_t i = 0; i < book->n_sources; i++) {
                vg_json_object(&j, NULL);
                write_fields(&j, source_fields, ELEMENTSOF(source_fields), &book->sources[i], NULL,
                             0);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_int(&j, "v", 1);
        vg_json_end_object(&j);
        vg_buf_append(buf, j.buf.data, j.buf.n);
        return j.buf.failed || buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}

/* ---- loading ---- */

struct loading {
        struct vg_fault_book *book;
        struct vg_err *err;
};

static int wrong(const struct loading *l, const char *name)
{
        return vg_err_set(l->err, -EINVAL, "mémoire des défaillances : %s", name);
}

static int load_field(const struct loading *l, const json_t *tree, const struct field *f,
                      void *object)
{
        char *at = (char *)object + f->offset;
        const char *text = "";
        int64_t value = 0;
        int r;

        if (f->type == TEXT) {
                r = vg_json_get_string(tree, f->name, &text);
                if (r == -EINVAL)
                        return wrong(l, f->name);
                book_set(l->book, (char **)(void *)at, text);
                return l->book->failed ? -ENOMEM : 0;
        }
        r = vg_json_get_int(tree, f->name, &value);
        if (r == -EINVAL || (f->type == SMALL && (value < 0 || value > f->max)))
                return wrong(l, f->name);
        if (f->type == NUMBER)
                *(int64_t *)(void *)at = value;
        else if (f->type == FLAG)
                *(bool *)(void *)at = value != 0;
        else
                *(int *)(void *)at = (int)value;
        return 0;
}

static int load_fields(const struct loading *l, const json_t *tree, const struct field *fields,
                       size_t n, void *object)
{
        int r = json_is_object(tree) ? 0 : wrong(l, fields[0].name);

        for (size_t i = 0; i < n && r == 0; i++)
                r = load_field(l, tree, &fields[i], object);
        return r;
}

static int load_moments(const struct loading *l, const json_t *tree, struct claim *claim)
{
        const json_t *list = json_object_get(tree, "moments");

        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *pair = json_array_get(list, i);
                void *moments;

                if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) ||
                    !json_is_integer(json_array_get(pair, 1)) || i >= MOMENTS_MAX)
                        return wrong(l, "moments");
                moments = book_grow(l->book, claim->moments, &claim->n_moments,
                                    sizeof(*claim->moments));
                if (!moments)
                        return -ENOMEM;
                claim->moments = moments;
                claim->moments[i].at_s = json_integer_value(json_array_get(pair, 0));
                claim->moments[i].count = json_integer_value(json_array_get(pair, 1));
        }
        return 0;
}

static int load_claim(const struct loading *l, const json_t *tree, struct entry *entry)
{
        struct claim *claim;
        void *list = book_grow(l->book, entry->claims, &entry->n_claims, sizeof(*claim));
        int r;

        if (!list)
                return -ENOMEM;
        entry->claims = list;
        claim = &entry->claims[entry->n_claims - 1];
        r = load_fields(l, tree, claim_fields, ELEMENTSOF(claim_fields), claim);
        return r < 0 ? r : load_moments(l, tree, claim);
}

static int load_entry(const struct loading *l, const json_t *tree, struct slot *slot)
{
        const json_t *claims = json_object_get(tree, "claims");
        const struct vg_fault_code *code = NULL;
        const char *id;
        struct entry *entry;
        int r;

        if (vg_json_get_string(tree, "code", &id) == 0)
                code = vg_fault_code_find(id);
        if (!code)
                return wrong(l, "code");
        entry = entry_of(l->book, slot, code);
        if (!entry)
                return -ENOMEM;
        r = load_fields(l, tree, entry_fields, ELEMENTSOF(entry_fields), entry);
        for (size_t i = 0; i < json_array_size(claims) && r == 0; i++)
                r = load_claim(l, json_array_get(claims, i), entry);
        return r;
}

static int load_slot(const struct loading *l, const json_t *tree)
{
        const json_t *entries = json_object_get(tree, "entries");
        const json_t *seen = json_object_get(tree, "seen");
        struct slot *slot = calloc(1, sizeof(*slot));
        void *list =
                slot ? book_grow(l->book, l->book->slots, &l->book->n_slots, sizeof(struct slot *))
                     : NULL;
        int r;

        if (!list) {
                free(slot);
                return -ENOMEM;
        }
        l->book->slots = list;
        l->book->slots[l->book->n_slots - 1] = slot;
        r = load_fields(l, tree, slot_fields, ELEMENTSOF(slot_fields), slot);
        if (r == 0 && !vg_class_find(slot->component_class))
                r = wrong(l, "class");
        for (size_t i = 0; i < json_array_size(seen) && r == 0; i++) {
                list = book_grow(l->book, slot->seen, &slot->n_seen, sizeof(*slot->seen));
                if (!list)
                        return -ENOMEM;
                slot->seen = list;
                r = load_fields(l, json_array_get(seen, i), seen_fields, ELEMENTSOF(seen_fields),
                                &slot->seen[i]);
        }
        for (size_t i = 0; i < json_array_size(entries) && r == 0; i++)
                r = load_entry(l, json_array_get(entries, i), slot);
        return r;
}

static int load_source(const struct loading *l, const json_t *tree)
{
        void *list = book_grow(l->book, l->book->sources, &l->book->n_sources,
                               sizeof(*l->book->sources));

        if (!list)
                return -ENOMEM;
        l->book->sources = list;
        return load_fields(l, tree, source_fields, ELEMENTSOF(source_fields),
                           &l->book->sources[l->book->n_sources - 1]);
}

int vg_fault_book_load(const json_t *tree, struct vg_fault_book **ret_book, struct vg_err *err)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL;
        const json_t *slots = json_object_get(tree, "slots");
        const json_t *sources = json_object_get(tree, "sources");
        struct loading l = { .err = err };
        const char *host;
        int64_t version;
        int r;

        if (vg_json_get_string(tree, "host", &host) < 0 ||
            vg_json_get_int(tree, "v", &version) < 0 || version != 1)
                return wrong(&l, "host, v");
        r = vg_fault_book_new(host, &book);
        l.book = book;
        for (size_t i = 0; i < json_array_size(slots) && r == 0; i++)
                r = load_slot(&l, json_array_get(slots, i));
        for (size_t i = 0; i < json_array_size(sources) && r == 0; i++)
                r = load_source(&l, json_array_get(sources, i));
        if (r < 0)
                return r;
        *ret_book = TAKE_PTR(book);
        return 0;
}
