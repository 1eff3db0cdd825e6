/* SPDX-License-Identifier: Apache-2.0 */

/* Simulated years of a host that reboots, freezes, is set to another time and is looked at by a
 * reader that restarts, falls silent, sends late and twice; the book must end with the generator's
 * totals, exactly, and so must a book that is saved and loaded at random instants.
 *
 *   test-year [--seed N] [--years N] [--long] [--often]
 *
 * The seed of each year is printed and can be given back; --often compares after each step. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct sums { /* what came out of one book */
        vg_i128 base[TENANTS][VG_N_RESOURCES], micro[TENANTS][VG_N_RESOURCES];
        int64_t covered_s, gap_s, interval_s; /* first closings only */
        size_t n_entries, n_late, n_restored;
        bool steps;
};

struct run {
        struct sim *sim;
        struct vg_book *book, *restored;
        struct sums sums, restored_sums;
        uint64_t seed;
        int64_t hold_until_utc_s, closed_quarter;
        bool often; /* compare after each step: where did it go wrong? */
};

static void fail(const struct run *run, const char *what)
{
        fprintf(stderr, "seed %" PRIu64 ", after %zu observations: %s\n", run->seed,
                run->sim->n_said, what);
        exit(1);
}

static int tenant_index(const char *id)
{
        for (int t = 0; t < TENANTS; t++)
                if (strcmp(sim_tenants[t], id) == 0)
                        return t;
        fprintf(stderr, "a tenant that nobody named: %s\n", id);
        exit(1);
}

static int on_usage(void *user, const struct vg_usage_entry *e, struct vg_err *err)
{
        struct sums *sums = user;
        const int tenant = tenant_index(e->tenant);
        vg_i128 lines[VG_N_RESOURCES] = { 0 };

        (void)err;
        for (size_t i = 0; i < e->n_lines; i++)
                for (int r = 0; r < VG_N_RESOURCES; r++)
                        lines[r] += e->lines[i].base[r];
        for (int r = 0; r < VG_N_RESOURCES; r++) {
                if (lines[r] != e->total[r].base || e->total[r].micro < 0 ||
                    (e->total[r].base && !(e->present >> r & 1))) {
                        fprintf(stderr, "an entry that is not the sum of its lines\n");
                        exit(1);
                }
                sums->base[tenant][r] += e->total[r].base;
                sums->micro[tenant][r] += e->total[r].micro;
        }
        sums->n_entries++;
        sums->n_late += e->late;
        return 0;
}

static int on_interval(void *user, const struct vg_interval_entry *e, struct vg_err *err)
{
        struct sums *sums = user;
        int64_t reached_s = e->start_s, gap_s = 0;

        (void)err;
        if (e->late)
                return 0;
        for (size_t i = 0; i < e->n_gaps; i++) {
                const struct vg_book_gap *gap = &e->gaps[i];
                if (gap->from_utc_s < e->start_s || gap->to_utc_s < gap->from_utc_s ||
                    gap->to_utc_s > e->start_s + e->interval_s || e->covered_s > e->interval_s) {
                        fprintf(stderr, "an interval with a gap outside itself\n");
                        exit(1);
                }
                if (strcmp(gap->scope, "counters") == 0 || gap->to_utc_s <= reached_s)
                        continue;
                gap_s +=
                        gap->to_utc_s - (gap->from_utc_s > reached_s ? gap->from_utc_s : reached_s);
                reached_s = gap->to_utc_s;
        }
        /* Covered or explained, to a second at each end of a gap. */
        if (!sums->steps &&
            llabs(e->covered_s + gap_s - e->interval_s) > 2 * (int64_t)e->n_gaps + 1) {
                fprintf(stderr, "%" PRId64 ": %d s covered, %" PRId64 " s of gaps\n", e->start_s,
                        e->covered_s, gap_s);
                exit(1);
        }
        sums->covered_s += e->covered_s;
        sums->interval_s += e->interval_s;
        return 0;
}

static void must(const struct run *run, int r, const struct vg_err *err)
{
        if (r < 0)
                fail(run, err->text);
}

