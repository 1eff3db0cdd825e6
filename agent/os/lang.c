/* SPDX-License-Identifier: Apache-2.0 */

#include "os/lang.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vigie/err.h"
#include "vigie/mem.h"

static bool english; /* like the log level, one for the program */

static const char *translate(const char *msgid)
{
        return *msgid ? gettext(msgid) : msgid;
}

static bool wants_english(const char *wanted)
{
        static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

        if (wanted)
                return strncmp(wanted, "en", 2) == 0;
        for (size_t i = 0; i < ELEMENTSOF(variables); i++) {
                const char *value = getenv(variables[i]);
                if (value && *value)
                        return strncmp(value, "en", 2) == 0;
        }
        return false;
}

/* <prefix>/share/locale for a program in <prefix>/bin, <prefix>/libexec/vigie or <build>/bin. */
static void bind_catalogue(void)
{
        char exe[PATH_MAX], folder[PATH_MAX + 32], catalogue[PATH_MAX + 80];
        ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

        bindtextdomain("vigie", "/usr/share/locale");
        exe[n > 0 ? n : 0] = '\0';
        for (int up = 0; up < 4; up++) {
                char *slash = strrchr(exe, '/');
                if (!slash)
                        return;
                *slash = '\0';
                snprintf(folder, sizeof(folder), "%s/share/locale", exe);
                snprintf(catalogue, sizeof(catalogue), "%s/en/LC_MESSAGES/vigie.mo", folder);
                if (access(catalogue, R_OK) == 0) {
                        bindtextdomain("vigie", folder);
                        return;
                }
        }
}

void vg_lang_init(const char *wanted)
{
        english = wants_english(wanted);

        /* gettext looks nowhere in the "C" locale. C.UTF-8 is always installed, and LANGUAGE then
         * chooses the catalogue; French needs none, being the source. */
        setenv("LANGUAGE", english ? "en" : "fr", 1);
        setlocale(LC_CTYPE, "C.UTF-8");
        setlocale(LC_MESSAGES, "C.UTF-8");
        bind_catalogue();
        bind_textdomain_codeset("vigie", "UTF-8");
        textdomain("vigie");
        vg_err_translate_with(translate);
}

/* gettext's own counter: it must move for LANGUAGE to be looked at again (GNU gettext manual,
 * "Being a gettext grok"). */
extern int _nl_msg_cat_cntr;

void vg_lang_use(bool french)
{
        if (french == !english)
                return;
        english = !french;
        setenv("LANGUAGE", english ? "en" : "fr", 1);
        ++_nl_msg_cat_cntr;
}

bool vg_lang_is_french(void)
{
        return !english;
}

unsigned long vg_lang_count(unsigned long n)
{
        return !english && n == 0 ? 1 : n;
}

const char *vg_lang(void)
{
        return english ? "en" : "fr";
}
