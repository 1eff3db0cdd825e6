/* SPDX-License-Identifier: Apache-2.0 */

/* cell: amounts of a domain, by interval and tenant; spans settled, counters and gauges spread. */

#include <assert.h>
#include <string.h>

#include "room.h"

#define BIT(resource) ((uint16_t)(1u << (resource)))
const uint16_t span_resources =
        BIT(VG_RESOURCE_BLOCK) | BIT(VG_RESOURCE_RAM) | BIT(VG_RESOURCE_VCPU) | BIT(VG_RESOURCE_VM);

static uint32_t cell_position(const struct domain *d, int64_t start_s, const struct tenant *tenant)
{
        uint32_t i = d->n_cells;

        /* The newest is nearly always meant. */
        for (; i > 0; i--) {
                const struct cell *c = &d->cells[i - 1];
                if (c->start_s < start_s ||
                    (c->start_s == start_s && strcmp(c->tenant->id, tenant->id) < 0))
                        break;
        }
        return i;
}

struct cell *cell_find(struct domain *d, int64_t start_s, const struct tenant *tenant)
{
        uint32_t i = cell_position(d, start_s, tenant);

        return i < d->n_cells && d->cells[i].start_s == start_s && d->cells[i].tenant == tenant
                       ? &d->cells[i]
                       : NULL;
}

/* NULL: no memory. */
struct cell *cell_at(struct vg_book *book, struct domain *d, int64_t start_s, struct tenant *tenant)
{
        struct cell *cell = cell_find(d, start_s, tenant);

        if (cell)
                return cell;
        if (d->n_cells == d->size_cells) {
                uint32_t size = d->size_cells ? 2 * d->size_cells : 2;
                struct cell *cells = realloc(d->cells, size * sizeof(*cells));
                if (!cells) {
                        book->failed = true;
                        return NULL;
                }
                d->cells = cells;
                d->size_cells = size;
        }

        uint32_t i = cell_position(d, start_s, tenant);
        memmove(d->cells + i + 1, d->cells + i, (d->n_cells - i) * sizeof(*d->cells));
        d->cells[i] = (struct cell){ .start_s = start_s, .tenant = tenant };
        d->n_cells++;
        return &d->cells[i];
}

void cell_add(struct cell *cell, enum vg_resource resource, vg_i128 amount)
{
        if (!cell)
                return;
        /* An amount is below 2^75 (room.h's bounds): 2^52 of them fit. */
        cell->amount[resource] += amount;
        cell->present |= BIT(resource);
}

void mark_quality(struct vg_book *book, struct domain *d, int64_t utc_ns, uint16_t resources,
                  enum vg_quality quality)
{
        struct cell *cell = NULL;

        if (resources && quality != VG_QUALITY_WHOLE)
                cell = cell_at(book, d, place_start_s(book, utc_ns), d->tenant);
        if (!cell)
                return;
        if (quality == VG_QUALITY_RESTARTED)
                cell->restarted |= resources;
        if (quality == VG_QUALITY_GAP)
                cell->gap |= resources;
}

/* The time between two stamps, cut where an interval begins and where the tenant changes. */
struct part {
        int64_t start_s;
        struct tenant *tenant;
        uint64_t from_boot_ns, to_boot_ns;
        int64_t from_utc_ns, to_utc_ns;
};
struct parting {
        const struct domain *domain;
        struct placing placing;
        struct piece piece;
        uint64_t at_boot_ns;
        uint32_t tenure;
};

static void part_begin(struct parting *p, const struct vg_book *book, const struct domain *d,
                       struct vg_stamp from, struct vg_stamp to)
{
        *p = (struct parting){ .domain = d, .at_boot_ns = from.boot_ns };
        place_begin(&p->placing, book, from, to);
        p->piece.to_boot_ns = from.boot_ns;
}

/* Where in the calendar an instant of the piece lies. */
static int64_t utc_at(const struct piece *piece, uint64_t boot_ns)
{
        const vg_i128 left = (vg_i128)(piece->to_boot_ns - boot_ns) * piece->covered_ns;

        return piece->to_utc_ns -
               (int64_t)(left / (vg_i128)(piece->to_boot_ns - piece->from_boot_ns));
}

