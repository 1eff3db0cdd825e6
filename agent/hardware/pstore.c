/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/pstore.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hardware/hardware.h"
#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { PSTORE_MAX = 1 << 20, SEEN_MAX = 4096 };
#define PSTORE "/var/lib/systemd/pstore"

static int put_file(struct source *source, const char *path, long long kept_s, unsigned number)
{
        _cleanup_free_ char *text = NULL;
        char name[64];
        size_t n;
        struct vg_err err = { 0 };

        if (vg_file_read(path, PSTORE_MAX, &text, &n, &err) < 0) {
                source_unread(source, path, vg_err_text(&err));
                return 0;
        }
        snprintf(name, sizeof(name), "pstore/%lld-%u.log", kept_s, number);
        return documents_put(&source->documents, name, text, n);
}

static size_t folder_length(const char *path)
{
        return (size_t)(strrchr(path, '/') - path);
}

static bool are_beside(const char *a, const char *b)
{
        return folder_length(a) == folder_length(b) && strncmp(a, b, folder_length(a)) == 0;
}

/* systemd puts the records of one kernel together in a dmesg.txt beside them, after the reboot: the
 * records bear the time when it died. 0: this one is a record, and stands in that text. */
static long long kept_at(const glob_t *found, size_t which, long long mtime_s)
{
        static const char whole[] = "/dmesg.txt";
        const char *path = found->gl_pathv[which];
        const bool is_whole = strcmp(path + folder_length(path), whole) == 0;
        long long kept_s = mtime_s;

        for (size_t i = 0; i < found->gl_pathc; i++) {
                const char *other = found->gl_pathv[i];
                struct stat st;

                if (i == which || !are_beside(path, other))
                        continue;
                if (!is_whole && strcmp(other + folder_length(other), whole) == 0)
                        return 0;
                if (is_whole && stat(other, &st) == 0 && st.st_mtime > 0 && st.st_mtime < kept_s)
                        kept_s = st.st_mtime;
        }
        return kept_s;
}

int pstore_read(struct source *source, const char *seen_file)
{
        _cleanup_free_ char *seen = NULL, *pattern = NULL;
        long long newest = 0, before = 0;
        glob_t found = { 0 };
        char text[32];
        size_t n;
        int r = 0;

        if (seen_file && vg_file_read(seen_file, SEEN_MAX, &seen, &n, NULL) == 0)
                before = strtoll(seen, NULL, 10);
        if (asprintf(&pattern, "%s" PSTORE "/{,*/,*/*/}dmesg*", source->hardware->root) < 0)
                return -ENOMEM;
        if (glob(pattern, GLOB_BRACE, NULL, &found) != 0)
                return 0;
        for (size_t i = 0; i < found.gl_pathc && r == 0; i++) {
                struct stat st;
                if (stat(found.gl_pathv[i], &st) < 0 || st.st_mtime <= before)
                        continue;
                newest = st.st_mtime > newest ? st.st_mtime : newest;
                const long long kept_s = kept_at(&found, i, st.st_mtime);
                if (kept_s)
                        r = put_file(source, found.gl_pathv[i], kept_s, (unsigned)i);
        }
        globfree(&found);
        if (r == 0 && newest && seen_file) {
                snprintf(text, sizeof(text), "%lld\n", newest);
                r = vg_file_write(seen_file, text, strlen(text), 0600, NULL);
        }
        return r;
}
