/* SPDX-License-Identifier: Apache-2.0 */

/* doctor: everything that vigie leans on, one line each, with the remedy. */

#include <stdarg.h>
#include <string.h>

#include "cli/doctor.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

static const struct doctor_check checks[] = {
#define VG_DOCTOR(name, label) { #name, label, doctor_##name },
#include "cli/doctor.def"
#undef VG_DOCTOR
};

static void answer(struct doctor_finding *finding, enum doctor_answer kind, const char *format,
                   va_list ap) __attribute__((format(printf, 3, 0)));

static void answer(struct doctor_finding *finding, enum doctor_answer kind, const char *format,
                   va_list ap)
{
        finding->answer = kind;
        vsnprintf(finding->text, sizeof(finding->text), vg_translate(format), ap);
}

void doctor_pass(struct doctor_finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        answer(finding, DOCTOR_PASS, format, ap);
        va_end(ap);
}

void doctor_fail(struct doctor_finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        answer(finding, DOCTOR_FAIL, format, ap);
        va_end(ap);
}

void doctor_unknown(struct doctor_finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        answer(finding, DOCTOR_UNKNOWN, format, ap);
        va_end(ap);
}

void doctor_remedy(struct doctor_finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vsnprintf(finding->remedy, sizeof(finding->remedy), vg_translate(format), ap);
        va_end(ap);
}

/* Unlike other verbs, goes on where settings or ledger cannot be read: that is what it is for. */
static void prepare(struct doctor *doctor)
{
        struct vg_settings *settings = calloc(1, sizeof(*settings));

        if (!settings || vg_settings_load(cli_option(doctor->cli, "config"), settings,
                                          &doctor->settings_err) < 0) {
                free(settings);
                return;
        }
        doctor->cli->settings = settings;
        doctor->settings = settings;
        doctor->view_code = cli_view_try(doctor->cli, &doctor->view, &doctor->view_err);
}

static int print_json(struct cli *cli, const struct doctor_finding *findings, size_t n_failed)
{
        static const char *const answers[] = {
                [DOCTOR_PASS] = "pass", [DOCTOR_FAIL] = "fail", [DOCTOR_UNKNOWN] = "unknown"
        };
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_array(&j, "checks");
        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                vg_json_object(&j, NULL);
                vg_json_string(&j, "answer", answers[findings[i].answer]);
                vg_json_string(&j, "id", checks[i].id);
                cli_json_text(&j, "remedy", findings[i].remedy);
                cli_json_text(&j, "text", findings[i].text);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        vg_json_int(&j, "failed", (int64_t)n_failed);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

static int print(struct cli *cli, const struct doctor_finding *findings, size_t n_failed)
{
        static const struct {
                const char *mark;
                enum cli_style style;
        } marks[] = {
                [DOCTOR_PASS] = { "✓", CLI_GOOD },
                [DOCTOR_FAIL] = { "✗", CLI_BAD },
                [DOCTOR_UNKNOWN] = { "?", CLI_WARN },
        };
        static const struct cli_column columns[] = { { 0 }, { 0 }, { .wraps = true } };
        _cleanup_(cli_table_freep) struct cli_table *table = cli_table_new(columns, 3, 0);

        for (size_t i = 0; table && i < ELEMENTSOF(checks); i++) {
                const struct doctor_finding *f = &findings[i];
                cli_table_cell(table, marks[f->answer].style, marks[f->answer].mark);
                cli_table_cell(table, CLI_PLAIN, _(checks[i].label));
                cli_table_cell(table, CLI_PLAIN, f->text);
                if (!*f->remedy)
                        continue;
                cli_table_cell(table, CLI_PLAIN, "");
                cli_table_cell(table, CLI_PLAIN, "");
                cli_table_cellf(table, CLI_STRONG, "→ %s", f->remedy);
        }

        int r = cli_table_print(cli, table);
        if (r != CLI_FINE)
                return r;
        if (n_failed)
                cli_printf(cli, CLI_BAD,
                           ngettext("\n%zu point à corriger.\n", "\n%zu points à corriger.\n",
                                    n_failed),
                           n_failed);
        else
                cli_printf(cli, CLI_GOOD, "\n%s\n", _("Rien à corriger."));
        return r;
}

int verb_doctor(struct cli *cli)
{
        struct doctor_finding findings[ELEMENTSOF(checks)] = { 0 };
        struct doctor doctor = { .cli = cli };
        size_t n_failed = 0;

        prepare(&doctor);
        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                checks[i].look(&doctor, &findings[i]);
                n_failed += findings[i].answer == DOCTOR_FAIL;
        }

        int r = cli->json ? print_json(cli, findings, n_failed) : print(cli, findings, n_failed);
        cli_view_done(&doctor.view);
        return r == CLI_FINE && n_failed ? CLI_FOUND : r;
}
