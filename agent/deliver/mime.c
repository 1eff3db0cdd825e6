/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/mime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/num.h"

enum {
        LINE_MAX_ = 76,     /* of a body, its soft break included */
        FOLD_AT = 74,       /* of a header */
        WORD_BYTES = 42,    /* in one encoded word: 56 characters of base64, under the 75 allowed */
        HEADER_BYTES = 600, /* of a subject or a name */
        QUOTED_MAX = 32,    /* of a name that stands in quotes, each sign perhaps escaped */
        ADDRESS_MAX = 320,
        ID_MAX = 250,
};

static const char crlf[] = "\r\n";

/* ---- words of headers ---- */

static bool is_plain(const char *text)
{
        for (const char *s = text; *s; s++)
                if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
                        return false;
        return !strstr(text, "=?");
}

/* Bytes of the next whole characters, at most `most` of them. */
static size_t whole_characters(const char *text, size_t most)
{
        size_t n = strlen(text);

        if (n <= most)
                return n;
        n = most;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
                n--;
        return n;
}

/* "=?UTF-8?B?…?=", as many as it takes, each on a line of its own. */
static void put_encoded(struct vg_buf *buf, const char *text)
{
        while (*text) {
                const size_t n = whole_characters(text, WORD_BYTES);

                vg_buf_puts(buf, "=?UTF-8?B?");
                vg_base64_format(text, n, buf);
                vg_buf_puts(buf, text[n] ? "?=\r\n " : "?=");
                text += n;
        }
}

/* Words of ASCII, broken at spaces; column: how far the line is already. A word that is itself too
 * long for a line cannot be broken so, and is encoded. */
static void put_folded(struct vg_buf *buf, const char *text, size_t column)
{
        for (const char *s = text; *s;) {
                const size_t n = strcspn(s, " ");

                if (n > FOLD_AT) {
                        put_encoded(buf, text);
                        return;
                }
                s += n + (s[n] == ' ');
        }
        for (bool is_first = true; *text; is_first = false) {
                const size_t n = strcspn(text, " ");

                if (!is_first) {
                        const bool folds = column + 1 + n > FOLD_AT;

                        vg_buf_puts(buf, folds ? "\r\n " : " ");
                        column = folds ? 1 : column + 1;
                }
                vg_buf_append(buf, text, n);
                column += n;
                text += n + (text[n] == ' ');
        }
}

/* Text of no structure. */
static void put_text_header(struct vg_buf *buf, const char *name, const char *text)
{
        char clean[HEADER_BYTES];

        vg_text_clean(text, strlen(text), clean, sizeof(clean));
        vg_buf_printf(buf, "%s: ", name);
        if (is_plain(clean) && !strstr(clean, "  ") && clean[0] != ' ')
                put_folded(buf, clean, strlen(name) + 2);
        else
                put_encoded(buf, clean);
        vg_buf_puts(buf, crlf);
}

/* "name" <address>; the address has been checked. */
static void put_mailbox(struct vg_buf *buf, const char *header, const char *name,
                        const char *address)
{
        char clean[HEADER_BYTES / 4];

        vg_text_clean(name, strlen(name), clean, sizeof(clean));
        vg_buf_printf(buf, "%s: ", header);
        if (*clean && is_plain(clean) && strlen(clean) < QUOTED_MAX) {
                vg_buf_puts(buf, "\"");
                for (const char *c = clean; *c; c++) {
                        if (*c == '"' || *c == '\\')
                                vg_buf_puts(buf, "\\");
                        vg_buf_append(buf, c, 1);
                }
                vg_buf_puts(buf, "\"\r\n ");
        } else if (*clean) {
                put_encoded(buf, clean);
                vg_buf_puts(buf, "\r\n ");
        }
        vg_buf_printf(buf, "<%s>\r\n", address);
}

static void put_ids(struct vg_buf *buf, const char *header, const char *const *ids, size_t n)
{
        vg_buf_printf(buf, "%s:", header);
        for (size_t i = 0; i < n; i++)
                vg_buf_printf(buf, "%s<%s>", i ? "\r\n " : " ", ids[i]);
        vg_buf_puts(buf, crlf);
}

