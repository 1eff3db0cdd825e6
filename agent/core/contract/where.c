/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/where.h"

#include <stdio.h>
#include <string.h>

#include "vigie/text.h"

struct walk {
        const char *s;
        size_t n, at;           /* at: the next byte to read */
        struct where_path path; /* of the value that begins at `begins` */
        size_t begins;
        bool is_array[WHERE_DEPTH];
};

static bool is_one_of(char c, const char *set)
{
        return c && strchr(set, c);
}

static size_t string_end(const struct walk *w, size_t at)
{
        for (at++; at < w->n && w->s[at] != '"'; at++)
                if (w->s[at] == '\\')
                        at++;
        return at < w->n ? at + 1 : w->n;
}

static void skip_blank(struct walk *w)
{
        while (w->at < w->n && is_one_of(w->s[w->at], " \t\r\n"))
                w->at++;
}

static void skip_scalar(struct walk *w)
{
        if (w->at < w->n && w->s[w->at] == '"') {
                w->at = string_end(w, w->at);
                return;
        }
        while (w->at < w->n && !is_one_of(w->s[w->at], ",]}"))
                w->at++;
}

/* Reads the value at hand: into it where it holds others, else over it. */
static bool enter(struct walk *w)
{
        skip_blank(w);
        if (w->at >= w->n)
                return false;

        const char c = w->s[w->at];
        if (c != '{' && c != '[') {
                skip_scalar(w);
                return true;
        }
        if (w->path.n == WHERE_DEPTH)
                return false;
        w->at++;
        w->is_array[w->path.n] = c == '[';
        w->path.step[w->path.n++] = (struct where_step){ .index = SIZE_MAX };
        return true;
}

static bool read_key(struct walk *w, struct where_step *step)
{
        const size_t from = w->at + 1;

        if (w->s[w->at] != '"')
                return false;
        w->at = string_end(w, w->at);
        if (w->at <= from || w->s[w->at - 1] != '"')
                return false; /* cut short */
        step->key = w->s + from;
        step->n_key = w->at - from - 1;
        skip_blank(w);
        if (w->at >= w->n || w->s[w->at] != ':')
                return false;
        w->at++;
        return true;
}

/* The next member or element. The last step of the path is its own, until it is entered: then one
 * more stands open. False: the end, of the text or of what can be read. */
static bool next(struct walk *w)
{
        while (w->path.n > 0) {
                struct where_step *step = &w->path.step[w->path.n - 1];

                skip_blank(w);
                if (w->at >= w->n)
                        return false;
                if (w->s[w->at] == ',') {
                        w->at++;
                        continue;
                }
                if (w->s[w->at] == '}' || w->s[w->at] == ']') {
                        w->at++;
                        w->path.n--;
                        continue;
                }
                w->begins = w->at;
                step->index++;
                return w->is_array[w->path.n - 1] || read_key(w, step);
        }
        return false;
}

static bool same_step(const struct where_step *a, const struct where_step *b)
{
        if (!a->key || !b->key)
                return !a->key && !b->key && a->index == b->index;
        return a->n_key == b->n_key && memcmp(a->key, b->key, a->n_key) == 0;
}

static struct walk begin(const char *bytes, size_t n)
{
        struct walk w = { .s = bytes, .n = n };

        skip_blank(&w);
        w.begins = w.at;
        return w;
}

size_t where_offset(const char *bytes, size_t n, const struct where_path *path)
{
        struct walk w = begin(bytes, n);
        size_t found = w.begins, depth = 0; /* so many steps of the path are found */

        if (path->n == 0 || !enter(&w))
                return found;
        while (depth < path->n && next(&w)) {
                if (w.path.n <= depth)
                        break; /* left what the path had led to */
                if (w.path.n == depth + 1 && same_step(&w.path.step[depth], &path->step[depth])) {
                        found = w.begins;
                        depth++;
                }
                if (!enter(&w))
                        break;
        }
        return found;
}

void where_path_at(const char *bytes, size_t n, size_t offset, struct where_path *ret_path)
{
        struct walk w = begin(bytes, n);

        *ret_path = (struct where_path){ 0 };
        if (!enter(&w))
                return;
        while (next(&w) && w.begins <= offset) {
                *ret_path = w.path;
                if (!enter(&w))
                        return;
        }
}

int where_line(const char *bytes, size_t n, size_t offset)
{
        int line = 1;

        for (size_t i = 0; i < n && i < offset; i++)
                line += bytes[i] == '\n';
        return line;
}

size_t where_byte(const char *bytes, size_t n, int line, int column)
{
        size_t at = 0;

        for (; at < n && line > 1; at++)
                line -= bytes[at] == '\n';
        for (; at < n && column > 1 && bytes[at] != '\n'; column--)
                do
                        at++;
                while (at < n && ((unsigned char)bytes[at] & 0xc0) == 0x80);
        return at;
}

void where_parse(const char *text, struct where_path *ret_path)
{
        *ret_path = (struct where_path){ 0 };
        while (*text && ret_path->n < WHERE_DEPTH) {
                struct where_step *step = &ret_path->step[ret_path->n++];
                *step = (struct where_step){ 0 };
                if (*text == '[') {
                        for (text++; *text && *text != ']'; text++)
                                step->index = step->index * 10 + (size_t)(*text - '0');
                        text += *text == ']';
                } else {
                        step->key = text;
                        step->n_key = strcspn(text, ".[");
                        text += step->n_key;
                }
                text += *text == '.';
        }
}

char *where_format(const struct where_path *path, char *buf, size_t size)
{
        struct vg_buf text = { 0 };

        for (size_t i = 0; i < path->n; i++) {
                const struct where_step *step = &path->step[i];
                if (!step->key) {
                        vg_buf_printf(&text, "[%zu]", step->index);
                        continue;
                }
                if (i)
                        vg_buf_puts(&text, ".");
                vg_buf_append(&text, step->key, step->n_key);
        }
        vg_text_clean(text.data ? text.data : "", text.n, buf, size);
        vg_buf_done(&text);
        return buf;
}
