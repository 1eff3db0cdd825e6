/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* holiday: Quebec's holidays and business days, computed for any year. Pure.
 *
 * The days are those of the Interpretation Act (CQLR, c. I-16, s. 61, par. 23): 1 January, Good
 * Friday, Easter Monday, the Monday before 25 May (Patriots), 24 June (National Holiday), 1 July,
 * the first Monday of September, the second Monday of October, 25 December. One with a fixed date
 * that falls on a Sunday is kept on the Monday after it; one that falls on a Saturday stays there.
 * What the government proclaims for one year alone cannot be computed and is not here: a period
 * then ends a day early, never late. */

#include <stdbool.h>

#include "vigie/civil.h"

struct vg_date vg_easter(int year); /* Easter Sunday, Gregorian */
bool vg_is_holiday(struct vg_date date);
/* Neither a Saturday, a Sunday nor a holiday. */
bool vg_is_business_day(struct vg_date date);
/* The n-th business day after a date; that date itself does not count, whatever it is. n > 0. */
struct vg_date vg_add_business_days(struct vg_date date, int n);
/* 0 Monday … 6 Sunday. */
int vg_weekday(struct vg_date date);
