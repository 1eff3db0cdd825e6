/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* num: checked integers, and decimals as integers. Nothing wraps, nothing saturates: -ERANGE. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 vg_i128;

static inline int vg_add_u64(uint64_t a, uint64_t b, uint64_t *ret_sum)
{
        return __builtin_add_overflow(a, b, ret_sum) ? -ERANGE : 0;
}

static inline int vg_mul_u64(uint64_t a, uint64_t b, uint64_t *ret_product)
{
        return __builtin_mul_overflow(a, b, ret_product) ? -ERANGE : 0;
}

static inline int vg_add_i64(int64_t a, int64_t b, int64_t *ret_sum)
{
        return __builtin_add_overflow(a, b, ret_sum) ? -ERANGE : 0;
}

static inline int vg_mul_i64(int64_t a, int64_t b, int64_t *ret_product)
{
        return __builtin_mul_overflow(a, b, ret_product) ? -ERANGE : 0;
}

static inline int vg_add_i128(vg_i128 a, vg_i128 b, vg_i128 *ret_sum)
{
        return __builtin_add_overflow(a, b, ret_sum) ? -ERANGE : 0;
}

static inline int vg_mul_i128(vg_i128 a, vg_i128 b, vg_i128 *ret_product)
{
        return __builtin_mul_overflow(a, b, ret_product) ? -ERANGE : 0;
}

/* numerator / denominator, half up and away from zero (RATING R10); denominator > 0. */
vg_i128 vg_round_half_up(vg_i128 numerator, vg_i128 denominator);

/* Quotient and remainder towards minus infinity: 0 <= remainder < denominator. */
int64_t vg_floor_div(int64_t a, int64_t denominator);

/* Decimal text ("12", "12.5", no sign, no exponent, no leading zero but "0") to value x
 * 10^decimals. -EINVAL: not that form, or more than `decimals` digits after the point. -ERANGE:
 * does not fit. Nothing is rounded. */
int vg_decimal_parse(const char *text, unsigned decimals, int64_t *ret_value);

/* value / 10^decimals with all its decimals ("12.500000"). Returns buf. 64 bytes always suffice. */
char *vg_decimal_format(vg_i128 value, unsigned decimals, char *buf, size_t size);

/* The same for people: thousands grouped, `shown` decimals half up; French: narrow no-break space
 * (U+202F) and decimal comma; English: comma and point. 96 bytes always suffice. */
char *vg_decimal_format_local(vg_i128 value, unsigned decimals, unsigned shown, bool french,
                              char *buf, size_t size);

/* Decimal digits with an optional minus, whole string. -EINVAL, -ERANGE. */
int vg_i64_parse(const char *text, int64_t *ret_value);
int vg_u64_parse(const char *text, uint64_t *ret_value);
char *vg_i128_format(vg_i128 value, char *buf, size_t size); /* 41 bytes suffice */
int vg_i128_parse(const char *text, vg_i128 *ret_value);
