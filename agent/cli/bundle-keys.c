/* SPDX-License-Identifier: Apache-2.0 */

/* The public key that signs; and, where it was changed, how each key came to sign: from the first one
 * on, the text and signature with which a key let the next one take over (vigie/ledger.h). Those of
 * the shared log, so that everybody may read them. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-export.h"
#include "store/store.h"

struct chain {
        struct export *x;
        unsigned n;
};

static int put_pem(struct export *x, const char *name, const uint8_t *public_key)
{
        _cleanup_free_ char *pem = NULL;
        int r = store_key_public_pem(public_key, &pem, &x->err);

        return r < 0 ? r : bundle_add(x->bundle, name, pem, strlen(pem), &x->err);
}

static int put_change(void *ctx, const struct store_key_change *change)
{
        struct chain *chain = ctx;
        struct export *x = chain->x;
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        char name[64];
        int r = 0;

        if (change->signature) {
                vg_key_text(store_identity(x->view.store)->origin[VG_LOG_SHARED],
                            change->public_key, &text);
                snprintf(name, sizeof(name), "keys/%03u.text", chain->n);
                r = text.failed ? vg_err_set(&x->err, -ENOMEM, "mémoire épuisée")
                                : bundle_add(x->bundle, name, text.data, text.n, &x->err);
                snprintf(name, sizeof(name), "keys/%03u.signature", chain->n);
                if (r == 0)
                        r = bundle_add(x->bundle, name, change->signature, VG_SIGNATURE_SIZE,
                                       &x->err);
        }
        snprintf(name, sizeof(name), "keys/%03u.pem", chain->n++);
        return r < 0 ? r : put_pem(x, name, change->public_key);
}

static int count(void *ctx, _unused_ const struct store_key_change *change)
{
        ++*(unsigned *)ctx;
        return 0;
}

int export_n_keys(struct export *x, unsigned *ret_n)
{
        *ret_n = 0;
        return store_key_each(x->view.store, VG_LOG_SHARED, count, ret_n, &x->err);
}

int export_keys(struct export *x)
{
        struct chain chain = { x, 0 };
        unsigned n;
        int r = export_n_keys(x, &n);

        if (r == 0)
                r = put_pem(x, "keys/public.pem", store_identity(x->view.store)->public_key);
        if (r == 0 && n > 1)
                r = store_key_each(x->view.store, VG_LOG_SHARED, put_change, &chain, &x->err);
        return r;
}
