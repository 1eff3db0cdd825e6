/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/isolation-pace.h"

enum { PASS_S = 90, BOUND_S = 120, BATCH_LEAST = 4, BATCH_MOST = 64 };

#define NS_PER_S UINT64_C(1000000000)

size_t pace_batch(size_t n_domains, bool whole)
{
        const size_t batch = whole ? n_domains / PASS_S + 1 : BATCH_MOST;

        return batch < BATCH_LEAST ? BATCH_LEAST : batch > BATCH_MOST ? BATCH_MOST : batch;
}

/* Long enough for the budget, and no shorter than a pass in PASS_S needs: fewer domains are not looked
 * at more often. */
uint64_t pace_pause_ns(size_t n_domains, bool whole, size_t n, uint64_t cpu_ns,
                       unsigned budget_permille)
{
        const uint64_t budget_ns = 1000 * cpu_ns / budget_permille;
        const uint64_t share_ns = PASS_S * NS_PER_S * n / (n_domains ? n_domains : 1);

        return whole && share_ns > budget_ns ? share_ns : budget_ns;
}

bool pace_is_late(bool whole, uint64_t begun_ns, uint64_t now_ns)
{
        return whole && now_ns > begun_ns + BOUND_S * NS_PER_S;
}
