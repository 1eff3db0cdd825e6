/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/html.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "os/files.h"

/* Letter paper, as Quebec's public bodies print. No font is named that must be fetched. Tables keep
 * their rows whole and repeat their headings on the next page. */
static const char style[] =
        "@page{size:letter;margin:18mm 16mm 20mm;"
        "@bottom-left{content:var(--foot);font:7.5pt sans-serif;color:#555}"
        "@bottom-right{content:counter(page)' / 'counter(pages);font:7.5pt sans-serif;"
        "color:#555}}"
        "*{box-sizing:border-box}"
        "html{font:9.5pt/1.4 'Liberation Sans','DejaVu Sans',Arial,sans-serif;color:#14181d;"
        "background:#fff}"
        "body{margin:0 auto;max-width:185mm;padding:8mm 0}"
        "h1{font-size:19pt;line-height:1.15;margin:0;font-weight:600;letter-spacing:-.2pt}"
        "h2{font-size:11.5pt;margin:7mm 0 2mm;padding-bottom:1mm;border-bottom:.6pt solid #1d4f7c;"
        "color:#1d4f7c;break-after:avoid}"
        "h3{font-size:9.5pt;margin:4mm 0 1mm;break-after:avoid}h2,h3,pre{break-inside:avoid}"
        "p:has(+pre){break-after:avoid}h1,h2,h3,p,td{overflow-wrap:anywhere}"
        "p{margin:1.5mm 0;text-wrap:pretty}a{color:#1d4f7c}"
        ".top{display:flex;justify-content:space-between;align-items:flex-start;gap:8mm;"
        "border-bottom:2pt solid #1d4f7c;padding-bottom:4mm;margin-bottom:5mm}"
        ".sub{color:#444;margin:.8mm 0 0;font-size:10.5pt}"
        ".mark{border:1pt solid;border-radius:2pt;padding:1.2mm 3mm;font-weight:600;"
        "white-space:nowrap;font-size:9pt;text-align:center}"
        ".closed{color:#1b5e34}.open{color:#8a4b00}"
        ".notice{background:#f4f1e8;border-left:2.5pt solid #8a4b00;padding:2mm 3mm;margin:3mm 0}"
        "table{border-collapse:collapse;width:100%;margin:1mm 0 2mm}"
        "thead{display:table-header-group}tr{break-inside:avoid}.sum,.total{break-before:avoid}"
        "th{font-weight:600;text-align:left;font-size:8.2pt;color:#333;border-bottom:.8pt solid "
        "#555;padding:1mm 1.5mm;vertical-align:bottom}"
        "td{padding:.9mm 1.5mm;border-bottom:.3pt solid #ccd2d8;vertical-align:top}"
        "td:first-child,th:first-child{padding-left:0}td:last-child,th:last-child{padding-right:0}"
        ".lines td:nth-last-child(4),.lines th:nth-last-child(4){width:27mm}"
        ".lines td:nth-last-child(3),.lines th:nth-last-child(3){width:25mm}"
        ".lines td:nth-last-child(2),.lines th:nth-last-child(2){width:28mm}"
        ".lines td:last-child,.lines th:last-child{width:25mm}"
        ".lines .sum td{width:auto}.who td:first-child,.who th:first-child{width:36mm}"
        ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
        ".w{white-space:nowrap}.own{overflow-wrap:normal}.part{break-inside:avoid}"
        ".facts td{border-bottom-color:#e3e7eb}.facts th{width:46mm;color:#444;font-weight:400;"
        "font-size:inherit;vertical-align:top;padding:.9mm 1.5mm .9mm 0;"
        "border-bottom:.3pt solid #e3e7eb}.facts td:first-child{padding-left:1.5mm}"
        ".sum td{font-weight:600;border-bottom:.3pt solid #888}"
        ".total td{font-weight:700;border-top:1pt solid #14181d;border-bottom:2pt double #14181d;"
        "font-size:10.5pt;padding-top:1.5mm;padding-bottom:1.5mm}"
        ".id,small{color:#555;font-size:8pt}.code{font-family:'DejaVu Sans Mono',monospace;"
        "font-size:7.6pt;overflow-wrap:anywhere;color:#222}"
        "pre.code{white-space:pre-wrap;margin:1mm 0;padding:2mm;background:#f3f5f7}"
        ".sign{display:flex;gap:10mm;margin-top:12mm;break-inside:avoid}"
        ".sign div{flex:1;border-top:.6pt solid #333;padding-top:1mm;font-size:8.5pt;color:#444}"
        ".next{break-before:page}"
        "@media "
        "screen{.next{margin-top:14mm}html{background:#e9edf1}body{background:#fff;padding:14mm "
        "16mm;"
        "max-width:216mm;margin:6mm auto;box-shadow:0 1px 6px #0003}}"
        "@media print{body{padding:0;max-width:none}}";

void html_done(struct html *html)
{
        vg_buf_done(&html->buf);
}

void html_raw(struct html *html, const char *markup)
{
        vg_buf_puts(&html->buf, markup);
}

/* French binds its marks to their words: « x » : y ? z %. */
static bool binds(const char *text, const char *start)
{
        static const char guillemet[] = "\xc2\xab", closing[] = "\xc2\xbb";

        return (text[1] && strchr(":;?!%$", text[1])) || strncmp(text + 1, closing, 2) == 0 ||
               (text - start >= 2 && memcmp(text - 2, guillemet, 2) == 0);
}

