/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/setup.h"
#include "os/files.h"

enum { ANSWERS_MAX = 1 << 20 };

static char *trimmed(const char *text, size_t n)
{
        while (n && strchr(" \t\r\n", text[n - 1]))
                n--;
        while (n && strchr(" \t", *text)) {
                text++;
                n--;
        }
        return strndup(text, n);
}

/* A misspelt key must not pass unseen. */
static bool is_key(const struct setup *setup, const char *key)
{
        for (size_t i = 0; key && setup->keys[i]; i++)
                if (strcmp(setup->keys[i], key) == 0)
                        return true;
        return false;
}

static int bad_line(struct setup *setup, const char *path, int number, const char *message)
{
        const struct cli_error error = {
                .code = "answers", .path = path, .line = number, .message = message
        };

        return cli_fail_all(setup->cli, CLI_REFUSED, &error, 1);
}

static int add_line(struct setup *setup, const char *line, size_t n, int number, const char *path)
{
        const char *equals = memchr(line, '=', n);
        _cleanup_free_ char *bare = trimmed(line, n);

        if (bare && (!*bare || *bare == '#' || *bare == ';'))
                return CLI_FINE;
        if (!equals)
                return bad_line(setup, path, number, _("une ligne « clé = valeur » est attendue"));

        struct setup_line *lines = reallocarray(setup->lines, setup->n_lines + 1, sizeof(*lines));
        if (!lines)
                return cli_failf(setup->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        setup->lines = lines;
        lines[setup->n_lines++] = (struct setup_line){
                .key = trimmed(line, (size_t)(equals - line)),
                .value = trimmed(equals + 1, n - (size_t)(equals + 1 - line)),
        };
        return is_key(setup, lines[setup->n_lines - 1].key)
                       ? CLI_FINE
                       : bad_line(setup, path, number, _("cette clé ne répond à aucune question"));
}

int setup_begin(struct cli *cli, const char *const *keys, struct setup *ret_setup)
{
        const char *path = cli_option(cli, "answers");
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;
        int number = 0;

        *ret_setup = (struct setup){ .cli = cli, .keys = keys, .scripted = path != NULL };
        if (!path)
                return CLI_FINE;
        if (vg_file_read(path, ANSWERS_MAX, &bytes, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "answers", &err);
        if (!vg_utf8_valid(bytes, n, NULL))
                return cli_failf(cli, CLI_REFUSED, "answers", "%s : pas de l'UTF-8", path);
        for (const char *line = bytes; *line;) {
                size_t k = strcspn(line, "\n");
                int r = add_line(ret_setup, line, k, ++number, path);
                if (r != CLI_FINE)
                        return r;
                line += k + (line[k] == '\n');
        }
        return CLI_FINE;
}

static int ask_person(struct setup *setup, const char *question, const char *fallback,
                      char **ret_answer)
{
        _cleanup_free_ char *line = NULL;
        size_t size = 0;

        /* Questions go where progress goes: standard output is for the answer of the verb. */
        if (fallback && *fallback)
                cli_progress(setup->cli, "%s [%s]", question, fallback);
        else
                cli_progress(setup->cli, "%s", question);

        ssize_t n = getline(&line, &size, stdin);
        if (n < 0)
                return cli_failf(setup->cli, CLI_USAGE, "interrupted",
                                 "interrompu : rien n'a été écrit");
        *ret_answer = trimmed(line, (size_t)n);
        return CLI_FINE;
}

int setup_ask(struct setup *setup, const char *key, const char *question, const char *fallback,
              char **ret_answer)
{
        char *answer = NULL;

        if (setup->scripted) {
                for (size_t i = 0; i < setup->n_lines; i++)
                        if (strcmp(setup->lines[i].key, key) == 0) {
                                free(answer);
                                answer = strdup(setup->lines[i].value);
                        }
        } else {
                int r = ask_person(setup, question, fallback, &answer);
                if (r != CLI_FINE)
                        return r;
        }
        if (!answer || !*answer) {
                free(answer);
                answer = strdup(fallback ? fallback : "");
        }
        if (!answer)
                return cli_failf(setup->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        *ret_answer = answer;
        return CLI_FINE;
}

int setup_again(struct setup *setup, const char *format, ...)
{
        char raw[1024], text[1024];
        va_list ap;

        va_start(ap, format);
        vsnprintf(raw, sizeof(raw), vg_translate(format), ap);
        va_end(ap);
        vg_text_clean(raw, strlen(raw), text, sizeof(text));
        if (setup->scripted) {
                const struct cli_error error = {
                        .code = "answers",
                        .path = cli_option(setup->cli, "answers"),
                        .message = text,
                };
                return cli_fail_all(setup->cli, CLI_REFUSED, &error, 1);
        }
        cli_progress(setup->cli, "  ✗ %s", text);
        return CLI_FINE;
}

void setup_done(struct setup *setup)
{
        for (size_t i = 0; i < setup->n_lines; i++) {
                free(setup->lines[i].key);
                free(setup->lines[i].value);
        }
        free(setup->lines);
        free(setup->settings_path);
        free(setup->appliance);
        free(setup->uri);
        free(setup->language);
        free(setup->key_path);
        free(setup->state_dir);
        free(setup->run_dir);
        free(setup->contract_path);
        vg_contract_free(setup->contract);
        *setup = (struct setup){ 0 };
}
