/* SPDX-License-Identifier: Apache-2.0 */

/* usage import: quantities of services that the hypervisor does not show, from a CSV, as an act. */

#include <string.h>

#include "cli/cli.h"
#include "os/files.h"

enum {
        FILE_MAX = 3 << 20, /* what one line to the keeper holds, with room for escapes */
        REFUSED_SHOWN = 20
};

static const char *why(const char *reason)
{
        static const struct {
                const char *id, *fr;
        } reasons[] = {
                { "bad_quantity", N_("quantité illisible, ou plus de six décimales") },
                { "bad_resource", N_("nom de ressource illisible") },
                { "bad_row", N_("quatre champs sont attendus") },
                { "bad_tenant", N_("abonné illisible") },
                { "bad_timestamp", N_("instant illisible, ou pas le début d'un intervalle") },
                { "future", N_("l'intervalle n'a pas commencé à l'heure du gardien") },
                { "conflicting_duplicate", N_("une autre valeur est déjà inscrite, et reste") },
                { "measured_resource", N_("cette ressource est mesurée : elle ne s'importe pas") },
        };

        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (strcmp(reasons[i].id, reason) == 0)
                        return _(reasons[i].fr);
        return reason;
}

static void print_refused(struct cli *cli, const json_t *result, int64_t refused)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(result, "refused"), i, one) {
                if (i == REFUSED_SHOWN)
                        break;
                const char *reason = "", *key = "";
                int64_t line = 0;
                (void)vg_json_get_int(one, "line", &line);
                (void)vg_json_get_string(one, "reason", &reason);
                (void)vg_json_get_string(one, "key", &key);
                cli_printf(cli, CLI_BAD, _("  ligne %lld, %s : %s\n"), (long long)line, key,
                           why(reason));
        }
        if (refused > REFUSED_SHOWN)
                cli_printf(cli, CLI_WARN, _("Et %llu autres lignes refusées, que --json nomme.\n"),
                           (unsigned long long)(refused - REFUSED_SHOWN));
}

static void print_unpriced(struct cli *cli, const json_t *result)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(result, "unpriced"), i, one) {
                const char *resource = "";
                (void)vg_json_get_string(one, "resource", &resource);
                cli_printf(cli, CLI_WARN, _("  %s : sans prix au contrat; inscrit, non facturé\n"),
                           resource);
        }
}

static void print_outside(struct cli *cli, const json_t *result)
{
        int64_t outside = 0;

        (void)vg_json_get_int(result, "outside_n", &outside);
        if (outside)
                cli_printf(cli, CLI_WARN,
                           _("  hors du terme du contrat : %lld, inscrites mais non facturées\n"),
                           (long long)outside);
}

static int print(struct cli *cli, const json_t *result)
{
        int64_t imported = 0, duplicates = 0, refused = 0;

        (void)vg_json_get_int(result, "imported", &imported);
        (void)vg_json_get_int(result, "duplicates", &duplicates);
        (void)vg_json_get_int(result, "refused_n", &refused);
        if (cli->json) {
                _cleanup_(vg_json_done) struct vg_json j = { 0 };
                struct vg_err err = { 0 };
                if (vg_json_canonical(result, &j.buf, &err) < 0)
                        return cli_fail(cli, CLI_REFUSED, "answer", &err);
                cli_json_print(cli, &j);
        } else {
                cli_printf(cli, refused ? CLI_WARN : CLI_GOOD,
                           _("Lignes inscrites : %lld; déjà connues : %lld; refusées : %lld.\n"),
                           (long long)imported, (long long)duplicates, (long long)refused);
                print_refused(cli, result, refused);
                print_unpriced(cli, result);
                print_outside(cli, result);
        }
        return refused ? CLI_FOUND : CLI_FINE;
}

int verb_usage_import(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        _cleanup_free_ char *bytes = NULL;
        const char *path = cli->args[0], *slash = strrchr(path, '/');
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(path, FILE_MAX, &bytes, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        if (strlen(bytes) != n || !vg_utf8_valid(bytes, n, NULL))
                return cli_failf(cli, CLI_REFUSED, "csv", "%s : pas de l'UTF-8", path);
        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "name", slash ? slash + 1 : path);
        vg_json_string_n(&body, "text", bytes, n);
        vg_json_string(&body, "verb", "usage.import");
        vg_json_end_object(&body);
        int r = cli_act(cli, &body, &result);
        return r == CLI_FINE ? print(cli, result) : r;
}
