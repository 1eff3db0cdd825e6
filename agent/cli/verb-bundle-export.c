/* SPDX-License-Identifier: Apache-2.0 */

/* bundle export: what the ledger holds, as a tar of plain files whose digest the keeper records and
 * signs (cli/bundle.h). */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bundle-export.h"
#include "cli/domains.h"
#include "vigie/civil.h"

/* "vigie-bundle-CS-2027-0142-2027-04-01-2027-10-03". */
static void name_top(struct export *x)
{
        const char *who =
                x->view.contract ? x->view.contract->id : store_identity(x->view.store)->appliance;
        char from[CLI_TEXT], to[CLI_TEXT];
        const int64_t last_s =
                x->to_ns == INT64_MAX ? x->view.now_s : vg_floor_div(x->to_ns, VG_NS_PER_S) - 1;

        vg_utc_format(vg_floor_div(x->from_ns, VG_NS_PER_S), from);
        vg_utc_format(last_s, to);
        if (x->from_ns == INT64_MIN)
                export_name(x, "vigie-bundle-%.80s-%.10s", who, to);
        else
                export_name(x, "vigie-bundle-%.80s-%.10s-%.10s", who, from, to);
}

static int report(struct export *x, const char *path)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char hex[2 * VG_HASH_SIZE + 1];

        vg_hex_format(x->digest.bytes, VG_HASH_SIZE, hex);
        if (!x->cli->json) {
                cli_printf(x->cli, CLI_GOOD, "%s\n", path);
                cli_printf(x->cli, CLI_PLAIN,
                           _("%zu parties; le condensat de SHA256SUMS est inscrit et signé : "
                             "%.16s…\n"),
                           bundle_n_parts(x->bundle), hex);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "digest", hex);
        vg_json_string(&j, "for", export_audience(x));
        vg_json_int(&j, "parts", (int64_t)bundle_n_parts(x->bundle));
        cli_json_text(&j, "path", path);
        vg_json_end_object(&j);
        return cli_json_print(x->cli, &j);
}

static int write_bundle(struct export *x)
{
        _cleanup_free_ char *path = NULL;

        name_top(x);
        if (asprintf(&path, "%s/%s.tar", x->cli->args[0], x->top) < 0) {
                path = NULL;
                return cli_failf(x->cli, CLI_REFUSED, "memory", "mémoire épuisée");
        }
        if (mkdir(x->cli->args[0], 0750) < 0 && errno != EEXIST)
                return cli_failf(x->cli, CLI_REFUSED, "bundle", "%s : %s", x->cli->args[0],
                                 vg_errno_text(errno));
        int r = export_write(x, path, false);
        return r == CLI_FINE ? report(x, path) : r;
}

/* Months, days or instants, as --from and --to say them; without, all of the ledger. */
static int read_period(struct export *x)
{
        const char *from = cli_option(x->cli, "from"), *to = cli_option(x->cli, "to");
        int64_t from_s = 0, to_s = 0;
        int r = from ? cli_parse_time(x->cli, &x->view, "from", from, false, &from_s) : CLI_FINE;

        if (r == CLI_FINE && to)
                r = cli_parse_time(x->cli, &x->view, "to", to, true, &to_s);
        if (r != CLI_FINE)
                return r;
        if (from)
                x->from_ns = from_s * VG_NS_PER_S;
        if (to)
                x->to_ns = to_s * VG_NS_PER_S;
        return x->from_ns < x->to_ns
                       ? CLI_FINE
                       : cli_failf(x->cli, CLI_USAGE, "usage", "--from doit précéder --to");
}

int verb_bundle_export(struct cli *cli)
{
        const char *audience = cli_option(cli, "audience");
        struct export x = {
                .cli = cli,
                .audience =
                        audience && strcmp(audience, "supplier") == 0 ? FOR_SUPPLIER : FOR_CLIENT,
                .from_ns = INT64_MIN,
                .to_ns = INT64_MAX,
        };
        int r = cli_view_open(cli, &x.view);

        if (r == CLI_FINE)
                r = read_period(&x);
        if (r == CLI_FINE)
                r = write_bundle(&x);
        bundle_free(x.bundle);
        cli_view_done(&x.view);
        return r;
}
