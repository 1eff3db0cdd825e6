/* SPDX-License-Identifier: Apache-2.0 */

/* deliver, deliver test: what becomes of what is sent, as the deliverer told the keeper last, and a
 * message to see whether one arrives. */

#include <errno.h>
#include <string.h>

#include "cli/view.h"
#include "vigie/civil.h"

enum { SILENT_S = 300 }; /* the deliverer tells at least once a minute */

struct deliveries {
        json_t *told; /* {"at","destinations"}; NULL: never */
        const json_t *list;
        int64_t at_s;
};

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

static int read_told(const struct cli_view *view, struct deliveries *ret, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r = store_memory_get(view->store, "delivery", &text, &n, err);

        if (r == 0)
                r = vg_json_parse(text, n, &ret->told, NULL, NULL, err);
        if (r < 0)
                return r;
        ret->list = json_object_get(ret->told, "destinations");
        (void)vg_utc_parse(text_of(ret->told, "at"), &ret->at_s);
        return 0;
}

static bool is_troubled(const json_t *d)
{
        const char *state = text_of(d, "state");

        return strcmp(state, "waiting") == 0 || strcmp(state, "refused") == 0;
}

/* ---- for people ---- */

static const char *state_word(const char *state)
{
        static const struct {
                const char *state, *word;
        } rows[] = {
                { "off", N_("par paquet") },
                { "ok", N_("à jour") },
                { "refused", N_("refusée") },
                { "waiting", N_("en attente") },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].state, state) == 0)
                        return _(rows[i].word);
        return state;
}

static const char *when_or_dash(const struct cli *cli, const struct cli_view *view, const json_t *d,
                                const char *key, char buf[CLI_TEXT])
{
        int64_t at_s;

        return vg_utc_parse(text_of(d, key), &at_s) < 0 ? "—"
                                                        : cli_when(cli, view->zone, at_s, buf);
}

static void put_row(const struct cli *cli, const struct cli_view *view, const json_t *d,
                    struct cli_table *table)
{
        const char *state = text_of(d, "state");
        char text[CLI_TEXT];
        int64_t pending = 0;

        (void)vg_json_get_int(d, "pending", &pending);
        cli_table_cell(table, CLI_STRONG, text_of(d, "name"));
        cli_table_cell(table,
                       is_troubled(d)             ? CLI_BAD
                       : strcmp(state, "ok") == 0 ? CLI_GOOD
                                                  : CLI_DIM,
                       state_word(state));
        cli_table_cell(table, CLI_PLAIN, when_or_dash(cli, view, d, "success", text));
        cli_table_cell(table, CLI_PLAIN, cli_count(cli, pending, text));
        cli_table_cell(table, CLI_PLAIN, pending ? when_or_dash(cli, view, d, "oldest", text) : "");
        cli_table_cell(table, CLI_PLAIN, text_of(d, "why"));
}

