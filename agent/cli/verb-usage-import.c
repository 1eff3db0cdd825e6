/* SPDX-License-Identifier: Apache-2.0 */

/* usage import: quantities that this appliance did not measure, from a CSV, as acts: services that the
 * hypervisor does not show, or the export of another appliance of the contract. */

#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/older.h"
#include "cli/sheet.h"
#include "os/files.h"
#include "vigie/merge.h"

enum {
        FILE_MAX = 3 << 20, /* what one line to the keeper holds, with room for escapes */
        EXPORT_BYTES_MAX = 1 << 30,
        PART_BYTES = 2 << 20, /* of an export, a part an act; records are not cut */
        PART_ROWS = 5000,
        REFUSED_SHOWN = 20
};

static const char *why(const char *reason)
{
        static const struct {
                const char *id, *fr;
        } reasons[] = {
                { "bad_quantity", N_("quantité illisible, ou plus de six décimales") },
                { "bad_record", N_("les lignes d'une inscription se contredisent") },
                { "bad_resource", N_("nom de ressource illisible") },
                { "bad_row", N_("quatre champs sont attendus") },
                { "bad_tenant", N_("abonné illisible") },
                { "bad_timestamp", N_("instant illisible, ou pas le début d'un intervalle") },
                { "future", N_("l'intervalle n'a pas commencé à l'heure du gardien") },
                { "conflicting_duplicate", N_("une autre valeur est déjà inscrite, et reste") },
                { "measured_resource", N_("cette ressource est mesurée : elle ne s'importe pas") },
        };

        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (strcmp(reasons[i].id, reason) == 0)
                        return _(reasons[i].fr);
        return reason;
}

static void print_refused(struct cli *cli, const json_t *result, int64_t refused)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(result, "refused"), i, one) {
                if (i == REFUSED_SHOWN)
                        break;
                const char *reason = "", *key = "";
                int64_t line = 0;
                (void)vg_json_get_int(one, "line", &line);
                (void)vg_json_get_string(one, "reason", &reason);
                (void)vg_json_get_string(one, "key", &key);
                cli_printf(cli, CLI_BAD, _("  ligne %lld, %s : %s\n"), (long long)line, key,
                           why(reason));
        }
        if (refused > REFUSED_SHOWN)
                cli_printf(cli, CLI_WARN,
                           ngettext("Et %llu autre ligne refusée, que --json nomme.\n",
                                    "Et %llu autres lignes refusées, que --json nomme.\n",
                                    refused - REFUSED_SHOWN),
                           (unsigned long long)(refused - REFUSED_SHOWN));
}

static void print_unpriced(struct cli *cli, const json_t *result)
{
        const json_t *one;
        size_t i;

        json_array_foreach (json_object_get(result, "unpriced"), i, one) {
                const char *resource = "";
                (void)vg_json_get_string(one, "resource", &resource);
                cli_printf(cli, CLI_WARN, _("  %s : sans prix au contrat; inscrit, non facturé\n"),
                           resource);
        }
}

static void print_outside(struct cli *cli, const json_t *result)
{
        int64_t outside = 0;

        (void)vg_json_get_int(result, "outside_n", &outside);
        if (outside)
                cli_printf(cli, CLI_WARN,
                           _("  hors du terme du contrat : %lld, inscrites mais non facturées\n"),
                           (long long)outside);
}

static void print_waiting(struct cli *cli, const json_t *result)
{
        int64_t waiting = 0;

        (void)vg_json_get_int(result, "waiting_n", &waiting);
        if (waiting)
                cli_printf(cli, CLI_WARN,
                           _("  d'intervalles encore ouverts ici : %lld, à importer plus tard\n"),
                           (long long)waiting);
}

static int print(struct cli *cli, const json_t *result)
{
        int64_t imported = 0, duplicates = 0, refused = 0;

        (void)vg_json_get_int(result, "imported", &imported);
        (void)vg_json_get_int(result, "duplicates", &duplicates);
        (void)vg_json_get_int(result, "refused_n", &refused);
        if (cli->json) {
                _cleanup_(vg_json_done) struct vg_json j = { 0 };
                struct vg_err err = { 0 };
                if (vg_json_canonical(result, &j.buf, &err) < 0)
                        return cli_fail(cli, CLI_REFUSED, "answer", &err);
                cli_json_print(cli, &j);
        } else {
                cli_printf(cli, refused ? CLI_WARN : CLI_GOOD,
                           _("Lignes inscrites : %lld; déjà connues : %lld; refusées : %lld.\n"),
                           (long long)imported, (long long)duplicates, (long long)refused);
                print_refused(cli, result, refused);
                print_unpriced(cli, result);
                print_outside(cli, result);
                print_waiting(cli, result);
        }
        return refused ? CLI_FOUND : CLI_FINE;
}

static int send(struct cli *cli, const char *name, const char *text, size_t n, json_t **ret_result)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", vg_lang());
        vg_json_string(&body, "name", name);
        vg_json_string_n(&body, "text", text, n);
        vg_json_string(&body, "verb", "usage.import");
        vg_json_end_object(&body);
        return cli_act(cli, &body, ret_result);
}

