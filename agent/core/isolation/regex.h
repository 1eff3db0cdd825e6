/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* regex: the patterns on names of tenants.json. Literals, '.', classes, \d \w \s and their
 * opposites, groups, alternatives, * + ? {m,n} (a '?' behind changes nothing: we only ask whether),
 * '^' and '$'. Time is linear in the text, whatever the pattern: they come with captures. */

#include <stdbool.h>
#include <stdint.h>

enum { REGEX_MAX = 512 };

struct regex_step {
        enum { REGEX_CLASS, REGEX_SPLIT, REGEX_JUMP, REGEX_BEGIN, REGEX_END, REGEX_MATCH } op;
        int x, y; /* relative: where it goes on */
        uint32_t set[8];
};

struct regex {
        struct regex_step step[REGEX_MAX];
        int n;
};

/* -EINVAL: not a pattern. -E2BIG: too large. */
int regex_read(struct regex *regex, const char *pattern);
/* Whether it is found anywhere in the text. */
bool regex_finds(const struct regex *regex, const char *text);
