/* SPDX-License-Identifier: Apache-2.0 */

/* contract record: what happens in the life of a contract and stands in no signed paper. The keeper
 * tries it on the contract, and records it with its author. */

#include <errno.h>
#include <string.h>

#include "cli/contract-file.h"
#include "cli/contract-remarks.h"
#include "cli/view.h"
#include "os/files.h"
#include "store/statements.h"
#include "vigie/civil.h"
#include "vigie/fact.h"

enum { DOCUMENT_BYTES_MAX = 64 << 20 };

/* Which option says which value of a fact; the others of the kind's values are in fact.c. */
static const struct {
        enum vg_fact_kind kind;
        const char *value, *option;
} options[] = {
        { VG_FACT_DISPUTE, "state", "state" },
        { VG_FACT_INVOICE, "amount", "amount" },
        { VG_FACT_INVOICE, "month", "month" },
        { VG_FACT_ORDER, "in_service_on", "from" },
        { VG_FACT_ORDER, "out_of_service_on", "to" },
        { VG_FACT_ORDER, "quantity", "quantity" },
        { VG_FACT_ORDER, "reference", "reference" },
        { VG_FACT_ORDER, "serials", "serials" },
        { VG_FACT_ORDER, "site", "site" },
        { VG_FACT_ORDER, "sku", "sku" },
        { VG_FACT_ORDER, "tenant", "for" },
        { VG_FACT_TERMINATION, "effective_on", "from" },
        { VG_FACT_TERMINATION, "reason", "reason" },
};

static bool takes(enum vg_fact_kind kind, const char *option)
{
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].kind == kind && strcmp(options[i].option, option) == 0)
                        return true;
        return false;
}

/* An option that belongs to another fact was surely meant for something; one that is needed is asked
 * for by its own name, not by that of the value. */
static int check_options(struct cli *cli, enum vg_fact_kind kind)
{
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (cli_option(cli, options[i].option) && !takes(kind, options[i].option))
                        return cli_failf(cli, CLI_USAGE, "usage",
                                         "--%s ne dit rien d'un fait « %s »", options[i].option,
                                         vg_fact_row(kind)->word);
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].kind == kind && vg_fact_needs(kind, options[i].value) &&
                    !cli_option(cli, options[i].option))
                        return cli_failf(cli, CLI_REFUSED, "bad-fact",
                                         "--%s : nécessaire pour « %s »", options[i].option,
                                         vg_fact_row(kind)->word);
        return CLI_FINE;
}

static void put_values(struct cli *cli, struct vg_json *j, enum vg_fact_kind kind)
{
        vg_json_object(j, "values");
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                if (options[i].kind == kind && cli_option(cli, options[i].option))
                        vg_json_string(j, options[i].value, cli_option(cli, options[i].option));
        vg_json_end_object(j);
}

int contract_digest_document(struct cli *cli, const char *path, char ret_digest[65],
                             int64_t *ret_size)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(path, DOCUMENT_BYTES_MAX, &bytes, &n, &err) < 0 ||
            store_digest(bytes, n, ret_digest, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        *ret_size = (int64_t)n;
        return CLI_FINE;
}

int contract_put_document(struct cli *cli, struct vg_json *j, const char *path)
{
        const char *name = strrchr(path, '/');
        char digest[65];
        int64_t size;
        int r = contract_digest_document(cli, path, digest, &size);

        if (r != CLI_FINE)
                return r;
        vg_json_object(j, "document");
        cli_json_text(j, "name", name ? name + 1 : path);
        vg_json_string(j, "sha256", digest);
        vg_json_int(j, "size", size);
        vg_json_end_object(j);
        return CLI_FINE;
}

static int put_detail(struct cli *cli, const struct cli_view *view, enum vg_fact_kind kind,
                      struct vg_json *j)
{
        const char *document = cli_option(cli, "document"), *note = cli_option(cli, "note"),
                   *behalf = cli_option(cli, "on-behalf"), *on = cli_option(cli, "on");
        char today[16];
        int r = CLI_FINE;

        vg_date_format(vg_zone_date(view->zone, view->now_s), today);
        vg_json_object(j, "detail");
        cli_json_text(j, "contract_id", view->contract->id);
        if (document)
                r = contract_put_document(cli, j, document);
        vg_json_string(j, "fact", vg_fact_row(kind)->word);
        if (note && *note)
                vg_json_string(j, "note", note);
        vg_json_string(j, "on", on ? on : today);
        if (behalf && *behalf)
                vg_json_string(j, "on_behalf", behalf);
        if (cli->n_args > 1)
                vg_json_string(j, "target", cli->args[1]);
        put_values(cli, j, kind);
        vg_json_end_object(j);
        return r;
}

/* A letter, or an option, moves the end: what was planned by the old one is told. */
static int print_remarks(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view now = { 0 };
        int r = cli_view_open(cli, &now);

        return r == CLI_FINE && now.contract && !cli->json
                       ? contract_remarks_print(cli, now.contract, "", 0)
                       : r;
}

static int send(struct cli *cli, const struct cli_view *view, enum vg_fact_kind kind)
{
        const struct vg_fact_row *row = vg_fact_row(kind);
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char text[256];

        vg_json_object(&body, NULL);
        int r = put_detail(cli, view, kind, &body);
        if (r != CLI_FINE)
                return r;
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "verb", "contract.record");
        vg_json_end_object(&body);
        r = cli_act(cli, &body, NULL);
        if (r != CLI_FINE)
                return r;
        snprintf(text, sizeof(text), _("Contrat %s : %s, inscrit au registre."), view->contract->id,
                 cli->french ? row->fr : row->en);
        r = cli_done(cli, text);
        return r == CLI_FINE && (kind == VG_FACT_RENEWAL || kind == VG_FACT_TERMINATION)
                       ? print_remarks(cli)
                       : r;
}

int verb_contract_record(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        const int kind = vg_fact_find(cli->args[0]);

        if (kind < 0)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "« %s » n'est pas un fait que l'on inscrit; « vigie contract "
                                 "record [tabulation] » les propose",
                                 cli->args[0]);
        int r = check_options(cli, (enum vg_fact_kind)kind);
        if (r == CLI_FINE && kind == VG_FACT_ANNEX && !cli_option(cli, "document"))
                r = cli_failf(
                        cli, CLI_USAGE, "usage",
                        "une annexe s'inscrit avec --document, le fichier dont l'empreinte est "
                        "gardée");
        if (r == CLI_FINE)
                r = cli_view_open(cli, &view);
        if (r == CLI_FINE && !view.contract)
                r = cli_failf(cli, CLI_REFUSED, "no-contract",
                              "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                              "charge un");
        return r == CLI_FINE ? send(cli, &view, (enum vg_fact_kind)kind) : r;
}
