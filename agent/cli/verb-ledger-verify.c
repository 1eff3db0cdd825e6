/* SPDX-License-Identifier: Apache-2.0 */

/* ledger verify: does the ledger still say what was signed? Works on a copy, without the keeper. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/ledger.h"
#include "os/files.h"
#include "store/backup.h"
#include "store/rebuild.h"
#include "store/verify.h"

enum { SHOWN_MAX = 50 };

struct outcome {
        struct cli *cli;
        struct store_verify_report report;
        struct store_finding shown[SHOWN_MAX];
        size_t n_shown;
        struct vg_hash key; /* --key, as a fingerprint */
        bool has_key;
        struct ledger_notes notes;
        struct ledger_progress progress;
        enum { NOT_COMPARED, SAME, DIFFERENT } projections;
        struct vg_err damage; /* of the tables, or of the file around them */
};

static int note_finding(void *ctx, const struct store_finding *finding)
{
        struct outcome *o = ctx;

        if (o->n_shown < SHOWN_MAX)
                o->shown[o->n_shown++] = *finding;
        return 0;
}

static int show_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct outcome *o = ctx;

        return ledger_progress(&o->progress, done, total);
}

static bool is_fine(const struct outcome *o)
{
        return o->report.n_findings == 0 && o->projections != DIFFERENT;
}

static void write_log(struct vg_json *j, const struct store_verify_report *report, unsigned log)
{
        char text[80];

        vg_json_object(j, NULL);
        vg_json_int(j, "checkpoints", (int64_t)report->log[log].checkpoints);
        vg_json_int(j, "epoch", report->log[log].epoch);
        vg_json_string(j, "first_key", store_key_fingerprint(report->log[log].first_key, text));
        vg_json_string(j, "key", store_key_fingerprint(report->log[log].public_key, text));
        vg_json_string(j, "log", vg_log_name((enum vg_log)log));
        cli_json_text(j, "lost_from", report->log[log].lost_from);
        cli_json_text(j, "lost_to", report->log[log].lost_to);
        cli_json_text(j, "origin", report->log[log].origin);
        vg_json_int(j, "outside", (int64_t)report->log[log].outside);
        vg_json_int(j, "records", (int64_t)report->log[log].size);
        vg_json_int(j, "redacted", (int64_t)report->log[log].redacted);
        vg_json_string(j, "root", vg_hex_format(report->log[log].root.bytes, VG_HASH_SIZE, text));
        vg_json_int(j, "signed", (int64_t)report->log[log].signed_size);
        vg_json_end_object(j);
}

