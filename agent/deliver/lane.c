/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum {
        WINDOW = 256,     /* records read in one go: few, whatever waits */
        LOAD_WINDOWS = 8, /* and no more than so many to fill a batch */
        NEW_S = VG_DAY_S, /* how far back a stream that begins looks */
};

/* ---- where the cursor stands ---- */

struct restoring {
        uint64_t seq;
};

static int keep_seq(void *ctx, const struct store_record *record)
{
        ((struct restoring *)ctx)->seq = record->seq;
        return 0;
}

/* A restored ledger holds other records from the one that opened its epoch on. */
static int follow_epoch(struct lane *lane, struct store *store, struct vg_err *err)
{
        const struct store_identity *identity = store_identity(store);
        struct restoring restoring = { 0 };
        int r = 0;

        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++) {
                const struct store_record_query query = {
                        .log = (enum vg_log)log,
                        .to_seq = UINT64_MAX,
                        .type = "epoch",
                };
                restoring.seq = 0;
                r = store_record_each(store, &query, keep_seq, &restoring, err);
                if (r == 0 && lane->at.next[log] > restoring.seq)
                        lane->at.next[log] = restoring.seq;
        }
        lane->at.epoch = identity->epoch;
        return r;
}

static void count_anew(struct lane *lane)
{
        memcpy(lane->looked, lane->at.next, sizeof(lane->looked));
        memset(lane->n_waiting, 0, sizeof(lane->n_waiting));
        lane->oldest_s = 0;
}

uint64_t lane_waiting(const struct lane *lane)
{
        return lane->n_waiting[VG_LOG_SHARED] + lane->n_waiting[VG_LOG_CLIENT];
}

int lane_init(struct lane *lane, const struct destination *to, const struct sink_stream *stream,
              struct store *store, struct memory *memory, int64_t now_s, struct vg_err *err)
{
        const struct store_identity *identity = store_identity(store);

        *lane = (struct lane){ .to = to, .stream = stream };
        int r = memory_stream_get(memory, to->name, stream->name, &lane->at, err);
        if (r == MEMORY_NONE) {
                lane->at.epoch = identity->epoch;
                lane->at.since_s = stream->from_first_record ? 0 : now_s - NEW_S;
                r = memory_stream_put(memory, to->name, stream->name, &lane->at, err);
        }
        if (r == 0 && lane->at.epoch != identity->epoch)
                r = follow_epoch(lane, store, err);
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (lane->at.next[log] > identity->size[log])
                        lane->at.next[log] = 0; /* it is another ledger */
        lane->kept = lane->at;
        count_anew(lane);
        return r;
}

/* ---- looking ---- */

/* Up to where records of that log may go. */
static int limit_of(const struct lane *lane, struct store *store, enum vg_log log,
                    uint64_t *ret_limit, struct vg_err *err)
{
        _cleanup_free_ char *note = NULL;
        struct vg_note parsed;
        int64_t at;

        *ret_limit = store_identity(store)->size[log];
        if (!lane->stream->is_signed)
                return 0;
        int r = store_checkpoint_get(store, log, UINT64_MAX, &at, &note, err);
        if (r == 0)
                r = vg_note_parse(note, strlen(note), &parsed, err);
        if (r == 0 && parsed.checkpoint.size < *ret_limit)
                *ret_limit = parsed.checkpoint.size;
        if (r == STORE_NONE)
                *ret_limit = 0;
        return r < 0 ? r : 0;
}

static bool is_too_old(const struct lane *lane, const struct store_record *record)
{
        return vg_floor_div(record->utc_ns, VG_NS_PER_S) < lane->at.since_s;
}

static int count(void *ctx, const struct store_record *record)
{
        struct lane *lane = ctx;
        int r = is_too_old(lane, record) ? EVENT_NOT_FOR_HIM
                                         : event_is_for(lane->to, lane->stream, record);

        if (r < 0)
                return r;
        if (r == 0) {
                const int64_t at_s = vg_floor_div(record->utc_ns, VG_NS_PER_S);
                if (lane_waiting(lane) == 0 || at_s < lane->oldest_s)
                        lane->oldest_s = at_s;
                lane->n_waiting[record->log]++;
        }
        return 0;
}

static bool takes(const struct lane *lane, unsigned log)
{
        return lane->stream->logs & 1u << log;
}

int lane_look(struct lane *lane, struct store *store, struct vg_err *err)
{
        int more = 0;

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                uint64_t limit, *looked = &lane->looked[log];
                int r = takes(lane, log) ? limit_of(lane, store, (enum vg_log)log, &limit, err) : 1;
                if (r < 0)
                        return r;
                if (r == 1 || *looked >= limit)
                        continue;
                const struct store_record_query query = {
                        .log = (enum vg_log)log,
                        .from_seq = *looked,
                        .to_seq = limit - *looked > WINDOW ? *looked + WINDOW : limit,
                };
                r = store_record_each(store, &query, count, lane, err);
                if (r < 0)
                        return r;
                *looked = query.to_seq;
                more |= *looked < limit;
                if (lane->n_waiting[log] == 0)
                        lane->at.next[log] = *looked;
        }
        return more;
}

