/* SPDX-License-Identifier: Apache-2.0 */

/* What a reader says of the simulated host, in the order in which it says it. */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

const char *const sim_tenants[TENANTS] = { "_unassigned", "t-arts", "t-bois", "t-cols",
                                           "t-dune",      "t-eaux", "t-fort" };

void sim_pass_time(struct sim *sim, uint64_t ns)
{
        sim->boot_ns += ns;
        sim->utc_ns += (int64_t)ns + (int64_t)ns / 1000 * sim->ppb / 1000000;
        if (sim->latest_utc_ns < sim->utc_ns)
                sim->latest_utc_ns = sim->utc_ns;
}

static struct sim_item *item_new(struct sim *sim)
{
        assert(sim->n_queued < QUEUE);

        struct sim_item *item = &sim->queue[(sim->head + sim->n_queued++) % QUEUE];
        memset(item, 0, sizeof(*item));
        return item;
}

/* Each observation has an instant of its own. */
static void begin(struct sim *sim)
{
        sim_pass_time(sim, 1000000 + sim_below(&sim->rng, 1000000));
        tally_heard(sim);
}

static struct sim_item *observe(struct sim *sim, enum vg_observation_kind kind)
{
        struct sim_item *item = item_new(sim);

        snprintf(item->instance, sizeof(item->instance), "%032" PRIx32, sim->instance);
        snprintf(item->boot, sizeof(item->boot), "boot-%" PRIu32, sim->boot);
        item->o = (struct vg_observation){ .instance = item->instance,
                                           .boot_id = item->boot,
                                           .seq = ++sim->seq,
                                           .at = { sim->boot_ns, sim->utc_ns },
                                           .kind = kind };
        sim->n_said++;
        return item;
}

static void fill_devices(struct sim_item *item, const struct sim_vm *vm)
{
        struct vg_facts *f = &item->o.facts;

        for (int d = 0; d < DISKS; d++) {
                const struct sim_disk *disk = &vm->now.disk[d];
                if (!disk->capacity_kib)
                        continue;
                if (disk->shared >= 0)
                        snprintf(item->keys[d], sizeof(item->keys[d]), "/shared/%d", disk->shared);
                else
                        snprintf(item->keys[d], sizeof(item->keys[d]), "/own/%s/%d", vm->name, d);
                snprintf(item->targets[d], sizeof(item->targets[d]), "vd%c", 'a' + d);
                item->disks[f->n_disks++] = (struct vg_disk){ item->keys[d], item->targets[d],
                                                              disk->capacity_kib, true };
        }
        for (int n = 0; n < NICS; n++) {
                if (!vm->now.nic[n])
                        continue;
                snprintf(item->nics[n], sizeof(item->nics[n]), "vnet%d", n);
                item->nic[f->n_nics++] = item->nics[n];
        }
        f->disks = item->disks;
        f->nics = item->nic;
}

static void fill_facts(struct sim_item *item, const struct sim_vm *vm, bool by_pass)
{
        snprintf(item->uuid, sizeof(item->uuid), "%s", vm->uuid);
        snprintf(item->name, sizeof(item->name), "%s", vm->name);
        if (vm->now.run)
                snprintf(item->run, sizeof(item->run), "%" PRIu32 ":x", vm->now.run);
        if (vm->now.hostile)
                snprintf(item->metadata, sizeof(item->metadata), "t-\033[31m%s", vm->name);
        else if (vm->now.tenant)
                snprintf(item->metadata, sizeof(item->metadata), "%s", sim_tenants[vm->now.tenant]);
        item->o.facts = (struct vg_facts){
                .by_pass = by_pass,
                .uuid = item->uuid,
                .name = item->name,
                .hints.metadata = item->metadata[0] ? item->metadata : NULL,
                .state = vm->now.state,
                .run = item->run,
                .vcpus = vm->now.vcpus,
                .memory_kib = vm->now.memory_kib,
        };
}

void say_facts(struct sim *sim, struct sim_vm *vm, bool by_pass)
{
        begin(sim);
        tally_facts(sim, vm);

        struct sim_item *item = observe(sim, VG_SAYS_FACTS);
        fill_facts(item, vm, by_pass);
        fill_devices(item, vm);
}

void say_gone(struct sim *sim, struct sim_vm *vm)
{
        begin(sim);
        tally_gone(sim, vm);

        struct sim_item *item = observe(sim, VG_SAYS_FACTS);
        fill_facts(item, vm, false);
        item->o.facts.state = VG_DOMAIN_GONE;
        item->o.facts.run = "";
}

void say_volume(struct sim *sim, size_t v)
{
        begin(sim);
        tally_volume(sim, v, true);

        struct sim_item *item = observe(sim, VG_SAYS_FACTS);
        snprintf(item->keys[0], sizeof(item->keys[0]), "/pool/v%zu", v);
        snprintf(item->name, sizeof(item->name), "pool/v%zu", v);
        item->disks[0] = (struct vg_disk){ item->keys[0], "", sim->volume[v].capacity_kib, true };
        item->o.facts = (struct vg_facts){ .by_pass = true,
                                           .uuid = "",
                                           .name = item->name,
                                           .state = VG_DOMAIN_OFF,
                                           .run = "",
                                           .disks = item->disks,
                                           .n_disks = 1 };
}

