/* SPDX-License-Identifier: Apache-2.0 */

/* backup, restore. A backup is DIR/ledger.db: the ledger of one instant, which any verb can read
 * and verify where it lies. The signing key is never in it. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ledger.h"
#include "cli/reach.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "store/backup.h"
#include "store/rebuild.h"
#include "store/verify.h"

static int stop_at_first(void *ctx, const struct store_finding *finding)
{
        *(struct vg_err *)ctx = finding->why;
        return -EBADMSG;
}

/* A copy that does not verify is no backup. */
static int check_copy(struct cli *cli, const char *path, struct store_verify_report *ret_report)
{
        struct vg_err why = { 0 }, err = { 0 };
        const struct store_verify_options options = {
                .path = path,
                .on_finding = stop_at_first,
                .ctx = &why,
        };
        int r = store_verify(&options, ret_report, &err);

        if (ret_report->n_findings)
                return cli_failf(cli, CLI_FOUND, "ledger", "%s : %s", path, vg_err_text(&why));
        return r < 0 ? ledger_fail(cli, path, r, &err) : CLI_FINE;
}

static int report(struct cli *cli, const char *path, const struct store_verify_report *found,
                  const char *sentence)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char fingerprint[80];

        store_key_fingerprint(found->log[VG_LOG_CLIENT].public_key, fingerprint);
        if (!cli->json) {
                cli_printf(cli, CLI_GOOD, "%s\n", sentence);
                cli_printf(cli, CLI_PLAIN, _("%s : %llu et %llu inscriptions, époque %lld\n"), path,
                           (unsigned long long)found->log[VG_LOG_CLIENT].size,
                           (unsigned long long)found->log[VG_LOG_SHARED].size,
                           (long long)found->log[VG_LOG_CLIENT].epoch);
                cli_printf(cli, CLI_PLAIN, _("clé : %s\n"), fingerprint);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_int(&j, "client", (int64_t)found->log[VG_LOG_CLIENT].size);
        vg_json_int(&j, "epoch", found->log[VG_LOG_CLIENT].epoch);
        vg_json_string(&j, "key", fingerprint);
        cli_json_text(&j, "path", path);
        vg_json_int(&j, "shared", (int64_t)found->log[VG_LOG_SHARED].size);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

int verb_backup(struct cli *cli)
{
        struct ledger_progress progress = { cli, N_("%llu pages sur %llu…"), 0 };
        _cleanup_free_ char *from = NULL, *to = NULL;
        struct store_verify_report found;
        struct vg_err err = { 0 };
        int r = ledger_path(cli, NULL, &from);

        if (r != CLI_FINE)
                return r;
        if (asprintf(&to, "%s/ledger.db", cli->args[0]) < 0) {
                to = NULL;
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        }
        if (mkdir(cli->args[0], 0750) < 0 && errno != EEXIST)
                return cli_failf(cli, CLI_REFUSED, "backup", "%s : %s", cli->args[0],
                                 vg_errno_text(errno));
        r = store_backup(from, to, ledger_progress, &progress, &err);
        if (r < 0)
                return access(from, R_OK) < 0 ? ledger_fail(cli, from, r, &err)
                                              : cli_fail(cli, CLI_REFUSED, "backup", &err);
        r = check_copy(cli, to, &found);
        if (r != CLI_FINE)
                return r;
        return report(
                cli, to, &found,
                _("sauvegarde faite et vérifiée; la clé de signature n'y est pas, et se garde "
                  "ailleurs"));
}

/* ---- restore ---- */

static int choose_outside(struct cli *cli, const struct ledger_notes *notes,
                          struct store_epoch *epoch)
{
        for (size_t i = 0; i < notes->n; i++) {
                struct vg_note note;
                struct vg_err err = { 0 };
                bool known = false;
                if (vg_note_parse(notes->texts[i], strlen(notes->texts[i]), &note, &err) < 0)
                        return cli_fail(cli, CLI_REFUSED, "checkpoint", &err);
                for (unsigned log = 0; log < VG_LOG_N; log++) {
                        char middle[16];
                        snprintf(middle, sizeof(middle), "/%s/", vg_log_name((enum vg_log)log));
                        if (!strstr(note.checkpoint.origin, middle))
                                continue;
                        epoch->outside[log] = notes->texts[i];
                        known = true;
                }
                if (!known)
                        return cli_failf(cli, CLI_REFUSED, "checkpoint",
                                         "point de contrôle d'un journal inconnu : « %s »",
                                         note.checkpoint.origin);
        }
        return CLI_FINE;
}

static int open_epoch(struct cli *cli, const char *path, const char *appliance,
                      const struct store_key *key, struct store_epoch *epoch)
{
        _cleanup_(store_closep) struct store *store = NULL;
        const struct store_options options = {
                .path = path,
                .appliance = appliance,
                .key = key,
                .load_zone = vg_file_zone,
                .utc_ns = epoch->utc_ns,
                .version = VIGIE_VERSION,
                .opens_epoch = true,
        };
        struct vg_err err = { 0 };
        int r = store_open(&options, &store, &err);

        if (r == 0)
                r = store_epoch_open(store, epoch, &err);
        if (r == 0)
                r = store_checkpoint(store, epoch->utc_ns, NULL, &err);
        return r < 0 ? ledger_fail(cli, path, r, &err) : CLI_FINE;
}

static const char *const suffixes[] = { "", "-wal", "-shm", "-writer" };

static void remove_files(const char *path)
{
        char name[PATH_MAX + 16];

        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
                unlink(name);
        }
}

