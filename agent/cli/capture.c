/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/capture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/files.h"
#include "os/xmltree.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { JSON_BYTES_MAX = 64 << 20, FILES_MAX = 200000 };

struct reading {
        int root; /* the capture's folder */
        struct vg_host *host;
        const json_t *pids;
        size_t n_files;
        struct vg_err *err;
};

/* ---- files below the capture's folder ---- */

/* No link leads out of it, and none is followed in it. -errno. */
static int open_below(const struct reading *reading, const char *path, unsigned long long flags)
{
        const struct open_how how = {
                .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
        };
        const long fd = syscall(SYS_openat2, reading->root, path, &how, sizeof(how));

        return fd < 0 ? -errno : (int)fd;
}

static int read_all(int fd, size_t max, char **ret_bytes, size_t *ret_n)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if ((uint64_t)st.st_size > max)
                return -EFBIG;

        const size_t size = (size_t)st.st_size;
        _cleanup_free_ char *bytes = malloc(size + 1);
        size_t n = 0;
        while (bytes && n < size) {
                ssize_t k = read(fd, bytes + n, size - n);
                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        break;
                n += k > 0 ? (size_t)k : 0;
        }
        if (!bytes)
                return -ENOMEM;
        bytes[n] = '\0';
        *ret_bytes = TAKE_PTR(bytes);
        *ret_n = n;
        return 0;
}

static int read_below(const struct reading *reading, const char *path, size_t max, char **ret_bytes,
                      size_t *ret_n)
{
        _cleanup_close_ int fd = open_below(reading, path, 0);
        int r = fd < 0 ? fd : read_all(fd, max, ret_bytes, ret_n);

        if (r == -ENOENT)
                return r;
        return r < 0 ? vg_err_set(reading->err, r, "%s : %s", path,
                                  r == -EFBIG ? "trop long" : vg_errno_text(-r))
                     : 0;
}

/* -ENOENT, silently, where there is none. */
static int read_json(const struct reading *reading, const char *path, json_t **ret_tree)
{
        _cleanup_free_ char *bytes = NULL;
        size_t n;
        int line, column, r = read_below(reading, path, JSON_BYTES_MAX, &bytes, &n);

        if (r < 0)
                return r;
        r = vg_json_parse(bytes, n, ret_tree, &line, &column, reading->err);
        return r < 0 ? vg_err_wrap(reading->err, r, "%s, ligne %d", path, line) : 0;
}

/* ---- documents ---- */

static bool ends_with(const char *text, const char *end)
{
        const size_t n = strlen(text), k = strlen(end);

        return n > k && strcmp(text + n - k, end) == 0;
}

/* libvirt's own state of a running domain holds its definition. */
static const json_t *inner_domain(const json_t *tree, bool *live)
{
        const json_t *children = json_object_get(tree, "c");
        const char *root = json_string_value(json_object_get(tree, "n"));

        for (size_t i = 0; root && strcmp(root, "domstatus") == 0 && i < json_array_size(children);
             i++) {
                const json_t *child = json_array_get(children, i);
                if (strcmp(json_string_value(json_object_get(child, "n")), "domain") == 0) {
                        *live = true;
                        return child;
                }
        }
        return tree;
}

/* What libvirt itself noted beside it: <taint flag='custom-argv'/>. */
static json_t *taints_of(const json_t *tree)
{
        const json_t *children = json_object_get(tree, "c");
        json_t *taints = json_array();

        for (size_t i = 0; i < json_array_size(children); i++) {
                const json_t *child = json_array_get(children, i);
                json_t *flag = json_object_get(json_object_get(child, "a"), "flag");
                if (flag && strcmp(json_string_value(json_object_get(child, "n")), "taint") == 0)
                        json_array_append(taints, flag);
        }
        return taints;
}

