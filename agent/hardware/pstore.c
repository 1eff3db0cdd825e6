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

static int put_file(struct source *source, const char *path, long long mtime_s, unsigned number)
{
        _cleanup_free_ char *text = NULL;
        char name[64];
        size_t n;
        struct vg_err err = { 0 };

        if (vg_file_read(path, PSTORE_MAX, &text, &n, &err) < 0) {
                source_unread(source, path, vg_err_text(&err));
                return 0;
        }
        snprintf(name, sizeof(name), "pstore/%lld-%u.log", mtime_s, number);
        return documents_put(&source->documents, name, text, n);
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
                r = put_file(source, found.gl_pathv[i], (long long)st.st_mtime, (unsigned)i);
        }
        globfree(&found);
        if (r == 0 && newest && seen_file) {
                snprintf(text, sizeof(text), "%lld\n", newest);
                r = vg_file_write(seen_file, text, strlen(text), 0600, NULL);
        }
        return r;
}
