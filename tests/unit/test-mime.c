/* SPDX-License-Identifier: Apache-2.0 */

/* Messages as bytes: headers that stay headers, words that any reader decodes, lines that are short
 * enough, and the same bytes each time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "deliver/mime.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const struct mime_mail plain = {
        .from = "vigie@regie.example",
        .from_name = "vigie",
        .to = "ti@regie.example",
        .to_name = "Exploitation TI",
        .subject = "[vigie] Fine",
        .id = "0123456789abcdef@regie.example",
        .date_s = 1806584400,
        .languages = "fr",
        .text = "Bonjour\n",
        .html = "<p>Bonjour</p>\n",
};

static char *write_mail(const struct mime_mail *mail)
{
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };

        if (mime_write(mail, &buf, &err) < 0)
                fail_msg("%s", err.text);
        return vg_buf_take(&buf);
}

/* The unfolded value of a header, or "" where it is not there; asserts that it is there once. */
static void header(const char *mail, const char *name, char *ret, size_t size)
{
        const char *end = strstr(mail, "\r\n\r\n");
        const size_t n = strlen(name);
        int found = 0;

        assert_non_null(end);
        *ret = '\0';
        for (const char *line = mail; line < end; line = strstr(line, "\r\n") + 2) {
                if (strncmp(line, name, n) != 0 || line[n] != ':')
                        continue;
                size_t k = 0;
                found++;
                for (const char *s = line + n + 1 + (line[n + 1] == ' '); k + 1 < size; s++) {
                        if (strncmp(s, "\r\n", 2) == 0) {
                                if (s[2] != ' ')
                                        break;
                                s++;
                                continue;
                        }
                        ret[k++] = *s;
                }
                ret[k] = '\0';
        }
        assert_true(found <= 1);
}

static size_t count_headers(const char *mail)
{
        const char *end = strstr(mail, "\r\n\r\n");
        size_t n = 0;

        for (const char *line = mail; line < end; line = strstr(line, "\r\n") + 2)
                n += *line != ' ';
        return n;
}

static void a_plain_one(_unused_ void **state)
{
        static const char wanted[] =
                "Date: Thu, 1 Apr 2027 13:00:00 +0000\r\n"
                "From: \"vigie\"\r\n <vigie@regie.example>\r\n"
                "To: \"Exploitation TI\"\r\n <ti@regie.example>\r\n"
                "Subject: [vigie] Fine\r\n"
                "Message-ID: <0123456789abcdef@regie.example>\r\n"
                "Auto-Submitted: auto-generated\r\n"
                "X-Auto-Response-Suppress: All\r\n"
                "Content-Language: fr\r\n"
                "MIME-Version: 1.0\r\n"
                "Content-Type: multipart/alternative;\r\n boundary=\"=_0123456789abcdef\"\r\n"
                "\r\n"
                "--=_0123456789abcdef\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n"
                "\r\n"
                "Bonjour\r\n\r\n\r\n"
                "--=_0123456789abcdef\r\n"
                "Content-Type: text/html; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n"
                "\r\n"
                "<p>Bonjour</p>\r\n\r\n\r\n"
                "--=_0123456789abcdef--\r\n";
        _cleanup_free_ char *mail = write_mail(&plain), *again = write_mail(&plain);

        assert_string_equal(mail, wanted);
        assert_string_equal(again, wanted);
}

static void threads(_unused_ void **state)
{
        static const char *const ids[] = { "aa@regie.example", "bb@regie.example" };
        struct mime_mail mail = plain;
        char value[256];

        mail.threads = ids;
        mail.n_threads = 2;
        for (int is_reply = 0; is_reply < 2; is_reply++) {
                mail.is_reply = is_reply;
                _cleanup_free_ char *text = write_mail(&mail);
                header(text, "References", value, sizeof(value));
                assert_string_equal(value, "<aa@regie.example> <bb@regie.example>");
                header(text, "In-Reply-To", value, sizeof(value));
                assert_string_equal(value, is_reply ? "<aa@regie.example>" : "");
        }
}

/* Every line of a header fits, every encoded word is one, and all is ASCII. */
static void check_shape(const char *name, const char *mail)
{
        const char *end = strstr(mail, "\r\n\r\n");

        for (const char *line = mail; line < end;) {
                const char *next = strstr(line, "\r\n");
                if (next - line > 78)
                        fail_msg("%s: %.*s", name, (int)(next - line), line);
                line = next + 2;
        }
        for (const char *s = mail; *s; s++)
                if ((unsigned char)*s > 0x7e ||
                    ((unsigned char)*s < 0x20 && *s != '\r' && *s != '\n'))
                        fail_msg("%s: byte %#x", name, (unsigned char)*s);
        for (const char *s = mail; (s = strchr(s, '\n')); s++)
                if (s == mail || s[-1] != '\r')
                        fail_msg("%s: a line that ends in LF alone", name);
        for (const char *s = mail; (s = strchr(s, '\r')); s++)
                if (s[1] != '\n')
                        fail_msg("%s: a CR in a line", name);
}

