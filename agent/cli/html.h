/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* html: documents to print and to file: one UTF-8 file, its style inside, no script, nothing fetched.
 * Whatever comes from a file, a guest or a person goes through html_text() or a cell; tags and
 * classes are our own words. */

#include "cli/cli.h"

struct html { /* zero-initialised is empty; html_done() after use */
        struct vg_buf buf;
};
void html_done(struct html *html);

/* Head, style and the beginning of the body. foot: what stands at the foot of every page. */
void html_begin(struct html *html, bool french, const char *title, const char *foot);
void html_end(struct html *html);

void html_raw(struct html *html, const char *markup); /* our own constants alone */
void html_text(struct html *html, const char *text);
/* <tag class="code">: byte by byte, without the bound spaces that French text is given. */
void html_code(struct html *html, const char *tag, const char *text);
void html_textf(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* <tag class="class">text</tag>; class NULL: none. */
void html_element(struct html *html, const char *tag, const char *class, const char *text);
void html_elementf(struct html *html, const char *tag, const char *class, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The heading of a row. */
void html_label(struct html *html, const char *label);
/* A row of two cells: what it is, and its value. */
void html_fact(struct html *html, const char *label, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* <table class="…"> and its heading line: one '<' or '>' a column, for the side where it stands. */
void html_table(struct html *html, const char *class, const char *const *headings,
                const char *sides);
void html_end_table(struct html *html);

/* Writes a finished text to --out where it is given (through a new file), else to cli->out. */
int cli_write_out(struct cli *cli, const struct vg_buf *text);
