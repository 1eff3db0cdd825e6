/* SPDX-License-Identifier: Apache-2.0 */

/* regex: read into a program, which is run for all of its branches at once (Thompson). Jumps are
 * relative, so that a piece of program can be moved and copied. */

#include "regex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"

enum { GROUPS_MAX = 16, REPEAT_MAX = 64 };

struct reader {
        struct regex *regex;
        const char *at;
        int depth, error;
};

static void read_either(struct reader *r);

static void fail(struct reader *r, int error)
{
        if (!r->error)
                r->error = error;
}

static void insert(struct reader *r, int at, struct regex_step step)
{
        struct regex *regex = r->regex;

        if (regex->n == REGEX_MAX) {
                fail(r, -E2BIG);
                return;
        }
        memmove(regex->step + at + 1, regex->step + at,
                (size_t)(regex->n - at) * sizeof(*regex->step));
        regex->step[at] = step;
        regex->n++;
}

static void append(struct reader *r, struct regex_step step)
{
        insert(r, r->regex->n, step);
}

static void set_add(uint32_t *set, unsigned char c)
{
        set[c / 32] |= 1u << (c % 32);
}

static bool set_has(const uint32_t *set, unsigned char c)
{
        return set[c / 32] >> (c % 32) & 1;
}

static void set_invert(uint32_t *set)
{
        for (int i = 0; i < 8; i++)
                set[i] = ~set[i];
}

/* \d \w \s and their opposites; false: the letter stands for itself. */
static bool set_named(uint32_t *set, char letter)
{
        uint32_t named[8] = { 0 };
        const char lower = (char)(letter | 0x20);

        if (!letter || !strchr("dws", lower))
                return false;
        for (int c = 1; c < 256; c++) {
                const bool digit = c >= '0' && c <= '9';
                const bool word =
                        digit || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                if (lower == 'd' ? digit : lower == 'w' ? word : strchr(" \t\n\r\f\v", c) != NULL)
                        set_add(named, (unsigned char)c);
        }
        if (letter != lower)
                set_invert(named);
        for (int i = 0; i < 8; i++)
                set[i] |= named[i];
        return true;
}

/* Behind '['. */
static void read_class(struct reader *r)
{
        struct regex_step step = { .op = REGEX_CLASS };
        const bool inverted = *r->at == '^';

        r->at += inverted;
        for (bool first = true; *r->at && (first || *r->at != ']'); first = false) {
                unsigned char from = (unsigned char)*r->at++;
                if (from == '\\' && *r->at) {
                        from = (unsigned char)*r->at++;
                        if (set_named(step.set, (char)from))
                                continue;
                }
                unsigned char to = from;
                if (r->at[0] == '-' && r->at[1] && r->at[1] != ']') {
                        to = (unsigned char)r->at[1];
                        r->at += 2;
                }
                for (unsigned c = from; c <= to; c++)
                        set_add(step.set, (unsigned char)c);
        }
        if (*r->at != ']')
                fail(r, -EINVAL);
        else
                r->at++;
        if (inverted)
                set_invert(step.set);
        append(r, step);
}

static void read_group(struct reader *r)
{
        if (strncmp(r->at, "?:", 2) == 0)
                r->at += 2;
        if (*r->at == '?' || ++r->depth > GROUPS_MAX) {
                fail(r, -EINVAL);
                return;
        }
        read_either(r);
        r->depth--;
        if (*r->at == ')')
                r->at++;
        else
                fail(r, -EINVAL);
}

static void read_one(struct reader *r)
{
        struct regex_step step = { .op = REGEX_CLASS };
        const char c = *r->at++;

        if (c == '(') {
                read_group(r);
                return;
        }
        if (c == '[') {
                read_class(r);
                return;
        }
        if (c == '^' || c == '$')
                step.op = c == '^' ? REGEX_BEGIN : REGEX_END;
        else if (c == '.')
                set_invert(step.set);
        else if (strchr("*+?{", c) || (c == '\\' && !*r->at))
                fail(r, -EINVAL);
        else if (c != '\\' || !set_named(step.set, *r->at))
                set_add(step.set, (unsigned char)(c == '\\' ? *r->at : c));
        if (c == '\\' && *r->at)
                r->at++;
        append(r, step);
}

/* {m}, {m,}, {m,n}: *most -1 where there is no end. */
static void read_braces(struct reader *r, int *least, int *most)
{
        char *end;

        *least = (int)strtoll(r->at + 1, &end, 10);
        *most = *least;
        if (*end == ',')
                *most = end[1] == '}' ? -1 : (int)strtoll(end + 1, &end, 10);
        if (*most < 0 && *end == ',')
                end++;
        if (*end != '}' || *least < 0 || *least > REPEAT_MAX || *most > REPEAT_MAX ||
            (*most >= 0 && *most < *least)) {
                fail(r, -EINVAL);
                return;
        }
        r->at = end + 1;
}

