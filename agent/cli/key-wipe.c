/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/key-wipe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "os/settings.h"

#define SEALED_KEY "/etc/vigie/signing-key.cred"

static int add(struct key_files *files, const char *format, const char *word)
{
        char *path = NULL;

        if (asprintf(&path, format, word) < 0)
                return -ENOMEM;
        if (files->n == KEY_FILES_MAX || access(path, F_OK) < 0) {
                free(path);
                return 0;
        }
        files->list[files->n++].path = path;
        return 0;
}

/* Secrets by their names; certificates are none. */
static bool is_delivery_key(const char *name)
{
        return strcmp(name, "client.key") == 0 || strcmp(name, "mail-password") == 0 ||
               strncmp(name, "webhook-", 8) == 0;
}

static int add_delivery_keys(struct key_files *files, const char *folder)
{
        DIR *dir = *folder ? opendir(folder) : NULL;
        const struct dirent *entry;
        char path[4096];
        int r = 0;

        while (dir && r == 0 && (entry = readdir(dir))) {
                if (!is_delivery_key(entry->d_name))
                        continue;
                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                r = add(files, "%s", path);
        }
        if (dir)
                closedir(dir);
        return r;
}

int key_files_find(const struct vg_settings *settings, struct key_files *ret)
{
        int r = *settings->signing_key ? add(ret, "%s", settings->signing_key)
                                       : add(ret, "%s", SEALED_KEY);

        if (r == 0 && *settings->signing_key) /* of a rotation that was cut short */
                r = add(ret, "%s.next", settings->signing_key);
        if (r == 0)
                r = add(ret, "%s/authority.key", settings->access_authority);
        return r == 0 ? add_delivery_keys(ret, settings->deliver_credentials) : r;
}

void key_files_done(struct key_files *files)
{
        for (size_t i = 0; i < files->n; i++)
                free(files->list[i].path);
}

static int open_folder(const char *path)
{
        const char *slash = strrchr(path, '/');
        char folder[4096];

        snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 2,
                 slash ? path : "./");
        return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool key_files_can_wipe(const struct key_files *files)
{
        for (size_t i = 0; i < files->n; i++) {
                _cleanup_close_ int folder = open_folder(files->list[i].path);
                if (folder < 0 || faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) < 0)
                        return false;
        }
        return true;
}

/* Over its bytes first: of a copy-on-write file system, or a disk that moves blocks about, nobody can
 * promise more. */
static bool wipe(const char *path)
{
        static const char zeros[4096];
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        _cleanup_close_ int folder = open_folder(path);
        struct stat st;

        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
                for (off_t at = 0; at < st.st_size;) {
                        const off_t left = st.st_size - at;
                        const ssize_t put = pwrite(
                                fd, zeros,
                                left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros), at);
                        if (put <= 0)
                                break;
                        at += put;
                }
                (void)fsync(fd);
        }
        return unlink(path) == 0 && folder >= 0 && fsync(folder) == 0;
}

void key_files_wipe(struct key_files *files)
{
        for (size_t i = 0; i < files->n; i++)
                files->list[i].is_wiped = wipe(files->list[i].path);
}
