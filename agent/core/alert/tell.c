/* SPDX-License-Identifier: Apache-2.0 */

/* What whoever takes measurements in, or keeps the fleet's copy, has to tell. */

#include <errno.h>
#include <stdio.h>

#include "vigie/alert.h"
#include "vigie/civil.h"

static struct vg_signal *add_natural(struct vg_signals *signals, const char *code, const char *key)
{
        struct vg_signal *s = vg_signal_add(signals, code, key, true, VG_SEVERITY_MAJOR, NULL);

        if (s)
                vg_signal_text(s, "key", key);
        return s;
}

int vg_tell_conflict(struct vg_signals *signals, const char *key, int64_t kept_micro,
                     int64_t refused_micro)
{
        struct vg_signal *s = add_natural(signals, "VIG-D-004", key);

        if (!s)
                return -ENOMEM;
        vg_signal_number(s, "kept", VG_PARAM_MICRO, kept_micro);
        vg_signal_number(s, "refused", VG_PARAM_MICRO, refused_micro);
        return 0;
}

int vg_tell_refused(struct vg_signals *signals, const char *key, const char *reason_fr,
                    const char *reason_en)
{
        struct vg_signal *s = add_natural(signals, "VIG-D-005", key);

        if (!s)
                return -ENOMEM;
        vg_signal_both(s, "reason", reason_fr, reason_en);
        return 0;
}

int vg_tell_witness(struct vg_signals *signals, const char *ledger, int64_t cosigned_day,
                    int64_t days)
{
        struct vg_signal *s =
                vg_signal_add(signals, "VIG-L-002", ledger, true, VG_SEVERITY_WARNING, NULL);

        if (!s)
                return -ENOMEM;
        vg_signal_number(s, "date", VG_PARAM_DATE, cosigned_day);
        vg_signal_number(s, "days", VG_PARAM_COUNT, days);
        vg_signal_text(s, "ledger", ledger);
        return 0;
}

int vg_tell_difference(struct vg_signals *signals, const char *appliance, int32_t month,
                       int64_t consolidated_cents, int64_t ledger_cents)
{
        char key[VG_ALERT_KEY_SIZE], text[16];
        struct vg_signal *s;

        snprintf(key, sizeof(key), "%s/%s", appliance, vg_month_format(month, text));
        s = vg_signal_add(signals, "VIG-L-003", key, true, VG_SEVERITY_CRITICAL, NULL);
        if (!s)
                return -ENOMEM;
        vg_signal_text(s, "appliance", appliance);
        vg_signal_number(s, "consolidated", VG_PARAM_CENTS, consolidated_cents);
        vg_signal_number(s, "ledger", VG_PARAM_CENTS, ledger_cents);
        vg_signal_number(s, "month", VG_PARAM_MONTH, month);
        return 0;
}
