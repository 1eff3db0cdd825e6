/* SPDX-License-Identifier: Apache-2.0 */

/* isolation capture: this host, as `vigie isolation check` reads it, on any other machine. The same
 * programs look as while vigie runs, so that the two cannot differ. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/capture-write.h"
#include "cli/capture.h"
#include "cli/view.h"
#include "os/files.h"
#include "vigie/isolation.h"

enum { PIECES_MAX = 512 << 20 };

/* Beside this program (a build), or where an installation keeps what is not called by name. */
static const char *find_program(const char *name, char path[PATH_MAX])
{
        static const char *const places[] = { "", "../libexec/vigie/" };
        char own[PATH_MAX];
        const ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

        if (n <= 0)
                return NULL;
        own[n] = '\0';
        *strrchr(own, '/') = '\0';
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (snprintf(path, PATH_MAX, "%s/%s%s", own, places[i], name) < PATH_MAX &&
                    access(path, X_OK) == 0)
                        return path;
        return NULL;
}

/* Runs one of our programs; its output goes to a file. */
static int run(struct cli *cli, const char *name, const char *option, const char *value,
               const char *output)
{
        const char *config = cli_option(cli, "config");
        char path[PATH_MAX];
        const char *program = find_program(name, path);
        char *argv[8] = { path };
        size_t n = 1;
        posix_spawn_file_actions_t actions;
        int status = 0;
        pid_t pid;

        if (!program)
                return cli_failf(cli, CLI_REFUSED, "no-program", "%s n'est pas installé ici", name);
        if (config) {
                argv[n++] = (char *)"--config";
                argv[n++] = (char *)config;
        }
        argv[n++] = (char *)option;
        argv[n++] = (char *)value;
        if (output)
                argv[n++] = (char *)"--once";
        posix_spawn_file_actions_init(&actions);
        if (output)
                posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
                                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        const int r = posix_spawn(&pid, path, &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        if (r != 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
            WEXITSTATUS(status) != 0)
                return cli_failf(cli, CLI_REFUSED, "no-evidence", "%s n'a pas pu tout lire", name);
        return CLI_FINE;
}

/* {uuid: name} of the domains that run. */
static int take_name(void *user, enum vg_want want, const char *uuid, const char *name)
{
        if (want == VG_WANT_PROCESS)
                json_object_set_new(user, uuid, json_string(name));
        return 0;
}

static json_t *read_names(const char *folder, struct vg_err *err)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        json_t *names = json_object();

        if (capture_read(folder, &host, err) == 0)
                vg_host_wants(host, take_name, names);
        return names;
}

static int write_json(struct cli *cli, const char *folder, const char *name, const json_t *tree)
{
        _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };
        struct vg_err err = { 0 };
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        if (vg_json_canonical(tree, &bytes, &err) < 0 ||
            vg_file_write(path, bytes.data, bytes.n, 0600, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "unwritable", &err);
        return CLI_FINE;
}

static int write_host(struct cli *cli, const char *folder, const char *pieces)
{
        _cleanup_(vg_json_decrefp) json_t *host = json_object();
        _cleanup_(vg_json_decrefp) json_t *names = NULL;
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        char *save = NULL;
        size_t n;

        names = read_names(folder, &err);
        if (vg_file_read(pieces, PIECES_MAX, &bytes, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "unreadable", &err);
        json_object_set_new(host, "files", json_object());
        for (char *line = strtok_r(bytes, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                _cleanup_(vg_json_decrefp) json_t *piece = NULL;
                if (vg_json_parse(line, strlen(line), &piece, NULL, NULL, &err) < 0 ||
                    capture_write_piece(host, names, piece) < 0)
                        return cli_fail(cli, CLI_REFUSED, "evidence", &err);
        }
        json_object_del(host, "seen"); /* its own notes */
        return write_json(cli, folder, "host.json", host);
}

/* ---- the register ---- */

/* Its text as it was loaded; the last act counts. */
static int take_policy(void *ctx, const struct store_act *act)
{
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        char **policy = ctx;
        const char *text;

        if (vg_json_parse(act->detail, strlen(act->detail), &detail, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(detail, "text", &text) < 0)
                return 0;
        free(*policy);
        *policy = strdup(text);
        return *policy ? 0 : -ENOMEM;
}

/* The policy in force, where the ledger can be read and holds one. */
static int write_register(struct cli *cli, const char *folder)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_free_ char *policy = NULL;
        const struct vg_settings *settings;
        struct vg_err err = { 0 };
        char path[PATH_MAX];

        if (cli_settings(cli, &settings) == CLI_FINE && cli_view_try(cli, &view, &err) == 0)
                store_act_each(view.store, "isolation.policy", take_policy, &policy, &err);
        snprintf(path, sizeof(path), "%s/tenants.json", folder);
        if (policy)
                return vg_file_write(path, policy, strlen(policy), 0600, &err) < 0
                               ? cli_fail(cli, CLI_REFUSED, "unwritable", &err)
                               : CLI_FINE;
        cli_progress(cli,
                     "aucune politique au registre : ajouter tenants.json pour dire qui est qui");
        return CLI_FINE;
}

/* Ours alone: into a folder where somebody else may write, he could plant links to follow. One that
 * holds something already might be one of another host. */
static bool is_fresh(const char *folder)
{
        const int made = mkdir(folder, 0700);
        const int fd = made == 0 || errno == EEXIST
                               ? open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                               : -1;
        DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *entry;
        struct stat st;
        bool fresh = dir && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
                     !(st.st_mode & (S_IWGRP | S_IWOTH));

        while (dir && (entry = readdir(dir)))
                fresh = fresh &&
                        (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
        if (dir)
                closedir(dir);
        else if (fd >= 0)
                close(fd);
        return fresh;
}

int verb_isolation_capture(struct cli *cli)
{
        const char *folder = cli->args[0];
        char wanted[PATH_MAX], pieces[PATH_MAX];

        if (snprintf(wanted, sizeof(wanted), "%s/wanted.json", folder) >= (int)sizeof(wanted) ||
            snprintf(pieces, sizeof(pieces), "%s/pieces.jsonl", folder) >= (int)sizeof(pieces))
                return cli_failf(cli, CLI_USAGE, "usage", "chemin trop long");
        if (!is_fresh(folder))
                return cli_failf(cli, CLI_REFUSED, "not-empty",
                                 "%s n'est pas un dossier vide, à vous seul", folder);
        int r = run(cli, "vigie-hypervisor", "--documents", folder, NULL);
        if (r == CLI_FINE)
                r = run(cli, "vigie-inspect", "--wanted", wanted, pieces);
        if (r == CLI_FINE)
                r = write_host(cli, folder, pieces);
        if (r == CLI_FINE)
                r = write_register(cli, folder);
        unlink(wanted);
        unlink(pieces);
        return r == CLI_FINE ? cli_done(cli, _("Hôte relevé.")) : r;
}
