/* SPDX-License-Identifier: Apache-2.0 */

/* save: the whole book as canonical JSON, one object:
 *
 *   boot_id, instance, seq          who spoke last ("" and 0: nobody yet)
 *   born, covered, heard, spoke [boot_ns, utc_ns]
 *   clock, closed_s, complete, epoch, ever_complete
 *   hole, gaps[]                    [from_utc_ns, to_utc_ns, cause, scope]
 *   coverage[]                      [start_s, covered_ns, clock]
 *   options                         {gauge_hold_ns, name_pattern, silence_ns}
 *   passes[2]                       [number, named, refused]: domains, volumes
 *   regimes[]                       [from_s, interval_s]
 *   rows[]                          {by, from_s, tenant, value}
 *   tenants[]                       {carry: {resource: text}, id}
 *   domains[], volumes[]            {by, cells[], counted, disks[], epoch, hints[4], hostile, id,
 *                                   listed, memory_kib, name, reopened, run, slots[], state,
 *                                   stuck_utc_ns, tenant, tenures[], touched, vcpus}
 *     cells[]                       {amounts: {resource: [text, flags]}, disks[], start_s, tenant}
 *                                   flags: 1 measured, 2 restarted, 4 gap; disks only where
 *                                   there are some: [key, from_s, to_s, kib]
 *     disks[]                       [key, capacity_kib]
 *     slots[]                       [kind, device, based, generation, value, boot_ns, utc_ns]
 *     tenures[]                     [since_boot_ns, tenant]
 *   v                               1
 */

#include <errno.h>

#include "vigie/err.h"
#include "vigie/json.h"

#include "room.h"

static void put_u64(struct vg_json *j, const char *key, uint64_t value)
{
        vg_json_int(j, key, (int64_t)value); /* all are below 2^63: bounds of room.h */
}

static void put_stamp(struct vg_json *j, const char *key, struct vg_stamp stamp)
{
        vg_json_array(j, key);
        put_u64(j, NULL, stamp.boot_ns);
        vg_json_int(j, NULL, stamp.utc_ns);
        vg_json_end_array(j);
}

static void put_gap(struct vg_json *j, const char *key, const struct gap *gap)
{
        vg_json_array(j, key);
        vg_json_int(j, NULL, gap->from_utc_ns);
        vg_json_int(j, NULL, gap->to_utc_ns);
        vg_json_string(j, NULL, cause_id(gap->cause));
        vg_json_string(j, NULL, scope_id(gap->scope));
        vg_json_end_array(j);
}

static const char *text(const char *t)
{
        return t ? t : "";
}

