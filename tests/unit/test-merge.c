/* SPDX-License-Identifier: Apache-2.0 */

/* Exports of several appliances as one: resends, contradictions, volumes that two hosts see. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/num.h"
#include "vigie/text.h"

#define H VG_MERGE_HEADER "\n"
#define T "2027-03-01T05:00:00Z"

static void tell(const struct vg_merge_result *result, struct vg_buf *buf)
{
        char text[64], at[32];

        for (size_t i = 0; i < result->n_rows; i++)
                vg_buf_printf(buf, "%.13s %s %s %s %s\n",
                              vg_utc_format(result->rows[i].start_s, at), result->rows[i].appliance,
                              result->rows[i].tenant, result->rows[i].resource,
                              vg_decimal_format(result->rows[i].micro, 6, text, sizeof(text)));
        for (size_t i = 0; i < result->n_conflicts; i++)
                vg_buf_printf(buf, "conflict %s %llu\n", result->conflicts[i].file,
                              (unsigned long long)result->conflicts[i].line);
        for (size_t i = 0; i < result->n_shared; i++)
                vg_buf_printf(buf, "shared %s %s\n", result->shared[i].appliance,
                              result->shared[i].volume);
        vg_buf_printf(buf, "%llu again, %zu appliances", (unsigned long long)result->duplicates,
                      result->n_appliances);
}

static void test_rows(_unused_ void **state)
{
        static const struct {
                const char *name, *a, *b, *want;
        } rows[] = {
                { "two appliances", H T ",t,vcpu,1,A,7,0,\n", H T ",t,vcpu,2,B,7,0,\n",
                  "2027-03-01T05 A t vcpu 1.000000\n2027-03-01T05 B t vcpu 2.000000\n"
                  "0 again, 2 appliances" },
                { "a resend changes nothing", H T ",t,vcpu,1,A,7,0,\n",
                  H T ",t,vcpu,1.0,A,7,0,\r\n",
                  "2027-03-01T05 A t vcpu 1.000000\n1 again, 1 appliances" },
                { "the same record, another value", H T ",t,vcpu,1,A,7,0,\n",
                  H T ",t,vcpu,2,A,7,0,\n",
                  "2027-03-01T05 A t vcpu 1.000000\nconflict b 2\n0 again, 1 appliances" },
                { "the same record, of another interval", H T ",t,vcpu,1,A,7,0,\n",
                  H "2027-03-01T06:00:00Z,t,vcpu,1,A,7,0,\n",
                  "2027-03-01T05 A t vcpu 1.000000\nconflict b 2\n0 again, 1 appliances" },
                { "the same meaning under another number", H T ",t,vcpu,1,A,7,0,\n",
                  H T ",t,vcpu,1,A,9,0,\n" T ",t,vcpu,3,A,10,0,\n",
                  "2027-03-01T05 A t vcpu 1.000000\nconflict b 3\n1 again, 1 appliances" },
                { "a late part adds, and may take away", H T ",t,vcpu,5,A,7,0,\n",
                  H T ",t,vcpu,-2,A,9,1,\n" T ",u,vcpu,2,A,10,0,\n",
                  "2027-03-01T05 A t vcpu 3.000000\n2027-03-01T05 A u vcpu 2.000000\n"
                  "0 again, 1 appliances" },
                { "a volume that two hosts see counts once, where most of it was seen",
                  H T ",t,block_tb,1,A,7,0,\n" T ",t,block_tb,2,A,7,0,nfs/v1\n",
                  H T ",t,block_tb,3,B,7,0,nfs/v1\n" T ",t,block_tb,4,B,7,0,nfs/v2\n",
                  "2027-03-01T05 A t block_tb 1.000000\n2027-03-01T05 B t block_tb 7.000000\n"
                  "shared A nfs/v1\n0 again, 2 appliances" },
                { "a volume is one at each moment: moved, it counts on both sides",
                  H T ",t,block_tb,2,A,7,0,rbd:v,0-1800:100\n",
                  H T ",t,block_tb,2,B,7,0,rbd:v,1800-3600:100\n",
                  "2027-03-01T05 A t block_tb 2.000000\n2027-03-01T05 B t block_tb 2.000000\n"
                  "0 again, 2 appliances" },
                { "half of an hour was seen twice", H T ",t,block_tb,4,A,7,0,rbd:v,0-3600:100\n",
                  H T ",t,block_tb,3,B,7,0,rbd:v,900-3600:100\n",
                  "2027-03-01T05 A t block_tb 4.000000\nshared B rbd:v\n"
                  "0 again, 2 appliances" },
                { "a domain's disk there is not free here",
                  H T ",_unassigned,block_tb,4,A,7,0,rbd:v,0-3600:100f\n",
                  H T ",t,block_tb,3,B,7,0,rbd:v,0-2700:100\n",
                  "2027-03-01T05 A _unassigned block_tb 1.000000\n"
                  "2027-03-01T05 B t block_tb 3.000000\nshared A rbd:v\n0 again, 2 appliances" },
                { "two tenants that have it count it each, as on one host",
                  H T ",t,block_tb,4,A,7,0,rbd:v,0-3600:100\n",
                  H T ",u,block_tb,4,B,7,0,rbd:v,0-3600:100\n",
                  "2027-03-01T05 A t block_tb 4.000000\n2027-03-01T05 B u block_tb 4.000000\n"
                  "0 again, 2 appliances" },
                { "it grew while both looked: the larger, and what was taken back is not there",
                  H T ",t,block_tb,4,A,7,0,rbd:v,0-3600:100\n",
                  H T ",t,block_tb,8,B,7,0,rbd:v,0-3600:200\n" T
                      ",t,block_tb,-4,B,8,1,rbd:v,0-1800:-200\n",
                  "2027-03-01T05 A t block_tb 2.000000\n2027-03-01T05 B t block_tb 4.000000\n"
                  "shared A rbd:v\n0 again, 2 appliances" },
                { "one of them does not say when: the one that saw the most",
                  H T ",t,block_tb,2,A,7,0,v,0-1800:100\n", H T ",t,block_tb,3,B,7,0,v\n",
                  "2027-03-01T05 B t block_tb 3.000000\nshared A v\n0 again, 2 appliances" },
                { "the same at another time is another value",
                  H T ",t,block_tb,2,A,7,0,v,0-1800:100\n",
                  H T ",t,block_tb,2,A,7,0,v,1800-3600:100\n",
                  "2027-03-01T05 A t block_tb 2.000000\nconflict b 2\n0 again, 1 appliances" },
                { "an export of before", VG_MERGE_HEADER_1 "\n" T ",t,block_tb,2,A,7,0,v\n",
                  H T ",t,block_tb,2,A,7,0,v,\n",
                  "2027-03-01T05 A t block_tb 2.000000\n1 again, 1 appliances" },
                { "equally: the first by name", H T ",t,block_tb,2,B,7,0,v\n",
                  H T ",t,block_tb,2,A,7,0,v\n",
                  "2027-03-01T05 A t block_tb 2.000000\nshared B v\n0 again, 2 appliances" },
                { "in another interval it is another amount", H T ",t,block_tb,2,B,7,0,v\n",
                  H "2027-03-01T06:00:00Z,t,block_tb,2,A,7,0,v\n",
                  "2027-03-01T05 B t block_tb 2.000000\n2027-03-01T06 A t block_tb 2.000000\n"
                  "0 again, 2 appliances" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_merge_freep) struct vg_merge *merge = NULL;
                const struct vg_merge_result *result;
                struct vg_buf buf = { 0 };
                struct vg_err err = { 0 };

                assert_int_equal(vg_merge_new(&merge, &err), 0);
                assert_int_equal(vg_merge_add(merge, "a", rows[i].a, strlen(rows[i].a), &err), 0);
                assert_int_equal(vg_merge_add(merge, "b", rows[i].b, strlen(rows[i].b), &err), 0);
                assert_int_equal(vg_merge_finish(merge, &result, &err), 0);
                tell(result, &buf);
                if (strcmp(buf.data, rows[i].want) != 0)
                        fail_msg("%s:\n%s", rows[i].name, buf.data);
                vg_buf_done(&buf);
        }
}

static void test_refused(_unused_ void **state)
{
        static const char *const rows[] = {
                "",
                "timestamp,tenant\n",
                H "x,t,vcpu,1,A,7,0,\n",
                H T ",t,vcpu,1e3,A,7,0,\n",
                H T ",t,vcpu,1,A,7,0\n",
                H T ",t,vcpu,1,A,7,0,v,w\n",
                H T ",t,vcpu,1,A,7,0,v,,\n",
                H T ",t,vcpu,1,A,7,0,v,0-9:1;\n",
                H T ",t,vcpu,1,A,7,0,v,0-9:1", /* cut: of 0-9:10, or of 0-9:123 */
                H T ",t,vcpu,1,A,7,0,v,9-9:1\n",
                H T ",t,vcpu,1,A,7,0,v,0-86401:1\n",
                H T ",t,vcpu,1,A,7,0,v,0-9:99999999999999999999\n",
                H T ",t,vcpu,1,A,7,0,v,0-9:1g\n",
                H T ",t,vcpu,1,A,7,0,v,-1-9:1\n",
                H T ",t,vcpu,1,,7,0,\n",
                H T ",t,vcpu,1,A,-7,0,\n",
                H T ",t,vcpu,99999999999999,A,7,0,\n",
                H T ",t\033[31m,vcpu,1,A,7,0,\n",
                H T ",t,v cpu,1,A,7,0,\n",
                H T ",t,vcpu,1,A\033,7,0,\n",
                H T ",t,block_tb,1,A,7,0,pool/\033]0;x\n",
                H T ",_agent,vcpu,1,A,7,0,\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_merge_freep) struct vg_merge *merge = NULL;
                struct vg_err err = { 0 };

                assert_int_equal(vg_merge_new(&merge, &err), 0);
                if (vg_merge_add(merge, "f", rows[i], strlen(rows[i]), &err) != -EINVAL)
                        fail_msg("%zu", i);
        }
}