static void put_escaped(struct vg_buf *buf, const char *start, bool verbatim)
{
        for (const char *text = start; *text; text++)
                switch (*text) {
                case '&':
                        vg_buf_puts(buf, "&amp;");
                        break;
                case '<':
                        vg_buf_puts(buf, "&lt;");
                        break;
                case '>':
                        vg_buf_puts(buf, "&gt;");
                        break;
                case '"':
                        vg_buf_puts(buf, "&quot;");
                        break;
                case '\'':
                        vg_buf_puts(buf, "&#39;");
                        break;
                case ' ':
                        vg_buf_puts(buf, !verbatim && binds(text, start) ? "\xc2\xa0" : " ");
                        break;
                default:
                        vg_buf_append(buf, text, 1);
                }
}

/* Cleaned line by line: a line's end is no control character of a document. */
static void put_text(struct html *html, const char *text, bool verbatim)
{
        while (*text) {
                const size_t n = strcspn(text, "\n");
                _cleanup_free_ char *clean = malloc(3 * n + 4); /* each wrong byte becomes three */
                if (!clean) {
                        html->buf.failed = true;
                        return;
                }
                put_escaped(&html->buf, vg_text_clean(text, n, clean, 3 * n + 4), verbatim);
                if (text[n])
                        vg_buf_puts(&html->buf, "\n");
                text += n + (text[n] == '\n');
        }
}

void html_text(struct html *html, const char *text)
{
        put_text(html, text, false);
}

void html_code(struct html *html, const char *tag, const char *text)
{
        vg_buf_printf(&html->buf, "<%s class=\"code\">", tag);
        put_text(html, text, true);
        vg_buf_printf(&html->buf, "</%s>", tag);
}

static void text_va(struct html *html, const char *format, va_list ap)
{
        char *text = NULL;

        if (vasprintf(&text, format, ap) < 0) {
                html->buf.failed = true;
                return;
        }
        html_text(html, text);
        free(text);
}

void html_textf(struct html *html, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        text_va(html, format, ap);
        va_end(ap);
}

static void open_tag(struct html *html, const char *tag, const char *class)
{
        assert(!strpbrk(tag, "<>&\" ") && (!class || !strpbrk(class, "<>&\"")));
        if (class)
                vg_buf_printf(&html->buf, "<%s class=\"%s\">", tag, class);
        else
                vg_buf_printf(&html->buf, "<%s>", tag);
}

static void close_tag(struct html *html, const char *tag)
{
        vg_buf_printf(&html->buf, "</%s>", tag);
}

void html_element(struct html *html, const char *tag, const char *class, const char *text)
{
        open_tag(html, tag, class);
        html_text(html, text);
        close_tag(html, tag);
}

void html_elementf(struct html *html, const char *tag, const char *class, const char *format, ...)
{
        va_list ap;

        open_tag(html, tag, class);
        va_start(ap, format);
        text_va(html, format, ap);
        va_end(ap);
        close_tag(html, tag);
}

void html_label(struct html *html, const char *label)
{
        html_raw(html, "<th scope=\"row\">");
        html_text(html, label);
        html_raw(html, "</th>");
}

void html_fact(struct html *html, const char *label, const char *format, ...)
{
        va_list ap;

        html_raw(html, "<tr>");
        html_label(html, label);
        html_raw(html, "<td>");
        va_start(ap, format);
        text_va(html, format, ap);
        va_end(ap);
        html_raw(html, "</td></tr>\n");
}

void html_table(struct html *html, const char *class, const char *const *headings,
                const char *sides)
{
        open_tag(html, "table", class);
        if (*sides) {
                html_raw(html, "<thead><tr>");
                for (size_t i = 0; sides[i]; i++) {
                        html_raw(html, sides[i] == '>' ? "<th scope=\"col\" class=\"n\">"
                                                       : "<th scope=\"col\">");
                        html_text(html, headings[i]);
                        html_raw(html, "</th>");
                }
                html_raw(html, "</tr></thead>");
        }
        html_raw(html, "<tbody>\n");
}

void html_end_table(struct html *html)
{
        html_raw(html, "</tbody></table>\n");
}

/* A CSS string: what could end it, or the style element, is written as an escape. */
static void put_css_string(struct html *html, const char *text)
{
        char clean[256];

        vg_buf_puts(&html->buf, "'");
        for (const char *s = vg_text_clean(text, strlen(text), clean, sizeof(clean)); *s; s++)
                if (strchr("'\"\\<>&;{}()/", *s))
                        vg_buf_printf(&html->buf, "\\%x ", (unsigned)(unsigned char)*s);
                else
                        vg_buf_append(&html->buf, s, 1);
        vg_buf_puts(&html->buf, "'");
}

void html_begin(struct html *html, bool french, const char *title, const char *foot)
{
        vg_buf_printf(&html->buf,
                      "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'\">"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                      "<title>",
                      french ? "fr-CA" : "en-CA");
        html_text(html, title);
        html_raw(html, "</title><style>:root{--foot:");
        put_css_string(html, foot);
        html_raw(html, "}");
        html_raw(html, style);
        html_raw(html, "</style></head><body>\n");
}

void html_end(struct html *html)
{
        html_raw(html, "</body></html>\n");
}

int cli_write_out(struct cli *cli, const struct vg_buf *text)
{
        const char *path = cli_option(cli, "out");
        struct vg_err err = { 0 };

        if (text->failed || !text->data)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (!path || strcmp(path, "-") == 0) {
                fwrite(text->data, 1, text->n, cli->out);
                return CLI_FINE;
        }
        if (vg_file_write(path, text->data, text->n, 0640, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        cli_progress(cli, "Écrit dans %s.", path);
        return CLI_FINE;
}
