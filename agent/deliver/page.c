/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/page.h"

#include <stdio.h>
#include <string.h>

#include "vigie/mem.h"

enum { COLUMNS = 72, LABEL_COLUMNS = 27, CELLS = 40 };

/* Colours that keep 4.5 to 1 against white, as text and as ground. */
static const char *const colours[] = {
        [PAGE_PLAIN] = "#14181d",   [PAGE_GOOD] = "#1b5e34",  [PAGE_INFO] = "#1d4f7c",
        [PAGE_WARNING] = "#7a5c00", [PAGE_MAJOR] = "#a34400", [PAGE_CRITICAL] = "#9b1c1c",
        [PAGE_TEST] = "#5b3a8c",
};

void page_done(struct page *page)
{
        vg_buf_done(&page->text);
        vg_buf_done(&page->html);
}

bool page_failed(const struct page *page)
{
        return page->text.failed || page->html.failed;
}

/* A copy for people's eyes; caller frees. */
static char *cleaned(const char *text)
{
        const size_t n = strlen(text), size = 3 * n + 4; /* each wrong byte becomes three */
        char *clean = malloc(size);

        return clean ? vg_text_clean(text, n, clean, size) : NULL;
}

/* ---- HTML ---- */

static void put_html(struct page *page, const char *text)
{
        _cleanup_free_ char *clean = cleaned(text);

        if (!clean) {
                page->html.failed = true;
                return;
        }
        for (const char *s = clean; *s; s++)
                switch (*s) {
                case '&':
                        vg_buf_puts(&page->html, "&amp;");
                        break;
                case '<':
                        vg_buf_puts(&page->html, "&lt;");
                        break;
                case '>':
                        vg_buf_puts(&page->html, "&gt;");
                        break;
                case '"':
                        vg_buf_puts(&page->html, "&quot;");
                        break;
                case '\'':
                        vg_buf_puts(&page->html, "&#39;");
                        break;
                default:
                        vg_buf_append(&page->html, s, 1);
                }
}

static void put_element(struct page *page, const char *tag, const char *style, const char *text)
{
        vg_buf_printf(&page->html, "<%s style=\"%s\">", tag, style);
        put_html(page, text);
        vg_buf_printf(&page->html, "</%s>\n", tag);
}

/* ---- plain text ---- */

/* Words, broken to the width; first and then what stands before the first line and the others. */
static void put_wrapped(struct page *page, const char *first, const char *then, const char *text)
{
        _cleanup_free_ char *clean = cleaned(text);
        size_t column = vg_text_columns(first);
        bool at_start = true;

        if (!clean) {
                page->text.failed = true;
                return;
        }
        vg_buf_puts(&page->text, first);
        for (char *rest = clean, *word; (word = strsep(&rest, " "));) {
                const size_t width = vg_text_columns(word);

                if (!at_start && column + 1 + width > COLUMNS) {
                        vg_buf_printf(&page->text, "\n%s", then);
                        column = vg_text_columns(then);
                } else if (!at_start) {
                        vg_buf_puts(&page->text, " ");
                        column++;
                }
                vg_buf_puts(&page->text, word);
                column += width;
                at_start = false;
        }
        vg_buf_puts(&page->text, "\n");
}

static void put_paragraph(struct page *page, const char *text)
{
        put_wrapped(page, "", "", text);
        vg_buf_puts(&page->text, "\n");
}

/* ---- the document ---- */

#define FONT "font-family:'Segoe UI','Liberation Sans','DejaVu Sans',Arial,sans-serif"

void page_begin(struct page *page, const char *lang, const char *preview)
{
        vg_buf_printf(&page->html,
                      "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                      "<meta name=\"color-scheme\" content=\"light\"><title>vigie</title></head>\n"
                      "<body style=\"margin:0;padding:16px 8px;background:#eef1f4;" FONT
                      ";font-size:15px;line-height:1.5;color:#14181d\">\n"
                      "<div style=\"display:none;max-height:0;overflow:hidden\">",
                      lang);
        put_html(page, preview);
        vg_buf_printf(&page->html,
                      "</div>\n<table role=\"presentation\" width=\"100%%\" cellpadding=\"0\" "
                      "cellspacing=\"0\" style=\"max-width:640px;margin:0 auto;background:#fff;"
                      "border:1px solid #d4dae0\"><tr><td style=\"padding:0 24px 16px\" "
                      "lang=\"%s\">\n",
                      lang);
}

void page_end(struct page *page)
{
        vg_buf_puts(&page->html, "</td></tr></table>\n</body></html>\n");
}

void page_language(struct page *page, const char *lang)
{
        vg_buf_puts(&page->text, "========================================================"
                                 "================\n\n");
        vg_buf_printf(&page->html,
                      "</td></tr><tr><td style=\"padding:0 24px 16px;border-top:8px solid "
                      "#eef1f4\" lang=\"%s\">\n",
                      lang);
}

void page_band(struct page *page, enum page_tone tone, const char *word, const char *title)
{
        vg_buf_printf(&page->html,
                      "<div style=\"margin:0 -24px 16px;padding:14px 24px;background:%s;"
                      "color:#fff\">",
                      colours[tone]);
        put_element(page, "div", "font-size:13px;font-weight:600", word);
        put_element(page, "h1", "margin:2px 0 0;font-size:21px;line-height:1.25;font-weight:600",
                    title);
        vg_buf_puts(&page->html, "</div>\n");
        put_wrapped(page, "", "", word);
        put_wrapped(page, "", "", title);
        for (size_t i = 0, n = vg_text_columns(title); i < n && i < COLUMNS; i++)
                vg_buf_puts(&page->text, "=");
        vg_buf_puts(&page->text, "\n\n");
}

