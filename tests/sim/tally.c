/* SPDX-License-Identifier: Apache-2.0 */

/* What the observations must come to. Nothing here calls the book. */

#include <string.h>

#include "sim.h"

#define MS UINT64_C(1000000)

static bool active(const struct sim_shape *shape)
{
        return shape->state == VG_DOMAIN_RUNNING || shape->state == VG_DOMAIN_PAUSED ||
               shape->state == VG_DOMAIN_CRASHED;
}

static int tenant_now(const struct sim_vm *vm)
{
        return vm->tenure[vm->n_tenures - 1].tenant;
}

static void set_tenant(struct sim_vm *vm, int tenant, uint64_t since_ns)
{
        if (vm->n_tenures && tenant_now(vm) == tenant)
                return;
        if (vm->n_tenures == TENURES) { /* the oldest can matter no more */
                memmove(vm->tenure, vm->tenure + 1, (TENURES - 1) * sizeof(vm->tenure[0]));
                vm->n_tenures--;
        }
        vm->tenure[vm->n_tenures].since_ns = since_ns;
        vm->tenure[vm->n_tenures++].tenant = tenant;
}

static uint64_t later(uint64_t a, uint64_t b)
{
        return a > b ? a : b;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/* The i-th tenure within [from, to); false: none of it. */
static bool cut(const struct sim_vm *vm, size_t i, uint64_t *from, uint64_t *to)
{
        if (i > 0)
                *from = later(*from, vm->tenure[i].since_ns);
        if (i + 1 < vm->n_tenures)
                *to = sooner(*to, vm->tenure[i + 1].since_ns);
        return *from < *to;
}

/* Of all machines of that tenant that are known to use the shared disk, the first one counts it. */
static bool first_user(const struct sim *sim, const struct sim_vm *vm, int shared)
{
        for (size_t i = 0; i < VMS; i++) {
                const struct sim_vm *other = &sim->vm[i];
                if (other == vm || !other->used || !other->known ||
                    tenant_now(other) != tenant_now(vm) || strcmp(other->uuid, vm->uuid) > 0)
                        continue;
                for (int d = 0; d < DISKS; d++)
                        if (other->said.disk[d].capacity_kib &&
                            other->said.disk[d].shared == shared)
                                return false;
        }
        return true;
}

static uint64_t disk_kib(const struct sim *sim, const struct sim_vm *vm)
{
        bool counted[SHARED] = { false };
        uint64_t kib = 0;

        for (int d = 0; d < DISKS; d++) {
                const struct sim_disk *disk = &vm->said.disk[d];
                if (disk->capacity_kib && disk->shared >= 0) {
                        if (counted[disk->shared] || !first_user(sim, vm, disk->shared))
                                continue;
                        counted[disk->shared] = true; /* though it be there twice */
                }
                kib += disk->capacity_kib;
        }
        return kib;
}

static void confirm(struct sim *sim, struct sim_vm *vm)
{
        const uint64_t kib = disk_kib(sim, vm);

        if (!vm->held)
                return;
        for (size_t i = 0; i < vm->n_tenures; i++) {
                uint64_t from = vm->from_ns, to = sim->boot_ns;
                if (!cut(vm, i, &from, &to))
                        continue;
                vg_i128 *total = sim->total[vm->tenure[i].tenant];
                total[VG_RESOURCE_BLOCK] += (vg_i128)kib * (to / SIM_S - from / SIM_S);
                if (!active(&vm->said))
                        continue;
                const vg_i128 ms = to / MS - from / MS;
                total[VG_RESOURCE_VM] += ms;
                total[VG_RESOURCE_VCPU] += ms * vm->said.vcpus;
                total[VG_RESOURCE_RAM] += ms * vm->said.memory_kib;
        }
        vm->from_ns = sim->boot_ns;
}

static enum vg_resource resource_of(int slot)
{
        if (slot == 0)
                return VG_RESOURCE_CPU_USED;
        if (slot == 1)
                return VG_RESOURCE_RAM_USED;
        if (slot < 2 + 2 * DISKS)
                return slot % 2 ? VG_RESOURCE_BLOCK_WRITTEN : VG_RESOURCE_BLOCK_READ;
        return slot % 2 ? VG_RESOURCE_NET_TX : VG_RESOURCE_NET_RX;
}

static void add_counter(struct sim *sim, struct sim_vm *vm, int slot, uint64_t amount)
{
        const uint64_t start = vm->slot[slot].at_ns, end = sim->boot_ns;

        for (size_t i = 0; i < vm->n_tenures; i++) {
                uint64_t from = start, to = end;
                if (!cut(vm, i, &from, &to))
                        continue;
                unsigned __int128 by_to = (unsigned __int128)amount * (to - start) / (end - start);
                unsigned __int128 by_from =
                        (unsigned __int128)amount * (from - start) / (end - start);
                sim->total[vm->tenure[i].tenant][resource_of(slot)] += (vg_i128)(by_to - by_from);
        }
}

static void hold_gauge(struct sim *sim, struct sim_vm *vm)
{
        const struct sim_slot *slot = &vm->slot[1];

        if (!slot->based || sim->boot_ns - slot->at_ns > SIM_HOLD_NS)
                return;
        for (size_t i = 0; i < vm->n_tenures; i++) {
                uint64_t from = slot->at_ns, to = sim->boot_ns;
                if (cut(vm, i, &from, &to))
                        sim->total[vm->tenure[i].tenant][VG_RESOURCE_RAM_USED] +=
                                (vg_i128)slot->value * (to / MS - from / MS);
        }
}

void tally_reading(struct sim *sim, struct sim_vm *vm, int k)
{
        struct sim_slot *slot = &vm->slot[k];
        const uint64_t value = vm->counter[k];
        const bool same = !slot->generation || slot->generation == vm->generation[k];

        if (k == 1)
                hold_gauge(sim, vm);
        else if (slot->based && !same)
                add_counter(sim, vm, k, value);
        else if (slot->based && value >= slot->value)
                add_counter(sim, vm, k, value - slot->value);
        *slot = (struct sim_slot){ true, true, vm->generation[k], value, sim->boot_ns };
}

static bool has_device(const struct sim_shape *shape, int slot)
{
        if (slot < 2)
                return true;
        if (slot < 2 + 2 * DISKS)
                return shape->disk[(slot - 2) / 2].capacity_kib != 0;
        return shape->nic[(slot - 2 - 2 * DISKS) / 2];
}

static void tally_run(struct sim *sim, struct sim_vm *vm, bool was_known)
{
        const bool same = vm->said.run && vm->now.run == vm->said.run;
        const bool from_zero = was_known || sim->ever_complete;
        const uint64_t zero_ns = vm->held || sim->complete ? sim->boot_ns : sim->born_ns;

        if (vm->said.run && !same) {
                if (vm->held)
                        hold_gauge(sim, vm);
                memset(vm->slot, 0, sizeof(vm->slot));
        }
        for (int k = 0; k < SLOTS; k++) {
                struct sim_slot *slot = &vm->slot[k];
                if (!vm->now.run || !has_device(&vm->now, k))
                        *slot = (struct sim_slot){ 0 };
                else if (!slot->exists)
                        *slot = (struct sim_slot){ true, from_zero && k != 1, 0, 0, zero_ns };
        }
}

static int tenant_due(const struct sim_vm *vm)
{
        if (vm->map_holds)
                return vm->mapped;
        return vm->now.hostile ? 0 : vm->now.tenant;
}

static bool shares(const struct sim_shape *shape)
{
        for (int d = 0; d < DISKS; d++)
                if (shape->disk[d].capacity_kib && shape->disk[d].shared >= 0)
                        return true;
        return false;
}

/* Who counts a shared disk may change now: all that share are counted up to here. */
static void confirm_sharers(struct sim *sim, const struct sim_vm *vm)
{
        if (!shares(&vm->said) && !shares(&vm->now))
                return;
        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && sim->vm[i].known && shares(&sim->vm[i].said))
                        confirm(sim, &sim->vm[i]);
}

