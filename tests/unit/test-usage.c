/* SPDX-License-Identifier: Apache-2.0 */

/* Observations in, usage records out and back, and what an act dated in the past moves. */

#include "book-teller.h"

static void observations_that_are_none(void **state)
{
        (void)state;
#define ENVELOPE(kind, body)                                                            \
        "{\"v\":1,\"kind\":\"" kind "\",\"source\":\"h\",\"instance\":\"i\",\"seq\":1," \
        "\"boot_id\":\"b\",\"at_boot_ns\":1,\"at_utc_ns\":1,\"body\":" body "}"
        static const struct {
                const char *text, *names; /* member that the error names; NULL: it is one */
        } rows[] = {
                { ENVELOPE("heartbeat", "{\"libvirt\":\"ok\",\"clock\":\"unknown\",\"domains\":1}"),
                  NULL },
                { ENVELOPE("heartbeat", "{\"libvirt\":\"maybe\",\"clock\":\"unknown\"}"),
                  "libvirt" },
                { ENVELOPE("heartbeat", "{\"libvirt\":\"ok\"}"), "clock" },
                { ENVELOPE("heartbeat", "[]"), "body" },
                { ENVELOPE("song", "{}"), "kind" },
                { "{\"kind\":\"heartbeat\"}", "instance" },
                { "[]", "kind" },
                { ENVELOPE("readings", "{\"domains\":[{\"uuid\":\"u\",\"run\":\"r\",\"counters\":{"
                                       "\"cpu_ns\":1}}]}"),
                  NULL },
                { ENVELOPE("readings", "{\"domains\":[{\"uuid\":\"u\",\"run\":\"r\",\"counters\":{"
                                       "\"cpu_ns\":-1}}]}"),
                  "counters" },
                { ENVELOPE("readings", "{\"domains\":[{\"uuid\":\"u\",\"run\":\"r\",\"counters\":{"
                                       "\"cpu_ns\":\"1\"}}]}"),
                  "counters" },
                { ENVELOPE("readings",
                           "{\"domains\":[{\"uuid\":\"u\",\"run\":\"r\",\"counters\":[1]}]}"),
                  "counters" },
                { ENVELOPE("readings", "{\"domains\":[{\"uuid\":\"u\",\"counters\":{}}]}"), "run" },
                { ENVELOPE("readings", "{\"domains\":[7]}"), "counters" },
                { ENVELOPE("readings", "{\"domains\":7}"), "domains" },
                { ENVELOPE("facts", "{\"scope\":\"domain\",\"why\":\"event\",\"uuid\":\"u\","
                                    "\"state\":\"gone\"}"),
                  NULL },
                { ENVELOPE("facts", "{\"scope\":\"domain\",\"why\":\"event\",\"uuid\":\"\","
                                    "\"state\":\"gone\"}"),
                  "uuid" },
                { ENVELOPE("facts", "{\"scope\":\"domain\",\"why\":\"event\",\"uuid\":\"u\","
                                    "\"state\":\"running\"}"),
                  "name" },
                { ENVELOPE(
                          "facts",
                          "{\"scope\":\"domain\",\"why\":\"x\",\"uuid\":\"u\",\"state\":\"gone\"}"),
                  "why" },
                { ENVELOPE("facts", "{\"scope\":\"moon\"}"), "scope" },
                { ENVELOPE("facts",
                           "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"u\",\"state\":"
                           "\"off\",\"name\":\"n\",\"vcpus\":1,\"memory_kib\":1,\"hints\":7}"),
                  "hints" },
                { ENVELOPE(
                          "facts",
                          "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"u\",\"state\":\"off\","
                          "\"name\":\"n\",\"vcpus\":1,\"memory_kib\":1,\"hints\":{\"nova\":7}}"),
                  "nova" },
                { ENVELOPE("facts",
                           "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"u\",\"state\":"
                           "\"off\",\"name\":\"n\",\"vcpus\":1,\"memory_kib\":1,\"disks\":7}"),
                  "disks" },
                { ENVELOPE("facts",
                           "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"u\",\"state\":"
                           "\"off\",\"name\":\"n\",\"vcpus\":1,\"memory_kib\":1,\"disks\":[7]}"),
                  "key" },
                { ENVELOPE("facts",
                           "{\"scope\":\"domain\",\"why\":\"pass\",\"uuid\":\"u\",\"state\":"
                           "\"off\",\"name\":\"n\",\"vcpus\":1,\"memory_kib\":1,\"nics\":[{}]}"),
                  "target" },
                { ENVELOPE("facts", "{\"scope\":\"volume\",\"key\":\"k\",\"pool\":\"p\",\"name\":"
                                    "\"p/n\",\"capacity_kib\":1,\"hints\":{}}"),
                  NULL },
                { ENVELOPE("facts",
                           "{\"scope\":\"volume\",\"key\":\"k\",\"pool\":\"p\",\"name\":\"n\"}"),
                  "capacity_kib" },
                { ENVELOPE("facts-end", "{\"scope\":\"volume\",\"count\":1}"), "digest" },
                { ENVELOPE("facts-end", "{\"scope\":\"volume\",\"count\":-1,\"digest\":\"\"}"),
                  "count" },
                { ENVELOPE("condition",
                           "{\"subject\":\"buffer\",\"state\":\"dropped\",\"count\":3}"),
                  NULL },
                { ENVELOPE("condition", "{\"subject\":\"domain\",\"state\":\"stuck\"}"), "uuid" },
                { ENVELOPE("condition", "{\"subject\":\"weather\",\"state\":\"stuck\"}"),
                  "subject" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_observation *o = NULL;
                struct vg_err err = { 0 };
                json_t *tree = NULL;
                char named[64];

                print_message("%s\n", rows[i].text);
                assert_int_equal(
                        vg_json_parse(rows[i].text, strlen(rows[i].text), &tree, NULL, NULL, &err),
                        0);
                assert_int_equal(vg_observation_parse(tree, &o, &err), rows[i].names ? -EINVAL : 0);
                snprintf(named, sizeof(named), "«\xc2\xa0%s\xc2\xa0»",
                         rows[i].names ? rows[i].names : "");
                assert_true(!rows[i].names || strstr(err.text, named));
                free(o);
                json_decref(tree);
        }
}

static void a_record_comes_back(void **state)
{
        (void)state;
        static const struct vg_disk_seen disks[] = { { "/d/\"v\"", 0, 1800, INT64_C(1) << 43 },
                                                     { "/d/\"v\"", 1800, 3600, -3 } };
        const struct vg_usage_line lines[] = {
                { .uuid = "",
                  .name = "p/v",
                  .present = 1u << VG_RESOURCE_BLOCK,
                  .disks = disks,
                  .n_disks = 2 },
                { .uuid = A,
                  .name = "a \"quoted\" \033 name",
                  .hints = { .nova = "p1", .kubevirt = "ns" },
                  .present = 1u << VG_RESOURCE_VCPU | 1u << VG_RESOURCE_NET_RX },
        };
        struct vg_usage_line own[2];
        struct vg_usage_entry entry = { .start_s = T0,
                                        .interval_s = 3600,
                                        .clock = VG_CLOCK_STEPPED,
                                        .tenant = "t-a",
                                        .lines = own,
                                        .n_lines = 2 };
        struct vg_usage_entry *back = NULL;
        struct vg_json j = { 0 }, again = { 0 };
        struct vg_err err = { 0 };
        json_t *tree = NULL;

        memcpy(own, lines, sizeof(own));
        own[0].base[VG_RESOURCE_BLOCK] = -7;
        own[1].base[VG_RESOURCE_VCPU] = INT64_MAX;
        own[1].base[VG_RESOURCE_NET_RX] = (vg_i128)INT64_MAX + 1; /* as text */
        entry.present = own[0].present | own[1].present;
        entry.total[VG_RESOURCE_BLOCK] = (struct vg_usage_total){ -7, -1, VG_QUALITY_WHOLE };
        entry.total[VG_RESOURCE_VCPU] = (struct vg_usage_total){ INT64_MAX, 5, VG_QUALITY_GAP };
        entry.total[VG_RESOURCE_NET_RX] =
                (struct vg_usage_total){ (vg_i128)INT64_MAX + 1, 6, VG_QUALITY_RESTARTED };
        vg_usage_write(&j, "vigie-1", "", 2, &entry);
        assert_string_equal(
                j.buf.data,
                "{\"appliance\":\"vigie-1\",\"clock\":\"stepped\",\"contract\":\"\",\"domains\":["
                "{\"amounts\":{\"block_tb\":-7},\"disks\":[[\"/d/\\\"v\\\"\",0,1800,8796093022208],"
                "[\"/d/\\\"v\\\"\",1800,3600,-3]],\"name\":\"p/v\",\"uuid\":\"\"},"
                "{\"amounts\":{\"net_rx_gb\":\"9223372036854775808\",\"vcpu\":9223372036854775807},"
                "\"hints\":{\"kubevirt\":\"ns\",\"nova\":\"p1\"},"
                "\"name\":\"a \\\"quoted\\\" \\u001b name\",\"uuid\":\"" A "\"}],"
                "\"interval_s\":3600,\"part\":2,\"resources\":{"
                "\"block_tb\":{\"base\":\"-7\",\"micro\":-1,\"quality\":\"whole\"},"
                "\"net_rx_gb\":{\"base\":\"9223372036854775808\",\"micro\":6,\"quality\":"
                "\"restarted\"},"
                "\"vcpu\":{\"base\":\"9223372036854775807\",\"micro\":5,\"quality\":\"gap\"}},"
                "\"start\":\"2030-03-17T18:00:00Z\",\"tenant\":\"t-a\"}");

        assert_int_equal(vg_json_parse(j.buf.data, j.buf.n, &tree, NULL, NULL, &err), 0);
        assert_int_equal(vg_usage_parse(tree, &back, &err), 0);
        assert_true(back->late);
        vg_usage_write(&again, "vigie-1", "", 2, back);
        assert_string_equal(again.buf.data, j.buf.data);
        free(back);

        static const char *const members[] = { "tenant", "start",     "clock",  "interval_s",
                                               "part",   "resources", "domains" };
        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                json_t *less = json_copy(tree);
                json_object_del(less, members[i]);
                assert_int_equal(vg_usage_parse(less, &back, &err), -EINVAL);
                json_object_set_new(less, members[i], json_integer(-3));
                /* a part is a number, and any will do */
                if (strcmp(members[i], "part") != 0)
                        assert_int_equal(vg_usage_parse(less, &back, &err), -EINVAL);
                json_decref(less);
        }
        json_decref(tree);
        vg_json_done(&j);
        vg_json_done(&again);
}