static int print_json(struct cli *cli, const struct outcome *o)
{
        static const char *const projections[] = { "not-compared", "same", "different" };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        cli_json_text(&j, "appliance", o->report.appliance);
        cli_json_text(&j, "damage", o->damage.text);
        vg_json_array(&j, "findings");
        for (size_t i = 0; i < o->n_shown; i++) {
                vg_json_object(&j, NULL);
                vg_json_string(&j, "code", o->shown[i].code);
                vg_json_int(&j, "entry", (int64_t)o->shown[i].seq);
                vg_json_string(&j, "log", vg_log_name(o->shown[i].log));
                cli_json_text(&j, "message", o->shown[i].why.text);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        cli_json_bool(&j, "fine", is_fine(o));
        vg_json_array(&j, "logs");
        for (unsigned log = 0; log < VG_LOG_N; log++)
                write_log(&j, &o->report, log);
        vg_json_end_array(&j);
        vg_json_int(&j, "n_findings", (int64_t)o->report.n_findings);
        vg_json_string(&j, "projections", projections[o->projections]);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int print_logs(struct cli *cli, const struct store_verify_report *report)
{
        const struct cli_column columns[] = {
                { _("journal"), CLI_LEFT, false, false },
                { _("inscriptions"), CLI_RIGHT, false, false },
                { _("effacées"), CLI_RIGHT, false, false },
                { _("signées"), CLI_RIGHT, false, false },
                { _("points de contrôle"), CLI_RIGHT, false, false },
                { _("origine"), CLI_LEFT, true, false },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        char text[CLI_TEXT];

        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (unsigned log = 0; log < VG_LOG_N; log++) {
                const uint64_t counts[] = {
                        report->log[log].size,
                        report->log[log].redacted,
                        report->log[log].signed_size,
                        report->log[log].checkpoints,
                };
                cli_table_cell(table, CLI_STRONG, vg_log_name((enum vg_log)log));
                for (size_t i = 0; i < ELEMENTSOF(counts); i++)
                        cli_table_cell(table, CLI_PLAIN, cli_count(cli, (int64_t)counts[i], text));
                cli_table_cell(table, CLI_PLAIN, report->log[log].origin);
        }
        return cli_table_print(cli, table);
}

static void print_keys(struct cli *cli, const struct outcome *o)
{
        char text[80];

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                const uint8_t *key = o->report.log[log].public_key,
                              *first = o->report.log[log].first_key;
                if (!*o->report.log[log].origin ||
                    (log && memcmp(key, o->report.log[0].public_key, VG_PUBLIC_KEY_SIZE) == 0))
                        continue;
                cli_printf(cli, CLI_PLAIN, _("clé : %s\n"), store_key_fingerprint(first, text));
                if (memcmp(first, key, VG_PUBLIC_KEY_SIZE) != 0)
                        cli_printf(cli, CLI_PLAIN,
                                   _("changée depuis, la nouvelle signée par l'ancienne : %s\n"),
                                   store_key_fingerprint(key, text));
        }
        if (!o->has_key)
                cli_wrap(cli, CLI_DIM, 0,
                         _("Sans --key, rien ne dit que cette clé est la bonne : la comparer avec "
                           "l'empreinte notée à l'installation."));
}

/* What a restore lost is accepted, and said. */
static void print_lost(struct cli *cli, const struct store_verify_report *report)
{
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (report->log[log].epoch > 1)
                        cli_printf(
                                cli, CLI_WARN,
                                _("%s : époque %lld, ouverte par une restauration; perdu de %s à "
                                  "%s\n"),
                                vg_log_name((enum vg_log)log), (long long)report->log[log].epoch,
                                report->log[log].lost_from, report->log[log].lost_to);
}

static void print_redacted(struct cli *cli, const struct store_verify_report *report)
{
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (report->log[log].redacted)
                        cli_printf(cli, CLI_PLAIN, "%s: redacted %llu\n",
                                   vg_log_name((enum vg_log)log),
                                   (unsigned long long)report->log[log].redacted);
}

static int print_text(struct cli *cli, const struct outcome *o)
{
        int r = print_logs(cli, &o->report);

        if (r != CLI_FINE)
                return r;
        print_keys(cli, o);
        print_lost(cli, &o->report);
        print_redacted(cli, &o->report);
        for (size_t i = 0; i < o->n_shown; i++)
                cli_printf(cli, CLI_BAD, "%s %llu: %s: %s\n", vg_log_name(o->shown[i].log),
                           (unsigned long long)o->shown[i].seq, o->shown[i].code,
                           o->shown[i].why.text);
        if (o->report.n_findings > o->n_shown)
                cli_printf(cli, CLI_BAD,
                           ngettext("… et %llu autre constat\n", "… et %llu autres constats\n",
                                    o->report.n_findings - o->n_shown),
                           (unsigned long long)(o->report.n_findings - o->n_shown));
        if (*o->damage.text)
                cli_printf(cli, CLI_BAD,
                           _("%s; si « vigie ledger rebuild » n'y remédie pas, restaurer une "
                             "sauvegarde\n"),
                           o->damage.text);
        else if (o->projections == DIFFERENT)
                cli_print(cli, CLI_BAD,
                          _("les tables ne sont pas celles des inscriptions; faire « vigie ledger "
                            "rebuild »\n"));
        if (is_fine(o) && o->projections == SAME)
                cli_print(
                        cli, CLI_GOOD,
                        _("le registre est intact, et les tables sont celles des inscriptions\n"));
        else if (is_fine(o))
                cli_print(cli, CLI_GOOD,
                          _("les inscriptions sont intactes; les tables que lisent status et usage "
                            "n'ont pas été comparées\n"));
        else if (!o->report.n_findings)
                cli_print(cli, CLI_BAD,
                          _("les inscriptions sont intactes, mais pas les chiffres affichés\n"));
        else
                cli_print(cli, CLI_BAD, _("le registre ne correspond pas à ce qui a été signé\n"));
        return CLI_FINE;
}

static void remove_copy(const char *folder)
{
        static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm",
                                             "ledger.db-writer" };
        char path[PATH_MAX + 32];

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
                unlink(path);
        }
        rmdir(folder);
}

