/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/read.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/schema.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

enum { DEPTH_MAX = 64 };

/* How many objects and arrays stand open before a byte; a string that stands open counts too. */
static int depth_at(const struct report *report, size_t offset)
{
        bool in_string = false;
        int depth = 0;

        for (size_t i = 0; i < report->n && i < offset; i++) {
                const char c = report->bytes[i];
                if (in_string && c == '\\')
                        i++;
                else if (c == '"')
                        in_string = !in_string;
                else if (!in_string)
                        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        }
        return depth + in_string;
}

static bool only_blanks_behind(const struct report *report, size_t offset)
{
        size_t i = offset;

        while (i < report->n && strchr(" \t\r\n", report->bytes[i]))
                i++;
        return i >= report->n;
}

/* Whether the number around a byte is beyond 64 bits; its digits as text. */
static bool is_out_of_range(const struct report *report, size_t offset, char *buf, size_t size)
{
        static const char digits[] = "0123456789";
        size_t from = offset, to = offset;
        int64_t value;

        while (from > 0 && strchr(digits, report->bytes[from - 1]))
                from--;
        while (to < report->n && strchr(digits, report->bytes[to]))
                to++;
        vg_text_clean(report->bytes + from, to - from, buf, size);
        return vg_i64_parse(buf, &value) == -ERANGE || to - from >= size;
}

/* Some of the line at which reading stopped. */
static char *line_around(const struct report *report, size_t offset, char *buf, size_t size)
{
        size_t from = offset < report->n ? offset : report->n, to = from;

        while (from > 0 && report->bytes[from - 1] != '\n' && offset - from < 30)
                from--;
        while (from < to && (((unsigned char)report->bytes[from] & 0xc0) == 0x80 ||
                             strchr(" \t", report->bytes[from])))
                from++;
        while (to < report->n && report->bytes[to] != '\n' && report->bytes[to] != '\r' &&
               to - offset < 30)
                to++;
        return vg_text_clean(report->bytes + from, to - from, buf, size);
}

static void report_not_json(struct report *report, size_t offset)
{
        char text[160];

        if (report->n >= 3 && memcmp(report->bytes, "\xef\xbb\xbf", 3) == 0)
                report_byte(report, VG_REFUSAL_BYTE_ORDER_MARK, 0, NULL);
        else if (depth_at(report, offset + 1) > DEPTH_MAX)
                report_byte(report, VG_REFUSAL_TOO_DEEP, offset, NULL);
        else if (is_out_of_range(report, offset, text, sizeof(text)))
                report_byte(report, VG_REFUSAL_INTEGER_RANGE, offset, text);
        else if (only_blanks_behind(report, offset + 1) &&
                 (depth_at(report, report->n) > 0 || only_blanks_behind(report, 0)))
                report_byte(report, VG_REFUSAL_CUT_SHORT, offset, NULL);
        else
                report_byte(report, VG_REFUSAL_NOT_JSON, offset,
                            line_around(report, offset, text, sizeof(text)));
}

static void report_twice(struct report *report, size_t offset)
{
        struct where_path path;
        char key[160] = "";

        where_path_at(report->bytes, report->n, offset, &path);
        if (path.n > 0 && path.step[path.n - 1].key)
                vg_text_clean(path.step[path.n - 1].key, path.step[path.n - 1].n_key, key,
                              sizeof(key));
        report_byte(report, VG_REFUSAL_DUPLICATE_KEY, offset, key);
}

static void report_fraction(struct report *report, size_t offset)
{
        size_t from = offset, to = offset;
        char text[160];

        while (from > 0 && strchr("-0123456789", report->bytes[from - 1]))
                from--;
        while (to < report->n && strchr("+-.0123456789eE", report->bytes[to]))
                to++;
        report_byte(report, VG_REFUSAL_FRACTION, offset,
                    vg_text_clean(report->bytes + from, to - from, text, sizeof(text)));
}

static int parse(struct report *report, json_t **ret_tree, struct vg_err *err)
{
        int line = 1, column = 1;
        size_t bad = 0;
        char number[32];

        if (!vg_utf8_valid(report->bytes, report->n, &bad)) {
                struct report before = *report; /* what follows cannot be walked */
                before.n = bad;
                snprintf(number, sizeof(number), "%zu", bad + 1);
                report_byte(&before, VG_REFUSAL_NOT_UTF8, bad, number);
                report->no_memory = before.no_memory;
                return 0;
        }

        int r = vg_json_parse(report->bytes, report->n, ret_tree, &line, &column, err);
        const size_t offset = where_byte(report->bytes, report->n, line, column);
        if (r == -EEXIST)
                report_twice(report, offset);
        else if (r == -EDOM)
                report_fraction(report, offset);
        else if (r == -EINVAL)
                report_not_json(report, offset);
        else
                return r;
        return 0;
}

const char *vg_contract_schema_of(int version, size_t *ret_n)
{
        static const char *(*const bytes[VG_CONTRACT_VERSION])(size_t * ret_n) = {
                schema_bytes_1,
                schema_bytes_2,
        };

        assert(version >= 1 && version <= VG_CONTRACT_VERSION);
        return bytes[version - 1](ret_n);
}

/* A file of the first version whose number alone was changed: it has nothing of the second. */
static bool has_second(const json_t *tree)
{
        static const char *const keys[] = { "orders", "reporting_appliance", "service_levels",
                                            "termination" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (json_object_get(tree, keys[i]))
                        return true;
        return false;
}

int read_version(const json_t *tree)
{
        const char *found = json_string_value(json_object_get(tree, "schema"));
        char name[32];

        for (int version = 1; found && version <= VG_CONTRACT_VERSION; version++) {
                snprintf(name, sizeof(name), "vigie-contract/%d", version);
                if (strcmp(found, name) == 0)
                        return version;
        }
        return 0;
}

static int hold_against_schema(struct report *report, const json_t *tree, struct vg_err *err)
{
        const char *found = json_string_value(json_object_get(tree, "schema"));
        const int version = read_version(tree);
        _cleanup_(vg_json_decrefp) json_t *schema = NULL;
        size_t n;

        if (found && !version) { /* other rules: ours would only mislead */
                report_member(report, VG_REFUSAL_VERSION, found, NULL, NULL, "schema");
                return 0;
        }
        if (version == 2 && !has_second(tree)) {
                report_member(report, VG_REFUSAL_VERSION_ALONE, found, "vigie-contract/1", NULL,
                              "schema");
                return 0;
        }

        /* Without a version, against the one that it resembles. */
        const int law = version ? version : 1 + has_second(tree);
        const char *bytes = vg_contract_schema_of(law, &n);
        int r = vg_json_parse(bytes, n, &schema, NULL, NULL, err);
        if (r == 0)
                schema_check(schema, tree, report);
        return r;
}

int read_tree(struct report *report, json_t **ret_tree, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        int r = 0;

        if (report->n > VG_CONTRACT_BYTES_MAX)
                return vg_contract_refuse_size(report->refusals);
        r = parse(report, &tree, err);
        if (r == 0 && tree)
                r = hold_against_schema(report, tree, err);
        if (r == 0 && report->refusals->n == 0)
                *ret_tree = TAKE_PTR(tree);
        return r;
}
