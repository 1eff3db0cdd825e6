/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* observe: what this reader tells the keeper, as bodies of the keeper protocol (canonical JSON):
 *
 *   facts      {"disks":[{"capacity_kib","key","target","writable"}],"hints":{},"memory_kib","name",
 *               "nics":[{"mac","target"}],"run","scope":"domain","state","uuid","vcpus","why"}
 *              {"capacity_kib","hints":{},"key","name","pool","scope":"volume"}
 *   facts-end  {"count","digest","scope"}
 *   readings   {"domains":[{"counters":{},"run","uuid"}],"tier":"kernel|qemu"}
 *   heartbeat  {"clock","domains","libvirt":"ok|lost"}
 *   condition  {"cause","since_boot_ns","state","subject":"libvirt"} and the like
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/clock.h"
#include "vigie/json.h"

struct domain;
struct outbox;
struct volume;

/* A failure to queue one (no memory) is logged and otherwise lost; the pass that follows heals it. */
void observe_domain(struct outbox *outbox, const struct vg_now *at, const struct domain *domain,
                    const char *why);
void observe_gone(struct outbox *outbox, const struct vg_now *at, const struct domain *domain);
void observe_volume(struct outbox *outbox, const struct vg_now *at, const struct volume *volume);
/* names: sorted. Returns the sequence number that the answer will carry; 0: not queued. */
uint64_t observe_end(struct outbox *outbox, const struct vg_now *at, const char *scope,
                     const char *const *names, size_t n);
void observe_heartbeat(struct outbox *outbox, const struct vg_now *at, bool is_ok,
                       size_t n_domains);
void observe_libvirt(struct outbox *outbox, const struct vg_now *at, bool is_ok, const char *cause,
                     uint64_t since_boot_ns);
void observe_domain_stuck(struct outbox *outbox, const struct vg_now *at, const char *uuid,
                          bool is_stuck);
void observe_clock(struct outbox *outbox, const struct vg_now *at, const char *state,
                   int64_t offset_ns);

/* Readings are gathered domain by domain, and leave when they are enough for a line. */
enum { COUNTERS_MAX = 256, COUNTER_NAME = 64 };
struct counter {
        char name[COUNTER_NAME];
        uint64_t value;
};
struct readings {
        struct outbox *outbox;
        struct vg_now at;
        const char *tier;
        struct vg_json json;
        size_t n_domains;
        struct counter counters[COUNTERS_MAX]; /* of the domain at hand */
        size_t n_counters;
};
void readings_begin(struct readings *readings, struct outbox *outbox, const struct vg_now *at,
                    const char *tier);
void readings_count(struct readings *readings, const char *name, uint64_t value);
/* "rd:vda", and "rd:vda#2" for a later device of that name. */
void readings_count_device(struct readings *readings, const char *what, const char *target,
                           uint32_t generation, uint64_t value);
void readings_domain(struct readings *readings, const char *uuid, const char *run);
void readings_end(struct readings *readings);
