/* SPDX-License-Identifier: Apache-2.0 */

/* decommission: the client's log and the keys of a server that leaves are erased, by two people, once
 * the evidence was verified elsewhere; and a certificate says what went and what can still be proved. */

#include <errno.h>
#include <string.h>

#include "cli/html.h"
#include "cli/key-wipe.h"
#include "cli/ledger.h"
#include "os/clock.h"
#include "vigie/civil.h"

struct certificate {
        struct cli *cli;
        const char *contract_id, *reason, *asked_by, *digest;
        int64_t erased, at_s;
        struct store *store;
        struct key_files keys;
        char *note[VG_LOG_N]; /* the last signed heads */
};

static void certificate_done(struct certificate *c)
{
        store_close(c->store);
        key_files_done(&c->keys);
        for (unsigned log = 0; log < VG_LOG_N; log++)
                free(c->note[log]);
}

/* ---- the act ---- */

static int send(struct certificate *c, json_t **ret_result)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        cli_json_text(&body, "contract_id", c->contract_id);
        vg_json_string(&body, "lang", vg_lang());
        cli_json_text(&body, "reason", c->reason);
        vg_json_string(&body, "verb", "decommission");
        vg_json_int(&body, "wipes_keys", c->keys.n > 0 && key_files_can_wipe(&c->keys));
        vg_json_end_object(&body);
        return cli_act(c->cli, &body, ret_result);
}

/* ---- the certificate ---- */

static int read_heads(struct certificate *c)
{
        struct vg_err err = { 0 };
        int r = ledger_open(c->cli, NULL, &c->store);

        for (unsigned log = 0; log < VG_LOG_N && r == CLI_FINE; log++) {
                r = store_checkpoint_get(c->store, (enum vg_log)log, UINT64_MAX, NULL,
                                         &c->note[log], &err);
                if (r != 0)
                        r = cli_fail(c->cli, CLI_REFUSED, "ledger", &err);
        }
        return r;
}

static size_t n_left(const struct certificate *c)
{
        size_t n = 0;

        for (size_t i = 0; i < c->keys.n; i++)
                n += !c->keys.list[i].is_wiped;
        return n;
}

static void put_keys(const struct certificate *c, struct vg_json *j, const char *name, bool wiped)
{
        vg_json_array(j, name);
        for (size_t i = 0; i < c->keys.n; i++)
                if (c->keys.list[i].is_wiped == wiped)
                        cli_json_text(j, NULL, c->keys.list[i].path);
        vg_json_end_array(j);
}

static void write_json(const struct certificate *c, struct vg_buf *text)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char fingerprint[80];

        vg_json_object(&j, NULL);
        cli_json_text(&j, "appliance", store_identity(c->store)->appliance);
        cli_json_text(&j, "asked_by", c->asked_by);
        cli_json_time(&j, "at", c->at_s);
        vg_json_object(&j, "checkpoints");
        cli_json_text(&j, "client", c->note[VG_LOG_CLIENT]);
        cli_json_text(&j, "shared", c->note[VG_LOG_SHARED]);
        vg_json_end_object(&j);
        cli_json_text(&j, "contract_id", c->contract_id);
        vg_json_string(&j, "digest", c->digest);
        vg_json_int(&j, "erased", c->erased);
        vg_json_string(&j, "key",
                       store_key_fingerprint(store_identity(c->store)->public_key, fingerprint));
        put_keys(c, &j, "keys_left", false);
        put_keys(c, &j, "keys_wiped", true);
        cli_json_text(&j, "reason", c->reason);
        vg_json_end_object(&j);
        vg_buf_append(text, j.buf.data ? j.buf.data : "", j.buf.n);
        vg_buf_puts(text, "\n");
        text->failed |= j.buf.failed;
}

static void write_text(const struct certificate *c, struct vg_buf *text)
{
        char at[32], fingerprint[80];

        vg_buf_puts(text, _("CERTIFICAT DE MISE HORS SERVICE\n\n"));
        vg_buf_printf(text,
                      _("Appareil : %s\nContrat : %s\nFait le : %s\nDemandé par : %s\n"
                        "Motif : %s\n\n"),
                      store_identity(c->store)->appliance, c->contract_id,
                      vg_utc_format(c->at_s, at), c->asked_by, c->reason);
        vg_buf_printf(text, _("Preuves remises et vérifiées ailleurs, condensat : %s\n"),
                      c->digest);
        vg_buf_printf(text,
                      _("Effacé : %lld inscriptions du journal du client, leurs tables, et ce "
                        "que le gardien retenait\n"),
                      (long long)c->erased);
        for (size_t i = 0; i < c->keys.n; i++)
                vg_buf_printf(text,
                              c->keys.list[i].is_wiped ? _("Clé effacée : %s\n")
                                                       : _("Clé NON EFFACÉE : %s\n"),
                              c->keys.list[i].path);
        vg_buf_printf(text, _("Clé publique qui signait : %s\n\n"),
                      store_key_fingerprint(store_identity(c->store)->public_key, fingerprint));
        vg_buf_puts(
                text,
                _("Ce qui reste prouvable : chaque inscription remise mène aux têtes signées "
                  "que la remise contient, et celles-ci aux dernières têtes ci-dessous, dont "
                  "les condensats restent au registre de l'appareil. Le journal commun "
                  "(défaillances, inventaire) y reste lisible. Plus rien ne peut être signé "
                  "avec cette clé. Les copies faites ailleurs, dont les sauvegardes, ne sont "
                  "pas touchées; un disque peut garder des blocs qu'aucun fichier ne montre.\n"));
        for (unsigned log = 0; log < VG_LOG_N; log++)
                vg_buf_printf(text, "\n%s", c->note[log]);
}

static int print(struct certificate *c)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

        if (c->cli->json)
                write_json(c, &text);
        else
                write_text(c, &text);
        int r = cli_write_out(c->cli, &text);
        if (r == CLI_FINE && !c->cli->json)
                cli_progress(c->cli, "le gardien s'arrête; arrêter le reste : systemctl disable "
                                     "--now vigie.target");
        return r == CLI_FINE && n_left(c) ? CLI_FOUND : r;
}

/* ---- who asked, and what was answered ---- */

static int decommission(struct certificate *c)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        int64_t asked = 0;
        int r = send(c, &result);

        if (r != CLI_FINE)
                return r;
        (void)vg_json_get_int(result, "asked", &asked);
        if (asked)
                return cli_done(c->cli, _("Demande inscrite. Une autre personne fait la mise hors "
                                          "service par la même commande, d'ici trente jours."));
        key_files_wipe(&c->keys);
        (void)vg_json_get_string(result, "asked_by", &c->asked_by);
        (void)vg_json_get_string(result, "digest", &c->digest);
        (void)vg_json_get_int(result, "erased", &c->erased);
        r = read_heads(c);
        return r == CLI_FINE ? print(c) : r;
}

int verb_decommission(struct cli *cli)
{
        struct certificate c = {
                .cli = cli,
                .contract_id = cli->args[0],
                .reason = cli_option(cli, "reason"),
                .asked_by = "",
                .digest = "",
                .at_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S),
        };
        const struct vg_settings *settings;
        int r;

        if (!c.reason || !*c.reason)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--reason est nécessaire : l'acte est inscrit au registre");
        r = cli_settings(cli, &settings);
        if (r == CLI_FINE && key_files_find(settings, &c.keys) < 0)
                r = cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (r == CLI_FINE)
                r = decommission(&c);
        certificate_done(&c);
        return r;
}
