/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/json.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/err.h"

void vg_json_done(struct vg_json *j)
{
        vg_buf_done(&j->buf);
        *j = (struct vg_json){ 0 };
}

static void write_string(struct vg_buf *buf, const char *value, size_t n)
{
        static const char named[] = "\b\f\n\r\t", letters[] = "bfnrt";
        size_t from = 0;

        vg_buf_append(buf, "\"", 1);
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)value[i];
                if (c >= 0x20 && c != '"' && c != '\\')
                        continue;
                vg_buf_append(buf, value + from, i - from);
                from = i + 1;

                const char *at = c ? strchr(named, c) : NULL;
                char escape[8] = { '\\', (char)c, '\0' };
                if (at)
                        escape[1] = letters[at - named];
                else if (c < 0x20)
                        snprintf(escape, sizeof(escape), "\\u%04x", c);
                vg_buf_puts(buf, escape);
        }
        vg_buf_append(buf, value + from, n - from);
        vg_buf_append(buf, "\"", 1);
}

static void begin_value(struct vg_json *j, const char *key)
{
        if (j->any[j->depth])
                vg_buf_append(&j->buf, ",", 1);
        if (key) {
                char *last = j->last_key[j->depth];
                assert(strlen(key) < sizeof(j->last_key[0]));
                assert(!j->any[j->depth] || strcmp(last, key) < 0);
                memcpy(last, key, strlen(key) + 1);
                write_string(&j->buf, key, strlen(key));
                vg_buf_append(&j->buf, ":", 1);
        }
        j->any[j->depth] = true;
}

static void open_level(struct vg_json *j, const char *key, const char *bracket)
{
        begin_value(j, key);
        vg_buf_puts(&j->buf, bracket);
        assert(j->depth + 1 < VG_JSON_DEPTH);
        j->any[++j->depth] = false;
}

static void close_level(struct vg_json *j, const char *bracket)
{
        assert(j->depth > 0);
        j->depth--;
        vg_buf_puts(&j->buf, bracket);
}

void vg_json_object(struct vg_json *j, const char *key)
{
        open_level(j, key, "{");
}

void vg_json_array(struct vg_json *j, const char *key)
{
        open_level(j, key, "[");
}

void vg_json_end_object(struct vg_json *j)
{
        close_level(j, "}");
}

void vg_json_end_array(struct vg_json *j)
{
        close_level(j, "]");
}

void vg_json_string(struct vg_json *j, const char *key, const char *value)
{
        vg_json_string_n(j, key, value, strlen(value));
}

void vg_json_string_n(struct vg_json *j, const char *key, const char *value, size_t n)
{
        begin_value(j, key);
        write_string(&j->buf, value, n);
}

/* Most of what readers send is numbers: no format is parsed for them. */
static void write_int(struct vg_buf *buf, int64_t value)
{
        char digits[24];
        size_t at = sizeof(digits);
        uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

        do {
                digits[--at] = (char)('0' + rest % 10);
                rest /= 10;
        } while (rest);
        if (value < 0)
                digits[--at] = '-';
        vg_buf_append(buf, digits + at, sizeof(digits) - at);
}

void vg_json_int(struct vg_json *j, const char *key, int64_t value)
{
        begin_value(j, key);
        write_int(&j->buf, value);
}

void vg_json_raw(struct vg_json *j, const char *key, const char *bytes, size_t n)
{
        begin_value(j, key);
        vg_buf_append(&j->buf, bytes, n);
}