static void hostile_words_stay_words(_unused_ void **state)
{
        static const char *const rows[] = {
                "a\r\nBcc: victim@example.org",
                "a\nX-Evil: 1\n\nbody",
                "a\r\n\r\n<html>",
                "a\rb",
                "=?UTF-8?B?QmNj?=",
                "\"; <evil@example.org>, \\",
                "  spaces  ",
                "",
                "un mot très accentué, « entre guillemets », répété sans fin : é à ü ç œ Œ — …",
                "012345678901234567890123456789012345678901234567890123456789012345678901234567890"
                "1",
                "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o "
                "p",
                "\xff\xfe\x80 ill formed",
                "\xe2\x80\xae"
                "elffuts",
                "日本語の件名はどう折り返されるのか、長い長い件名で確かめる必要がありますね",
        };
        _cleanup_free_ char *good = write_mail(&plain);
        const size_t n_headers = count_headers(good);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct mime_mail mail = plain;
                mail.subject = mail.from_name = mail.to_name = rows[i];
                mail.text = mail.html = rows[i];
                _cleanup_free_ char *text = write_mail(&mail);
                check_shape(rows[i], text);
                assert_int_equal(count_headers(text), n_headers);
        }
}

static void only_addresses_are_addresses(_unused_ void **state)
{
        static const struct {
                const char *address;
                bool is_one;
        } rows[] = {
                { "a@b.example", true },
                { "first.last+vigie_1%x@sub-domain.b.example", true },
                { "a@localhost", true },
                { "a", false },
                { "@b.example", false },
                { "a@", false },
                { "a@b@c", false },
                { ".a@b.example", false },
                { "a..b@b.example", false },
                { "a@b..example", false },
                { "a b@b.example", false },
                { "a@b.example\r\nBcc: c@d", false },
                { "a@b.example>", false },
                { "<a@b.example", false },
                { "a,c@b.example", false },
                { "\"a\"@b.example", false },
                { "é@b.example", false },
                { "a@[127.0.0.1]", false },
                { "", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct mime_mail mail = plain;
                struct vg_buf buf = { 0 };

                if (mime_is_address(rows[i].address) != rows[i].is_one)
                        fail_msg("%s", rows[i].address);
                mail.to = rows[i].address;
                assert_int_equal(mime_write(&mail, &buf, NULL), rows[i].is_one ? 0 : -EINVAL);
                vg_buf_done(&buf);
        }
}

static void bodies_are_quoted(_unused_ void **state)
{
        static const struct {
                const char *name, *text, *want;
        } rows[] = {
                { "accents", "é\n", "=C3=A9\r\n\r\n" },
                { "an equals sign", "a=b\n", "a=3Db\r\n\r\n" },
                { "a space that ends a line", "a \nb ", "a=20\r\nb=20\r\n" },
                { "a tab, a CR, a NUL's neighbours", "\t\r\x01", "=09=0D=01\r\n" },
                { "a long line",
                  "0123456789012345678901234567890123456789012345678901234567890123456789012345",
                  "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n"
                  "5\r\n" },
                { "an escape is not torn",
                  "01234567890123456789012345678901234567890123456789012345678901234567890123é",
                  "01234567890123456789012345678901234567890123456789012345678901234567890123=\r\n"
                  "=C3=A9\r\n" },
                { "a boundary", "--=_0123456789abcdef--\n", "--=3D_0123456789abcdef--\r\n\r\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct mime_mail mail = plain;
                mail.text = rows[i].text;
                _cleanup_free_ char *text = write_mail(&mail);
                const char *body = strstr(strstr(text, "text/plain"), "\r\n\r\n") + 4;
                if (strncmp(body, rows[i].want, strlen(rows[i].want)) != 0)
                        fail_msg("%s: %.120s", rows[i].name, body);
        }
}

static void dates(_unused_ void **state)
{
        static const struct {
                int64_t at_s;
                const char *want;
        } rows[] = {
                { 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
                { 951868799, "Tue, 29 Feb 2000 23:59:59 +0000" },
                { 4102444800, "Fri, 1 Jan 2100 00:00:00 +0000" },
        };
        char value[64];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct mime_mail mail = plain;
                mail.date_s = rows[i].at_s;
                _cleanup_free_ char *text = write_mail(&mail);
                header(text, "Date", value, sizeof(value));
                assert_string_equal(value, rows[i].want);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_plain_one),
                cmocka_unit_test(threads),
                cmocka_unit_test(hostile_words_stay_words),
                cmocka_unit_test(only_addresses_are_addresses),
                cmocka_unit_test(bodies_are_quoted),
                cmocka_unit_test(dates),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
