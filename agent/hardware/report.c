/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/keeper.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { SAME_SENT = 2, PART_MAX = VG_KEEPER_LINE_MAX - (64 << 10) };

void report_unread(struct report *report, const char *what, const char *why)
{
        if (report->n_unreads == REPORT_UNREADS_MAX)
                return; /* the round is partial already */
        char *copy = strdup(what), *reason = strdup(why);
        if (!copy || !reason) {
                free(copy);
                free(reason);
                return;
        }
        report->unreads[report->n_unreads].what = copy;
        report->unreads[report->n_unreads++].why = reason;
}

void report_done(struct report *report)
{
        for (size_t i = 0; i < report->n_unreads; i++) {
                free(report->unreads[i].what);
                free(report->unreads[i].why);
        }
        report->n_unreads = 0;
}

static uint64_t digest_of(const struct vg_buf *bytes, uint64_t sum)
{
        for (size_t i = 0; i < bytes->n; i++) /* FNV-1a */
                sum = (sum ^ (unsigned char)bytes->data[i]) * UINT64_C(1099511628211);
        return sum;
}

/* Each part as a body of its own. keeper NULL: only what they say together. */
static int write_parts(const struct vg_round *round, struct vg_keeper *keeper,
                       const struct vg_now *at, uint64_t *ret_digest)
{
        uint64_t sum = UINT64_C(14695981039346656037);
        size_t n, from = 0;

        vg_round_sightings(round, &n);
        do {
                _cleanup_(vg_json_done) struct vg_json j = { 0 };
                int r = vg_round_write(round, from, PART_MAX, &j, &from);
                if (r == 0 && j.buf.failed)
                        r = -ENOMEM;
                if (r == 0 && keeper)
                        r = vg_keeper_send(keeper, "sightings", at, j.buf.data, j.buf.n, NULL);
                if (r < 0)
                        return r;
                sum = digest_of(&j.buf, sum);
        } while (from < n);
        *ret_digest = sum;
        return 0;
}

int report_send(struct report *report, struct vg_round *round, struct vg_keeper *keeper)
{
        const struct vg_now now = vg_clock_now();
        uint64_t digest;
        int r = 0;

        for (size_t i = 0; i < report->n_unreads && r == 0; i++)
                r = vg_round_unread(round, report->unreads[i].what, report->unreads[i].why);
        if (r == 0)
                r = write_parts(round, NULL, &now, &digest); /* before it has a time */
        if (r < 0)
                return r;

        report->n_same = digest == report->digest ? report->n_same + 1 : 0;
        if (report->n_same > SAME_SENT && vg_round_status(round) != VG_ROUND_FAILED &&
            now.at_boot_ns < report->sent_boot_ns + REPORT_REPEAT_S * UINT64_C(1000000000))
                return 0;
        report->digest = digest;
        report->sent_boot_ns = now.at_boot_ns;
        vg_round_set_time(round, now.at_utc_ns / 1000000000);
        return write_parts(round, keeper, &now, &digest);
}
