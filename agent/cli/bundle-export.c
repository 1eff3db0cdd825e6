/* SPDX-License-Identifier: Apache-2.0 */

/* A bundle from its parts to its seal. */

#include "cli/bundle-export.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "vigie/civil.h"

/* Who receives what, in the order of the tar. What a supplier may not read is decided here. */
static const struct {
        unsigned audience;
        part_fn *put;
} parts[] = {
        { FOR_CLIENT | FOR_SUPPLIER | FOR_HAND_OVER, export_readme },
        { FOR_CLIENT | FOR_SUPPLIER | FOR_HAND_OVER, export_keys },
        { FOR_CLIENT | FOR_SUPPLIER | FOR_HAND_OVER, export_shared },
        { FOR_CLIENT | FOR_HAND_OVER, export_client },
        { FOR_CLIENT | FOR_HAND_OVER, export_contracts },
        { FOR_CLIENT | FOR_HAND_OVER, export_statements },
        { FOR_CLIENT | FOR_HAND_OVER, export_focus },
        { FOR_CLIENT | FOR_HAND_OVER, export_alerts },
        { FOR_HAND_OVER, export_dossier },
        { FOR_HAND_OVER, export_page },
};

const char *export_audience(const struct export *x)
{
        switch (x->audience) {
        case FOR_SUPPLIER:
                return "supplier";
        case FOR_HAND_OVER:
                return "hand-over";
        case FOR_CLIENT:
                break;
        }
        return "client";
}

void export_name(struct export *x, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vsnprintf(x->top, sizeof(x->top), format, ap);
        va_end(ap);
        for (char *c = x->top; *c; c++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *c))
                        *c = '-';
}

/* ---- the seal ---- */

static int ask_for_seal(struct export *x)
{
        _cleanup_(vg_json_done) struct vg_json body = { 0 };
        char hex[2 * VG_HASH_SIZE + 1];

        vg_json_object(&body, NULL);
        vg_json_string(&body, "digest", vg_hex_format(x->digest.bytes, VG_HASH_SIZE, hex));
        vg_json_string(&body, "for", export_audience(x));
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
        vg_json_string(&head, "for", export_audience(x));
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

int export_write(struct export *x, const char *path, bool is_folder)
{
        int r = bundle_new(path, is_folder ? NULL : x->top, x->view.now_s, &x->bundle, &x->err);

        if (r == 0)
                r = fill(x);
        return r < 0 ? cli_fail(x->cli, CLI_REFUSED, "bundle", &x->err) : r;
}
