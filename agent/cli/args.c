/* SPDX-License-Identifier: Apache-2.0 */

/* args: the command line, read against the tables. Options may stand anywhere before "--". */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/rows.h"

struct typed { /* what is neither an option nor its value */
        const char *words[CLI_ARGS_MAX + 4];
        size_t n;
};

static bool is_choice(const char *choices, const char *value)
{
        size_t n = strlen(value);

        for (const char *at = choices; *at; at += strspn(at, "|")) {
                size_t k = strcspn(at, "|");
                if (k == n && memcmp(at, value, n) == 0)
                        return true;
                at += k;
        }
        return false;
}

/* The two options that decide how even a mistake on this line is told. */
static void read_manners(struct cli *cli, int argc, char **argv)
{
        const char *lang = NULL;

        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
                if (strcmp(argv[i], "--json") == 0)
                        cli->json = true;
                if (strncmp(argv[i], "--lang=", 7) == 0)
                        lang = argv[i] + 7;
                if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
                        lang = argv[i + 1];
        }
        /* An unknown language is refused in that of the environment. */
        if (lang && !is_choice(cli_options[cli_option_index("lang", 4)].value, lang))
                lang = NULL;
        vg_lang_init(lang);
        cli->french = vg_lang_is_french();
}

static int take_option(struct cli *cli, int argc, char **argv, int *at)
{
        const char *name = argv[*at] + 2, *equals = strchr(name, '=');
        size_t n = equals ? (size_t)(equals - name) : strlen(name);
        int row = cli_option_index(name, n);

        if (row < 0)
                return cli_failf(cli, CLI_USAGE, "usage", "option inconnue : --%.*s", (int)n, name);

        const struct cli_option_row *option = &cli_options[row];
        const char *value = equals ? equals + 1 : "";
        if (!*option->value && equals)
                return cli_failf(cli, CLI_USAGE, "usage", "--%s ne prend pas de valeur",
                                 option->name);
        if (*option->value && !equals) {
                if (*at + 1 >= argc)
                        return cli_failf(cli, CLI_USAGE, "usage", "--%s attend une valeur",
                                         option->name);
                value = argv[++*at];
        }
        if (strchr(option->value, '|') && !is_choice(option->value, value))
                return cli_failf(cli, CLI_USAGE, "usage", "--%s : « %s » n'est pas l'un de %s",
                                 option->name, value, option->value);
        cli->option_values[row] = value;
        return CLI_FINE;
}

static int take_words(struct cli *cli, int argc, char **argv, struct typed *typed)
{
        bool only_words = false;

        for (int i = 1; i < argc; i++) {
                if (!only_words && strcmp(argv[i], "--") == 0) {
                        only_words = true;
                } else if (!only_words && strcmp(argv[i], "-h") == 0) {
                        cli->option_values[cli_option_index("help", 4)] = "";
                } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
                        int r = take_option(cli, argc, argv, &i);
                        if (r != CLI_FINE)
                                return r;
                } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
                        return cli_failf(cli, CLI_USAGE, "usage", "option inconnue : %s", argv[i]);
                } else if (typed->n == ELEMENTSOF(typed->words)) {
                        return cli_failf(cli, CLI_USAGE, "usage", "trop d'arguments");
                } else {
                        typed->words[typed->n++] = argv[i];
                }
        }
        return CLI_FINE;
}

/* Letters to change, add or drop to come from a to b (Levenshtein), for words of modest length. */
static size_t distance(const char *a, const char *b)
{
        size_t row[32], n = strlen(b);

        if (n >= ELEMENTSOF(row) || strlen(a) >= ELEMENTSOF(row))
                return SIZE_MAX;
        for (size_t j = 0; j <= n; j++)
                row[j] = j;
        for (size_t i = 0; a[i]; i++) {
                size_t diagonal = row[0];
                row[0] = i + 1;
                for (size_t j = 0; j < n; j++) {
                        size_t change = diagonal + (a[i] != b[j]);
                        diagonal = row[j + 1];
                        size_t other = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
                        row[j + 1] = change < other ? change : other;
                }
        }
        return row[n];
}

static const char *nearest_verb(const char *typed)
{
        const char *nearest = NULL;
        size_t best = 3; /* further away is no misspelling */

        for (size_t i = 0; i < cli_n_verbs; i++) {
                char first[32];
                size_t n = strcspn(cli_verbs[i].words, " ");
                snprintf(first, sizeof(first), "%.*s", (int)n, cli_verbs[i].words);
                size_t d = cli_verbs[i].section == CLI_HIDDEN ? SIZE_MAX : distance(typed, first);
                if (d < best) {
                        best = d;
                        nearest = cli_verbs[i].words;
                }
        }
        return nearest;
}

