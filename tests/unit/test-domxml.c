/* SPDX-License-Identifier: Apache-2.0 */

/* A domain's XML to facts: what is billed, who it may belong to, and what hostile XML gets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "hypervisor/domxml.h"
#include "hypervisor/facts.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

#define UUID "e0ffe0db-80e0-5be6-bfb2-597eb06c8a51"
#define HEAD "<domain type='kvm'><name>a_b</name><uuid>" UUID "</uuid>"
#define SIZE "<memory unit='KiB'>2048</memory><vcpu>2</vcpu>"
#define DISK(body) HEAD SIZE "<devices><disk " body "</disk></devices></domain>"
#define META(body) HEAD SIZE "<metadata>" body "</metadata></domain>"

static struct facts *parse(const char *xml)
{
        struct facts *facts = NULL;
        struct vg_err err = { 0 };
        int r = domxml_parse(xml, strlen(xml), &facts, &err);

        if (r < 0)
                print_error("%s\n", vg_err_text(&err));
        assert_int_equal(r, 0);
        return facts;
}

static void test_sizes(void **state)
{
        static const struct {
                const char *xml;
                uint32_t vcpus;
                uint64_t kib;
        } rows[] = {
                { HEAD SIZE "</domain>", 2, 2048 },
                { HEAD "<memory unit='KiB'>4096</memory><currentMemory unit='KiB'>1024"
                       "</currentMemory><vcpu placement='static' current='3'>8</vcpu></domain>",
                  3, 1024 },
                { HEAD "<memory> 512\n</memory><vcpu>1</vcpu></domain>", 1, 512 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(facts_freep) struct facts *facts = parse(rows[i].xml);
                assert_string_equal(facts->uuid, UUID);
                assert_string_equal(facts->name, "a_b");
                assert_int_equal(facts->vcpus, rows[i].vcpus);
                assert_int_equal(facts->memory_kib, rows[i].kib);
        }
}

static void test_refused(void **state)
{
        static const char *const rows[] = {
                "",
                "<domain",
                "<volume/>",
                "<domain><name>a</name></domain>",
                "<domain><name>a</name><uuid>short</uuid>" SIZE "</domain>",
                "<domain><name>a</name><uuid>E0FFE0DB-80e0-5be6-bfb2-597eb06c8a51</uuid>" SIZE
                "</domain>",
                HEAD "<memory unit='furlong'>1</memory><vcpu>1</vcpu></domain>",
                HEAD "<memory>-1</memory><vcpu>1</vcpu></domain>",
                HEAD "<memory>99999999999999999999</memory><vcpu>1</vcpu></domain>",
                HEAD "<memory>1</memory><vcpu>0</vcpu></domain>",
                HEAD "<memory>1</memory></domain>",
                "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" HEAD SIZE
                "<title>&e;</title></domain>",
                "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>" HEAD
                        SIZE "<title>&b;&b;&b;</title></domain>",
                HEAD SIZE "<title>\xff\xfe</title></domain>",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct facts *facts = NULL;
                struct vg_err err = { 0 };
                int r = domxml_parse(rows[i], strlen(rows[i]), &facts, &err);
                if (r >= 0)
                        print_error("row %zu was accepted\n", i);
                assert_true(r < 0);
                assert_null(facts);
                assert_string_not_equal(err.text, "");
        }
}

static void test_depth(void **state)
{
        struct vg_buf buf = { 0 };
        struct facts *facts = NULL;

        (void)state;
        vg_buf_puts(&buf, HEAD SIZE "<metadata>");
        for (int i = 0; i < 100000; i++)
                vg_buf_puts(&buf, "<a>");
        assert_true(domxml_parse(buf.data, buf.n, &facts, NULL) < 0);
        vg_buf_done(&buf);
}

static void test_disks(void **state)
{
        static const struct {
                const char *xml, *key; /* NULL: not listed */
                bool writable, local;
        } rows[] = {
                { DISK("type='file'><source file='/a/b.img'/><target dev='vda'/>"), "/a/b.img",
                  true, true },
                { DISK("type='file'><source file='/a'/><target dev='vda'/><readonly/>"), "/a",
                  false, true },
                { DISK("type='file' device='cdrom'><source file='/c'/><target dev='sda'/>"), "/c",
                  false, true },
                { DISK("type='file' device='cdrom'><target dev='sda'/>"), NULL, false, false },
                { DISK("type='block'><source dev='/dev/vg/lv'/><target dev='vdb'/>"), "/dev/vg/lv",
                  true, true },
                { DISK("type='volume'><source pool='p' volume='v'/><target dev='vda'/>"),
                  "volume:p/v", true, false },
                { DISK("type='network'><source protocol='rbd' name='vms/a'><host name='b' "
                       "port='6789'/><host name='a'/></source><target dev='vda'/>"),
                  "rbd:vms/a@a,b:6789", true, false },
                { DISK("type='network'><source protocol='nbd'><host transport='unix' "
                       "socket='/s'/></source><target dev='vda'/>"),
                  "nbd@/s", true, false },
                { DISK("type='nvme'><source type='pci' namespace='1'><address domain='0x0' "
                       "bus='0x1' slot='0x2' function='0x3'/></source><target dev='vda'/>"),
                  "nvme:0x0.0x1.0x2.0x3/1", true, false },
                { DISK("type='file'><source file='/a'/><target dev='"
                       "a_name_of_a_device_that_no_driver_could_have'/>"),
                  NULL, false, false },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(facts_freep) struct facts *facts = parse(rows[i].xml);
                assert_int_equal(facts->n_disks, rows[i].key ? 1 : 0);
                if (!rows[i].key)
                        continue;
                assert_string_equal(facts->disks[0].key, rows[i].key);
                assert_int_equal(facts->disks[0].writable, rows[i].writable);
                assert_int_equal(facts->disks[0].local, rows[i].local);
                assert_false(facts->disks[0].sized);
        }
}

