/* SPDX-License-Identifier: Apache-2.0 */

/* What a receiving machine keeps of the bundles that it is handed. DIR/vigie/APPLIANCE/LOG/ID:
 *
 *   records.jsonl   line N is the record of seq N - 1, or {"leaf","seq"} of one that was redacted
 *   checkpoint      the newest head
 *   first-key.pem   the key by which the log was first known; those that followed it signed each
 *                   other (cli/bundle-check-key.c)
 *
 * A head is written before the records that it covers; a line that a kill cut short goes. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bundle-check.h"
#include "cli/receive.h"
#include "os/files.h"
#include "store/store.h"

enum { NOTE_MAX = 64 << 10 };

struct keeping {
        const struct bundle_check *c;
        const struct bundle_slice *slice;
        struct bundle_kept *kept;
        enum vg_log log;
        int fd;               /* records.jsonl */
        struct vg_hash *leaf; /* of the slice */
        size_t n_leaves;
        struct vg_tree tree; /* of what is held */
        off_t whole;         /* bytes of whole lines */
        FILE *out;
        struct vg_err *err;
};

static void keeping_done(struct keeping *k)
{
        free(k->leaf);
        if (k->out)
                fclose(k->out);
        if (k->fd >= 0)
                close(k->fd);
}

static int fail(const struct keeping *k, const char *name)
{
        const int e = errno;

        return vg_err_set(k->err, -e, "%s/%s : %s", k->kept->folder, name, vg_errno_text(e));
}

/* ---- the folder ---- */

static int make_folder(const struct keeping *k, const char *dir)
{
        const char *origin = k->slice->head.origin, *name;
        char *folder = k->kept->folder;
        size_t n;

        if (receive_split_origin(origin, vg_log_name(k->log), &name, &n) < 0)
                return vg_err_set(k->err, -EINVAL, "origine inattendue");
        if ((size_t)snprintf(folder, sizeof(k->kept->folder), "%s/%s", dir, origin) >=
            sizeof(k->kept->folder))
                return vg_err_set(k->err, -ENAMETOOLONG, "chemin trop long");
        for (char *slash = strchr(folder + 1, '/');; slash = strchr(slash + 1, '/')) {
                if (slash)
                        *slash = '\0';
                const bool is_made = mkdir(folder, 0750) == 0 || errno == EEXIST;
                if (slash)
                        *slash = '/';
                if (!is_made)
                        return fail(k, "");
                if (!slash)
                        return 0;
        }
}

static void path_of(const struct keeping *k, const char *name, char path[1100])
{
        snprintf(path, 1100, "%s/%s", k->kept->folder, name);
}

static int open_records(struct keeping *k)
{
        char path[1100];

        path_of(k, "records.jsonl", path);
        k->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (k->fd < 0)
                return fail(k, "records.jsonl");
        return flock(k->fd, LOCK_EX | LOCK_NB) == 0 ? 0 : fail(k, "records.jsonl");
}

/* Pinned when the log is first kept. */
static int check_key(const struct keeping *k)
{
        uint8_t pinned[VG_PUBLIC_KEY_SIZE];
        _cleanup_free_ char *pem = NULL;
        char path[1100];

        path_of(k, "first-key.pem", path);
        if (access(path, F_OK) < 0) {
                int r = store_key_public_pem(k->c->first_key, &pem, k->err);
                return r < 0 ? r : vg_file_write(path, pem, strlen(pem), 0640, k->err);
        }
        int r = store_key_read_public(path, pinned, k->err);
        if (r < 0 || memcmp(pinned, k->c->first_key, sizeof(pinned)) == 0)
                return r;
        return vg_err_set(k->err, -EEXIST, "%s n'est pas la première clé de ce paquet", path);
}

/* ---- the slice and what is held ---- */

static int take_leaf(void *user, const char *line, size_t n, struct vg_err *err)
{
        struct keeping *k = user;
        bool is_redacted;

        if (k->n_leaves >= k->slice->to - k->slice->from ||
            bundle_line_leaf(k->log, k->slice->from + k->n_leaves, line, n, &k->leaf[k->n_leaves],
                             &is_redacted) < 0)
                return vg_err_set(err, -EBADMSG, "le paquet a changé pendant qu'il était lu");
        k->n_leaves++;
        return 0;
}

static int load_slice(struct keeping *k)
{
        const uint64_t n = k->slice->to - k->slice->from;
        char name[64];

        k->leaf = calloc(n ? n : 1, sizeof(*k->leaf));
        if (!k->leaf)
                return vg_err_set(k->err, -ENOMEM, "mémoire épuisée");
        snprintf(name, sizeof(name), "ledger/%s.jsonl", vg_log_name(k->log));
        int r = bundle_lines(k->c->path, name, take_leaf, k, k->err);
        return r == 0 && k->n_leaves != n
                       ? vg_err_set(k->err, -EBADMSG, "le paquet a changé pendant qu'il était lu")
                       : r;
}

static bool same_before(const struct keeping *k)
{
        const struct vg_tree *before = &k->slice->before;

        for (unsigned level = 0; level < 64; level++)
                if (before->n >> level & 1 &&
                    !vg_hash_equal(&before->peak[level], &k->tree.peak[level]))
                        return false;
        return true;
}

