/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* page: what a person is to read, written once and kept twice: as plain text of 72 columns, and as an
 * HTML document for mail readers (style on the elements, no picture, no script, nothing fetched).
 * Pure. Whatever comes from a ledger is cleaned and escaped; markup is our own words. */

#include <stdbool.h>

#include "vigie/text.h"

enum page_tone {
        PAGE_PLAIN,
        PAGE_GOOD,
        PAGE_INFO,
        PAGE_WARNING,
        PAGE_MAJOR,
        PAGE_CRITICAL,
        PAGE_TEST
};

struct page { /* zero-initialised is empty; page_done() after use */
        struct vg_buf text, html;
};
void page_done(struct page *page);
bool page_failed(const struct page *page);

/* lang: "fr", "en". preview: what lists of messages show beside the subject. */
void page_begin(struct page *page, const char *lang, const char *preview);
void page_end(struct page *page);
/* What follows is in that language; a rule stands before it. */
void page_language(struct page *page, const char *lang);

/* A coloured band: a word ("ALERTE MAJEURE") over a title. */
void page_band(struct page *page, enum page_tone tone, const char *word, const char *title);
void page_heading(struct page *page, const char *text);
void page_text(struct page *page, const char *text);
void page_note(struct page *page, const char *text); /* small print */
/* "À faire :" and what. */
void page_remedy(struct page *page, const char *label, const char *text);
/* Facts stand between begin and end, a label and a value each. */
void page_facts(struct page *page);
void page_fact(struct page *page, const char *label, const char *value);
void page_code(struct page *page, const char *label, const char *value); /* byte by byte */
void page_end_facts(struct page *page);
/* One of a list: a coloured word, a title, a sentence, small print. */
void page_item(struct page *page, enum page_tone tone, const char *word, const char *title,
               const char *text, const char *small);
/* How far something is, in hundredths of a percent of the whole. */
void page_bar(struct page *page, enum page_tone tone, int permyriad, const char *label);