/* What root restores belongs to whom the folder belongs. */
static int give_away(struct cli *cli, const char *path)
{
        char folder[PATH_MAX];
        struct stat st;
        const char *slash = strrchr(path, '/');

        snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1,
                 slash ? path : ".");
        if (geteuid() != 0)
                return CLI_FINE;
        return stat(folder, &st) < 0 || lchown(path, st.st_uid, st.st_gid) < 0
                       ? cli_failf(cli, CLI_REFUSED, "restore", "%s : %s", path,
                                   vg_errno_text(errno))
                       : CLI_FINE;
}

/* From the scratch ledger, with its -wal, to one file under its final name. */
static int settle(struct cli *cli, const char *fresh, const char *to)
{
        char done[PATH_MAX];
        struct vg_err err = { 0 };

        snprintf(done, sizeof(done), "%s-restored", to);
        unlink(done);
        if (store_backup(fresh, done, NULL, NULL, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "restore", &err);
        if (rename(done, to) < 0)
                return cli_failf(cli, CLI_REFUSED, "restore", "%s : %s", to, vg_errno_text(errno));
        return give_away(cli, to);
}

static bool anything_at(const char *path)
{
        char name[PATH_MAX + 16];
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(suffixes) - 1;
             i++) { /* but the lock, which holds nothing */
                snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
                any = any || access(name, F_OK) == 0;
        }
        return any;
}

/* The new epoch is opened beside the final place, so that nothing half restored is ever there. */
static int restore(struct cli *cli, const char *from, const char *to, const char *appliance,
                   const struct store_key *key, struct store_epoch *epoch)
{
        struct ledger_progress progress = { cli, N_("%llu pages sur %llu…"), 0 };
        char fresh[PATH_MAX];
        struct vg_err err = { 0 };
        int rebuilt;

        /* Somebody else's -wal beside a restored file would be taken for its own. */
        if (anything_at(to))
                return cli_failf(
                        cli, CLI_REFUSED, "ledger-exists",
                        "%s, ou son -wal, existe; une restauration n'efface aucun registre : le "
                        "mettre de côté d'abord",
                        to);
        if ((size_t)snprintf(fresh, sizeof(fresh), "%s-restore", to) >= sizeof(fresh))
                return cli_failf(cli, CLI_REFUSED, "restore", "chemin trop long");
        remove_files(fresh);
        if (store_backup(from, fresh, ledger_progress, &progress, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "restore", &err);
        int r = open_epoch(cli, fresh, appliance, key, epoch);
        /* The records were verified; the tables of a backup are nobody's word. */
        if (r == CLI_FINE && (rebuilt = store_rebuild(fresh, vg_file_zone, NULL, NULL, &err)) < 0)
                r = ledger_fail(cli, fresh, rebuilt, &err);
        if (r == CLI_FINE)
                r = settle(cli, fresh, to);
        remove_files(fresh);
        return r;
}

/* A keeper goes on writing to the file that was put aside from under it, and nobody reads it again. */
static int refuse_keeper(struct cli *cli, const char *to)
{
        const struct vg_settings *settings;
        int r = cli_settings(cli, &settings);

        if (r != CLI_FINE)
                return r;
        _cleanup_free_ char *socket_path = vg_settings_socket_path(settings);
        return socket_path && cli_reach(socket_path) == 0 ? ledger_fail(cli, to, -EBUSY, NULL)
                                                          : CLI_FINE;
}

int verb_restore(struct cli *cli)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;
        _cleanup_free_ char *from = NULL, *to = NULL, *key_path = NULL;
        struct ledger_notes notes = { 0 };
        struct store_verify_report found;
        struct store_epoch epoch = { .reason = "restore", .version = VIGIE_VERSION };
        struct vg_err err = { 0 };
        int r = ledger_path(cli, NULL, &to);

        if (r == CLI_FINE)
                r = refuse_keeper(cli, to);
        if (r == CLI_FINE)
                r = ledger_key_path(cli, &key_path);
        if (r != CLI_FINE)
                return r;
        if (asprintf(&from, "%s/ledger.db", cli->args[0]) < 0) {
                from = NULL;
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        }
        if (store_key_read(key_path, &key, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "key", &err);
        epoch.utc_ns = vg_clock_now().at_utc_ns;
        r = check_copy(cli, from, &found);
        if (r == CLI_FINE && cli_option(cli, "checkpoint"))
                r = ledger_notes_read(cli, cli_option(cli, "checkpoint"), &notes);
        if (r == CLI_FINE)
                r = choose_outside(cli, &notes, &epoch);
        if (r == CLI_FINE)
                r = restore(cli, from, to, found.appliance, key, &epoch);
        ledger_notes_done(&notes);
        if (r == CLI_FINE)
                r = check_copy(cli, to, &found);
        return r == CLI_FINE
                       ? report(cli, to, &found,
                                _("registre restauré; une nouvelle époque commence, et dit ce "
                                  "qui a été perdu"))
                       : r;
}
