/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

static void decimals(_unused_ void **state)
{
        static const struct {
                const char *text;
                unsigned decimals;
                int want;
                int64_t value;
        } rows[] = {
                { "0", 6, 0, 0 },
                { "12.5", 6, 0, 12500000 },
                { "0.000001", 6, 0, 1 },
                { "9223372036854.775807", 6, 0, INT64_MAX },
                { "9223372036854.775808", 6, -ERANGE, 0 },
                { "1.0000001", 6, -EINVAL, 0 },
                { "01", 6, -EINVAL, 0 },
                { "1.", 6, -EINVAL, 0 },
                { ".5", 6, -EINVAL, 0 },
                { "-1", 6, -EINVAL, 0 },
                { "1e3", 6, -EINVAL, 0 },
                { "", 6, -EINVAL, 0 },
                { "1 ", 6, -EINVAL, 0 },
                { "1860000.00", 2, 0, 186000000 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int64_t value = -1;
                assert_int_equal(vg_decimal_parse(rows[i].text, rows[i].decimals, &value),
                                 rows[i].want);
                if (rows[i].want == 0)
                        assert_int_equal(value, rows[i].value);
        }
}

static void rounding(_unused_ void **state)
{
        static const struct {
                int numerator, denominator, want;
        } rows[] = { { 5, 10, 1 },  { 4, 10, 0 }, { 15, 10, 2 }, { -5, 10, -1 },
                     { -4, 10, 0 }, { 7, 3, 2 },  { 8, 3, 3 },   { 0, 3, 0 } };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal((int)vg_round_half_up(rows[i].numerator, rows[i].denominator),
                                 rows[i].want);
}

static void formats(_unused_ void **state)
{
        char buf[96];

        assert_string_equal(vg_decimal_format(-5, 2, buf, sizeof(buf)), "-0.05");
        assert_string_equal(vg_decimal_format(123456, 2, buf, sizeof(buf)), "1234.56");
        assert_string_equal(vg_decimal_format_local(123456789, 2, 2, true, buf, sizeof(buf)),
                            "1\xe2\x80\xaf"
                            "234\xe2\x80\xaf"
                            "567,89");
        assert_string_equal(vg_decimal_format_local(123456789, 2, 0, false, buf, sizeof(buf)),
                            "1,234,568");
        assert_string_equal(vg_decimal_format_local(-999999, 6, 1, false, buf, sizeof(buf)),
                            "-1.0");
}

static void dates(_unused_ void **state)
{
        struct vg_date d;
        char buf[40];
        int64_t utc;

        assert_int_equal(vg_date_parse("2027-02-29", &d), -EINVAL);
        assert_int_equal(vg_date_parse("2028-02-29", &d), 0);
        assert_string_equal(vg_date_format(vg_date_add_years(d, 1), buf), "2029-03-01");
        assert_string_equal(vg_date_format(vg_date_add_years(d, 4), buf), "2032-02-29");
        assert_int_equal(vg_days_from_civil((struct vg_date){ 1970, 1, 1 }), 0);
        for (int64_t day = -200000; day < 200000; day += 17)
                assert_int_equal(vg_days_from_civil(vg_civil_from_days(day)), day);
        assert_int_equal(vg_utc_parse("2027-08-20T04:00:00Z", &utc), 0);
        assert_string_equal(vg_utc_format(utc, buf), "2027-08-20T04:00:00Z");
        assert_int_equal(vg_utc_parse("2027-08-20T04:00:00+00:00", &utc), -EINVAL);
        assert_int_equal(vg_utc_parse("2027-08-20T24:00:00Z", &utc), -EINVAL);
}

/* A zone of our own with the footer's rule only, as RFC 8536 allows (no transitions). */
static size_t make_tzif(unsigned char *p, const char *rule, int32_t offset)
{
        unsigned char header[44] = "TZif2";
        size_t n = 0;

        header[39] = 1; /* one type */
        header[43] = 4; /* "LMT\0" */
        for (int block = 0; block < 2; block++) {
                memcpy(p + n, header, 44);
                n += 44;
                for (int i = 3; i >= 0; i--)
                        p[n++] = (unsigned char)((uint32_t)offset >> 8 * i);
                p[n++] = 0;
                p[n++] = 0;
                memcpy(p + n, "LMT", 4);
                n += 4;
        }
        p[n++] = '\n';
        memcpy(p + n, rule, strlen(rule));
        n += strlen(rule);
        p[n++] = '\n';
        return n;
}

static void zones(_unused_ void **state)
{
        unsigned char tzif[256];
        _cleanup_(vg_zone_freep) struct vg_zone *zone = NULL;
        struct vg_err err = { 0 };
        char buf[40];
        size_t n = make_tzif(tzif, "EST5EDT,M3.2.0,M11.1.0", -18000);

        assert_int_equal(vg_zone_parse(tzif, n, &zone, &err), 0);
        static const struct {
                const char *date, *midnight;
                int hours; /* of that month */
        } rows[] = {
                { "2027-03-01", "2027-03-01T05:00:00Z", 743 },
                { "2027-04-01", "2027-04-01T04:00:00Z", 720 },
                { "2027-11-01", "2027-11-01T04:00:00Z", 721 },
                { "2028-02-01", "2028-02-01T05:00:00Z", 696 },
        };
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct vg_date d;
                assert_int_equal(vg_date_parse(rows[i].date, &d), 0);
                int64_t at = vg_zone_midnight(zone, d);
                assert_string_equal(vg_utc_format(at, buf), rows[i].midnight);
                int32_t m = vg_month_of(d);
                assert_int_equal(vg_zone_month_start(zone, m + 1) - vg_zone_month_start(zone, m),
                                 rows[i].hours * VG_HOUR_S);
        }
        assert_string_equal(vg_zone_format(zone, 1805126400, buf), "2027-03-15 12:00:00 -04:00");

        for (size_t cut = 0; cut < n; cut++) { /* every truncation is refused, none crashes */
                struct vg_zone *none = NULL;
                assert_true(vg_zone_parse(tzif, cut, &none, &err) < 0);
                assert_null(none);
        }
}