/* "simulate": the verb that goes on with this word. */
static const char *verb_with(const char *typed)
{
        for (size_t i = 0; i < cli_n_verbs; i++) {
                const char *rest = cli_verbs[i].words, *word;
                size_t n;
                while (cli_verbs[i].section != CLI_HIDDEN && (word = cli_next_word(&rest, &n)))
                        if (strlen(typed) == n && memcmp(typed, word, n) == 0)
                                return cli_verbs[i].words;
        }
        return NULL;
}

static int no_such_verb(struct cli *cli, const struct typed *typed)
{
        _cleanup_(vg_buf_done) struct vg_buf rest = { 0 };
        const char *whole = verb_with(typed->words[0]);
        const char *near = whole ? whole : nearest_verb(typed->words[0]);
        size_t n = strlen(typed->words[0]);

        for (size_t i = 0; i < cli_n_verbs; i++)
                if (cli_verb_starts(&cli_verbs[i], typed->words, 1))
                        vg_buf_printf(&rest, "%s%s", rest.n ? ", " : "",
                                      cli_verbs[i].words + n + 1);
        if (rest.n)
                return cli_failf(cli, CLI_USAGE, "usage", "« %s » attend la suite : %s",
                                 typed->words[0], rest.data);
        if (near)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "verbe inconnu : « %s »; peut-être « %.*s »? (« vigie help » les "
                                 "montre tous)",
                                 typed->words[0], (int)strcspn(near, whole ? "" : " "), near);
        return cli_failf(cli, CLI_USAGE, "usage",
                         "verbe inconnu : « %s » (« vigie help » les montre tous)",
                         typed->words[0]);
}

static int check_row(struct cli *cli)
{
        _cleanup_(vg_buf_done) struct vg_buf usage = { 0 };
        size_t least, most;

        cli_verb_arity(cli->verb, &least, &most);
        if (cli->n_args < least || cli->n_args > most) {
                cli_usage_local(cli, cli->verb, &usage);
                return cli_failf(cli, CLI_USAGE, "usage", "s'emploie ainsi : vigie %s",
                                 usage.data ? usage.data : cli->verb->words);
        }
        for (size_t i = 0; i < cli_n_options; i++)
                if (cli->option_values[i] && !cli_verb_has_option(cli->verb, cli_options[i].name))
                        return cli_failf(cli, CLI_USAGE, "usage",
                                         "« vigie %s » n'a pas d'option --%s", cli->verb->words,
                                         cli_options[i].name);
        return CLI_FINE;
}

static void measure_screen(struct cli *cli)
{
        struct winsize size = { 0 };
        const char *no_colour = getenv("NO_COLOR"), *columns = getenv("COLUMNS");
        const bool terminal = isatty(fileno(cli->out));
        int64_t wanted = 0;

        cli->columns = 80;
        if (terminal && ioctl(fileno(cli->out), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
                cli->columns = size.ws_col;
        else if (columns && vg_i64_parse(columns, &wanted) == 0 && wanted >= 20 && wanted <= 1000)
                cli->columns = (size_t)wanted;
        cli->colour = terminal && !cli->json && !cli_option(cli, "no-colour") &&
                      !(no_colour && *no_colour);
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
        struct typed typed = { 0 };
        size_t used = 0;

        read_manners(cli, argc, argv);

        /* Completion is asked about lines that are not finished: its words are not ours to judge. */
        if (argc > 1 && strcmp(argv[1], "complete") == 0) {
                const char *word = argv[1];
                cli->verb = cli_verb_find(&word, 1, &used);
                for (int i = 2; i < argc && cli->n_args < CLI_ARGS_MAX; i++)
                        cli->args[cli->n_args++] = argv[i];
                if (cli->n_args) /* the word under the cursor, however long the line */
                        cli->args[cli->n_args - 1] = argv[argc - 1];
                return CLI_FINE;
        }

        int r = take_words(cli, argc, argv, &typed);
        if (r != CLI_FINE)
                return r;
        measure_screen(cli);

        const bool wants_help = cli_option(cli, "help") || typed.n == 0;
        const char *ask = cli_option(cli, "version") ? "version" : wants_help ? "help" : NULL;
        cli->verb =
                ask ? cli_verb_find(&ask, 1, &used) : cli_verb_find(typed.words, typed.n, &used);
        if (!cli->verb)
                return no_such_verb(cli, &typed);
        if (ask)
                used = strcmp(ask, "version") == 0 ? typed.n : 0;
        if (typed.n - used > CLI_ARGS_MAX)
                return cli_failf(cli, CLI_USAGE, "usage", "trop d'arguments");
        for (size_t i = used; i < typed.n; i++)
                cli->args[cli->n_args++] = typed.words[i];
        return ask ? CLI_FINE : check_row(cli);
}

void cli_set_option(struct cli *cli, const char *name, const char *value)
{
        int row = cli_option_index(name, strlen(name));

        assert(row >= 0);
        cli->option_values[row] = value;
}

const char *cli_option(const struct cli *cli, const char *name)
{
        int row = cli_option_index(name, strlen(name));

        assert(row >= 0);
        return cli->option_values[row];
}
