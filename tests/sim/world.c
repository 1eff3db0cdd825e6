/* SPDX-License-Identifier: Apache-2.0 */

/* What happens on the simulated host, step by step. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

uint64_t sim_next(struct sim_rng *rng) /* splitmix64 */
{
        uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

uint64_t sim_below(struct sim_rng *rng, uint64_t n)
{
        return sim_next(rng) % n;
}

bool sim_chance(struct sim_rng *rng, unsigned one_in)
{
        return sim_below(rng, one_in) == 0;
}

static bool runs(const struct sim_vm *vm)
{
        return vm->used && vm->now.run != 0;
}

static struct sim_vm *some_vm(struct sim *sim, bool running)
{
        for (int tries = 0; tries < 20; tries++) {
                struct sim_vm *vm = &sim->vm[sim_below(&sim->rng, VMS)];
                if (vm->used && vm->now.state != VG_DOMAIN_GONE && (!running || runs(vm)))
                        return vm;
        }
        return NULL;
}

static void run_begin(struct sim *sim, struct sim_vm *vm)
{
        vm->now.state = VG_DOMAIN_RUNNING;
        vm->now.run = ++sim->next_run;
        memset(vm->counter, 0, sizeof(vm->counter));
        for (int k = 0; k < SLOTS; k++)
                vm->generation[k] = 1;
        vm->counter[1] = 1000 + sim_below(&sim->rng, vm->now.memory_kib);
}

static void run_stop(struct sim_vm *vm)
{
        vm->now.state = VG_DOMAIN_OFF;
        vm->now.run = 0;
}

static struct sim_vm *define(struct sim *sim)
{
        struct sim_vm *vm = NULL;

        for (size_t i = 0; i < VMS && !vm; i++)
                if (!sim->vm[i].used)
                        vm = &sim->vm[i];
        if (!vm)
                return NULL;
        *vm = (struct sim_vm){ .used = true };
        /* Not in the order of their making, so that the first user of a disk changes. */
        snprintf(vm->uuid, sizeof(vm->uuid), "%08x-0000-4000-8000-%012" PRIx32,
                 (unsigned)sim_next(&sim->rng), ++sim->next_vm);
        snprintf(vm->name, sizeof(vm->name), "vm-%" PRIu32, sim->next_vm);
        vm->now = (struct sim_shape){
                .state = VG_DOMAIN_OFF,
                .vcpus = 1 + sim_below(&sim->rng, 64),
                .memory_kib = 65536 + sim_below(&sim->rng, 1 << 28),
                .tenant = (int)sim_below(&sim->rng, TENANTS),
                .hostile = sim_chance(&sim->rng, 20),
        };
        for (int d = 0; d < DISKS; d++)
                vm->now.disk[d].shared = -1;
        vm->now.disk[0].capacity_kib = 1 + sim_below(&sim->rng, UINT64_C(1) << 34);
        vm->now.nic[0] = true;
        return vm;
}

/* Counters go on while time passes, faster for some. */
static void work(struct sim *sim, uint64_t ns)
{
        for (size_t i = 0; i < VMS; i++) {
                struct sim_vm *vm = &sim->vm[i];
                if (!runs(vm) || vm->now.state == VG_DOMAIN_PAUSED)
                        continue;
                for (int k = 0; k < SLOTS; k++)
                        vm->counter[k] += sim_below(&sim->rng, ns / (1 + (uint64_t)k) + 1);
                vm->counter[1] = 1000 + sim_below(&sim->rng, vm->now.memory_kib);
        }
}

static void pass_time(struct sim *sim, uint64_t ns)
{
        sim_pass_time(sim, ns);
        work(sim, ns);
}

static bool shares(const struct sim_vm *vm)
{
        for (int d = 0; d < DISKS; d++)
                if (vm->now.disk[d].capacity_kib && vm->now.disk[d].shared >= 0)
                        return true;
        return false;
}

static void plug(struct sim *sim, struct sim_vm *vm)
{
        const int d = 1 + (int)sim_below(&sim->rng, DISKS - 1), n = (int)sim_below(&sim->rng, NICS);
        struct sim_disk *disk = &vm->now.disk[d];
        const int k = 2 + 2 * d;

        if (sim_chance(&sim->rng, 3)) {
                vm->now.nic[n] = !vm->now.nic[n];
                vm->counter[2 + 2 * DISKS + 2 * n] = vm->counter[3 + 2 * DISKS + 2 * n] = 0;
                vm->generation[2 + 2 * DISKS + 2 * n]++;
                vm->generation[3 + 2 * DISKS + 2 * n]++;
                return;
        }
        if (disk->capacity_kib) {
                disk->capacity_kib = 0;
                disk->shared = -1;
                return;
        }
        disk->capacity_kib = 1 + sim_below(&sim->rng, UINT64_C(1) << 34);
        if (!vm->mapped && sim_chance(&sim->rng, 4)) {
                disk->shared = (int)sim_below(&sim->rng, SHARED);
                disk->capacity_kib = UINT64_C(7777777) * (uint64_t)(disk->shared + 1);
        }
        vm->counter[k] = vm->counter[k + 1] = 0;
        vm->generation[k]++;
        vm->generation[k + 1]++;
}

/* A device taken out and put back between two looks: same name, a new generation. */
static void replug(struct sim *sim, struct sim_vm *vm)
{
        const int k = 2 + (int)sim_below(&sim->rng, SLOTS - 2);

        if (!vm || !runs(vm))
                return;
        vm->counter[k] = sim_below(&sim->rng, 1000000);
        vm->generation[k]++;
}

static void change(struct sim *sim, struct sim_vm *vm)
{
        switch (sim_below(&sim->rng, 8)) {
        case 0:
                vm->now.vcpus = 1 + sim_below(&sim->rng, 64);
                break;
        case 1:
                vm->now.memory_kib = 65536 + sim_below(&sim->rng, 1 << 28);
                break;
        case 2: /* grown; a shared one has the same size for all */
                if (vm->now.disk[0].shared < 0)
                        vm->now.disk[0].capacity_kib += sim_below(&sim->rng, 1 << 30);
                break;
        case 3:
                vm->now.tenant = (int)sim_below(&sim->rng, TENANTS);
                vm->now.hostile = sim_chance(&sim->rng, 10);
                break;
        case 4:
                if (runs(vm))
                        vm->now.state = vm->now.state == VG_DOMAIN_PAUSED ? VG_DOMAIN_RUNNING
                                                                          : VG_DOMAIN_PAUSED;
                break;
        case 5:
                if (runs(vm))
                        vm->now.state = VG_DOMAIN_CRASHED;
                break;
        default:
                plug(sim, vm);
                break;
        }
}

/* Life goes on; said: someone watches. */
static void live(struct sim *sim, bool said)
{
        struct sim_vm *vm = some_vm(sim, false);
        bool shared = vm && shares(vm);
        const uint64_t what = sim_below(&sim->rng, 12);

        if (!vm || what == 0) {
                vm = define(sim);
                if (vm && !sim_chance(&sim->rng, 4))
                        run_begin(sim, vm);
        } else if (what == 1 && vm->known) {
                run_stop(vm);
                vm->now.state = VG_DOMAIN_GONE;
        } else if (what <= 3) {
                if (runs(vm))
                        run_stop(vm);
                else
                        run_begin(sim, vm);
        } else if (what == 4 && runs(vm)) { /* stopped and started again in one go */
                run_begin(sim, vm);
        } else if (what == 5 && runs(vm)) { /* wrapped or reset behind everyone's back */
                vm->counter[sim_below(&sim->rng, SLOTS)] = sim_below(&sim->rng, 5000);
        } else {
                change(sim, vm);
        }
        if (!vm || !said)
                return;
        shared |= shares(vm);
        if (vm->now.state == VG_DOMAIN_GONE)
                say_gone(sim, vm);
        else
                say_facts(sim, vm, false);
        if (shared) /* or who counts a shared disk would depend on what is lost next */
                say_heartbeat(sim, true);
}

/* Six to eight seconds, between two looks. */
static void ephemeral(struct sim *sim)
{
        struct sim_vm *vm = define(sim);

        if (!vm)
                return;
        run_begin(sim, vm);
        say_facts(sim, vm, false);
        pass_time(sim, 3 * SIM_S + sim_below(&sim->rng, SIM_S));
        if (sim_chance(&sim->rng, 2))
                say_readings(sim, vm);
        pass_time(sim, 3 * SIM_S + sim_below(&sim->rng, SIM_S));
        say_gone(sim, vm);
}

/* Some time during which nobody tells what happens to machines; runs are still read if the reader
 * lives. */
static void unseen(struct sim *sim, bool reads, bool beats)
{
        for (uint64_t n = sim_below(&sim->rng, 8); n > 0; n--) {
                pass_time(sim, sim_below(&sim->rng, 200 * SIM_S));
                if (!sim_chance(&sim->rng, 3))
                        live(sim, false);
                else
                        replug(sim, some_vm(sim, true));
                if (beats)
                        say_heartbeat(sim, false);
                for (size_t i = 0; reads && i < VMS; i++)
                        if (runs(&sim->vm[i]) && sim_chance(&sim->rng, 2))
                                say_readings(sim, &sim->vm[i]);
        }
}

static void forget_unknown(struct sim *sim)
{
        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && !sim->vm[i].known && sim->vm[i].now.state == VG_DOMAIN_GONE)
                        sim->vm[i].used = false;
}