void tally_facts(struct sim *sim, struct sim_vm *vm)
{
        const bool was_known = vm->known;

        if (was_known)
                confirm(sim, vm);
        confirm_sharers(sim, vm);
        set_tenant(vm, tenant_due(vm), vm->n_tenures ? sim->boot_ns : 0);
        tally_run(sim, vm, was_known);
        vm->known = vm->held = true;
        vm->from_ns = sim->boot_ns;
        vm->said = vm->now;
}

void tally_gone(struct sim *sim, struct sim_vm *vm)
{
        confirm(sim, vm);
        confirm_sharers(sim, vm);
        if (vm->held)
                hold_gauge(sim, vm);
        vm->used = vm->known = vm->held = false;
}

static void confirm_volume(struct sim *sim, struct sim_volume *v)
{
        if (v->held)
                sim->total[0][VG_RESOURCE_BLOCK] +=
                        (vg_i128)v->said_kib * (sim->boot_ns / SIM_S - v->from_ns / SIM_S);
        v->from_ns = sim->boot_ns;
}

void tally_volume(struct sim *sim, size_t i, bool exists)
{
        struct sim_volume *v = &sim->volume[i];

        confirm_volume(sim, v);
        v->known = v->held = exists;
        v->said_kib = v->capacity_kib;
}

