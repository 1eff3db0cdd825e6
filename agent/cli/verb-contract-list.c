/* SPDX-License-Identifier: Apache-2.0 */

/* contract list: every contract of the ledger, each with its own totals, and what came before and after
 * it. Once a contract is over and its last month is closed, the sum of its statements is final: the
 * amount to publish (guide, section 4.1).
 *
 *   {"contracts":[{"authorised_cad","closed_cad","closed_months":N,"contract_id","entries":[…],
 *                  "final":true|false,"improves":"…"|null,"last_day","months":N,"next":"…"|null,
 *                  "previous":"…"|null,"revision":N,"seao_notice":"…"|null,"start",
 *                  "state":"to_come|running|over"},…],"unreadable":N}
 *
 * entries: the closed statements, as "client 12". */

#include <errno.h>
#include <string.h>

#include "cli/contract-page.h"
#include "os/files.h"
#include "vigie/civil.h"

enum state { TO_COME, RUNNING, OVER };

struct one {
        struct vg_contract *contract;
        json_t *entries;
        int64_t closed_cents;
        int n_closed;
};

struct listing {
        struct cli *cli;
        const struct cli_view *view;
        struct one *list;
        size_t n;
        int unreadable; /* contracts that this program cannot read */
};

static void listing_done(struct listing *l)
{
        for (size_t i = 0; i < l->n; i++) {
                vg_contract_free(l->list[i].contract);
                json_decref(l->list[i].entries);
        }
        free(l->list);
}

/* ---- reading ---- */

static int take_contract(void *ctx, const struct store_contract *row)
{
        struct listing *l = ctx;
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };

        if (!row->current)
                return 0;
        if (store_contract_read(l->view->store, row->text, row->n_text, NULL, 0, vg_file_zone,
                                &contract, &refusals, &err) != 0) {
                l->unreadable++;
                return 0;
        }
        struct one *list = reallocarray(l->list, l->n + 1, sizeof(*list));
        if (!list) {
                vg_contract_free(contract);
                return -ENOMEM;
        }
        l->list = list;
        l->list[l->n++] = (struct one){ .contract = contract, .entries = json_array() };
        return 0;
}

static int take_statement(void *ctx, const struct store_statement *statement)
{
        struct listing *l = ctx;
        char entry[32];

        for (size_t i = 0; i < l->n; i++) {
                struct one *one = &l->list[i];
                if (strcmp(one->contract->id, statement->contract_id) != 0)
                        continue;
                one->n_closed++;
                snprintf(entry, sizeof(entry), "client %llu", (unsigned long long)statement->seq);
                json_array_append_new(one->entries, json_string(entry));
                return vg_add_i64(one->closed_cents, statement->total_cents, &one->closed_cents);
        }
        return 0;
}

/* ---- what follows from it ---- */

static int months_of(const struct listing *l, const struct one *one)
{
        const struct vg_contract *c = one->contract;

        return vg_month_of(vg_contract_last_day_at(c, l->view->now_s)) - vg_month_of(c->start) + 1;
}

static enum state state_of(const struct listing *l, const struct one *one)
{
        const int64_t now_s = l->view->now_s;

        return now_s < one->contract->start_s                            ? TO_COME
               : now_s < vg_contract_end_at(one->contract, now_s)->value ? RUNNING
                                                                         : OVER;
}

static bool is_final(const struct listing *l, const struct one *one)
{
        return state_of(l, one) == OVER && one->n_closed >= months_of(l, one);
}

/* The one that it names, or the one that names it. */
static const char *next_of(const struct listing *l, const struct one *one)
{
        for (size_t i = 0; i < l->n && !one->contract->successor_id; i++) {
                const char *previous = l->list[i].contract->previous_id;
                if (previous && strcmp(previous, one->contract->id) == 0)
                        return l->list[i].contract->id;
        }
        return one->contract->successor_id;
}

static const char *previous_of(const struct listing *l, const struct one *one)
{
        for (size_t i = 0; i < l->n && !one->contract->previous_id; i++) {
                const char *next = l->list[i].contract->successor_id;
                if (next && strcmp(next, one->contract->id) == 0)
                        return l->list[i].contract->id;
        }
        return one->contract->previous_id;
}

/* ---- telling ---- */

static void put_id(struct vg_json *j, const char *key, const char *id)
{
        if (id)
                cli_json_text(j, key, id);
        else
                cli_json_null(j, key);
}