static void words_of_lists(_unused_ void **state)
{
        static const struct {
                const char *list;
                bool has;
        } rows[] = {
                { "", false },          { "smart", true },         { "ipmi smart", true },
                { "smart ipmi", true }, { "  smart  ", true },     { "smarty", false },
                { "ipmi smar", false }, { "a smartctl", false },   { "nosmart", false },
                { "a,smart", false },   { "ipmi,smart b", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(vg_text_has_word(rows[i].list, strlen(rows[i].list), ' ', "smart"),
                                 rows[i].has);
        assert_true(vg_text_has_word("cpu,cpuacct:/", 11, ',', "cpuacct")); /* no end of its own */
        assert_false(vg_text_has_word("cpu,cpuacct", 10, ',', "cpuacct"));
}

static void cleaning(_unused_ void **state)
{
        char buf[64];
        static const char esc[] = "a\x1b[31mb\xc2\x9b"
                                  "c\xe2\x80\xae"
                                  "d\xff";

        assert_string_equal(vg_text_clean(esc, sizeof(esc) - 1, buf, sizeof(buf)),
                            "a\xef\xbf\xbd[31mb\xef\xbf\xbd"
                            "c\xef\xbf\xbd"
                            "d\xef\xbf\xbd");
        assert_string_equal(vg_text_clean("abcdefgh", 8, buf, 8), "abcd\xe2\x80\xa6");
        assert_string_equal(vg_text_clean("abcdefg", 7, buf, 8), "abcdefg");
        static const char *const unseen[] = { "\u00ad", "\u115f", "\u200b", "\u2060",    "\u2066",
                                              "\u202e", "\u3164", "\ufeff", "\U000e0041" };
        for (size_t i = 0; i < ELEMENTSOF(unseen); i++)
                assert_string_equal(vg_text_clean(unseen[i], strlen(unseen[i]), buf, sizeof(buf)),
                                    "\xef\xbf\xbd");
        static const char names[] = "É œ ’ « \u202f\u00a0» – 中 👩\u200d🔧";
        assert_string_equal(vg_text_clean(names, sizeof(names) - 1, buf, sizeof(buf)), names);
        for (size_t size = 4; size < 30; size++) {
                vg_text_clean(esc, sizeof(esc) - 1, buf, size);
                assert_true(strlen(buf) < size && vg_utf8_valid(buf, strlen(buf), NULL));
        }
        assert_false(vg_utf8_valid("\xc0\x80", 2, NULL));
        assert_false(vg_utf8_valid("\xed\xa0\x80", 3, NULL));
}

static void canonical(_unused_ void **state)
{
        static const struct {
                const char *in;
                int want;
                const char *out;
        } rows[] = {
                { "{\"b\":1,\"a\":[\"\\u001F\\n\\/\",-5]}", 0,
                  "{\"a\":[\"\\u001f\\n/\",-5],\"b\":1}" },
                { "{\"a\":1,\"a\":2}", -EEXIST, NULL },
                { "{\"a\":1.0}", -EDOM, NULL },
                { "{\"a\":1e2}", -EDOM, NULL },
                { "{\"a\":1", -EINVAL, NULL },
                { "{\"a\":\"\xff\"}", -EILSEQ, NULL },
                { "{} x", -EINVAL, NULL },
                { "{\"a.5\":\"1.5\"}", 0, "{\"a.5\":\"1.5\"}" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_json_decrefp) json_t *tree = NULL;
                _cleanup_(vg_buf_done) struct vg_buf buf = { 0 };
                struct vg_err err = { 0 };
                int line = 0, column = 0;
                assert_int_equal(
                        vg_json_parse(rows[i].in, strlen(rows[i].in), &tree, &line, &column, &err),
                        rows[i].want);
                if (rows[i].want < 0) {
                        assert_true(line >= 1 && err.text[0]);
                        continue;
                }
                assert_int_equal(vg_json_canonical(tree, &buf, &err), 0);
                assert_string_equal(buf.data, rows[i].out);
        }
}

static void writer(_unused_ void **state)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "a");
        vg_json_int(&j, NULL, INT64_MIN);
        vg_json_string(&j, NULL, "x\"\\\x01");
        vg_json_end_array(&j);
        vg_json_object(&j, "b");
        vg_json_end_object(&j);
        vg_json_end_object(&j);
        assert_string_equal(j.buf.data,
                            "{\"a\":[-9223372036854775808,\"x\\\"\\\\\\u0001\"],\"b\":{}}");
        vg_json_done(&j);
}

static void errors(_unused_ void **state)
{
        struct vg_err err = { 0 };

        assert_int_equal(vg_err_set(&err, -EIO, "disque %s", "a\x1b[2J"), -EIO);
        assert_int_equal(vg_err_wrap(&err, -EIO, "contrat"), -EIO);
        assert_string_equal(vg_err_text(&err), "contrat: disque a\xef\xbf\xbd[2J");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(decimals),       cmocka_unit_test(rounding),
                cmocka_unit_test(formats),        cmocka_unit_test(dates),
                cmocka_unit_test(zones),          cmocka_unit_test(cleaning),
                cmocka_unit_test(words_of_lists), cmocka_unit_test(canonical),
                cmocka_unit_test(writer),         cmocka_unit_test(errors),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