static int tell_row(void *ctx, const struct vg_merge_row *row)
{
        vg_merge_row_write(ctx, row);
        return 0;
}

/* A record of usage becomes rows; storage by the disks that it is known of, and what is left. */
static void test_rows_of_a_record(_unused_ void **state)
{
        static const char body[] =
                "{\"domains\":[{\"amounts\":{\"block_tb\":200},\"name\":\"nfs/"
                "d\\u00e9p\u00f4t\",\"uuid\":\"\"},"
                "{\"amounts\":{\"block_tb\":\"50\",\"vcpu\":7},\"name\":\"vm\",\"uuid\":\"u-1\"},"
                "{\"amounts\":{\"block_tb\":0},\"name\":\"vm2\",\"uuid\":\"u-2\"}],"
                "\"part\":2,\"resources\":{\"block_tb\":{\"base\":\"300\",\"micro\":1000},"
                "\"vcpu\":{\"base\":\"7\",\"micro\":-5}},\"start\":\"" T "\",\"tenant\":\"t\"}";
        _cleanup_(vg_json_decrefp) json_t *tree = json_loads(body, 0, NULL);
        struct vg_buf text = { 0 };
        struct vg_merge_row row = { 0 };

        assert_non_null(tree);
        assert_int_equal(
                vg_merge_rows_of(tree, &(struct vg_merge_source){ "A", 9 }, tell_row, &text), 0);
        assert_string_equal(text.data,
                            T ",t,block_tb,0.000667,A,9,2,nfs/d%C3%A9p%C3%B4t,\n" T
                              ",t,block_tb,0.000166,A,9,2,u-1,\n" T
                              ",t,block_tb,0.000167,A,9,2,,\n" T ",t,vcpu,-0.000005,A,9,2,,\n");
        text.data[strcspn(text.data, "\n")] = '\0';
        assert_true(vg_merge_row_read(text.data, &row));
        assert_int_equal(row.micro, 667);
        assert_string_equal(row.volume, "nfs/d%C3%A9p%C3%B4t");
        vg_buf_done(&text);
        assert_int_equal(vg_merge_rows_of(json_object_get(tree, "domains"),
                                          &(struct vg_merge_source){ "A", 9 }, tell_row, NULL),
                         -EBADMSG);
}

