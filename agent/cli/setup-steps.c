/* SPDX-License-Identifier: Apache-2.0 */

/* setup-steps: one question after the other; an answer that will not do is told and asked again. */

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/reach.h"
#include "cli/setup.h"
#include "os/files.h"
#include "os/settings.h"

#define SEALED_KEY "/etc/vigie/signing-key.cred"
#define SEALED_KEY_PUBLIC "/etc/vigie/signing-key.pub"

/* 0: *ret_contract. 1: refused, and said. Negative: could not be read, and said. */
static int read_contract(struct setup *setup, const char *path)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        char text[1024];
        size_t n;

        int r = vg_file_read(path, VG_CONTRACT_BYTES_MAX, &bytes, &n, &err);
        if (r == 0)
                r = vg_contract_parse(bytes, n, vg_file_zone, &setup->contract, &refusals, &err);
        if (r < 0)
                return setup_again(setup, "%s", vg_err_text(&err)) == CLI_FINE ? 1 : -1;
        for (size_t i = 0; i < refusals.n && i < 5; i++) {
                vg_refusal_text(&refusals.list[i], setup->cli->french, text, sizeof(text));
                int told =
                        setup_again(setup, "%s, ligne %d : %s", vg_refusal_code(&refusals.list[i]),
                                    refusals.list[i].line, text);
                if (told != CLI_FINE)
                        return -1;
        }
        return r;
}

int setup_contract(struct setup *setup)
{
        for (;;) {
                _cleanup_free_ char *path = NULL;
                int r = setup_ask(setup, "contract",
                                  _("Fichier du contrat spécifique (vide : plus tard)"), "", &path);
                if (r != CLI_FINE || !*path)
                        return r;
                r = read_contract(setup, path);
                if (r < 0)
                        return CLI_REFUSED;
                if (r > 0)
                        continue;
                cli_progress(setup->cli, "  ✓ contrat %s, révision %lld", setup->contract->id,
                             (long long)setup->contract->revision);
                setup->contract_path = TAKE_PTR(path);
                return CLI_FINE;
        }
}

static bool is_plain_id(const char *text)
{
        return *text && strlen(text) <= 64 &&
               strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
                       strlen(text);
}

static void list_appliances(const struct vg_contract *contract, struct vg_buf *buf)
{
        for (size_t i = 0; i < contract->n_sites; i++)
                for (size_t k = 0; k < contract->sites[i].n_appliances; k++)
                        vg_buf_printf(buf, "%s%s", buf->n ? ", " : "",
                                      contract->sites[i].appliances[k]);
}

int setup_appliance(struct setup *setup)
{
        _cleanup_(vg_buf_done) struct vg_buf known = { 0 };
        char host[HOST_NAME_MAX + 1] = "";

        (void)gethostname(host, sizeof(host) - 1);
        if (setup->contract)
                list_appliances(setup->contract, &known);

        const bool is_known = setup->contract && vg_contract_site_of(setup->contract, host);
        for (;;) {
                _cleanup_free_ char *id = NULL;
                if (known.data && !setup->scripted)
                        cli_progress(setup->cli, "  au contrat : %s", known.data);
                int r = setup_ask(setup, "appliance", _("Identifiant de cet appareil"),
                                  is_known ? host : "", &id);
                if (r != CLI_FINE)
                        return r;
                if (!is_plain_id(id))
                        r = setup_again(setup,
                                        "« %s » : lettres, chiffres, point, tiret et "
                                        "souligné seulement, 64 au plus",
                                        id);
                else if (setup->contract && !vg_contract_site_of(setup->contract, id))
                        r = setup_again(setup, "« %s » n'est pas au contrat; il nomme : %s", id,
                                        known.data ? known.data : "");
                else {
                        setup->appliance = TAKE_PTR(id);
                        return CLI_FINE;
                }
                if (r != CLI_FINE)
                        return r;
        }
}

static bool is_plain_value(const char *text)
{
        for (; *text; text++)
                if ((unsigned char)*text <= ' ' || *text == ';' || *text == '#' || *text == 0x7f)
                        return false;
        return true;
}

int setup_hypervisor(struct setup *setup)
{
        for (;;) {
                _cleanup_free_ char *uri = NULL;
                int r = setup_ask(setup, "uri", _("Adresse de l'hyperviseur libvirt"),
                                  "qemu:///system", &uri);
                if (r != CLI_FINE)
                        return r;
                if (!is_plain_value(uri) || !strstr(uri, "://")) {
                        r = setup_again(setup, "« %s » n'est pas une adresse libvirt", uri);
                        if (r != CLI_FINE)
                                return r;
                        continue;
                }

                /* Tried live, but not required: libvirt may be installed after us. */
                _cleanup_free_ char *socket_path = doctor_libvirt_socket(uri);
                const int reached = socket_path ? cli_reach(socket_path) : 0;
                if (socket_path && reached == 0)
                        cli_progress(setup->cli, "  ✓ %s répond", socket_path);
                else if (socket_path)
                        cli_progress(setup->cli, "  ✗ %s : %s (« vigie doctor » dit le remède)",
                                     socket_path, vg_errno_text(-reached));
                setup->uri = TAKE_PTR(uri);
                return CLI_FINE;
        }
}