static void reconcile(struct sim *sim)
{
        forget_unknown(sim);
        say_pass(sim);
        say_heartbeat(sim, true);
        say_volume_pass(sim);
}

static void reader_restarts(struct sim *sim)
{
        unseen(sim, false, false);
        pass_time(sim, sim_below(&sim->rng, 20 * SIM_S));
        sim_new_instance(sim);
        reconcile(sim);
}

static void libvirt_freezes(struct sim *sim)
{
        say_libvirt_lost(sim);
        unseen(sim, true, true);
        if (sim_chance(&sim->rng, 2))
                say_heartbeat(sim, true); /* it is back, its facts are not yet */
        reconcile(sim);
}

static void observations_are_dropped(struct sim *sim)
{
        unseen(sim, false, false);
        say_dropped(sim);
        reconcile(sim);
}

static void host_reboots(struct sim *sim)
{
        unseen(sim, false, false);
        for (size_t i = 0; i < VMS; i++)
                if (runs(&sim->vm[i]))
                        run_stop(&sim->vm[i]);
        pass_time(sim, 60 * SIM_S + sim_below(&sim->rng, 600 * SIM_S));
        sim_new_boot(sim);
        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && sim->vm[i].now.state == VG_DOMAIN_OFF &&
                    sim_chance(&sim->rng, 2))
                        run_begin(sim, &sim->vm[i]);
        pass_time(sim, sim_below(&sim->rng, 60 * SIM_S));
        reconcile(sim);
}

