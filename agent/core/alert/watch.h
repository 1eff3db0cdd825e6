/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* watch: between the files of the evaluation. Each adds the signals of its conditions. */

#include "vigie/alert.h"

int watch_deadlines(const struct vg_watch_view *view, struct vg_signals *signals);
int watch_term(const struct vg_watch_view *view, struct vg_signals *signals);
int watch_days(const struct vg_watch_view *view, struct vg_signals *signals);
int watch_forecast(const struct vg_watch_view *view, struct vg_signals *signals);
int watch_increase(const struct vg_watch_view *view, struct vg_signals *signals);
/* Of an alert that no signal names: whether the forecast says that it is over. */
bool watch_forecast_covers(const struct vg_watch_view *view, const char *code);
int watch_quotas(const struct vg_watch_view *view, struct vg_signals *signals);
int watch_usage(const struct vg_watch_view *view, struct vg_signals *signals);

/* "75" or "12.5" of millionths of a percent, as keys have it. */
char *watch_pct(int64_t pct_micro, char buf[32]);
