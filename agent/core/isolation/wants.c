/* SPDX-License-Identifier: Apache-2.0 */

/* wants: what is worth looking at is what a judgement would ask for. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "port.h"
#include "vigie/mem.h"

static const char *const texts[] = {
        "/etc/libvirt/libvirtd.conf",
        "/etc/libvirt/qemu.conf",
        "/etc/libvirt/virtproxyd.conf",
        "/etc/libvirt/virtqemud.conf",
        "/evidence/ip-link",
        "/evidence/virt-host-validate",
        "/proc/cmdline",
        "/proc/net/tcp",
        "/proc/net/tcp6",
        "/proc/sys/net/ipv4/ip_forward",
        "/sys/bus/pci/devices/*/iommu_group",
        "/sys/class/net/*/bridge/bridge_id",
        "/sys/class/net/*/brport/isolated",
        "/sys/class/net/*/device/virtfn*",
        "/sys/devices/system/cpu/cpu*/topology/core_cpus_list",
        "/sys/devices/system/cpu/cpu*/topology/thread_siblings_list",
        "/sys/devices/system/cpu/online",
        "/sys/devices/system/cpu/vulnerabilities/*",
        "/sys/kernel/iommu_groups",
        "/sys/kernel/iommu_groups/*/devices/*",
        "/sys/kernel/mm/ksm/run",
        "/sys/module/kvm/parameters/enable_vmware_backdoor",
        "/sys/module/kvm/parameters/nx_huge_pages",
        "/sys/module/kvm_amd/parameters/nested",
        "/sys/module/kvm_intel/parameters/nested",
        "/sys/module/kvm_intel/parameters/vmentry_l1d_flush",
        "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
        "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
        NULL,
};

const char *const *vg_host_texts(void)
{
        return texts;
}

struct paths {
        char **list;
        size_t n, size;
        bool failed;
};

static void paths_done(struct paths *paths)
{
        for (size_t i = 0; i < paths->n; i++)
                free(paths->list[i]);
        free(paths->list);
}

static void add_path(void *user, const char *path)
{
        struct paths *paths = user;

        if (paths->n == paths->size) {
                const size_t size = paths->size ? paths->size * 2 : 256;
                char **more = reallocarray(paths->list, size, sizeof(*more));
                if (!more) {
                        paths->failed = true;
                        return;
                }
                paths->list = more;
                paths->size = size;
        }
        paths->list[paths->n] = strdup(path);
        if (paths->list[paths->n])
                paths->n++;
        else
                paths->failed = true;
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int tell_paths(struct paths *paths, vg_want_fn *fn, void *user)
{
        if (paths->n)
                qsort(paths->list, paths->n, sizeof(*paths->list), by_text);
        for (size_t i = 0; i < paths->n; i++) {
                int r = i && strcmp(paths->list[i - 1], paths->list[i]) == 0
                                ? 0
                                : fn(user, VG_WANT_PATH, paths->list[i], "");
                if (r < 0)
                        return r;
        }
        return 0;
}

static int tell_running(const struct judge *j, vg_want_fn *fn, void *user)
{
        int r = 0;

        EACH_DOMAIN(i, j)
        if (r >= 0 && j->domains[i].running)
                r = fn(user, VG_WANT_PROCESS, j->domains[i].uuid, j->domains[i].name);
        for (size_t i = 0; r >= 0 && i < j->ports->n; i++)
                if (*j->ports->list[i].target)
                        r = fn(user, VG_WANT_PORT, j->ports->list[i].target, "");
        return r < 0 ? r : 0;
}

int vg_host_wants(const struct vg_host *host, vg_want_fn *fn, void *user)
{
        _cleanup_(paths_done) struct paths paths = { 0 };
        _cleanup_(judge_done) struct judge j = { .host = host,
                                                 .want = add_path,
                                                 .want_user = &paths };

        int r = judge_run(&j);
        if (r < 0 || paths.failed)
                return -ENOMEM;
        r = tell_paths(&paths, fn, user);
        return r < 0 ? r : tell_running(&j, fn, user);
}
