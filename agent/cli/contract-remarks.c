/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/contract-remarks.h"

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
