/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cli/rows.h"
#include "vigie/civil.h"

#define NB "\xc2\xa0"
#define NNB "\xe2\x80\xaf"

/* A command line whose answer is kept in memory. */
struct stage {
        struct cli cli;
        char *text;
        size_t n;
};

static void stage_open(struct stage *s, bool french, size_t columns)
{
        *s = (struct stage){ .cli = { .french = french, .columns = columns } };
        s->cli.out = open_memstream(&s->text, &s->n);
        assert_non_null(s->cli.out);
}

static const char *stage_text(struct stage *s)
{
        fflush(s->cli.out);
        return s->text;
}

static void stage_done(struct stage *s)
{
        fclose(s->cli.out);
        free(s->text);
}

static void test_numbers(void **state _unused_)
{
        static const struct {
                const char *name;
                char *(*write)(const struct cli *cli, int64_t value, char buf[CLI_TEXT]);
                int64_t value;
                const char *fr, *en;
        } rows[] = {
                { "nothing", cli_money, 0, "0,00" NB "$", "0.00" NB "CAD" },
                { "cents", cli_money, 7, "0,07" NB "$", "0.07" NB "CAD" },
                { "thousands", cli_money, 186000000, "1" NNB "860" NNB "000,00" NB "$",
                  "1,860,000.00" NB "CAD" },
                { "credit", cli_money, -150, "-1,50" NB "$", "-1.50" NB "CAD" },
                { "percent", cli_percent, 1234, "12,3" NB "%", "12.3" NB "%" },
                { "half up", cli_percent, 1235, "12,4" NB "%", "12.4" NB "%" },
                { "over", cli_percent, 10250, "102,5" NB "%", "102.5" NB "%" },
                { "count", cli_count, 26000000, "26" NNB "000" NNB "000", "26,000,000" },
                { "seconds", cli_duration, 59, "59" NB "s", "59" NB "s" },
                { "minutes", cli_duration, 3599, "59" NB "min", "59" NB "min" },
                { "hours", cli_duration, 7500, "2" NB "h" NB "05" NB "min",
                  "2" NB "h" NB "05" NB "min" },
                { "days", cli_duration, 3 * 86400 + 7200, "3" NB "j" NB "02" NB "h",
                  "3" NB "d" NB "02" NB "h" },
                { "many days", cli_duration, INT64_C(497) * 86400, "497" NB "j", "497" NB "d" },
                { "the past", cli_duration, -5, "0" NB "s", "0" NB "s" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct cli fr = { .french = true }, en = { .french = false };
                char buf[CLI_TEXT];
                print_message("%s\n", rows[i].name);
                assert_string_equal(rows[i].write(&fr, rows[i].value, buf), rows[i].fr);
                assert_string_equal(rows[i].write(&en, rows[i].value, buf), rows[i].en);
        }
}

static void test_bytes_and_quantities(void **state _unused_)
{
        const struct cli fr = { .french = true }, en = { .french = false };
        char buf[CLI_TEXT];

        assert_string_equal(cli_bytes(&fr, 999, buf), "999" NB "o");
        assert_string_equal(cli_bytes(&fr, 12345678, buf), "12,3" NB "Mo");
        assert_string_equal(cli_bytes(&en, UINT64_MAX, buf), "18,446,744.1" NB "TB");
        assert_string_equal(cli_quantity(&fr, 1234567890, 2, buf), "1" NNB "234,57");
        assert_string_equal(cli_quantity(&en, -500000, 0, buf), "-1");
}

static void test_when(void **state _unused_)
{
        const struct cli fr = { .french = true }, en = { .french = false };
        char buf[CLI_TEXT];

        assert_string_equal(cli_when(&fr, NULL, 1775055900, buf),
                            "2026-04-01 à 15" NB "h" NB "05 UTC");
        assert_string_equal(cli_when(&en, NULL, 1775055900, buf), "2026-04-01 at 15:05 UTC");
        assert_string_equal(cli_when(&en, NULL, -60, buf), "1969-12-31 at 23:59 UTC");
}

static void test_bar(void **state _unused_)
{
        static const struct {
                int64_t permyriad;
                const char *bar;
        } rows[] = {
                { -1, "░░░░" },    { 0, "░░░░" },
                { 1, "█░░░" },     { 2500, "█░░░" },
                { 9999, "███░" },  { 10000, "████" },
                { 10001, "███▶" }, { INT64_C(90000000), "███▶" },
        };
        char buf[64];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_string_equal(cli_bar(rows[i].permyriad, 4, buf, sizeof(buf)), rows[i].bar);
}

static void test_table_aligns_by_columns_not_bytes(void **state _unused_)
{
        static const struct cli_column columns[] = {
                { .heading = "Abonné" },
                { .heading = "Coût", .align = CLI_RIGHT },
        };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 2, 1);
        struct stage s;

        stage_open(&s, true, 80);
        cli_table_cell(table, CLI_PLAIN, "santé");
        cli_table_cell(table, CLI_PLAIN, "1,00" NB "$");
        cli_table_rule(table);
        cli_table_cell(table, CLI_PLAIN, "漢字");
        cli_table_cell(table, CLI_BAD, "1234,00" NB "$");
        assert_int_equal(cli_table_print(&s.cli, table), CLI_FINE);
        assert_string_equal(stage_text(&s), " Abonné       Coût\n"
                                            " santé      1,00" NB "$\n"
                                            " ─────────────────\n"
                                            " 漢字    1234,00" NB "$\n");
        stage_done(&s);
}

