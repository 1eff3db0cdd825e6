/* SPDX-License-Identifier: Apache-2.0 */

/* The folder of what was received. A head is written before the records that it covers: whatever
 * instant a kill picks, there is never a record that no verified head speaks for. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/receive.h"
#include "os/clock.h"
#include "vigie/civil.h"
#include "os/files.h"

enum { NAME_SIZE = 256, ID_SIZE = 16 };

char *receive_path(const struct receive *receive, const char *inside, const char *name,
                   char buf[RECEIVE_PATH])
{
        snprintf(buf, RECEIVE_PATH, "%s/%s%s%s", receive->dir, inside, *name ? "/" : "", name);
        return buf;
}

/* ---- names ---- */

/* A name becomes a folder: it may not lead elsewhere, nor hide. */
static bool is_folder_name(const char *name, size_t n)
{
        return n > 0 && n <= 100 && name[0] != '.' && vg_utf8_valid(name, n, NULL);
}

int receive_split_origin(const char *origin, const char *kind, const char **ret_name, size_t *ret_n)
{
        const size_t n_kind = strlen(kind);

        if (strncmp(origin, "vigie/", 6) != 0)
                return -EINVAL;
        const char *name = origin + 6;
        const size_t n = strcspn(name, "/");
        const char *rest = name + n;
        if (!is_folder_name(name, n) || rest[0] != '/' || strncmp(rest + 1, kind, n_kind) != 0 ||
            rest[1 + n_kind] != '/')
                return -EINVAL;
        const char *id = rest + n_kind + 2;
        if (strlen(id) != ID_SIZE || strspn(id, "0123456789abcdef") != ID_SIZE)
                return -EINVAL;
        *ret_name = name;
        *ret_n = n;
        return 0;
}

struct receive_log *receive_find_log(const struct receive *receive, const char *origin)
{
        for (size_t i = 0; i < receive->n_logs; i++)
                if (strcmp(receive->logs[i]->origin, origin) == 0)
                        return receive->logs[i];
        return NULL;
}

struct receive_appliance *receive_find_appliance(const struct receive *receive, const char *name,
                                                 size_t n)
{
        for (size_t i = 0; i < receive->n_appliances; i++)
                if (strlen(receive->appliances[i]->name) == n &&
                    memcmp(receive->appliances[i]->name, name, n) == 0)
                        return receive->appliances[i];
        return NULL;
}

/* ---- in memory ---- */

static void appliance_free(struct receive_appliance *appliance)
{
        if (!appliance)
                return;
        free(appliance->name);
        free(appliance->peer);
        free(appliance);
}

int receive_add_appliance(struct receive *receive, const char *name, size_t n, const char *peer,
                          struct receive_appliance **ret, struct vg_err *err)
{
        struct receive_appliance *appliance = calloc(1, sizeof(*appliance));
        const struct vg_now now = vg_clock_now();

        if (receive->n_appliances == RECEIVE_LOGS_MAX) {
                free(appliance);
                return vg_err_set(err, -ENOSPC, "trop d'appareils");
        }
        if (appliance) {
                appliance->name = strndup(name, n);
                appliance->peer = strdup(peer);
                appliance->news_boot_ns = now.at_boot_ns;
                appliance->news_s = now.at_utc_ns / VG_NS_PER_S;
        }
        if (!appliance || !appliance->name || !appliance->peer) {
                appliance_free(appliance);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        *ret = receive->appliances[receive->n_appliances++] = appliance;
        return 0;
}

int receive_add_log(struct receive *receive, const char *origin,
                    struct receive_appliance *appliance, struct receive_log **ret_log,
                    struct vg_err *err)
{
        if (receive->n_logs == RECEIVE_LOGS_MAX)
                return vg_err_set(err, -ENOSPC, "trop de journaux");
        struct receive_log *log = calloc(1, sizeof(*log));
        if (!log)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        snprintf(log->origin, sizeof(log->origin), "%s", origin);
        log->appliance = appliance;
        *ret_log = receive->logs[receive->n_logs++] = log;
        return 0;
}

void receive_close(struct receive *receive)
{
        for (size_t i = 0; i < receive->n_logs; i++)
                free(receive->logs[i]);
        for (size_t i = 0; i < receive->n_appliances; i++)
                appliance_free(receive->appliances[i]);
        store_key_free(receive->cosign_key);
        if (receive->lock_fd >= 0)
                close(receive->lock_fd);
}

/* ---- written down ---- */

static int fail(struct vg_err *err, int e, const char *path)
{
        return vg_err_set(err, -e, "%s : %s", path, vg_errno_text(e));
}

static int sync_folder(const char *path, struct vg_err *err)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? fail(err, errno, path) : 0;
}

