/* SPDX-License-Identifier: Apache-2.0 */

/* The dossier in short: how many faults, how long their repairs took, and whether agreed times held. */

#include <string.h>

#include "cli/dossier.h"

struct sum {
        int64_t n, n_open, repair_s, longest_s;
        int64_t met[2], missed[2]; /* of the response, of the repair */
};

static void count_clock(const json_t *fault, const char *key, int64_t *met, int64_t *missed)
{
        const char *state = "";

        (void)vg_json_get_string(fault, key, &state);
        *met += strcmp(state, "met") == 0;
        *missed += strcmp(state, "missed") == 0 || strcmp(state, "overdue") == 0;
}

static void count_fault(const json_t *fault, struct sum *sum)
{
        int64_t repair_s;

        sum->n++;
        if (vg_json_get_int(fault, "repair_s", &repair_s) < 0)
                sum->n_open++;
        else
                sum->repair_s += repair_s;
        if (vg_json_get_int(fault, "repair_s", &repair_s) == 0 && repair_s > sum->longest_s)
                sum->longest_s = repair_s;
        count_clock(fault, "respond_state", &sum->met[0], &sum->missed[0]);
        count_clock(fault, "repair_state", &sum->met[1], &sum->missed[1]);
}

static void put(json_t *object, const char *key, int64_t value)
{
        json_object_set_new(object, key, json_integer(value));
}

void dossier_sum(struct dossier *d)
{
        json_t *summary = json_object();
        const json_t *fault;
        struct sum sum = { 0 };
        size_t i;

        json_array_foreach (json_object_get(d->tree, "faults"), i, fault)
                count_fault(fault, &sum);
        const int64_t n_repaired = sum.n - sum.n_open;
        put(summary, "faults", sum.n);
        put(summary, "open", sum.n_open);
        json_object_set_new(summary, "repair_longest_s",
                            n_repaired ? json_integer(sum.longest_s) : json_null());
        json_object_set_new(summary, "repair_mean_s",
                            n_repaired ? json_integer(sum.repair_s / n_repaired) : json_null());
        put(summary, "repair_met", sum.met[1]);
        put(summary, "repair_missed", sum.missed[1]);
        put(summary, "respond_met", sum.met[0]);
        put(summary, "respond_missed", sum.missed[0]);
        json_object_set_new(d->tree, "summary", summary);
}
