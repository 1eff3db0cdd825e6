/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/pattern.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct piece { /* one atom with its quantifier */
        const char *atom, *atom_end, *end;
        size_t min, max;
};

struct rest { /* what must match after the piece in hand */
        const char *from, *end;
        const struct rest *after;
};

static const char *class_end(const char *p)
{
        for (p++; *p != ']'; p++) {
                assert(*p);
                if (*p == '\\')
                        p++;
        }
        return p + 1;
}

static const char *group_end(const char *p)
{
        for (p++; *p != ')';) {
                assert(*p && *p != '('); /* the schema nests no groups */
                p = *p == '[' ? class_end(p) : p + (*p == '\\' ? 2 : 1);
        }
        return p + 1;
}

static const char *atom_end(const char *p)
{
        switch (*p) {
        case '[':
                return class_end(p);
        case '(':
                return group_end(p);
        case '\\':
                return p + 2;
        default:
                assert(*p && !strchr(".*+?{|)^$", *p));
                return p + 1;
        }
}

static size_t number(const char **p)
{
        size_t n = 0;

        while (**p >= '0' && **p <= '9')
                n = n * 10 + (size_t)(*(*p)++ - '0');
        return n;
}

static struct piece next_piece(const char *p)
{
        struct piece piece = { .atom = p, .atom_end = atom_end(p), .min = 1, .max = 1 };
        const char *q = piece.atom_end;

        if (*q == '?' || *q == '*' || *q == '+') {
                piece.min = *q == '+';
                piece.max = *q == '?' ? 1 : SIZE_MAX;
                q++;
        } else if (*q == '{') {
                q++;
                piece.min = piece.max = number(&q);
                if (*q == ',') {
                        q++;
                        piece.max = number(&q);
                }
                assert(*q == '}');
                q++;
        }
        piece.end = q;
        return piece;
}

static size_t character_length(const char *s)
{
        size_t n = 1;

        while (((unsigned char)s[n] & 0xc0) == 0x80)
                n++;
        return n;
}

static bool is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool in_class(const char *p, char c)
{
        for (p++; *p != ']'; p++) {
                if (*p == '\\') {
                        p++;
                        if (*p == 's' ? is_space(c) : *p == c)
                                return true;
                } else if (p[1] == '-' && p[2] != ']') {
                        if (c >= p[0] && c <= p[2])
                                return true;
                        p += 2;
                } else if (*p == c) {
                        return true;
                }
        }
        return false;
}

/* Bytes of the character at s that a single atom takes; 0: it takes none. */
static size_t take_one(const char *atom, const char *s)
{
        if (!*s)
                return 0;
        if (atom[0] == '[' && atom[1] == '^')
                return in_class(atom + 1, *s) ? 0 : character_length(s);
        if (atom[0] == '[')
                return in_class(atom, *s);
        return *s == (atom[0] == '\\' ? atom[1] : atom[0]);
}

static bool match(const char *p, const char *end, const struct rest *after, const char *s);

static const char *alternative_end(const char *p, const char *close)
{
        while (p < close && *p != '|')
                p = next_piece(p).end;
        return p;
}

static bool match_group(const struct piece *piece, const char *end, const struct rest *after,
                        const char *s)
{
        const struct rest rest = { .from = piece->end, .end = end, .after = after };
        const char *from = piece->atom + 1, *close = piece->atom_end - 1;

        assert(piece->max == 1);
        for (;;) {
                const char *stop = alternative_end(from, close);
                if (match(from, stop, &rest, s))
                        return true;
                if (stop == close)
                        break;
                from = stop + 1;
        }
        return piece->min == 0 && match(piece->end, end, after, s);
}

static bool match(const char *p, const char *end, const struct rest *after, const char *s)
{
        if (p == end)
                return after ? match(after->from, after->end, after->after, s) : !*s;

        const struct piece piece = next_piece(p);
        if (*piece.atom == '(')
                return match_group(&piece, end, after, s);

        size_t n = 0, bytes = 0, k;
        while (n < piece.max && (k = take_one(piece.atom, s + bytes)) > 0) {
                bytes += k;
                n++;
        }
        for (; n >= piece.min; n--) { /* the longest first, then give back */
                if (match(piece.end, end, after, s + bytes))
                        return true;
                if (n == 0)
                        break;
                do
                        bytes--;
                while (((unsigned char)s[bytes] & 0xc0) == 0x80);
        }
        return false;
}

bool pattern_matches(const char *pattern, const char *text)
{
        const size_t n = strlen(pattern);

        assert(n >= 2 && pattern[0] == '^' && pattern[n - 1] == '$');
        return match(pattern + 1, pattern + n - 1, NULL, text);
}
