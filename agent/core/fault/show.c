/* SPDX-License-Identifier: Apache-2.0 */

/* The book as others see it: faults with their evidence, units, sources; the body of a record. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static void add_evidence(const struct entry *entry, bool only_standing,
                         struct vg_evidence *evidence, size_t *n)
{
        for (size_t i = 0; i < entry->n_claims; i++) {
                const struct claim *c = &entry->claims[i];

                if ((only_standing && !c->stands) || c->last_s == 0)
                        continue;
                evidence[(*n)++] = (struct vg_evidence){
                        .source = c->source,
                        .path = c->path,
                        .text = c->text,
                        .value = c->value,
                        .threshold = c->threshold,
                        .threshold_from = c->threshold_from,
                        .kind = c->kind,
                        .first_s = c->first_s,
                        .last_s = c->last_s,
                        .count = c->count,
                        .stands = c->stands,
                };
        }
}

int entry_show(const struct vg_fault_book *book, const struct slot *slot, const struct entry *entry,
               struct vg_fault *ret_fault, struct vg_evidence **ret_evidence)
{
        const bool active = entry_is_active(entry);
        size_t n_max = 1, n = 0;

        for (size_t i = 0; i < slot->n_entries; i++)
                n_max += slot->entries[i]->n_claims;

        struct vg_evidence *evidence = calloc(n_max, sizeof(*evidence));
        if (!evidence)
                return -ENOMEM;
        add_evidence(entry, active, evidence, &n);
        for (size_t i = 0; i < slot->n_entries && active; i++) {
                const struct entry *other = slot->entries[i];

                if (strcmp(other->code->family, entry->code->family) == 0 &&
                    other->code->rank < entry->code->rank)
                        add_evidence(other, true, evidence, &n);
        }
        *ret_fault = (struct vg_fault){
                .episode = entry->episode,
                .code = entry->code,
                .severity = entry->severity,
                .state = entry->state,
                .before = entry->before,
                .first_s = entry->first_s,
                .last_s = entry->last_s,
                .ended_s = entry->ended_s,
                .count = entry->count,
                .acknowledged_s = entry->acknowledged_s,
                .on_site_s = entry->on_site_s,
                .how = entry->how,
                .component = slot_component(slot),
                .evidence = evidence,
                .n_evidence = n,
        };
        if (entry->episode) { /* the unit of the episode, which may be gone since */
                ret_fault->component.manufacturer = entry->manufacturer;
                ret_fault->component.model = entry->model;
                ret_fault->component.part = entry->part;
                ret_fault->component.serial = entry->serial;
        }
        entry_id(book, slot, entry, ret_fault->id);
        *ret_evidence = evidence;
        return 0;
}

/* ---- lists ---- */

struct shown {
        const struct slot *slot;
        const struct entry *entry;
        char id[17];
};

static int compare_shown(const void *a, const void *b)
{
        return strcmp(((const struct shown *)a)->id, ((const struct shown *)b)->id);
}

int vg_fault_book_each(const struct vg_fault_book *book,
                       int (*fn)(void *user, const struct vg_fault *fault), void *user)
{
        _cleanup_free_ struct shown *list = NULL;
        size_t n = 0, n_max = 1;
        int r = 0;

        for (size_t i = 0; i < book->n_slots; i++)
                n_max += book->slots[i]->n_entries;
        list = calloc(n_max, sizeof(*list));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < book->n_slots; i++) {
                for (size_t e = 0; e < book->slots[i]->n_entries; e++) {
                        const struct entry *entry = book->slots[i]->entries[e];

                        if (!entry->episode)
                                continue;
                        list[n].slot = book->slots[i];
                        list[n].entry = entry;
                        entry_id(book, book->slots[i], entry, list[n++].id);
                }
        }
        qsort(list, n, sizeof(*list), compare_shown);
        for (size_t i = 0; i < n && r == 0; i++) {
                _cleanup_free_ struct vg_evidence *evidence = NULL;
                struct vg_fault fault;

                r = entry_show(book, list[i].slot, list[i].entry, &fault, &evidence);
                if (r == 0)
                        r = fn(user, &fault);
        }
        return r;
}

static int compare_slots(const void *a, const void *b)
{
        const struct slot *x = *(const struct slot *const *)a;
        const struct slot *y = *(const struct slot *const *)b;
        const int r = strcmp(x->component_class, y->component_class);

        return r ? r : strcmp(x->location, y->location);
}

int vg_fault_book_each_slot(const struct vg_fault_book *book,
                            int (*fn)(void *user, const struct vg_component *component,
                                      bool is_missing),
                            void *user)
{
        _cleanup_free_ struct slot **sorted = calloc(book->n_slots + 1, sizeof(struct slot *));
        int r = 0;

        if (!sorted)
                return -ENOMEM;
        if (book->n_slots)
                memcpy(sorted, book->slots, book->n_slots * sizeof(struct slot *));
        qsort(sorted, book->n_slots, sizeof(struct slot *), compare_slots);
        for (size_t i = 0; i < book->n_slots && r == 0; i++) {
                const struct vg_component component = slot_component(sorted[i]);

                if (*sorted[i]->unit_source)
                        r = fn(user, &component, sorted[i]->missing);
        }
        return r;
}