static void test_hints(void **state)
{
        static const struct {
                const char *xml, *hints[N_HINTS];
        } rows[] = {
                { META("<v:tenant xmlns:v='urn:vigie:tenant:1' id='t-dsi'/>"),
                  { [HINT_METADATA] = "t-dsi" } },
                { META("<v:tenant xmlns:v='urn:someone:else' id='t-dsi'/>"), { NULL } },
                { META("<tenant id='t-dsi'/>"), { NULL } },
                { META("<n:instance xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'><n:owner>"
                       "<n:user uuid='u'/><n:project uuid='f241e906'>p</n:project></n:owner>"
                       "</n:instance>"),
                  { [HINT_NOVA] = "f241e906" } },
                { META("<one:vm xmlns:one='http://opennebula.org/xmlns/libvirt/1.0'>"
                       "<one:gid> 105 </one:gid></one:vm>"),
                  { [HINT_OPENNEBULA] = "105" } },
                { META("<k:kubevirt xmlns:k='http://kubevirt.io'><k:uid/></k:kubevirt>"),
                  { [HINT_KUBEVIRT] = "a" } },
                { META("<v:tenant xmlns:v='urn:vigie:tenant:1' id='x'/>"
                       "<k:kubevirt xmlns:k='http://kubevirt.io'/>"),
                  { [HINT_METADATA] = "x", [HINT_KUBEVIRT] = "a" } },
                { META("<v:tenant xmlns:v='urn:vigie:tenant:1' id=''/>"), { NULL } },
                { META("<v:tenant xmlns:v='urn:vigie:tenant:1'/>"), { NULL } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(facts_freep) struct facts *facts = parse(rows[i].xml);
                for (int h = 0; h < N_HINTS; h++) {
                        if (rows[i].hints[h])
                                assert_string_equal(facts->hints[h], rows[i].hints[h]);
                        else
                                assert_null(facts->hints[h]);
                }
        }
}

static void test_long_hint_names_nobody(void **state)
{
        struct vg_buf buf = { 0 };

        (void)state;
        vg_buf_puts(&buf, HEAD SIZE "<metadata><v:tenant xmlns:v='urn:vigie:tenant:1' id='");
        for (int i = 0; i < 4096; i++)
                vg_buf_puts(&buf, "x");
        vg_buf_puts(&buf, "'/></metadata></domain>");
        _cleanup_(facts_freep) struct facts *facts = parse(buf.data);
        assert_null(facts->hints[HINT_METADATA]);
        vg_buf_done(&buf);
}

static void test_nics_sorted(void **state)
{
        static const char xml[] =
                HEAD SIZE "<devices><interface type='bridge'><mac address='52:54:00:00:00:02'/>"
                          "<target dev='vnet2'/><alias name='net1'/></interface>"
                          "<interface type='bridge'><mac address='52:54:00:00:00:01'/>"
                          "<target dev='vnet1'/></interface>"
                          "<interface type='hostdev'><mac address='52:54:00:00:00:03'/></interface>"
                          "<interface type='user'><mac address='52:54:00:00:00:04'/></interface>"
                          "</devices></domain>";
        _cleanup_(facts_freep) struct facts *facts = parse(xml);

        (void)state;
        assert_int_equal(facts->n_nics, 3);
        assert_string_equal(facts->nics[0].target, "");
        assert_string_equal(facts->nics[1].target, "vnet1");
        assert_string_equal(facts->nics[2].target, "vnet2");
        assert_string_equal(facts->nics[2].alias, "net1");
}

/* Whom libvirt made the QEMU run as. */
static void test_user(void **state)
{
        static const struct {
                const char *label, *user;
        } rows[] = {
                { "", NULL },
                { "<seclabel type='dynamic' model='dac'><label>+64055:+107</label></seclabel>",
                  "+64055" },
                { "<seclabel model='apparmor'><label>libvirt-x</label></seclabel>"
                  "<seclabel model='dac'><label>nova:nova</label></seclabel>",
                  "nova" },
                { "<seclabel type='none' model='dac'/>", NULL },
                { "<seclabel model='dac'><label>:107</label></seclabel>", NULL },
                { "<seclabel><label>+1:+1</label></seclabel>", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char xml[512];
                snprintf(xml, sizeof(xml), HEAD SIZE "%s</domain>", rows[i].label);
                _cleanup_(facts_freep) struct facts *facts = parse(xml);
                if (rows[i].user)
                        assert_string_equal(facts->qemu_user, rows[i].user);
                else
                        assert_null(facts->qemu_user);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sizes),       cmocka_unit_test(test_refused),
                cmocka_unit_test(test_depth),       cmocka_unit_test(test_disks),
                cmocka_unit_test(test_hints),       cmocka_unit_test(test_long_hint_names_nobody),
                cmocka_unit_test(test_nics_sorted), cmocka_unit_test(test_user),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
