/* SPDX-License-Identifier: Apache-2.0 */

/* The public key that signs. */

#include <string.h>

#include "cli/bundle-export.h"
#include "store/store.h"

int export_keys(struct export *x)
{
        _cleanup_free_ char *pem = NULL;
        int r = store_key_public_pem(store_identity(x->view.store)->public_key, &pem, &x->err);

        return r < 0 ? r : bundle_add(x->bundle, "keys/public.pem", pem, strlen(pem), &x->err);
}
