/* SPDX-License-Identifier: Apache-2.0 */

/* kernel: the kernel's messages from the journal, from where the last life stopped reading; and, at
 * a start, what a kernel that died left behind (pstore). Lines are kept as the journal prints them:
 * "2026-11-27T02:14:40+00:00 HOST kernel: TEXT". */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/pstore.h"
#include "hardware/sysfs.h"
#include "os/files.h"
#include "os/keeper.h"
#include "os/lang.h"
#include "os/log.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum {
        LINES_MAX = 5000, /* a look; the rest follows at once */
        STATE_MAX = 4096,
        PATIENCE_S = 60,
        SAVE_US = 1000000,
};

struct kernel {
        struct source *source;
        sd_journal *journal;
        sd_event_source *io, *saver;
        char *cursor_file, *pstore_file;
        char *cursor; /* of the last line that was sent; NULL: it is saved */
        bool has_more, pstore_done;
        struct documents disks; /* where the kernel had them, gone ones too */
};

/* ---- where we stopped ---- */

/* The place is kept once the keeper has what was read up to it: a line may be told twice after a
 * crash, and never not at all. */
static int on_save(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct kernel *kernel = user;
        struct vg_err err = { 0 };

        if (kernel->cursor && vg_keeper_pending(kernel->source->hardware->keeper) == 0) {
                if (vg_file_write(kernel->cursor_file, kernel->cursor, strlen(kernel->cursor), 0600,
                                  &err) < 0)
                        vg_log(LOG_WARNING, "place dans le journal non conservée : %s",
                               vg_err_text(&err));
                free(TAKE_PTR(kernel->cursor));
        }
        if (kernel->cursor) {
                sd_event_source_set_time_relative(kernel->saver, SAVE_US);
                sd_event_source_set_enabled(kernel->saver, SD_EVENT_ONESHOT);
        }
        return 0;
}

static void note_place(struct kernel *kernel)
{
        char *cursor = NULL;

        if (!kernel->cursor_file || sd_journal_get_cursor(kernel->journal, &cursor) < 0)
                return;
        free(kernel->cursor);
        kernel->cursor = cursor;
        sd_event_source_set_time_relative(kernel->saver, SAVE_US);
        sd_event_source_set_enabled(kernel->saver, SD_EVENT_ONESHOT);
}

/* From the saved place; without one, from the beginning of this boot. */
static int seek(struct kernel *kernel)
{
        _cleanup_free_ char *cursor = NULL;
        size_t n;

        if (kernel->cursor_file &&
            vg_file_read(kernel->cursor_file, STATE_MAX, &cursor, &n, NULL) == 0 &&
            sd_journal_seek_cursor(kernel->journal, cursor) >= 0 &&
            sd_journal_next(kernel->journal) >= 0) {
                if (sd_journal_test_cursor(kernel->journal, cursor) <= 0)
                        sd_journal_previous(kernel->journal); /* it is gone: from the next one */
                return 0;
        }

        sd_id128_t boot;
        int r = sd_id128_get_boot(&boot);
        return r < 0 ? r : sd_journal_seek_monotonic_usec(kernel->journal, boot, 0);
}

/* ---- lines ---- */

/* Heat is told by logical processor: which package it is of stands in /sys. */
static void put_package(struct kernel *kernel, const char *line)
{
        const char *cpu = strstr(line, "CPU");
        _cleanup_free_ char *text = NULL;
        char path[128], from[PATH_MAX];
        size_t n;

        if (!cpu || !strstr(line, "temperature") || !isdigit((unsigned char)cpu[3]))
                return;
        snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%ld/topology/physical_package_id",
                 strtol(cpu + 3, NULL, 10));
        snprintf(from, sizeof(from), "%s/%s", kernel->source->hardware->root, path);
        if (vg_file_read(from, STATE_MAX, &text, &n, NULL) == 0)
                (void)documents_put(&kernel->source->documents, path, text, n);
}

static int put_line(struct kernel *kernel, const char *text, size_t n, const char *stamp)
{
        char clean[2048], line[2200];

        vg_text_clean(text, n, clean, sizeof(clean));
        snprintf(line, sizeof(line), "%s+0000 host kernel: %s\n", stamp, clean);
        put_package(kernel, clean);
        return documents_append(&kernel->source->documents, "kernel.log", line, strlen(line));
}

/* Which disk is behind "ata3.00" or "2:0:0:0": the lines of this look seldom say, the links of /sys
 * do, and did of one that has gone since. */
