/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What single lines of the kernel mean, and what a few lines mean together. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/fault.h"

struct kernel_line;

enum { KERNEL_PLACE = 128 };

struct kernel_finding {
        const char *component_class, *code;
        enum vg_sight_health health;
        char location[KERNEL_PLACE], device[32];
        char key[40]; /* of the bucket: a page of memory, a logical processor */
        int64_t count;
};

/* What follows `before` in the message, up to one of `end`. "" where it is not there. */
void kernel_between(const char *message, const char *before, const char *end, char *buf,
                    size_t size);
/* The first PCI address in the message: "0000:3b:00.0", "10000:e1:00.0". "" for none. */
void kernel_pci_address(const char *message, char *buf, size_t size);

/* False: nothing about hardware. */
bool kernel_rule_find(const char *message, struct kernel_finding *ret_finding);

/* Blocks of lines that tell of one error. Zero-initialised is empty. Each take() looks at a line;
 * true: *ret_finding, of the block that this line ends (NULL line: the log's end). */

/* What the firmware reports (APEI/GHES, BERT). */
struct kernel_ghes {
        bool is_open;
        int64_t at_s;
        char severity[24], section[48], fru[KERNEL_PLACE], place[KERNEL_PLACE], text[160];
        char module[64]; /* "node 0 card 1 module 0" */
};
bool kernel_ghes_take(struct kernel_ghes *ghes, const struct kernel_line *line,
                      struct kernel_finding *ret_finding, int64_t *ret_at_s);

/* Machine checks: the kernel's raw lines ("Machine Check: 0 Bank 5: 8c00…"), its decoded ones
 * ("MC18_STATUS[-|CE|…]: 0x9c20…"), those of mcelog ("STATUS 8c00…") and of rasdaemon. */
struct kernel_mce {
        bool is_open;
        int64_t at_s;
        uint64_t status;
        int64_t cpu, bank, socket;
        bool has_socket, is_amd, is_memory;
        bool of_mcelog; /* goes on over mcelog's lines, not the kernel's */
        char text[160];
};
/* True: *ret_ended is the block that this line ends. */
bool kernel_mce_take(struct kernel_mce *mce, const struct kernel_line *line,
                     struct kernel_mce *ret_ended);
/* What a machine check means. False: nothing, or nothing of its own. has_edac: the log tells memory
 * errors by EDAC too; has_ghes: the firmware reports them. */
bool kernel_mce_judge(const struct kernel_mce *mce, bool has_edac, bool has_ghes,
                      struct kernel_finding *ret_finding);

/* What rasdaemon logged, and what ras-mc-ctl and edac-util print of it. */
struct kernel_ras {
        int section;      /* of ras-mc-ctl's report */
        char entry[1024]; /* of that section: wrapped lines make one */
};
/* True: *ret_finding, of the entry that this line is or ends; the same for totals without a time
 * (*ret_at_s 0), which tell of uncorrected errors only. */
bool kernel_ras_take(struct kernel_ras *ras, const struct kernel_line *line, bool has_edac,
                     struct kernel_finding *ret_finding, int64_t *ret_at_s);
/* Whether these bytes are such a report, or mcelog's. */
bool kernel_ras_is(const char *bytes, size_t n);

/* ---- whose error it was ---- */

struct kernel_joins {              /* zero-initialised is empty */
        char module[KERNEL_PLACE]; /* that had the last uncorrected error */
        char port[16], erred[16];  /* who told last of a PCIe error below it, and whose that was */
};
void kernel_joins_follow(struct kernel_joins *joins, const char *message);
/* Gives the finding the place of what it follows from. */
void kernel_joins_use(struct kernel_joins *joins, struct kernel_finding *finding);

/* ---- names ---- */

/* The message up to where it names a program or a file, of a tenant perhaps, then "…"; what stands
 * before rasdaemon's event (the program that was running) is left out too. */
void kernel_hide_names(const char *message, bool is_rasdaemon, char *buf, size_t size);

/* Which disk is behind "ata3.00" or "2:0:0:0": learnt from the whole log before it is judged. */
enum { KERNEL_NAMES_MAX = 512 };
struct kernel_names {
        struct kernel_name {
                char address[24], disk[16];
        } rows[KERNEL_NAMES_MAX];
        size_t n;
        char ata[16];               /* whose errors are being handled; "" none */
        int hosts[128], ports[128]; /* SCSI hosts of libata and its ports, as they came */
        size_t n_hosts, n_ports;
};
void kernel_names_learn(struct kernel_names *names, const char *message);
/* From where /sys/class/block/<disk> leads. */
void kernel_names_learn_link(struct kernel_names *names, const char *disk, const char *link);
/* Keeps names->ata, in a second pass. */
void kernel_names_follow(struct kernel_names *names, const char *message);
/* Names the finding's disk where the log says which it is. */
void kernel_names_use(const struct kernel_names *names, struct kernel_finding *finding);
