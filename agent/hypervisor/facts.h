/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* facts: what a domain is allocated, as values. Nothing here reads anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT = 37 };

enum domain_state { DOMAIN_OFF, DOMAIN_RUNNING, DOMAIN_PAUSED, DOMAIN_CRASHED, DOMAIN_GONE };
const char *domain_state_word(enum domain_state state); /* as the keeper protocol says it */
static inline bool domain_state_is_active(enum domain_state state)
{
        return state == DOMAIN_RUNNING || state == DOMAIN_PAUSED || state == DOMAIN_CRASHED;
}

/* Where a domain's tenant may be read; sorted by the word of the protocol. */
enum hint { HINT_KUBEVIRT, HINT_METADATA, HINT_NOVA, HINT_OPENNEBULA, N_HINTS };
const char *hint_word(enum hint hint);

struct disk {
        char *key;           /* canonical identity of the storage */
        char *target;        /* "vda" */
        char *alias;         /* libvirt's name for the running device; NULL: none */
        char *pool, *volume; /* for a volume whose path is not known yet; else NULL */
        uint64_t capacity_kib;
        bool sized; /* capacity_kib was really read */
        bool local; /* key is a path on this host */
        bool writable;
};

struct nic {
        char *mac, *target; /* target "" where the host shows no device */
        char *alias;
};

struct facts {
        char uuid[UUID_TEXT];
        char *name;
        uint32_t vcpus;
        uint64_t memory_kib;
        char *hints[N_HINTS]; /* NULL: not there */
        struct disk *disks;   /* sorted by target */
        size_t n_disks;
        struct nic *nics; /* sorted by target */
        size_t n_nics;
        char *qemu_user; /* whom its QEMU runs as, "+64055" or a name; NULL: libvirt does not say */
};

void facts_free(struct facts *facts);
static inline void facts_freep(struct facts **facts)
{
        facts_free(*facts);
}
void facts_sort(struct facts *facts);
bool facts_equal(const struct facts *a, const struct facts *b);
struct disk *facts_disk(const struct facts *facts, const char *target); /* NULL: none */
/* Capacities that `facts` lacks are taken over from `old` where it is the same storage. */
void facts_inherit_sizes(struct facts *facts, const struct facts *old);
