/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cli/receive.h"
#include "os/clock.h"
#include "vigie/civil.h"
#include "os/files.h"

enum { SMALL_MAX = 64 << 10, DIR_MAX_LENGTH = 700 };

static int fail(struct vg_err *err, int e, const char *path)
{
        return vg_err_set(err, -e, "%s : %s", path, vg_errno_text(e));
}

/* ---- records ---- */

static int add_line(struct receive_log *log, const char *line, size_t n, const char *path,
                    struct vg_err *err)
{
        struct vg_record record;
        struct vg_hash leaf;

        if (vg_record_split(line, n, &record) < 0 || record.log != VG_LOG_SHARED ||
            record.seq != log->tree.n)
                return vg_err_set(err, -EBADMSG, "%s : la ligne %llu n'est pas l'inscription %llu",
                                  path, (unsigned long long)log->tree.n + 1,
                                  (unsigned long long)log->tree.n);
        int r = vg_leaf_hash(&store_hasher, line, n, &leaf);
        return r < 0 ? r : vg_tree_append(&log->tree, &store_hasher, &leaf, NULL, NULL);
}

/* The head that is held speaks for the records, once they have come that far. */
static int check_head(const struct receive_log *log, const char *path, struct vg_err *err)
{
        struct vg_hash root;

        if (log->tree.n != log->head.size || log->head.size == 0)
                return 0;
        int r = vg_tree_root(&log->tree, &store_hasher, &root);
        if (r == 0 && !vg_hash_equal(&root, &log->head.root))
                r = vg_err_set(err, -EBADMSG, "%s : ce ne sont plus les inscriptions reçues", path);
        return r;
}

static int read_lines(struct receive_log *log, FILE *file, const char *path, off_t *ret_end,
                      struct vg_err *err)
{
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        ssize_t n;
        int r = 0;

        *ret_end = 0;
        while (r == 0 && (n = getline(&line, &size, file)) > 0 && line[n - 1] == '\n') {
                r = add_line(log, line, (size_t)n - 1, path, err);
                *ret_end += n;
                if (r == 0)
                        r = check_head(log, path, err);
        }
        return r == 0 && ferror(file) ? fail(err, errno, path) : r;
}

