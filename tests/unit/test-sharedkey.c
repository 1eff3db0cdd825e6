/* SPDX-License-Identifier: Apache-2.0 */

/* What storage is called on every host that reaches it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hypervisor/sharedkey.h"
#include "vigie/mem.h"

static const char mountinfo[] =
        "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n"
        "90 22 0:50 / /mnt/vms rw shared:40 master:2 - nfs4 nas.lan:/export/vms rw,vers=4.2\n"
        "91 90 0:51 / /mnt/vms/scratch rw - tmpfs tmpfs rw\n"
        "92 22 0:50 /gold /srv/gold\\040disks rw shared:40 - nfs nas.lan:/export/vms rw,vers=3\n"
        "93 22 0:52 / /mnt/ceph rw - ceph 10.0.0.1:6789,10.0.0.2:6789:/ rw\n"
        "94 22 0:53 / /mnt/twice rw - ceph first:/ rw\n"
        "95 94 0:54 / /mnt/twice rw - xfs /dev/sdb rw\n"
        "96 22 0:55 / /mnt/tmp rw - nfs4 nas.lan:/t rw\n"
        "97 22 0:56 / /mnt/fuse rw - fuse.sshfs other:/ rw\n"
        "a line of something else\n";

static void test_files(_unused_ void **state)
{
        static const struct {
                const char *path, *want; /* NULL: the host's own */
        } rows[] = {
                { "/var/lib/libvirt/images/a.qcow2", NULL },
                { "/mnt/vms/a.qcow2", "shared:nas.lan:/export/vms/a.qcow2" },
                { "/mnt/vms/gold/b c.qcow2", "shared:nas.lan:/export/vms/gold/b c.qcow2" },
                { "/srv/gold disks/b c.qcow2", "shared:nas.lan:/export/vms/gold/b c.qcow2" },
                { "/mnt/vms/scratch/a.qcow2", NULL },
                { "/mnt/vms2/a.qcow2", NULL },
                { "/mnt/ceph/a", "shared:10.0.0.1:6789,10.0.0.2:6789://a" },
                { "/mnt/twice/a", NULL },
                { "/mnt/tmp/a", "shared:nas.lan:/t/a" },
                { "/mnt/fuse/a", NULL },
                { "relative", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int r = 1;
                _cleanup_free_ char *name = sharedkey_file(mountinfo, rows[i].path, &r);
                assert_int_equal(r, 0);
                if (!name != !rows[i].want || (name && strcmp(name, rows[i].want) != 0))
                        fail_msg("%s: %s", rows[i].path, name ? name : "(own)");
        }
}

static void put(const char *sys, const char *folder, const char *file, const char *text)
{
        char path[512];

        for (const char *at = folder; at; at = *at ? strchr(at + 1, '/') : NULL) {
                snprintf(path, sizeof(path), "%s/%.*s", sys, (int)(at - folder), folder);
                (void)mkdir(path, 0700);
        }
        snprintf(path, sizeof(path), "%s/%s", sys, folder);
        (void)mkdir(path, 0700);
        snprintf(path, sizeof(path), "%s/%s/%s", sys, folder, file);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(text, f);
        assert_int_equal(fclose(f), 0);
}

static void test_devices(_unused_ void **state)
{
        static const struct {
                const char *path, *want;
        } rows[] = {
                { "/dev/dm-3", "block:LVM-abcDEF" },
                { "/dev/dm-4", "block:naa.600140500" },
                { "/dev/sdb", "block:naa.600140500" },
                { "/dev/nvme0n1", "block:eui.0025" },
                { "/dev/sdc", NULL }, /* an emulated disk: the same number everywhere */
                { "/dev/dm-5", NULL },
                { "/dev/sdz", NULL },
                { "/dev/", NULL },
                { "/dev/vg/lv", NULL },
                { "/srv/dm-3", NULL },
        };
        char sys[] = "/tmp/vigie-sys-XXXXXX";

        assert_non_null(mkdtemp(sys));
        put(sys, "class/block/dm-3/dm", "uuid", "LVM-abcDEF\n");
        put(sys, "class/block/dm-4/dm", "uuid", "mpath-3600140500\n");
        put(sys, "class/block/dm-5/dm", "uuid", "CRYPT-LUKS2-1-x\n");
        put(sys, "class/block/sdb/device", "wwid", "naa.600140500\n");
        put(sys, "class/block/sdc/device", "wwid", "t10.ATA     QEMU HARDDISK   QM00005\n");
        put(sys, "class/block/nvme0n1", "wwid", "eui.0025\n");
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *name = sharedkey_device(sys, rows[i].path);
                if (!name != !rows[i].want || (name && strcmp(name, rows[i].want) != 0))
                        fail_msg("%s: %s", rows[i].path, name ? name : "(own)");
        }

        char command[64];
        snprintf(command, sizeof(command), "rm -r %s", sys);
        assert_int_equal(system(command), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_files),
                                            cmocka_unit_test(test_devices) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
