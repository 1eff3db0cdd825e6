/* SPDX-License-Identifier: Apache-2.0 */

/* What two readings amount to; each resource's units, recomputed from their definition. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/meter.h"

static void advances(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                struct vg_reading prev, now;
                bool first;
                int want;
                uint64_t amount;
                enum vg_quality quality;
        } rows[] = {
                { "same run",
                  { 1, 1, 100, 10, 1000 },
                  { 1, 1, 150, 20, 2000 },
                  false,
                  0,
                  50,
                  VG_QUALITY_WHOLE },
                { "idle",
                  { 1, 1, 100, 10, 1000 },
                  { 1, 1, 100, 20, 2000 },
                  false,
                  0,
                  0,
                  VG_QUALITY_WHOLE },
                { "restarted",
                  { 1, 1, 100, 10, 1000 },
                  { 1, 2, 30, 20, 2000 },
                  false,
                  0,
                  30,
                  VG_QUALITY_RESTARTED },
                { "restarted, more than before",
                  { 1, 1, 100, 10, 1000 },
                  { 1, 2, 130, 5, 2000 },
                  false,
                  0,
                  130,
                  VG_QUALITY_RESTARTED },
                { "first", { 0 }, { 1, 1, 5, 10, 1000 }, true, VG_METER_FIRST, 0, 0 },
                { "two meters",
                  { 1, 1, 1, 10, 1000 },
                  { 2, 1, 2, 20, 2000 },
                  false,
                  -EINVAL,
                  0,
                  0 },
                { "stale", { 1, 1, 1, 20, 1000 }, { 1, 1, 2, 10, 2000 }, false, -ESTALE, 0, 0 },
                { "twice", { 1, 1, 1, 20, 1000 }, { 1, 1, 2, 20, 2000 }, false, -ESTALE, 0, 0 },
                { "backwards", { 1, 1, 9, 10, 1000 }, { 1, 1, 8, 20, 2000 }, false, -ERANGE, 0, 0 },
                { "wrapped",
                  { 1, 1, UINT64_MAX, 10, 1000 },
                  { 1, 1, 5, 20, 2000 },
                  false,
                  -ERANGE,
                  0,
                  0 },
                { "whole range",
                  { 1, 1, 0, 10, 1000 },
                  { 1, 1, UINT64_MAX, 20, 2000 },
                  false,
                  0,
                  UINT64_MAX,
                  VG_QUALITY_WHOLE },
                { "clock set back",
                  { 1, 1, 1, 10, 9000 },
                  { 1, 1, 4, 20, 2000 },
                  false,
                  0,
                  3,
                  VG_QUALITY_WHOLE },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_usage usage = { .amount = 77 };
                struct vg_err err = { 0 };
                int r = vg_meter_advance(rows[i].first ? NULL : &rows[i].prev, &rows[i].now, &usage,
                                         &err);

                print_message("%s\n", rows[i].name);
                assert_int_equal(r, rows[i].want);
                assert_int_equal(err.code, r < 0 ? r : 0);
                if (r != 0) {
                        assert_int_equal(usage.amount, 77);
                        continue;
                }
                assert_int_equal(usage.amount, rows[i].amount);
                assert_int_equal(usage.quality, rows[i].quality);
                assert_int_equal(usage.from_utc_ns, rows[i].prev.at_utc_ns);
                assert_int_equal(usage.to_utc_ns, rows[i].now.at_utc_ns);
        }
}

/* One row for each resource: so many base units are exactly so many micro-units. */
static const struct {
        const char *id, *unit;
        vg_i128 base;
        int64_t micro;
} units[] = {
        { "block_read_gb", "gb", 1000000000, 1000000 },
        /* 10^12 bytes for an hour: 976562500 KiB x 3600 s */
        { "block_tb", "tb_month", (vg_i128)976562500 * 3600, 1000000 },
        { "block_written_gb", "gb", 1000000000, 1000000 },
        { "cpu_used", "vcpu_hour", (vg_i128)3600 * 1000000000, 1000000 },
        { "net_rx_gb", "gb", 1000000000, 1000000 },
        { "net_tx_gb", "gb", 1000000000, 1000000 },
        { "ram_gib", "gib_hour", (vg_i128)1024 * 1024 * 3600 * 1000, 1000000 },
        { "ram_used_gib", "gib_hour", (vg_i128)1024 * 1024 * 3600 * 1000, 1000000 },
        { "vcpu", "vcpu_hour", (vg_i128)3600 * 1000, 1000000 },
        { "vm", "vm_hour", (vg_i128)3600 * 1000, 1000000 },
};

static void units_are_exact(void **state)
{
        (void)state;
        assert_int_equal(ELEMENTSOF(units), VG_N_RESOURCES);
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                const struct vg_resource_row *row = vg_resource_row((enum vg_resource)i);
                vg_i128 carry = 0;

                print_message("%s\n", units[i].id);
                assert_string_equal(row->id, units[i].id);
                assert_string_equal(row->unit, units[i].unit);
                assert_int_equal(vg_resource_find(row->id), i);
                assert_true(*row->name_fr && *row->name_en && *row->base);
                assert_true(row->numerator > 0 && row->denominator > 0);
                assert_int_equal(vg_resource_micro((enum vg_resource)i, units[i].base, &carry),
                                 units[i].micro);
                assert_true(carry == 0);
                if (i)
                        assert_true(strcmp(units[i - 1].id, units[i].id) < 0);
        }
        assert_int_equal(vg_resource_find("petrol"), -ENOENT);
}

static void rounding_carries(void **state)
{
        (void)state;
        uint64_t seed = 12345;

        for (int r = 0; r < VG_N_RESOURCES; r++) {
                const struct vg_resource_row *row = vg_resource_row((enum vg_resource)r);
                vg_i128 total = 0, carry = 0, sum = 0;

                for (int i = 0; i < 10000; i++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        vg_i128 base = (int64_t)(seed >> (20 + seed % 40));
                        int64_t micro = vg_resource_micro((enum vg_resource)r, base, &carry);
                        total += base;
                        sum += micro;
                        assert_true(micro >= 0);
                        /* floor((2 exact + 1) / 2): half up of the whole so far */
                        vg_i128 twice = 2 * total * row->numerator + row->denominator;
                        assert_true(sum == twice / (2 * (vg_i128)row->denominator));
                }
        }
}

static void rounding_never_wraps(void **state)
{
        (void)state;
        vg_i128 carry = 0, base = (vg_i128)INT64_MAX * 5000;
        int64_t first = vg_resource_micro(VG_RESOURCE_NET_RX, base, &carry);

        assert_true(first == INT64_MAX);
        assert_true(carry == base - (vg_i128)INT64_MAX * 1000);
        vg_i128 sum = first;
        for (int i = 0; i < 10 && carry; i++)
                sum += vg_resource_micro(VG_RESOURCE_NET_RX, 0, &carry);
        assert_true(sum == base / 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(advances),
                cmocka_unit_test(units_are_exact),
                cmocka_unit_test(rounding_carries),
                cmocka_unit_test(rounding_never_wraps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
