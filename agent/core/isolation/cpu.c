/* SPDX-License-Identifier: Apache-2.0 */

#include "cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/num.h"

enum { BITS = 64, VCPUS_MAX = 4096 };

static void set_range(const struct masks *masks, uint64_t *bits, size_t from, size_t to, bool on)
{
        for (size_t cpu = from; cpu <= to && cpu < masks->n_cpus; cpu++)
                if (on)
                        bits[cpu / BITS] |= UINT64_C(1) << (cpu % BITS);
                else
                        bits[cpu / BITS] &= ~(UINT64_C(1) << (cpu % BITS));
}

static bool has(const uint64_t *bits, size_t cpu)
{
        return bits[cpu / BITS] >> (cpu % BITS) & 1;
}

void mask_read(const struct masks *masks, const char *list, uint64_t *bits)
{
        for (const char *at = list; *at;) {
                at += strspn(at, ", \t\r\n");
                const bool off = *at == '^';
                char *end;
                at += off;
                if (*at < '0' || *at > '9')
                        return;

                const unsigned long long from = strtoull(at, &end, 10);
                unsigned long long to = from;
                if (*end == '-' && end[1] >= '0' && end[1] <= '9')
                        to = strtoull(end + 1, &end, 10);
                set_range(masks, bits, from, to, !off);
                at = end;
        }
}

bool mask_meets(const struct masks *masks, const uint64_t *a, const uint64_t *b)
{
        for (size_t i = 0; i < masks->n_words; i++)
                if (a[i] & b[i])
                        return true;
        return false;
}

int mask_first(const struct masks *masks, const uint64_t *a, const uint64_t *b)
{
        for (size_t cpu = 0; cpu < masks->n_cpus; cpu++)
                if (has(a, cpu) && has(b, cpu))
                        return (int)cpu;
        return -1;
}

void mask_widen(const struct masks *masks, const uint64_t *mask, uint64_t *ret_wide)
{
        memcpy(ret_wide, mask, masks->n_words * sizeof(*mask));
        for (size_t cpu = 0; cpu < masks->n_cpus; cpu++)
                if (has(mask, cpu) && masks->siblings[cpu])
                        for (size_t i = 0; i < masks->n_words; i++)
                                ret_wide[i] |= masks->siblings[cpu][i];
}

/* ---- the host ---- */

#define EACH_CPU(cpu, j)                                                        \
        NODE_EACH(cell,                                                         \
                  node_at(host_document((j)->host, "capabilities", "", "host"), \
                          "host/topology/cells"),                               \
                  "cell")                                                       \
        NODE_EACH(cpu, node_child(cell, "cpus"), "cpu")

/* The bits that a mask needs: to the host's last processor, or all where that is not known. */
static size_t count_bits(const struct judge *j)
{
        uint64_t id, most = 0;
        bool known = false;

        EACH_CPU(cpu, j)
        if (node_number(cpu, "id", &id)) {
                most = id > most ? id : most;
                known = true;
        }
        return known && most < CPUS_MAX ? (size_t)most + 1 : CPUS_MAX;
}

static void read_host(struct judge *j, struct masks *masks)
{
        const char *online = host_text(j->host, "/sys/devices/system/cpu/online");
        uint64_t id;
        bool known = false;

        EACH_CPU(cpu, j)
        if (node_number(cpu, "id", &id) && id < masks->n_cpus) {
                set_range(masks, masks->host, id, id, true);
                known = true;
        }
        if (!known && online)
                mask_read(masks, online, masks->host);
        else if (!known)
                set_range(masks, masks->host, 0, CPUS_MAX, true);
}

static void set_siblings(struct judge *j, struct masks *masks, uint64_t cpu, const char *list)
{
        uint64_t *bits = arena_array(&j->arena, masks->n_words, sizeof(*bits));

        if (!bits || cpu >= masks->n_cpus)
                return;
        mask_read(masks, list, bits);
        masks->siblings[cpu] = bits;
        masks->knows_cores = true;
        set_range(masks, bits, cpu, cpu, false);
        masks->has_smt |= mask_meets(masks, bits, masks->host);
        set_range(masks, bits, cpu, cpu, true);
}