void page_heading(struct page *page, const char *text)
{
        put_element(page, "h2",
                    "margin:22px 0 8px;padding-bottom:4px;font-size:16px;color:#1d4f7c;"
                    "border-bottom:1px solid #c6ced6",
                    text);
        put_wrapped(page, "", "", text);
        for (size_t i = 0, n = vg_text_columns(text); i < n && i < COLUMNS; i++)
                vg_buf_puts(&page->text, "-");
        vg_buf_puts(&page->text, "\n");
}

void page_text(struct page *page, const char *text)
{
        put_element(page, "p", "margin:0 0 12px", text);
        put_paragraph(page, text);
}

void page_note(struct page *page, const char *text)
{
        put_element(page, "p", "margin:10px 0 0;font-size:12.5px;color:#4a525b", text);
        put_paragraph(page, text);
}

void page_remedy(struct page *page, const char *label, const char *text)
{
        vg_buf_puts(&page->html, "<p style=\"margin:0 0 14px;padding:10px 14px;background:#f4f1e8;"
                                 "border-left:4px solid #7a5c00\"><strong>");
        put_html(page, label);
        vg_buf_puts(&page->html, "</strong> ");
        put_html(page, text);
        vg_buf_puts(&page->html, "</p>\n");
        vg_buf_printf(&page->text, "%s\n", label);
        put_wrapped(page, "  ", "  ", text);
        vg_buf_puts(&page->text, "\n");
}

void page_facts(struct page *page)
{
        vg_buf_puts(&page->html, "<table cellpadding=\"0\" cellspacing=\"0\" style=\"width:100%;"
                                 "border-collapse:collapse;margin:0 0 12px;font-size:14px\">\n");
}

static void put_fact(struct page *page, const char *label, const char *value, const char *style)
{
        const size_t columns = vg_text_columns(label);
        char first[160], then[LABEL_COLUMNS + 1];

        vg_buf_puts(&page->html, "<tr>");
        put_element(page, "th",
                    "text-align:left;font-weight:400;color:#4a525b;padding:4px 12px 4px 0;"
                    "width:34%;vertical-align:top;border-bottom:1px solid #e6eaee",
                    label);
        vg_buf_printf(&page->html,
                      "<td style=\"padding:4px 0;vertical-align:top;border-bottom:1px solid "
                      "#e6eaee%s\">",
                      style);
        put_html(page, value);
        vg_buf_puts(&page->html, "</td></tr>\n");

        snprintf(first, sizeof(first), "%s%*s", label,
                 columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 1, "");
        snprintf(then, sizeof(then), "%*s", LABEL_COLUMNS, "");
        put_wrapped(page, first, then, value);
}

void page_fact(struct page *page, const char *label, const char *value)
{
        put_fact(page, label, value, "");
}

void page_code(struct page *page, const char *label, const char *value)
{
        put_fact(page, label, value,
                 ";font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:12.5px;"
                 "word-break:break-all");
}

void page_end_facts(struct page *page)
{
        vg_buf_puts(&page->html, "</table>\n");
        vg_buf_puts(&page->text, "\n");
}

void page_item(struct page *page, enum page_tone tone, const char *word, const char *title,
               const char *text, const char *small)
{
        vg_buf_printf(&page->html,
                      "<div style=\"margin:0 0 14px;padding-left:12px;border-left:4px solid %s\">"
                      "<div style=\"font-size:13px;font-weight:600;color:%s\">",
                      colours[tone], colours[tone]);
        put_html(page, word);
        vg_buf_puts(&page->html, "</div>\n");
        put_element(page, "div", "font-weight:600", title);
        put_element(page, "div", "margin:2px 0", text);
        if (*small)
                put_element(page, "div", "font-size:12.5px;color:#4a525b", small);
        vg_buf_puts(&page->html, "</div>\n");
        vg_buf_puts(&page->text, "* ");
        put_wrapped(page, word, "  ", "");
        put_wrapped(page, "  ", "  ", title);
        put_wrapped(page, "  ", "  ", text);
        if (*small)
                put_wrapped(page, "  ", "  ", small);
        vg_buf_puts(&page->text, "\n");
}

void page_bar(struct page *page, enum page_tone tone, int permyriad, const char *label)
{
        const int full = permyriad < 0 ? 0 : permyriad > 10000 ? 10000 : permyriad;

        vg_buf_printf(&page->html,
                      "<div style=\"height:14px;background:#e1e6eb;margin:4px 0\" "
                      "role=\"presentation\"><div style=\"height:14px;width:%d.%02d%%;"
                      "background:%s\"></div></div>\n",
                      full / 100, full % 100, colours[tone]);
        put_element(page, "p", "margin:0 0 12px;font-size:14px", label);
        vg_buf_puts(&page->text, "[");
        for (int i = 0; i < CELLS; i++)
                vg_buf_puts(&page->text, i * 10000 < full * CELLS ? "#" : ".");
        vg_buf_puts(&page->text, "]\n");
        put_paragraph(page, label);
}
