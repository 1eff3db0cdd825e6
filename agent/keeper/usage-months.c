/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/usage-months.h"

#include <errno.h>
#include <stdio.h>

#include "keeper/keeper.h"
#include "os/log.h"
#include "os/loop.h"
#include "store/store.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/total.h"

struct adding {
        struct keeper *keeper;
        struct vg_total total;
        struct vg_err *err;
};

/* What was sent, whole: what of it another appliance counts is sent all the same. */
static int add_sent(void *ctx, const struct store_record *record)
{
        struct adding *adding = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const char *tenant, *start, *resource;
        struct vg_record split;
        const json_t *one;
        int64_t start_s, micro;
        size_t i;

        if (!record->bytes)
                return 0;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, adding->err) < 0 ||
            vg_json_get_string(body, "tenant", &tenant) < 0 ||
            vg_json_get_string(body, "start", &start) < 0 || vg_utc_parse(start, &start_s) < 0)
                return -EBADMSG;
        json_array_foreach (json_object_get(body, "sent"), i, one) {
                if (vg_json_get_string(one, "resource", &resource) < 0 ||
                    vg_json_get_int(one, "micro", &micro) < 0)
                        return -EBADMSG;
                int r = vg_total_add(&adding->total, start_s, tenant, resource, micro);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_record(void *ctx, int64_t seq)
{
        struct adding *adding = ctx;
        const struct store_record_query query = { VG_LOG_CLIENT, (uint64_t)seq, (uint64_t)seq + 1,
                                                  NULL };

        vg_loop_notify("WATCHDOG=1");
        return store_record_each(adding->keeper->store, &query, add_sent, adding, adding->err);
}

static int recorded_cents(struct keeper *k, const struct usage_month *month, int32_t of,
                          int64_t *ret_cents, struct vg_err *err)
{
        struct adding adding = { k, { .contract = k->contract }, err };
        const int64_t to_s = vg_zone_month_start(k->contract->zone, of + 1);
        int r = store_received_records(k->store, month->appliance, month->start_s, to_s, add_record,
                                       &adding, err);

        if (r == 0)
                r = vg_total_cents(&adding.total, of, ret_cents, err);
        vg_total_done(&adding.total);
        return r;
}

static int tell(struct keeper *k, const struct usage_month *month, int32_t of, int64_t here)
{
        char key[VG_ALERT_KEY_SIZE + 16], text[16];
        const char *const looked_at[] = { key, NULL };
        struct vg_signals signals = { .covers = looked_at };
        int r = 0;

        snprintf(key, sizeof(key), "VIG-L-003/%s/%s", month->appliance, vg_month_format(of, text));
        if (here != month->cents)
                r = vg_tell_difference(&signals, month->appliance, of, here, month->cents);
        if (r == 0)
                r = watch_tell(k, &signals, vg_clock_now().at_utc_ns);
        vg_signals_done(&signals);
        return r;
}

int usage_month_compare(struct keeper *k, const struct usage_month *month)
{
        struct vg_err err = { 0 };
        int64_t here;

        uint64_t last = 0;
        int r = store_received_last(k->store, month->appliance, &last, &err);

        if (!k->contract || (r == 0 && last >= (uint64_t)month->log_size))
                return 0;
        const int32_t of = vg_month_of(vg_zone_date(k->contract->zone, month->start_s));
        if (r >= 0)
                r = recorded_cents(k, month, of, &here, &err);
        if (r < 0) {
                vg_log(LOG_ERR, "total d'un autre appareil non comparé : %s", vg_err_text(&err));
                return r;
        }
        return tell(k, month, of, here);
}
