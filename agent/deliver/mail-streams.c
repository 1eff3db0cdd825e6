/* SPDX-License-Identifier: Apache-2.0 */

/* The streams of the mail sink: what each takes, and when it goes. */

#include <string.h>

#include "deliver/audience.h"
#include "deliver/mailer.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum {
        BETWEEN_S = 300, /* two messages of the same stream `now` */
        DIGEST_HOUR = 7,
        EVENTS_MAX = 400, /* of one message: more than any turn of alerts */
        BYTES_MAX = 4 << 20,
};

static bool is_notified(const struct event *event, const char *how)
{
        const char *notify;

        return vg_json_get_string(event->body, "notify", &notify) == 0 && strcmp(notify, how) == 0;
}

/* What is told with another goes by both, and is left out where its head is not. */
static bool is_told(const struct destination *to, const struct event *event, const char *how)
{
        return strcmp(event->record_type, "alert") == 0 &&
               audience_tells(to->recipient, event->body) &&
               (is_notified(event, how) || is_notified(event, "grouped"));
}

static bool wants_now(const struct destination *to, const struct event *event)
{
        return strcmp(event->record_type, "test") == 0 || is_told(to, event, "now");
}

static bool wants_digest(const struct destination *to, const struct event *event)
{
        return is_told(to, event, "digest");
}

static bool wants_nothing(_unused_ const struct destination *to, _unused_ const struct event *event)
{
        return false;
}

static int64_t now_due(_unused_ const struct destination *to, _unused_ struct store *store,
                       int64_t last_s, int64_t now_s)
{
        /* A clock that was set back holds nothing up. */
        return last_s > now_s ? now_s : last_s + BETWEEN_S;
}

static int32_t offset_s(const struct vg_zone *zone, int64_t utc_s)
{
        return zone ? vg_zone_offset_s(zone, utc_s) : 0;
}

/* Seven in the morning of a local day. */
static int64_t morning_of(const struct vg_zone *zone, struct vg_date date)
{
        const int64_t start_s =
                zone ? vg_zone_midnight(zone, date) : vg_days_from_civil(date) * (int64_t)VG_DAY_S;
        const int64_t at_s = start_s + DIGEST_HOUR * VG_HOUR_S;

        return at_s + offset_s(zone, start_s) - offset_s(zone, at_s);
}

struct vg_date mail_date_of(const struct vg_zone *zone, int64_t utc_s)
{
        return zone ? vg_zone_date(zone, utc_s) : vg_civil_from_days(vg_floor_div(utc_s, VG_DAY_S));
}

/* The first morning after the first event that waits. */
static int64_t digest_due(const struct destination *to, _unused_ struct store *store,
                          int64_t last_s, int64_t now_s)
{
        const struct vg_zone *zone = to->contract->zone;
        const struct vg_date date = mail_date_of(zone, last_s > now_s ? now_s : last_s);
        const int64_t morning_s = morning_of(zone, date);

        return morning_s > last_s ? morning_s : morning_of(zone, vg_date_add_days(date, 1));
}

/* The first of the month after the last page, or after the appliance began to work. */
static int64_t month_due(const struct destination *to, struct store *store, int64_t last_s,
                         int64_t now_s)
{
        const struct vg_zone *zone = to->contract->zone;
        _cleanup_free_ char *started = NULL;

        if (to->recipient->role != VG_ROLE_CONTRACT_MANAGER)
                return INT64_MAX;
        if (!last_s && (store_meta_get(store, "first_start_s", &started, NULL) != 0 ||
                        vg_i64_parse(started, &last_s) < 0))
                return INT64_MAX;
        struct vg_date date = mail_date_of(zone, last_s > now_s ? now_s : last_s);
        date = (struct vg_date){ date.year + (date.month == 12), date.month % 12 + 1, 1 };
        return morning_of(zone, date);
}

const struct sink_stream mail_streams[MAIL_N_STREAMS] = {
        [MAIL_NOW] = {
                .name = "now",
                .logs = 1u << VG_LOG_SHARED | 1u << VG_LOG_CLIENT,
                .events_max = EVENTS_MAX,
                .bytes_max = BYTES_MAX,
                .wants = wants_now,
                .due = now_due,
        },
        [MAIL_DIGEST] = {
                .name = "digest",
                .logs = 1u << VG_LOG_SHARED | 1u << VG_LOG_CLIENT,
                .events_max = EVENTS_MAX,
                .bytes_max = BYTES_MAX,
                .due_from_oldest = true,
                .wants = wants_digest,
                .due = digest_due,
        },
        [MAIL_MONTH] = {
                .name = "month",
                .events_max = 1,
                .bytes_max = 1,
                .may_be_empty = true,
                .wants = wants_nothing,
                .due = month_due,
        },
};
