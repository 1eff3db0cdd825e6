/* SPDX-License-Identifier: Apache-2.0 */

/* make-history DIR HOURS: DIR/ledger.db and DIR/signing-key.pem with a bit of everything, for tests
 * that look at a ledger from outside. */

#include "ledger-fixture.h"

int main(int argc, char **argv)
{
        struct fixture f = { .start_s = 1793595600, .utc_ns = INT64_C(1793595600) * VG_NS_PER_S };
        struct vg_err err = { 0 };
        int64_t hours = 0;
        char key_path[128];

        if (argc != 3 || vg_i64_parse(argv[2], &hours) < 0)
                return 2;
        snprintf(f.path, sizeof(f.path), "%s/ledger.db", argv[1]);
        snprintf(key_path, sizeof(key_path), "%s/signing-key.pem", argv[1]);
        must(store_key_new(&f.key, &err), &err);
        must(store_key_write(f.key, key_path, &err), &err);
        fixture_open(&f);
        fixture_history(&f, (unsigned)hours);
        store_close(f.store);
        store_key_free(f.key);
        return 0;
}