static int put_disks(struct kernel *kernel)
{
        static const char *const links[] = { "/sys/class/block/sd*[a-z]", NULL };
        struct source *source = kernel->source;
        _cleanup_(documents_done) struct documents now = { 0 };
        int r = 0;

        (void)sysfs_gather(source->hardware->root, links, &now, NULL);
        for (size_t i = 0; i < now.n && r == 0; i++)
                r = documents_put(&kernel->disks, now.rows[i].path, now.rows[i].bytes,
                                  now.rows[i].n);
        for (size_t i = 0; i < kernel->disks.n && r == 0 && source->documents.n; i++)
                r = documents_put(&source->documents, kernel->disks.rows[i].path,
                                  kernel->disks.rows[i].bytes, kernel->disks.rows[i].n);
        return r;
}

/* One entry of the journal; the kernel sometimes says several lines at once. */
static int put_entry(struct kernel *kernel)
{
        static const size_t n_key = sizeof("MESSAGE=") - 1;
        const void *data;
        uint64_t realtime_us;
        char stamp[32];
        size_t n;
        int r = 0;

        if (sd_journal_get_data(kernel->journal, "MESSAGE", &data, &n) < 0 || n <= n_key ||
            sd_journal_get_realtime_usec(kernel->journal, &realtime_us) < 0)
                return 0;
        vg_utc_format((int64_t)(realtime_us / 1000000), stamp);
        stamp[strcspn(stamp, "Z")] = '\0';
        for (const char *at = (const char *)data + n_key, *end = (const char *)data + n;
             at < end && r == 0;) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const char *stop = newline ? newline : end;
                r = put_line(kernel, at, (size_t)(stop - at), stamp);
                at = stop + 1;
        }
        return r;
}

static int read_lines(struct kernel *kernel)
{
        unsigned n = 0;
        int r = 0;

        sd_journal_process(kernel->journal);
        while (n < LINES_MAX && (r = sd_journal_next(kernel->journal)) > 0) {
                r = put_entry(kernel);
                if (r < 0)
                        return r;
                n++;
        }
        if (n)
                note_place(kernel);
        kernel->has_more = n == LINES_MAX;
        return r < 0 ? r : 0;
}

static void look(struct source *source)
{
        struct kernel *kernel = source->state;
        int r = read_lines(kernel);

        if (r == 0 && !kernel->pstore_done) {
                kernel->pstore_done = true;
                r = pstore_read(source, kernel->pstore_file);
        }
        if (r == 0)
                r = put_disks(kernel);
        if (kernel->has_more)
                source_want(source);
        source_end(source, r, strerror(-r));
}

static int on_journal(_unused_ sd_event_source *s, _unused_ int fd, _unused_ uint32_t events,
                      void *user)
{
        struct kernel *kernel = user;

        if (sd_journal_process(kernel->journal) != SD_JOURNAL_NOP)
                source_want(kernel->source);
        return 0;
}

/* ---- life ---- */

static void free_kernel(struct source *source)
{
        struct kernel *kernel = source->state;

        sd_event_source_disable_unref(kernel->io);
        sd_event_source_disable_unref(kernel->saver);
        sd_journal_close(kernel->journal);
        documents_done(&kernel->disks);
        free(kernel->cursor_file);
        free(kernel->pstore_file);
        free(kernel->cursor);
        free(kernel);
}

static int open_journal(struct kernel *kernel)
{
        struct source *source = kernel->source;
        sd_event *event = source->hardware->event;
        int r = sd_journal_open(&kernel->journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);

        if (r >= 0)
                r = sd_journal_add_match(kernel->journal, "_TRANSPORT=kernel", 0);
        if (r >= 0)
                r = seek(kernel);
        if (r >= 0)
                r = sd_event_add_io(event, &kernel->io, sd_journal_get_fd(kernel->journal), EPOLLIN,
                                    on_journal, kernel);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &kernel->saver, CLOCK_BOOTTIME, 0, 0, on_save,
                                               kernel);
        return r;
}

static int start(struct source *source, struct vg_err *err)
{
        struct kernel *kernel = calloc(1, sizeof(*kernel));

        if (!kernel)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        kernel->source = source;
        kernel->cursor_file = source_state_path(source, "kernel-cursor");
        kernel->pstore_file = source_state_path(source, "pstore-seen");
        source->state = kernel;
        int r = open_journal(kernel);
        return r < 0 ? vg_err_set(err, r, "journal : %s", strerror(-r)) : 0;
}

static uint32_t interval_s(_unused_ const struct vg_settings *settings)
{
        return 300; /* a sign of life; lines are read as they come */
}

const struct vg_source vg_source_kernel = {
        .name = "kernel",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .is_hint = true,
        .start = start,
        .look = look,
        .free = free_kernel,
        .parse = kernel_parse,
};
