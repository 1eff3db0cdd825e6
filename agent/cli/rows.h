/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* rows: the tables behind `vigie`, as data, for parsing, help, completion and the manual. */

#include "cli/cli.h"

struct cli_option_row {
        const char *name, *value, *fr, *en;
};
extern const struct cli_option_row cli_options[];
extern const size_t cli_n_options;

struct cli_note { /* one paragraph of help */
        const char *words, *fr, *en;
};
extern const struct cli_note cli_notes[];
extern const size_t cli_n_notes;

struct cli_word {
        const char *word, *fr, *list; /* list: "NONE", "FILE", or a list of ours */
};
extern const struct cli_word cli_words[];
extern const size_t cli_n_words;

/* The next word of a list separated by spaces; NULL at its end. *text moves on; it stands at the
 * "!" of an option that cannot be left out. */
const char *cli_next_word(const char **text, size_t *ret_n);

/* Index of the row, or -1. */
int cli_option_index(const char *name, size_t n);
const struct cli_word *cli_word_find(const char *word, size_t n);

/* Options that every verb takes. */
bool cli_option_is_common(const char *name);
bool cli_verb_has_option(const struct cli_verb *verb, const char *name);

/* The row whose words begin what was typed, the longest first. *ret_used: how many words it took.
 * NULL: none. */
const struct cli_verb *cli_verb_find(const char *const *words, size_t n_words, size_t *ret_used);
/* Whether a row's words begin with these n words. */
bool cli_verb_starts(const struct cli_verb *verb, const char *const *words, size_t n_words);

/* Least and most arguments of a row. SIZE_MAX: any number. */
void cli_verb_arity(const struct cli_verb *verb, size_t *ret_least, size_t *ret_most);

/* The sentence of a row in the reader's language. */
const char *cli_pick(const struct cli *cli, const char *fr, const char *en);

/* "DOMAIN [TENANT]" with its words in the reader's language, appended to buf. */
void cli_args_local(const struct cli *cli, const char *args, struct vg_buf *buf);
/* "tenants map DOMAIN TENANT --reason TEXT [--from DATE]", likewise: what is required comes first. */
void cli_usage_local(const struct cli *cli, const struct cli_verb *verb, struct vg_buf *buf);

/* Reads the command line into *cli, language first. CLI_FINE, or an exit code after having said
 * why. */
int cli_parse(struct cli *cli, int argc, char **argv);
