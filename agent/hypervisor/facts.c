/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/facts.h"

#include <stdlib.h>
#include <string.h>

const char *domain_state_word(enum domain_state state)
{
        static const char *const words[] = {
                [DOMAIN_OFF] = "off",       [DOMAIN_RUNNING] = "running",
                [DOMAIN_PAUSED] = "paused", [DOMAIN_CRASHED] = "crashed",
                [DOMAIN_GONE] = "gone",
        };

        return words[state];
}

const char *hint_word(enum hint hint)
{
        static const char *const words[] = {
                [HINT_KUBEVIRT] = "kubevirt",
                [HINT_METADATA] = "metadata",
                [HINT_NOVA] = "nova",
                [HINT_OPENNEBULA] = "opennebula",
        };

        return words[hint];
}

void facts_free(struct facts *facts)
{
        if (!facts)
                return;
        for (size_t i = 0; i < facts->n_disks; i++) {
                free(facts->disks[i].key);
                free(facts->disks[i].target);
                free(facts->disks[i].alias);
                free(facts->disks[i].pool);
                free(facts->disks[i].volume);
        }
        for (size_t i = 0; i < facts->n_nics; i++) {
                free(facts->nics[i].mac);
                free(facts->nics[i].target);
                free(facts->nics[i].alias);
        }
        for (size_t i = 0; i < N_HINTS; i++)
                free(facts->hints[i]);
        free(facts->disks);
        free(facts->nics);
        free(facts->name);
        free(facts->qemu_user);
        free(facts);
}

static int by_disk_target(const void *a, const void *b)
{
        return strcmp(((const struct disk *)a)->target, ((const struct disk *)b)->target);
}

static int by_nic_target(const void *a, const void *b)
{
        const struct nic *x = a, *y = b;
        int order = strcmp(x->target, y->target);

        return order ? order : strcmp(x->mac, y->mac);
}

void facts_sort(struct facts *facts)
{
        if (facts->n_disks)
                qsort(facts->disks, facts->n_disks, sizeof(*facts->disks), by_disk_target);
        if (facts->n_nics)
                qsort(facts->nics, facts->n_nics, sizeof(*facts->nics), by_nic_target);
}

static bool same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_disk(const struct disk *a, const struct disk *b)
{
        return same_text(a->key, b->key) && same_text(a->target, b->target) &&
               a->capacity_kib == b->capacity_kib && a->sized == b->sized &&
               a->writable == b->writable;
}

bool facts_equal(const struct facts *a, const struct facts *b)
{
        bool same = same_text(a->name, b->name) && a->vcpus == b->vcpus &&
                    a->memory_kib == b->memory_kib && a->n_disks == b->n_disks &&
                    a->n_nics == b->n_nics;

        for (size_t i = 0; same && i < N_HINTS; i++)
                same = same_text(a->hints[i], b->hints[i]);
        for (size_t i = 0; same && i < a->n_disks; i++)
                same = same_disk(&a->disks[i], &b->disks[i]);
        for (size_t i = 0; same && i < a->n_nics; i++)
                same = same_text(a->nics[i].mac, b->nics[i].mac) &&
                       same_text(a->nics[i].target, b->nics[i].target);
        return same;
}

struct disk *facts_disk(const struct facts *facts, const char *target)
{
        for (size_t i = 0; i < facts->n_disks; i++)
                if (strcmp(facts->disks[i].target, target) == 0)
                        return &facts->disks[i];
        return NULL;
}

void facts_inherit_sizes(struct facts *facts, const struct facts *old)
{
        for (size_t i = 0; i < facts->n_disks; i++) {
                struct disk *disk = &facts->disks[i];
                const struct disk *known = facts_disk(old, disk->target);
                if (disk->sized || !known || !known->sized || !same_text(disk->key, known->key))
                        continue;
                disk->capacity_kib = known->capacity_kib;
                disk->sized = true;
        }
}
