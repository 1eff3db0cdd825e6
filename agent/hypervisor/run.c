/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hypervisor/cgroup.h"
#include "hypervisor/qemuproc.h"
#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { TEXT_MAX = 4096 };

void run_none(struct run *run)
{
        *run = (struct run){ .libvirt_id = -1, .cpu_fd = -1, .statm_fd = -1, .threads_fd = -1 };
}

void run_done(struct run *run)
{
        if (run->cpu_fd >= 0)
                close(run->cpu_fd);
        if (run->statm_fd >= 0)
                close(run->statm_fd);
        if (run->threads_fd >= 0)
                close(run->threads_fd);
        run_none(run);
}

/* From the start of an open file. The number of bytes, or -errno. */
static ssize_t read_text(int fd, char text[TEXT_MAX])
{
        ssize_t n = pread(fd, text, TEXT_MAX - 1, 0);

        if (n < 0)
                return -errno;
        text[n] = '\0';
        return n;
}

static int read_text_at(int dir, const char *name, char text[TEXT_MAX])
{
        _cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -errno : read_text(fd, text);

        return n < 0 ? (int)n : 0;
}

/* A group is a folder with a link for each group below it (kernfs). 0: not to be had. */
static uint64_t count_links(int fd)
{
        struct stat st;

        return fd >= 0 && fstat(fd, &st) == 0 ? st.st_nlink : 0;
}

static void open_threads(struct run *run, const char *cgroup, const struct cgroup_mounts *mounts)
{
        char path[TEXT_MAX];

        if (cgroup_threads_path(cgroup, mounts, path, sizeof(path)) < 0)
                return;
        run->threads_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        run->n_threads = count_links(run->threads_fd);
}

/* The cgroup counts vhost threads too and in nanoseconds; /proc has ticks of 10 ms. */
static void open_cpu(struct run *run, int dir, const struct cgroup_mounts *mounts)
{
        char text[TEXT_MAX], path[TEXT_MAX];

        if (read_text_at(dir, "cgroup", text) == 0 &&
            cgroup_cpu_path(text, mounts, path, sizeof(path)) == 0) {
                run->cpu_fd = open(path, O_RDONLY | O_CLOEXEC);
                run->cpu_source = run->cpu_fd >= 0 ? RUN_CPU_CGROUP : RUN_CPU_NONE;
                open_threads(run, text, mounts);
        }
        if (run->cpu_fd < 0) {
                run->cpu_fd = openat(dir, "stat", O_RDONLY | O_CLOEXEC);
                run->cpu_source = run->cpu_fd >= 0 ? RUN_CPU_PROC : RUN_CPU_NONE;
        }
}

void run_begin(struct run *run, int libvirt_id, const struct qemuproc *process, const char *proc,
               const struct cgroup_mounts *mounts)
{
        char path[512], text[TEXT_MAX];
        uint64_t ticks = 0;

        run_done(run);
        run->libvirt_id = libvirt_id;
        snprintf(run->id, sizeof(run->id), "%d:0", libvirt_id);
        if (!process)
                return;

        snprintf(path, sizeof(path), "%s/%d", proc, (int)process->pid);
        _cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0 || read_text_at(dir, "stat", text) < 0 ||
            qemuproc_start_ticks(text, &ticks) < 0 || ticks != process->start_ticks)
                return;
        snprintf(run->id, sizeof(run->id), "%d:%" PRIu64, libvirt_id, ticks);
        run->pid = process->pid;
        run->statm_fd = openat(dir, "statm", O_RDONLY | O_CLOEXEC);
        open_cpu(run, dir, mounts);
}

/* "size resident shared …" in pages; all zero once the process has ended but not been waited for. */
static int parse_statm(const char *text, uint64_t *ret_rss_kib)
{
        const uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
        const char *resident = strchr(text, ' ');
        char number[24];

        size_t n = resident ? strspn(resident + 1, "0123456789") : 0;
        if (!n || n >= sizeof(number))
                return -EINVAL;
        memcpy(number, resident + 1, n);
        number[n] = '\0';

        uint64_t pages;
        int r = vg_u64_parse(number, &pages);
        return r < 0 ? r : vg_mul_u64(pages, page_kib, ret_rss_kib);
}

void run_read(struct run *run, struct run_counters *ret_counters)
{
        char text[TEXT_MAX];
        struct run_counters counters = { 0 };

        *ret_counters = counters;
        if (run->is_over || run->statm_fd < 0)
                return;
        if (read_text(run->statm_fd, text) <= 0 || parse_statm(text, &counters.rss_kib) < 0 ||
            counters.rss_kib == 0) {
                run->is_over = true;
                return;
        }
        counters.has_rss = true;
        if (run->cpu_fd >= 0 && read_text(run->cpu_fd, text) > 0)
                counters.has_cpu = (run->cpu_source == RUN_CPU_CGROUP
                                            ? cgroup_cpu_parse(text, &counters.cpu_ns)
                                            : qemuproc_cpu_ns(text, &counters.cpu_ns)) == 0;
        const uint64_t n_threads = count_links(run->threads_fd);
        counters.regrouped = n_threads != run->n_threads;
        run->n_threads = n_threads;
        *ret_counters = counters;
}
