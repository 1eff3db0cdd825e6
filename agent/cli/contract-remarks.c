/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/contract-remarks.h"

#include <string.h>

#include "cli/view.h"
#include "os/files.h"

typedef void tell_fn(struct cli *cli, struct vg_json *j, const struct vg_refusal *remark,
                     const char *text);

static int each(struct cli *cli, struct vg_json *j, const struct vg_contract *contract,
                const char *bytes, size_t n, tell_fn *tell)
{
        _cleanup_(vg_refusals_done) struct vg_refusals remarks = { 0 };
        char text[VG_REFUSAL_TEXT];

        if (vg_contract_remarks(contract, bytes, n, &remarks) < 0)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < remarks.n; i++)
                tell(cli, j, &remarks.list[i],
                     vg_refusal_text(&remarks.list[i], cli->french, text, sizeof(text)));
        return CLI_FINE;
}

static void tell_people(struct cli *cli, _unused_ struct vg_json *j,
                        const struct vg_refusal *remark, const char *text)
{
        char line[VG_REFUSAL_TEXT + 64];

        snprintf(line, sizeof(line), _("À vérifier : %s [%.4s]"), text, vg_refusal_code(remark));
        cli_wrap(cli, CLI_WARN, 0, line);
}

static void tell_programs(_unused_ struct cli *cli, struct vg_json *j,
                          const struct vg_refusal *remark, const char *text)
{
        vg_json_object(j, NULL);
        vg_json_string(j, "code", vg_refusal_code(remark));
        vg_json_int(j, "line", remark->line);
        vg_json_string(j, "message", text);
        vg_json_string(j, "path", remark->path);
        vg_json_end_object(j);
}

int contract_remarks_print(struct cli *cli, const struct vg_contract *contract, const char *bytes,
                           size_t n)
{
        return each(cli, NULL, contract, bytes, n, tell_people);
}

int contract_remarks_json(struct cli *cli, struct vg_json *j, const struct vg_contract *contract,
                          const char *bytes, size_t n)
{
        vg_json_array(j, "remarks");
        int r = each(cli, j, contract, bytes, n, tell_programs);
        vg_json_end_array(j);
        return r;
}

/* ---- the contract before ---- */

struct looking {
        struct cli *cli;
        struct cli_view view;
        const char *id;
};

static void tell_left(struct cli *cli, const char *id, const char *what, const char *name)
{
        char line[512];

        snprintf(line, sizeof(line), _("Reste à faire du contrat %s : %s%s%s"), id, what,
                 *name ? " " : "", name);
        cli_wrap(cli, CLI_WARN, 0, line);
}

static void tell_all_left(struct cli *cli, const struct vg_contract *c)
{
        bool is_evaluated = false;

        for (size_t i = 0; i < c->n_documents; i++) {
                const struct vg_document *d = &c->documents[i];
                is_evaluated |= d->kind == VG_DOCUMENT_EVALUATION;
                if (!d->has_broker_copy)
                        tell_left(cli, c->id, _("copie au Courtier de"), d->id);
        }
        if (!is_evaluated)
                tell_left(cli, c->id, _("évaluation du rendement du fournisseur"), "");
        if (!c->has_handed_over)
                tell_left(cli, c->id, _("remise des preuves hors des serveurs"), "");
}

static int look_at(void *ctx, const struct store_contract *row)
{
        struct looking *looking = ctx;
        _cleanup_(vg_contract_freep) struct vg_contract *c = NULL;
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };

        if (!row->current || strcmp(row->contract_id, looking->id) != 0)
                return 0;
        int r = store_contract_read(looking->view.store, row->text, row->n_text, NULL, 0,
                                    vg_file_zone, &c, &refusals, NULL);
        if (r == 0)
                tell_all_left(looking->cli, c);
        return r < 0 ? r : 0;
}

void contract_remarks_left(struct cli *cli, const char *previous_id)
{
        struct looking looking = { .cli = cli, .id = previous_id };
        struct vg_err err = { 0 };

        if (!previous_id || cli_view_try(cli, &looking.view, &err) < 0)
                return;
        (void)store_contract_each(looking.view.store, look_at, &looking, &err);
        cli_view_done(&looking.view);
}
