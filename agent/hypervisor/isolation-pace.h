/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation-pace: how fast the rolling pass goes over the domains. Pure.
 *
 * It should come round in 90 s, and must in 120, on a budget of processor time. Both hold up to some
 * 6,000 domains (64 a second) that cost no more than the budget: at 50 permille that is 1 ms each for
 * 6,000. Where the two cannot both hold the budget does, and the pass is late: what it has not
 * reached for 120 s may be stale, and nothing of what the reader knows is confirmed until it has. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many domains one question is about; whole: not the first pass, which does not wait. */
size_t pace_batch(size_t n_domains, bool whole);
/* How long to wait after a question about n of them that took so much processor time. The tick of the
 * reader adds up to a quarter of a second. */
uint64_t pace_pause_ns(size_t n_domains, bool whole, size_t n, uint64_t cpu_ns,
                       unsigned budget_permille);
bool pace_is_late(bool whole, uint64_t begun_ns, uint64_t now_ns);