static void put_json(const struct listing *l, const struct one *one, struct vg_json *j)
{
        static const char *const states[] = { "to_come", "running", "over" };
        const struct vg_contract *c = one->contract;
        const json_t *entry;
        char day[16];
        size_t i;

        vg_json_object(j, NULL);
        cli_json_decimal(j, "authorised_cad", vg_contract_amount_at(c, l->view->now_s), 2);
        cli_json_decimal(j, "closed_cad", one->closed_cents, 2);
        vg_json_int(j, "closed_months", one->n_closed);
        cli_json_text(j, "contract_id", c->id);
        vg_json_array(j, "entries");
        json_array_foreach (one->entries, i, entry)
                vg_json_string(j, NULL, json_string_value(entry));
        vg_json_end_array(j);
        cli_json_bool(j, "final", is_final(l, one));
        put_id(j, "improves", c->improves_id);
        vg_json_string(j, "last_day",
                       vg_date_format(vg_contract_last_day_at(c, l->view->now_s), day));
        vg_json_int(j, "months", months_of(l, one));
        put_id(j, "next", next_of(l, one));
        put_id(j, "previous", previous_of(l, one));
        vg_json_int(j, "revision", c->revision);
        put_id(j, "seao_notice", c->seao_notice);
        vg_json_string(j, "start", vg_date_format(c->start, day));
        vg_json_string(j, "state", states[state_of(l, one)]);
        vg_json_end_object(j);
}

static int list_json(struct listing *l)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "contracts");
        for (size_t i = 0; i < l->n; i++)
                put_json(l, &l->list[i], &j);
        vg_json_end_array(&j);
        vg_json_int(&j, "unreadable", l->unreadable);
        vg_json_end_object(&j);
        return cli_json_print(l->cli, &j);
}

static void put_amounts(const struct listing *l, const struct one *one, struct cli_table *table)
{
        char money[CLI_TEXT];

        contract_page_row(
                table, _("Montant autorisé"), "%s",
                cli_money(l->cli, vg_contract_amount_at(one->contract, l->view->now_s), money));
        cli_money(l->cli, one->closed_cents, money);
        if (is_final(l, one))
                contract_page_row(table, _("Montant final"),
                                  ngettext("%s, de %d relevé fermé", "%s, de %d relevés fermés",
                                           (unsigned long)one->n_closed),
                                  money, one->n_closed);
        else
                contract_page_row(table, _("Relevés fermés"),
                                  _("%s, de %d mois sur %d; provisoire"), money, one->n_closed,
                                  months_of(l, one));
}

static int put_page(const struct listing *l, const struct one *one)
{
        static const char *const states[] = { N_("à venir"), N_("en cours"), N_("terminé") };
        const struct vg_contract *c = one->contract;
        _cleanup_(cli_table_freep) struct cli_table *table = contract_page_part(l->cli, c->id);
        const char *next = next_of(l, one), *previous = previous_of(l, one);
        char from[16], to[16];

        if (!table)
                return cli_table_print(l->cli, table);
        contract_page_row(table, _("Durée"), _("du %s au %s inclus; %s"),
                          vg_date_format(c->start, from),
                          vg_date_format(vg_contract_last_day_at(c, l->view->now_s), to),
                          _(states[state_of(l, one)]));
        if (c->seao_notice)
                contract_page_row(table, _("Avis SEAO"), "%s", c->seao_notice);
        put_amounts(l, one, table);
        if (c->improves_id)
                contract_page_row(table, _("Ajoute à"), "%s", c->improves_id);
        if (previous)
                contract_page_row(table, _("Suit"), "%s", previous);
        if (next)
                contract_page_row(table, _("Suivi de"), "%s", next);
        return cli_table_print(l->cli, table);
}

int verb_contract_list(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        _cleanup_(listing_done) struct listing l = { .cli = cli, .view = &view };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (store_contract_each(view.store, take_contract, &l, &err) < 0 ||
            store_statement_each(view.store, NULL, take_statement, &l, &err) < 0)
                return cli_view_fail(cli, &err);
        if (l.unreadable)
                cli_progress(
                        cli,
                        N_("Contrats que ce programme ne sait pas lire, laissés de côté : %d."),
                        l.unreadable);
        if (cli->json)
                return list_json(&l);
        if (!l.n)
                return cli_done(cli, _("Aucun contrat n'est au registre."));
        for (size_t i = 0; i < l.n && r == CLI_FINE; i++)
                r = put_page(&l, &l.list[i]);
        return r;
}
