/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* setup: questions and their answers, from a person or from a file. */

#include "cli/view.h"

struct setup_line { /* of the answers file */
        char *key, *value;
};

struct setup {
        struct cli *cli;
        const char *const *keys; /* that answer a question; NULL ends them */
        bool scripted;
        struct setup_line *lines;
        size_t n_lines;

        char *settings_path, *appliance, *uri, *language, *key_path, *state_dir, *run_dir;
        struct vg_contract *contract; /* NULL: none given */
        char *contract_path;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        bool made_key;
};

/* keys outlive the setup. Reads --answers where it is given. CLI_FINE, or an exit code after having said why; so do all. */
int setup_begin(struct cli *cli, const char *const *keys, struct setup *ret_setup);
void setup_done(struct setup *setup);

/* The answer to a question: the file's line `key`, what a person types, or the fallback where that
 * is empty. question: already translated. *ret_answer: trimmed; caller frees. */
int setup_ask(struct setup *setup, const char *key, const char *question, const char *fallback,
              char **ret_answer);
/* Says that an answer will not do. CLI_FINE: a person was told, ask again; else an exit code. */
int setup_again(struct setup *setup, const char *format, ...)
        __attribute__((format(printf, 2, 3))); /* a French msgid */

/* The steps (setup-steps.c), in their order. */
int setup_contract(struct setup *setup);
int setup_appliance(struct setup *setup);
int setup_hypervisor(struct setup *setup);
int setup_language(struct setup *setup);
int setup_key(struct setup *setup);
int setup_write(struct setup *setup);
