/* SPDX-License-Identifier: Apache-2.0 */

/* Which revision may follow which: a row of tests/data/contract/successions.json for each field of
 * the table, and what facts do to a contract (facts.json). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"
#include "vigie/fact.h"
#include "vigie/succession.h"

static void edit(json_t *tree, const json_t *row, const char *list)
{
        json_t *one;
        size_t i;

        json_array_foreach (json_object_get(row, list), i, one)
                put(tree, json_string_value(json_array_get(one, 0)),
                    json_deep_copy(json_array_get(one, 1)));
}

static struct vg_contract *parse(const char *name, const json_t *tree, char **ret_bytes)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *bytes = json_dumps(tree, JSON_INDENT(1));
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };

        int r = vg_contract_parse(bytes, strlen(bytes), vg_file_zone, &contract, &refusals, &err);
        if (r > 0)
                fail_msg("%s: %s %s", name, vg_refusal_code(&refusals.list[0]),
                         refusals.list[0].path);
        assert_int_equal(r, 0);
        if (ret_bytes)
                *ret_bytes = TAKE_PTR(bytes);
        return contract;
}

static void check_refusals(const json_t *row, const struct vg_refusals *refusals)
{
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *codes = json_string_value(json_object_get(row, "codes"));
        const char *path = json_string_value(json_object_get(row, "path"));
        const char *arg = json_string_value(json_object_get(row, "arg"));
        char found[512] = "";
        size_t n = 0;

        for (size_t i = 0; i < refusals->n; i++)
                n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%s", i ? " " : "",
                                      vg_refusal_code(&refusals->list[i]));
        if (strcmp(found, codes) != 0)
                fail_msg("%s: %s, wanted %s (%s)", name, found, codes,
                         refusals->n ? refusals->list[0].path : "");
        if (path && strcmp(refusals->list[0].path, path) != 0)
                fail_msg("%s: at %s, wanted %s", name, refusals->list[0].path, path);
        if (arg && strcmp(refusals->list[0].arg[0], arg) != 0)
                fail_msg("%s: %s, wanted %s", name, refusals->list[0].arg[0], arg);
}

static void test_rows(_unused_ void **state)
{
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(DATA "/successions.json");
        json_t *row, *path;
        size_t i, k;

        json_array_foreach (rows, i, row) {
                const char *name = json_string_value(json_object_get(row, "name"));
                const bool first = json_object_get(row, "from");
                _cleanup_(vg_json_decrefp) json_t *old = read_json(first ? EXAMPLE_1 : EXAMPLE);
                _cleanup_(vg_json_decrefp) json_t *new = read_json(EXAMPLE);
                _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
                _cleanup_free_ char *bytes = NULL;

                edit(old, row, "was");
                edit(new, row, "set");
                json_array_foreach (json_object_get(row, "remove"), k, path)
                        put(new, json_string_value(path), NULL);
                _cleanup_(vg_contract_freep) struct vg_contract *before = parse(name, old, NULL);
                _cleanup_(vg_contract_freep) struct vg_contract *after = parse(name, new, &bytes);
                int r = vg_contract_succeeds(before, after, bytes, strlen(bytes), &refusals);
                assert_int_equal(r, refusals.n ? VG_CONTRACT_REFUSED : 0);
                check_refusals(row, &refusals);
        }
}

/* Every field has a row, and the rows of the table are in order. */
static void test_every_field(_unused_ void **state)
{
        _cleanup_(vg_json_decrefp) json_t *rows = read_json(DATA "/successions.json");
        size_t n, i;
        const struct vg_field *fields = vg_fields(&n);
        json_t *row;

        for (size_t k = 0; k < n; k++) {
                bool tried = false;
                json_array_foreach (rows, i, row) {
                        const char *field = json_string_value(json_object_get(row, "field"));
                        tried |= field && strcmp(field, fields[k].path) == 0;
                }
                if (!tried || (k > 0 && strcmp(fields[k - 1].path, fields[k].path) >= 0))
                        fail_msg("%s (%s)", fields[k].path, vg_change_name(fields[k].change));
        }
}

/* Every member at the top of the schema is in the table, itself or some of what it holds. */
static void test_whole_schema(_unused_ void **state)
{
        _cleanup_(vg_json_decrefp) json_t *schema =
                read_json(VIGIE_SOURCE_DIR "/config/contract.schema.json");
        size_t n;
        const struct vg_field *fields = vg_fields(&n);
        const char *key;
        json_t *value;

        json_object_foreach (json_object_get(schema, "properties"), key, value) {
                bool there = false;
                for (size_t k = 0; k < n; k++)
                        there |= strncmp(fields[k].path, key, strlen(key)) == 0;
                if (!there)
                        fail_msg("%s", key);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_every_field),
                cmocka_unit_test(test_whole_schema),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