/* Its storage by the disks of its lines: what several hosts can reach under its key, whoever has it;
 * the rest under the domain or the volume. Each line's amount goes by size and time. */
static void test_disks_of_a_record(_unused_ void **state)
{
        static const char body[] =
                "{\"domains\":["
                "{\"amounts\":{\"block_tb\":100},\"disks\":[[\"rbd:p/v@10.0.0.1\",0,600,4]],"
                "\"name\":\"rbd/v\",\"uuid\":\"\"},"
                "{\"amounts\":{\"block_tb\":50},\"disks\":[[\"/here\",0,60,5]],\"name\":\"d/x\","
                "\"uuid\":\"\"},"
                "{\"amounts\":{\"block_tb\":400},\"disks\":[[\"/here\",0,3600,1],"
                "[\"nbd:x@localhost:1\",0,3600,1],[\"rbd:p/v@10.0.0.1\",600,3000,3]],"
                "\"name\":\"vm\",\"uuid\":\"u-1\"}],"
                "\"part\":0,\"resources\":{\"block_tb\":{\"base\":\"550\",\"micro\":550}},"
                "\"start\":\"" T "\",\"tenant\":\"t\"}";
        _cleanup_(vg_json_decrefp) json_t *tree = json_loads(body, 0, NULL);
        struct vg_buf text = { 0 };

        assert_non_null(tree);
        assert_int_equal(
                vg_merge_rows_of(tree, &(struct vg_merge_source){ "A", 9 }, tell_row, &text), 0);
        assert_string_equal(text.data,
                            T ",t,block_tb,0.000300,A,9,0,rbd:p/v@10.0.0.1,0-600:4f;600-3000:3\n" T
                              ",t,block_tb,0.000050,A,9,0,d/x,0-60:5f\n" T
                              ",t,block_tb,0.000200,A,9,0,u-1,0-3600:1;0-3600:1\n");
        vg_buf_done(&text);
}

