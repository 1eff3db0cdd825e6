/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/isolation.h"

#include <string.h>

#include "vigie/civil.h"
#include "vigie/isolation.h"

/* The columns of the matrix; a family that no verdict names is left out. */
static const char *const families[] = { "ID",   "CPU", "MEM", "STO", "NET", "DEV",
                                        "PROC", "MGT", "SEC", "SNP", "HOST" };

static const struct {
        const char *status, *mark, *text;
        enum cli_style style;
} statuses[] = {
        { "fail", "■", N_("non conforme"), CLI_BAD },
        { "waived", "▲", N_("dérogation"), CLI_WARN },
        { "unknown", "?", N_("inconnu"), CLI_WARN },
        { "not_observed", "○", N_("non observé"), CLI_WARN },
        { "pass", "●", N_("conforme"), CLI_GOOD },
        { "not_applicable", "·", N_("sans objet"), CLI_DIM },
};

static size_t status_of(const char *status)
{
        for (size_t i = 0; status && i < ELEMENTSOF(statuses); i++)
                if (strcmp(statuses[i].status, status) == 0)
                        return i;
        return 2;
}

const char *isolation_evidence_text(const char *text)
{
        return *text ? _(text) : text; /* gettext("") is the catalogue's head */
}

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static int64_t time_of(const json_t *object, const char *key)
{
        int64_t utc_s;

        return vg_utc_parse(text_of(object, key), &utc_s) == 0 ? utc_s : 0;
}

/* ---- who is silent ---- */

static void print_silent(struct cli *cli, const struct cli_view *view, const json_t *state)
{
        const json_t *silent = json_object_get(state, "observed"), *row;
        char since[CLI_TEXT], line[400];
        size_t i;

        json_array_foreach (silent, i, row) {
                const char *source = text_of(row, "source");
                if (strcmp(text_of(row, "cause"), "never") == 0)
                        snprintf(line, sizeof(line),
                                 _("Jamais observé par vigie-%s : ce que lui seul voit est "
                                   "inconnu."),
                                 source);
                else
                        snprintf(line, sizeof(line), _("Non observé par vigie-%s depuis le %s."),
                                 source, cli_when(cli, view->zone, time_of(row, "since"), since));
                cli_wrap(cli, CLI_WARN, 0, line);
        }
}

/* ---- the matrix ---- */

static void add_row(struct cli_table *table, const char *tenant, const json_t *row)
{
        cli_table_cell(table, CLI_PLAIN, strcmp(tenant, "-") == 0 ? _("(l'hôte)") : tenant);
        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                const json_t *cell = json_object_get(row, families[i]);
                const size_t status = status_of(json_string_value(cell));
                cli_table_cell(table, cell ? statuses[status].style : CLI_DIM,
                               cell ? statuses[status].mark : "");
        }
}

static void print_legend(struct cli *cli)
{
        char line[256] = "";
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(statuses); i++)
                n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s %s", i ? "  " : "",
                                      statuses[i].mark, _(statuses[i].text));
        cli_wrap(cli, CLI_DIM, 2, line);
}

static int print_matrix(struct cli *cli, const json_t *state)
{
        struct cli_column columns[1 + ELEMENTSOF(families)] = {
                { .heading = _("Abonné"), .elastic = true },
        };
        json_t *tenants = json_object_get(state, "tenants"), *row;
        const char *tenant;

        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                columns[1 + i] = (struct cli_column){ .heading = families[i] };
        _cleanup_(cli_table_freep) struct cli_table *table =
                cli_table_new(columns, ELEMENTSOF(columns), 2);
        json_object_foreach (tenants, tenant, row)
                if (table && strcmp(tenant, "-") != 0)
                        add_row(table, tenant, row);
        if (table)
                add_row(table, "-", json_object_get(tenants, "-"));
        const int r = cli_table_print(cli, table);
        print_legend(cli);
        return r;
}

/* ---- findings ---- */

static const char *severity_text(const char *severity)
{
        static const struct {
                const char *severity, *text;
        } rows[] = {
                { "critical", N_("critique") },
                { "high", N_("élevée") },
                { "low", N_("faible") },
                { "medium", N_("moyenne") },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].severity, severity) == 0)
                        return _(rows[i].text);
        return severity;
}

static enum cli_style style_of(const json_t *finding)
{
        const char *severity = text_of(finding, "severity");

        if (strcmp(text_of(finding, "status"), "waived") == 0)
                return CLI_DIM;
        return strcmp(severity, "critical") == 0 || strcmp(severity, "high") == 0 ? CLI_BAD
                                                                                  : CLI_WARN;
}

static void print_domains(struct cli *cli, const json_t *finding)
{
        const json_t *domains = json_object_get(finding, "domains"), *domain;
        struct vg_buf buf = { 0 };
        size_t i;

        json_array_foreach (domains, i, domain) {
                const char *tenant = text_of(domain, "tenant");
                vg_buf_printf(&buf, "%s%s (%s)", i ? ", " : "", text_of(domain, "name"),
                              *tenant ? tenant : _("sans abonné"));
        }
        if (text_of(finding, "resource")[0])
                vg_buf_printf(&buf, "%s%s", buf.n ? "; " : "", text_of(finding, "resource"));
        if (buf.n && !buf.failed)
                cli_wrap(cli, CLI_PLAIN, 2, buf.data);
        vg_buf_done(&buf);
}

