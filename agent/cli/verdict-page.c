/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/verdict-page.h"

#include <string.h>

#include "cli/isolation.h"
#include "vigie/isolation.h"

enum { NAMES_SHOWN = 8 };

static size_t count(const struct vg_verdict *verdict, enum vg_iso_status status)
{
        size_t n_rows, n = 0;

        (void)vg_check_rows(&n_rows);
        for (size_t i = 0; i < n_rows; i++)
                n += vg_verdict_check(verdict, i) == status;
        return n;
}

static int print_json(struct cli *cli, const struct vg_verdict *verdict)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const int code = count(verdict, VG_ISO_FAIL) ? CLI_FOUND : CLI_FINE;

        vg_verdict_json(verdict, &j, NULL);
        const int r = cli_json_print(cli, &j);
        return r == CLI_FINE ? code : r;
}

static const char *severity_word(enum vg_iso_severity severity)
{
        static const char *const words[] = { N_("faible"), N_("moyenne"), N_("élevée"),
                                             N_("critique") };

        return _(words[severity]);
}

static enum cli_style severity_style(enum vg_iso_severity severity)
{
        return severity >= VG_ISO_HIGH ? CLI_BAD : severity == VG_ISO_MEDIUM ? CLI_WARN : CLI_PLAIN;
}

/* "acme-a, globex-a (+3)" */
static char *names(const struct vg_verdict *verdict, const struct vg_finding *finding)
{
        struct vg_buf buf = { 0 };

        for (size_t i = 0; i < finding->n_domains && i < NAMES_SHOWN; i++)
                vg_buf_printf(&buf, "%s%s", i ? ", " : "",
                              verdict->domains[finding->domains[i]].name);
        if (finding->n_domains > NAMES_SHOWN)
                vg_buf_printf(&buf, " (+%zu)", finding->n_domains - NAMES_SHOWN);
        if (!finding->n_domains)
                vg_buf_puts(&buf, _("l'hôte"));
        return vg_buf_take(&buf);
}

static void print_finding(struct cli *cli, const struct vg_verdict *verdict,
                          const struct vg_finding *finding)
{
        const struct vg_check *check = finding->check;
        _cleanup_free_ char *who = names(verdict, finding);
        const bool fails = finding->status == VG_ISO_FAIL;

        cli_printf(cli, fails ? severity_style(finding->severity) : CLI_DIM, "%s  %s", check->id,
                   check->title[cli->french ? 0 : 1]);
        if (fails)
                cli_printf(cli, CLI_PLAIN, _("  (gravité %s)"), severity_word(finding->severity));
        cli_printf(cli, CLI_PLAIN, "\n");
        cli_wrap(cli, CLI_PLAIN, 4, who ? who : "");
        if (*finding->resource)
                cli_wrap(cli, CLI_STRONG, 4, finding->resource);
        for (size_t i = 0; i < finding->n_evidence; i++)
                cli_wrap(cli, CLI_DIM, 4, isolation_evidence_text(finding->evidence[i]));
}

static void print_findings(struct cli *cli, const struct vg_verdict *verdict,
                           enum vg_iso_status status, const char *heading)
{
        bool any = false;

        for (size_t i = 0; i < verdict->n_findings; i++) {
                if (verdict->findings[i].status != status)
                        continue;
                if (!any)
                        cli_printf(cli, CLI_STRONG, "%s\n", heading);
                any = true;
                print_finding(cli, verdict, &verdict->findings[i]);
        }
        if (any)
                cli_printf(cli, CLI_PLAIN, "\n");
}

int verdict_page_print(struct cli *cli, const struct vg_verdict *verdict)
{
        const size_t n_fail = count(verdict, VG_ISO_FAIL);

        if (cli->json)
                return print_json(cli, verdict);
        print_findings(cli, verdict, VG_ISO_FAIL, _("En défaut"));
        print_findings(cli, verdict, VG_ISO_UNKNOWN, _("Inconnu, faute de preuve"));
        cli_printf(cli, n_fail ? CLI_BAD : CLI_GOOD,
                   _("domaines : %zu; contrôles : %zu en défaut, %zu inconnus, %zu conformes, "
                     "%zu sans objet.\n"),
                   verdict->n_domains, n_fail, count(verdict, VG_ISO_UNKNOWN),
                   count(verdict, VG_ISO_PASS), count(verdict, VG_ISO_NOT_APPLICABLE));
        return n_fail ? CLI_FOUND : CLI_FINE;
}