static void clock_moves(struct sim *sim)
{
        sim->ppb = (int64_t)sim_below(&sim->rng, 1000001) - 500000;
        if (sim->steps && sim_chance(&sim->rng, 2))
                sim->utc_ns += (sim_chance(&sim->rng, 2) ? 1 : -1) *
                               (int64_t)sim_below(&sim->rng, 7200 * SIM_S);
}

/* A mapping that takes effect within two hours, and later than all that is placed already. Not of
 * machines that share disks. */
static void operator_maps(struct sim *sim)
{
        struct sim_vm *vm = some_vm(sim, false);

        if (!vm || vm->mapped || !vm->known || shares(vm) ||
            sim->n_rows == sizeof(sim->rows) / sizeof(sim->rows[0]))
                return;
        for (int d = 0; d < DISKS; d++)
                if (vm->said.disk[d].capacity_kib && vm->said.disk[d].shared >= 0)
                        return;
        vm->mapped = 1 + (int)sim_below(&sim->rng, TENANTS - 1);
        vm->map_from_s =
                sim->latest_utc_ns / (int64_t)SIM_S + 1 + (int64_t)sim_below(&sim->rng, 7200);
        if (sim->steps) /* an amount across a step is placed by the clock before it */
                vm->map_from_s += 6 * 3600;
        sim->rows[sim->n_rows++] =
                (struct vg_tenant_row){ VG_BY_UUID, strdup(vm->uuid), sim_tenants[vm->mapped],
                                        vm->map_from_s };
        say_map(sim);
}

static void volumes_change(struct sim *sim)
{
        struct sim_volume *v = &sim->volume[sim_below(&sim->rng, VOLUMES)];

        v->exists = !v->exists || sim_chance(&sim->rng, 2);
        v->capacity_kib = 1 + sim_below(&sim->rng, UINT64_C(1) << 34);
        say_volume_pass(sim);
}

static void upheaval(struct sim *sim)
{
        switch (sim_below(&sim->rng, 14)) {
        case 0:
                host_reboots(sim);
                break;
        case 1:
        case 2:
                reader_restarts(sim);
                break;
        case 3:
        case 4:
                libvirt_freezes(sim);
                break;
        case 5:
                observations_are_dropped(sim);
                break;
        case 6: /* the reader stands still */
                pass_time(sim, SIM_SILENCE_NS + sim_below(&sim->rng, 3 * SIM_SILENCE_NS));
                break;
        case 7:
                operator_maps(sim);
                break;
        case 8:
                volumes_change(sim);
                break;
        case 9:
                say_pass(sim); /* a round though nothing was lost */
                break;
        case 10:
                if (sim_chance(&sim->rng, 40))
                        say_interval(sim, sim_chance(&sim->rng, 2) ? 900 : 3600);
                break;
        default:
                clock_moves(sim);
                break;
        }
}

void sim_start(struct sim *sim, uint64_t seed, int64_t start_utc_s, bool steps)
{
        struct sim_item *queue = sim->queue;

        *sim = (struct sim){ .rng = { seed }, .queue = queue, .steps = steps };
        sim->boot_ns = 3600 * SIM_S + sim_below(&sim->rng, SIM_S);
        sim->utc_ns = start_utc_s * (int64_t)SIM_S + (int64_t)sim_below(&sim->rng, 3600 * SIM_S);
        sim->heard = (struct vg_stamp){ sim->boot_ns, sim->utc_ns };
        sim->spoke_ns = sim->boot_ns;
        sim->instance = 1;
        /* Some machines were there before anyone looked, with counters of their own. */
        for (int n = 0; n < 8; n++)
                run_begin(sim, define(sim));
        work(sim, 1000 * SIM_S);
        reconcile(sim);
}

void sim_step(struct sim *sim)
{
        pass_time(sim, SIM_S + sim_below(&sim->rng, 400 * SIM_S));
        if (sim_chance(&sim->rng, 60))
                upheaval(sim);
        if (sim_chance(&sim->rng, 4))
                live(sim, true);
        if (sim_chance(&sim->rng, 10))
                ephemeral(sim);
        if (sim_chance(&sim->rng, 20))
                replug(sim, some_vm(sim, true));
        for (size_t i = 0; i < VMS; i++)
                if (runs(&sim->vm[i]) && sim_chance(&sim->rng, 6))
                        say_readings(sim, &sim->vm[i]);
        say_heartbeat(sim, true);
}
