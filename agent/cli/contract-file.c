/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/contract-file.h"

#include <errno.h>
#include <string.h>

#include "os/files.h"

/* What stands in front of a refusal for people: the file; for programs: the place in it. */
static int tell_refusals(struct cli *cli, const char *file, const struct vg_refusals *refusals)
{
        _cleanup_free_ struct cli_error *errors = calloc(refusals->n, sizeof(*errors));
        _cleanup_free_ char(*texts)[VG_REFUSAL_TEXT + 256] = calloc(refusals->n, sizeof(*texts));

        if (!errors || !texts)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < refusals->n; i++) {
                const struct vg_refusal *one = &refusals->list[i];
                const char *code = vg_refusal_code(one);
                char text[VG_REFUSAL_TEXT];
                vg_refusal_text(one, cli->french, text, sizeof(text));
                if (cli->json)
                        snprintf(texts[i], sizeof(texts[i]), "%s", text);
                else
                        snprintf(texts[i], sizeof(texts[i]), "%s%s%s [%.4s]", one->path,
                                 !*one->path   ? ""
                                 : cli->french ? "\xc2\xa0: "
                                               : ": ",
                                 text, code);
                errors[i] = (struct cli_error){
                        .code = code,
                        .path = cli->json ? one->path : file,
                        .line = one->line,
                        .message = texts[i],
                };
        }
        cli_fail_all(cli, CLI_REFUSED, errors, refusals->n);
        if (refusals->n_more)
                cli_progress(cli, ngettext("… et %zu autre.", "… et %zu autres.", refusals->n_more),
                             refusals->n_more);
        return CLI_REFUSED;
}

void contract_file_done(struct contract_file *file)
{
        vg_contract_free(file->contract);
        free(file->bytes);
}

int contract_file_parse(struct cli *cli, const char *name, struct contract_file *file)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_err err = { 0 };

        int r = vg_contract_parse(file->bytes, file->n, vg_file_zone, &file->contract, &refusals,
                                  &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "contract", &err);
        return r == VG_CONTRACT_REFUSED ? tell_refusals(cli, name, &refusals) : CLI_FINE;
}

int contract_file_read(struct cli *cli, const char *path, struct contract_file *file)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        struct vg_err err = { 0 };

        int r = vg_file_read(path, VG_CONTRACT_BYTES_MAX, &file->bytes, &file->n, &err);
        if (r == -EFBIG) {
                r = vg_contract_refuse_size(&refusals);
                return r < 0 ? cli_fail(cli, CLI_REFUSED, "file", &err)
                             : tell_refusals(cli, path, &refusals);
        }
        return r < 0 ? cli_fail(cli, CLI_REFUSED, "file", &err)
                     : contract_file_parse(cli, path, file);
}
