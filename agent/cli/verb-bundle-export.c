/* SPDX-License-Identifier: Apache-2.0 */

/* bundle export: what the ledger holds, as a tar of plain files whose digest the keeper records and
 * signs (cli/bundle.h). Who receives it decides what is in it: the table of parts. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bundle-export.h"
#include "cli/domains.h"
#include "cli/html.h"
#include "cli/ledger.h"
#include "cli/month.h"
#include "vigie/civil.h"

static int put_key(struct export *x)
{
        _cleanup_free_ char *pem = NULL;
        int r = store_key_public_pem(store_identity(x->view.store)->public_key, &pem, &x->err);

        return r < 0 ? r : bundle_add(x->bundle, "keys/public.pem", pem, strlen(pem), &x->err);
}

/* ---- contracts and statements ---- */

struct revisions {
        struct export *x;
        unsigned n;
};

static int put_contract(void *ctx, const struct store_contract *contract)
{
        struct revisions *revisions = ctx;
        char name[64];

        snprintf(name, sizeof(name), "contract/%03u.json", ++revisions->n);
        return bundle_add(revisions->x->bundle, name, contract->text, contract->n_text,
                          &revisions->x->err);
}

static int put_contracts(struct export *x)
{
        struct revisions revisions = { x, 0 };

        return store_contract_each(x->view.store, put_contract, &revisions, &x->err);
}

static int put_month(struct export *x, const struct month *month)
{
        _cleanup_(html_done) struct html html = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf csv = { 0 }, json = { 0 };
        const struct {
                const char *kind;
                struct vg_buf *text;
        } forms[] = { { "html", &html.buf }, { "csv", &csv }, { "json", &json } };
        char name[64], text[16];
        int r = month_html(x->cli, &x->view, month, &html);

        if (r == CLI_FINE)
                r = month_json(x->cli, month, &json);
        month_csv(x->cli, month, &csv);
        for (size_t i = 0; r == CLI_FINE && i < ELEMENTSOF(forms); i++) {
                snprintf(name, sizeof(name), "statements/%s.%s",
                         vg_month_format(month->month, text), forms[i].kind);
                r = forms[i].text->failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                                          : bundle_add(x->bundle, name, forms[i].text->data,
                                                       forms[i].text->n, &x->err);
        }
        return r;
}

static int put_statements(struct export *x)
{
        struct months_read months = { 0 };
        int r = x->view.contract ? months_read(x->cli, &x->view, &months) : 0;

        for (size_t i = 0; r == CLI_FINE && i < months.n; i++)
                r = put_month(x, &months.list[i]);
        months_done(&months);
        return r;
}

/* Who receives what, in the order of the tar. What a supplier may not read is decided here. */
static const struct {
        unsigned audience;
        part_fn *put;
} parts[] = {
        { FOR_CLIENT | FOR_SUPPLIER, export_readme },
        { FOR_CLIENT | FOR_SUPPLIER, put_key },
        { FOR_CLIENT | FOR_SUPPLIER, export_shared },
        { FOR_CLIENT, export_client },
        { FOR_CLIENT, put_contracts },
        { FOR_CLIENT, put_statements },
};

static const char *audience_name(const struct export *x)
{
        return x->audience == FOR_SUPPLIER ? "supplier" : "client";
}

/* ---- the seal ---- */

static int ask_for_seal(struct export *x)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_object(&body, NULL);
        vg_json_string(&body, "digest", vg_hex_format(x->digest.bytes, VG_HASH_SIZE, hex));
        vg_json_string(&body, "for", audience_name(x));
        vg_json_string(&body, "lang", x->cli->french ? "fr" : "en");
        vg_json_string(&body, "name", x->top);
        vg_json_string(&body, "verb", "bundle.export");
        vg_json_end_object(&body);
        return cli_act(x->cli, &body, NULL);
}

/* ---- all of it ---- */

static int sign_heads(struct export *x)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };

        vg_json_object(&body, NULL);
        vg_json_string(&body, "lang", x->cli->french ? "fr" : "en");
        vg_json_string(&body, "verb", "ledger.checkpoint");
        vg_json_end_object(&body);
        int r = cli_act(x->cli, &body, NULL);
        return r != CLI_FINE ? r : store_refresh(x->view.store, &x->err);
}

static int put_sums(struct export *x)
{
        _cleanup_(vg_json_done) struct vg_json head = { 0 };
        char text[CLI_TEXT];

        vg_json_object(&head, NULL);
        vg_json_string(&head, "appliance", store_identity(x->view.store)->appliance);
        cli_json_text(&head, "contract", x->view.contract ? x->view.contract->id : "");
        vg_json_string(&head, "for", audience_name(x));
        vg_json_string(&head, "made", vg_utc_format(x->view.now_s, text));
        return bundle_sum(x->bundle, &head, &x->digest, &x->err);
}

static int fill(struct export *x)
{
        int r = sign_heads(x);

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(parts); i++)
                if (parts[i].audience & x->audience)
                        r = parts[i].put(x);
        if (r == 0)
                r = put_sums(x);
        if (r == 0)
                r = ask_for_seal(x);
        if (r == 0)
                r = store_refresh(x->view.store, &x->err);
        if (r == 0)
                r = export_seal(x);
        return r == 0 ? bundle_finish(x->bundle, &x->err) : r;
}

/* "vigie-bundle-CS-2027-0142-2027-04-01-2027-10-03": of letters that any file system takes. */
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
                snprintf(x->top, sizeof(x->top), "vigie-bundle-%.80s-%.10s", who, to);
        else
                snprintf(x->top, sizeof(x->top), "vigie-bundle-%.80s-%.10s-%.10s", who, from, to);
        for (char *c = x->top; *c; c++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *c))
                        *c = '-';
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
        vg_json_string(&j, "for", audience_name(x));
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
                                 strerror(errno));
        int r = bundle_new(path, x->top, x->view.now_s, &x->bundle, &x->err);
        if (r == 0)
                r = fill(x);
        if (r < 0)
                return cli_fail(x->cli, CLI_REFUSED, "bundle", &x->err);
        return r == 0 ? report(x, path) : r;
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
