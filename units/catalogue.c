/* SPDX-License-Identifier: Apache-2.0 */

/* vigie-catalogue fr|en: prints the journal catalogue (`journalctl --catalog`) in one language,
 * from the tables that the programs log from, so that no entry can be forgotten. Runs at build
 * time only. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct entry {
        const char *id;
        const char *subject[2], *todo[2]; /* fr, en */
};

static const struct entry entries[] = {
#define VG_MESSAGE(name, id, subject_fr, subject_en, todo_fr, todo_en) \
        { id, { subject_fr, subject_en }, { todo_fr, todo_en } },
#include "os/messages.def"
#undef VG_MESSAGE
#define VG_ALERT(name, code, class, least, most, end, quiet, audience, id, params, title_fr, \
                 title_en, text_fr, text_en, action_fr, action_en)                           \
        { id, { code "\xc2\xa0: " title_fr, code ": " title_en }, { action_fr, action_en } },
#include "core/alert/alerts.def"
#undef VG_ALERT
};

/* Lines of at most 78 columns, for a terminal; a sentence of ours holds no newline. */
static void print_wrapped(const char *text)
{
        size_t column = 0;

        while (*text) {
                size_t n = strcspn(text, " "), width = 0;
                for (size_t i = 0; i < n; i++)
                        width += ((unsigned char)text[i] & 0xc0) != 0x80;
                if (column && column + 1 + width > 78) {
                        putchar('\n');
                        column = 0;
                }
                printf("%s%.*s", column ? " " : "", (int)n, text);
                column += width + (column ? 1 : 0);
                text += n;
                text += strspn(text, " ");
        }
        putchar('\n');
}

int main(int argc, char **argv)
{
        if (argc != 2 || (strcmp(argv[1], "fr") != 0 && strcmp(argv[1], "en") != 0)) {
                fputs("vigie-catalogue fr|en\n", stderr);
                return 2;
        }

        const int language = strcmp(argv[1], "en") == 0;

        for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
                const struct entry *e = &entries[i];
                if (!*e->todo[language])
                        continue; /* an alert that nothing raises yet */
                printf("-- %s\nSubject: %s\nDefined-By: vigie\n\n", e->id, e->subject[language]);
                print_wrapped(e->todo[language]);
                putchar('\n');
        }
        return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
