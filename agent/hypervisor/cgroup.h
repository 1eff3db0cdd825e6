/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cgroup: which file tells the CPU time of one QEMU, all its threads and vhost helpers included. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgroup_mounts {     /* "" where there is none */
        char cpuacct[256]; /* version 1: where the cpuacct controller is mounted */
        char unified[256]; /* version 2 */
};

/* From the text of /proc/self/mountinfo. */
void cgroup_mounts_parse(const char *mountinfo, struct cgroup_mounts *ret_mounts);

/* From the text of /proc/PID/cgroup. libvirt puts a QEMU's main thread in "<domain>/emulator"; only
 * then is the group of that domain alone. 0: *ret_path is cpuacct.usage or cpu.stat of the domain.
 * -ENOENT: the process is in no group of its own (a session, a container): read /proc. */
int cgroup_cpu_path(const char *cgroup, const struct cgroup_mounts *mounts, char *path,
                    size_t size);

/* The same, for the folder that holds one group for each vCPU and I/O thread of that QEMU. */
int cgroup_threads_path(const char *cgroup, const struct cgroup_mounts *mounts, char *path,
                        size_t size);

/* The text of cpuacct.usage (nanoseconds) or cpu.stat (usage_usec). 0 or -EINVAL. */
int cgroup_cpu_parse(const char *text, uint64_t *ret_ns);