static bool part_next(struct parting *p, struct part *ret_part)
{
        const struct tenure *tenures = p->domain->tenures;

        if (p->at_boot_ns == p->piece.to_boot_ns && !place_next(&p->placing, &p->piece))
                return false;
        while (p->tenure + 1 < p->domain->n_tenures &&
               tenures[p->tenure + 1].since_boot_ns <= p->at_boot_ns)
                p->tenure++;

        uint64_t to_boot_ns = p->piece.to_boot_ns;
        if (p->tenure + 1 < p->domain->n_tenures &&
            tenures[p->tenure + 1].since_boot_ns < to_boot_ns)
                to_boot_ns = tenures[p->tenure + 1].since_boot_ns;
        *ret_part = (struct part){
                .start_s = p->piece.start_s,
                .tenant = tenures[p->tenure].tenant,
                .from_boot_ns = p->at_boot_ns,
                .to_boot_ns = to_boot_ns,
                .from_utc_ns = utc_at(&p->piece, p->at_boot_ns),
                .to_utc_ns = utc_at(&p->piece, to_boot_ns),
        };
        p->at_boot_ns = to_boot_ns;
        return true;
}

static vg_i128 ticks(enum vg_resource resource, const struct part *part)
{
        const uint64_t tick_ns = vg_resource_row(resource)->tick_ns;

        return part->to_boot_ns / tick_ns - part->from_boot_ns / tick_ns;
}

void settle(struct vg_book *book, struct domain *d, struct vg_stamp at)
{
        if (d->epoch != book->epoch || at.boot_ns <= d->counted.boot_ns)
                return;

        const bool active = is_active(d), counts = active || d->block_kib;
        struct parting parting;
        struct part part;

        part_begin(&parting, book, d, d->counted, at);
        while (counts && part_next(&parting, &part)) {
                struct cell *cell = cell_at(book, d, part.start_s, part.tenant);
                if (active) {
                        cell_add(cell, VG_RESOURCE_RAM,
                                 d->memory_kib * ticks(VG_RESOURCE_RAM, &part));
                        cell_add(cell, VG_RESOURCE_VCPU, d->vcpus * ticks(VG_RESOURCE_VCPU, &part));
                        cell_add(cell, VG_RESOURCE_VM, ticks(VG_RESOURCE_VM, &part));
                }
                if (d->block_kib) {
                        cell_add(cell, VG_RESOURCE_BLOCK,
                                 d->block_kib * ticks(VG_RESOURCE_BLOCK, &part));
                        seen_all(book, cell, d, part.from_utc_ns, part.to_utc_ns);
                }
                if (cell && d->reopened)
                        cell->gap |= span_resources;
                d->reopened = false;
        }
        d->counted = at;
}

void spread_counter(struct vg_book *book, struct domain *d, enum vg_resource resource,
                    struct vg_stamp from, struct vg_stamp to, uint64_t amount)
{
        const unsigned __int128 whole = to.boot_ns - from.boot_ns;
        unsigned __int128 before = 0;
        struct parting parting;
        struct part part;

        /* What had been gained by the end of each part, rounded down: the parts add up exactly. */
        part_begin(&parting, book, d, from, to);
        while (part_next(&parting, &part)) {
                unsigned __int128 by_then = amount;
                by_then = by_then * (part.to_boot_ns - from.boot_ns) / whole;
                cell_add(cell_at(book, d, part.start_s, part.tenant), resource,
                         (vg_i128)(by_then - before));
                before = by_then;
        }
}

void spread_gauge(struct vg_book *book, struct domain *d, enum vg_resource resource,
                  struct vg_stamp from, struct vg_stamp to, uint64_t value)
{
        struct parting parting;
        struct part part;

        part_begin(&parting, book, d, from, to);
        while (part_next(&parting, &part))
                cell_add(cell_at(book, d, part.start_s, part.tenant), resource,
                         value * ticks(resource, &part));
}