static void put_seen(struct vg_json *j, const struct cell *cell)
{
        vg_json_array(j, "disks");
        for (uint32_t i = 0; i < cell->n_seen; i++) {
                const struct seen *seen = &cell->seen[i];
                vg_json_array(j, NULL);
                vg_json_string(j, NULL, seen->store->key);
                vg_json_int(j, NULL, seen->from_s);
                vg_json_int(j, NULL, seen->to_s);
                vg_json_int(j, NULL, seen->kib);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void put_cell(struct vg_json *j, const struct cell *cell)
{
        char digits[48];

        vg_json_object(j, NULL);
        vg_json_object(j, "amounts");
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                const int64_t flags = (cell->present >> r & 1) | (cell->restarted >> r & 1) << 1 |
                                      (cell->gap >> r & 1) << 2;
                if (!flags)
                        continue;
                vg_json_array(j, vg_resource_row((enum vg_resource)r)->id);
                vg_json_string(j, NULL, vg_i128_format(cell->amount[r], digits, sizeof(digits)));
                vg_json_int(j, NULL, flags);
                vg_json_end_array(j);
        }
        vg_json_end_object(j);
        if (cell->n_seen)
                put_seen(j, cell);
        vg_json_int(j, "start_s", cell->start_s);
        vg_json_string(j, "tenant", cell->tenant->id);
        vg_json_end_object(j);
}

static void put_slot(struct vg_json *j, const struct slot *slot)
{
        vg_json_array(j, NULL);
        vg_json_string(j, NULL, slot_prefix(slot->kind));
        vg_json_string(j, NULL, slot->device);
        vg_json_int(j, NULL, slot->based);
        vg_json_int(j, NULL, slot->generation);
        put_u64(j, NULL, slot->value);
        put_u64(j, NULL, slot->at.boot_ns);
        vg_json_int(j, NULL, slot->at.utc_ns);
        vg_json_end_array(j);
}

static void put_lists(struct vg_json *j, const struct domain *d)
{
        vg_json_array(j, "hints");
        for (int i = 0; i < N_HINTS; i++)
                vg_json_string(j, NULL, text(d->hints[i]));
        vg_json_end_array(j);
        vg_json_int(j, "hostile", d->hostile);
        vg_json_string(j, "id", d->id);
        vg_json_int(j, "listed", d->listed);
        put_u64(j, "memory_kib", d->memory_kib);
        vg_json_string(j, "name", text(d->name));
        vg_json_int(j, "reopened", d->reopened);
        vg_json_string(j, "run", text(d->run));
        vg_json_array(j, "slots");
        for (uint32_t i = 0; i < d->n_slots; i++)
                put_slot(j, &d->slots[i]);
        vg_json_end_array(j);
}

static void put_domain(struct vg_json *j, const struct domain *d)
{
        vg_json_object(j, NULL);
        vg_json_string(j, "by", vg_tenant_by_name(d->by));
        vg_json_array(j, "cells");
        for (uint32_t i = 0; i < d->n_cells; i++)
                put_cell(j, &d->cells[i]);
        vg_json_end_array(j);
        put_stamp(j, "counted", d->counted);
        vg_json_array(j, "disks");
        for (uint32_t i = 0; i < d->n_disks; i++) {
                vg_json_array(j, NULL);
                vg_json_string(j, NULL, d->disks[i].store->key);
                put_u64(j, NULL, d->disks[i].capacity_kib);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
        vg_json_int(j, "epoch", d->epoch);
        put_lists(j, d);
        vg_json_int(j, "state", d->state);
        vg_json_int(j, "stuck_utc_ns", d->stuck_utc_ns);
        vg_json_string(j, "tenant", d->tenant->id);
        vg_json_array(j, "tenures");
        for (uint32_t i = 0; i < d->n_tenures; i++) {
                vg_json_array(j, NULL);
                put_u64(j, NULL, d->tenures[i].since_boot_ns);
                vg_json_string(j, NULL, d->tenures[i].tenant->id);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
        vg_json_int(j, "touched", d->touched);
        put_u64(j, "vcpus", d->vcpus);
        vg_json_end_object(j);
}

static void put_domains(struct vg_json *j, const char *key, const struct table *table)
{
        vg_json_array(j, key);
        for (size_t i = 0; i < table->n; i++)
                put_domain(j, domain_of(table, i));
        vg_json_end_array(j);
}

static void put_tenants(struct vg_json *j, const struct table *table)
{
        char digits[48];

        vg_json_array(j, "tenants");
        for (size_t i = 0; i < table->n; i++) {
                const struct tenant *tenant = table->at[i];
                vg_json_object(j, NULL);
                vg_json_object(j, "carry");
                for (int r = 0; r < VG_N_RESOURCES; r++)
                        if (tenant->carry[r])
                                vg_json_string(
                                        j, vg_resource_row((enum vg_resource)r)->id,
                                        vg_i128_format(tenant->carry[r], digits, sizeof(digits)));
                vg_json_end_object(j);
                vg_json_string(j, "id", tenant->id);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static void put_coverage(struct vg_json *j, const struct vg_book *book)
{
        vg_json_array(j, "coverage");
        for (size_t i = 0; i < book->n_coverage; i++) {
                vg_json_array(j, NULL);
                vg_json_int(j, NULL, book->coverage[i].start_s);
                vg_json_int(j, NULL, book->coverage[i].covered_ns);
                vg_json_int(j, NULL, book->coverage[i].clock);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void put_settings(struct vg_json *j, const struct vg_book *book)
{
        vg_json_object(j, "options");
        put_u64(j, "gauge_hold_ns", book->options.gauge_hold_ns);
        vg_json_string(j, "name_pattern", text(book->options.name_pattern));
        put_u64(j, "silence_ns", book->options.silence_ns);
        vg_json_end_object(j);
        vg_json_array(j, "passes");
        for (int v = 0; v < 2; v++) {
                vg_json_array(j, NULL);
                vg_json_int(j, NULL, book->pass[v].number);
                put_u64(j, NULL, book->pass[v].named);
                put_u64(j, NULL, book->pass[v].refused);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
        vg_json_array(j, "regimes");
        for (size_t i = 0; i < book->n_regimes; i++) {
                vg_json_array(j, NULL);
                vg_json_int(j, NULL, book->regimes[i].from_s);
                vg_json_int(j, NULL, book->regimes[i].interval_s);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
        vg_json_array(j, "rows");
        for (size_t i = 0; i < book->n_rows; i++) {
                vg_json_object(j, NULL);
                vg_json_string(j, "by", vg_tenant_by_name(book->rows[i].by));
                vg_json_int(j, "from_s", book->rows[i].from_utc_s);
                vg_json_string(j, "tenant", book->rows[i].tenant);
                vg_json_string(j, "value", book->rows[i].value);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

int vg_book_save(const struct vg_book *book, struct vg_buf *buf, struct vg_err *err)
{
        struct vg_json j = { .buf = *buf };

        vg_json_object(&j, NULL);
        vg_json_string(&j, "boot_id", text(book->boot_id));
        put_stamp(&j, "born", book->born);
        vg_json_int(&j, "clock", book->clock);
        vg_json_int(&j, "closed_s", book->closed_s);
        vg_json_int(&j, "complete", book->complete);
        put_coverage(&j, book);
        put_stamp(&j, "covered", book->covered);
        put_domains(&j, "domains", &book->domains);
        vg_json_int(&j, "epoch", book->epoch);
        vg_json_int(&j, "ever_complete", book->ever_complete);
        vg_json_array(&j, "gaps");
        for (size_t i = 0; i < book->n_gaps; i++)
                put_gap(&j, NULL, &book->gaps[i]);
        vg_json_end_array(&j);
        put_stamp(&j, "heard", book->heard);
        put_gap(&j, "hole", &book->hole);
        vg_json_string(&j, "instance", text(book->instance));
        put_settings(&j, book);
        put_u64(&j, "seq", book->seq);
        put_stamp(&j, "spoke", book->spoke);
        put_tenants(&j, &book->tenants);
        vg_json_int(&j, "v", 1);
        put_domains(&j, "volumes", &book->volumes);
        vg_json_end_object(&j);

        *buf = j.buf;
        return buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}
