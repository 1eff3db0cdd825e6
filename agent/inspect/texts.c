/* SPDX-License-Identifier: Apache-2.0 */

/* Small files of the kernel and of libvirt, those that the checks ask for. */

#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/functions.h"
#include "inspect/inspect.h"
#include "os/evidence.h"
#include "os/files.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { TEXT_BYTES_MAX = 256 << 10 };

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

/* Of a folder the names in it, of a link to one where it leads: the kernel says much with those. */
static void take_folder(json_t *texts, const char *path)
{
        _cleanup_(closedirp) DIR *dir = opendir(path);
        _cleanup_(vg_buf_done) struct vg_buf names = { 0 };
        const struct dirent *entry;
        char target[PATH_MAX];
        const ssize_t n = readlink(path, target, sizeof(target));

        if (n > 0) {
                json_object_set_new(texts, path, json_stringn(target, (size_t)n));
                return;
        }
        while (dir && (entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        vg_buf_printf(&names, "%s ", entry->d_name);
        if (dir && !names.failed)
                json_object_set_new(texts, path, json_string(names.n ? names.data : ""));
}

/* Left out where it cannot be read, or is no text: what is missing is unknown. */
static void take_file(json_t *texts, const char *path)
{
        _cleanup_free_ char *bytes = NULL;
        struct stat st;
        size_t n;

        if (stat(path, &st) < 0)
                return;
        if (S_ISDIR(st.st_mode))
                take_folder(texts, path);
        else if (S_ISREG(st.st_mode) && vg_file_read(path, TEXT_BYTES_MAX, &bytes, &n, NULL) == 0 &&
                 !memchr(bytes, 0, n))
                json_object_set_new(texts, path, json_stringn(bytes, n));
}

static json_t *take_pattern(const char *pattern)
{
        json_t *texts = json_object();
        glob_t found = { 0 };

        if (!strchr(pattern, '*')) {
                take_file(texts, pattern);
        } else if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
                for (size_t i = 0; i < found.gl_pathc; i++)
                        take_file(texts, found.gl_pathv[i]);
        }
        globfree(&found);
        return texts;
}

/* No file, but read as one by the checks. */
static void take_functions(struct vg_evidence *evidence)
{
        _cleanup_free_ char *lines = functions_read();

        if (lines)
                vg_evidence_put(evidence,
                                json_pack("{s:s, s:s, s:{s:s}}", "key", "ip-link", "scope", "texts",
                                          "texts", "/evidence/ip-link", lines));
}

void texts_look(struct vg_evidence *evidence)
{
        const uint32_t round = vg_evidence_round(evidence);

        for (const char *const *pattern = vg_host_texts(); *pattern; pattern++)
                vg_evidence_put(evidence, json_pack("{s:s, s:s, s:o}", "key", *pattern, "scope",
                                                    "texts", "texts", take_pattern(*pattern)));
        take_functions(evidence);
        vg_evidence_sweep(evidence, round, "texts", NULL);
}