/* ---- re-attribution ---- */

struct moved {
        vg_i128 base[4];
        int64_t micro[4];
        size_t n_entries, n_lines;
        bool late;
};

static const char *const owners[4] = { "t-old", "t-new", "t-other", "_unassigned" };

static int on_moved(void *user, const struct vg_usage_entry *e, struct vg_err *err)
{
        struct moved *m = user;

        (void)err;
        for (int i = 0; i < 4; i++) {
                if (strcmp(owners[i], e->tenant) != 0)
                        continue;
                m->base[i] += e->total[VG_RESOURCE_VCPU].base;
                m->micro[i] += e->total[VG_RESOURCE_VCPU].micro;
        }
        vg_i128 lines = 0;
        for (size_t i = 0; i < e->n_lines; i++)
                lines += e->lines[i].base[VG_RESOURCE_VCPU];
        assert_true(lines == e->total[VG_RESOURCE_VCPU].base);
        m->n_entries++;
        m->n_lines = e->n_lines;
        m->late = e->late;
        return 0;
}

static struct moved reattribute(const struct vg_usage_entry *parts, size_t n,
                                const struct vg_tenant_row *rows, size_t n_rows, size_t row)
{
        const struct vg_tenant_rules rules = { rows, n_rows, NULL };
        struct moved m = { 0 };
        struct vg_err err = { 0 };

        assert_int_equal(vg_reattribute(parts, n, &rules, row,
                                        &(struct vg_book_sink){ on_moved, NULL, &m }, &err),
                         0);
        return m;
}

