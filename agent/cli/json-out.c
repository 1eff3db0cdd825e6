/* SPDX-License-Identifier: Apache-2.0 */

/* json-out: answers for programs. The writer is the canonical one, so that an answer has one form;
 * true, false and null are added, and what could act on a terminal is written as \u escapes, which
 * a program reads back as the same text. */

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "vigie/civil.h"

/* One character of well-formed UTF-8: its length, and whether terminals may act on it. */
static size_t look(const unsigned char *s, bool *ret_acts, uint32_t *ret_code_point)
{
        const size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
        uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));

        for (size_t i = 1; i < n; i++)
                c = c << 6 | (s[i] & 0x3fu);
        *ret_code_point = c;
        *ret_acts = vg_char_unsafe(c);
        return n;
}

void cli_json_text(struct vg_json *j, const char *key, const char *text)
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "_-.:/ ";
        _cleanup_(vg_buf_done) struct vg_buf out = { 0 };
        _cleanup_free_ char *mended = NULL;
        size_t n = strlen(text);

        if (strspn(text, plain) == n) { /* nearly all of them */
                vg_json_string_n(j, key, text, n);
                return;
        }
        if (!vg_utf8_valid(text, n, NULL)) { /* each wrong byte grows to three at most */
                mended = malloc(3 * n + 4);
                if (!mended) {
                        j->buf.failed = true;
                        return;
                }
                text = vg_text_clean(text, n, mended, 3 * n + 4);
        }
        vg_buf_append(&out, "\"", 1);
        for (const unsigned char *s = (const unsigned char *)text; *s;) {
                uint32_t c;
                bool acts;
                size_t k = look(s, &acts, &c);
                if (acts && c > 0xffff)
                        vg_buf_printf(&out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                      0xdc00 + ((c - 0x10000) & 0x3ff));
                else if (acts)
                        vg_buf_printf(&out, "\\u%04x", c);
                else if (c == '"' || c == '\\')
                        vg_buf_printf(&out, "\\%c", (int)c);
                else
                        vg_buf_append(&out, s, k);
                s += k;
        }
        vg_buf_append(&out, "\"", 1);
        if (out.failed)
                j->buf.failed = true;
        else
                vg_json_raw(j, key, out.data, out.n);
}

void cli_json_bool(struct vg_json *j, const char *key, bool value)
{
        vg_json_raw(j, key, value ? "true" : "false", value ? 4 : 5);
}

void cli_json_null(struct vg_json *j, const char *key)
{
        vg_json_raw(j, key, "null", 4);
}

void cli_json_decimal(struct vg_json *j, const char *key, vg_i128 value, unsigned decimals)
{
        char text[64];

        vg_json_string(j, key, vg_decimal_format(value, decimals, text, sizeof(text)));
}

void cli_json_time(struct vg_json *j, const char *key, int64_t utc_s)
{
        char text[32];

        vg_json_string(j, key, vg_utc_format(utc_s, text));
}

int cli_json_print(struct cli *cli, struct vg_json *j)
{
        if (j->buf.failed || !j->buf.data) {
                fputs("{\"all\":[],\"error\":{\"code\":\"memory\",\"line\":0,"
                      "\"message\":\"memory\",\"path\":\"\"}}\n",
                      cli->out);
                return CLI_REFUSED;
        }
        fwrite(j->buf.data, 1, j->buf.n, cli->out);
        fputc('\n', cli->out);
        return CLI_FINE;
}