static void deliver_to(struct run *run, struct vg_book *book, const struct sim_item *item)
{
        struct vg_err err = { 0 };
        int r = 0;

        switch (item->what) {
        case ITEM_OBSERVATION:
                r = vg_book_apply(book, &item->o, &err);
                break;
        case ITEM_MAP:
                r = vg_book_set_map(book, run->sim->rows, item->n_rows, &err);
                break;
        case ITEM_INTERVAL:
                r = vg_book_set_interval(book, item->interval_s, item->utc_s, &err);
                break;
        }
        if (r > 0)
                fail(run, "an observation was not taken");
        must(run, r, &err);
}

static char *saved(const struct run *run, const struct vg_book *book, size_t *ret_n)
{
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };

        must(run, vg_book_save(book, &buf, &err), &err);
        *ret_n = buf.n;
        return vg_buf_take(&buf);
}

static void restore(struct run *run)
{
        size_t n, n_again;
        struct vg_err err = { 0 };
        const struct vg_book_options options = { 0 };
        struct vg_book *loaded = NULL;
        json_t *tree = NULL;
        _cleanup_free_ char *bytes = saved(run, run->restored, &n);

        must(run, vg_json_parse(bytes, n, &tree, NULL, NULL, &err), &err);
        must(run, vg_book_load(tree, &options, &loaded, &err), &err);
        json_decref(tree);
        vg_book_free(run->restored);
        run->restored = loaded;

        _cleanup_free_ char *again = saved(run, loaded, &n_again), *other = NULL;
        if (n != n_again || memcmp(bytes, again, n) != 0)
                fail(run, "a loaded book is not the saved one");
        other = saved(run, run->book, &n_again);
        if (n != n_again || memcmp(bytes, other, n) != 0)
                fail(run, "a book that was loaded has gone another way");
        run->restored_sums.n_restored++;
}

static void close_both(struct run *run, int64_t upto_s)
{
        struct vg_err err = { 0 };

        must(run,
             vg_book_close(run->book, upto_s,
                           &(struct vg_book_sink){ on_usage, on_interval, &run->sums }, &err),
             &err);
        must(run,
             vg_book_close(run->restored, upto_s,
                           &(struct vg_book_sink){ on_usage, on_interval, &run->restored_sums },
                           &err),
             &err);
}

static void flush(struct run *run)
{
        struct sim *sim = run->sim;

        for (; sim->n_queued; sim->n_queued--, sim->head = (sim->head + 1) % QUEUE) {
                const struct sim_item *item = &sim->queue[sim->head];
                struct vg_err err = { 0 };

                deliver_to(run, run->book, item);
                deliver_to(run, run->restored, item);
                if (item->what == ITEM_OBSERVATION && sim_chance(&sim->rng, 50) &&
                    vg_book_apply(run->book, &item->o, &err) != VG_BOOK_SEEN)
                        fail(run, "a duplicate was taken");
        }
}

static void compare(const struct run *run, const struct sums *sums, bool all)
{
        bool differs = false;

        for (int t = 0; t < TENANTS; t++) {
                for (int r = 0; r < VG_N_RESOURCES; r++) {
                        const struct vg_resource_row *row = vg_resource_row((enum vg_resource)r);
                        const vg_i128 want = run->sim->total[t][r];
                        char a[48], b[48];

                        if (sums->base[t][r] != want) {
                                fprintf(stderr, "%s %s: book %s, generator %s\n", sim_tenants[t],
                                        row->id, vg_i128_format(sums->base[t][r], a, sizeof(a)),
                                        vg_i128_format(want, b, sizeof(b)));
                                differs = true;
                        }
                        const vg_i128 twice = 2 * want * row->numerator + row->denominator;
                        if (!differs && all &&
                            sums->micro[t][r] != twice / (2 * (vg_i128)row->denominator))
                                fail(run, "micro-units are not the rounded total");
                }
        }
        if (differs)
                fail(run, "totals differ");
}

