/* SPDX-License-Identifier: Apache-2.0 */

#include "store/statements.h"

#include <errno.h>
#include <string.h>

#include "store/absent.h"
#include "store/internal.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

enum { GAPS_MAX = 2000 }; /* in one statement; the rest is counted */

int store_digest(const void *bytes, size_t n, char ret_hex[65], struct vg_err *err)
{
        const struct vg_bytes part = { bytes, n };
        struct vg_hash hash;
        int r = store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);

        if (r < 0)
                return vg_err_set(err, r, "condensat impossible");
        vg_hex_format(hash.bytes, sizeof(hash.bytes), ret_hex);
        return 0;
}

static int write_closed(const struct store_statement_write *write,
                        const struct vg_statement_facts *facts, struct vg_json *ret_json,
                        struct vg_err *err)
{
        struct vg_json bare = { 0 };
        char digest[65];

        vg_statement_write(&bare, write->bill, write->statement, facts, NULL);
        int r = bare.buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                                : store_digest(bare.buf.data, bare.buf.n, digest, err);
        vg_json_done(&bare);
        if (r == 0)
                vg_statement_write(ret_json, write->bill, write->statement, facts, digest);
        return r;
}

int store_statement_write(struct store *store, const struct store_statement_write *write,
                          struct vg_json *ret_json, struct vg_err *err)
{
        const struct vg_statement *s = write->statement;
        _cleanup_(store_seen_done) struct store_seen seen = { 0 };
        _cleanup_(store_absent_done) struct store_absent absent = { 0 };
        int r = store_seen_read(store, s->from_s, s->to_s, write->due_s, &seen, err);

        if (r == 0)
                r = store_absent_read(store, write->bill->contract, write->appliance, s->from_s,
                                      write->due_s < s->to_s ? write->due_s : s->to_s, &absent,
                                      err);
        if (r < 0)
                return r;
        const size_t n = seen.n_gaps;
        const struct vg_statement_facts facts = {
                .appliance = write->appliance,
                .contract_digest = write->contract_digest,
                .tzdata = write->tzdata,
                .version = VIGIE_VERSION,
                .gaps = seen.gaps,
                .n_gaps = n < GAPS_MAX ? n : GAPS_MAX,
                .n_gaps_more = n < GAPS_MAX ? 0 : n - GAPS_MAX,
                .not_measured_s = seen.not_measured_s,
                .absent = absent.list,
                .n_absent = absent.n,
        };
        if (write->is_closed)
                return write_closed(write, &facts, ret_json, err);
        vg_statement_write(ret_json, write->bill, s, &facts, NULL);
        return ret_json->buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}
