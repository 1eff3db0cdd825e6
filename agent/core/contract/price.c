/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/price.h"

#include <assert.h>

/* 1 cent = 10^10 pico-CAD. */
static const vg_i128 pico_per_cent = INT64_C(10000000000);

int price_exact(struct vg_fraction quantity, const struct vg_price_segment *segment,
                struct vg_fraction *ret_exact)
{
        struct vg_fraction exact;
        int r = vg_mul_i128(quantity.num, segment->price_cad_micro, &exact.num);

        if (r == 0)
                r = vg_mul_i128(quantity.den, segment->per, &exact.den);
        if (r == 0)
                *ret_exact = exact;
        return r;
}

int price_cents(struct vg_fraction exact, int64_t *ret_cents)
{
        vg_i128 unit, cents;

        if (vg_mul_i128(exact.den, pico_per_cent, &unit) < 0)
                return -ERANGE;
        cents = vg_round_half_up(exact.num, unit);
        if (cents > VG_LINE_CENTS_MAX || cents < -VG_LINE_CENTS_MAX)
                return -ERANGE;
        *ret_cents = (int64_t)cents;
        return 0;
}

vg_i128 price_most(const struct vg_price_segment *segment, int divisor)
{
        static const vg_i128 without_end = (vg_i128)INT64_MAX << 32;

        if (segment->price_cad_micro == 0)
                return without_end;

        /* Largest m with m x price / (per x divisor) < max + half a cent. */
        const vg_i128 scale = (vg_i128)segment->per * divisor * (pico_per_cent / 2);
        const vg_i128 halves = (vg_i128)2 * VG_LINE_CENTS_MAX + 1;

        return (halves * scale - 1) / segment->price_cad_micro;
}

char *vg_fraction_format(struct vg_fraction f, unsigned scale, unsigned decimals, char *buf,
                         size_t size)
{
        vg_i128 num = f.num, den = f.den;

        assert(f.den > 0 && scale <= 18 && decimals <= 18);

        /* Whole part and remainder apart, so that more decimals than the scale cannot overflow. */
        for (unsigned i = decimals; i < scale; i++)
                den *= 10;

        vg_i128 value = num / den, rest = num % den;
        for (unsigned i = scale; i < decimals; i++) {
                rest *= 10;
                value = value * 10 + rest / den;
                rest %= den;
        }
        value += vg_round_half_up(rest, den);
        return vg_decimal_format(value, decimals, buf, size);
}

bool vg_reaches(int64_t consumed_cents, int64_t threshold_pct_micro, int64_t authorised_cents)
{
        /* 10^8: a hundred, and millionths of a percent. 63 + 27 bits and 63 + 63 bits fit. */
        return (vg_i128)consumed_cents * 100000000 >=
               (vg_i128)threshold_pct_micro * authorised_cents;
}
