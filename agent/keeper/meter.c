/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { INBOX_BYTES_MAX = 16 << 20, SNAPSHOT_EVERY_S = 600 };

static void sha256(const void *bytes, size_t n, unsigned char ret_digest[32])
{
        const struct vg_bytes part = { bytes, n };
        struct vg_hash hash = { 0 };

        /* Hashing fails only where memory does; the digest of zeros then matches nothing. */
        (void)store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);
        memcpy(ret_digest, hash.bytes, 32);
}

static int note_heard(struct meter *m, int64_t id, size_t n_bytes, const struct vg_observation *o)
{
        m->inbox_id = id;
        m->inbox_bytes += (int64_t)n_bytes;
        m->heard_boot_ns = vg_clock_now().at_boot_ns;
        if (o->at.utc_ns > m->observed_utc_ns)
                m->observed_utc_ns = o->at.utc_ns;
        return 0;
}

int meter_hear(struct meter *m, int64_t inbox_id, size_t n_bytes, const struct vg_observation *o,
               struct vg_err *err)
{
        int r = vg_book_apply(m->book, o, err);

        if (r >= 0)
                note_heard(m, inbox_id, n_bytes, o);
        return r;
}

struct replay {
        struct meter *meter;
        struct vg_err *err;
};

static int replay_one(void *ctx, int64_t id, const void *bytes, size_t n)
{
        struct replay *replay = ctx;
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ struct vg_observation *o = NULL;
        int r = vg_json_parse(bytes, n, &tree, NULL, NULL, replay->err);

        if (r == 0)
                r = vg_observation_parse(tree, &o, replay->err);
        if (r < 0)
                return vg_err_wrap(replay->err, r, "observation %lld", (long long)id);
        r = meter_hear(replay->meter, id, n, o, replay->err);
        return r < 0 ? r : 0;
}

/* The book as the last snapshot has it, or a new one. */
static int load_snapshot(struct meter *m, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_free_ void *bytes = NULL;
        size_t n;
        int64_t utc_ns;
        int r = store_snapshot_get(m->store, &m->snapshot_id, &utc_ns, &bytes, &n, err);

        if (r < 0)
                return r;
        if (r == STORE_NONE) {
                m->snapshot_id = 0;
                return vg_book_new(&m->options, &m->book, err);
        }
        r = vg_json_parse(bytes, n, &tree, NULL, NULL, err);
        if (r == 0)
                r = vg_book_load(tree, &m->options, &m->book, err);
        return r < 0 ? vg_err_wrap(err, r, "instantané du compteur") : 0;
}

static struct vg_book_options options_of(const struct vg_settings *settings)
{
        return (struct vg_book_options){
                .interval_s = (int32_t)settings->interval_s,
                .gauge_hold_ns = 3 * settings->kernel_interval_s * (uint64_t)VG_NS_PER_S,
                .silence_ns = 3 * settings->state_interval_s * (uint64_t)VG_NS_PER_S,
                .name_pattern = *settings->name_pattern ? settings->name_pattern : NULL,
                .sha256 = sha256,
        };
}

int meter_load(struct meter *meter, struct store *store, const struct vg_settings *settings,
               struct vg_err *err)
{
        _cleanup_(meter_done) struct meter m = {
                .store = store,
                .options = options_of(settings),
                .snapshot_boot_ns = vg_clock_now().at_boot_ns,
                .heard_boot_ns = vg_clock_now().at_boot_ns,
                .observed_utc_ns = INT64_MIN,
        };
        struct replay replay = { &m, err };
        int r = load_snapshot(&m, err);

        if (r < 0)
                return r;
        m.inbox_id = m.snapshot_id;
        r = store_inbox_each(store, m.snapshot_id, replay_one, &replay, err);
        if (r < 0)
                return r;
        meter_done(meter);
        *meter = m;
        m = (struct meter){ 0 };
        return 0;
}

void meter_done(struct meter *m)
{
        vg_book_free(m->book);
        *m = (struct meter){ 0 };
}

int meter_snapshot(struct meter *m, int64_t utc_ns, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };
        int r = vg_book_save(m->book, &bytes, err);

        if (r == 0)
                r = store_snapshot_put(m->store, m->inbox_id, utc_ns, bytes.data, bytes.n, err);
        if (r < 0)
                return r;
        m->holds_inbox = true;
        m->snapshot_id = m->inbox_id;
        m->snapshot_boot_ns = vg_clock_now().at_boot_ns;
        m->inbox_bytes = 0;
        return 0;
}

int meter_forget(struct meter *m, struct vg_err *err)
{
        int r = store_inbox_forget(m->store, err);

        if (r == 0)
                m->holds_inbox = false;
        return r;
}

bool meter_wants_snapshot(const struct meter *m, uint64_t now_boot_ns)
{
        return m->inbox_id > m->snapshot_id &&
               (m->inbox_bytes > INBOX_BYTES_MAX ||
                now_boot_ns > m->snapshot_boot_ns + SNAPSHOT_EVERY_S * (uint64_t)VG_NS_PER_S);
}
