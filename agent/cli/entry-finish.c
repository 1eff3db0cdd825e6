/* SPDX-License-Identifier: Apache-2.0 */

/* The contract file as a whole: held against the rules, shown, and written where people agree. */

#include <string.h>
#include <unistd.h>

#include "cli/contract-file.h"
#include "cli/contract-page.h"
#include "cli/entry.h"
#include "os/clock.h"
#include "os/files.h"
#include "vigie/civil.h"

static int confirm(struct entry *entry, const char *path, bool *ret_yes)
{
        _cleanup_free_ char *answer = NULL;
        char question[512];

        snprintf(question, sizeof(question), _("Écrire %s? (oui, non, ou « < » pour revenir)"),
                 path);
        int r = entry_ask(entry, "confirm", question, _("oui"), &answer);
        if (r == CLI_FINE)
                *ret_yes = strchr("oOyY", *answer) && *answer;
        return r;
}

static int write_file(struct entry *entry, const struct contract_file *file, const char *path)
{
        struct cli *cli = entry->setup.cli;
        struct vg_err err = { 0 };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        if (vg_file_write(path, file->bytes, file->n, 0640, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        if (!cli->json) {
                cli_print(cli, CLI_PLAIN, "\n");
                cli_printf(cli, CLI_GOOD,
                           _("%s est écrit. À comparer au papier signé, puis « vigie contract "
                             "load %s » le met en vigueur.\n"),
                           path, path);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        cli_json_text(&j, "contract_id", file->contract->id);
        cli_json_text(&j, "file", path);
        vg_json_int(&j, "revision", file->contract->revision);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int refuse_replacing(struct cli *cli, const char *path)
{
        return access(path, F_OK) < 0 ? CLI_FINE
                                      : cli_failf(cli, CLI_REFUSED, "exists",
                                                  "%s existe déjà; --out en nomme un autre", path);
}

int entry_may_write(struct cli *cli)
{
        const char *path = cli_option(cli, "out");
        struct vg_err err = { 0 };

        if (vg_file_may_write(path ? path : "contract.json", &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        return path ? refuse_replacing(cli, path) : CLI_FINE;
}

int entry_finish(struct entry *entry, const char *name)
{
        struct cli *cli = entry->setup.cli;
        const char *path = cli_option(cli, "out") ? cli_option(cli, "out") : name;
        _cleanup_(contract_file_done) struct contract_file file = { 0 };
        bool yes = false;

        file.bytes = json_dumps(entry->tree, JSON_INDENT(2));
        if (!file.bytes)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        file.n = strlen(file.bytes);
        int r = contract_file_parse(cli, path, &file);
        if (r == CLI_FINE)
                r = refuse_replacing(cli, path);
        if (r != CLI_FINE)
                return r;
        const struct cli_view view = {
                .contract = file.contract,
                .zone = file.contract->zone,
                .zone_name = file.contract->zone_name,
                .now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S),
        };
        if (!cli->json)
                r = contract_page_print(cli, &view);
        if (r == CLI_FINE)
                r = confirm(entry, path, &yes);
        if (r != CLI_FINE)
                return r;
        return yes ? write_file(entry, &file, path)
                   : cli_failf(cli, CLI_USAGE, "interrupted", "interrompu : rien n'a été écrit");
}
