/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/num.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

vg_i128 vg_round_half_up(vg_i128 numerator, vg_i128 denominator)
{
        assert(denominator > 0);

        vg_i128 q = numerator / denominator, r = numerator % denominator;

        /* Compare r with denominator - r, not 2 r with denominator: nothing can overflow. */
        if (r > 0 && r >= denominator - r)
                q++;
        if (r < 0 && -r >= denominator + r)
                q--;
        return q;
}

int64_t vg_floor_div(int64_t a, int64_t denominator)
{
        assert(denominator > 0);
        return a / denominator - (a % denominator < 0);
}

int vg_decimal_parse(const char *text, unsigned decimals, int64_t *ret_value)
{
        assert(text && ret_value && decimals <= 18);

        const char *p = text;
        int64_t value = 0;

        if (*p < '0' || *p > '9')
                return -EINVAL;
        if (*p == '0' && p[1] >= '0' && p[1] <= '9')
                return -EINVAL;
        for (; *p >= '0' && *p <= '9'; p++)
                if (vg_mul_i64(value, 10, &value) < 0 || vg_add_i64(value, *p - '0', &value) < 0)
                        return -ERANGE;

        unsigned seen = 0;
        if (*p == '.') {
                for (p++; *p >= '0' && *p <= '9'; p++, seen++) {
                        if (seen == decimals)
                                return -EINVAL;
                        if (vg_mul_i64(value, 10, &value) < 0 ||
                            vg_add_i64(value, *p - '0', &value) < 0)
                                return -ERANGE;
                }
                if (!seen)
                        return -EINVAL;
        }
        if (*p)
                return -EINVAL;
        for (; seen < decimals; seen++)
                if (vg_mul_i64(value, 10, &value) < 0)
                        return -ERANGE;
        *ret_value = value;
        return 0;
}

/* Digits of |value|, at least `least` of them, written backwards into out. Returns their number. */
static size_t digits_backwards(vg_i128 value, size_t least, char out[48])
{
        unsigned __int128 u = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
        size_t n = 0;

        while (u || n < least) {
                out[n++] = (char)('0' + (int)(u % 10));
                u /= 10;
        }
        return n;
}

char *vg_decimal_format(vg_i128 value, unsigned decimals, char *buf, size_t size)
{
        char digits[48];

        assert(buf && decimals <= 38);

        size_t n = digits_backwards(value, decimals + 1, digits), at = 0;

        assert(size > n + 2);
        if (value < 0)
                buf[at++] = '-';
        while (n > 0) {
                if (n == decimals)
                        buf[at++] = '.';
                buf[at++] = digits[--n];
        }
        buf[at] = '\0';
        return buf;
}

char *vg_decimal_format_local(vg_i128 value, unsigned decimals, unsigned shown, bool french,
                              char *buf, size_t size)
{
        static const char narrow_space[] = "\xe2\x80\xaf"; /* U+202F */
        char digits[48];

        assert(shown <= decimals && size >= 96);

        vg_i128 unit = 1;
        for (unsigned i = shown; i < decimals; i++)
                unit *= 10;
        value = vg_round_half_up(value, unit);

        size_t n = digits_backwards(value, shown + 1, digits), at = 0;

        if (value < 0)
                buf[at++] = '-';
        while (n > 0) {
                if (n == shown)
                        buf[at++] = french ? ',' : '.';
                buf[at++] = digits[--n];
                if (n > shown && (n - shown) % 3 == 0) {
                        const char *sep = french ? narrow_space : ",";
                        memcpy(buf + at, sep, strlen(sep));
                        at += strlen(sep);
                }
        }
        buf[at] = '\0';
        return buf;
}

int vg_i128_parse(const char *text, vg_i128 *ret_value)
{
        bool negative = *text == '-';
        const char *p = text + negative;
        vg_i128 value = 0;

        if (!*p)
                return -EINVAL;
        for (; *p; p++) {
                if (*p < '0' || *p > '9')
                        return -EINVAL;
                vg_i128 digit = *p - '0';
                if (vg_mul_i128(value, 10, &value) < 0 ||
                    vg_add_i128(value, negative ? -digit : digit, &value) < 0)
                        return -ERANGE;
        }
        *ret_value = value;
        return 0;
}

int vg_i64_parse(const char *text, int64_t *ret_value)
{
        vg_i128 value;
        int r = vg_i128_parse(text, &value);

        if (r < 0)
                return r;
        if (value < INT64_MIN || value > INT64_MAX)
                return -ERANGE;
        *ret_value = (int64_t)value;
        return 0;
}

int vg_u64_parse(const char *text, uint64_t *ret_value)
{
        vg_i128 value;
        int r = vg_i128_parse(text, &value);

        if (r < 0)
                return r;
        if (value < 0 || value > (vg_i128)UINT64_MAX)
                return -ERANGE;
        *ret_value = (uint64_t)value;
        return 0;
}

char *vg_i128_format(vg_i128 value, char *buf, size_t size)
{
        return vg_decimal_format(value, 0, buf, size);
}
