/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cli: what a verb of `vigie` is given, and how it answers.
 *
 * A verb is one file verb-*.c with `int verb_<name>(struct cli *cli)` and one row of verbs.def. It
 * returns an exit code; whoever returns one other than CLI_FINE and CLI_FOUND has already said why
 * through cli_fail(). Answers go to cli->out (--json: one JSON value and a newline), progress goes
 * through cli_progress(). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

struct cli;
struct vg_settings;

enum cli_exit {
        CLI_FINE = 0,
        CLI_FOUND = 1,       /* a failing check, an active fault, a ledger that does not match */
        CLI_USAGE = 2,       /* wrong use */
        CLI_REFUSED = 3,     /* input refused or unreadable */
        CLI_UNREACHABLE = 4, /* the keeper cannot be reached */
};

enum cli_section {
        CLI_LOOK,
        CLI_TENANTS,
        CLI_ISOLATION,
        CLI_HARDWARE,
        CLI_CONTRACT,
        CLI_PROOF,
        CLI_OUTWARD,
        CLI_HOUSE,
        CLI_HIDDEN
};

/* A row of verbs.def. */
struct cli_verb {
        enum cli_section section;
        const char *words;   /* "contract check" */
        const char *args;    /* "FILE", "DOMAIN TENANT", "[BUNDLE]"; words of words.def */
        const char *options; /* "tenant from to": names of options.def */
        const char *fr, *en; /* one sentence each */
        int (*run)(struct cli *cli);
};
extern const struct cli_verb cli_verbs[];
extern const size_t cli_n_verbs;

#define VG_VERB(name, section, words, args, options, fr, en) int verb_##name(struct cli *cli);
#include "cli/verbs.def"
#undef VG_VERB

enum { CLI_ARGS_MAX = 1024, CLI_OPTIONS_MAX = 96 };

struct cli {
        const struct cli_verb *verb;
        const char *args[CLI_ARGS_MAX]; /* as many as the row allows; the rest is never reached */
        size_t n_args;
        bool json, french;
        bool colour;    /* escape sequences are welcome on out */
        size_t columns; /* width of the terminal; 80 where out is none */
        FILE *out;      /* standard output */

        /* The framework's own; verbs use the functions below. */
        const char *option_values[CLI_OPTIONS_MAX];
        struct vg_settings *settings;
};

/* The value of an option that the row lists; "" for a flag that was given; NULL: not given. */
const char *cli_option(const struct cli *cli, const char *name);

/* Instead of what was typed, for a verb that has others do its work; value NULL: as if not given. */
void cli_set_option(struct cli *cli, const char *name, const char *value);

/* The settings, read once. CLI_FINE, or an exit code after having said why. Borrowed. */
int cli_settings(struct cli *cli, const struct vg_settings **ret_settings);

/* --- saying what went wrong ------------------------------------------------------------------ */

struct cli_error {
        const char *code;    /* "VIG-…", "usage", "settings", "ledger", "unreachable"… */
        const char *path;    /* file, or place in a document; NULL: none */
        int line;            /* from 1; 0: none */
        const char *message; /* in the reader's language */
};

/* Each says the errors (people: standard error; --json: {"error":…,"all":[…]} on standard output,
 * lowest code first) and returns exit_code, so that failing is one line. */
int cli_fail(struct cli *cli, int exit_code, const char *code, const struct vg_err *err);
int cli_failf(struct cli *cli, int exit_code, const char *code, const char *format, ...)
        __attribute__((format(printf, 4, 5))); /* format: a French msgid, translated here */
int cli_fail_all(struct cli *cli, int exit_code, const struct cli_error *errors, size_t n);

