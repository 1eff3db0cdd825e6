/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* lang: French first, English everywhere. Messages are French in the source; share/locale, found
 * beside the program's own folder (installed or in the build tree), holds the English. */

#include <libintl.h>
#include <stdbool.h>

#include "vigie/err.h" /* N_() */

#define _(text) gettext(text)
/* Zero is singular in French, which has no catalogue to say so. */
#undef ngettext
#define ngettext(one, many, n) dngettext(NULL, one, many, vg_lang_count(n))

/* Chooses the language: `wanted` ("fr", "en") where given, else LC_ALL, LC_MESSAGES, LANG: English
 * where it begins with "en", French otherwise. Installs the translation of vg_err texts. Dates and
 * numbers are ours to write, so no other part of the locale is taken from the environment. */
void vg_lang_init(const char *wanted);
/* From now on that language: for an answer to somebody who reads another one than this program
 * does. Not while threads run. */
void vg_lang_use(bool french);
bool vg_lang_is_french(void);
/* The number that chooses between two forms: 1 where the singular is due. */
unsigned long vg_lang_count(unsigned long n);
/* "fr" or "en" */
const char *vg_lang(void);