void tally_heartbeat(struct sim *sim, bool libvirt_ok)
{
        if (!libvirt_ok)
                tally_lose(sim);
        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && sim->vm[i].known)
                        confirm(sim, &sim->vm[i]);
        for (size_t i = 0; i < VOLUMES; i++)
                confirm_volume(sim, &sim->volume[i]);
        sim->spoke_ns = sim->boot_ns;
        if (sim->complete)
                sim->covered_ns = sim->boot_ns;
}

/* Too long without a heartbeat: the time between does not count. */
static void skip_silence(struct sim *sim)
{
        if (sim->boot_ns - sim->spoke_ns <= SIM_SILENCE_NS)
                return;
        for (size_t i = 0; i < VMS; i++)
                sim->vm[i].from_ns = sim->boot_ns;
        for (size_t i = 0; i < VOLUMES; i++)
                sim->volume[i].from_ns = sim->boot_ns;
        sim->spoke_ns = sim->boot_ns;
        if (sim->complete)
                sim->covered_ns = sim->boot_ns;
}

void tally_lose(struct sim *sim)
{
        if (sim->complete)
                sim->born_ns = sim->covered_ns;
        sim->complete = false;
        for (size_t i = 0; i < VMS; i++)
                sim->vm[i].held = false;
        for (size_t i = 0; i < VOLUMES; i++)
                sim->volume[i].held = false;
}

void tally_regain(struct sim *sim)
{
        if (!sim->complete)
                sim->covered_ns = sim->spoke_ns = sim->boot_ns;
        sim->complete = sim->ever_complete = true;
}

/* Another reader numbers generations anew. */
void tally_new_instance(struct sim *sim)
{
        tally_lose(sim);
        for (size_t i = 0; i < VMS; i++)
                for (int k = 0; k < SLOTS; k++) {
                        sim->vm[i].slot[k].generation = 0;
                        sim->vm[i].generation[k] = 1;
                }
        sim->spoke_ns = sim->boot_ns;
}

void tally_new_boot(struct sim *sim)
{
        tally_new_instance(sim);
        sim->born_ns = 0;
        sim->heard.boot_ns = UINT64_MAX; /* nothing of this boot yet */
        for (size_t i = 0; i < VMS; i++) {
                struct sim_vm *vm = &sim->vm[i];
                memset(vm->slot, 0, sizeof(vm->slot));
                vm->said.run = 0;
                if (!vm->n_tenures)
                        continue;
                vm->tenure[0].tenant = tenant_now(vm);
                vm->tenure[0].since_ns = 0;
                vm->n_tenures = 1;
        }
}

/* A date of the map lies between the last observation and this one: at its own instant, unless the
 * wall clock was stepped meanwhile. */
void tally_heard(struct sim *sim)
{
        const int64_t boot = (int64_t)(sim->boot_ns - sim->heard.boot_ns);
        const int64_t wall = sim->utc_ns - sim->heard.utc_ns;
        const int64_t off = wall > boot ? wall - boot : boot - wall;
        const bool steady = sim->heard.boot_ns != UINT64_MAX && boot > 0 && wall > 0 &&
                            off <= (int64_t)SIM_S + boot / 10;

        for (size_t i = 0; i < VMS; i++) {
                struct sim_vm *vm = &sim->vm[i];
                const int64_t from_ns = vm->map_from_s * (int64_t)SIM_S;
                const bool holds = vm->mapped && sim->utc_ns >= from_ns;
                uint64_t at_ns = sim->boot_ns;

                if (!vm->used || holds == vm->map_holds)
                        continue;
                if (holds && steady)
                        at_ns = sim->heard.boot_ns +
                                (uint64_t)((vg_i128)boot * (from_ns - sim->heard.utc_ns) / wall);
                vm->map_holds = holds;
                if (!vm->known)
                        continue;

                /* What was last said of it, not what may be true by now. */
                const struct sim_shape truth = vm->now;
                vm->now = vm->said;
                set_tenant(vm, tenant_due(vm), at_ns);
                vm->now = truth;
        }
        skip_silence(sim);
        sim->heard = (struct vg_stamp){ sim->boot_ns, sim->utc_ns };
}
