/* SPDX-License-Identifier: Apache-2.0 */

/* key rotate: a new key beside the old one, which the keeper signs with the old; then the new one
 * stands in its place, and the keeper takes it at its next start. A key that is lost cannot be
 * changed so: it opens a new origin (restore). */

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/ledger.h"
#include "os/settings.h"

#define SEALED_KEY "/etc/vigie/signing-key"

struct rotation {
        struct cli *cli;
        char key[PATH_MAX], next[PATH_MAX];                /* files of the private keys */
        char public_path[PATH_MAX], next_public[PATH_MAX]; /* "": none stands beside */
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];            /* the new one */
};

/* ---- the new key ---- */

/* Where a file holds it: as the old one is owned and read. */
static int make_in_file(struct rotation *rot, const char *path)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        struct vg_err err = { 0 };
        struct stat st;
        int r;

        snprintf(rot->key, sizeof(rot->key), "%s", path);
        if ((size_t)snprintf(rot->next, sizeof(rot->next), "%s.next", path) >= sizeof(rot->next))
                return cli_failf(rot->cli, CLI_REFUSED, "key", "chemin trop long");
        if (stat(path, &st) < 0)
                return cli_failf(rot->cli, CLI_REFUSED, "key", "%s : %s", path,
                                 vg_errno_text(errno));
        unlink(rot->next); /* of a rotation that was cut short */
        r = store_key_new(&key, &err);
        if (r == 0)
                r = store_key_write(key, rot->next, &err);
        if (r == 0 && (lchown(rot->next, st.st_uid, st.st_gid) < 0 ||
                       chmod(rot->next, st.st_mode & 0700) < 0))
                r = vg_err_set(&err, -errno, "%s : %s", rot->next, vg_errno_text(errno));
        if (r < 0)
                return cli_fail(rot->cli, CLI_REFUSED, "key", &err);
        memcpy(rot->public_key, store_key_public(key), VG_PUBLIC_KEY_SIZE);
        return CLI_FINE;
}

/* What it says is for whoever looks on, not for whoever reads our answer. */
static bool run_keygen(void)
{
        char path[PATH_MAX], next[] = "--next", *const argv[] = { path, next, NULL };
        posix_spawn_file_actions_t actions;
        int status = 0;
        pid_t pid;

        if (!doctor_find_program("vigie-keygen", path) ||
            posix_spawn_file_actions_init(&actions) != 0)
                return false;
        int r = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn(&pid, path, &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        return r == 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Sealed to this machine, by the same program as the first one. */
static int make_sealed(struct rotation *rot)
{
        struct vg_err err = { 0 };

        snprintf(rot->key, sizeof(rot->key), "%s.cred", SEALED_KEY);
        snprintf(rot->next, sizeof(rot->next), "%s.next.cred", SEALED_KEY);
        snprintf(rot->public_path, sizeof(rot->public_path), "%s.pub", SEALED_KEY);
        snprintf(rot->next_public, sizeof(rot->next_public), "%s.next.pub", SEALED_KEY);
        if (access(rot->key, F_OK) < 0)
                return cli_failf(rot->cli, CLI_REFUSED, "key",
                                 "aucune clé à changer : ni [keeper] signing_key, ni %s", rot->key);
        if (!run_keygen())
                return cli_failf(rot->cli, CLI_REFUSED, "key",
                                 "la clé n'a pas pu être scellée; essayer avec sudo");
        return store_key_read_public(rot->next_public, rot->public_key, &err) < 0
                       ? cli_fail(rot->cli, CLI_REFUSED, "key", &err)
                       : CLI_FINE;
}

static void forget(const struct rotation *rot)
{
        if (*rot->next)
                unlink(rot->next);
        if (*rot->next_public)
                unlink(rot->next_public);
}

/* ---- the act, and the change ---- */

static int ask(struct rotation *rot)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

        vg_base64_format(rot->public_key, VG_PUBLIC_KEY_SIZE, &text);
        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "public_key", text.data ? text.data : "");
        vg_json_string(&body, "verb", "key.rotate");
        vg_json_end_object(&body);
        body.buf.failed |= text.failed;
        return cli_act(rot->cli, &body, NULL);
}

/* The private key first: a keeper that starts in between has the one it may take. */
static int put_in_place(struct rotation *rot)
{
        if (rename(rot->next, rot->key) < 0 ||
            (*rot->next_public && rename(rot->next_public, rot->public_path) < 0))
                return cli_failf(rot->cli, CLI_REFUSED, "key",
                                 "la nouvelle clé est signée, mais reste à %s : %s; recommencer",
                                 rot->next, vg_errno_text(errno));
        sync();
        return CLI_FINE;
}

static int report(struct rotation *rot)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct cli *cli = rot->cli;
        char fingerprint[80];

        store_key_fingerprint(rot->public_key, fingerprint);
        if (!cli->json) {
                cli_printf(cli, CLI_GOOD, _("nouvelle clé, signée par l'ancienne : %s\n"),
                           fingerprint);
                cli_wrap(cli, CLI_PLAIN, 0,
                         _("Le gardien la prend à son prochain départ (systemctl restart vigied), "
                           "et pas avant. L'empreinte notée à l'installation reste celle à donner "
                           "par --key. Faire ensuite une sauvegarde : une copie d'avant ne sait "
                           "rien de cette clé."));
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "fingerprint", fingerprint);
        cli_json_text(&j, "path", rot->key);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

int verb_key_rotate(struct cli *cli)
{
        struct rotation rot = { .cli = cli };
        const struct vg_settings *settings;
        int r = cli_settings(cli, &settings);

        if (r == CLI_FINE)
                r = *settings->signing_key ? make_in_file(&rot, settings->signing_key)
                                           : make_sealed(&rot);
        if (r == CLI_FINE)
                r = ask(&rot);
        if (r != CLI_FINE) {
                forget(&rot);
                return r;
        }
        r = put_in_place(&rot);
        return r == CLI_FINE ? report(&rot) : r;
}