static bool has_pid(const struct reading *reading, const json_t *tree)
{
        const json_t *children = json_object_get(tree, "c");

        for (size_t i = 0; i < json_array_size(children); i++) {
                const json_t *child = json_array_get(children, i);
                const char *name = json_string_value(json_object_get(child, "t"));
                if (name && strcmp(json_string_value(json_object_get(child, "n")), "name") == 0)
                        return json_object_get(reading->pids, name) != NULL;
        }
        return false;
}

static int put_document(struct reading *reading, const char *kind, const char *parent,
                        const char *path, const char *bytes, size_t n)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;
        bool live = ends_with(path, ".live.xml");

        int r = xmltree_read(bytes, n, &tree, reading->err);
        if (r == 0) {
                const json_t *inner =
                        strcmp(kind, "domain") == 0 ? inner_domain(tree, &live) : tree;
                live |= has_pid(reading, inner);
                r = vg_document_piece(kind, parent, inner, live ? VG_DOCUMENT_LIVE : 0, &piece,
                                      reading->err);
                if (r == 0 && inner != tree)
                        json_object_set_new(piece, "taints", taints_of(tree));
        }
        if (r == 0)
                r = vg_host_put(reading->host, piece, reading->err);
        return r < 0 ? vg_err_wrap(reading->err, r, "%s", path) : 0;
}

static int read_document(struct reading *reading, const char *kind, const char *parent,
                         const char *path)
{
        _cleanup_free_ char *bytes = NULL;
        size_t n;
        int r = read_below(reading, path, XMLTREE_BYTES_MAX, &bytes, &n);

        if (r == -ENOENT)
                return vg_err_set(reading->err, r, "%s : %s", path, vg_errno_text(ENOENT));
        return r < 0 ? r : put_document(reading, kind, parent, path, bytes, n);
}

/* ---- folders ---- */

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
        char **list;
        size_t n;
};

static void names_done(struct names *names)
{
        for (size_t i = 0; i < names->n; i++)
                free(names->list[i]);
        free(names->list);
}

/* Sorted. -ENOENT, silently, where there is no such folder. */
static int read_names(struct reading *reading, const char *folder, struct names *names)
{
        int fd = open_below(reading, folder, O_DIRECTORY);
        _cleanup_(closedirp) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        const struct dirent *entry;

        if (fd == -ENOENT)
                return fd;
        if (!dir)
                return vg_err_set(reading->err, fd < 0 ? fd : -ENOMEM, "%s : %s", folder,
                                  vg_errno_text(fd < 0 ? -fd : ENOMEM));
        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                if (++reading->n_files > FILES_MAX)
                        return vg_err_set(reading->err, -EFBIG, "%s : plus de %d fichiers", folder,
                                          FILES_MAX);
                char **more = reallocarray(names->list, names->n + 1, sizeof(*more));
                names->list = more ? more : names->list;
                if (!more || !(more[names->n] = strdup(entry->d_name)))
                        return vg_err_set(reading->err, -ENOMEM, "mémoire épuisée");
                names->n++;
        }
        if (names->n)
                qsort(names->list, names->n, sizeof(*names->list), by_text);
        return 0;
}

static int put_complete(struct reading *reading, const char *kind)
{
        _cleanup_(vg_json_decrefp) json_t *piece =
                json_pack("{s:s, s:s}", "key", kind, "scope", "complete");

        return piece ? vg_host_put(reading->host, piece, reading->err)
                     : vg_err_set(reading->err, -ENOMEM, "mémoire épuisée");
}

/* The files of one folder; of a domain that is there twice, the running one is the later. */
static int read_files(struct reading *reading, const char *kind, const char *parent,
                      const char *folder, bool live)
{
        _cleanup_(names_done) struct names names = { 0 };
        char path[1024];
        int r = read_names(reading, folder, &names);

        for (size_t i = 0; r == 0 && i < names.n; i++) {
                if (!ends_with(names.list[i], ".xml") ||
                    ends_with(names.list[i], ".live.xml") != live)
                        continue;
                snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
                r = read_document(reading, kind, parent, path);
        }
        return r == -ENOENT && !reading->err->code ? 0 : r;
}

