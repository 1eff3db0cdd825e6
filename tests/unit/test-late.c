/* SPDX-License-Identifier: Apache-2.0 */

/* Months closed one after the other over the same use, known in time or late: the statements come to
 * the same sum, top-ups of every kind of commitment included, and none changes once it is closed. */

#include <string.h>

#include "rating-fixture.h"

enum { MONTHS = 16, PARTS = 40, MOST_CHARGED = 256 }; /* of a term of March 2027 to March 2028 */

struct books { /* months closed one after the other, as the keeper does it */
        const struct vg_contract *contract;
        struct vg_line lines[PARTS];
        struct vg_charged charged[MOST_CHARGED];
        size_t n_charged;
        int64_t totals[MONTHS];
        int32_t open_month;
};

static struct vg_bill *bill_of(const struct books *books, int64_t as_of_s, int32_t to_month)
{
        const struct vg_bill_options options = {
                .contract = books->contract,
                .as_of_s = as_of_s,
                .open_month = books->open_month,
                .charged = books->charged,
                .n_charged = books->n_charged,
        };
        struct vg_line known[PARTS];
        struct vg_bill *bill = NULL;
        struct vg_err err = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < PARTS; i++)
                if (books->lines[i].statement_month <= to_month)
                        known[n++] = books->lines[i];
        if (vg_bill_new(&options, known, n, &bill, &err) < 0)
                fail_msg("%s", vg_err_text(&err));
        return bill;
}

static const char *own_ref(const struct vg_contract *c, const char *ref)
{
        for (size_t i = 0; i < c->n_commitments; i++)
                if (strcmp(c->commitments[i].id, ref) == 0)
                        return c->commitments[i].id;
        return c->recurring[0].id;
}

static void keep_charge(struct books *books, const struct vg_bill_line *line)
{
        const struct vg_contract *c = books->contract;

        assert_true(books->n_charged < MOST_CHARGED);
        books->charged[books->n_charged++] = (struct vg_charged){
                .statement_month = line->statement_month,
                .period_month = line->period_month,
                .kind = line->kind,
                .tenant = "*",
                .sku = line->sku ? vg_contract_price(c, line->sku)->sku : NULL,
                .ref = own_ref(c, line->ref),
                .price_from_s = line->segment ? line->segment->from_s : 0,
                .cents = line->cents,
        };
}

/* Keeps what the statement came to, as its record would. */
static void close_month(struct books *books)
{
        const int32_t month = books->open_month;
        const int64_t close_s = vg_month_close_s(books->contract, month);
        const size_t at = (size_t)(month - vg_month_of(books->contract->start));
        _cleanup_(vg_bill_freep) struct vg_bill *bill = bill_of(books, close_s, month);

        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];
                if (s->month < month) /* nothing of what is closed has changed */
                        assert_int_equal(s->total_cents, books->totals[i]);
                if (s->month != month)
                        continue;
                books->totals[at] = s->total_cents;
                for (size_t k = 0; k < s->n_lines; k++)
                        if (s->lines[k].ref)
                                keep_charge(books, &s->lines[k]);
        }
        books->open_month++;
}

static uint64_t next_random(uint64_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed;
}

/* Half hours of two cents an hour: whole cents, so that a line in two parts rounds to the same. */

static void use(struct books *books, uint64_t *seed, bool late)
{
        const struct vg_contract *c = books->contract;

        for (size_t i = 0; i < PARTS; i++) {
                const int64_t hour = (int64_t)(next_random(seed) % (379 * 24 - 2));
                const int64_t start_s = c->start_s + hour * 3600;
                const int64_t late_s = (int64_t)(next_random(seed) % 150) * 86400;
                const bool is_entry = next_random(seed) % 10 == 0;

                assert_int_equal(vg_rate_place(c, start_s, "t-a", is_entry ? "entry" : "vcpu",
                                               start_s + 3600 + late_s * late, &books->lines[i]),
                                 0);
                books->lines[i].quantity_micro = (int64_t)(next_random(seed) % 1000) * 500000;
        }
}

static int64_t run_books(const struct vg_contract *c, uint64_t seed, bool late)
{
        struct books books = { .contract = c, .open_month = vg_month_of(c->start) };
        int64_t sum = 0;

        use(&books, &seed, late);
        const int32_t n = 1 + (int32_t)(next_random(&seed) % (MONTHS - 1));
        while (books.open_month < vg_month_of(c->start) + n)
                close_month(&books);
        _cleanup_(vg_bill_freep) struct vg_bill *bill =
                bill_of(&books, utc("2028-12-01T05:00:00Z"), INT32_MAX);
        for (size_t i = 0; i < bill->n_statements; i++)
                sum += bill->statements[i].total_cents;
        assert_int_equal(sum, bill->consumed_cents);
        return sum;
}

static void late_or_not(_unused_ void **state)
{
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(
                "{\"recurring\":[{\"id\":\"R1\",\"sku\":\"NODE\",\"tenant\":\"*\","
                "\"quantity\":\"1\",\"from_date\":\"2027-03-10\",\"to_date\":null}],"
                "\"minimum_commitments\":["
                "{\"id\":\"Q\",\"basis\":\"quantity_month\",\"sku\":\"CPU\",\"value\":\"700.5\"},"
                "{\"id\":\"A\",\"basis\":\"amount_month\",\"value\":\"125.25\"},"
                "{\"id\":\"B\",\"basis\":\"amount_month\",\"value\":\"117\"},"
                "{\"id\":\"C\",\"basis\":\"amount_contract\",\"value\":\"5000\"}]}");

        for (uint64_t seed = 1; seed <= 400; seed++) {
                const int64_t on_time = run_books(c, seed, false), late = run_books(c, seed, true);
                if (on_time != late)
                        fail_msg("seed %llu: %lld on time, %lld late", (unsigned long long)seed,
                                 (long long)on_time, (long long)late);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(late_or_not) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
