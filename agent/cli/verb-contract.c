/* SPDX-License-Identifier: Apache-2.0 */

/* contract check, load, show: a contract file held against the rules, put in force, and read. */

#include <errno.h>
#include <string.h>

#include "cli/contract-file.h"
#include "cli/contract-page.h"
#include "cli/contract-remarks.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

static struct cli_view view_of(struct vg_contract *contract)
{
        return (struct cli_view){
                .contract = contract,
                .zone = contract->zone,
                .zone_name = contract->zone_name,
                .now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S),
        };
}

/* ---- check ---- */

static int print_checked(struct cli *cli, const struct contract_file *file)
{
        const struct vg_contract *contract = file->contract;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        if (!cli->json) {
                cli_printf(cli, CLI_GOOD,
                           _("Contrat %s, révision %lld : recevable, rien à corriger.\n"),
                           contract->id, (long long)contract->revision);
                return contract_remarks_print(cli, contract, file->bytes, file->n);
        }
        vg_json_object(&j, NULL);
        vg_json_array(&j, "all");
        vg_json_end_array(&j);
        cli_json_text(&j, "contract_id", contract->id);
        int r = contract_remarks_json(cli, &j, contract, file->bytes, file->n);
        vg_json_int(&j, "revision", contract->revision);
        cli_json_bool(&j, "valid", true);
        vg_json_end_object(&j);
        return r == CLI_FINE ? cli_json_print(cli, &j) : r;
}

int verb_contract_check(struct cli *cli)
{
        _cleanup_(contract_file_done) struct contract_file file = { 0 };
        int r = contract_file_read(cli, cli->args[0], &file);

        return r == CLI_FINE ? print_checked(cli, &file) : r;
}

/* ---- load ---- */

/* The keeper's answer, and the remarks. */
static int print_loaded_json(struct cli *cli, const struct contract_file *file, json_t *result)
{
        _cleanup_(vg_json_decrefp) json_t *told = NULL;
        _cleanup_(vg_json_done) struct vg_json j = { 0 }, remarks = { 0 };
        struct vg_err err = { 0 };

        vg_json_object(&remarks, NULL);
        int r = contract_remarks_json(cli, &remarks, file->contract, file->bytes, file->n);
        vg_json_end_object(&remarks);
        if (r != CLI_FINE)
                return r;
        if (remarks.buf.failed ||
            vg_json_parse(remarks.buf.data, remarks.buf.n, &told, NULL, NULL, &err) < 0 ||
            json_object_update(result, told) < 0 || vg_json_canonical(result, &j.buf, &err) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        return cli_json_print(cli, &j);
}

static int print_loaded(struct cli *cli, const struct contract_file *file, json_t *result)
{
        const struct vg_contract *contract = file->contract;
        const struct cli_view view = view_of(file->contract);
        int64_t unchanged = 0;
        char money[CLI_TEXT], day[16];

        if (cli->json)
                return print_loaded_json(cli, file, result);
        (void)vg_json_get_int(result, "unchanged", &unchanged);
        cli_printf(cli, CLI_GOOD,
                   unchanged
                           ? _("Contrat %s, révision %lld : déjà en vigueur, rien n'a changé.\n")
                           : _("Contrat %s, révision %lld : en vigueur et inscrit au registre.\n"),
                   contract->id, (long long)contract->revision);
        cli_money(cli, vg_contract_amount_at(contract, view.now_s), money);
        cli_printf(cli, CLI_PLAIN,
                   _("Montant autorisé : %s; dernier jour : %s. « vigie contract show » montre "
                     "tout.\n"),
                   money, vg_date_format(vg_contract_last_day_at(contract, view.now_s), day));
        if (!unchanged)
                contract_remarks_left(cli, contract->previous_id);
        return contract_remarks_print(cli, contract, file->bytes, file->n);
}

int verb_contract_load(struct cli *cli)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        _cleanup_(contract_file_done) struct contract_file file = { 0 };

        int r = contract_file_read(cli, cli->args[0], &file);
        if (r == CLI_FINE) {
                vg_json_object(&body, NULL);
                vg_json_string(&body, "lang", vg_lang());
                vg_json_string_n(&body, "text", file.bytes, file.n);
                vg_json_string(&body, "verb", "contract.load");
                vg_json_end_object(&body);
                r = cli_act(cli, &body, &result);
        }
        if (r == CLI_REFUSED)
                cli_progress(cli,
                             "Rien n'a changé : le contrat en vigueur, s'il y en a un, le reste.");
        return r == CLI_FINE ? print_loaded(cli, &file, result) : r;
}

