/* SPDX-License-Identifier: Apache-2.0 */

/* What the forecast promises on histories of which everything is known. tests/sim/backtest-forecast
 * says how far off it is on others. */

#include "rating-fixture.h"

#include "vigie/civil.h"
#include "vigie/forecast.h"

enum { DAYS = 400, MONDAY = 4 /* 1970-01-05 */ };

static double days[DAYS];

static struct vg_forecast tell(size_t n, double consumed, double authorised, int64_t end_day)
{
        struct vg_forecast forecast;
        const struct vg_forecast_input input = {
                .first_day = MONDAY,
                .spent = days,
                .n = n,
                .consumed = consumed,
                .authorised = authorised,
                .end_day = end_day,
                .confidence_pct = 80,
                .min_history_days = 28,
        };

        assert_int_equal(vg_forecast(&input, &forecast), 0);
        return forecast;
}

static void fill(double weekday, double weekend, double slope)
{
        for (int i = 0; i < DAYS; i++)
                days[i] = (i % 7 < 5 ? weekday : weekend) * (1 + slope * i);
}

static void assert_near(double got, double want, double most_off)
{
        if (got < want - most_off || got > want + most_off)
                fail_msg("%g instead of %g", got, want);
}

static void a_steady_cost_runs_out_to_the_day(_unused_ void **state)
{
        struct vg_forecast f;

        fill(100, 100, 0);
        f = tell(100, 10000, 20000, MONDAY + 1000);
        assert_true(f.is_told && f.date.is_reached && f.early.is_reached && f.late.is_reached);
        assert_int_equal(f.date.day, MONDAY + 199);
        assert_int_equal(f.naive.day, MONDAY + 199);
        assert_int_equal(f.early.day, MONDAY + 199);
        assert_int_equal(f.late.day, MONDAY + 199);
        assert_near(f.per_day, 100, 1e-6);
        assert_true(f.trend_per_week == 0 && f.burst_per_day == 0);
        /* Not before a year after the end: no date, and what the end comes to. */
        f = tell(100, 10000, 1e9, MONDAY + 149);
        assert_false(f.date.is_reached || f.early.is_reached || f.late.is_reached);
        assert_near(f.at_end, 15000, 1e-6);
        f = tell(100, 20001, 20000, MONDAY + 1000); /* it has run out already */
        assert_true(f.date.is_reached && f.date.day == MONDAY + 99);
}

static void nothing_is_told_before_enough_history(_unused_ void **state)
{
        fill(100, 100, 0);
        assert_false(tell(27, 0, 1e6, MONDAY + 1000).is_told);
        assert_true(tell(28, 0, 1e6, MONDAY + 1000).is_told);
        for (int i = 0; i < 10; i++)
                days[3 * i] = -1; /* days that were not measured do not count */
        assert_int_equal(tell(37, 0, 1e6, MONDAY + 1000).n_measured, 27);
        assert_false(tell(37, 0, 1e6, MONDAY + 1000).is_told);
        assert_true(tell(38, 0, 1e6, MONDAY + 1000).is_told);
        assert_true(tell(60, 0, 1e6, MONDAY + 60).is_told);
        assert_false(tell(60, 0, 1e6, MONDAY + 59).is_told); /* ended yesterday */
}

static void missing_days_are_neither_zero_nor_guessed(_unused_ void **state)
{
        struct vg_forecast f;

        fill(100, 100, 0);
        for (int i = 40; i < 60; i++)
                days[i] = -1;
        f = tell(100, 8000, 18000, MONDAY + 1000);
        assert_near(f.per_day, 100, 1e-6);
        assert_int_equal(f.date.day, MONDAY + 199);
}

static void the_weekday_pattern_is_seen(_unused_ void **state)
{
        struct vg_forecast f;

        fill(100, 20, 0);
        f = tell(98, 0, 4 * 540 + 99, MONDAY + 1000);
        for (int w = 0; w < 7; w++)
                assert_near(f.weekday[w], (w < 5 ? 100 : 20) * 7 / 540.0, 1e-6);
        assert_near(f.per_day, 540 / 7.0, 1e-6);
        assert_int_equal(f.date.day, MONDAY + 98 + 28); /* the Monday after four weeks */
}

static void a_trend_is_followed_and_damped(_unused_ void **state)
{
        struct vg_forecast f;

        fill(100, 100, 0.005);
        f = tell(140, 0, 1e9, MONDAY + 1000);
        assert_near(f.trend_per_week, 3.5, 0.2);
        assert_true(f.per_day > f.naive_per_day + 10);
        assert_true(f.at_end < 861 * 100 * (1 + 0.005 * 570)); /* below the line drawn on */
        assert_true(f.at_end > 861 * f.naive_per_day);
}

static void a_burst_is_not_a_level(_unused_ void **state)
{
        struct vg_forecast f;

        fill(100, 100, 0);
        days[70] = days[95] = 2000;
        f = tell(100, 0, 1e9, MONDAY + 1000);
        assert_near(f.burst_per_day, 3800 / 100.0, 2);
        assert_near(f.per_day, 138, 3);
        assert_true(f.naive_per_day > 160); /* which takes the last burst for every month's */
}

