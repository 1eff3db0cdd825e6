/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* qemuproc: which process is the QEMU of a domain. The one proof is its command line, and any user
 * may write what he likes into his own: only processes of expected users count (those that the
 * settings name, and those that libvirt itself says it runs QEMUs as), and two candidates for one
 * domain are none. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hypervisor/facts.h"

struct qemuproc {
        char uuid[UUID_TEXT];
        pid_t pid;            /* 0: more than one process claims to be it */
        uint64_t start_ticks; /* since boot: with pid, an identity */
};

struct qemuprocs {
        struct qemuproc *rows; /* sorted by uuid */
        size_t n, size;
};

struct qemuproc_users {
        uid_t uids[16];
        size_t n;
};

/* From names or numbers separated by commas or spaces ("libvirt-qemu, qemu, 107"); names that
 * /etc/passwd lacks are skipped, for no machine has them all. This process's own user is always
 * expected. */
void qemuproc_users_parse(const char *names, struct qemuproc_users *ret_users);
/* One more: a name, a number, or a number as libvirt writes it ("+64055"). */
void qemuproc_users_add(struct qemuproc_users *users, const char *name);

void qemuprocs_done(struct qemuprocs *procs);
/* Looks through /proc once. Replaces what is there. */
int qemuprocs_scan(struct qemuprocs *procs, const char *proc, const struct qemuproc_users *users);
const struct qemuproc *qemuprocs_find(const struct qemuprocs *procs, const char *uuid);

/* The value behind "-uuid" in a command line of n bytes with NULs between its words; NULL: none. */
const char *qemuproc_uuid(const char *cmdline, size_t n);
/* Field 22 of /proc/PID/stat. 0 or -EINVAL. */
int qemuproc_start_ticks(const char *stat, uint64_t *ret_ticks);
/* utime + stime of /proc/PID/stat as nanoseconds. */
int qemuproc_cpu_ns(const char *stat, uint64_t *ret_ns);
