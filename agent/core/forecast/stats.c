/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>

#include "core/forecast/room.h"

static int compare(const void *a, const void *b)
{
        const double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

double stats_quantile(double *values, size_t n, double share)
{
        if (n == 0)
                return 0;
        qsort(values, n, sizeof(*values), compare);

        const double at = share * (double)(n - 1);
        const size_t below = (size_t)at;
        const double part = at - (double)below;

        if (below + 1 >= n)
                return values[n - 1];
        return values[below] * (1 - part) + values[below + 1] * part;
}

double stats_median(double *values, size_t n)
{
        return stats_quantile(values, n, 0.5);
}
