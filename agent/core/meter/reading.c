/* SPDX-License-Identifier: Apache-2.0 */

/* reading: raw counters of a run into amounts. */

#include <assert.h>
#include <string.h>

#include "room.h"
#include "vigie/search.h"

static const struct {
        const char *prefix; /* before ':', or the whole name */
        enum vg_resource resource;
} kinds[N_SLOT_KINDS] = {
        [SLOT_CPU] = { "cpu_ns", VG_RESOURCE_CPU_USED },
        [SLOT_RSS] = { "rss_kib", VG_RESOURCE_RAM_USED },
        [SLOT_RD] = { "rd", VG_RESOURCE_BLOCK_READ },
        [SLOT_RX] = { "rx", VG_RESOURCE_NET_RX },
        [SLOT_TX] = { "tx", VG_RESOURCE_NET_TX },
        [SLOT_WR] = { "wr", VG_RESOURCE_BLOCK_WRITTEN },
};

const char *slot_prefix(enum slot_kind kind)
{
        return kinds[kind].prefix;
}

struct slot_key {
        enum slot_kind kind;
        const char *device;
        size_t n;
};

static int compare_slot(const void *slots, size_t i, const void *wanted)
{
        const struct slot *slot = &((const struct slot *)slots)[i];
        const struct slot_key *key = wanted;

        if (slot->kind != key->kind)
                return slot->kind < key->kind ? -1 : 1;

        int order = strncmp(slot->device, key->device, key->n);
        return order ? order : slot->device[key->n] != '\0';
}

static uint32_t slot_position(const struct domain *d, enum slot_kind kind, const char *device,
                              size_t n, bool *ret_found)
{
        const struct slot_key key = { kind, device, n };

        return (uint32_t)vg_search(d->slots, d->n_slots, compare_slot, &key, ret_found);
}

struct slot *slot_find(const struct domain *d, enum slot_kind kind, const char *device,
                       size_t n_device)
{
        bool found;
        uint32_t at = slot_position(d, kind, device, n_device, &found);

        return found ? &d->slots[at] : NULL;
}

struct slot *slot_add(struct vg_book *book, struct domain *d, enum slot_kind kind,
                      const char *device, size_t n_device)
{
        bool found;
        uint32_t at = slot_position(d, kind, device, n_device, &found);

        if (found)
                return &d->slots[at];
        if (d->n_slots >= 4 * VG_BOOK_DISKS_MAX + 2)
                return NULL;

        struct slot *slots = grow(book, d->slots, d->n_slots, sizeof(*slots));
        if (!slots)
                return NULL;
        d->slots = slots;

        char *copy = strndup(device, n_device);
        if (!copy) {
                book->failed = true;
                return NULL;
        }
        memmove(slots + at + 1, slots + at, (d->n_slots - at) * sizeof(*slots));
        slots[at] = (struct slot){ .device = copy, .kind = kind };
        d->n_slots++;
        return &slots[at];
}

void slots_clear(struct domain *d)
{
        for (uint32_t i = 0; i < d->n_slots; i++)
                free(d->slots[i].device);
        free(d->slots);
        d->slots = NULL;
        d->n_slots = 0;
}

/* What the counter gained after the last reading, nobody saw. */
static void mark_tail(struct vg_book *book, struct domain *d, const struct slot *slot)
{
        if (slot->based && slot->kind != SLOT_RSS)
                mark_quality(book, d, slot->at.utc_ns, (uint16_t)(1u << kinds[slot->kind].resource),
                             VG_QUALITY_RESTARTED);
}

static void hold_gauge(struct vg_book *book, struct domain *d, const struct slot *slot,
                       struct vg_stamp until)
{
        if (!slot->based || until.boot_ns <= slot->at.boot_ns)
                return;
        if (until.boot_ns - slot->at.boot_ns <= book->options.gauge_hold_ns)
                spread_gauge(book, d, VG_RESOURCE_RAM_USED, slot->at, until, slot->value);
        else {
                mark_quality(book, d, slot->at.utc_ns, 1u << VG_RESOURCE_RAM_USED, VG_QUALITY_GAP);
                mark_quality(book, d, until.utc_ns, 1u << VG_RESOURCE_RAM_USED, VG_QUALITY_GAP);
        }
}

void slots_leave(struct vg_book *book, struct domain *d, struct vg_stamp at, bool witnessed)
{
        for (uint32_t i = 0; i < d->n_slots; i++) {
                struct slot *slot = &d->slots[i];
                mark_tail(book, d, slot);
                if (slot->kind != SLOT_RSS)
                        continue;
                if (witnessed)
                        hold_gauge(book, d, slot, at);
                slot->based = false;
        }
}

void run_end(struct vg_book *book, struct domain *d, struct vg_stamp at, bool witnessed)
{
        slots_leave(book, d, at, witnessed);
        slots_clear(d);
        free(d->run);
        d->run = NULL;
}

static bool names_device(const struct vg_facts *facts, const struct slot *slot)
{
        if (slot->kind == SLOT_CPU || slot->kind == SLOT_RSS)
                return true;
        if (slot->kind == SLOT_RX || slot->kind == SLOT_TX) {
                for (size_t i = 0; i < facts->n_nics; i++)
                        if (strcmp(facts->nics[i], slot->device) == 0)
                                return true;
                return false;
        }
        for (size_t i = 0; i < facts->n_disks; i++)
                if (strcmp(facts->disks[i].target, slot->device) == 0)
                        return true;
        return false;
}