int setup_language(struct setup *setup)
{
        for (;;) {
                _cleanup_free_ char *language = NULL;
                int r = setup_ask(setup, "language", _("Langue du journal (fr ou en)"), vg_lang(),
                                  &language);
                if (r != CLI_FINE)
                        return r;
                if (strcmp(language, "fr") == 0 || strcmp(language, "en") == 0) {
                        setup->language = TAKE_PTR(language);
                        return CLI_FINE;
                }
                r = setup_again(setup, "« %s » : fr ou en", language);
                if (r != CLI_FINE)
                        return r;
        }
}

/* The key sealed to this machine, by the same program as vigie-keygen.service. */
static int seal_key(struct setup *setup)
{
        char path[PATH_MAX], *const argv[] = { path, NULL };
        struct vg_err err = { 0 };
        struct stat st;
        int status = 0;
        pid_t pid;

        setup->made_key = stat(SEALED_KEY, &st) < 0;
        if (setup->made_key) {
                if (!doctor_find_program("vigie-keygen", path) ||
                    posix_spawn(&pid, path, NULL, NULL, argv, environ) != 0 ||
                    waitpid(pid, &status, 0) != pid || status != 0)
                        return cli_failf(setup->cli, CLI_REFUSED, "key",
                                         "la clé n'a pas pu être scellée; donner un fichier, ou "
                                         "essayer systemctl start vigie-keygen");
        }
        if (store_key_read_public(SEALED_KEY_PUBLIC, setup->public_key, &err) < 0)
                return cli_fail(setup->cli, CLI_REFUSED, "key", &err);
        return CLI_FINE;
}

static int make_key(struct setup *setup, const char *path, struct vg_err *err)
{
        _cleanup_(store_key_freep) struct store_key *key = NULL;

        if (*path != '/' || !is_plain_value(path))
                return vg_err_set(err, -EINVAL,
                                  "« %s » : un chemin absolu, sans espace, est attendu", path);
        int r = access(path, F_OK) == 0 ? store_key_read(path, &key, err) : -ENOENT;
        setup->made_key = r == -ENOENT;
        if (setup->made_key) {
                r = store_key_new(&key, err);
                if (r == 0)
                        r = store_key_write(key, path, err);
        }
        if (r == 0)
                memcpy(setup->public_key, store_key_public(key), sizeof(setup->public_key));
        return r;
}

int setup_key(struct setup *setup)
{
        const bool can_seal = access("/run/systemd/system", F_OK) == 0 && geteuid() == 0;
        _cleanup_free_ char *fallback = NULL;

        if (!can_seal && asprintf(&fallback, "%.*s/signing-key.pem",
                                  (int)(strrchr(setup->settings_path, '/') - setup->settings_path),
                                  setup->settings_path) < 0)
                return cli_failf(setup->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (;;) {
                _cleanup_free_ char *path = NULL;
                struct vg_err err = { 0 };
                int r = setup_ask(setup, "signing_key",
                                  can_seal ? _("Clé de signature (vide : scellée par systemd)")
                                           : _("Fichier de la clé de signature"),
                                  fallback, &path);
                if (r != CLI_FINE)
                        return r;
                if (!*path)
                        return seal_key(setup);
                if (make_key(setup, path, &err) == 0) {
                        setup->key_path = TAKE_PTR(path);
                        return CLI_FINE;
                }
                r = setup_again(setup, "%s", vg_err_text(&err));
                if (r != CLI_FINE)
                        return r;
        }
}

static void write_row(struct vg_buf *buf, const char **section, const char *of, const char *key,
                      const char *value)
{
        if (!value || !*value)
                return;
        if (strcmp(*section, of) != 0)
                vg_buf_printf(buf, "\n[%s]\n", of);
        *section = of;
        vg_buf_printf(buf, "%s = %s\n", key, value);
}

int setup_write(struct setup *setup)
{
        _cleanup_(vg_buf_done) struct vg_buf buf = { 0 };
        const char *section = "";
        struct vg_err err = { 0 };

        vg_buf_puts(&buf, _("# Écrit par « vigie setup ». « vigie config --man » explique chaque "
                            "réglage.\n"));
        write_row(&buf, &section, "appliance", "id", setup->appliance);
        write_row(&buf, &section, "general", "language", setup->language);
        write_row(&buf, &section, "hypervisor", "uri", setup->uri);
        write_row(&buf, &section, "keeper", "signing_key", setup->key_path);
        write_row(&buf, &section, "paths", "run_dir", setup->run_dir);
        write_row(&buf, &section, "paths", "state_dir", setup->state_dir);
        if (buf.failed)
                return cli_failf(setup->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (vg_file_write(setup->settings_path, buf.data, buf.n, 0644, &err) < 0)
                return cli_fail(setup->cli, CLI_REFUSED, "settings", &err);
        return CLI_FINE;
}
