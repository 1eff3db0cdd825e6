/* SPDX-License-Identifier: Apache-2.0 */

/* What a path leads to, and on along the chain that image headers name. Paths are those of the first
 * process, whose root is the host's: ours has folders hidden by the sandbox. Nothing is opened for
 * reading but regular files and block devices, and these by what was looked at, not by name again. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inspect/guard.h"
#include "inspect/image.h"
#include "inspect/inspect.h"
#include "os/evidence.h"
#include "os/files.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"

enum { CHAIN_MAX = 200, STACK_DEPTH = 8, LINKS_MAX = 40 };

struct looking {
        struct vg_evidence *evidence;
        json_t *seen; /* paths of this look */
        int root;     /* the host's */
        struct guard *guard;
};

static const char *kind_of(mode_t mode)
{
        return S_ISREG(mode)   ? "file"
               : S_ISBLK(mode) ? "block"
               : S_ISCHR(mode) ? "char"
               : S_ISDIR(mode) ? "dir"
                               : "other";
}

static void put_device(json_t *piece, const char *key, dev_t device)
{
        char text[32];

        snprintf(text, sizeof(text), "%u:%u", major(device), minor(device));
        json_object_set_new(piece, key, json_string(text));
}

/* Without following what it is; -errno. */
static int open_in_root(const struct looking *l, const char *path)
{
        const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
        const long fd = syscall(SYS_openat2, l->root, path, &how, sizeof(how));

        return fd < 0 ? -errno : (int)fd;
}

/* Where links have led; NULL: it has no name any more. */
static char *name_of(int fd, char name[PATH_MAX])
{
        char link[64];

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        const ssize_t n = readlink(link, name, PATH_MAX - 1);
        if (n <= 0 || name[0] != '/')
                return NULL;
        name[n] = '\0';
        return name;
}

/* Whether others may walk through every parent of a real path. */
static bool is_reachable(const struct looking *l, const char *real)
{
        char parent[PATH_MAX];

        snprintf(parent, sizeof(parent), "%s", real);
        for (char *slash; (slash = strrchr(parent, '/'));) {
                struct stat st;

                slash[slash == parent] = '\0';
                _cleanup_close_ int fd = open_in_root(l, parent);
                if (fd < 0 || fstat(fd, &st) < 0 || !(st.st_mode & S_IXOTH))
                        return false;
                if (slash == parent)
                        return true;
        }
        return true;
}

/* ---- encryption below a device ---- */

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static bool is_crypt(const char *device)
{
        _cleanup_free_ char *uuid = NULL;
        char path[PATH_MAX];
        size_t n;

        snprintf(path, sizeof(path), "%s/dm/uuid", device);
        return vg_file_read(path, 4096, &uuid, &n, NULL) == 0 && strncmp(uuid, "CRYPT-", 6) == 0;
}

/* It or all of what it is made of. */
static bool is_encrypted(const char *device, int depth)
{
        char path[PATH_MAX];
        const struct dirent *entry;
        bool any = false;

        if (is_crypt(device))
                return true;
        snprintf(path, sizeof(path), "%s/slaves", device);
        _cleanup_(closedirp) DIR *dir = depth < STACK_DEPTH ? opendir(path) : NULL;
        while (dir && (entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                any = true;
                if (snprintf(path, sizeof(path), "%s/slaves/%s", device, entry->d_name) >=
                            (int)sizeof(path) ||
                    !is_encrypted(path, depth + 1))
                        return false;
        }
        return any;
}

/* A file system without a device of its own (NFS, btrfs, overlay) is not known to be either. */
static void put_crypt(json_t *piece, const struct stat *st)
{
        const dev_t device = S_ISBLK(st->st_mode) ? st->st_rdev : st->st_dev;
        char path[64];

        snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(device), minor(device));
        if (access(path, F_OK) == 0)
                json_object_set_new(piece, "crypt", json_integer(is_encrypted(path, 0)));
}

/* ---- headers ---- */

static void look_at(struct looking *l, const char *path, int depth);

static void put_name(struct looking *l, json_t *piece, const char *key, const char *name, bool bad,
                     const char *real, int depth)
{
        char path[PATH_MAX];

        if (!bad && !name[0])
                return;
        if (bad || !vg_backing_resolve(name, real, path, sizeof(path))) {
                json_object_set_new(piece, "backing_bad", json_integer(1));
                return;
        }
        json_object_set_new(piece, key, json_string(path));
        if (path[0] == '/')
                look_at(l, path, depth + 1);
}

static bool parse_header(int fd, struct image *ret_image)
{
        _cleanup_free_ unsigned char *bytes = malloc(IMAGE_HEADER_BYTES);
        char link[64];

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        _cleanup_close_ int opened = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        const ssize_t n = bytes && opened >= 0 ? pread(opened, bytes, IMAGE_HEADER_BYTES, 0) : -1;
        if (n >= 0)
                image_parse(bytes, (size_t)n, ret_image);
        return n >= 0;
}