/* All that there is; what the tally knows and that is not there any more is gone at the end. */
void say_pass(struct sim *sim)
{
        uint64_t count = 0;

        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && sim->vm[i].now.state != VG_DOMAIN_GONE) {
                        say_facts(sim, &sim->vm[i], true);
                        count++;
                }
        begin(sim);
        for (size_t i = 0; i < VMS; i++)
                if (sim->vm[i].used && sim->vm[i].now.state == VG_DOMAIN_GONE)
                        tally_gone(sim, &sim->vm[i]);
        tally_regain(sim);
        observe(sim, VG_SAYS_FACTS_END)->o.facts_end =
                (struct vg_facts_end){ .count = count, .digest = "" };
}

void say_volume_pass(struct sim *sim)
{
        uint64_t count = 0;

        for (size_t v = 0; v < VOLUMES; v++)
                if (sim->volume[v].exists) {
                        say_volume(sim, v);
                        count++;
                }
        begin(sim);
        for (size_t v = 0; v < VOLUMES; v++)
                if (!sim->volume[v].exists)
                        tally_volume(sim, v, false);
        observe(sim, VG_SAYS_FACTS_END)->o.facts_end =
                (struct vg_facts_end){ .volumes = true, .count = count, .digest = "" };
}

void say_heartbeat(struct sim *sim, bool libvirt_ok)
{
        begin(sim);
        tally_heartbeat(sim, libvirt_ok);

        struct sim_item *item = observe(sim, VG_SAYS_HEARTBEAT);
        item->o.heartbeat.libvirt_ok = libvirt_ok;
        item->o.heartbeat.clock = sim_chance(&sim->rng, 50) ? VG_CLOCK_UNSYNCHRONISED : VG_CLOCK_OK;
}

static void say_condition(struct sim *sim, struct vg_condition condition)
{
        begin(sim);
        tally_lose(sim);
        observe(sim, VG_SAYS_CONDITION)->o.condition = condition;
}

void say_libvirt_lost(struct sim *sim)
{
        say_condition(sim, (struct vg_condition){ VG_ABOUT_LIBVIRT, "lost", "frozen", "" });
}

void say_dropped(struct sim *sim)
{
        say_condition(sim, (struct vg_condition){ VG_ABOUT_BUFFER, "dropped", "", "" });
}

static void counter_name(int slot, char name[40], uint32_t generation)
{
        char base[20];

        if (slot < 2)
                snprintf(base, sizeof(base), slot ? "rss_kib" : "cpu_ns");
        else if (slot < 2 + 2 * DISKS)
                snprintf(base, sizeof(base), "%s:vd%c", slot % 2 ? "wr" : "rd",
                         'a' + (slot - 2) / 2);
        else
                snprintf(base, sizeof(base), "%s:vnet%d", slot % 2 ? "tx" : "rx",
                         (slot - 2 - 2 * DISKS) / 2);
        if (generation > 1)
                snprintf(name, 40, "%s#%" PRIu32, base, generation);
        else
                snprintf(name, 40, "%s", base);
}

/* Of a run that was reported; sometimes only some of its counters. */
void say_readings(struct sim *sim, struct sim_vm *vm)
{
        if (!vm->known || !vm->said.run || vm->said.run != vm->now.run)
                return;
        begin(sim);

        struct sim_item *item = observe(sim, VG_SAYS_READINGS);
        const bool some = sim_chance(&sim->rng, 4);
        item->readings.uuid = item->uuid;
        item->readings.run = item->run;
        item->readings.counters = item->counter;
        snprintf(item->uuid, sizeof(item->uuid), "%s", vm->uuid);
        snprintf(item->run, sizeof(item->run), "%" PRIu32 ":x", vm->said.run);
        for (int k = 0; k < SLOTS; k++) {
                if (!vm->slot[k].exists || (some && sim_chance(&sim->rng, 3)))
                        continue;
                tally_reading(sim, vm, k);
                counter_name(k, item->counters[k], vm->generation[k]);
                item->counter[item->readings.n_counters++] =
                        (struct vg_counter){ item->counters[k], vm->counter[k] };
        }
        item->o.readings.domains = &item->readings;
        item->o.readings.n_domains = 1;
}

void say_map(struct sim *sim)
{
        struct sim_item *item = item_new(sim);

        item->what = ITEM_MAP;
        item->n_rows = sim->n_rows;
}

void say_interval(struct sim *sim, int32_t interval_s)
{
        struct sim_item *item = item_new(sim);

        item->what = ITEM_INTERVAL;
        item->interval_s = interval_s;
        item->utc_s = sim->utc_ns / (int64_t)SIM_S;
}

void sim_new_instance(struct sim *sim)
{
        sim->instance++;
        sim->seq = 0;
        tally_new_instance(sim);
}

void sim_new_boot(struct sim *sim)
{
        sim->boot++;
        sim->instance++;
        sim->seq = 0;
        sim->boot_ns = SIM_S * (20 + sim_below(&sim->rng, 60)) + sim_below(&sim->rng, SIM_S);
        tally_new_boot(sim);
}
