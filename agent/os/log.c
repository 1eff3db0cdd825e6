/* SPDX-License-Identifier: Apache-2.0 */

#define SD_JOURNAL_SUPPRESS_LOCATION 1

#include "os/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

#define VG_MESSAGE(name, id, subject_fr, subject_en, todo_fr, todo_en)                     \
        const struct vg_message vg_message_##name = { id, subject_fr, subject_en, todo_fr, \
                                                      todo_en };
#include "os/messages.def"
#undef VG_MESSAGE

enum { MAX_FIELDS = 24 };

static struct {
        const char *program;
        bool debug, journal;
} state = { .program = "vigie" };

/* systemd sets JOURNAL_STREAM to the device and inode of the stream that it gave us. */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        char mine[64];
        struct stat st;

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;
        snprintf(mine, sizeof(mine), "%lu:%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
        return strcmp(stream, mine) == 0;
}

void vg_log_init(const char *program, bool debug)
{
        state.program = program;
        state.debug = debug;
        state.journal = stderr_is_journal();
}

static bool is_wanted(int priority)
{
        return priority < LOG_DEBUG || state.debug;
}

void vg_log_text(int priority, const char *message_id, const char *const *fields, const char *text)
{
        char clean[2048];

        if (!is_wanted(priority))
                return;
        vg_text_clean(text, strlen(text), clean, sizeof(clean));
        if (!state.journal) {
                fprintf(stderr, "%s: %s\n", state.program, clean);
                return;
        }

        char message[sizeof(clean) + 16], level[16], id[64];
        struct iovec iov[MAX_FIELDS + 3];
        int n = 0;

        snprintf(message, sizeof(message), "MESSAGE=%s", clean);
        snprintf(level, sizeof(level), "PRIORITY=%d", priority);
        iov[n++] = (struct iovec){ message, strlen(message) };
        iov[n++] = (struct iovec){ level, strlen(level) };
        if (message_id) {
                snprintf(id, sizeof(id), "MESSAGE_ID=%s", message_id);
                iov[n++] = (struct iovec){ id, strlen(id) };
        }
        for (int i = 0; fields && fields[i] && i < MAX_FIELDS; i++)
                iov[n++] = (struct iovec){ (char *)fields[i], strlen(fields[i]) };
        sd_journal_sendv(iov, n);
}

static void log_va(int priority, const char *id, const char *const *fields, const char *format,
                   va_list ap) __attribute__((format(printf, 4, 0)));

static void log_va(int priority, const char *id, const char *const *fields, const char *format,
                   va_list ap)
{
        char text[2048];

        if (!is_wanted(priority))
                return;
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        vg_log_text(priority, id, fields, text);
}

void vg_log(int priority, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(priority, NULL, NULL, format, ap);
        va_end(ap);
}

void vg_log_message(int priority, const struct vg_message *message, const char *const *fields,
                    const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_va(priority, message->id, fields, format, ap);
        va_end(ap);
}
