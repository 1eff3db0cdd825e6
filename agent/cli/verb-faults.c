/* SPDX-License-Identifier: Apache-2.0 */

/* faults, fault show: what is broken, since when, on which evidence, and how long repairs took. */

#include <string.h>

#include "cli/faults.h"

struct listing {
        struct cli *cli;
        const struct cli_view *view;
        struct vg_json json;
        size_t n, n_active;
};

static int parse_body(const char *text, json_t **ret_body)
{
        return vg_json_parse(text, strlen(text), ret_body, NULL, NULL, NULL);
}

static void print_times(const struct listing *listing, const struct store_fault *fault)
{
        struct cli *cli = listing->cli;
        char since[CLI_TEXT], until[CLI_TEXT], length[CLI_TEXT];

        cli_when(cli, listing->view->zone, fault->first_s, since);
        if (!fault->ended_s) {
                cli_printf(cli, CLI_DIM, _("  depuis le %s (%s)\n"), since,
                           cli_duration(cli, listing->view->now_s - fault->first_s, length));
                return;
        }
        cli_printf(cli, CLI_DIM, _("  du %s au %s (%s)\n"), since,
                   cli_when(cli, listing->view->zone, fault->ended_s, until),
                   cli_duration(cli, fault->ended_s - fault->first_s, length));
}

static void print_fault(const struct listing *listing, const struct store_fault *fault,
                        const json_t *body)
{
        struct cli *cli = listing->cli;
        const json_t *component = json_object_get(body, "component");
        const char *serial = fault_text(component, "serial"), *how = fault_text(body, "how");
        char what[CLI_TEXT], where[CLI_TEXT], clean[CLI_TEXT], line[600];
        const enum cli_style style = fault_style(fault->severity, fault->state);

        cli_printf(cli, style, "%s %s", fault->ended_s ? "✓" : "■", fault_title(cli, fault->code));
        cli_printf(cli, style, "  %s", fault_state_text(fault->state));
        print_times(listing, fault);
        fault_what(cli, component, what);
        fault_where(component, where);
        snprintf(line, sizeof(line), "%s, %s%s%s", what, where, *serial ? _(", nº de série ") : "",
                 serial);
        cli_wrap(cli, CLI_PLAIN, 2, line);
        if (*how) {
                snprintf(line, sizeof(line), _("Fin : %s"), fault_how_text(how));
                cli_wrap(cli, CLI_DIM, 2, line);
        }
        vg_text_clean(fault->id, strlen(fault->id), clean, sizeof(clean));
        cli_printf(cli, CLI_DIM, "  %s  %s\n", clean, fault->code);
}

static int take_fault(void *ctx, const struct store_fault *fault)
{
        struct listing *listing = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;

        if (parse_body(fault->body, &body) < 0)
                return 0;
        listing->n_active += fault->ended_s == 0;
        if (listing->cli->json)
                fault_write_json(&listing->json, body);
        else {
                if (listing->n)
                        fputc('\n', listing->cli->out);
                print_fault(listing, fault, body);
        }
        listing->n++;
        return 0;
}

int verb_faults(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct listing listing = { .cli = cli, .view = &view };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        vg_json_object(&listing.json, NULL);
        vg_json_array(&listing.json, "faults");
        r = store_fault_each(view.store, NULL, !cli_option(cli, "all"), take_fault, &listing, &err);
        vg_json_end_array(&listing.json);
        vg_json_end_object(&listing.json);
        if (r < 0)
                r = cli_view_fail(cli, &err);
        else if (cli->json)
                r = cli_json_print(cli, &listing.json);
        else if (!listing.n)
                cli_printf(cli, CLI_GOOD, "%s\n", _("Aucune défaillance inscrite en cours."));
        vg_json_done(&listing.json);
        return r == CLI_FINE && listing.n_active ? CLI_FOUND : r;
}

/* ---- one fault ---- */

static void print_evidence(struct cli *cli, const json_t *body)
{
        const json_t *item;
        size_t i;

        cli_printf(cli, CLI_STRONG, "\n%s\n", _("Preuves"));
        json_array_foreach (json_object_get(body, "evidence"), i, item) {
                const char *value = fault_text(item, "value");
                const char *threshold = fault_text(item, "threshold");
                char line[1200];
                snprintf(line, sizeof(line), "%s : %s%s%s%s%s", fault_text(item, "source"),
                         fault_text(item, "text"), *value ? " = " : "", value,
                         *threshold ? _(", seuil ") : "", threshold);
                cli_wrap(cli, CLI_PLAIN, 2, line);
                if (*fault_text(item, "path"))
                        cli_wrap(cli, CLI_DIM, 4, fault_text(item, "path"));
        }
}

