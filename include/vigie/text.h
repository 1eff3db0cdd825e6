/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* text: UTF-8 from strangers, and growable buffers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Well-formed UTF-8 (no surrogates, no overlong forms, no NUL inside). *ret_bad, where given, is
 * the offset of the first wrong byte. */
bool vg_utf8_valid(const char *text, size_t n_bytes, size_t *ret_bad);
/* What some programs call "Unicode text": begins with a byte order mark of UTF-16, or with an ASCII
 * character of two bytes. */
bool vg_utf16_likely(const char *text, size_t n_bytes);

/* A copy for people's eyes in `size` bytes: ill-formed bytes become U+FFFD, control characters (C0,
 * DEL, C1), line and paragraph separators, bidirectional controls and what shows nothing become
 * U+FFFD as well, and what is too long ends in U+2026 on a character boundary. Returns buf.
 * size >= 4. */
char *vg_text_clean(const char *text, size_t n_bytes, char *buf, size_t size);

/* One that a terminal or a page may act on, or that nobody sees. */
bool vg_char_unsafe(uint32_t code_point);

/* Columns that a cleaned text takes in a terminal (wide CJK counts 2, combining 0). */
size_t vg_text_columns(const char *text);

/* Whether a list of so many bytes, separated by one character, holds the word. */
bool vg_text_has_word(const char *list, size_t n_bytes, char separator, const char *word);

/* A growable byte buffer. Zero-initialised is empty and valid. After a failed allocation `failed`
 * stays true and further appends do nothing, so that only the end needs checking. */
struct vg_buf {
        char *data; /* NUL-terminated whenever not NULL */
        size_t n, size;
        bool failed;
};

void vg_buf_done(struct vg_buf *buf);
void vg_buf_append(struct vg_buf *buf, const void *bytes, size_t n);
void vg_buf_puts(struct vg_buf *buf, const char *text);
void vg_buf_printf(struct vg_buf *buf, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Gives the bytes away (free() them); "" where nothing was appended. NULL: allocation failed. */
char *vg_buf_take(struct vg_buf *buf);

/* Lower-case hexadecimal. hex has room for 2 n + 1. parse: exactly 2 n digits, lower case. */
char *vg_hex_format(const void *bytes, size_t n, char *hex);
int vg_hex_parse(const char *hex, void *bytes, size_t n);
