/* SPDX-License-Identifier: Apache-2.0 */

/* How each destination stands, as an observation of kind `delivery`:
 *
 *   {"destinations":[{"certificate":{"subject","until":"…Z"}?,"name":"r-ti/webhook","oldest":"…Z"?,
 *    "pending":N,"receipt":{…}?,"role":"client_it","set_aside":[{"log","seq","why"}],
 *    "sink":"webhook","state":"ok|waiting|refused|off","success":"…Z"?,"why":"…"}]}
 *
 * pending counts the events that wait, oldest is when the first of them was recorded. set_aside shows
 * the latest few. */

#include <stdlib.h>
#include <string.h>

#include "deliver/certificate.h"
#include "deliver/deliver.h"
#include "os/clock.h"
#include "os/keeper.h"
#include "os/log.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { ASIDE_SHOWN = 20, EVERY_S = 60, AT_LEAST_S = 2 };

static void put_utc(struct vg_json *j, const char *key, int64_t utc_s)
{
        char text[32];

        if (utc_s)
                vg_json_string(j, key, vg_utc_format(utc_s, text));
}

static void put_certificate(struct vg_json *j, const struct courier *c)
{
        char subject[CERTIFICATE_SUBJECT];
        int64_t until_s;

        if (!c->has_client_certificate || c->state == COURIER_OFF ||
            certificate_read(c->certificate, subject, &until_s) < 0)
                return;
        vg_json_object(j, "certificate");
        vg_json_string(j, "subject", subject);
        put_utc(j, "until", until_s);
        vg_json_end_object(j);
}

static int put_aside(void *ctx, enum vg_log log, uint64_t seq, const char *why)
{
        struct vg_json *j = ctx;

        vg_json_object(j, NULL);
        vg_json_string(j, "log", vg_log_name(log));
        vg_json_int(j, "seq", (int64_t)seq);
        vg_json_string(j, "why", why);
        vg_json_end_object(j);
        return 0;
}

static void put_courier(struct vg_json *j, const struct courier *c)
{
        struct memory *memory = c->deliver->memory;
        _cleanup_free_ char *receipt = NULL;

        vg_json_object(j, NULL);
        put_certificate(j, c);
        vg_json_string(j, "name", c->name);
        put_utc(j, "oldest", courier_oldest_s(c));
        vg_json_int(j, "pending", (int64_t)courier_waiting(c));
        if (memory_receipt_get(memory, c->name, &receipt, NULL) == 0)
                vg_json_raw(j, "receipt", receipt, strlen(receipt));
        vg_json_string(j, "role", vg_role_name(c->to.recipient->role));
        vg_json_array(j, "set_aside");
        (void)memory_aside_each(memory, c->name, ASIDE_SHOWN, put_aside, j, NULL);
        vg_json_end_array(j);
        vg_json_string(j, "sink", strrchr(c->name, '/') + 1);
        vg_json_string(j, "state", courier_state_name(c->state));
        put_utc(j, "success", c->at.success_s);
        vg_json_string(j, "why", c->why);
        vg_json_end_object(j);
}

void report_send(struct deliver *d)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        const struct vg_now now = vg_clock_now();

        if (!d->keeper || (d->told && d->now_s < d->told_s + AT_LEAST_S && d->now_s >= d->told_s))
                return;
        vg_json_object(&j, NULL);
        vg_json_array(&j, "destinations");
        for (size_t i = 0; i < d->n_couriers; i++)
                put_courier(&j, d->couriers[i]);
        vg_json_end_array(&j);
        vg_json_end_object(&j);
        if (j.buf.failed || (d->told && strcmp(d->told, j.buf.data) == 0 &&
                             d->now_s < d->told_s + EVERY_S && d->now_s >= d->told_s))
                return;
        if (vg_keeper_send(d->keeper, "delivery", &now, j.buf.data, j.buf.n, NULL) < 0)
                vg_log(LOG_WARNING, "bilan des livraisons non transmis au gardien, ignoré");
        free(d->told);
        d->told = vg_buf_take(&j.buf);
        d->told_s = d->now_s;
}