/* What people read are the tables, not the records: an altered table is an altered figure. They are
 * made again from the records of a copy, so that the keeper may go on. */
static int compare_projections(struct outcome *o, const char *path)
{
        const char *where = getenv("TMPDIR");
        char folder[PATH_MAX], copy[PATH_MAX + 16];
        struct vg_err err = { 0 };
        bool same = false;

        snprintf(folder, sizeof(folder), "%s/vigie-verify.XXXXXX",
                 where && *where ? where : "/var/tmp");
        if (!mkdtemp(folder))
                return cli_failf(o->cli, CLI_REFUSED, "copy", "%s : %s", folder,
                                 vg_errno_text(errno));
        snprintf(copy, sizeof(copy), "%s/ledger.db", folder);

        int r = store_backup(path, copy, show_progress, o, &err);
        if (r == 0)
                r = store_rebuild_compare(copy, vg_file_zone, show_progress, o, &same, &err);
        remove_copy(folder);
        if (r == -EBADMSG) { /* the records were read: what cannot be is a table */
                o->projections = DIFFERENT;
                o->damage = err;
                return CLI_FINE;
        }
        if (r < 0)
                return ledger_fail(o->cli, path, r, &err);
        if (r == 0) /* else of another release, which made them otherwise */
                o->projections = same ? SAME : DIFFERENT;
        return CLI_FINE;
}

static int verify(struct outcome *o, const char *path)
{
        const struct store_verify_options options = {
                .path = path,
                .keys = &o->key,
                .n_keys = o->has_key,
                .outside = (const char *const *)o->notes.texts,
                .n_outside = o->notes.n,
                .on_finding = note_finding,
                .on_progress = show_progress,
                .ctx = o,
        };
        struct vg_err err = { 0 };
        int r = store_verify(&options, &o->report, &err);

        if (r < 0)
                return ledger_fail(o->cli, path, r, &err);
        return o->report.n_findings || cli_option(o->cli, "records-only")
                       ? CLI_FINE
                       : compare_projections(o, path);
}

static int run(struct cli *cli, struct outcome *o, const char *path)
{
        const char *key = cli_option(cli, "key"), *notes = cli_option(cli, "checkpoint");
        struct vg_err err = { 0 };
        int r = CLI_FINE;

        o->has_key = key != NULL;
        if (key && ledger_key_digest(key, &o->key, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "key", &err);
        if (r == CLI_FINE && notes)
                r = ledger_notes_read(cli, notes, &o->notes);
        if (r == CLI_FINE)
                r = verify(o, path);
        if (r == CLI_FINE)
                r = cli->json ? print_json(cli, o) : print_text(cli, o);
        return r == CLI_FINE && !is_fine(o) ? CLI_FOUND : r;
}

int verb_ledger_verify(struct cli *cli)
{
        _cleanup_free_ struct outcome *o = calloc(1, sizeof(*o));
        _cleanup_free_ char *path = NULL;

        if (!o)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        o->cli = cli;
        o->progress = (struct ledger_progress){ cli, N_("%llu inscriptions sur %llu…"), 0 };
        int r = ledger_path(cli, cli->n_args ? cli->args[0] : NULL, &path);
        if (r == CLI_FINE)
                r = run(cli, o, path);
        ledger_notes_done(&o->notes);
        return r;
}
