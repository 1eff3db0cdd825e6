/* SPDX-License-Identifier: Apache-2.0 */

/* Which incarnation of a device counts: bumped on evidence, and never without. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hypervisor/devices.h"
#include "hypervisor/facts.h"

static char target[] = "vda", alias[] = "virtio-disk0", key[] = "/a";
static struct disk disk = { .key = key, .target = target, .alias = alias };
static const struct facts with = { .disks = &disk, .n_disks = 1 }, without = { 0 };

static uint32_t count(struct devices *devices, uint64_t a, uint64_t b)
{
        return devices_count(devices, DEVICE_DISK, "vda", a, b);
}

static void test_steady(void **state)
{
        struct devices devices = { 0 };

        (void)state;
        assert_int_equal(count(&devices, 1, 1), 0); /* unknown: not counted */
        devices_set(&devices, &with, 10);
        assert_int_equal(count(&devices, 100, 50), 1);
        devices_set(&devices, &with, 20);
        assert_int_equal(count(&devices, 100, 50), 1);
        assert_int_equal(count(&devices, 101, 60), 1);
        assert_int_equal(devices_count(&devices, DEVICE_NIC, "vda", 1, 1), 0);
        devices_done(&devices);
}

static void test_seen_gone_and_back(void **state)
{
        struct devices devices = { 0 };

        (void)state;
        devices_set(&devices, &with, 10);
        assert_int_equal(count(&devices, 100, 50), 1);
        devices_set(&devices, &without, 20);
        assert_int_equal(count(&devices, 100, 50), 0);
        devices_set(&devices, &with, 30);
        assert_int_equal(count(&devices, 200, 80), 2); /* though it did not run backwards */
        devices_done(&devices);
}

static void test_told_gone_and_back_between_two_looks(void **state)
{
        struct devices devices = { 0 };

        (void)state;
        devices_set(&devices, &with, 10);
        assert_int_equal(count(&devices, 100, 50), 1);
        devices_gone(&devices, alias, 20);
        devices_set(&devices, &with, 15); /* looked before it went: shows the old one */
        assert_int_equal(count(&devices, 100, 50), 0);
        devices_set(&devices, &with, 25);
        assert_int_equal(count(&devices, 200, 80), 2);
        devices_gone(&devices, "virtio-disk9", 30);
        devices_gone(&devices, "", 30);
        devices_set(&devices, &with, 35);
        assert_int_equal(count(&devices, 210, 80), 2);
        devices_done(&devices);
}

static void test_backwards(void **state)
{
        struct devices devices = { 0 };

        (void)state;
        devices_set(&devices, &with, 10);
        assert_int_equal(count(&devices, 100, 50), 1);
        assert_int_equal(count(&devices, 200, 10), 2);
        assert_int_equal(count(&devices, 10, 20), 3);
        assert_int_equal(count(&devices, 10, 20), 3);
        devices_done(&devices);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_steady),
                cmocka_unit_test(test_seen_gone_and_back),
                cmocka_unit_test(test_told_gone_and_back_between_two_looks),
                cmocka_unit_test(test_backwards),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