static void an_act_dated_in_the_past(void **state)
{
        (void)state;
        struct vg_usage_line first[] = {
                { .uuid = A, .name = "a", .present = 1u << VG_RESOURCE_VCPU },
                { .uuid = B, .name = "b", .hints.nova = "p1", .present = 1u << VG_RESOURCE_VCPU }
        };
        struct vg_usage_line second[] = {
                { .uuid = A, .name = "a", .present = 1u << VG_RESOURCE_VCPU }
        };
        struct vg_usage_entry parts[2] = {
                { .start_s = T0,
                  .interval_s = 3600,
                  .tenant = "t-old",
                  .lines = first,
                  .n_lines = 2,
                  .present = 1u << VG_RESOURCE_VCPU },
                { .start_s = T0,
                  .interval_s = 3600,
                  .tenant = "t-old",
                  .lines = second,
                  .n_lines = 1,
                  .late = true,
                  .present = 1u << VG_RESOURCE_VCPU },
        };
        const struct vg_tenant_row rows[] = {
                { VG_BY_UUID, A, "t-new", T0 },     { VG_BY_NOVA, "p1", "t-other", T0 - 3600 },
                { VG_BY_UUID, A, "t-new", T0 + 1 }, { VG_BY_NAME, "*", "t-new", 0 },
                { VG_BY_UUID, A, "t-old", T0 },
        };
        struct moved m;

        first[0].base[VG_RESOURCE_VCPU] = 1000;
        first[1].base[VG_RESOURCE_VCPU] = 500;
        second[0].base[VG_RESOURCE_VCPU] = 7;
        parts[0].total[VG_RESOURCE_VCPU] = (struct vg_usage_total){ 1500, 417, 0 };
        parts[1].total[VG_RESOURCE_VCPU] = (struct vg_usage_total){ 7, 2, 0 };

        /* One machine, both parts of it: 1007 x 5 / 18 = 279.7 */
        m = reattribute(parts, 2, rows, 1, 0);
        assert_true(m.n_entries == 2 && m.late && m.n_lines == 1);
        assert_true(m.base[0] == -1007 && m.base[1] == 1007);
        assert_true(m.micro[0] == -280 && m.micro[1] == 280);

        /* By what the ledger holds of its platform. */
        m = reattribute(parts, 2, rows, 2, 1);
        assert_true(m.base[0] == -500 && m.base[2] == 500 && m.micro[2] == 139);

        /* The interval began before the date; the row does not decide; it says nothing new. */
        m = reattribute(parts, 2, rows, 3, 2);
        assert_int_equal(m.n_entries, 0);
        m = reattribute(parts, 2, rows, 1, 0);
        assert_int_equal(m.n_entries, 2);
        m = reattribute(parts, 2, rows, 5, 4);
        assert_int_equal(m.n_entries, 0);

        /* All of it: all its micro-units, however they were rounded. */
        m = reattribute(parts, 2, rows + 3, 1, 0);
        assert_true(m.base[0] == -1507 && m.base[1] == 1507);
        assert_true(m.micro[0] == -419 && m.micro[1] == 419);

        /* What a row of later date within the interval put there, stays. */
        const struct vg_tenant_row within[] = { { VG_BY_UUID, A, "t-old", T0 + 1800 },
                                                { VG_BY_UUID, A, "t-new", T0 } };
        m = reattribute(parts, 2, within, 2, 1);
        assert_int_equal(m.n_entries, 0);

        /* A name row does not outrank a uuid row. */
        m = reattribute(parts, 2, rows, 4, 3);
        assert_int_equal(m.n_entries, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(observations_that_are_none),
                cmocka_unit_test(a_record_comes_back),
                cmocka_unit_test(an_act_dated_in_the_past),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