static void print_head(struct cli *cli, const struct cli_view *view, const json_t *finding)
{
        const json_t *waiver = json_object_get(finding, "waiver");
        char since[CLI_TEXT], until[CLI_TEXT], line[1600];

        cli_printf(cli, style_of(finding), "%s %s",
                   statuses[status_of(text_of(finding, "status"))].mark, text_of(finding, "check"));
        cli_printf(cli, style_of(finding), "  %s", severity_text(text_of(finding, "severity")));
        cli_printf(cli, CLI_DIM, _("  depuis le %s\n"),
                   cli_when(cli, view->zone, time_of(finding, "since"), since));
        cli_wrap(cli, CLI_PLAIN, 2, text_of(finding, "title"));
        print_domains(cli, finding);
        if (!waiver)
                return;
        snprintf(line, sizeof(line), _("Dérogation de %s jusqu'au %s : %s"), text_of(waiver, "by"),
                 cli_when(cli, view->zone, time_of(waiver, "until"), until),
                 text_of(waiver, "reason"));
        cli_wrap(cli, CLI_DIM, 2, line);
}

void isolation_print_finding(struct cli *cli, const struct cli_view *view, const json_t *finding)
{
        const json_t *evidence = json_object_get(finding, "evidence"), *text;
        char line[256];
        size_t i;

        print_head(cli, view, finding);
        json_array_foreach (evidence, i, text)
                cli_wrap(cli, CLI_DIM, 4, isolation_evidence_text(json_string_value(text)));
        snprintf(line, sizeof(line), _("Preuve : %s"), text_of(finding, "digest"));
        cli_wrap(cli, CLI_DIM, 2, line);
}

size_t isolation_count_open(const json_t *state)
{
        const json_t *findings = json_object_get(state, "findings"), *finding;
        size_t i, n = 0;

        json_array_foreach (findings, i, finding)
                n += strcmp(text_of(finding, "status"), "fail") == 0;
        return n;
}

/* What is not known is no finding and yet not well: it is said at once. */
static void print_unknown(struct cli *cli, const json_t *state)
{
        const json_t *summary = json_object_get(state, "summary");
        const size_t n = (size_t)(json_integer_value(json_object_get(summary, "unknown")) +
                                  json_integer_value(json_object_get(summary, "not_observed")));
        char line[128];

        if (!n)
                return;
        snprintf(line, sizeof(line),
                 ngettext("? %zu contrôle inconnu", "? %zu contrôles inconnus", n), n);
        cli_printf(cli, CLI_WARN, "; %s", line);
}

static void print_title(struct cli *cli, const struct cli_view *view, const json_t *state, size_t n)
{
        char at[CLI_TEXT], line[256];

        cli_when(cli, view->zone, time_of(state, "at"), at);
        if (n)
                snprintf(line, sizeof(line),
                         ngettext("Cloisonnement : %zu constat, le %s",
                                  "Cloisonnement : %zu constats, le %s", n),
                         n, at);
        else
                snprintf(line, sizeof(line), _("Cloisonnement : aucun constat, le %s"), at);
        cli_printf(cli, n ? CLI_BAD : CLI_STRONG, "%s", line);
        print_unknown(cli, state);
        fputc('\n', cli->out);
}

static int print_people(struct cli *cli, const struct cli_view *view, const json_t *state)
{
        const json_t *findings = json_object_get(state, "findings"), *finding;
        size_t i;
        int r;

        if (!json_object_get(state, "verdict_at")) {
                cli_wrap(cli, CLI_WARN, 0,
                         _("Cloisonnement : rien n'a encore été observé. Les lecteurs "
                           "(vigie-hypervisor, vigie-inspect) ont-ils démarré ?"));
                return CLI_FINE;
        }
        print_title(cli, view, state, isolation_count_open(state));
        print_silent(cli, view, state);
        fputc('\n', cli->out);
        r = print_matrix(cli, state);
        json_array_foreach (findings, i, finding) {
                fputc('\n', cli->out);
                print_head(cli, view, finding);
        }
        if (json_array_size(findings))
                cli_printf(cli, CLI_DIM, "\n%s\n",
                           _("« vigie isolation show CONTRÔLE » montre les preuves."));
        return r;
}

int isolation_print(struct cli *cli, const struct cli_view *view, const json_t *state)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const bool any = isolation_count_open(state) > 0;
        int r;

        if (!cli->json) {
                r = print_people(cli, view, state);
        } else {
                r = vg_json_canonical(state, &j.buf, NULL) < 0
                            ? cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée")
                            : cli_json_print(cli, &j);
        }
        return r == CLI_FINE && any ? CLI_FOUND : r;
}