static void put_date(struct vg_buf *buf, int64_t date_s)
{
        static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
        static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        const int64_t day = vg_floor_div(date_s, VG_DAY_S), second = date_s - day * VG_DAY_S;
        const struct vg_date date = vg_civil_from_days(day);

        vg_buf_printf(buf, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n",
                      days[((day % 7) + 7) % 7], date.day, months[date.month - 1], date.year,
                      (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

/* ---- bodies ---- */

/* A byte that may stand as it is; a space may not end a line. */
static bool stands(unsigned char byte, char next)
{
        if (byte == ' ')
                return next != '\n' && next != '\0';
        return byte > 0x20 && byte < 0x7f && byte != '=';
}

static void put_quoted(struct vg_buf *buf, const char *text)
{
        size_t column = 0;

        for (; *text; text++) {
                const unsigned char byte = (unsigned char)*text;
                const size_t n = stands(byte, text[1]) ? 1 : 3;

                if (byte == '\n') {
                        vg_buf_puts(buf, crlf);
                        column = 0;
                        continue;
                }
                if (column + n > LINE_MAX_ - 1) {
                        vg_buf_puts(buf, "=\r\n");
                        column = 0;
                }
                if (n == 1)
                        vg_buf_append(buf, text, 1);
                else
                        vg_buf_printf(buf, "=%02X", byte);
                column += n;
        }
        vg_buf_puts(buf, crlf);
}

static void put_part(struct vg_buf *buf, const char *boundary, const char *type, const char *text)
{
        vg_buf_printf(buf,
                      "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                      boundary, type);
        put_quoted(buf, text);
        vg_buf_puts(buf, crlf);
}

/* ---- the whole ---- */

static bool is_of(char c, const char *others)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c && strchr(others, c));
}

/* Dots separate, and are no word. */
static bool is_dotted(const char *text, size_t n, const char *others)
{
        if (n == 0 || text[0] == '.' || text[n - 1] == '.')
                return false;
        for (size_t i = 0; i < n; i++)
                if (!is_of(text[i], others) || (text[i] == '.' && text[i + 1] == '.'))
                        return false;
        return true;
}

bool mime_is_address(const char *address)
{
        const char *at = strchr(address, '@');

        return at && strlen(address) < ADDRESS_MAX &&
               is_dotted(address, (size_t)(at - address), "._%+-") &&
               is_dotted(at + 1, strlen(at + 1), ".-");
}

static bool ids_are_plain(const struct mime_mail *mail)
{
        bool ok = mime_is_address(mail->id) && strlen(mail->id) < ID_MAX;

        for (size_t i = 0; i < mail->n_threads; i++)
                ok = ok && mime_is_address(mail->threads[i]) && strlen(mail->threads[i]) < ID_MAX;
        return ok;
}

static void put_headers(struct vg_buf *buf, const struct mime_mail *mail)
{
        put_date(buf, mail->date_s);
        put_mailbox(buf, "From", mail->from_name, mail->from);
        put_mailbox(buf, "To", mail->to_name, mail->to);
        put_text_header(buf, "Subject", mail->subject);
        put_ids(buf, "Message-ID", &mail->id, 1);
        if (mail->n_threads && mail->is_reply)
                put_ids(buf, "In-Reply-To", mail->threads, 1);
        if (mail->n_threads)
                put_ids(buf, "References", mail->threads, mail->n_threads);
        vg_buf_puts(buf, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
        if (mail->is_urgent)
                vg_buf_puts(buf, "Importance: high\r\n");
        vg_buf_printf(buf, "Content-Language: %s\r\nMIME-Version: 1.0\r\n", mail->languages);
}

int mime_write(const struct mime_mail *mail, struct vg_buf *buf, struct vg_err *err)
{
        char boundary[64];

        if (!mime_is_address(mail->from))
                return vg_err_set(err, -EINVAL, "adresse de courriel attendue : %s", mail->from);
        if (!mime_is_address(mail->to))
                return vg_err_set(err, -EINVAL, "adresse de courriel attendue : %s", mail->to);
        if (!ids_are_plain(mail))
                return vg_err_set(err, -EINVAL, "identifiant de message inattendu : %s", mail->id);
        /* "=_" cannot stand in quoted-printable. */
        snprintf(boundary, sizeof(boundary), "=_%.*s", (int)strcspn(mail->id, "@"), mail->id);
        put_headers(buf, mail);
        vg_buf_printf(buf, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
                      boundary);
        put_part(buf, boundary, "text/plain", mail->text);
        put_part(buf, boundary, "text/html", mail->html);
        vg_buf_printf(buf, "--%s--\r\n", boundary);
        return buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}
