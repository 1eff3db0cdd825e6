/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* part-alerts: signals VIG-Q-002 to Q-004, the machine's parts against the contract. */

#include <stdint.h>

struct keeper;
struct vg_signals;

/* 0 or -ENOMEM. */
int part_signals(const struct keeper *keeper, int64_t now_s, struct vg_signals *signals);
