/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* devices: which incarnation of a device a counter belongs to. "vda" unplugged and plugged again
 * within one run counts from zero again; its counter is then "rd:vda#2". A bump is made on evidence
 * alone (it went away, or its counter ran backwards): a wrong one would count everything twice. A
 * new process numbers from 1 again, and the keeper knows by its instance. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct facts;

enum device_kind { DEVICE_DISK, DEVICE_NIC };

struct device {
        enum device_kind kind;
        bool is_present;
        uint32_t generation;   /* from 1 */
        uint64_t last[2];      /* counters as last seen */
        uint64_t gone_boot_ns; /* when libvirt said that it went */
        char target[32];
        char alias[64];
};

struct devices {
        struct device *rows;
        size_t n;
};

void devices_done(struct devices *devices); /* a new run: all forgotten */

/* What the domain has as of at_boot_ns. -ENOMEM. */
int devices_set(struct devices *devices, const struct facts *facts, uint64_t at_boot_ns);
void devices_gone(struct devices *devices, const char *alias, uint64_t at_boot_ns);

/* The generation that these two counters belong to. 0: no such device. */
uint32_t devices_count(struct devices *devices, enum device_kind kind, const char *target,
                       uint64_t a, uint64_t b);