static int read_folders(struct reading *reading, const char *kind, const char *folder)
{
        _cleanup_(names_done) struct names names = { 0 };
        char path[1024];
        int r = read_names(reading, folder, &names);

        for (size_t i = 0; r == 0 && i < names.n; i++) {
                snprintf(path, sizeof(path), "%s/%s", folder, names.list[i]);
                r = read_files(reading, kind, names.list[i], path, false);
        }
        return r == -ENOENT && !reading->err->code ? 0 : r;
}

/* ---- all of it ---- */

static int read_backups(struct reading *reading)
{
        _cleanup_(names_done) struct names names = { 0 };
        char path[1024], domain[512];
        int r = read_names(reading, "backups", &names);

        for (size_t i = 0; r == 0 && i < names.n; i++) {
                if (!ends_with(names.list[i], ".xml"))
                        continue;
                snprintf(path, sizeof(path), "backups/%s", names.list[i]);
                snprintf(domain, sizeof(domain), "%.*s", (int)(strlen(names.list[i]) - 4),
                         names.list[i]);
                r = read_document(reading, "backup", domain, path);
        }
        return r == -ENOENT && !reading->err->code ? 0 : r;
}

static int read_documents(struct reading *reading)
{
        static const struct {
                const char *kind, *folder;
        } folders[] = { { "domain", "domains" },   { "network", "networks" },
                        { "nodedev", "nodedevs" }, { "nwfilter", "nwfilters" },
                        { "pool", "pools" },       { "secret", "secrets" } };
        int r = 0;

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(folders); i++)
                r = read_files(reading, folders[i].kind, "", folders[i].folder, false);
        if (r == 0)
                r = read_files(reading, "domain", "", "domains", true);
        if (r == 0)
                r = read_folders(reading, "volume", "volumes");
        if (r == 0)
                r = read_folders(reading, "snapshot", "snapshots");
        if (r == 0)
                r = read_backups(reading);
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(folders); i++)
                r = put_complete(reading, folders[i].kind);
        if (r == 0 && faccessat(reading->root, "capabilities.xml", F_OK, 0) == 0)
                r = read_document(reading, "capabilities", "", "capabilities.xml");
        return r;
}

static int read_register(struct reading *reading)
{
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;
        json_t *tree = NULL;
        int r = read_json(reading, "tenants.json", &tree);

        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        piece = json_pack("{s:s, s:o, s:s}", "key", "capture", "register", tree, "scope",
                          "tenants");
        r = piece ? vg_host_put(reading->host, piece, reading->err)
                  : vg_err_set(reading->err, -ENOMEM, "mémoire épuisée");
        return r < 0 ? vg_err_wrap(reading->err, r, "tenants.json") : 0;
}

static int read_host(struct reading *reading)
{
        _cleanup_(vg_json_decrefp) json_t *evidence = NULL;
        int r = read_json(reading, "host.json", &evidence);

        if (r < 0 && r != -ENOENT)
                return r;
        reading->pids = json_object_get(evidence, "pids");
        r = read_documents(reading);
        if (r == 0)
                r = read_register(reading);
        return r == 0 && evidence ? capture_host(reading->host, evidence, reading->err) : r;
}

int capture_read(const char *path, struct vg_host **ret_host, struct vg_err *err)
{
        _cleanup_close_ int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        struct reading reading = { .root = root, .err = err };

        if (root < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        if (faccessat(root, "domains", F_OK, 0) < 0 && faccessat(root, "host.json", F_OK, 0) < 0)
                return vg_err_set(err, -EINVAL,
                                  "%s : ni domains/, ni host.json; ce n'est pas un relevé "
                                  "d'hôte",
                                  path);

        int r = vg_host_new(&host, err);
        reading.host = host;
        if (r == 0)
                r = read_host(&reading);
        if (r < 0)
                return r;
        *ret_host = TAKE_PTR(host);
        return 0;
}