/* Its records: what was said, when. */
struct history {
        struct listing *listing;
        const char *id;
        bool has_any;
};

static const struct {
        const char *event, *text;
} events[] = {
        { "acknowledged", N_("prise en charge") },
        { "cleared", N_("terminée") },
        { "evidence", N_("confirmée par une autre source") },
        { "observable", N_("observable de nouveau") },
        { "on-site", N_("intervenant sur place") },
        { "opened", N_("constatée") },
        { "raised", N_("aggravée") },
        { "recovering", N_("se rétablit") },
        { "replaced", N_("composant remplacé") },
        { "unobservable", N_("inobservable") },
};

static const char *event_text(const char *event)
{
        for (size_t i = 0; i < ELEMENTSOF(events); i++)
                if (strcmp(events[i].event, event) == 0)
                        return _(events[i].text);
        return event;
}

static int take_record(void *ctx, const struct store_record *record)
{
        struct history *h = ctx;
        struct cli *cli = h->listing->cli;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        char when[CLI_TEXT], state[CLI_TEXT];
        int64_t at_s = 0;

        if (!record->bytes || vg_json_parse(record->bytes, record->n, &tree, NULL, NULL, NULL) < 0)
                return 0;
        const json_t *body = json_object_get(tree, "body");
        if (strcmp(fault_text(body, "id"), h->id) != 0)
                return 0;
        (void)vg_json_get_int(body, "at_s", &at_s);
        if (cli->json) {
                vg_json_object(&h->listing->json, NULL);
                cli_json_time(&h->listing->json, "at", at_s);
                cli_json_text(&h->listing->json, "event", fault_text(body, "event"));
                vg_json_int(&h->listing->json, "seq", (int64_t)record->seq);
                cli_json_text(&h->listing->json, "state", fault_text(body, "state"));
                vg_json_end_object(&h->listing->json);
                return 0;
        }
        if (!h->has_any)
                cli_printf(cli, CLI_STRONG, "\n%s\n", _("Histoire"));
        h->has_any = true;
        snprintf(state, sizeof(state), "%s", fault_state_text(fault_text(body, "state")));
        cli_printf(cli, CLI_PLAIN, "  %s  %s (%s)\n",
                   cli_when(cli, h->listing->view->zone, at_s, when),
                   event_text(fault_text(body, "event")), state);
        return 0;
}

static int take_one(void *ctx, const struct store_fault *fault)
{
        struct listing *listing = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        int r = take_fault(listing, fault);

        if (r == 0 && !listing->cli->json && parse_body(fault->body, &body) == 0)
                print_evidence(listing->cli, body);
        return r;
}

int verb_fault_show(struct cli *cli)
{
        _cleanup_(cli_view_done) struct cli_view view = { 0 };
        struct listing listing = { .cli = cli, .view = &view };
        struct history history = { .listing = &listing, .id = cli->args[0] };
        const struct store_record_query query = { VG_LOG_SHARED, 0, INT64_MAX, "fault" };
        struct vg_err err = { 0 };
        int r = cli_view_open(cli, &view);

        if (r != CLI_FINE)
                return r;
        vg_json_object(&listing.json, NULL);
        vg_json_array(&listing.json, "episodes");
        r = store_fault_each(view.store, cli->args[0], false, take_one, &listing, &err);
        vg_json_end_array(&listing.json);
        vg_json_array(&listing.json, "history");
        if (r == 0 && listing.n)
                r = store_record_each(view.store, &query, take_record, &history, &err);
        vg_json_end_array(&listing.json);
        vg_json_end_object(&listing.json);
        if (r < 0)
                r = cli_view_fail(cli, &err);
        else if (!listing.n)
                r = cli_failf(cli, CLI_REFUSED, "no-such-fault",
                              "aucune défaillance %s (« vigie faults --all » les montre)",
                              cli->args[0]);
        else if (cli->json)
                r = cli_json_print(cli, &listing.json);
        vg_json_done(&listing.json);
        return r == CLI_FINE && listing.n_active ? CLI_FOUND : r;
}
