/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* err: an error as a value. A code (-errno) and a text, in a fixed buffer on the caller's stack, so
 * that failing can itself neither fail nor leak. Formats are French and are translated when the
 * error is set, by the hook that a program installs at its start (identity without one). */

#include <stdarg.h>

struct vg_err {
        int code;       /* negative errno; 0 while nothing has gone wrong */
        char text[480]; /* UTF-8, one line, terminated; safe for a terminal */
};

/* Marks a French text of ours that is translated where it is shown. */
#define N_(text) (text)

/* Translation of a format: msgid in, text out (never NULL). Set once, before any thread starts. */
typedef const char *vg_translate_fn(const char *msgid);
void vg_err_translate_with(vg_translate_fn *fn);
const char *vg_translate(const char *msgid) __attribute__((format_arg(1)));

/* Fills *err (which may be NULL) and returns code, so that an error is one line. What the caller
 * inserts is cleaned of control and bidirectional characters. */
int vg_err_set(struct vg_err *err, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text that is there. Returns code. */
int vg_err_wrap(struct vg_err *err, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* What an errno says to a person: what is wrong and, where one is known, the remedy. Translated. */
const char *vg_errno_text(int error);

/* The text, or that of the code where no text was set. */
const char *vg_err_text(const struct vg_err *err);
