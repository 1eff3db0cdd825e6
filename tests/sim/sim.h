/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A simulated host: what truly happens on it (world.c), what a reader says of it (teller.c) and what
 * that must come to, counted apart from the book in plain integers (tally.c).
 *
 * The tally knows no interval, no wall clock and no table: for each machine it holds what was last
 * reported, and adds up ticks between confirmations and differences between readings. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/book.h"

enum {
        VMS = 40,
        DISKS = 4,
        NICS = 2,
        VOLUMES = 4,
        TENANTS = 7, /* 0: _unassigned */
        SHARED = 3,  /* disks that several machines may use */
        TENURES = 256,
        SLOTS = 2 + 2 * DISKS + 2 * NICS,
        QUEUE = 20000,
};
#define SIM_S UINT64_C(1000000000)
#define SIM_HOLD_NS (600 * SIM_S)
#define SIM_SILENCE_NS (1200 * SIM_S)
extern const char *const sim_tenants[TENANTS];

struct sim_rng {
        uint64_t state;
};
uint64_t sim_next(struct sim_rng *rng);
uint64_t sim_below(struct sim_rng *rng, uint64_t n); /* 0 .. n-1 */
bool sim_chance(struct sim_rng *rng, unsigned one_in);

struct sim_disk {
        uint64_t capacity_kib; /* 0: none */
        int shared;            /* index of a shared disk, or -1 */
};

struct sim_shape { /* what facts say of a machine */
        enum vg_domain_state state;
        uint32_t run; /* 0: none */
        uint64_t vcpus, memory_kib;
        struct sim_disk disk[DISKS];
        bool nic[NICS];
        int tenant; /* by metadata; 0: none */
        bool hostile;
};

struct sim_slot { /* the tally's view of one counter */
        bool exists, based;
        uint32_t generation; /* 0: not known */
        uint64_t value, at_ns;
};

struct sim_vm {
        bool used;
        char uuid[40], name[24];
        struct sim_shape now;
        uint64_t counter[SLOTS]; /* cpu, rss, then rd, wr of each disk, rx, tx of each NIC */
        uint32_t generation[SLOTS];

        /* what was reported, and the tally's place in it */
        bool known, held;
        struct sim_shape said;
        uint64_t from_ns;
        struct sim_slot slot[SLOTS];
        struct {
                uint64_t since_ns;
                int tenant;
        } tenure[TENURES];
        size_t n_tenures;
        int mapped;         /* tenant of its row of the map; 0: no row */
        int64_t map_from_s; /* and from when */
        bool map_holds;
};

struct sim_volume {
        bool exists, known, held;
        uint64_t capacity_kib, said_kib, from_ns;
};

struct sim_item { /* one delivery, with storage of its own */
        enum { ITEM_OBSERVATION, ITEM_MAP, ITEM_INTERVAL } what;
        struct vg_observation o;
        char instance[40], boot[40], uuid[40], name[24], run[40], metadata[40];
        char keys[DISKS][40], targets[DISKS][8], nics[NICS][8], counters[SLOTS][40];
        struct vg_disk disks[DISKS];
        const char *nic[NICS];
        struct vg_counter counter[SLOTS];
        struct vg_domain_readings readings;
        int64_t utc_s; /* of an act */
        int32_t interval_s;
        size_t n_rows;
};

struct sim {
        struct sim_rng rng;
        uint64_t boot_ns;
        int64_t utc_ns, latest_utc_ns;
        int64_t ppb; /* slew of the wall clock, in 10^-9 */
        struct vg_stamp heard;
        uint32_t instance, boot, next_vm, next_run;
        uint64_t seq;

        struct sim_vm vm[VMS];
        struct sim_volume volume[VOLUMES];

        /* the tally */
        bool complete, ever_complete;
        uint64_t covered_ns, spoke_ns, born_ns;
        vg_i128 total[TENANTS][VG_N_RESOURCES];

        struct vg_tenant_row rows[VMS * 64];
        size_t n_rows;

        struct sim_item *queue; /* a ring */
        size_t head, n_queued;
        size_t n_said; /* observations so far */
        bool steps;    /* the wall clock may be stepped */
};

/* world.c: one step: time passes, something happens, something is said of it. */
void sim_start(struct sim *sim, uint64_t seed, int64_t start_utc_s, bool steps);
void sim_step(struct sim *sim);

/* teller.c: what the reader says; each tells the tally first. */
void say_facts(struct sim *sim, struct sim_vm *vm, bool by_pass);
void say_gone(struct sim *sim, struct sim_vm *vm);
void say_volume(struct sim *sim, size_t v);
void say_pass(struct sim *sim);
void say_volume_pass(struct sim *sim);
void say_heartbeat(struct sim *sim, bool libvirt_ok);
void say_libvirt_lost(struct sim *sim);
void say_dropped(struct sim *sim);
void say_readings(struct sim *sim, struct sim_vm *vm);
void say_map(struct sim *sim);
void say_interval(struct sim *sim, int32_t interval_s);
void sim_new_instance(struct sim *sim); /* the next observation comes from another process */
void sim_new_boot(struct sim *sim);     /* ... of another boot */
void sim_pass_time(struct sim *sim, uint64_t ns);

/* tally.c */
void tally_heard(struct sim *sim); /* each observation: dates of the map that have come */
void tally_facts(struct sim *sim, struct sim_vm *vm);
void tally_gone(struct sim *sim, struct sim_vm *vm);
void tally_volume(struct sim *sim, size_t v, bool exists);
void tally_regain(struct sim *sim);
void tally_heartbeat(struct sim *sim, bool libvirt_ok);
void tally_lose(struct sim *sim);
void tally_new_instance(struct sim *sim);
void tally_new_boot(struct sim *sim);
void tally_reading(struct sim *sim, struct sim_vm *vm, int slot);
