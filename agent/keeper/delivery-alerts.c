/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts about deliveries: VIG-D-006, VIG-A-001, VIG-L-002. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keeper/delivery.h"
#include "keeper/keeper.h"
#include "os/clock.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/json.h"

enum { MAJOR_S = 72 * 3600, EXPIRES_DAYS = 30, EXPIRES_MAJOR_DAYS = 7, COSIGNED_DAYS = 7 };

struct judging {
        struct vg_signals signals;
        const struct vg_zone *zone;
        int64_t now_s;
        int64_t cosigned_s, cosigned_size; /* the newest receipt of the shared log; 0: none */
        bool failed;
};

/* Nothing waits against its plan (a digest waits for its hour), or not for long: 0. */
static int64_t waits_since(const json_t *d, int64_t now_s)
{
        const char *state, *oldest;
        int64_t pending, since_s;

        if (vg_json_get_string(d, "state", &state) < 0 ||
            (strcmp(state, "waiting") != 0 && strcmp(state, "refused") != 0) ||
            vg_json_get_int(d, "pending", &pending) < 0 || pending == 0 ||
            vg_json_get_string(d, "oldest", &oldest) < 0 || vg_utc_parse(oldest, &since_s) < 0)
                return 0;
        return now_s - since_s >= DELIVERY_PATIENCE_S ? since_s : 0;
}

static void judge_wait(struct judging *judging, const char *name, const json_t *d)
{
        const int64_t since_s = waits_since(d, judging->now_s);
        int64_t pending = 0;

        if (!since_s)
                return;
        struct vg_signal *s = vg_signal_add(
                &judging->signals, "VIG-D-006", name, true,
                judging->now_s - since_s >= MAJOR_S ? VG_SEVERITY_MAJOR : VG_SEVERITY_WARNING,
                judging->zone);
        if (!s) {
                judging->failed = true;
                return;
        }
        (void)vg_json_get_int(d, "pending", &pending);
        vg_signal_number(s, "count", VG_PARAM_COUNT, pending);
        vg_signal_text(s, "destination", name);
        vg_signal_number(s, "since", VG_PARAM_INSTANT, since_s);
}

static void judge_certificate(struct judging *judging, const char *name, const json_t *d)
{
        const json_t *certificate = json_object_get(d, "certificate");
        const char *subject, *until;
        char key[VG_ALERT_KEY_SIZE];
        int64_t until_s;

        if (vg_json_get_string(certificate, "subject", &subject) < 0 ||
            vg_json_get_string(certificate, "until", &until) < 0 ||
            vg_utc_parse(until, &until_s) < 0 ||
            until_s - judging->now_s > EXPIRES_DAYS * (int64_t)VG_DAY_S)
                return;
        snprintf(key, sizeof(key), "delivery-%s", name);
        struct vg_signal *s =
                vg_signal_add(&judging->signals, "VIG-A-001", key, true,
                              until_s - judging->now_s <= EXPIRES_MAJOR_DAYS * (int64_t)VG_DAY_S
                                      ? VG_SEVERITY_MAJOR
                                      : VG_SEVERITY_WARNING,
                              judging->zone);
        if (!s) {
                judging->failed = true;
                return;
        }
        vg_signal_text(s, "subject", subject);
        vg_signal_number(s, "until", VG_PARAM_INSTANT, until_s);
}

static void note_receipt(struct judging *judging, const json_t *d)
{
        const json_t *receipt = json_object_get(d, "receipt");
        const char *time;
        int64_t size, at_s;

        if (vg_json_get_string(receipt, "time", &time) < 0 || vg_utc_parse(time, &at_s) < 0 ||
            vg_json_get_int(receipt, "size", &size) < 0 || at_s <= judging->cosigned_s)
                return;
        judging->cosigned_s = at_s;
        judging->cosigned_size = size;
}

/* Somebody countersigned once, and for a week nothing of what was recorded since. */
static void judge_receipts(struct judging *judging, int64_t shared_size)
{
        const int64_t days = (judging->now_s - judging->cosigned_s) / VG_DAY_S;

        if (judging->cosigned_s && judging->cosigned_size < shared_size && days >= COSIGNED_DAYS)
                judging->failed |= vg_tell_witness(&judging->signals, vg_log_name(VG_LOG_SHARED),
                                                   judging->cosigned_s / VG_DAY_S, days) < 0;
}

void delivery_alert(struct keeper *k)
{
        static const char *const covers[] = { "VIG-A-001/delivery-", "VIG-D-006", "VIG-L-002",
                                              NULL };
        const struct vg_now now = vg_clock_now();
        struct judging judging = {
                .signals = { .covers = covers },
                .zone = k->contract ? k->contract->zone : NULL,
                .now_s = vg_floor_div(now.at_utc_ns, VG_NS_PER_S),
        };
        const json_t *d;
        const char *name;
        size_t i;

        if (!k->delivery.destinations)
                return;
        json_array_foreach (k->delivery.destinations, i, d)
                if (vg_json_get_string(d, "name", &name) == 0) {
                        judge_wait(&judging, name, d);
                        judge_certificate(&judging, name, d);
                        note_receipt(&judging, d);
                }
        judge_receipts(&judging, (int64_t)store_identity(k->store)->size[VG_LOG_SHARED]);
        if (judging.failed)
                vg_log(LOG_ERR, "livraisons non jugées : mémoire épuisée");
        else
                (void)watch_tell(k, &judging.signals, now.at_utc_ns);
        vg_signals_done(&judging.signals);
}