static int import_services(struct cli *cli, const char *path, const char *name, const char *bytes,
                           size_t n)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;

        if (n > FILE_MAX)
                return cli_failf(cli, CLI_REFUSED, "too-long",
                                 "%s : plus de 3 Mio; partager le fichier", path);
        int r = send(cli, name, bytes, n, &result);
        return r == CLI_FINE ? print(cli, result) : r;
}

/* ---- an export, part by part ---- */

struct sending {
        struct cli *cli;
        const char *name;
        struct vg_buf part, record; /* the record that is being read is not cut */
        size_t n_rows, n_record;
        char appliance[80];
        int64_t seq;
        struct older older;
        int n_sent, failed;
        json_t *result; /* of all parts */
};

static void sending_done(struct sending *s)
{
        vg_buf_done(&s->part);
        vg_buf_done(&s->record);
        json_decref(s->result);
}

/* Counts are added up, lists put together. */
static void add_result(json_t *sum, json_t *part)
{
        const char *key;
        json_t *value;

        json_object_foreach (part, key, value) {
                json_t *so_far = json_object_get(sum, key);
                if (!so_far)
                        json_object_set(sum, key, value);
                else if (json_is_integer(value))
                        json_integer_set(so_far,
                                         json_integer_value(so_far) + json_integer_value(value));
                else if (json_is_array(value))
                        json_array_extend(so_far, value);
        }
}

static int send_part(struct sending *s)
{
        _cleanup_(vg_json_decrefp) json_t *result = NULL;
        char name[160];

        snprintf(name, sizeof(name), "%.120s (%d)", s->name, ++s->n_sent);
        int r = send(s->cli, name, s->part.data, s->part.n, &result);
        if (r == CLI_FINE)
                add_result(s->result, result);
        s->part.n = s->n_rows = 0;
        return r;
}

/* The record that has ended goes into the part, which goes where it is full. */
static int end_record(struct sending *s)
{
        if (s->n_rows &&
            (s->part.n + s->record.n > PART_BYTES || s->n_rows + s->n_record > PART_ROWS))
                s->failed = send_part(s);
        if (!s->n_rows)
                vg_buf_puts(&s->part, VG_MERGE_HEADER "\n");
        vg_buf_append(&s->part, s->record.data, s->record.n);
        s->n_rows += s->n_record;
        s->record.n = s->n_record = 0;
        return s->part.failed || s->record.failed ? -ENOMEM : s->failed != CLI_FINE;
}

static int take_row(void *ctx, const struct vg_merge_row *row)
{
        struct sending *s = ctx;
        int r = 0;

        if (s->n_record && (row->seq != s->seq || strcmp(row->appliance, s->appliance) != 0))
                r = end_record(s);
        older_note(&s->older, row);
        vg_merge_row_write(&s->record, row);
        s->n_record++;
        s->seq = row->seq;
        snprintf(s->appliance, sizeof(s->appliance), "%s", row->appliance);
        return r;
}

static int import_export(struct cli *cli, const char *path, const char *name, const char *bytes,
                         size_t n)
{
        _cleanup_(vg_merge_freep) struct vg_merge *merge = NULL;
        _cleanup_(sending_done) struct sending s = { .cli = cli, .name = name };
        struct vg_err err = { 0 };
        int r = vg_merge_new(&merge, &err);

        s.result = json_object();
        if (r == 0)
                r = vg_merge_add(merge, path, bytes, n, &err);
        if (r == 0)
                r = vg_merge_sent(merge, take_row, &s, &err);
        if (r == 0 && s.n_record)
                r = end_record(&s);
        if (r < 0)
                return cli_fail(cli, CLI_REFUSED, "usage-file", &err);
        if (r == 0 && s.part.n == 0) /* a heading alone */
                vg_buf_puts(&s.part, VG_MERGE_HEADER "\n");
        if (r == 0)
                s.failed = send_part(&s);
        if (s.failed != CLI_FINE)
                return s.failed;
        older_tell(cli, &s.older);
        return print(cli, s.result);
}

int verb_usage_import(struct cli *cli)
{
        static const char mark[] = "\xef\xbb\xbf"; /* of byte order, which spreadsheets write */
        _cleanup_free_ char *bytes = NULL;
        const char *path = cli->args[0], *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        struct vg_err err = { 0 };
        size_t n;

        if (vg_file_read(path, EXPORT_BYTES_MAX, &bytes, &n, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "file", &err);
        int r = sheet_check_text(cli, path, bytes, n);
        if (r != CLI_FINE)
                return r;
        const char *text = bytes + (strncmp(bytes, mark, strlen(mark)) == 0 ? strlen(mark) : 0);
        n -= (size_t)(text - bytes);
        return vg_merge_is_header(text, strcspn(text, "\r\n"))
                       ? import_export(cli, path, name, text, n)
                       : import_services(cli, path, name, text, n);
}