static void test_table_never_wider_than_the_screen(void **state _unused_)
{
        static const struct cli_column columns[] = {
                { .heading = "A", .elastic = true },
                { .heading = "B", .elastic = true },
                { .heading = "C", .align = CLI_RIGHT },
        };
        char long_name[600], *line, *rest;
        struct stage s;

        memset(long_name, 'x', sizeof(long_name) - 1);
        long_name[sizeof(long_name) - 1] = '\0';
        for (size_t width = 30; width <= 120; width += 15) {
                _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 3, 2);
                stage_open(&s, true, width);
                cli_table_cell(table, CLI_PLAIN, long_name);
                cli_table_cell(table, CLI_PLAIN,
                               "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
                cli_table_cell(table, CLI_PLAIN, "12");
                assert_int_equal(cli_table_print(&s.cli, table), CLI_FINE);
                stage_text(&s);
                for (line = strtok_r(s.text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                        assert_in_range(vg_text_columns(line), 1, width);
                stage_done(&s);
        }
}

static void test_table_wraps_its_last_column(void **state _unused_)
{
        static const struct cli_column columns[] = { { 0 }, { .wraps = true } };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 2, 0);
        struct stage s;

        stage_open(&s, true, 20);
        cli_table_cell(table, CLI_PLAIN, "aide");
        cli_table_cell(table, CLI_PLAIN, "un deux trois quatre");
        assert_int_equal(cli_table_print(&s.cli, table), CLI_FINE);
        assert_string_equal(stage_text(&s), "aide  un deux trois\n      quatre\n");
        stage_done(&s);
}

/* What could act on a terminal: C0, DEL, C1, bidirectional controls, broken UTF-8. */
static const char hostile[] = "a\033[31mb\x07\x7f\xc2\x9b"
                              "c\xe2\x80\xae"
                              "d\xff\n%n%s";

static void assert_harmless(const char *text)
{
        char clean[4096];
        size_t n = strlen(text);

        for (size_t i = 0; i < n; i++)
                assert_true((unsigned char)text[i] >= 0x20 || text[i] == '\n');
        assert_true(vg_utf8_valid(text, n, NULL));
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
                size_t k = strcspn(line, "\n");
                vg_text_clean(line, k, clean, sizeof(clean));
                assert_memory_equal(clean, line, k);
                if (!line[k])
                        break;
        }
}