/* ---- loading ---- */

void load_done(struct load *load)
{
        for (unsigned log = 0; log < VG_LOG_N; log++)
                event_list_done(&load->of[log]);
        free(load->events);
        *load = (struct load){ 0 };
}

struct loading {
        const struct lane *lane;
        struct event_list *events;
        size_t events_max;
        uint64_t next;
};
enum { FULL = 1 };

static int load_one(void *ctx, const struct store_record *record)
{
        struct loading *loading = ctx;
        const struct lane *lane = loading->lane;
        int r;

        if (loading->events->n >= loading->events_max ||
            (loading->events->n && loading->events->n_bytes >= lane->stream->bytes_max))
                return FULL;
        r = is_too_old(lane, record)
                    ? EVENT_NOT_FOR_HIM
                    : event_list_add(loading->events, lane->to, lane->stream, record);
        if (r < 0)
                return r;
        loading->next = record->seq + 1;
        return 0;
}

/* From the cursor on; a few windows beyond the first event, so that a long stretch of what is not for
 * this stream costs no more than one of what is. */
static int load_log(const struct lane *lane, struct store *store, enum vg_log log, size_t most,
                    struct event_list *events, uint64_t *ret_next, struct vg_err *err)
{
        struct loading loading = { lane, events, most, lane->at.next[log] };
        const uint64_t limit = lane->looked[log];
        unsigned n_windows = 0;
        int r = 0;

        while (r == 0 && loading.next < limit && n_windows < LOAD_WINDOWS) {
                const struct store_record_query query = {
                        .log = log,
                        .from_seq = loading.next,
                        .to_seq = limit - loading.next > WINDOW ? loading.next + WINDOW : limit,
                };
                r = store_record_each(store, &query, load_one, &loading, err);
                if (r == 0)
                        loading.next = query.to_seq;
                n_windows += events->n > 0;
        }
        *ret_next = loading.next;
        return r < 0 ? r : 0;
}

/* The older of the two lists' next events; ties go to the shared log. */
static int older(const struct load *load, const size_t taken[VG_LOG_N])
{
        const struct event_list *of = load->of;
        const bool shared = taken[VG_LOG_SHARED] < of[VG_LOG_SHARED].n,
                   client = taken[VG_LOG_CLIENT] < of[VG_LOG_CLIENT].n;

        if (!shared || !client)
                return shared ? VG_LOG_SHARED : VG_LOG_CLIENT;
        return of[VG_LOG_SHARED].list[taken[VG_LOG_SHARED]].utc_ns <=
                               of[VG_LOG_CLIENT].list[taken[VG_LOG_CLIENT]].utc_ns
                       ? VG_LOG_SHARED
                       : VG_LOG_CLIENT;
}

static int merge(struct load *load, size_t events_max, size_t bytes_max)
{
        const size_t most = load->of[0].n + load->of[1].n;
        size_t taken[VG_LOG_N] = { 0 }, n_bytes = 0;

        load->events = calloc(most + 1, sizeof(*load->events));
        if (!load->events)
                return -ENOMEM;
        while (load->n < most && load->n < events_max && (!load->n || n_bytes < bytes_max)) {
                const int log = older(load, taken);
                const struct event *event = &load->of[log].list[taken[log]++];
                n_bytes += event->n_cloud_event;
                load->events[load->n++] = *event;
        }
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (taken[log] < load->of[log].n)
                        load->next[log] = load->of[log].list[taken[log]].seq;
        return 0;
}

int lane_load(struct lane *lane, struct store *store, struct load *ret_load, struct vg_err *err)
{
        _cleanup_(load_done) struct load load = { 0 };
        const size_t most =
                lane->n_single && lane->stream->events_max ? 1 : lane->stream->events_max;
        int r = 0;

        memcpy(load.next, lane->at.next, sizeof(load.next));
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                if (lane->n_waiting[log])
                        r = load_log(lane, store, (enum vg_log)log, most, &load.of[log],
                                     &load.next[log], err);
        if (r == 0 && merge(&load, most, lane->stream->bytes_max) < 0)
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r < 0)
                return r;
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (load.of[log].n) /* what stands before is for nobody here */
                        lane->at.next[log] = load.of[log].list[0].seq;
        if (load.n)
                lane->oldest_s = vg_floor_div(load.events[0].utc_ns, VG_NS_PER_S);
        *ret_load = load;
        load = (struct load){ 0 };
        return 0;
}

void lane_advance(struct lane *lane, const struct load *load)
{
        memcpy(lane->at.next, load->next, sizeof(lane->at.next));
        for (size_t i = 0; i < load->n; i++)
                lane->n_waiting[load->events[i].log]--;
        if (lane_waiting(lane) == 0)
                lane->oldest_s = 0;
        lane->n_single -= lane->n_single > 0;
        lane->n_poisons = 0;
}

void lane_seek(struct lane *lane, uint64_t next)
{
        for (unsigned log = 0; log < VG_LOG_N; log++)
                if (takes(lane, log))
                        lane->at.next[log] = next;
        count_anew(lane);
}
