/* SPDX-License-Identifier: Apache-2.0 */

/* Whose a domain is: one row for each rule and each way to get it wrong. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/tenant.h"

#define UUID "6f0c9f54-0d1b-4c39-8f3c-3d7a5b1c2d3e"
#define LONG_ID "a123456789b123456789c123456789d123456789e123456789f123456789g123"

static const struct vg_tenant_row map[] = {
        { VG_BY_UUID, "11111111-0d1b-4c39-8f3c-3d7a5b1c2d3e", "t-map", 100 },
        { VG_BY_NOVA, "p1", "t-nova", 100 },
        { VG_BY_NOVA, "p1", "t-nova-2", 200 },
        { VG_BY_NOVA, "p1", "t-nova-3", 200 },
        { VG_BY_NAME, "web-*", "t-web", 0 },
        { VG_BY_VOLUME, "pool/a", "t-vol", 0 },
        { VG_BY_METADATA, "old", "t-new", 0 },
        { VG_BY_METADATA, "taken-back", "_unassigned", 0 },
        { VG_BY_METADATA, "bad\033[0m", "t-cured", 0 },
};

static const struct {
        const char *name;
        struct vg_identity who;
        int64_t at;
        const char *pattern, *want;
        enum vg_tenant_by by;
        bool hostile;
} rows[] = {
        { "nobody", { UUID, "vm", { 0 } }, 0, NULL, "_unassigned", VG_BY_NOBODY, false },
        { "metadata",
          { UUID, "vm", { .metadata = "t-dsi" } },
          0,
          NULL,
          "t-dsi",
          VG_BY_METADATA,
          false },
        { "metadata before platform",
          { UUID, "vm", { "t-dsi", "p9", "104", "ns" } },
          0,
          NULL,
          "t-dsi",
          VG_BY_METADATA,
          false },
        { "nova",
          { UUID, "vm", { .nova = "p9", .kubevirt = "ns" } },
          0,
          NULL,
          "p9",
          VG_BY_NOVA,
          false },
        { "opennebula",
          { UUID, "vm", { .opennebula = "104" } },
          0,
          NULL,
          "104",
          VG_BY_OPENNEBULA,
          false },
        { "kubevirt", { UUID, "vm", { .kubevirt = "ns" } }, 0, NULL, "ns", VG_BY_KUBEVIRT, false },
        { "map by uuid",
          { "11111111-0d1b-4c39-8f3c-3d7a5b1c2d3e", "vm", { .metadata = "t-dsi" } },
          100,
          NULL,
          "t-map",
          VG_BY_UUID,
          false },
        { "map not yet",
          { "11111111-0d1b-4c39-8f3c-3d7a5b1c2d3e", "vm", { .metadata = "t-dsi" } },
          99,
          NULL,
          "t-dsi",
          VG_BY_METADATA,
          false },
        { "map by platform before metadata",
          { UUID, "vm", { .metadata = "m", .nova = "p1" } },
          150,
          NULL,
          "t-nova",
          VG_BY_NOVA,
          false },
        { "latest date, then latest act",
          { UUID, "vm", { .nova = "p1" } },
          200,
          NULL,
          "t-nova-3",
          VG_BY_NOVA,
          false },
        { "map by metadata",
          { UUID, "vm", { .metadata = "old" } },
          0,
          NULL,
          "t-new",
          VG_BY_METADATA,
          false },
        { "map by name pattern",
          { UUID, "web-12", { .metadata = "m" } },
          0,
          NULL,
          "t-web",
          VG_BY_NAME,
          false },
        { "map by volume", { "", "pool/a", { 0 } }, 0, NULL, "t-vol", VG_BY_VOLUME, false },
        { "a domain is no volume",
          { UUID, "pool/a", { 0 } },
          0,
          NULL,
          "_unassigned",
          VG_BY_NOBODY,
          false },
        { "escape",
          { UUID, "vm", { .metadata = "t-\033[31m", .nova = "p9" } },
          0,
          NULL,
          "_unassigned",
          VG_BY_NOBODY,
          true },
        { "hostile, but mapped",
          { UUID, "vm", { .metadata = "bad\033[0m" } },
          0,
          NULL,
          "t-cured",
          VG_BY_METADATA,
          false },
        { "a mapping taken back",
          { UUID, "vm", { .metadata = "taken-back", .nova = "p9" } },
          0,
          NULL,
          "_unassigned",
          VG_BY_METADATA,
          false },
        { "too long",
          { UUID, "vm", { .metadata = LONG_ID "x" } },
          0,
          NULL,
          "_unassigned",
          VG_BY_NOBODY,
          true },
        { "64 bytes",
          { UUID, "vm", { .metadata = LONG_ID } },
          0,
          NULL,
          LONG_ID,
          VG_BY_METADATA,
          false },
        { "looks like ours",
          { UUID, "vm", { .metadata = "_unassigned" } },
          0,
          NULL,
          "_unassigned",
          VG_BY_NOBODY,
          true },
        { "empty hint is absent",
          { UUID, "vm", { .metadata = "", .nova = "p9" } },
          0,
          NULL,
          "p9",
          VG_BY_NOVA,
          false },
        { "pattern", { UUID, "dsi_vm-1", { 0 } }, 0, "{tenant}_*", "dsi", VG_BY_NAME, false },
        { "pattern, star before",
          { UUID, "prod-dsi--1", { 0 } },
          0,
          "*-{tenant}--*",
          "dsi",
          VG_BY_NAME,
          false },
        { "pattern does not fit",
          { UUID, "dsi", { 0 } },
          0,
          "{tenant}_*",
          "_unassigned",
          VG_BY_NOBODY,
          false },
        { "pattern after hints",
          { UUID, "dsi_1", { .nova = "p9" } },
          0,
          "{tenant}_*",
          "p9",
          VG_BY_NOVA,
          false },
        { "pattern captures no hostile id",
          { UUID, "\xe2\x80\xae_1", { 0 } },
          0,
          "{tenant}_*",
          "_unassigned",
          VG_BY_NOBODY,
          false },
};

static void attributes(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_tenant_rules rules = { map, ELEMENTSOF(map), rows[i].pattern };
                struct vg_attribution a;

                print_message("%s\n", rows[i].name);
                vg_tenant_attribute(&rows[i].who, &rules, rows[i].at, &a);
                assert_string_equal(a.tenant, rows[i].want);
                assert_int_equal(a.by, rows[i].by);
                assert_int_equal(a.hostile, rows[i].hostile);
        }
}

static void guesses(void **state)
{
        (void)state;
        static const char *const known[] = { "t-dsi", "t-dsi-web", "sante" };
        static const struct {
                const char *name;
                struct vg_identity who;
                const char *want;
                enum vg_tenant_by by;
        } guess[] = {
                { "word of the name", { UUID, "prod-DSI-01", { 0 } }, "t-dsi", VG_BY_NAME },
                { "longest", { UUID, "dsi-web-01", { 0 } }, "t-dsi-web", VG_BY_NAME },
                { "no whole word", { UUID, "dsimple", { 0 } }, "", VG_BY_NOBODY },
                { "lower hint",
                  { UUID, "vm", { .metadata = "\033", .nova = "p9" } },
                  "p9",
                  VG_BY_NOVA },
                { "nothing", { UUID, "", { 0 } }, "", VG_BY_NOBODY },
        };

        for (size_t i = 0; i < ELEMENTSOF(guess); i++) {
                char tenant[VG_TENANT_ID_MAX + 1] = "";
                print_message("%s\n", guess[i].name);
                assert_int_equal(vg_tenant_guess(&guess[i].who, known, ELEMENTSOF(known), tenant),
                                 guess[i].by);
                assert_string_equal(tenant, guess[i].want);
        }
}

static void names_and_dates(void **state)
{
        (void)state;
        const struct vg_tenant_rules rules = { map, ELEMENTSOF(map), NULL };

        for (int by = 0; by <= VG_BY_NOBODY; by++)
                assert_int_equal(vg_tenant_by_find(vg_tenant_by_name((enum vg_tenant_by)by)), by);
        assert_int_equal(vg_tenant_by_find("colour"), -ENOENT);
        assert_true(vg_tenant_next_change(&rules, 0) == 100);
        assert_true(vg_tenant_next_change(&rules, 100) == 200);
        assert_true(vg_tenant_next_change(&rules, 200) == INT64_MAX);
}

/* Patterns of stars on long names end at once. */
static void patterns_end(void **state)
{
        (void)state;
        char name[4097], stars[64];
        struct vg_identity who = { UUID, name, { 0 } };
        struct vg_tenant_row row = { VG_BY_NAME, stars, "t", 0 };
        struct vg_tenant_rules rules = { &row, 1, "*a*a*a*{tenant}*b*b*b!" };
        struct vg_attribution a;

        memset(name, 'a', sizeof(name) - 1);
        name[4096] = '\0';
        for (size_t i = 0; i + 2 < sizeof(stars); i += 2)
                memcpy(stars + i, "*a", 2);
        memcpy(stars + 62, "!", 2);
        vg_tenant_attribute(&who, &rules, 0, &a);
        assert_int_equal(a.by, VG_BY_NOBODY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(attributes),
                cmocka_unit_test(guesses),
                cmocka_unit_test(names_and_dates),
                cmocka_unit_test(patterns_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