/* ---- show ---- */

struct held { /* of the ledger */
        char *text;
        size_t n;
        char digest[80];
        int64_t loaded_s;
};

static void held_done(struct held *held)
{
        free(held->text);
}

static int keep(void *ctx, const struct store_contract *row)
{
        struct held *held = ctx;

        held->text = strndup(row->text, row->n_text);
        held->n = row->n_text;
        held->loaded_s = vg_floor_div(row->loaded_utc_ns, VG_NS_PER_S);
        snprintf(held->digest, sizeof(held->digest), "%s", row->digest);
        return held->text ? 0 : -ENOMEM;
}

/* {"contract":{…the file…},"digest","in_force":{"amount_cad","days_left","end","last_day"},
 * "loaded_at"}; of a file, digest is "" and loaded_at null. */
static int print_json(struct cli *cli, const struct cli_view *view, const struct held *held)
{
        const struct vg_contract *c = view->contract;
        const struct vg_date last = vg_contract_last_day_at(c, view->now_s);
        const int64_t today = vg_days_from_civil(vg_zone_date(view->zone, view->now_s));
        const int64_t left = vg_days_from_civil(last) - today;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_free_ char *text = NULL;
        struct vg_err err = { 0 };
        char day[16];

        if (vg_json_parse(held->text, held->n, &tree, NULL, NULL, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "contract", &err);
        text = json_dumps(tree, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
        if (!text)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_json_object(&j, NULL);
        vg_json_raw(&j, "contract", text, strlen(text));
        vg_json_string(&j, "digest", held->digest);
        vg_json_object(&j, "in_force");
        cli_json_decimal(&j, "amount_cad", vg_contract_amount_at(c, view->now_s), 2);
        vg_json_int(&j, "days_left", left > 0 ? left : 0);
        cli_json_time(&j, "end", vg_contract_end_at(c, view->now_s)->value);
        vg_json_string(&j, "last_day", vg_date_format(last, day));
        vg_json_end_object(&j);
        if (held->loaded_s)
                cli_json_time(&j, "loaded_at", held->loaded_s);
        else
                cli_json_null(&j, "loaded_at");
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int show_file(struct cli *cli)
{
        _cleanup_(contract_file_done) struct contract_file file = { 0 };

        int r = contract_file_read(cli, cli->args[0], &file);
        if (r != CLI_FINE)
                return r;

        const struct cli_view view = view_of(file.contract);
        const struct held held = { .text = file.bytes, .n = file.n };
        return cli->json ? print_json(cli, &view, &held) : contract_page_print(cli, &view);
}

static int tell_unreadable(struct cli *cli, struct held *held)
{
        _cleanup_(contract_file_done) struct contract_file file = {
                .bytes = TAKE_PTR(held->text),
                .n = held->n,
        };

        return contract_file_parse(cli, _("contrat au registre"), &file);
}

static int show_held(struct cli *cli, const struct cli_view *view)
{
        _cleanup_(held_done) struct held held = { 0 };
        struct vg_err err = { 0 };
        char when[CLI_TEXT];

        int r = cli_view_contract(cli, view, keep, &held, &err);
        if (r < 0)
                return cli_view_fail(cli, &err);
        if (r == STORE_NONE)
                return cli_failf(cli, CLI_REFUSED, "no-contract",
                                 "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                 "charge un");
        if (!view->contract) /* of another version than ours: say what it stumbled over */
                return tell_unreadable(cli, &held);
        if (cli->json)
                return print_json(cli, view, &held);

        r = contract_page_print(cli, view);
        if (r == CLI_FINE)
                cli_printf(cli, CLI_DIM, _("Chargé le %s; empreinte %s\n"),
                           cli_when(cli, view->zone, held.loaded_s, when), held.digest);
        return r;
}

int verb_contract_show(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };

        if (cli->n_args)
                return show_file(cli);

        int r = cli_view_open(cli, &view);
        return r == CLI_FINE ? show_held(cli, &view) : r;
}