/* Every folder down to it, each durable within the one above. */
static int make_folders(const struct receive *receive, const char *inside, struct vg_err *err)
{
        char path[RECEIVE_PATH];

        for (const char *at = inside; *at;) {
                char above[RECEIVE_PATH];
                snprintf(above, sizeof(above), "%s/%.*s", receive->dir, (int)(at - inside), inside);
                at += strcspn(at, "/");
                snprintf(path, sizeof(path), "%s/%.*s", receive->dir, (int)(at - inside), inside);
                if (mkdir(path, 0750) < 0 && errno != EEXIST)
                        return fail(err, errno, path);
                int r = sync_folder(above, err);
                if (r < 0)
                        return r;
                at += *at == '/';
        }
        return 0;
}

static int put_pem(const struct receive *receive, const struct receive_log *log, const char *name,
                   const uint8_t public_key[VG_PUBLIC_KEY_SIZE], struct vg_err *err)
{
        _cleanup_free_ char *pem = NULL;
        char path[RECEIVE_PATH];
        int r = store_key_public_pem(public_key, &pem, err);

        return r < 0 ? r
                     : vg_file_write(receive_path(receive, log->origin, name, path), pem,
                                     strlen(pem), 0640, err);
}

int receive_put_next_key(const struct receive *receive, const struct receive_log *log,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], struct vg_err *err)
{
        return put_pem(receive, log, "next-key.pem", public_key, err);
}

int receive_put_key(struct receive *receive, struct receive_log *log,
                    const uint8_t public_key[VG_PUBLIC_KEY_SIZE], struct vg_err *err)
{
        int r = put_pem(receive, log, "key.pem", public_key, err);

        if (r == 0)
                memcpy(log->public_key, public_key, VG_PUBLIC_KEY_SIZE);
        return r;
}

/* The key comes last: a folder without it is a log that was never met. */
int receive_meet(struct receive *receive, const char *origin,
                 const uint8_t public_key[VG_PUBLIC_KEY_SIZE], const char *peer,
                 struct receive_log **ret_log, struct vg_err *err)
{
        char path[RECEIVE_PATH], inside[NAME_SIZE];
        const char *name;
        size_t n;
        int r = receive_split_origin(origin, "shared", &name, &n);

        if (r < 0)
                return vg_err_set(err, r, "origine inattendue");
        struct receive_appliance *appliance = receive_find_appliance(receive, name, n);
        r = make_folders(receive, origin, err);
        if (r == 0 && !appliance) {
                snprintf(inside, sizeof(inside), "vigie/%.*s", (int)n, name);
                r = vg_file_write(receive_path(receive, inside, "peer", path), peer, strlen(peer),
                                  0640, err);
                if (r == 0)
                        r = receive_add_appliance(receive, name, n, peer, &appliance, err);
        }
        if (r == 0)
                r = receive_add_log(receive, origin, appliance, ret_log, err);
        if (r == 0 && (r = receive_put_key(receive, *ret_log, public_key, err)) < 0)
                free(receive->logs[--receive->n_logs]);
        return r;
}

int receive_put_head(struct receive *receive, struct receive_log *log, const struct vg_note *note,
                     const char *text, struct vg_err *err)
{
        char path[RECEIVE_PATH];
        int r = vg_file_write(receive_path(receive, log->origin, "checkpoint", path), text,
                              strlen(text), 0640, err);

        if (r == 0)
                log->head = note->checkpoint;
        return r;
}

static int append(int fd, const char *bytes, size_t n)
{
        while (n > 0) {
                const ssize_t done = write(fd, bytes, n);
                if (done < 0 && errno == EINTR)
                        continue;
                if (done < 0)
                        return -errno;
                bytes += done;
                n -= (size_t)done;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

/* A file that could not be written whole is read back before it is written to again. */
int receive_put_records(struct receive *receive, struct receive_log *log,
                        const struct vg_buf *lines, const struct vg_tree *tree, struct vg_err *err)
{
        char path[RECEIVE_PATH], folder[RECEIVE_PATH];
        _cleanup_close_ int fd = open(receive_path(receive, log->origin, "records.jsonl", path),
                                      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

        if (fd < 0)
                return fail(err, errno, path);
        log->is_in_doubt = true;
        int r = append(fd, lines->data, lines->n);
        if (r < 0)
                return fail(err, -r, path);
        if (log->tree.n == 0)
                r = sync_folder(receive_path(receive, log->origin, "", folder), err);
        if (r == 0) {
                log->tree = *tree;
                log->is_in_doubt = false;
        }
        return r;
}

int receive_put_heartbeat(struct receive *receive, struct receive_appliance *appliance,
                          const char *text, struct vg_err *err)
{
        char path[RECEIVE_PATH], inside[NAME_SIZE];

        snprintf(inside, sizeof(inside), "vigie/%s", appliance->name);
        return vg_file_write(receive_path(receive, inside, "heartbeat", path), text, strlen(text),
                             0640, err);
}

/* The first stays: it is evidence enough, and a second could be made at will. */
int receive_put_conflict(const struct receive *receive, const struct receive_log *log,
                         const char *text, struct vg_err *err)
{
        char path[RECEIVE_PATH];

        receive_path(receive, log->origin, "conflict", path);
        return access(path, F_OK) == 0 ? 0 : vg_file_write(path, text, strlen(text), 0640, err);
}
