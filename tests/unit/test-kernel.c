/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel's files say: control groups, interfaces, processes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "hypervisor/cgroup.h"
#include "hypervisor/netdev.h"
#include "hypervisor/qemuproc.h"
#include "vigie/mem.h"

static void test_mounts(void **state)
{
        struct cgroup_mounts mounts;

        (void)state;
        cgroup_mounts_parse(
                "30 25 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
                "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                "32 25 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                "33 25 0:27 / /elsewhere rw - cgroup cgroup rw,cpu,cpuacct\n"
                "garbage\n",
                &mounts);
        assert_string_equal(mounts.unified, "/sys/fs/cgroup/unified");
        assert_string_equal(mounts.cpuacct, "/sys/fs/cgroup/cpu,cpuacct");

        cgroup_mounts_parse("40 1 0:9 /part /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", &mounts);
        assert_string_equal(mounts.unified, "");
        assert_string_equal(mounts.cpuacct, "");
}

static void test_cpu_path(void **state)
{
        static const struct cgroup_mounts both = { "/c/cpuacct", "/c/unified" },
                                          second = { "", "/c" };
        static const struct {
                const char *cgroup;
                const struct cgroup_mounts *mounts;
                const char *path;    /* NULL: no group of its own */
                const char *threads; /* the same */
        } rows[] = {
                { "2:cpu,cpuacct:/machine/qemu-1-a.libvirt-qemu/emulator\n0::/\n", &both,
                  "/c/cpuacct/machine/qemu-1-a.libvirt-qemu/cpuacct.usage",
                  "/c/cpuacct/machine/qemu-1-a.libvirt-qemu" },
                { "0::/m/q/emulator\n2:cpuacct:/m/q/emulator\n", &both,
                  "/c/cpuacct/m/q/cpuacct.usage", "/c/cpuacct/m/q" },
                { "2:cpuacct:/\n1:cpu:/m/q/emulator\n0::/m/q/emulator\n", &both,
                  "/c/unified/m/q/cpu.stat", "/c/unified/m/q" },
                { "0::/machine.slice/machine-qemu\\x2d1\\x2da.scope/libvirt/emulator\n", &second,
                  "/c/machine.slice/machine-qemu\\x2d1\\x2da.scope/cpu.stat",
                  "/c/machine.slice/machine-qemu\\x2d1\\x2da.scope/libvirt" },
                { "0::/user.slice/user-1000.slice/session-1.scope\n", &second, NULL, NULL },
                { "0::/emulator\n", &second, NULL, NULL },
                { "2:cpuacct:/m/q/emulator\n", &second, NULL, NULL },
                { "", &both, NULL, NULL },
                { "nonsense\n::\n", &both, NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char path[256] = "", threads[256] = "";
                int r = cgroup_cpu_path(rows[i].cgroup, rows[i].mounts, path, sizeof(path));
                assert_int_equal(r, rows[i].path ? 0 : -ENOENT);
                assert_string_equal(path, rows[i].path ? rows[i].path : "");
                r = cgroup_threads_path(rows[i].cgroup, rows[i].mounts, threads, sizeof(threads));
                assert_int_equal(r, rows[i].threads ? 0 : -ENOENT);
                assert_string_equal(threads, rows[i].threads ? rows[i].threads : "");
        }
}

static void test_cpu_text(void **state)
{
        static const struct {
                const char *text;
                int r;
                uint64_t ns;
        } rows[] = {
                { "1234567890123\n", 0, 1234567890123 },
                { "usage_usec 77\nuser_usec 1\n", 0, 77000 },
                { "usage_usec \n", -EINVAL, 0 },
                { "", -EINVAL, 0 },
                { "-5\n", -EINVAL, 0 },
                { "usage_usec 18446744073709551615\n", -ERANGE, 0 },
                { "99999999999999999999999999\n", -EINVAL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                uint64_t ns = 0;
                assert_int_equal(cgroup_cpu_parse(rows[i].text, &ns), rows[i].r);
                if (rows[i].r == 0)
                        assert_int_equal(ns, rows[i].ns);
        }
}

#define HEADINGS "Inter-|   Receive\n face |bytes\n"

static void test_netdev(void **state)
{
        char text[] = HEADINGS " vnet1: 10 2 0 0 0 0 0 0 20 4 0 0 0 0 0 0\n"
                               "    lo:18446744073709551615 2 0 0 0 0 0 0 7 4 0 0 0 0 0 0\n"
                               "eth0:1: 5 2 0 0 0 0 0 0 6 4 0 0 0 0 0 0\n";
        char broken[] = HEADINGS " vnet1: 10 2\n", empty[] = "",
             overflow[] = HEADINGS " a: 99999999999999999999 0 0 0 0 0 0 0 1\n";
        struct netdevs netdevs = { 0 };

        (void)state;
        assert_int_equal(netdevs_parse(&netdevs, text), 0);
        assert_int_equal(netdevs.n, 3);
        assert_int_equal(netdevs_find(&netdevs, "vnet1")->rx_bytes, 10);
        assert_int_equal(netdevs_find(&netdevs, "vnet1")->tx_bytes, 20);
        assert_int_equal(netdevs_find(&netdevs, "lo")->rx_bytes, UINT64_MAX);
        assert_int_equal(netdevs_find(&netdevs, "eth0:1")->tx_bytes, 6);
        assert_null(netdevs_find(&netdevs, "vnet"));
        assert_null(netdevs_find(&netdevs, ""));
        assert_int_equal(netdevs_parse(&netdevs, broken), -EINVAL);
        assert_int_equal(netdevs_parse(&netdevs, empty), -EINVAL);
        assert_int_equal(netdevs_parse(&netdevs, overflow), -EINVAL);
        netdevs_done(&netdevs);
}

static void test_stat(void **state)
{
        static const char stat[] =
                "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 3 0 987654 1 2 3";
        uint64_t value = 0;

        (void)state;
        assert_int_equal(qemuproc_start_ticks(stat, &value), 0);
        assert_int_equal(value, 987654);
        assert_int_equal(qemuproc_cpu_ns(stat, &value), 0);
        assert_int_equal(value, 2000000000); /* 200 ticks of 10 ms */
        assert_int_equal(qemuproc_start_ticks("42 (a) S 1", &value), -EINVAL);
        assert_int_equal(qemuproc_start_ticks("", &value), -EINVAL);
}

static void test_cmdline(void **state)
{
        static const char uuid[] = "e0ffe0db-80e0-5be6-bfb2-597eb06c8a51";
        static const char good[] =
                "qemu\0-name\0guest=a\0-uuid\0e0ffe0db-80e0-5be6-bfb2-597eb06c8a51";
        static const char inside[] = "qemu\0-name -uuid\0e0ffe0db-80e0-5be6-bfb2-597eb06c8a51";
        static const char last[] = "qemu\0-uuid", cut[] = "qemu\0-uuid\0e0ffe0db";

        (void)state;
        assert_string_equal(qemuproc_uuid(good, sizeof(good)), uuid);
        assert_null(qemuproc_uuid(inside, sizeof(inside)));
        assert_null(qemuproc_uuid(last, sizeof(last)));
        assert_null(qemuproc_uuid(cut, sizeof(cut)));
        assert_null(qemuproc_uuid(good, sizeof(good) - 2)); /* not terminated */
        assert_null(qemuproc_uuid("", 0));
}

static void test_users(void **state)
{
        const uid_t own = getuid();
        struct qemuproc_users users;

        (void)state;
        qemuproc_users_parse("nobody-of-that-name, 64055 +64056,\t64055", &users);
        assert_int_equal(users.n, 3);
        assert_int_equal(users.uids[0], own);
        assert_int_equal(users.uids[1], 64055);
        assert_int_equal(users.uids[2], 64056);

        static const char *const none[] = { "", "+", "-1", "4294967295", "99999999999", "64055" };
        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                qemuproc_users_add(&users, none[i]);
        assert_int_equal(users.n, 3);
        for (uint32_t uid = 70000; uid < 70040; uid++) {
                char number[16];
                snprintf(number, sizeof(number), "+%u", uid);
                qemuproc_users_add(&users, number);
        }
        assert_int_equal(users.n, ELEMENTSOF(users.uids)); /* no further */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mounts),   cmocka_unit_test(test_cpu_path),
                cmocka_unit_test(test_cpu_text), cmocka_unit_test(test_netdev),
                cmocka_unit_test(test_stat),     cmocka_unit_test(test_cmdline),
                cmocka_unit_test(test_users),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
