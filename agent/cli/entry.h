/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* entry: a contract file made by answering questions. The tree is a whole contract at every moment,
 * with stand-ins where nothing was answered yet, so that the rules of the file judge each answer as
 * soon as it is given. */

#include "cli/sheet.h"
#include "cli/setup.h"

enum entry_kind {
        ENTRY_TEXT,
        ENTRY_OPTIONAL, /* left empty: null */
        ENTRY_DAY,
        ENTRY_MONEY, /* "750 000,00 $" will do */
        ENTRY_COUNT,
        ENTRY_PERCENTS, /* "50, 75, 100" */
        ENTRY_COUNTS,
        ENTRY_IDS
};

struct entry_field {
        const char *key;
        enum entry_kind kind;
        const char *path;     /* in the file: "term.start_date", "recipients[0].email" */
        const char *question; /* a French msgid */
        const char *fallback; /* "=path": what stands there; NULL: as the tree has it */
        bool may_lack;        /* left empty, nothing is set */
};

struct entry_list {                                  /* a table in a CSV file */
        const char *key, *path, *question, *columns; /* columns: as sheet_read() */
        bool may_lack;
        const char *unready; /* places that lean on it and are asked for later; NULL: none */
        const char
                *frame; /* JSON of the object that it stands in, where none does; NULL: one does */
        bool adds;      /* behind the rows that are there */
        bool windows;   /* rows are periods: entry_windows() */
};

struct entry {
        struct setup setup;
        json_t *tree;
        char *given; /* what was answered to this question: proposed, and then as it is now */
};
void entry_done(struct entry *entry);

enum { ENTRY_BACK = -1, ENTRY_PATH = 96 };

/* Each asks until the answer will do. CLI_FINE; ENTRY_BACK: to the question before; or an exit code
 * after having said why. */
int entry_field(struct entry *entry, const struct entry_field *field);
int entry_list(struct entry *entry, const struct entry_list *list);

/* The questions of a verb, and what comes after the last. */
struct entry_steps {
        const struct entry_field *fields;
        size_t n_fields;
        const struct entry_list *lists;
        size_t n_lists;
        void (*place)(const struct entry *entry, const char *path, char buf[ENTRY_PATH]);
        int (*finish)(struct entry *entry, const void *ctx); /* as entry_field() */
        const void *ctx;
};
/* Asks them, forth and back. CLI_FINE, or an exit code after having said why. */
int entry_run(struct entry *entry, const struct entry_steps *steps);

/* The value at a path, borrowed; NULL: none. */
json_t *entry_at(json_t *tree, const char *path);
/* Puts a value there (objects on the way are made); lets go of it where that fails. 0 or -ENOMEM. */
int entry_set(json_t *tree, const char *path, json_t *value);

/* Before anything is asked: whether the answer can be written. An exit code; what is wrong is told. */
int entry_may_write(struct cli *cli);

/* Holds the whole against the rules, shows it as a page, asks, and writes it to --out or `name`.
 * ENTRY_BACK: whoever read the page wants to go back. */
int entry_finish(struct entry *entry, const char *name);

/* ---- between the entry files ---- */

/* Asks; what was given before is proposed, and "-" empties it. As entry_field(). */
int entry_ask(struct entry *entry, const char *key, const char *question, const char *fallback,
              char **ret_answer);

/* A whole number; what is none stays text, and the rules say what is expected. */
json_t *entry_count(const char *answer);
/* "50, 75 et 100 %" as a list. */
json_t *entry_items(const char *answer, enum entry_kind kind);
/* entry-window.c: a sheet of these columns as windows; the row of a window's period, SIZE_MAX: none. */
#define ENTRY_WINDOW_COLUMNS "id days from to ?weeks ?on_holidays"
json_t *entry_windows(const struct sheet *sheet);
size_t entry_window_row(const struct sheet *sheet, size_t window, size_t period);
/* Holds the tree against the rules and says what is wrong. CLI_FINE and *ret_good, or an exit code.
 * list and sheet: where the answer was a table. */
int entry_judge(struct entry *entry, const json_t *tree, const struct entry_list *list,
                const struct sheet *sheet, bool *ret_good);