static void expect(struct vg_book *book, struct domain *d, enum slot_kind kind, const char *device,
                   const struct vg_stamp *zero)
{
        if (slot_find(d, kind, device, strlen(device)))
                return;

        struct slot *slot = slot_add(book, d, kind, device, strlen(device));
        if (slot && zero && kind != SLOT_RSS) {
                slot->based = true;
                slot->at = *zero;
        }
}

/* Slots for the devices that the facts name and for no other. A new one counts from zero since
 * *zero, or, where zero is NULL, from its first reading. */
void slots_match(struct vg_book *book, struct domain *d, const struct vg_facts *facts,
                 const struct vg_stamp *zero)
{
        uint32_t kept = 0;

        for (uint32_t i = 0; i < d->n_slots; i++) {
                if (names_device(facts, &d->slots[i])) {
                        d->slots[kept++] = d->slots[i];
                        continue;
                }
                mark_tail(book, d, &d->slots[i]);
                free(d->slots[i].device);
        }
        d->n_slots = kept;

        expect(book, d, SLOT_CPU, "", zero);
        expect(book, d, SLOT_RSS, "", zero);
        for (size_t i = 0; i < facts->n_disks; i++) {
                expect(book, d, SLOT_RD, facts->disks[i].target, zero);
                expect(book, d, SLOT_WR, facts->disks[i].target, zero);
        }
        for (size_t i = 0; i < facts->n_nics; i++) {
                expect(book, d, SLOT_RX, facts->nics[i], zero);
                expect(book, d, SLOT_TX, facts->nics[i], zero);
        }
}

/* "rd:vda#2": kind, device, generation (1 where none is given). */
static bool parse_name(const char *name, enum slot_kind *ret_kind, const char **ret_device,
                       size_t *ret_n, uint32_t *ret_generation)
{
        const char *colon = strchr(name, ':');
        const size_t n_prefix = colon ? (size_t)(colon - name) : strlen(name);
        int kind = 0;

        while (kind < N_SLOT_KINDS && (strlen(kinds[kind].prefix) != n_prefix ||
                                       memcmp(kinds[kind].prefix, name, n_prefix) != 0))
                kind++;
        if (kind == N_SLOT_KINDS || (colon != NULL) != (kind >= SLOT_RD))
                return false;

        const char *device = colon ? colon + 1 : "", *hash = strrchr(device, '#');
        uint64_t generation = 1;
        if (hash &&
            (vg_u64_parse(hash + 1, &generation) < 0 || !generation || generation > UINT32_MAX))
                return false;
        *ret_kind = (enum slot_kind)kind;
        *ret_device = device;
        *ret_n = hash ? (size_t)(hash - device) : strlen(device);
        *ret_generation = (uint32_t)generation;
        return *ret_n <= VG_BOOK_NAME_MAX;
}

static void take(struct vg_book *book, struct domain *d, struct slot *slot, uint32_t generation,
                 uint64_t value, struct vg_stamp at)
{
        const uint32_t known = slot->generation ? slot->generation : generation;
        const uint16_t bit = (uint16_t)(1u << kinds[slot->kind].resource);
        const struct vg_reading prev = { 0, known, slot->value, slot->at.boot_ns, slot->at.utc_ns };
        const struct vg_reading now = { 0, generation, value, at.boot_ns, at.utc_ns };
        struct vg_usage usage;

        if (slot->based && at.boot_ns <= slot->at.boot_ns)
                return; /* delivered late or twice: nothing new */
        if (slot->kind == SLOT_RSS)
                hold_gauge(book, d, slot, at);
        else if (vg_meter_advance(slot->based ? &prev : NULL, &now, &usage, NULL) == 0) {
                spread_counter(book, d, kinds[slot->kind].resource, slot->at, at, usage.amount);
                mark_quality(book, d, at.utc_ns, bit, usage.quality);
        } else if (slot->based) /* it ran backwards: based anew, never guessed */
                mark_quality(book, d, at.utc_ns, bit, VG_QUALITY_RESTARTED);
        slot->based = true;
        slot->generation = generation;
        slot->value = value;
        slot->at = at;
}

void readings_apply(struct vg_book *book, const struct vg_observation *o)
{
        for (size_t i = 0; i < o->readings.n_domains; i++) {
                const struct vg_domain_readings *r = &o->readings.domains[i];
                struct domain *d = table_find(&book->domains, r->uuid);

                /* Of a run that is not known yet: its first fact says from where it counts. */
                if (!d || !d->run || strcmp(d->run, r->run) != 0)
                        continue;
                for (size_t k = 0; k < r->n_counters; k++) {
                        const struct vg_counter *counter = &r->counters[k];
                        enum slot_kind kind;
                        const char *device;
                        size_t n;
                        uint32_t generation;

                        if (counter->value > VALUE_MAX ||
                            !parse_name(counter->name, &kind, &device, &n, &generation))
                                continue;
                        struct slot *slot = slot_add(book, d, kind, device, n);
                        if (slot)
                                take(book, d, slot, generation, counter->value, o->at);
                }
        }
}