/* Progress and remarks for people, on standard error. format: a French msgid. */
void cli_progress(const struct cli *cli, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* --- acts ------------------------------------------------------------------------------------ */

/* Sends an act to the keeper and waits for it to be durable. body: canonical JSON of the act. 0 and
 * *ret_result (may be NULL; caller decrefs) or an exit code after having said why: CLI_UNREACHABLE,
 * or CLI_REFUSED with the keeper's own code and message. */
int cli_act(struct cli *cli, const struct vg_json *body, json_t **ret_result);
/* The same, of an act that goes through the whole ledger: minutes, in a large one. */
int cli_act_long(struct cli *cli, const struct vg_json *body, json_t **ret_result);

/* Says that it is done: the sentence for people, {"ok":true} for programs. CLI_FINE. */
int cli_done(struct cli *cli, const char *sentence);

/* --- JSON for programs: keys in byte order, money and quantities as strings -------------------- */

void cli_json_text(struct vg_json *j, const char *key, const char *text); /* from strangers too */
void cli_json_bool(struct vg_json *j, const char *key, bool value);
void cli_json_null(struct vg_json *j, const char *key); /* known to be unknown */
void cli_json_decimal(struct vg_json *j, const char *key, vg_i128 value, unsigned decimals);
void cli_json_time(struct vg_json *j, const char *key, int64_t utc_s); /* "…Z" */
/* Writes the finished value to cli->out. CLI_FINE or CLI_REFUSED (no memory). */
int cli_json_print(struct cli *cli, struct vg_json *j);

/* --- tables for people ------------------------------------------------------------------------ */

enum cli_align { CLI_LEFT, CLI_RIGHT };
enum cli_style { CLI_PLAIN, CLI_STRONG, CLI_DIM, CLI_GOOD, CLI_WARN, CLI_BAD };

struct cli_column {
        const char *heading; /* already translated; NULL: no heading line if all are NULL */
        enum cli_align align;
        bool elastic; /* gives way, with an ellipsis, where the screen is too narrow */
        bool wraps;   /* last column only: goes on below itself instead */
};

struct cli_table;
/* indent: columns left free before each line. columns must outlive the table. NULL: no memory. */
struct cli_table *cli_table_new(const struct cli_column *columns, size_t n_columns, size_t indent);
void cli_table_free(struct cli_table *table);
static inline void cli_table_freep(struct cli_table **table)
{
        cli_table_free(*table);
}
/* The next cell; rows fill from the left. Every text goes through vg_text_clean. */
void cli_table_cell(struct cli_table *table, enum cli_style style, const char *text);
void cli_table_cellf(struct cli_table *table, enum cli_style style, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void cli_table_rule(struct cli_table *table); /* a line across, before the next row */
/* Text across, before the next row; it decides no width. */
void cli_table_title(struct cli_table *table, enum cli_style style, const char *text);
/* CLI_FINE, or CLI_REFUSED after having said that memory ran out. */
int cli_table_print(struct cli *cli, const struct cli_table *table);

/* Text with its style's escape sequences where colour is welcome. Cleans what it prints. */
void cli_print(struct cli *cli, enum cli_style style, const char *text);
void cli_printf(struct cli *cli, enum cli_style style, const char *format, ...)
        __attribute__((format(printf, 3, 4))); /* format: as it comes, so use _() */

/* A paragraph, broken at spaces to the width of the screen, each line indented. */
void cli_wrap(struct cli *cli, enum cli_style style, size_t indent, const char *text);
/* The rest of a line of which `used` columns are printed: two spaces on where it fits, else below,
 * indented. */
void cli_beside(struct cli *cli, enum cli_style style, size_t used, size_t indent,
                const char *text);

/* --- forms of the reader's language ------------------------------------------------------------ */

struct vg_zone;
enum { CLI_TEXT = 128 };

char *cli_money(const struct cli *cli, int64_t cents, char buf[CLI_TEXT]); /* "1 234,56 $" */
/* micro-units, `shown` decimals, half up */
char *cli_quantity(const struct cli *cli, vg_i128 micro, unsigned shown, char buf[CLI_TEXT]);
char *cli_percent(const struct cli *cli, int64_t permyriad, char buf[CLI_TEXT]); /* "12,3 %" */
char *cli_count(const struct cli *cli, int64_t n, char buf[CLI_TEXT]);
char *cli_duration(const struct cli *cli, int64_t seconds, char buf[CLI_TEXT]); /* "2 h 05 min" */
char *cli_bytes(const struct cli *cli, uint64_t bytes, char buf[CLI_TEXT]);     /* "12,3 Mo" */
/* Local time of the zone (NULL: UTC, and says so): "2027-04-01 à 13 h 05". */
char *cli_when(const struct cli *cli, const struct vg_zone *zone, int64_t utc_s,
               char buf[CLI_TEXT]);
/* The time of day alone: "13 h 05", "13:05". */
char *cli_clock(const struct cli *cli, const struct vg_zone *zone, int64_t utc_s,
                char buf[CLI_TEXT]);
/* A bar of `cells` columns, full at 10 000; what exceeds is marked. 4 x cells + 8 bytes suffice. */
char *cli_bar(int64_t permyriad, size_t cells, char *buf, size_t size);