static void read_cores(struct judge *j, struct masks *masks)
{
        uint64_t id;

        EACH_CPU(cpu, j)
        if (node_number(cpu, "id", &id) && node_attr(cpu, "siblings"))
                set_siblings(j, masks, id, node_attr(cpu, "siblings"));
        const bool are_listed = masks->knows_cores;
        for (size_t cpu = 0; !are_listed && cpu < masks->n_cpus; cpu++) {
                char path[96];
                snprintf(path, sizeof(path),
                         "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
                const char *list = host_text(j->host, path);
                snprintf(path, sizeof(path),
                         "/sys/devices/system/cpu/cpu%zu/topology/core_cpus_list", cpu);
                list = list ? list : host_text(j->host, path);
                if (list)
                        set_siblings(j, masks, cpu, list);
                if (!list && has(masks->host, cpu)) { /* its core may be anybody's */
                        masks->knows_cores = false;
                        return;
                }
        }
}

/* ---- the domains ---- */

static void read_threads(struct masks *masks, const struct process *process, struct mask *mask)
{
        uint64_t *guest = mask->guest;
        bool any_vcpu = false;

        memset(mask->all, 0, masks->n_words * sizeof(*mask->all));
        for (size_t i = 0; i < process->n_threads; i++) {
                const struct thread *thread = &process->threads[i];
                mask_read(masks, thread->cpus, mask->all);
                if (thread->is_vcpu && !any_vcpu)
                        memset(guest, 0, masks->n_words * sizeof(*guest));
                any_vcpu |= thread->is_vcpu;
                if (thread->is_vcpu)
                        mask_read(masks, thread->cpus, guest);
        }
}

static const char *pin_of(const struct node *tune, const char *kind, const char *id_name,
                          uint64_t id, const char *otherwise)
{
        uint64_t is;

        NODE_EACH(pin, tune, kind)
        if (node_attr(pin, "cpuset") && (!id_name || (node_number(pin, id_name, &is) && is == id)))
                return node_attr(pin, "cpuset");
        return otherwise;
}

static void add_list(const struct masks *masks, const char *list, uint64_t *bits)
{
        if (list)
                mask_read(masks, list, bits);
        else
                memcpy(bits, masks->host, masks->n_words * sizeof(*bits));
}

/* A list may remove what another thread's adds: each is read apart. */
static void add_pin(const struct masks *masks, const char *list, uint64_t *room, uint64_t *bits)
{
        memset(room, 0, masks->n_words * sizeof(*room));
        add_list(masks, list, room);
        for (size_t i = 0; i < masks->n_words; i++)
                bits[i] |= room[i];
}

/* Whether a vCPU is there from the start: <vcpus> says which, else the first ones are. */
static bool is_enabled(const struct node *xml, uint64_t vcpu, uint64_t n_current)
{
        uint64_t id;

        NODE_EACH(one, node_child(xml, "vcpus"), "vcpu")
        if (node_number(one, "id", &id) && id == vcpu)
                return !node_attr_is(one, "enabled", "no");
        return vcpu < n_current;
}

static void read_vcpus(const struct masks *masks, const struct node *xml, const char *set,
                       uint64_t *room, struct mask *mask)
{
        const struct node *tune = node_child(xml, "cputune"), *vcpu = node_child(xml, "vcpu");
        uint64_t n = 1, n_current;

        (void)vg_u64_parse(node_text(vcpu, ""), &n);
        if (!node_number(vcpu, "current", &n_current))
                n_current = n;
        for (uint64_t i = 0; i < n && i < VCPUS_MAX; i++) {
                if (!is_enabled(xml, i, n_current))
                        continue;
                const char *pin = pin_of(tune, "vcpupin", "vcpu", i, set);
                mask->unpinned |= !pin;
                add_pin(masks, pin, room, mask->guest);
        }
}

/* I/O threads have the numbers that <iothreadids> gives, and beyond those the next free ones, which
 * are as many as the total leaves. */
static void read_iothreads(const struct masks *masks, const struct node *xml, const char *set,
                           uint64_t *room, struct mask *mask)
{
        const struct node *tune = node_child(xml, "cputune"), *ids = node_child(xml, "iothreadids");
        uint64_t id, total = 0, named = 0;

        (void)vg_u64_parse(node_text(xml, "iothreads"), &total);
        NODE_EACH(one, ids, "iothread")
        if (node_number(one, "id", &id)) {
                named++;
                add_pin(masks, pin_of(tune, "iothreadpin", "iothread", id, set), room, mask->all);
        }
        for (uint64_t i = 1; named < total && i < VCPUS_MAX; i++) {
                bool is_named = false;
                NODE_EACH(one, ids, "iothread")
                is_named |= node_number(one, "id", &id) && id == i;
                if (is_named)
                        continue;
                named++;
                add_pin(masks, pin_of(tune, "iothreadpin", "iothread", i, set), room, mask->all);
        }
}

/* Where numad places the vCPUs, libvirt does not look at their set. */
static void read_declared(const struct masks *masks, const struct node *xml, uint64_t *room,
                          struct mask *mask)
{
        const struct node *tune = node_child(xml, "cputune"), *vcpu = node_child(xml, "vcpu");
        const char *set =
                node_attr_is(vcpu, "placement", "auto") ? NULL : node_attr(vcpu, "cpuset");

        read_vcpus(masks, xml, set, room, mask);
        memcpy(mask->all, mask->guest, masks->n_words * sizeof(*mask->all));
        add_pin(masks, pin_of(tune, "emulatorpin", NULL, 0, set), room, mask->all);
        read_iothreads(masks, xml, set, room, mask);
}

static void read_domains(struct judge *j, struct masks *masks, uint64_t *words)
{
        uint64_t *room = words;

        words += masks->n_words;
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                struct mask *mask = &masks->of[i];
                mask->guest = words;
                mask->all = words + masks->n_words;
                words += 2 * masks->n_words;
                read_declared(masks, domain->xml, room, mask);
                if (domain->process && domain->process->n_threads)
                        read_threads(masks, domain->process, mask);
                else
                        mask->unsure = domain->running;
                for (size_t k = 0; k < masks->n_words; k++) {
                        mask->guest[k] &= masks->host[k];
                        mask->all[k] &= masks->host[k];
                }
        }
}

struct masks *masks_new(struct judge *j)
{
        struct masks *masks = calloc(1, sizeof(*masks));

        if (!masks)
                return NULL;
        masks->n_cpus = count_bits(j);
        masks->n_words = (masks->n_cpus + BITS - 1) / BITS;
        masks->words = calloc(2 * ((size_t)j->n_domains + 1), masks->n_words * sizeof(uint64_t));
        masks->of = calloc((size_t)j->n_domains + 1, sizeof(*masks->of));
        masks->siblings = calloc(masks->n_cpus, sizeof(*masks->siblings));
        if (!masks->words || !masks->of || !masks->siblings)
                return masks_free(masks), NULL;
        masks->host = masks->words;
        read_host(j, masks);
        read_cores(j, masks);
        read_domains(j, masks, masks->words + masks->n_words);
        return masks;
}

void masks_free(struct masks *masks)
{
        if (!masks)
                return;
        free(masks->words);
        free(masks->of);
        free((void *)masks->siblings);
        free(masks);
}
