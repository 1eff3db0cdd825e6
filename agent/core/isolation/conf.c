/* SPDX-License-Identifier: Apache-2.0 */

#include "conf.h"

#include <string.h>

enum { VALUE_MAX = 256 };

/* The end of a value that begins at `at`: of its line, or of its list. */
static const char *value_end(const char *at)
{
        const bool is_list = *at == '[';
        char quote = 0;

        for (; *at; at++) {
                if (quote) {
                        quote = *at == quote || *at == '\n' ? 0 : quote;
                        continue;
                }
                if (*at == '"' || *at == '\'')
                        quote = *at;
                else if (*at == '#' && is_list)
                        at += strcspn(at, "\n") - 1;
                else if (is_list ? *at == ']' : *at == '\n' || *at == '#')
                        return at;
        }
        return at;
}

static const char *find(const char *text, const char *key, size_t *ret_n)
{
        const size_t n_key = strlen(key);
        const char *value = NULL;

        for (const char *at = text; at && *at;) {
                at += strspn(at, " \t\r\n");
                const char *after = strncmp(at, key, n_key) == 0 ? at + n_key : NULL;
                after = after ? after + strspn(after, " \t") : NULL;
                const char *is = strpbrk(at, "=\n");
                if (*at == '#' || !is || *is == '\n') {
                        at += strcspn(at, "\n");
                        continue;
                }
                is++;
                is += strspn(is, " \t");
                at = value_end(is);
                if (after && *after == '=') {
                        value = is;
                        *ret_n = (size_t)(at - is);
                }
                at += strcspn(at, "\n");
        }
        return value;
}

bool conf_string(const char *text, const char *key, char *buf, size_t size)
{
        size_t n;
        const char *value = find(text, key, &n);

        if (!value)
                return false;
        while (n && strchr(" \t\r\n", value[n - 1]))
                n--;
        if (n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0]) {
                value++;
                n -= 2;
        }
        n = n < size ? n : size - 1;
        memcpy(buf, value, n);
        buf[n] = '\0';
        return true;
}

bool conf_is(const char *text, const char *key, const char *value)
{
        char is[VALUE_MAX];

        return conf_string(text, key, is, sizeof(is)) && strcmp(is, value) == 0;
}

bool conf_is_set(const char *text, const char *key)
{
        char is[VALUE_MAX];

        return conf_string(text, key, is, sizeof(is)) && *is && strcmp(is, "0") != 0;
}

int conf_lists(const char *text, const char *key, const char *word)
{
        size_t n, n_word = strlen(word);
        const char *value = find(text, key, &n);

        if (!value)
                return -1;
        for (const char *at = value; at + n_word < value + n; at++)
                if ((*at == '"' || *at == '\'') && strncmp(at + 1, word, n_word) == 0 &&
                    at[n_word + 1] == *at)
                        return 1;
        return 0;
}