static void put_header(struct looking *l, json_t *piece, int fd, const char *real, int depth)
{
        struct image image;

        if (!parse_header(fd, &image))
                return;
        json_object_set_new(piece, "format", json_string(image_format_name(image.format)));
        if (image.backing_raw)
                json_object_set_new(piece, "backing_raw", json_integer(1));
        put_name(l, piece, "backing", image.backing, image.backing_bad, real, depth);
        put_name(l, piece, "data_file", image.data_file, image.data_file_bad, real, depth);
}

/* ---- one path ---- */

static void put_stat(struct looking *l, json_t *piece, int fd, const char *real, int depth)
{
        struct stat st;
        char text[32];

        if (fstat(fd, &st) < 0)
                return;
        json_object_set_new(piece, "kind", json_string(kind_of(st.st_mode)));
        put_device(piece, "dev", st.st_dev);
        snprintf(text, sizeof(text), "%llu", (unsigned long long)st.st_ino);
        json_object_set_new(piece, "ino", json_string(text));
        snprintf(text, sizeof(text), "%04o", st.st_mode & 07777);
        json_object_set_new(piece, "mode", json_string(text));
        json_object_set_new(piece, "open", json_integer(is_reachable(l, real)));
        if (S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode))
                put_device(piece, "rdev", st.st_rdev);
        if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
                put_crypt(piece, &st);
                put_header(l, piece, fd, real, depth);
        }
}

static json_t *new_piece(const char *path, const char *real)
{
        return json_pack("{s:s, s:s, s:s}", "key", path, "real", real, "scope", "path");
}

/* One link further, as far as names go: from a folder to what the link there names. */
static bool follow(const struct looking *l, char name[PATH_MAX])
{
        const struct open_how how = { .flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
                                      .resolve = RESOLVE_IN_ROOT };
        _cleanup_close_ int fd = (int)syscall(SYS_openat2, l->root, name, &how, sizeof(how));
        char self[PATH_MAX], target[PATH_MAX], next[2 * PATH_MAX];
        const ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target) - 1);

        if (n <= 0 || !name_of(fd, self))
                return false;
        target[n] = '\0';
        *(strrchr(self, '/') + 1) = '\0';
        snprintf(next, sizeof(next), "%s%s", *target == '/' ? "" : self, target);
        if (strlen(next) >= PATH_MAX)
                return false;
        memcpy(name, next, strlen(next) + 1);
        return true;
}

/* Of what is not there: where links lead, since another may name it without them. */
static void put_toward(const struct looking *l, json_t *piece, const char *path)
{
        char name[PATH_MAX], parent[PATH_MAX], toward[2 * PATH_MAX];

        if (strlen(path) >= sizeof(name))
                return;
        memcpy(name, path, strlen(path) + 1);
        for (int i = 0; i < LINKS_MAX && follow(l, name); i++)
                ;
        const char *slash = strrchr(name, '/');
        if (!slash || !slash[1])
                return;
        snprintf(parent, sizeof(parent), "%.*s/", (int)(slash - name), name);
        _cleanup_close_ int fd = open_in_root(l, parent);
        if (fd >= 0 && name_of(fd, parent))
                snprintf(toward, sizeof(toward), "%s%s", parent[1] ? parent : "", slash);
        else
                snprintf(toward, sizeof(toward), "%s", name);
        if (strcmp(toward, path) != 0)
                json_object_set_new(piece, "toward", json_string(toward));
}

/* What cannot be looked at may be there all the same: no piece. */
static void look_at(struct looking *l, const char *path, int depth)
{
        char real[PATH_MAX];
        json_t *piece = NULL;

        if (depth > CHAIN_MAX || json_object_get(l->seen, path) ||
            json_object_set_new(l->seen, path, json_true()) < 0 || !guard_enter(l->guard, path))
                return;
        _cleanup_close_ int fd = open_in_root(l, path);
        if (fd >= 0 && name_of(fd, real)) {
                piece = new_piece(path, real);
                if (piece)
                        put_stat(l, piece, fd, real, depth);
        } else if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP) {
                piece = new_piece(path, "");
                if (piece)
                        put_toward(l, piece, path);
        }
        if (piece)
                vg_evidence_put(l->evidence, piece);
}

void paths_look(struct vg_evidence *evidence, const struct wanted *wanted, struct guard *guard)
{
        _cleanup_close_ int first = open("/proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int own = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct looking looking = {
                .evidence = evidence,
                .seen = json_object(),
                .root = first >= 0 ? first : own,
                .guard = guard,
        };

        for (size_t i = 0; i < wanted->n_paths && looking.seen; i++)
                if (wanted->paths[i][0] == '/')
                        look_at(&looking, wanted->paths[i], 0);
        json_decref(looking.seen);
}
