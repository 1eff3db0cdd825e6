/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* run: one QEMU from its start to its end, and what the kernel counts of it. Counters are compared
 * within one run only. The files stay open: a descriptor below /proc/PID belongs to that very
 * process, so that a later process with the same number can never be read for it. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup_mounts;
struct qemuproc;

enum run_cpu_source { RUN_CPU_NONE, RUN_CPU_CGROUP, RUN_CPU_PROC };

struct run {
        char id[48]; /* "<libvirt id>:<start ticks>"; ":0" where no process was found */
        int libvirt_id;
        pid_t pid; /* 0: none found */
        enum run_cpu_source cpu_source;
        int cpu_fd, statm_fd; /* -1: not open */
        int threads_fd;       /* the folder of its threads' groups; -1: the kernel has none */
        uint64_t n_threads;   /* groups there, vCPUs among them, as a folder's links tell */
        bool is_over;         /* the process has ended; libvirt will say so */
        unsigned n_searched;  /* times that its process was looked for */
};

/* libvirt shows a domain before its QEMU can be told from its command line. Until then nothing is
 * counted: the id, which carries the start time, must not change once counters have. */
enum { RUN_SEARCHES = 3 };
static inline bool run_is_settled(const struct run *run)
{
        return run->pid || run->n_searched >= RUN_SEARCHES;
}

struct run_counters {
        uint64_t cpu_ns, rss_kib;
        bool has_cpu, has_rss;
        bool regrouped; /* it has more or fewer vCPUs than at the last reading, or I/O threads */
};

void run_none(struct run *run); /* no run */
void run_done(struct run *run); /* closes; becomes none */
static inline bool run_is_some(const struct run *run)
{
        return run->id[0] != '\0';
}
/* proc: "/proc"; process: NULL where none was found. */
void run_begin(struct run *run, int libvirt_id, const struct qemuproc *process, const char *proc,
               const struct cgroup_mounts *mounts);
void run_read(struct run *run, struct run_counters *ret_counters);
/* No event of libvirt tells of a vCPU that was plugged; the kernel shows it. */
static inline bool run_shows_vcpus(const struct run *run)
{
        return run->threads_fd >= 0;
}
