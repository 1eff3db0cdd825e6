/* SPDX-License-Identifier: Apache-2.0 */

/* usage merge: the exports of all appliances under a contract as one usage file, which `vigie
 * contract rate` prices, or as one export that may be merged again, or imported. What contradicts
 * itself is kept apart, and shown. */

#include "cli/cli.h"
#include "cli/older.h"
#include "os/files.h"
#include "vigie/civil.h"
#include "vigie/merge.h"

enum { EXPORT_BYTES_MAX = 1 << 30 };

static int add_file(struct cli *cli, struct vg_merge *merge, const char *path)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;
        int r = vg_file_read(path, EXPORT_BYTES_MAX, &bytes, &n, &err);

        if (r == 0)
                r = vg_merge_add(merge, path, bytes, n, &err);
        return r < 0 ? cli_fail(cli, CLI_REFUSED, "usage-file", &err) : CLI_FINE;
}

static void print_csv(struct cli *cli, const struct vg_merge_result *result)
{
        char at[32], text[64];

        fputs("timestamp,tenant,resource,quantity,appliance\n", cli->out);
        for (size_t i = 0; i < result->n_rows; i++) {
                const struct vg_merged *row = &result->rows[i];
                fprintf(cli->out, "%s,%s,%s,%s,%s\n", vg_utc_format(row->start_s, at), row->tenant,
                        row->resource, vg_decimal_format(row->micro, 6, text, sizeof(text)),
                        row->appliance);
        }
}

static int print_export(struct cli *cli, const struct vg_merge_result *result)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

        vg_buf_puts(&text, VG_MERGE_HEADER "\n");
        for (size_t i = 0; i < result->n_told && !text.failed; i++) {
                vg_merge_row_write(&text, &result->told[i]);
                fwrite(text.data, 1, text.n, cli->out);
                text.n = 0;
        }
        return text.failed ? cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée") : CLI_FINE;
}

static void tell(struct cli *cli, const struct vg_merge_result *result, const struct older *older)
{
        older_tell(cli, older);
        for (size_t i = 0; i < result->n_conflicts; i++)
                cli_progress(cli,
                             N_("contradiction, non comptée : %s, ligne %llu (appareil %s, "
                                "inscription %lld)"),
                             result->conflicts[i].file,
                             (unsigned long long)result->conflicts[i].line,
                             result->conflicts[i].appliance, (long long)result->conflicts[i].seq);
        cli_progress(cli,
                     N_("appareils : %zu; lignes déjà reçues : %llu; volumes vus par plusieurs, "
                        "comptés une fois : %zu; contradictions : %zu."),
                     result->n_appliances, (unsigned long long)result->duplicates, result->n_shared,
                     result->n_conflicts);
}

/* counted: some of them may count after all. */
static void put_apart(struct vg_json *j, const char *key, const struct vg_merge_row *rows, size_t n,
                      bool counted)
{
        vg_json_array(j, key);
        for (size_t i = 0; i < n; i++) {
                vg_json_object(j, NULL);
                cli_json_text(j, "appliance", rows[i].appliance);
                cli_json_decimal(j, "counted", counted ? rows[i].counts : 0, 6);
                cli_json_text(j, "file", rows[i].file);
                vg_json_int(j, "line", (int64_t)rows[i].line);
                cli_json_decimal(j, "quantity", rows[i].micro, 6);
                cli_json_text(j, "resource", rows[i].resource);
                vg_json_int(j, "seq", rows[i].seq);
                cli_json_text(j, "tenant", rows[i].tenant);
                cli_json_time(j, "timestamp", rows[i].start_s);
                cli_json_text(j, "volume", rows[i].volume);
                vg_json_end_object(j);
        }
        vg_json_end_array(j);
}

static int print_json(struct cli *cli, const struct vg_merge_result *result,
                      const struct older *older)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        vg_json_int(&j, "appliances", (int64_t)result->n_appliances);
        put_apart(&j, "conflicts", result->conflicts, result->n_conflicts, false);
        vg_json_int(&j, "duplicates_ignored", (int64_t)result->duplicates);
        older_write(&j, older);
        vg_json_array(&j, "rows");
        for (size_t i = 0; i < result->n_rows; i++) {
                vg_json_object(&j, NULL);
                cli_json_text(&j, "appliance", result->rows[i].appliance);
                cli_json_decimal(&j, "quantity", result->rows[i].micro, 6);
                cli_json_text(&j, "resource", result->rows[i].resource);
                cli_json_text(&j, "tenant", result->rows[i].tenant);
                cli_json_time(&j, "timestamp", result->rows[i].start_s);
                vg_json_end_object(&j);
        }
        vg_json_end_array(&j);
        put_apart(&j, "shared_volumes", result->shared, result->n_shared, true);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}

/* Where all are of that release, they name volumes alike. */
static void find_older(const struct vg_merge_result *result, struct older *ret_older)
{
        bool newer = false;

        *ret_older = (struct older){ 0 };
        for (size_t i = 0; i < result->n_told; i++) {
                older_note(ret_older, &result->told[i]);
                newer |= *result->told[i].seen != '\0';
        }
        if (!newer)
                ret_older->n = 0;
}

int verb_usage_merge(struct cli *cli)
{
        struct older older;
        _cleanup_(vg_merge_freep) struct vg_merge *merge = NULL;
        const struct vg_merge_result *result;
        struct vg_err err = { 0 };
        int r = vg_merge_new(&merge, &err);

        for (size_t i = 0; i < cli->n_args && r == 0; i++) {
                r = add_file(cli, merge, cli->args[i]);
                if (r != CLI_FINE)
                        return r;
        }
        if (r == 0)
                r = vg_merge_finish(merge, &result, &err);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "usage-file", &err);
        find_older(result, &older);
        if (cli->json) {
                r = print_json(cli, result, &older);
        } else {
                if (cli_option(cli, "raw"))
                        r = print_export(cli, result);
                else
                        print_csv(cli, result);
                tell(cli, result, &older);
        }
        return r == CLI_FINE && result->n_conflicts ? CLI_FOUND : r;
}
