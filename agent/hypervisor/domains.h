/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* domains: what this reader knows of each domain, sorted by UUID. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/devices.h"
#include "hypervisor/facts.h"
#include "hypervisor/run.h"

struct domain {
        char uuid[UUID_TEXT];
        enum domain_state state;
        struct facts *facts;
        uint64_t facts_boot_ns; /* as of when */
        struct run run;         /* none while it is off */
        struct devices devices; /* of this run */
        uint64_t blocks_digest; /* as QEMU last told (look.h), of this run; 0: not yet */
        unsigned n_skipped;     /* QEMU cycles without an answer, in a row */
        bool is_stuck;          /* and the keeper knows */
        bool is_named;          /* by the pass under way */
};

struct domains {
        struct domain **rows;
        size_t n, size;
};

struct domain *domains_find(const struct domains *domains, const char *uuid);
struct domain *domains_add(struct domains *domains, const char *uuid); /* NULL: no memory */
void domains_remove(struct domains *domains, struct domain *domain);
size_t domains_count_active(const struct domains *domains);
/* Whether some domain has that storage. */
bool domains_use_key(const struct domains *domains, const char *key);