/* ---- whatever the appliances saw, in whatever order it is told ---- */

enum { APPLIANCES = 4, TENANTS = 3, SLOTS = 12, VOLUMES = 3, SLOT_S = 300, ROWS_MAX = 600 };

static uint32_t next_random(uint32_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        return *state;
}

struct world { /* who sees a volume in a slot, and as whose: 0 nobody, 1 free, 2… of a tenant */
        int sees[VOLUMES][SLOTS][APPLIANCES];
        int64_t want[TENANTS + 2]; /* by the same numbers */
        char rows[ROWS_MAX][256];
        size_t n;
};

static const char *const holders[] = { "", "_unassigned", "t-a", "t-b", "t-c" };

static void add_want(struct world *w, int volume, int slot)
{
        bool seen[TENANTS + 2] = { false }, held = false;

        for (int a = 0; a < APPLIANCES; a++) {
                seen[w->sees[volume][slot][a]] = true;
                held |= w->sees[volume][slot][a] > 1;
        }
        for (int holder = 1; holder < TENANTS + 2; holder++)
                if (seen[holder] && (holder > 1 || !held))
                        w->want[holder] += SLOT_S * (volume + 1);
}

/* A row for each volume, appliance and holder: a micro-unit for each second and KiB. */
static void add_seen(struct world *w, int volume, int appliance, int holder)
{
        char *row = w->rows[w->n], seen[160] = "", quantity[64];
        int64_t micro = 0;

        for (int slot = 0; slot < SLOTS; slot++) {
                if (w->sees[volume][slot][appliance] != holder)
                        continue;
                snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%d-%d:%d%s",
                         micro ? ";" : "", slot * SLOT_S, (slot + 1) * SLOT_S, volume + 1,
                         holder == 1 ? "f" : "");
                micro += SLOT_S * (volume + 1);
        }
        if (!micro)
                return;
        snprintf(row, sizeof(w->rows[0]), T ",%s,block_tb,%s,A%d,%d,0,rbd:%d,%s\n", holders[holder],
                 vg_decimal_format(micro, 6, quantity, sizeof(quantity)), appliance, holder, volume,
                 seen);
        w->n++;
}