static bool read_repeat(struct reader *r, int *least, int *most)
{
        *least = *r->at == '+';
        *most = *r->at == '?' ? 1 : -1;
        if (*r->at == '{')
                read_braces(r, least, most);
        else if (*r->at && strchr("*+?", *r->at))
                r->at++;
        else
                return false;
        if (*r->at == '?')
                r->at++;
        return !r->error;
}

static void append_copy(struct reader *r, const struct regex_step *steps, int n)
{
        for (int i = 0; i < n; i++)
                append(r, steps[i]);
}

/* What stands from `from` on, `least` to `most` times. */
static void repeat(struct reader *r, int from, int least, int most)
{
        struct regex *regex = r->regex;
        const int n = regex->n - from;
        _cleanup_free_ struct regex_step *steps = calloc((size_t)n + 1, sizeof(*steps));

        if (!steps) {
                fail(r, -ENOMEM);
                return;
        }
        memcpy(steps, regex->step + from, (size_t)n * sizeof(*steps));
        regex->n = from;
        for (int i = 0; i < least; i++)
                append_copy(r, steps, n);
        for (int i = least; i < most; i++) {
                append(r, (struct regex_step){ .op = REGEX_SPLIT, .x = 1, .y = n + 1 });
                append_copy(r, steps, n);
        }
        if (most < 0) {
                append(r, (struct regex_step){ .op = REGEX_SPLIT, .x = 1, .y = n + 2 });
                append_copy(r, steps, n);
                append(r, (struct regex_step){ .op = REGEX_JUMP, .x = -(n + 1) });
        }
}

static void read_sequence(struct reader *r)
{
        int least, most;

        while (*r->at && *r->at != '|' && *r->at != ')' && !r->error) {
                const int from = r->regex->n;
                read_one(r);
                if (!r->error && read_repeat(r, &least, &most))
                        repeat(r, from, least, most);
        }
}

static void read_either(struct reader *r)
{
        const int from = r->regex->n;

        read_sequence(r);
        if (*r->at != '|' || r->error)
                return;
        r->at++;
        insert(r, from,
               (struct regex_step){ .op = REGEX_SPLIT, .x = 1, .y = r->regex->n - from + 2 });

        const int jump = r->regex->n;
        append(r, (struct regex_step){ .op = REGEX_JUMP });
        if (++r->depth > GROUPS_MAX * 4)
                fail(r, -E2BIG);
        else
                read_either(r);
        r->depth--;
        if (!r->error)
                r->regex->step[jump].x = r->regex->n - jump;
}

int regex_read(struct regex *regex, const char *pattern)
{
        struct reader r = { .regex = regex, .at = pattern };

        regex->n = 0;
        read_either(&r);
        if (*r.at)
                fail(&r, -EINVAL);
        append(&r, (struct regex_step){ .op = REGEX_MATCH });
        return r.error;
}

struct run {
        const struct regex *regex;
        int list[REGEX_MAX], n;
        bool on[REGEX_MAX]; /* in the list */
        bool at_begin, at_end, matched;
};

static void enter(struct run *run, int at)
{
        const struct regex_step *step = &run->regex->step[at];

        if (run->on[at])
                return;
        run->on[at] = true;
        if (step->op == REGEX_SPLIT)
                enter(run, at + step->y);
        if (step->op == REGEX_SPLIT || step->op == REGEX_JUMP)
                enter(run, at + step->x);
        else if ((step->op == REGEX_BEGIN && run->at_begin) ||
                 (step->op == REGEX_END && run->at_end))
                enter(run, at + 1);
        else if (step->op == REGEX_MATCH)
                run->matched = true;
        else if (step->op == REGEX_CLASS)
                run->list[run->n++] = at;
}

bool regex_finds(const struct regex *regex, const char *text)
{
        struct run now = { .regex = regex, .at_begin = true, .at_end = !*text };

        enter(&now, 0);
        for (const char *at = text; *at && !now.matched; at++) {
                struct run next = { .regex = regex, .at_end = !at[1] };
                for (int i = 0; i < now.n; i++)
                        if (set_has(regex->step[now.list[i]].set, (unsigned char)*at))
                                enter(&next, now.list[i] + 1);
                enter(&next, 0);
                now = next;
        }
        return now.matched;
}
