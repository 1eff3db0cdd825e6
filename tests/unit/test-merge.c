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
                            T ",t,block_tb,0.000667,A,9,2,nfs/d%C3%A9p%C3%B4t\n" T
                              ",t,block_tb,0.000166,A,9,2,u-1\n" T ",t,block_tb,0.000167,A,9,2,\n" T
                              ",t,vcpu,-0.000005,A,9,2,\n");
        text.data[strcspn(text.data, "\n")] = '\0';
        assert_true(vg_merge_row_read(text.data, &row));
        assert_int_equal(row.micro, 667);
        assert_string_equal(row.volume, "nfs/d%C3%A9p%C3%B4t");
        vg_buf_done(&text);
        assert_int_equal(vg_merge_rows_of(json_object_get(tree, "domains"),
                                          &(struct vg_merge_source){ "A", 9 }, tell_row, NULL),
                         -EBADMSG);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                            cmocka_unit_test(test_refused),
                                            cmocka_unit_test(test_rows_of_a_record) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
