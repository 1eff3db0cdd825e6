/* SPDX-License-Identifier: Apache-2.0 */

/* hardware check: the rules of the agent over a capture, without the agent. */

#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "hardware/check.h"
#include "hardware/documents.h"

enum { KNOWN_SINCE_S = 2 * 365 * 86400 }; /* earlier: a clock that was not set */

struct listing {
        struct cli *cli;
        struct vg_json *json;
        struct cli_table *table;
        size_t n_active;
};

/* ---- for programs ---- */

static void time_member(struct vg_json *j, const char *key, int64_t at_s)
{
        if (at_s > KNOWN_SINCE_S)
                cli_json_time(j, key, at_s);
        else
                cli_json_null(j, key);
}

static void component_member(struct vg_json *j, const struct vg_component *c)
{
        char path[512];

        vg_json_object(j, "component");
        cli_json_text(j, "class", c->component_class);
        cli_json_text(j, "location", vg_component_path(c, path, sizeof(path)));
        cli_json_text(j, "manufacturer", c->manufacturer);
        cli_json_text(j, "model", c->model);
        cli_json_text(j, "odata", c->odata);
        cli_json_text(j, "part", c->part);
        cli_json_text(j, "serial", c->serial);
        vg_json_end_object(j);
}

static int fault_json(void *user, const struct vg_fault *fault)
{
        struct listing *listing = user;
        struct vg_json *j = listing->json;

        if (!vg_fault_is_active(fault))
                return 0;
        listing->n_active++;
        vg_json_object(j, NULL);
        vg_json_string(j, "code", fault->code->id);
        component_member(j, &fault->component);
        vg_json_int(j, "count", fault->count);
        vg_json_array(j, "evidence");
        for (size_t i = 0; i < fault->n_evidence; i++) {
                const struct vg_evidence *e = &fault->evidence[i];

                vg_json_object(j, NULL);
                cli_json_text(j, "path", e->path);
                cli_json_text(j, "source", e->source);
                cli_json_text(j, "text", e->text);
                cli_json_text(j, "threshold", e->threshold);
                cli_json_text(j, "value", e->value);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
        time_member(j, "first_seen", fault->first_s);
        time_member(j, "last_seen", fault->last_s);
        vg_json_string(j, "severity", vg_fault_severity_name(fault->severity));
        vg_json_string(j, "state", vg_fault_state_name(fault->state));
        vg_json_end_object(j);
        return 0;
}

static void notes_json(struct vg_json *j, const struct vg_round *const *rounds, size_t n_rounds)
{
        vg_json_array(j, "notes");
        for (size_t i = 0; i < n_rounds; i++) {
                size_t n;
                const char *const *notes = vg_round_notes(rounds[i], &n);

                for (size_t k = 0; k < n; k++)
                        cli_json_text(j, NULL, notes[k]);
        }
        vg_json_end_array(j);
}

static void unobservable_json(struct vg_json *j, const struct vg_round *const *rounds,
                              size_t n_rounds)
{
        vg_json_array(j, "unobservable");
        for (size_t i = 0; i < n_rounds; i++) {
                size_t n;
                const struct vg_unread *unreads = vg_round_unreads(rounds[i], &n);

                for (size_t k = 0; k < n; k++) {
                        vg_json_object(j, NULL);
                        cli_json_text(j, "cause", unreads[k].cause);
                        cli_json_text(j, "path", unreads[k].what);
                        cli_json_text(j, "source", vg_round_source(rounds[i]));
                        vg_json_end_object(j);
                }
        }
        vg_json_end_array(j);
}

static int answer_json(struct cli *cli, const struct hardware_check *check,
                       const struct vg_round *const *rounds, size_t n_rounds)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct listing listing = { .cli = cli, .json = &j };
        int r;

        vg_json_object(&j, NULL);
        vg_json_array(&j, "faults");
        r = vg_fault_book_each(check->book, fault_json, &listing);
        vg_json_end_array(&j);
        notes_json(&j, rounds, n_rounds);
        unobservable_json(&j, rounds, n_rounds);
        vg_json_end_object(&j);
        if (r < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        r = cli_json_print(cli, &j);
        return r != CLI_FINE ? r : listing.n_active ? CLI_FOUND : CLI_FINE;
}

/* ---- for people ---- */

static int fault_row(void *user, const struct vg_fault *fault)
{
        struct listing *listing = user;
        const struct vg_component *c = &fault->component;
        const bool is_critical = fault->severity == VG_FAULT_CRITICAL;
        const char *said = fault->n_evidence ? fault->evidence[0].text : "";
        const char *value = fault->n_evidence ? fault->evidence[0].value : "";
        char path[512];

        if (!vg_fault_is_active(fault))
                return 0;
        listing->n_active++;
        cli_table_cell(listing->table, is_critical ? CLI_BAD : CLI_WARN,
                       is_critical ? _("critique") : _("avertissement"));
        cli_table_cell(listing->table, CLI_STRONG,
                       fault->code->title[listing->cli->french ? 0 : 1]);
        cli_table_cell(listing->table, CLI_PLAIN, vg_component_path(c, path, sizeof(path)));
        cli_table_cell(listing->table, CLI_PLAIN, c->serial);
        cli_table_cellf(listing->table, CLI_DIM, "%s%s%s", said,
                        *value && strcmp(said, value) != 0 ? " : " : "",
                        strcmp(said, value) != 0 ? value : "");
        return 0;
}

static void say_rest(struct cli *cli, const struct vg_round *const *rounds, size_t n_rounds)
{
        for (size_t i = 0; i < n_rounds; i++) {
                size_t n_notes, n_unreads;
                const char *const *notes = vg_round_notes(rounds[i], &n_notes);
                const struct vg_unread *unreads = vg_round_unreads(rounds[i], &n_unreads);
                char text[1024];

                for (size_t k = 0; k < n_unreads; k++) {
                        snprintf(text, sizeof(text), _("Non observé : %s (%s)"), unreads[k].what,
                                 unreads[k].cause);
                        cli_wrap(cli, CLI_WARN, 0, text);
                }
                for (size_t k = 0; k < n_notes; k++) {
                        snprintf(text, sizeof(text), _("À noter : %s"), notes[k]);
                        cli_wrap(cli, CLI_DIM, 0, text);
                }
        }
}

static int answer(struct cli *cli, const struct hardware_check *check,
                  const struct vg_round *const *rounds, size_t n_rounds)
{
        const struct cli_column columns[] = {
                { .heading = _("Gravité") },
                { .heading = _("Défaillance"), .elastic = true },
                { .heading = _("Composant"), .elastic = true },
                { .heading = _("N° de série") },
                { .heading = _("Ce qui le montre"), .wraps = true },
        };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 0);
        struct listing listing = { .cli = cli, .table = table };
        int r = CLI_FINE;

        if (!table || vg_fault_book_each(check->book, fault_row, &listing) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        if (listing.n_active)
                r = cli_table_print(cli, table);
        else
                cli_print(cli, CLI_GOOD, _("Aucune défaillance dans cette capture.\n"));
        say_rest(cli, rounds, n_rounds);
        return r != CLI_FINE ? r : listing.n_active ? CLI_FOUND : CLI_FINE;
}

/* Notes and causes are written as the capture is read. Programs that read them, which --json is for,
 * get them in English whatever the language. */
static int read_capture(const struct cli *cli, const char *folder, struct documents *documents,
                        struct vg_round **files, struct hardware_check *check, struct vg_err *err)
{
        const bool french = vg_lang_is_french();
        int r = vg_round_new("capture", files);

        if (cli->json)
                vg_lang_use(false);
        if (r == 0)
                r = hardware_read(folder, documents, *files, err);
        if (r == 0)
                r = hardware_check_run(documents, check, err);
        vg_lang_use(french);
        return r;
}

int verb_hardware_check(struct cli *cli)
{
        const char *folder = cli_option(cli, "host");
        _cleanup_(documents_done) struct documents documents = { 0 };
        _cleanup_(hardware_check_done) struct hardware_check check = { 0 };
        _cleanup_(vg_round_freep) struct vg_round *files = NULL;
        const struct vg_round *rounds[CHECK_ROUNDS_MAX + 1];
        struct vg_err err = { 0 };
        size_t n = 0;
        int r;

        if (!folder)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--host est nécessaire : le dossier d'une capture");
        r = read_capture(cli, folder, &documents, &files, &check, &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "capture", &err);
        rounds[n++] = files;
        for (size_t i = 0; i < check.n_rounds; i++)
                rounds[n++] = check.rounds[i];
        return cli->json ? answer_json(cli, &check, rounds, n) : answer(cli, &check, rounds, n);
}