static void what_is_known_is_added_exactly(_unused_ void **state)
{
        static const double known[] = { 0, 0, 0, 0, 5000 };
        struct vg_forecast f;
        struct vg_forecast_input input = {
                .first_day = MONDAY,
                .spent = days,
                .n = 100,
                .consumed = 10000,
                .authorised = 15500,
                .known = known,
                .n_known = ELEMENTSOF(known),
                .end_day = MONDAY + 1000,
                .confidence_pct = 80,
                .min_history_days = 28,
        };

        fill(100, 100, 0);
        assert_int_equal(vg_forecast(&input, &f), 0);
        assert_int_equal(f.date.day, MONDAY + 99 + 5);
        input.authorised = 15501;
        assert_int_equal(vg_forecast(&input, &f), 0);
        assert_int_equal(f.date.day, MONDAY + 99 + 6);
}

/* An amendment that is signed holds from its day on: neither before, nor too late. */
static void an_amount_that_will_be_raised_is_known(_unused_ void **state)
{
        static const double none[4], raised[] = { 12000, 12000, 12000, 20000 };
        struct vg_forecast f;
        struct vg_forecast_input input = {
                .first_day = MONDAY,
                .spent = days,
                .n = 100,
                .consumed = 10000,
                .authorised = 12000,
                .known = none,
                .amounts = raised,
                .n_known = ELEMENTSOF(raised),
                .end_day = MONDAY + 1000,
                .confidence_pct = 80,
                .min_history_days = 28,
        };

        fill(100, 100, 0);
        assert_int_equal(vg_forecast(&input, &f), 0);
        assert_int_equal(f.date.day, MONDAY + 99 + 100);
        assert_int_equal(f.naive.day, f.date.day);
        input.consumed = 11750; /* used up on the day before */
        assert_int_equal(vg_forecast(&input, &f), 0);
        assert_int_equal(f.date.day, MONDAY + 99 + 3);
}

/* A noisy history has a wider interval, whose middle is within it. */
static void noise_widens_the_interval(_unused_ void **state)
{
        uint32_t chance = 7;
        struct vg_forecast f;

        fill(100, 100, 0);
        for (int i = 0; i < DAYS; i++) {
                chance = chance * 1664525 + 1013904223;
                days[i] += (double)(chance >> 24) - 128;
                days[i] = days[i] < 0 ? 0 : days[i];
        }
        f = tell(200, 0, 20000, MONDAY + 2000);
        assert_true(f.early.day < f.date.day && f.date.day < f.late.day);
        assert_true(f.error_28d > 0 && f.n_origins > 20);
        assert_true(f.at_end_low < f.at_end && f.at_end < f.at_end_high);
}

/* ---- spending ---- */

static void days_are_priced_as_the_contract_prices_them(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c =
                given_contract("{\"recurring\":[{\"id\":\"R-1\",\"sku\":\"NODE\",\"tenant\":\"*\","
                               "\"quantity\":\"3\","
                               "\"from_date\":\"2027-05-11\",\"to_date\":null}]}");
        const int64_t day = vg_days_from_civil((struct vg_date){ 2027, 4, 30 });
        double known[40];
        struct vg_err err = { 0 };
        double sum = 0;

        assert_near(vg_spending(c, c->start_s, "gpu", 1000000), 0, 0); /* no price */
        for (size_t i = 0; i < c->n_prices; i++) {
                const struct vg_price *p = &c->prices[i];
                const double cents =
                        (double)p->segments[0].price_cad_micro / 1e4 / (double)p->segments[0].per;

                if (p->charge != VG_CHARGE_USAGE)
                        continue;
                assert_near(vg_spending(c, c->start_s, p->resource, 5000000),
                            5 * cents / (p->unit == VG_UNIT_TB_MONTH ? 743 : 1), 1e-6);
        }
        /* Of a month, what recurs comes to what the bill says, day by day. */
        assert_int_equal(vg_spending_known(c, day, 31, known, &err), 0);
        for (int i = 0; i < 31; i++) {
                assert_int_equal(known[i] > 0, i >= 10); /* from the day of service on */
                sum += known[i];
        }

        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        assert_int_equal(vg_bill_new(&(struct vg_bill_options){ .contract = c,
                                                                .as_of_s = utc("2027-06-01T03:59:"
                                                                               "59Z") },
                                     NULL, 0, &bill, &err),
                         0);
        int64_t want = 0;
        for (size_t i = 0; i < bill->n_lines; i++)
                if (bill->lines[i].kind == VG_LINE_RECURRING &&
                    bill->lines[i].statement_month == vg_month_of((struct vg_date){ 2027, 5, 1 }))
                        want += bill->lines[i].cents;
        assert_true(want > 0);
        assert_near(sum, (double)want, 1e-6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_steady_cost_runs_out_to_the_day),
                cmocka_unit_test(nothing_is_told_before_enough_history),
                cmocka_unit_test(missing_days_are_neither_zero_nor_guessed),
                cmocka_unit_test(the_weekday_pattern_is_seen),
                cmocka_unit_test(a_trend_is_followed_and_damped),
                cmocka_unit_test(a_burst_is_not_a_level),
                cmocka_unit_test(what_is_known_is_added_exactly),
                cmocka_unit_test(an_amount_that_will_be_raised_is_known),
                cmocka_unit_test(noise_widens_the_interval),
                cmocka_unit_test(days_are_priced_as_the_contract_prices_them),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
