/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/parse.h"
#include "os/files.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { CAPTURE_DEPTH = 32, CAPTURE_PATH = 1024 };

/* ---- files ---- */

struct reading {
        struct documents *documents;
        struct vg_round *notes;
        struct vg_err *err;
};

static int read_file(const struct reading *reading, int at_fd, const char *name, const char *path,
                     const struct stat *st)
{
        _cleanup_close_ int fd =
                openat(at_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        _cleanup_free_ char *bytes = NULL;
        size_t n = 0;
        ssize_t got = 0;
        int r;

        if (fd < 0)
                return vg_round_unread(reading->notes, path, vg_errno_text(errno));
        if (st->st_size > FOREIGN_MAX)
                return vg_round_unread(reading->notes, path, _("plus de 32 Mio"));
        bytes = malloc((size_t)st->st_size + 1);
        if (!bytes)
                return -ENOMEM;
        while (n < (size_t)st->st_size && (got = read(fd, bytes + n, (size_t)st->st_size - n)) > 0)
                n += (size_t)got;
        if (got < 0)
                return vg_round_unread(reading->notes, path, vg_errno_text(errno));
        r = documents_put(reading->documents, path, bytes, n);
        return r == -EFBIG ? vg_round_unread(reading->notes, path, _("la capture est trop grande"))
                           : r;
}

static int read_folder(const struct reading *reading, int at_fd, const char *name, const char *path,
                       int depth)
{
        int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *entry;
        int r = 0;

        if (!dir) {
                r = vg_round_unread(reading->notes, path, vg_errno_text(errno));
                if (fd >= 0)
                        close(fd);
                return r;
        }
        while (r == 0 && (entry = readdir(dir))) {
                char below[CAPTURE_PATH];
                struct stat st;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "",
                             entry->d_name) >= (int)sizeof(below) ||
                    depth >= CAPTURE_DEPTH) {
                        r = vg_round_unread(reading->notes, path, _("imbriqué trop profondément"));
                        continue;
                }
                if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        r = vg_round_unread(reading->notes, below, vg_errno_text(errno));
                else if (S_ISDIR(st.st_mode))
                        r = read_folder(reading, fd, entry->d_name, below, depth + 1);
                else if (S_ISREG(st.st_mode))
                        r = read_file(reading, fd, entry->d_name, below, &st);
        }
        closedir(dir);
        return r;
}

int hardware_read(const char *folder, struct documents *documents, struct vg_round *notes,
                  struct vg_err *err)
{
        _cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const struct reading reading = { documents, notes, err };
        int r;

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", folder, vg_errno_text(errno));
        r = read_folder(&reading, fd, ".", "", 0);
        return r < 0 ? vg_err_set(err, r, "mémoire épuisée") : 0;
}

/* ---- judging ---- */

/* Sources by how well they name places: the first to name a slot names it for all. */
static const struct {
        const char *name;
        int (*parse)(const struct documents *documents, struct vg_round *round);
} sources[] = {
        { "redfish", redfish_parse }, { "raid", raid_parse },   { "ipmi", ipmi_parse },
        { "sysfs", sysfs_parse },     { "smart", smart_parse }, { "kernel", kernel_parse },
};

void hardware_check_done(struct hardware_check *check)
{
        vg_fault_book_free(check->book);
        for (size_t i = 0; i < check->n_rounds; i++)
                vg_round_free(check->rounds[i]);
        *check = (struct hardware_check){ 0 };
}

static bool says_something(const struct vg_round *round)
{
        size_t sightings, notes, unreads;

        vg_round_sightings(round, &sightings);
        vg_round_notes(round, &notes);
        vg_round_unreads(round, &unreads);
        return sightings || notes || unreads || vg_round_time(round);
}

static int64_t newest(const struct hardware_check *check)
{
        int64_t newest_s = 0;

        for (size_t i = 0; i < check->n_rounds; i++) {
                size_t n;
                const struct vg_sighting *s = vg_round_sightings(check->rounds[i], &n);

                if (vg_round_time(check->rounds[i]) > newest_s)
                        newest_s = vg_round_time(check->rounds[i]);
                for (size_t k = 0; k < n; k++)
                        if (s[k].at_s > newest_s)
                                newest_s = s[k].at_s;
        }
        return newest_s;
}

/* When and of which machine, as the capture says itself. */
static void read_capture(const struct documents *documents, int64_t *ret_s, char *host, size_t size)
{
        const struct document *capture = documents_find(documents, "capture.json");
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;

        *ret_s = 0;
        snprintf(host, size, "capture");
        if (!capture || foreign_json(capture->bytes, capture->n, &tree, NULL) < 0)
                return;
        if (time_parse(member_text(tree, "captured_at"), ret_s) < 0)
                *ret_s = 0;
        if (*member_text(tree, "host"))
                snprintf(host, size, "%s", member_text(tree, "host"));
}

/* Folders and files of captures: where there are some, the capture is one, whatever they hold. */
static bool is_capture(const struct documents *documents)
{
        static const char *const starts[] = { "redfish/", "smartctl/", "ipmi/",       "raid/",
                                              "sys/",     "kernel",    "capture.json" };

        for (size_t i = 0; i < documents->n; i++)
                for (size_t k = 0; k < ELEMENTSOF(starts); k++)
                        if (text_starts(documents->rows[i].path, starts[k]))
                                return true;
        return false;
}

static int parse_all(const struct documents *documents, struct hardware_check *check)
{
        for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
                _cleanup_(vg_round_freep) struct vg_round *round = NULL;
                int r = vg_round_new(sources[i].name, &round);

                if (r == 0)
                        r = sources[i].parse(documents, round);
                if (r < 0)
                        return r;
                if (says_something(round))
                        check->rounds[check->n_rounds++] = TAKE_PTR(round);
        }
        return 0;
}

int hardware_check_run(const struct documents *documents, struct hardware_check *ret_check,
                       struct vg_err *err)
{
        struct hardware_check check = { 0 };
        char host[256];
        int r;

        read_capture(documents, &check.captured_s, host, sizeof(host));
        r = parse_all(documents, &check);
        if (r == 0 && !check.captured_s)
                check.captured_s = newest(&check);
        if (r == 0)
                r = vg_fault_book_new(host, &check.book);
        if (r == 0)
                r = vg_fault_book_apply(check.book, (const struct vg_round *const *)check.rounds,
                                        check.n_rounds, check.captured_s ? check.captured_s : 1,
                                        NULL, err);
        if (r < 0 || (check.n_rounds == 0 && !is_capture(documents))) {
                const bool empty = r == 0;

                hardware_check_done(&check);
                return empty ? vg_err_set(err, -ENODATA,
                                          "aucun document de cette capture n'est reconnu")
                             : vg_err_set(err, r, "mémoire épuisée");
        }
        *ret_check = check;
        return 0;
}
