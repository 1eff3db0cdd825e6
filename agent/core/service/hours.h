/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* hours: windows of the week as instants. */

#include "vigie/service.h"

enum { SPANS_MAX = 2 * 16 * 16 }; /* a day and its eve, of sixteen windows of sixteen periods */

struct spans {
        struct vg_span list[SPANS_MAX];
        size_t n;
};

/* Adds what the window opens of that local day, and of its eve past midnight. */
void hours_of(const struct vg_contract *contract, const struct vg_window *window,
              struct vg_date date, struct spans *spans);
bool hours_hold(const struct vg_span *spans, size_t n, int64_t at_s);