static void test_hostile_text_is_harmless(void **state _unused_)
{
        static const struct cli_column columns[] = { { .elastic = true }, { .wraps = true } };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 2, 0);
        struct stage s;

        stage_open(&s, true, 40);
        cli_table_cell(table, CLI_PLAIN, hostile);
        cli_table_cellf(table, CLI_PLAIN, "%s", hostile);
        assert_int_equal(cli_table_print(&s.cli, table), CLI_FINE);
        cli_wrap(&s.cli, CLI_PLAIN, 2, hostile);
        cli_printf(&s.cli, CLI_PLAIN, "%s\n", hostile);
        assert_harmless(stage_text(&s));
        stage_done(&s);
}

static void test_json_is_exact_and_harmless(void **state _unused_)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        static const char name[] = "a\033[31m\"\\\xc2\x9b\xe2\x80\xae é漢\n";
        struct stage s;

        stage_open(&s, true, 80);
        vg_json_object(&j, NULL);
        cli_json_decimal(&j, "amount", -150, 2);
        cli_json_bool(&j, "bool", true);
        cli_json_text(&j, "broken", "x\xffy");
        cli_json_text(&j, "name", name);
        cli_json_null(&j, "none");
        cli_json_time(&j, "time", 0);
        vg_json_end_object(&j);
        assert_int_equal(cli_json_print(&s.cli, &j), CLI_FINE);
        assert_harmless(stage_text(&s));

        json_t *tree = json_loads(s.text, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(tree);
        assert_string_equal(json_string_value(json_object_get(tree, "name")), name);
        assert_string_equal(json_string_value(json_object_get(tree, "broken")), "x\xef\xbf\xbdy");
        assert_string_equal(json_string_value(json_object_get(tree, "amount")), "-1.50");
        assert_true(json_is_true(json_object_get(tree, "bool")));
        assert_true(json_is_null(json_object_get(tree, "none")));
        json_decref(tree);
        stage_done(&s);
}

/* Rows lean on one another: what a verb names must exist, and say something in both languages. */
static void test_rows_are_whole(void **state _unused_)
{
        for (size_t i = 0; i < cli_n_verbs; i++) {
                const struct cli_verb *verb = &cli_verbs[i];
                const char *rest = verb->options, *word;
                size_t n;
                print_message("%s\n", verb->words);
                assert_non_null(verb->run);
                assert_true(*verb->fr && *verb->en && strcmp(verb->fr, verb->en) != 0);
                while ((word = cli_next_word(&rest, &n)))
                        assert_true(cli_option_index(word, n) >= 0);
                rest = verb->args;
                while ((word = cli_next_word(&rest, &n))) {
                        word += *word == '[';
                        n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
                        assert_non_null(cli_word_find(word, n));
                }
        }
        for (size_t i = 0; i < cli_n_options; i++) {
                const struct cli_option_row *row = &cli_options[i];
                print_message("--%s\n", row->name);
                assert_true(*row->fr && *row->en && strcmp(row->fr, row->en) != 0);
                assert_true(!*row->value || strchr(row->value, '|') ||
                            cli_word_find(row->value, strlen(row->value)));
        }
}

static void test_verbs_are_found_by_their_longest_words(void **state _unused_)
{
        const char *const words[] = { "help", "config" }, *const none[] = { "hel" };
        size_t used;

        assert_string_equal(cli_verb_find(words, 2, &used)->words, "help");
        assert_int_equal(used, 1);
        assert_null(cli_verb_find(none, 1, &used));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers),
                cmocka_unit_test(test_bytes_and_quantities),
                cmocka_unit_test(test_when),
                cmocka_unit_test(test_bar),
                cmocka_unit_test(test_table_aligns_by_columns_not_bytes),
                cmocka_unit_test(test_table_never_wider_than_the_screen),
                cmocka_unit_test(test_table_wraps_its_last_column),
                cmocka_unit_test(test_hostile_text_is_harmless),
                cmocka_unit_test(test_json_is_exact_and_harmless),
                cmocka_unit_test(test_rows_are_whole),
                cmocka_unit_test(test_verbs_are_found_by_their_longest_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