static int print_table(struct cli *cli, const struct cli_view *view, const struct deliveries *all)
{
        const struct cli_column columns[] = {
                { .heading = _("Destination") },
                { .heading = _("État") },
                { .heading = _("Dernier envoi reçu") },
                { .heading = _("Attend"), .align = CLI_RIGHT },
                { .heading = _("Depuis") },
                { .heading = _("Pourquoi"), .elastic = true, .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        const json_t *d;
        size_t i;

        if (!table)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        json_array_foreach (all->list, i, d)
                put_row(cli, view, d, table);
        return cli_table_print(cli, table);
}

/* Who signed: the name that begins the note's signature line (C2SP signed-note). */
static char *cosigner(const json_t *receipt, char buf[CLI_TEXT])
{
        static const char before[] = "\n\n— ";
        const char *note = json_string_value(json_object_get(receipt, "note"));
        const char *at = note ? strstr(note, before) : NULL;

        if (!at)
                return vg_text_clean("?", 1, buf, CLI_TEXT);
        at += strlen(before);
        return vg_text_clean(at, strcspn(at, " \n"), buf, CLI_TEXT);
}

static void print_receipt(struct cli *cli, const struct cli_view *view, const json_t *d,
                          const json_t *receipt)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        char name[CLI_TEXT], size[CLI_TEXT], when[CLI_TEXT];
        int64_t n = 0;

        (void)vg_json_get_int(receipt, "size", &n);
        vg_buf_printf(&text,
                      _("%s : reçu de « %s » pour les %s premières inscriptions du registre "
                        "« shared », le %s."),
                      text_of(d, "name"), cosigner(receipt, name), cli_count(cli, n, size),
                      when_or_dash(cli, view, receipt, "time", when));
        cli_wrap(cli, CLI_PLAIN, 0, text.data ? text.data : "");
}

/* What was set aside, and the last receipt of each destination that gives one. */
static void print_details(struct cli *cli, const struct cli_view *view, const json_t *d)
{
        const json_t *aside, *receipt = json_object_get(d, "receipt");
        size_t i;

        json_array_foreach (json_object_get(d, "set_aside"), i, aside) {
                int64_t seq = 0;
                (void)vg_json_get_int(aside, "seq", &seq);
                cli_printf(cli, CLI_WARN, _("%s : mis de côté, journal %s, n° %lld (%s)\n"),
                           text_of(d, "name"), text_of(aside, "log"), (long long)seq,
                           text_of(aside, "why"));
        }
        if (receipt)
                print_receipt(cli, view, d, receipt);
}

static int print_people(struct cli *cli, const struct cli_view *view, const struct deliveries *all)
{
        const json_t *d;
        char text[CLI_TEXT];
        size_t i;

        if (!all->told) {
                cli_printf(cli, CLI_PLAIN,
                           _("Le livreur (vigie-deliver) n'a encore rien dit au gardien.\n"));
                return CLI_FINE;
        }
        int r = print_table(cli, view, all);
        if (r != CLI_FINE)
                return r;
        json_array_foreach (all->list, i, d)
                print_details(cli, view, d);
        if (view->now_s - all->at_s > SILENT_S)
                cli_printf(cli, CLI_BAD,
                           _("Le livreur se tait depuis le %s : « systemctl status "
                             "vigie-deliver ».\n"),
                           cli_when(cli, view->zone, all->at_s, text));
        return CLI_FINE;
}

/* ---- for programs ---- */

static int print_json(struct cli *cli, const struct cli_view *view, const struct deliveries *all)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf list = { 0 };

        if (all->list && vg_json_canonical(all->list, &list, NULL) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_json_object(&j, NULL);
        vg_json_raw(&j, "destinations", list.n ? list.data : "[]", list.n ? list.n : 2);
        cli_json_bool(&j, "silent", all->told && view->now_s - all->at_s > SILENT_S);
        if (all->told)
                cli_json_time(&j, "told_at", all->at_s);
        else
                cli_json_null(&j, "told_at");
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

int verb_deliver(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct deliveries all = { 0 };
        struct vg_err err = { 0 };
        const json_t *d;
        size_t i;
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        if (read_told(&view, &all, &err) < 0)
                return cli_view_fail(cli, &err);
        r = cli->json ? print_json(cli, &view, &all) : print_people(cli, &view, &all);
        json_array_foreach (all.list, i, d)
                if (r == CLI_FINE && is_troubled(d))
                        r = CLI_FOUND;
        json_decref(all.told);
        return r;
}

/* ---- a test ---- */

int verb_deliver_test(struct cli *cli)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", vg_lang());
        cli_json_text(&body, "recipient", cli->args[0]);
        vg_json_string(&body, "verb", "deliver.test");
        vg_json_end_object(&body);
        const int r = cli_act(cli, &body, NULL);
        return r != CLI_FINE ? r
                             : cli_done(cli, _("Essai inscrit au registre; le livreur l'envoie. "
                                               "« vigie deliver » dit ce qu'il devient."));
}
