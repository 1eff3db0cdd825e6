/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* volumes: what stands in storage pools, by one look at each. Never Refresh: it may freeze libvirtd
 * on dead storage (METERING, trap 5), so a volume made behind libvirt's back is not seen. */

#include <stddef.h>
#include <stdint.h>

#include "hypervisor/calls.h"
#include "os/clock.h"

struct volume {
        char *key; /* as storekey.h has it */
        char *pool, *name;
        uint64_t capacity_kib;
};

struct volumes {
        struct volume *rows; /* sorted by key, each key once */
        size_t n, size;
};

struct volumes_look {
        struct call call; /* first */
        struct vg_now at;
        char *mounts; /* of this look (storekey.h) */
        struct volumes seen;
};

void volumes_done(struct volumes *volumes);
void volumes_keep_first(struct volumes *volumes, size_t n); /* forgets the rest */
struct volumes_look *volumes_look_new(const struct call_kind *kind);
int volumes_look_work(struct call *call, struct connection *connection, struct vg_err *err);
void volumes_look_free(struct call *call);
