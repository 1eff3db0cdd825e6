/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One code point from text[at..n). Returns its length in bytes, or 0 where it is ill-formed. */
static size_t decode(const unsigned char *s, size_t n, uint32_t *ret_code_point)
{
        static const struct {
                unsigned char mask, lead;
                unsigned length;
                uint32_t least;
        } forms[] = {
                { 0x80, 0x00, 1, 0 },
                { 0xe0, 0xc0, 2, 0x80 },
                { 0xf0, 0xe0, 3, 0x800 },
                { 0xf8, 0xf0, 4, 0x10000 },
        };

        for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
                if ((s[0] & forms[f].mask) != forms[f].lead)
                        continue;
                if (n < forms[f].length)
                        return 0;

                uint32_t c = s[0] & (unsigned char)~forms[f].mask;
                for (unsigned i = 1; i < forms[f].length; i++) {
                        if ((s[i] & 0xc0) != 0x80)
                                return 0;
                        c = c << 6 | (s[i] & 0x3f);
                }
                if (c < forms[f].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                        return 0;
                *ret_code_point = c;
                return forms[f].length;
        }
        return 0;
}

bool vg_utf16_likely(const char *text, size_t n_bytes)
{
        return n_bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                                memcmp(text, "\xfe\xff", 2) == 0 || !text[0] != !text[1]);
}

bool vg_utf8_valid(const char *text, size_t n_bytes, size_t *ret_bad)
{
        const unsigned char *s = (const unsigned char *)text;

        for (size_t at = 0; at < n_bytes;) {
                uint32_t c;
                size_t length = decode(s + at, n_bytes - at, &c);
                if (!length || c == 0) {
                        if (ret_bad)
                                *ret_bad = at;
                        return false;
                }
                at += length;
        }
        return true;
}

bool vg_char_unsafe(uint32_t c)
{
        return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
               (c >= 0x2028 && c <= 0x202e) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
               (c >= 0xe0000 && c <= 0xe007f) ||
               /* what shows nothing and makes two names look like one */
               c == 0x00ad || c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x180e ||
               c == 0x200b || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xffa0;
}

char *vg_text_clean(const char *text, size_t n_bytes, char *buf, size_t size)
{
        static const char replacement[] = "\xef\xbf\xbd", ellipsis[] = "\xe2\x80\xa6";
        const unsigned char *s = (const unsigned char *)text;
        size_t out = 0, fits = 0; /* fits: where the ellipsis may still go */

        assert(size >= 4);

        for (size_t at = 0; at < n_bytes;) {
                uint32_t c = 0;
                size_t length = decode(s + at, n_bytes - at, &c);
                const bool good = length && !vg_char_unsafe(c);
                const char *from = good ? (const char *)s + at : replacement;
                size_t n = good ? length : 3;

                if (out + n >= size) {
                        memcpy(buf + fits, ellipsis, 3);
                        out = fits + 3;
                        break;
                }
                memcpy(buf + out, from, n);
                out += n;
                if (out + 3 < size)
                        fits = out;
                at += length ? length : 1;
        }
        buf[out] = '\0';
        return buf;
}

size_t vg_text_columns(const char *text)
{
        const unsigned char *s = (const unsigned char *)text;
        size_t n = strlen(text), columns = 0;

        for (size_t at = 0; at < n;) {
                uint32_t c = 0;
                size_t length = decode(s + at, n - at, &c);
                const bool combining = (c >= 0x300 && c <= 0x36f) || c == 0x200b || c == 0x200c ||
                                       c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f);
                const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                                  (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                                  (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                                  (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
                columns += combining ? 0 : wide ? 2 : 1;
                at += length ? length : 1;
        }
        return columns;
}

bool vg_text_has_word(const char *list, size_t n_bytes, char separator, const char *word)
{
        const size_t n_word = strlen(word);

        for (size_t at = 0, n; at < n_bytes; at += n + 1) {
                const char *stop = memchr(list + at, separator, n_bytes - at);
                n = stop ? (size_t)(stop - list) - at : n_bytes - at;
                if (n == n_word && memcmp(list + at, word, n) == 0)
                        return true;
        }
        return false;
}

void vg_buf_done(struct vg_buf *buf)
{
        free(buf->data);
        *buf = (struct vg_buf){ 0 };
}

static bool reserve(struct vg_buf *buf, size_t more)
{
        if (buf->failed)
                return false;
        if (more < buf->size - buf->n && buf->data)
                return true;

        size_t want, size = buf->size ? buf->size : 256;
        if (__builtin_add_overflow(buf->n, more + 1, &want) || want > SIZE_MAX / 2) {
                buf->failed = true;
                return false;
        }
        while (size < want)
                size *= 2;

        char *data = realloc(buf->data, size);
        if (!data) {
                buf->failed = true;
                return false;
        }
        buf->data = data;
        buf->size = size;
        return true;
}

void vg_buf_append(struct vg_buf *buf, const void *bytes, size_t n)
{
        if (!reserve(buf, n))
                return;
        if (n)
                memcpy(buf->data + buf->n, bytes, n);
        buf->n += n;
        buf->data[buf->n] = '\0';
}

void vg_buf_puts(struct vg_buf *buf, const char *text)
{
        vg_buf_append(buf, text, strlen(text));
}

void vg_buf_printf(struct vg_buf *buf, const char *format, ...)
{
        va_list ap, again;

        va_start(ap, format);
        va_copy(again, ap);
        int n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0)
                buf->failed = true;
        else if (reserve(buf, (size_t)n)) {
                vsnprintf(buf->data + buf->n, (size_t)n + 1, format, again);
                buf->n += (size_t)n;
        }
        va_end(again);
}

char *vg_buf_take(struct vg_buf *buf)
{
        vg_buf_append(buf, "", 0);

        char *data = buf->failed ? NULL : buf->data;
        if (!data)
                free(buf->data);
        *buf = (struct vg_buf){ 0 };
        return data;
}

char *vg_hex_format(const void *bytes, size_t n, char *hex)
{
        const unsigned char *b = bytes;

        for (size_t i = 0; i < n; i++) {
                hex[2 * i] = "0123456789abcdef"[b[i] >> 4];
                hex[2 * i + 1] = "0123456789abcdef"[b[i] & 15];
        }
        hex[2 * n] = '\0';
        return hex;
}

static int nibble(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int vg_hex_parse(const char *hex, void *bytes, size_t n)
{
        unsigned char *b = bytes;

        if (strlen(hex) != 2 * n)
                return -EINVAL;
        for (size_t i = 0; i < n; i++) {
                int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
                if (high < 0 || low < 0)
                        return -EINVAL;
                b[i] = (unsigned char)(high << 4 | low);
        }
        return 0;
}