int receive_load_records(const struct receive *receive, struct receive_log *log, struct vg_err *err)
{
        char path[RECEIVE_PATH];
        const int fd = open(receive_path(receive, log->origin, "records.jsonl", path),
                            O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        off_t end;

        log->tree = (struct vg_tree){ 0 };
        if (fd < 0)
                return errno == ENOENT ? 0 : fail(err, errno, path);
        FILE *file = fdopen(fd, "r");
        if (!file) {
                close(fd);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        int r = read_lines(log, file, path, &end, err);
        if (r == 0 && (ftruncate(fd, end) < 0 || fsync(fd) < 0))
                r = fail(err, errno, path);
        fclose(file);
        if (r == 0 && log->tree.n > log->head.size)
                r = vg_err_set(err, -EBADMSG,
                               "%s : plus d'inscriptions que n'en couvre le point de "
                               "contrôle",
                               path);
        log->is_in_doubt = r < 0;
        return r;
}

/* ---- one log, one appliance ---- */

/* A kill may have come between the first head that a new key signs and the key's own place. */
static int check_signature(struct receive *receive, struct receive_log *log,
                           const struct vg_note *note, struct vg_err *err)
{
        uint8_t next[VG_PUBLIC_KEY_SIZE];
        char path[RECEIVE_PATH];
        int r = vg_note_check(note, &store_hasher, log->public_key, store_check, NULL);

        if (r == 0 ||
            store_key_read_public(receive_path(receive, log->origin, "next-key.pem", path), next,
                                  err) < 0 ||
            vg_note_check(note, &store_hasher, next, store_check, NULL) < 0)
                return r;
        return receive_put_key(receive, log, next, err);
}

static int load_head(struct receive *receive, struct receive_log *log, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        char path[RECEIVE_PATH];
        struct vg_note note;
        size_t n;
        int r = vg_file_read(receive_path(receive, log->origin, "checkpoint", path), SMALL_MAX,
                             &text, &n, err);

        if (r == -ENOENT)
                return 0;
        if (r == 0)
                r = vg_note_parse(text, n, &note, err);
        if (r == 0)
                r = check_signature(receive, log, &note, err);
        if (r < 0)
                return vg_err_set(err, -EBADMSG, "%s : pas un point de contrôle de ce journal",
                                  path);
        log->head = note.checkpoint;
        return 0;
}

static int load_log(struct receive *receive, const char *origin,
                    struct receive_appliance *appliance, struct vg_err *err)
{
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        struct receive_log *log;
        char path[RECEIVE_PATH];

        receive_path(receive, origin, "key.pem", path);
        if (access(path, F_OK) < 0)
                return 0; /* never met: its key is written last */
        int r = store_key_read_public(path, public_key, err);
        if (r == 0)
                r = receive_add_log(receive, origin, appliance, &log, err);
        if (r < 0)
                return r;
        memcpy(log->public_key, public_key, VG_PUBLIC_KEY_SIZE);
        r = load_head(receive, log, err);
        return r < 0 ? r : receive_load_records(receive, log, err);
}

/* The age of a file tells when something was last heard, across our own stops. */
static void load_news(const struct receive *receive, const char *inside, const char *name,
                      struct receive_appliance *appliance)
{
        const struct vg_now now = vg_clock_now();
        char path[RECEIVE_PATH];
        struct stat st;

        if (stat(receive_path(receive, inside, name, path), &st) < 0 ||
            st.st_mtime <= appliance->news_s)
                return;
        const int64_t ago_s = now.at_utc_ns / VG_NS_PER_S - st.st_mtime;
        const uint64_t ago_ns = ago_s > 0 ? (uint64_t)ago_s * VG_NS_PER_S : 0;
        appliance->news_s = st.st_mtime;
        appliance->news_boot_ns = ago_ns < now.at_boot_ns ? now.at_boot_ns - ago_ns : 0;
}

static int load_appliance(struct receive *receive, const char *name,
                          struct receive_appliance **ret_appliance, struct vg_err *err)
{
        _cleanup_free_ char *peer = NULL;
        char path[RECEIVE_PATH], inside[RECEIVE_PATH];
        size_t n;

        snprintf(inside, sizeof(inside), "vigie/%s", name);
        int r = vg_file_read(receive_path(receive, inside, "peer", path), SMALL_MAX, &peer, &n,
                             err);
        if (r < 0)
                return r;
        r = receive_add_appliance(receive, name, strlen(name), peer, ret_appliance, err);
        if (r == 0) {
                (*ret_appliance)->news_s = 0;
                load_news(receive, inside, "peer", *ret_appliance);
                load_news(receive, inside, "heartbeat", *ret_appliance);
        }
        return r;
}

/* ---- the folder ---- */

typedef int found_fn(struct receive *receive, const char *name, struct receive_appliance *of,
                     struct vg_err *err);

/* fn for each name in DIR/inside that does not hide. */
static int each_in(struct receive *receive, const char *inside, found_fn *fn,
                   struct receive_appliance *of, struct vg_err *err)
{
        char path[RECEIVE_PATH];
        DIR *dir = opendir(receive_path(receive, inside, "", path));
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : fail(err, errno, path);
        for (const struct dirent *e; r == 0 && (e = readdir(dir));)
                if (e->d_name[0] != '.')
                        r = fn(receive, e->d_name, of, err);
        closedir(dir);
        return r;
}

static int found_log(struct receive *receive, const char *name, struct receive_appliance *of,
                     struct vg_err *err)
{
        char origin[RECEIVE_PATH];
        const char *part;
        size_t n;

        snprintf(origin, sizeof(origin), "vigie/%s/shared/%s", of->name, name);
        if (strlen(origin) >= VG_ORIGIN_SIZE ||
            receive_split_origin(origin, "shared", &part, &n) < 0)
                return 0;
        int r = load_log(receive, origin, of, err);
        if (r == 0)
                load_news(receive, origin, "records.jsonl", of);
        return r;
}

static int found_appliance(struct receive *receive, const char *name,
                           _unused_ struct receive_appliance *of, struct vg_err *err)
{
        struct receive_appliance *appliance;
        char inside[RECEIVE_PATH];
        int r = load_appliance(receive, name, &appliance, err);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        snprintf(inside, sizeof(inside), "vigie/%s/shared", name);
        return each_in(receive, inside, found_log, appliance, err);
}

static int take_folder(struct receive *receive, struct vg_err *err)
{
        char path[RECEIVE_PATH];

        if (strlen(receive->dir) > DIR_MAX_LENGTH)
                return vg_err_set(err, -ENAMETOOLONG, "%s : chemin trop long", receive->dir);
        if (mkdir(receive->dir, 0750) < 0 && errno != EEXIST)
                return fail(err, errno, receive->dir);
        receive->lock_fd = open(receive_path(receive, "lock", "", path),
                                O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (receive->lock_fd < 0)
                return fail(err, errno, path);
        if (flock(receive->lock_fd, LOCK_EX | LOCK_NB) < 0)
                return vg_err_set(err, -EBUSY, "%s : un autre « vigie receive » s'en sert",
                                  receive->dir);
        return 0;
}

static int take_cosign_key(struct receive *receive, const char *given, struct vg_err *err)
{
        char path[RECEIVE_PATH], hex[17];
        struct vg_hash hash;

        snprintf(path, sizeof(path), "%s", given ? given : "");
        int r = store_key_read(given ? path : receive_path(receive, "cosign.pem", "", path),
                               &receive->cosign_key, err);
        if (r == -ENOENT && !given) {
                r = store_key_new(&receive->cosign_key, err);
                if (r == 0)
                        r = store_key_write(receive->cosign_key, path, err);
        }
        if (r < 0)
                return r;
        const struct vg_bytes part = { store_key_public(receive->cosign_key), VG_PUBLIC_KEY_SIZE };
        r = store_hasher.sha256(NULL, &part, 1, &hash);
        snprintf(receive->cosigner, sizeof(receive->cosigner), "vigie/receive/%s",
                 vg_hex_format(hash.bytes, 8, hex));
        return r;
}

int receive_open(struct receive *receive, const char *cosign_key, struct vg_err *err)
{
        int r = take_folder(receive, err);

        if (r == 0)
                r = take_cosign_key(receive, cosign_key, err);
        return r < 0 ? r : each_in(receive, "vigie", found_appliance, NULL, err);
}
