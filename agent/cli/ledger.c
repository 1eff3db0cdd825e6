/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/ledger.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

enum { NOTES_MAX = 1 << 20, FIRST_S = 2, EVERY_S = 2 };

int ledger_path(struct cli *cli, const char *given, char **ret_path)
{
        const struct vg_settings *settings;
        char *path;

        if (given) {
                path = strdup(given);
        } else {
                int r = cli_settings(cli, &settings);
                if (r != CLI_FINE)
                        return r;
                path = vg_settings_ledger_path(settings);
        }
        if (!path)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        *ret_path = path;
        return CLI_FINE;
}

int ledger_fail(struct cli *cli, const char *path, int r, const struct vg_err *err)
{
        if (r == -ENOENT && access(path, F_OK) < 0) /* it may be another file that is missing */
                return cli_failf(cli, CLI_REFUSED, "no-ledger", "aucun registre à %s", path);
        if (r == -EACCES && access(path, R_OK) < 0) /* and so may another be forbidden */
                return cli_failf(
                        cli, CLI_REFUSED, "not-allowed",
                        "accès interdit : %s; être membre du groupe vigie-read, ou employer "
                        "sudo",
                        path);
        if (r == -EBUSY)
                return cli_failf(cli, CLI_REFUSED, "busy",
                                 "le gardien tient le registre; l'arrêter d'abord "
                                 "(systemctl stop vigied)");
        return strstr(err->text, path)
                       ? cli_fail(cli, CLI_REFUSED, "ledger", err)
                       : cli_failf(cli, CLI_REFUSED, "ledger", "%s : %s", path, vg_err_text(err));
}

int ledger_open(struct cli *cli, const char *given, struct store **ret_store)
{
        _cleanup_free_ char *path = NULL;
        struct vg_err err = { 0 };
        int r = ledger_path(cli, given, &path);

        if (r != CLI_FINE)
                return r;
        const struct store_options options = { .path = path, .load_zone = vg_file_zone };
        r = store_open_read(&options, ret_store, &err);
        return r < 0 ? ledger_fail(cli, path, r, &err) : CLI_FINE;
}

enum vg_log ledger_log(const struct cli *cli, enum vg_log otherwise)
{
        const char *name = cli_option(cli, "log");
        enum vg_log log;

        return name && vg_log_parse(name, &log) == 0 ? log : otherwise;
}

int ledger_key_path(struct cli *cli, char **ret_path)
{
        const char *given = cli_option(cli, "key");
        const struct vg_settings *settings;
        char *path = NULL;

        if (given) {
                path = strdup(given);
        } else {
                int r = cli_settings(cli, &settings);
                if (r != CLI_FINE)
                        return r;
                if (*settings->signing_key)
                        path = strdup(settings->signing_key);
                else if (asprintf(&path, "%s/signing-key.pem", settings->state_dir) < 0)
                        path = NULL;
        }
        if (!path)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        *ret_path = path;
        return CLI_FINE;
}

int ledger_progress(void *ctx, uint64_t done, uint64_t total)
{
        struct ledger_progress *progress = ctx;
        const int64_t now_s = (int64_t)(vg_clock_now().at_boot_ns / (uint64_t)VG_NS_PER_S);

        if (progress->last_s == 0)
                progress->last_s = now_s + FIRST_S - EVERY_S;
        if (now_s - progress->last_s < EVERY_S)
                return 0;
        progress->last_s = now_s;
        cli_progress(progress->cli, progress->format, (unsigned long long)done,
                     (unsigned long long)total);
        return 0;
}

void ledger_notes_done(struct ledger_notes *notes)
{
        for (size_t i = 0; i < notes->n; i++)
                free(notes->texts[i]);
        free(notes->texts);
        *notes = (struct ledger_notes){ 0 };
}

static int add_note(struct ledger_notes *notes, const char *text, size_t n)
{
        char **texts = reallocarray(notes->texts, notes->n + 1, sizeof(*texts));
        char *copy = strndup(text, n);

        if (texts)
                notes->texts = texts;
        if (!texts || !copy) {
                free(copy);
                return -ENOMEM;
        }
        notes->texts[notes->n++] = copy;
        return 0;
}

/* A note ends behind its signatures; empty lines between two notes are nobody's. */
static int split_notes(const char *text, struct ledger_notes *notes)
{
        static const char dash[] = "\xe2\x80\x94 ";
        const char *from = NULL;
        bool in_signatures = false;
        int r = 0;

        for (const char *line = text; *line && r == 0;) {
                const char *end = strchrnul(line, '\n');
                const bool is_signature = strncmp(line, dash, sizeof(dash) - 1) == 0;
                if (in_signatures && !is_signature) {
                        r = add_note(notes, from, (size_t)(line - from));
                        from = NULL;
                }
                in_signatures = is_signature;
                if (!from && end != line)
                        from = line;
                line = *end ? end + 1 : end;
        }
        return r == 0 && from ? add_note(notes, from, strlen(from)) : r;
}

int ledger_notes_read(struct cli *cli, const char *path, struct ledger_notes *ret_notes)
{
        _cleanup_free_ char *text = NULL;
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(path, NOTES_MAX, &text, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "checkpoint", &err);
        if (split_notes(text, ret_notes) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < ret_notes->n; i++) {
                struct vg_note note;
                if (vg_note_parse(ret_notes->texts[i], strlen(ret_notes->texts[i]), &note, &err) <
                    0)
                        return cli_failf(cli, CLI_REFUSED, "checkpoint", "%s : %s", path,
                                         vg_err_text(&err));
        }
        return ret_notes->n ? CLI_FINE
                            : cli_failf(cli, CLI_REFUSED, "checkpoint",
                                        "%s : aucun point de contrôle", path);
}

int ledger_key_digest(const char *given, struct vg_hash *ret_digest, struct vg_err *err)
{
        char hex[2 * VG_HASH_SIZE + 1];
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        const struct vg_bytes part = { public_key, sizeof(public_key) };
        size_t n = 0;

        for (const char *c = given; *c && n < sizeof(hex); c++)
                if (*c != ' ')
                        hex[n++] = *c;
        if (n == 2 * VG_HASH_SIZE) {
                hex[n] = '\0';
                if (vg_hex_parse(hex, ret_digest->bytes, VG_HASH_SIZE) == 0)
                        return 0;
        }
        int r = store_key_read_public(given, public_key, err);
        return r < 0 ? r : store_hasher.sha256(store_hasher.ctx, &part, 1, ret_digest);
}

int ledger_read_proof(const json_t *list, struct vg_proof *ret_proof)
{
        if (!json_is_array(list) || json_array_size(list) > VG_PROOF_MAX)
                return -EINVAL;
        for (ret_proof->n = 0; ret_proof->n < json_array_size(list); ret_proof->n++) {
                const char *hex = json_string_value(json_array_get(list, ret_proof->n));
                if (!hex ||
                    vg_hex_parse(hex, ret_proof->hash[ret_proof->n].bytes, VG_HASH_SIZE) < 0)
                        return -EINVAL;
        }
        return 0;
}