/* What is closed and what is open are together all that the generator counted so far. */
static void check_open(struct run *run)
{
        struct sums sums = run->sums;
        struct vg_err err = { 0 };

        sums.steps = true; /* open intervals are not covered to their end */
        must(run,
             vg_book_open(run->book, &(struct vg_book_sink){ on_usage, on_interval, &sums }, &err),
             &err);
        compare(run, &sums, true);
}

static void step(struct run *run)
{
        struct sim *sim = run->sim;

        sim_step(sim);
        const int64_t utc_s = sim->utc_ns / (int64_t)SIM_S;
        if (sim_chance(&sim->rng, 200)) /* the keeper is away: all comes late */
                run->hold_until_utc_s = utc_s + (int64_t)sim_below(&sim->rng, 7200);
        if (utc_s >= run->hold_until_utc_s || sim->n_queued > QUEUE / 2) {
                flush(run);
                run->hold_until_utc_s = 0;
        }
        if (!sim->n_queued && (sim_chance(&sim->rng, 100) || run->often))
                check_open(run);
        /* The keeper looks when an interval is over and a grace has passed. */
        if ((utc_s - 90) / 900 != run->closed_quarter) {
                run->closed_quarter = (utc_s - 90) / 900;
                close_both(run, utc_s - 90);
        }
        if (sim_chance(&sim->rng, 300))
                restore(run);
}

static void run_year(uint64_t seed, bool steps, bool often)
{
        const struct vg_book_options options = { .interval_s = 3600,
                                                 .gauge_hold_ns = SIM_HOLD_NS,
                                                 .silence_ns = SIM_SILENCE_NS };
        const int64_t start_s = vg_days_from_civil((struct vg_date){ 2028, 1, 1 }) * VG_DAY_S;
        static struct sim sim;
        struct run run = { .sim = &sim, .seed = seed, .often = often };
        struct vg_err err = { 0 };

        printf("seed %" PRIu64 "%s: ", seed, steps ? ", clock stepped" : "");
        fflush(stdout);
        sim.queue = calloc(QUEUE, sizeof(*sim.queue));
        sim_start(&sim, seed, start_s, steps);
        run.sums.steps = run.restored_sums.steps = steps;
        must(&run, vg_book_new(&options, &run.book, &err), &err);
        must(&run, vg_book_new(&options, &run.restored, &err), &err);

        while (sim.utc_ns < (start_s + 366 * VG_DAY_S) * VG_NS_PER_S)
                step(&run);
        flush(&run);
        check_open(&run);
        run.sums.steps = run.restored_sums.steps = true; /* the last intervals are not over */
        close_both(&run, sim.utc_ns / (int64_t)SIM_S + 10800);
        compare(&run, &run.sums, true);
        compare(&run, &run.restored_sums, true);
        printf("%zu observations, %" PRIu32 " machines, %" PRIu32 " boots, %zu entries (%zu late), "
               "%zu restores, %.1f %% covered: equal\n",
               sim.n_said, sim.next_vm, sim.boot + 1, run.sums.n_entries, run.sums.n_late,
               run.restored_sums.n_restored,
               100.0 * (double)run.sums.covered_s / (double)run.sums.interval_s);

        vg_book_free(run.book);
        vg_book_free(run.restored);
        for (size_t i = 0; i < sim.n_rows; i++)
                free((char *)sim.rows[i].value);
        free(sim.queue);
}

int main(int argc, char **argv)
{
        const char *wants_long = getenv("VIGIE_LONG");
        bool often = false;
        uint64_t seed = 20280229, years = wants_long && *wants_long == '1' ? 40 : 3;

        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--long") == 0)
                        years = 40;
                else if (strcmp(argv[i], "--often") == 0)
                        often = true;
                else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
                        seed = strtoull(argv[++i], NULL, 10);
                else if (i + 1 < argc && strcmp(argv[i], "--years") == 0)
                        years = strtoull(argv[++i], NULL, 10);
                else
                        return fprintf(stderr,
                                       "usage: %s [--seed N] [--years N] [--long] [--often]\n",
                                       argv[0]),
                               2;
        }
        for (uint64_t y = 0; y < years; y++)
                run_year(seed + y, (seed + y) % 3 != 0, often);
        return 0;
}
