/* SPDX-License-Identifier: Apache-2.0 */

/* setup: the first day. Asks little, tries what it is told, writes one file and makes one key. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/reach.h"
#include "cli/setup.h"
#include "os/files.h"
#include "os/settings.h"

static int choose_file(struct setup *setup)
{
        const char *given = cli_option(setup->cli, "config"), *env = getenv("VIGIE_CONFIG");
        _cleanup_free_ char *answer = NULL;
        struct vg_err err = { 0 };
        char question[512];

        setup->settings_path = strdup(given ? given : env && *env ? env : "/etc/vigie/vigie.conf");
        if (!setup->settings_path)
                return cli_failf(setup->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (setup->settings_path[0] != '/')
                return cli_failf(setup->cli, CLI_USAGE, "usage",
                                 "--config : un chemin absolu est attendu");
        if (vg_file_may_write(setup->settings_path, &err) < 0)
                return cli_fail(setup->cli, CLI_REFUSED, "settings", &err);
        if (access(setup->settings_path, F_OK) < 0)
                return CLI_FINE;
        snprintf(question, sizeof(question), _("%s existe; le remplacer? (oui ou non)"),
                 setup->settings_path);

        int r = setup_ask(setup, "replace", question, _("non"), &answer);
        if (r != CLI_FINE)
                return r;
        if (strcmp(answer, "oui") == 0 || strcmp(answer, "yes") == 0)
                return CLI_FINE;
        return cli_failf(setup->cli, CLI_REFUSED, "exists",
                         "%s existe et n'est pas touché (replace = oui le remplace)",
                         setup->settings_path);
}

/* Only scripts move the folders; a person who wants that writes the file. */
static int choose_folders(struct setup *setup)
{
        if (!setup->scripted)
                return CLI_FINE;

        int r = setup_ask(setup, "state_dir", "", "", &setup->state_dir);
        if (r == CLI_FINE)
                r = setup_ask(setup, "run_dir", "", "", &setup->run_dir);
        return r;
}

static int print_json(struct setup *setup, const char *fingerprint, const char *pem, bool keeper)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        cli_json_text(&j, "appliance", setup->appliance);
        if (setup->contract)
                cli_json_text(&j, "contract", setup->contract->id);
        else
                cli_json_null(&j, "contract");
        vg_json_string(&j, "fingerprint", fingerprint);
        cli_json_bool(&j, "keeper_answers", keeper);
        cli_json_bool(&j, "key_made", setup->made_key);
        cli_json_text(&j, "public_key", pem);
        cli_json_text(&j, "settings", setup->settings_path);
        vg_json_end_object(&j);
        return cli_json_print(setup->cli, &j);
}

static int print(struct setup *setup, const char *fingerprint, const char *pem, bool keeper)
{
        struct cli *cli = setup->cli;

        cli_printf(cli, CLI_GOOD, _("\n✓ réglages écrits : %s\n"), setup->settings_path);
        cli_printf(cli, CLI_GOOD, "✓ %s\n",
                   setup->made_key ? _("clé de signature créée") : _("clé de signature trouvée"));
        cli_print(cli, CLI_STRONG,
                  _("\nEmpreinte de la clé, à noter par le client et par le "
                    "fournisseur :\n\n"));
        cli_printf(cli, CLI_STRONG, "  %s\n\n", fingerprint);
        cli_print(cli, CLI_PLAIN, pem);
        cli_print(cli, CLI_STRONG, _("\nEnsuite\n"));
        if (keeper)
                cli_print(cli, CLI_PLAIN,
                          _("  le gardien répond déjà : systemctl restart vigie.target\n"));
        else
                cli_print(cli, CLI_PLAIN, "  systemctl enable --now vigie.target\n");
        cli_printf(cli, CLI_PLAIN, "  vigie contract load %s\n",
                   setup->contract_path ? setup->contract_path : _("FICHIER"));
        cli_print(cli, CLI_PLAIN, "  vigie doctor\n");
        return CLI_FINE;
}

static int conclude(struct setup *setup)
{
        _cleanup_free_ char *pem = NULL, *socket_path = NULL;
        const struct vg_settings *settings;
        char fingerprint[80];
        struct vg_err err = { 0 };

        if (store_key_public_pem(setup->public_key, &pem, &err) < 0)
                return cli_fail(setup->cli, CLI_REFUSED, "key", &err);
        store_key_fingerprint(setup->public_key, fingerprint);

        int r = cli_settings(setup->cli, &settings); /* reads back what was just written */
        if (r != CLI_FINE)
                return r;
        socket_path = vg_settings_socket_path(settings);
        const bool keeper = socket_path && cli_reach(socket_path) == 0;
        return setup->cli->json ? print_json(setup, fingerprint, pem, keeper)
                                : print(setup, fingerprint, pem, keeper);
}

int verb_setup(struct cli *cli)
{
        static const char *const keys[] = { "appliance", "contract",    "language",
                                            "replace",   "run_dir",     "state_dir",
                                            "uri",       "signing_key", NULL };
        static int (*const steps[])(struct setup *) = {
                choose_file,    setup_contract, setup_appliance, setup_hypervisor,
                setup_language, choose_folders, setup_key,       setup_write,
        };
        _cleanup_(setup_done) struct setup setup = { 0 };

        int r = setup_begin(cli, keys, &setup);
        for (size_t i = 0; r == CLI_FINE && i < ELEMENTSOF(steps); i++)
                r = steps[i](&setup);
        return r == CLI_FINE ? conclude(&setup) : r;
}
