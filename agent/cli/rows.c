/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/rows.h"

#include <assert.h>
#include <string.h>

const struct cli_verb cli_verbs[] = {
#define VG_VERB(name, section, words, args, options, fr, en) \
        { CLI_##section, words, args, options, fr, en, verb_##name },
#include "cli/verbs.def"
#undef VG_VERB
};
const size_t cli_n_verbs = ELEMENTSOF(cli_verbs);

const struct cli_note cli_notes[] = {
#define VG_NOTE(words, n, fr, en) { words, fr, en },
#include "cli/notes.def"
#undef VG_NOTE
};
const size_t cli_n_notes = ELEMENTSOF(cli_notes);

const struct cli_option_row cli_options[] = {
#define VG_OPTION(name, value, fr, en) { name, value, fr, en },
#include "cli/options.def"
#undef VG_OPTION
};
const size_t cli_n_options = ELEMENTSOF(cli_options);
static_assert(ELEMENTSOF(cli_options) <= CLI_OPTIONS_MAX, "raise CLI_OPTIONS_MAX");

const struct cli_word cli_words[] = {
#define VG_WORD(word, fr, list) { #word, fr, #list },
#include "cli/words.def"
#undef VG_WORD
};
const size_t cli_n_words = ELEMENTSOF(cli_words);

const char *cli_next_word(const char **text, size_t *ret_n)
{
        const char *word = *text + strspn(*text, " !");

        *ret_n = strcspn(word, " !");
        *text = word + *ret_n;
        return *ret_n ? word : NULL;
}

int cli_option_index(const char *name, size_t n)
{
        static const char american[] = "no-color";

        if (n == strlen(american) && memcmp(name, american, n) == 0)
                return cli_option_index("no-colour", 9);
        for (size_t i = 0; i < cli_n_options; i++)
                if (strlen(cli_options[i].name) == n && memcmp(cli_options[i].name, name, n) == 0)
                        return (int)i;
        return -1;
}

const struct cli_word *cli_word_find(const char *word, size_t n)
{
        for (size_t i = 0; i < cli_n_words; i++)
                if (strlen(cli_words[i].word) == n && memcmp(cli_words[i].word, word, n) == 0)
                        return &cli_words[i];
        return NULL;
}

static bool lists(const char *list, const char *name)
{
        const char *word;
        size_t n;

        while ((word = cli_next_word(&list, &n)))
                if (strlen(name) == n && memcmp(word, name, n) == 0)
                        return true;
        return false;
}

bool cli_option_is_common(const char *name)
{
        return lists("config help json lang no-colour version", name);
}

bool cli_verb_has_option(const struct cli_verb *verb, const char *name)
{
        return cli_option_is_common(name) || lists(verb->options, name);
}

bool cli_verb_starts(const struct cli_verb *verb, const char *const *words, size_t n_words)
{
        const char *rest = verb->words, *word;
        size_t n;

        for (size_t i = 0; i < n_words; i++) {
                word = cli_next_word(&rest, &n);
                if (!word || strlen(words[i]) != n || memcmp(word, words[i], n) != 0)
                        return false;
        }
        return true;
}

static size_t count_words(const char *text)
{
        size_t count = 0, n;

        while (cli_next_word(&text, &n))
                count++;
        return count;
}

const struct cli_verb *cli_verb_find(const char *const *words, size_t n_words, size_t *ret_used)
{
        const struct cli_verb *found = NULL;

        *ret_used = 0;
        for (size_t i = 0; i < cli_n_verbs; i++) {
                size_t n = count_words(cli_verbs[i].words);
                if (n > *ret_used && n <= n_words && cli_verb_starts(&cli_verbs[i], words, n)) {
                        found = &cli_verbs[i];
                        *ret_used = n;
                }
        }
        return found;
}

void cli_verb_arity(const struct cli_verb *verb, size_t *ret_least, size_t *ret_most)
{
        const char *rest = verb->args, *word;
        size_t n, least = 0, most = 0;

        while ((word = cli_next_word(&rest, &n))) {
                if (word[0] != '[')
                        least++;
                if (memmem(word, n, "...", 3))
                        most = SIZE_MAX;
                else if (most != SIZE_MAX)
                        most++;
        }
        *ret_least = least;
        *ret_most = most;
}

const char *cli_pick(const struct cli *cli, const char *fr, const char *en)
{
        return cli->french ? fr : en;
}

void cli_args_local(const struct cli *cli, const char *args, struct vg_buf *buf)
{
        while (*args) {
                size_t n = strspn(args, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
                const struct cli_word *word = n ? cli_word_find(args, n) : NULL;
                if (word && cli->french)
                        vg_buf_puts(buf, word->fr);
                else
                        vg_buf_append(buf, args, n ? n : 1);
                args += n ? n : 1;
        }
}

static bool is_required(const struct cli_verb *verb, const char *name)
{
        const char *at = verb->options, *word;
        size_t n;

        while ((word = cli_next_word(&at, &n)))
                if (strlen(name) == n && memcmp(word, name, n) == 0)
                        return *at == '!';
        return false;
}

void cli_usage_local(const struct cli *cli, const struct cli_verb *verb, struct vg_buf *buf)
{
        vg_buf_printf(buf, "%s%s", verb->words, *verb->args ? " " : "");
        cli_args_local(cli, verb->args, buf);
        for (int free = 0; free <= 1; free++)
                for (size_t i = 0; i < cli_n_options; i++) {
                        const struct cli_option_row *row = &cli_options[i];
                        if (!lists(verb->options, row->name) ||
                            is_required(verb, row->name) == free)
                                continue;
                        vg_buf_printf(buf, " %s--%s%s", free ? "[" : "", row->name,
                                      *row->value ? " " : "");
                        cli_args_local(cli, row->value, buf);
                        vg_buf_puts(buf, free ? "]" : "");
                }
}
