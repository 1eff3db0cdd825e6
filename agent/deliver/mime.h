/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mime: a message as bytes (RFC 5322, 2045 to 2047): one plain text and one HTML document of the same
 * content, in quoted-printable. Pure. Whatever the texts hold, a header is one header: control
 * characters are cleaned away, what is not plain ASCII becomes encoded words, lines are folded, and
 * an address that is not plainly one is refused. The same values make the same bytes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/text.h"

struct vg_err;

struct mime_mail {
        const char *from, *to;           /* addresses, "a@b.example" */
        const char *from_name, *to_name; /* "" where there is none */
        const char *subject;
        const char *id;             /* of the message, "left@right" */
        const char *const *threads; /* ids of what it belongs to, of messages or not */
        size_t n_threads;
        bool is_reply; /* to the first of them */
        int64_t date_s;
        bool is_urgent;
        const char *languages;   /* "fr", "fr, en" */
        const char *text, *html; /* UTF-8; lines end in LF */
};

/* Appends the message, its lines ending in CRLF. -EINVAL: an address or id will not do. -ENOMEM. */
int mime_write(const struct mime_mail *mail, struct vg_buf *buf, struct vg_err *err);

/* An address of the plain form that the contract allows. */
bool mime_is_address(const char *address);
