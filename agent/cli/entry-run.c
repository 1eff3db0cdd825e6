/* SPDX-License-Identifier: Apache-2.0 */

/* The questions of a contract file in their order, forth and back: before each, the tree is kept, so
 * that "<" undoes the one before, whose answer is then proposed. */

#include <assert.h>
#include <string.h>

#include "cli/entry.h"

enum { STEPS_MAX = 64 };

struct run {
        struct entry *entry;
        const struct entry_steps *steps;
        json_t *before[STEPS_MAX]; /* the tree before each question */
        char *given[STEPS_MAX];    /* what was answered */
};

static void run_done(struct run *run)
{
        for (size_t i = 0; i < STEPS_MAX; i++) {
                json_decref(run->before[i]);
                free(run->given[i]);
        }
}

/* At its place in the file, where the verb has one of its own. */
static const char *place(const struct run *run, const char *path, char buf[ENTRY_PATH])
{
        if (!run->steps->place)
                return path;
        run->steps->place(run->entry, path, buf);
        return buf;
}

static int ask_field(const struct run *run, const struct entry_field *field)
{
        struct entry_field at = *field;
        char path[ENTRY_PATH], other[ENTRY_PATH], fallback[ENTRY_PATH + 1];

        at.path = place(run, field->path, path);
        if (field->fallback && *field->fallback == '=') {
                snprintf(fallback, sizeof(fallback), "=%s", place(run, field->fallback + 1, other));
                at.fallback = fallback;
        }
        return entry_field(run->entry, &at);
}

static int ask_list(const struct run *run, const struct entry_list *list)
{
        struct entry_list at = *list;
        char path[ENTRY_PATH];

        at.path = place(run, list->path, path);
        return entry_list(run->entry, &at);
}

static int ask(struct run *run, size_t i)
{
        const struct entry_steps *steps = run->steps;
        struct entry *entry = run->entry;

        json_decref(run->before[i]);
        run->before[i] = json_deep_copy(entry->tree);
        if (!run->before[i])
                return cli_failf(entry->setup.cli, CLI_REFUSED, "memory", "mémoire épuisée");
        entry->given = TAKE_PTR(run->given[i]);
        int r = i < steps->n_fields ? ask_field(run, &steps->fields[i])
                                    : ask_list(run, &steps->lists[i - steps->n_fields]);
        run->given[i] = TAKE_PTR(entry->given);
        return r;
}

static void go_back(struct run *run, size_t to)
{
        json_decref(run->entry->tree);
        run->entry->tree = json_incref(run->before[to]);
}

int entry_run(struct entry *entry, const struct entry_steps *steps)
{
        _cleanup_(run_done) struct run run = { .entry = entry, .steps = steps };
        const size_t n = steps->n_fields + steps->n_lists;

        assert(n > 0 && n <= STEPS_MAX);
        if (!entry->setup.scripted)
                cli_progress(entry->setup.cli,
                             "« < » revient à la question précédente; « - » vide une réponse déjà "
                             "donnée; Ctrl-C abandonne, et rien n'est écrit.");
        for (size_t at = 0;;) {
                int r = at < n ? ask(&run, at) : steps->finish(entry, steps->ctx);
                if (r == ENTRY_BACK) {
                        at -= at > 0;
                        go_back(&run, at);
                } else if (r != CLI_FINE || at == n) {
                        return r;
                } else {
                        at++;
                }
        }
}
