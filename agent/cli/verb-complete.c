/* SPDX-License-Identifier: Apache-2.0 */

/* complete: how an unfinished command may go on, one candidate a line. Silence where we cannot
 * tell: a shell waits for this on every TAB. */

#include <string.h>

#include "cli/lists.h"
#include "cli/rows.h"

struct line {                            /* what has been typed, taken apart */
        const char *words[CLI_ARGS_MAX]; /* neither options nor their values */
        size_t n;
        const struct cli_option_row *pending; /* an option that waits for its value */
        const char *current;                  /* the word under the cursor */
};

static void take_apart(struct cli *cli, struct line *line)
{
        for (size_t i = 0; i + 1 < cli->n_args; i++) {
                const char *word = cli->args[i];
                int row = strncmp(word, "--", 2) == 0 ? cli_option_index(word + 2, strlen(word + 2))
                                                      : -1;
                if (strcmp(word, "=") == 0) /* bash breaks words there */
                        continue;
                if (line->pending) {
                        /* --config decides whose tenants are proposed */
                        cli->option_values[line->pending - cli_options] = word;
                        line->pending = NULL;
                } else if (row >= 0 && *cli_options[row].value)
                        line->pending = &cli_options[row];
                else if (word[0] != '-')
                        line->words[line->n++] = word;
        }
        line->current = cli->n_args ? cli->args[cli->n_args - 1] : "";
        if (strcmp(line->current, "=") == 0)
                line->current = "";
}

static void offer_options(struct cli *cli, const struct line *line, const struct cli_verb *verb)
{
        char option[64];

        for (size_t i = 0; i < cli_n_options; i++) {
                if (verb ? !cli_verb_has_option(verb, cli_options[i].name)
                         : !cli_option_is_common(cli_options[i].name))
                        continue;
                snprintf(option, sizeof(option), "--%s", cli_options[i].name);
                cli_offer(cli, line->current, option);
        }
}

/* The next word of every row that begins as typed, each once: rows are sorted. */
static bool offer_verbs(struct cli *cli, const struct line *line)
{
        char last[64] = "", next[64];
        bool any = false;

        for (size_t i = 0; i < cli_n_verbs; i++) {
                const char *rest = cli_verbs[i].words, *word = NULL;
                size_t n = 0;
                if (cli_verbs[i].section == CLI_HIDDEN ||
                    !cli_verb_starts(&cli_verbs[i], line->words, line->n))
                        continue;
                for (size_t k = 0; k <= line->n; k++)
                        word = cli_next_word(&rest, &n);
                if (!word)
                        continue;
                snprintf(next, sizeof(next), "%.*s", (int)n, word);
                if (strcmp(next, last) != 0)
                        cli_offer(cli, line->current, next);
                snprintf(last, sizeof(last), "%s", next);
                any = true;
        }
        return any;
}

static void offer_value(struct cli *cli, const struct line *line, const char *value)
{
        const struct cli_word *word = cli_word_find(value, strlen(value));
        char choice[64];

        if (word) {
                cli_offer_list(cli, line->current, word->list);
                return;
        }
        for (const char *at = value; *at; at += strspn(at, "|")) {
                size_t n = strcspn(at, "|");
                snprintf(choice, sizeof(choice), "%.*s", (int)n, at);
                cli_offer(cli, line->current, choice);
                at += n;
        }
}

/* The argument that stands at this place in the row; the last one where it may be repeated. */
static void offer_argument(struct cli *cli, const struct line *line, const struct cli_verb *verb,
                           size_t place)
{
        const char *rest = verb->args, *word, *last = NULL;
        size_t n, n_last = 0;
        char name[64];

        for (size_t i = 0; i <= place && (word = cli_next_word(&rest, &n)); i++) {
                if (i < place && !memmem(word, n, "...", 3)) {
                        last = NULL;
                        continue;
                }
                last = word;
                n_last = n;
        }
        if (!last)
                return;
        if (*last == '[') {
                last++;
                n_last--;
        }
        snprintf(name, sizeof(name), "%.*s",
                 (int)strspn(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz|"), last);
        offer_value(cli, line, name);
}

int verb_complete(struct cli *cli)
{
        struct line line = { 0 };
        size_t used = 0;

        take_apart(cli, &line);
        if (line.pending) {
                offer_value(cli, &line, line.pending->value);
                return CLI_FINE;
        }

        const struct cli_verb *verb = cli_verb_find(line.words, line.n, &used);
        if (line.current[0] == '-')
                offer_options(cli, &line, verb);
        else if (!offer_verbs(cli, &line) && verb)
                offer_argument(cli, &line, verb, line.n - used);
        return CLI_FINE;
}