static int compare_keys(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int write_member(const char *key, const json_t *value, bool first, struct vg_buf *buf,
                        struct vg_err *err)
{
        if (!first)
                vg_buf_append(buf, ",", 1);
        write_string(buf, key, strlen(key));
        vg_buf_append(buf, ":", 1);
        return vg_json_canonical(value, buf, err);
}

static int write_sorted(const json_t *tree, struct vg_buf *buf, struct vg_err *err)
{
        const size_t n = json_object_size(tree);
        const char **keys = calloc(n, sizeof(*keys)), *key;
        json_t *value;
        size_t i = 0;
        int r = 0;

        if (!keys)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        json_object_foreach ((json_t *)tree, key, value)
                keys[i++] = key;
        qsort(keys, n, sizeof(*keys), compare_keys);
        for (i = 0; i < n && r == 0; i++)
                r = write_member(keys[i], json_object_get(tree, keys[i]), i == 0, buf, err);
        free(keys);
        return r;
}

/* What was canonical once is met in order again, for jansson keeps the order it read: most objects
 * need neither sorting nor looking up. */
static bool is_sorted(const json_t *tree)
{
        const char *key, *last = NULL;
        json_t *value;

        json_object_foreach ((json_t *)tree, key, value) {
                if (last && strcmp(last, key) >= 0)
                        return false;
                last = key;
        }
        return true;
}

static int write_object(const json_t *tree, struct vg_buf *buf, struct vg_err *err)
{
        const char *key;
        json_t *value;
        bool first = true;
        int r = 0;

        vg_buf_append(buf, "{", 1);
        if (!is_sorted(tree))
                r = write_sorted(tree, buf, err);
        else
                json_object_foreach ((json_t *)tree, key, value) {
                        r = write_member(key, value, first, buf, err);
                        if (r < 0)
                                break;
                        first = false;
                }
        vg_buf_append(buf, "}", 1);
        return r;
}

int vg_json_canonical(const json_t *tree, struct vg_buf *buf, struct vg_err *err)
{
        int r = 0;

        if (json_is_object(tree))
                r = write_object(tree, buf, err);
        else if (json_is_array(tree)) {
                vg_buf_append(buf, "[", 1);
                for (size_t i = 0; i < json_array_size(tree) && r == 0; i++) {
                        if (i)
                                vg_buf_append(buf, ",", 1);
                        r = vg_json_canonical(json_array_get(tree, i), buf, err);
                }
                vg_buf_append(buf, "]", 1);
        } else if (json_is_string(tree))
                write_string(buf, json_string_value(tree), json_string_length(tree));
        else if (json_is_integer(tree))
                write_int(buf, json_integer_value(tree));
        else
                r = vg_err_set(err, -EINVAL,
                               "JSON canonique : ni réel, ni booléen, ni null n'y est permis");
        return r < 0 ? r : buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}

/* jansson reads deep input by recursion (2,048 levels) and a real as a double. Both are looked for
 * first, outside strings. Returns 0, -EDOM or -EINVAL, with the place of the trouble. */
static int scan_numbers_and_depth(const char *s, size_t n, size_t *ret_at)
{
        bool in_string = false;
        int depth = 0;

        for (size_t i = 0; i < n; i++) {
                char c = s[i];
                if (in_string) {
                        if (c == '\\')
                                i++;
                        else if (c == '"')
                                in_string = false;
                        continue;
                }
                if (c == '"')
                        in_string = true;
                else if (c == '{' || c == '[') {
                        if (++depth > 64) {
                                *ret_at = i;
                                return -EINVAL;
                        }
                } else if (c == '}' || c == ']')
                        depth--;
                else if (c >= '0' && c <= '9') {
                        while (i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9')
                                i++;
                        if (i + 1 < n && (s[i + 1] == '.' || s[i + 1] == 'e' || s[i + 1] == 'E')) {
                                *ret_at = i + 1;
                                return -EDOM;
                        }
                }
        }
        return 0;
}

static void place(const char *s, size_t at, int *ret_line, int *ret_column)
{
        int line = 1, column = 1;

        for (size_t i = 0; i < at; i++)
                if (s[i] == '\n') {
                        line++;
                        column = 1;
                } else if (((unsigned char)s[i] & 0xc0) != 0x80)
                        column++;
        if (ret_line)
                *ret_line = line;
        if (ret_column)
                *ret_column = column;
}

int vg_json_parse(const char *bytes, size_t n, json_t **ret_tree, int *ret_line, int *ret_column,
                  struct vg_err *err)
{
        size_t at = 0;
        json_error_t why;

        if (!vg_utf8_valid(bytes, n, &at)) {
                place(bytes, at, ret_line, ret_column);
                return vg_err_set(err, -EILSEQ, "octet %zu : pas de l'UTF-8", at + 1);
        }

        /* A fraction is told before the tree is built, but only in what is otherwise JSON. */
        int scanned = scan_numbers_and_depth(bytes, n, &at);
        if (scanned == -EINVAL) {
                place(bytes, at, ret_line, ret_column);
                return vg_err_set(err, -EINVAL, "plus de 64 niveaux d'imbrication");
        }

        json_t *tree = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &why);
        if (!tree) {
                const bool twice = json_error_code(&why) == json_error_duplicate_key;
                if (ret_line)
                        *ret_line = why.line;
                if (ret_column)
                        *ret_column = why.column;
                if (json_error_code(&why) == json_error_out_of_memory)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
                return vg_err_set(err, twice ? -EEXIST : -EINVAL, "%s", why.text);
        }
        if (scanned == -EDOM) {
                json_decref(tree);
                place(bytes, at, ret_line, ret_column);
                return vg_err_set(err, -EDOM,
                                  "un nombre avec fraction ou exposant n'est pas exact; "
                                  "écrire une chaîne décimale");
        }
        *ret_tree = tree;
        return 0;
}

int vg_json_get_string(const json_t *object, const char *key, const char **ret_value)
{
        const json_t *value = json_object_get(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_string(value))
                return -EINVAL;
        *ret_value = json_string_value(value);
        return 0;
}

int vg_json_get_int(const json_t *object, const char *key, int64_t *ret_value)
{
        const json_t *value = json_object_get(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_integer(value))
                return -EINVAL;
        *ret_value = json_integer_value(value);
        return 0;
}