int vg_fault_book_each_source(const struct vg_fault_book *book,
                              int (*fn)(void *user, const struct vg_source_state *source),
                              void *user)
{
        int r = 0;

        for (size_t i = 0; i < book->n_sources && r == 0; i++) {
                const struct source *s = &book->sources[i];

                r = fn(user, &(struct vg_source_state){
                                     .source = s->name,
                                     .cause = s->cause,
                                     .since_s = s->since_s,
                                     .failures = s->failures,
                                     .last_s = s->last_s,
                                     .last_good_s = s->last_good_s,
                             });
        }
        return r;
}

/* ---- acts ---- */

static struct entry *find_entry(const struct vg_fault_book *book, const char *id,
                                struct slot **ret_slot)
{
        char other[17];

        for (size_t i = 0; i < book->n_slots; i++) {
                for (size_t e = 0; e < book->slots[i]->n_entries; e++) {
                        struct entry *entry = book->slots[i]->entries[e];

                        entry_id(book, book->slots[i], entry, other);
                        if (!entry->episode || strcmp(other, id) != 0)
                                continue;
                        *ret_slot = book->slots[i];
                        return entry;
                }
        }
        return NULL;
}

/* Somebody has read it: what only a log or an event said is settled; a live state goes on. */
static void settle_past(struct slot *slot, const struct entry *acked, int64_t now_s)
{
        for (size_t e = 0; e < slot->n_entries; e++) {
                struct entry *entry = slot->entries[e];

                if (strcmp(entry->code->family, acked->code->family) != 0)
                        continue;
                for (size_t c = 0; c < entry->n_claims; c++) {
                        struct claim *claim = &entry->claims[c];

                        if (claim->kind != VG_SIGHT_LOG && claim->kind != VG_SIGHT_EVENT &&
                            claim->kind != VG_SIGHT_COUNTER)
                                continue;
                        claim->stands = false;
                        claim->n_moments = 0;
                        if (claim->kind != VG_SIGHT_COUNTER)
                                claim->after_s = now_s;
                }
        }
}

int vg_fault_book_act(struct vg_fault_book *book, const char *id, enum vg_fault_act act,
                      int64_t now_s, const struct vg_fault_sink *sink, struct vg_err *err)
{
        const struct judging judging = { book, sink, now_s, err };
        struct slot *slot;
        struct entry *entry = find_entry(book, id, &slot);
        int64_t *at_s;
        int r;

        if (!entry)
                return -ENOENT;
        if (!entry_is_active(entry))
                return -EALREADY;
        if (act == VG_FAULT_ACT_REPLACED)
                return settle_replaced(&judging, slot, now_s);
        at_s = act == VG_FAULT_ACT_ON_SITE ? &entry->on_site_s : &entry->acknowledged_s;
        if (*at_s)
                return -EALREADY;
        *at_s = now_s;
        r = tell(&judging,
                 act == VG_FAULT_ACT_ON_SITE ? VG_FAULT_EVENT_ON_SITE : VG_FAULT_EVENT_ACKNOWLEDGED,
                 slot, entry, now_s);
        if (r < 0 || act == VG_FAULT_ACT_ON_SITE)
                return r;
        settle_past(slot, entry, now_s);
        return settle_slot(&judging, slot, now_s, "ack");
}

/* ---- the body of a record ---- */

static void write_text(struct vg_json *j, const char *key, const char *value)
{
        if (*value)
                vg_json_string(j, key, value);
}

static void write_int(struct vg_json *j, const char *key, int64_t value)
{
        if (value)
                vg_json_int(j, key, value);
}

static void write_evidence(struct vg_json *j, const struct vg_evidence *e)
{
        vg_json_object(j, NULL);
        write_int(j, "count", e->count);
        write_int(j, "first_s", e->first_s);
        write_int(j, "last_s", e->last_s);
        write_text(j, "path", e->path);
        vg_json_string(j, "source", e->source);
        write_int(j, "stands", e->stands);
        write_text(j, "text", e->text);
        write_text(j, "threshold", e->threshold);
        write_text(j, "threshold_from", e->threshold_from);
        write_text(j, "value", e->value);
        vg_json_end_object(j);
}

void vg_fault_write(struct vg_json *j, enum vg_fault_event event, const struct vg_fault *fault,
                    int64_t at_s)
{
        vg_json_object(j, NULL);
        write_int(j, "acknowledged_s", fault->acknowledged_s);
        vg_json_int(j, "at_s", at_s);
        vg_json_string(j, "code", fault->code->id);
        vg_json_object(j, "component");
        vg_component_write(j, &fault->component);
        vg_json_end_object(j);
        vg_json_int(j, "count", fault->count);
        write_int(j, "ended_s", fault->ended_s);
        vg_json_int(j, "episode", fault->episode);
        vg_json_string(j, "event", vg_fault_event_name(event));
        vg_json_array(j, "evidence");
        for (size_t i = 0; i < fault->n_evidence; i++)
                write_evidence(j, &fault->evidence[i]);
        vg_json_end_array(j);
        vg_json_int(j, "first_s", fault->first_s);
        write_text(j, "how", fault->how);
        vg_json_string(j, "id", fault->id);
        vg_json_int(j, "last_s", fault->last_s);
        write_int(j, "on_site_s", fault->on_site_s);
        vg_json_string(j, "severity", vg_fault_severity_name(fault->severity));
        vg_json_string(j, "state", vg_fault_state_name(fault->state));
        vg_json_end_object(j);
}