static void make_world(struct world *w, uint32_t *random)
{
        *w = (struct world){ 0 };
        for (int volume = 0; volume < VOLUMES; volume++) {
                for (int slot = 0; slot < SLOTS; slot++) {
                        for (int a = 0; a < APPLIANCES; a++)
                                w->sees[volume][slot][a] =
                                        (int)(next_random(random) % (TENANTS + 2));
                        add_want(w, volume, slot);
                }
                for (int a = 0; a < APPLIANCES; a++)
                        for (int holder = 1; holder < TENANTS + 2; holder++)
                                add_seen(w, volume, a, holder);
        }
}

/* In any order, cut into any two files, some of it sent again. */
static void merge_world(struct world *w, uint32_t *random, int64_t got[TENANTS + 2])
{
        _cleanup_(vg_merge_freep) struct vg_merge *merge = NULL;
        const struct vg_merge_result *result;
        struct vg_buf files[2] = { 0 };
        struct vg_err err = { 0 };

        for (size_t i = w->n; i > 1; i--) {
                char row[256];
                const size_t k = next_random(random) % i;
                memcpy(row, w->rows[k], sizeof(row));
                memcpy(w->rows[k], w->rows[i - 1], sizeof(row));
                memcpy(w->rows[i - 1], row, sizeof(row));
        }
        assert_int_equal(vg_merge_new(&merge, &err), 0);
        for (size_t f = 0; f < 2; f++)
                vg_buf_puts(&files[f], H);
        for (size_t i = 0; i < w->n; i++) {
                vg_buf_puts(&files[next_random(random) % 2], w->rows[i]);
                if (next_random(random) % 3 == 0)
                        vg_buf_puts(&files[next_random(random) % 2], w->rows[i]);
        }
        for (size_t f = 0; f < 2; f++)
                assert_int_equal(
                        vg_merge_add(merge, f ? "b" : "a", files[f].data, files[f].n, &err), 0);
        assert_int_equal(vg_merge_finish(merge, &result, &err), 0);
        assert_int_equal(result->n_conflicts, 0);
        for (size_t i = 0; i < result->n_rows; i++)
                for (int holder = 1; holder < TENANTS + 2; holder++)
                        if (strcmp(result->rows[i].tenant, holders[holder]) == 0)
                                got[holder] += result->rows[i].micro;
        vg_buf_done(&files[0]);
        vg_buf_done(&files[1]);
}

static void test_any_order_any_split(_unused_ void **state)
{
        static struct world world;

        for (uint32_t seed = 1; seed <= 200; seed++) {
                uint32_t random = seed * 2654435761u;
                make_world(&world, &random);
                for (int again = 0; again < 3; again++) {
                        int64_t got[TENANTS + 2] = { 0 };
                        merge_world(&world, &random, got);
                        for (int holder = 1; holder < TENANTS + 2; holder++)
                                if (got[holder] != world.want[holder])
                                        fail_msg("seed %u: %s has %lld, not %lld", seed,
                                                 holders[holder], (long long)got[holder],
                                                 (long long)world.want[holder]);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                            cmocka_unit_test(test_refused),
                                            cmocka_unit_test(test_rows_of_a_record),
                                            cmocka_unit_test(test_disks_of_a_record),
                                            cmocka_unit_test(test_any_order_any_split) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
