/* SPDX-License-Identifier: Apache-2.0 */

#include "store/statements.h"

#include <errno.h>
#include <string.h>

#include "store/internal.h"
#include "vigie/statement.h"

enum { GAPS_MAX = 2000 }; /* in one statement; the rest is counted */

struct gaps {
        struct vg_statement_gap *list;
        size_t n, size;
};

static void gaps_done(struct gaps *gaps)
{
        for (size_t i = 0; i < gaps->n; i++) {
                free((char *)gaps->list[i].cause);
                free((char *)gaps->list[i].scope);
        }
        free(gaps->list);
}

static int add_gap(void *ctx, const struct store_gap *row)
{
        struct gaps *gaps = ctx;

        if (gaps->n == gaps->size) {
                size_t size = gaps->size ? 2 * gaps->size : 64;
                struct vg_statement_gap *list = reallocarray(gaps->list, size, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                gaps->list = list;
                gaps->size = size;
        }
        struct vg_statement_gap *gap = &gaps->list[gaps->n++];
        *gap = (struct vg_statement_gap){ row->from_s, row->to_s, strdup(row->cause),
                                          strdup(row->scope) };
        return gap->cause && gap->scope ? 0 : -ENOMEM;
}

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
        _cleanup_(gaps_done) struct gaps gaps = { 0 };
        _cleanup_free_ struct vg_statement_gap *cut = NULL;
        int r = store_gap_each(store, s->from_s, s->to_s, add_gap, &gaps, err);

        if (r < 0)
                return r;
        cut = calloc(gaps.n + 1, sizeof(*cut)); /* the list keeps what must be freed */
        if (!cut)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (gaps.n)
                memcpy(cut, gaps.list, gaps.n * sizeof(*cut));

        const size_t n = vg_statement_gaps(cut, gaps.n, s->from_s, s->to_s);
        const struct vg_statement_facts facts = {
                .appliance = write->appliance,
                .contract_digest = write->contract_digest,
                .tzdata = write->tzdata,
                .version = VIGIE_VERSION,
                .gaps = cut,
                .n_gaps = n < GAPS_MAX ? n : GAPS_MAX,
                .n_gaps_more = n < GAPS_MAX ? 0 : n - GAPS_MAX,
                .not_measured_s = vg_statement_gap_s(cut, n),
        };
        if (write->is_closed)
                return write_closed(write, &facts, ret_json, err);
        vg_statement_write(ret_json, write->bill, s, &facts, NULL);
        return ret_json->buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}
