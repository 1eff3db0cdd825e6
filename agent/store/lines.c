/* SPDX-License-Identifier: Apache-2.0 */

#include "store/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A contract gives out one pointer for one tenant and one for one SKU, so pointers tell lines apart
 * within it. */
static uint64_t hash_line(const struct vg_contract *contract, const struct vg_line *line)
{
        const uint64_t parts[] = {
                (uint64_t)(uintptr_t)contract,  (uint64_t)(uintptr_t)line->tenant,
                (uint64_t)(uintptr_t)line->sku, (uint64_t)line->statement_month,
                (uint64_t)line->period_month,   (uint64_t)line->kind,
                (uint64_t)line->price_from_s,
        };
        uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                hash = (hash ^ parts[i]) * UINT64_C(0xff51afd7ed558ccd);
                hash ^= hash >> 32;
        }
        return hash;
}

static bool same_line(const struct vg_line *a, const struct vg_line *b)
{
        return a->tenant == b->tenant && a->sku == b->sku && a->kind == b->kind &&
               a->statement_month == b->statement_month && a->period_month == b->period_month &&
               a->price_from_s == b->price_from_s;
}

static struct sum *find(const struct lines *lines, const struct vg_contract *contract,
                        const struct vg_line *line)
{
        size_t at = hash_line(contract, line) & (lines->size - 1);

        while (lines->sums[at].contract &&
               (lines->sums[at].contract != contract || !same_line(&lines->sums[at].line, line)))
                at = (at + 1) & (lines->size - 1);
        return &lines->sums[at];
}

static int grow(struct lines *lines)
{
        struct lines larger = { .n = lines->n, .size = lines->size ? 2 * lines->size : 1024 };

        larger.sums = calloc(larger.size, sizeof(*larger.sums));
        if (!larger.sums)
                return -ENOMEM;
        for (size_t i = 0; i < lines->size; i++)
                if (lines->sums[i].contract)
                        *find(&larger, lines->sums[i].contract, &lines->sums[i].line) =
                                lines->sums[i];
        free(lines->sums);
        *lines = larger;
        return 0;
}

int lines_add(struct lines *lines, const struct vg_contract *contract, const struct vg_line *line)
{
        if (2 * (lines->n + 1) > lines->size && grow(lines) < 0)
                return -ENOMEM;

        struct sum *sum = find(lines, contract, line);
        if (sum->contract)
                return vg_add_i128(sum->line.quantity_micro, line->quantity_micro,
                                   &sum->line.quantity_micro);
        *sum = (struct sum){ contract, *line };
        lines->n++;
        return 0;
}

bool lines_has(const struct lines *lines, const struct vg_contract *contract,
               const struct vg_line *line)
{
        return lines->size && find(lines, contract, line)->contract;
}

void lines_done(struct lines *lines)
{
        free(lines->sums);
        *lines = (struct lines){ 0 };
}