static int contradicts(const struct keeping *k, uint64_t seq)
{
        return vg_err_set(k->err, -EEXIST,
                          "journal « %s » : à l'inscription %llu, ce paquet et ce qui est détenu "
                          "se contredisent; garder les deux, et demander pourquoi",
                          vg_log_name(k->log), (unsigned long long)seq);
}

static int hold_line(struct keeping *k, const char *line, size_t n)
{
        const uint64_t seq = k->tree.n;
        struct vg_hash leaf;
        bool is_redacted;

        if (seq == k->slice->from && !same_before(k))
                return contradicts(k, seq);
        if (bundle_line_leaf(k->log, seq, line, n, &leaf, &is_redacted) < 0)
                return vg_err_set(k->err, -EBADMSG,
                                  "%s/records.jsonl : la ligne %llu n'est pas à sa place",
                                  k->kept->folder, (unsigned long long)seq + 1);
        if (seq >= k->slice->from && seq < k->slice->to &&
            !vg_hash_equal(&leaf, &k->leaf[seq - k->slice->from]))
                return contradicts(k, seq);
        return vg_tree_append(&k->tree, &store_hasher, &leaf, NULL, NULL);
}

static int read_held(struct keeping *k)
{
        _cleanup_(bundle_unmap) struct bundle_map map = { 0 };
        FILE *file = fdopen(dup(k->fd), "re");
        int r = file ? bundle_map(file, &map, k->err) : fail(k, "records.jsonl");

        if (file)
                fclose(file);
        const char *at = map.bytes, *end = at ? at + map.n : at, *newline;
        while (r == 0 && at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
                r = hold_line(k, at, (size_t)(newline - at));
                at = newline + 1;
                k->whole = at - (const char *)map.bytes;
        }
        if (r < 0)
                return r;
        k->kept->held = k->tree.n;
        if (k->tree.n < k->slice->from)
                return vg_err_set(k->err, -ENODATA,
                                  "journal « %s » : il manque les inscriptions %llu à %llu; "
                                  "importer d'abord le paquet qui les contient",
                                  vg_log_name(k->log), (unsigned long long)k->tree.n,
                                  (unsigned long long)k->slice->from - 1);
        return k->tree.n == k->slice->from && !same_before(k) ? contradicts(k, k->tree.n) : 0;
}

/* ---- writing ---- */

static int put_head(const struct keeping *k)
{
        _cleanup_free_ char *text = NULL;
        const struct bundle_part *part;
        struct vg_note held;
        char path[1100], name[64];
        size_t n;

        path_of(k, "checkpoint", path);
        if (access(path, F_OK) == 0) {
                int r = vg_file_read(path, NOTE_MAX, &text, &n, k->err);
                if (r == 0)
                        r = vg_note_parse(text, n, &held, k->err);
                if (r < 0 || held.checkpoint.size >= k->slice->head.size)
                        return r;
        }
        snprintf(name, sizeof(name), "ledger/%s.checkpoint", vg_log_name(k->log));
        int r = bundle_held(k->c, name, &part, k->err);
        return r < 0 ? r : vg_file_write(path, part->bytes, part->size, 0640, k->err);
}

static int put_line(void *user, const char *line, size_t n, struct vg_err *err)
{
        struct keeping *k = user;

        if (k->n_leaves++ < k->tree.n - k->slice->from)
                return 0;
        if (fwrite(line, 1, n, k->out) != n || fputc('\n', k->out) == EOF)
                return vg_err_set(err, -errno, "%s/records.jsonl : %s", k->kept->folder,
                                  vg_errno_text(errno));
        k->kept->added++;
        return 0;
}

static int put_records(struct keeping *k)
{
        char name[64];

        if (ftruncate(k->fd, k->whole) < 0 || lseek(k->fd, k->whole, SEEK_SET) < 0 ||
            !(k->out = fdopen(dup(k->fd), "we")))
                return fail(k, "records.jsonl");
        k->n_leaves = 0;
        snprintf(name, sizeof(name), "ledger/%s.jsonl", vg_log_name(k->log));
        int r = bundle_lines(k->c->path, name, put_line, k, k->err);
        if (r == 0 && (fflush(k->out) != 0 || fsync(k->fd) < 0))
                r = fail(k, "records.jsonl");
        return r;
}

int bundle_keep(const struct bundle_check *c, enum vg_log log, const char *dir,
                struct bundle_kept *ret, struct vg_err *err)
{
        _cleanup_(keeping_done) struct keeping k = {
                .c = c,
                .slice = &c->log[log],
                .kept = ret,
                .log = log,
                .fd = -1,
                .err = err,
        };

        assert(k.slice->is_there);
        *ret = (struct bundle_kept){ 0 };
        int r = make_folder(&k, dir);
        if (r == 0)
                r = open_records(&k);
        if (r == 0)
                r = load_slice(&k);
        if (r == 0)
                r = read_held(&k);
        if (r == 0)
                r = check_key(&k);
        if (r == 0)
                r = put_head(&k);
        return r == 0 && k.tree.n < k.slice->to ? put_records(&k) : r;
}
