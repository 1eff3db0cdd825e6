/* SPDX-License-Identifier: Apache-2.0 */

/* webhook: one CloudEvent a POST, structured mode, to the https:// address that the contract gives.
 *
 *   Content-Type: application/cloudevents+json; charset=UTF-8
 *   Idempotency-Key: <id of the event>
 *   webhook-id: <id of the event>                           \
 *   webhook-timestamp: <seconds since 1970>                  | Standard Webhooks 1.0, where there is
 *   webhook-signature: v1,<base64 of HMAC-SHA256 of         | a key `webhook-<recipient>`
 *                      "id.timestamp.body">                 /
 *
 * Without such a key the other end knows us by our certificate (client.pem, client.key). 2xx, and
 * nothing else, is done. */

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/audience.h"
#include "deliver/heartbeat.h"
#include "deliver/sink.h"
#include "deliver/url.h"
#include "os/http.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { TIMEOUT_S = 30, ANSWER_MAX = 64 << 10 };

struct webhook {
        const struct destination *to;
        struct vg_http *http;
        char *path, *key; /* key: NULL where there is none */
        size_t n_key;
        int64_t now_s;
        sink_done_fn *fn;
        void *user;
};

/* ---- what came back ---- */

static enum sink_outcome judge_status(long status)
{
        static const struct {
                long status;
                enum sink_outcome outcome;
        } rows[] = {
                { 400, SINK_POISON },  { 401, SINK_REFUSED }, { 403, SINK_REFUSED },
                { 404, SINK_REFUSED }, { 405, SINK_REFUSED }, { 410, SINK_REFUSED },
                { 413, SINK_POISON },  { 415, SINK_REFUSED }, { 422, SINK_POISON },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].status == status)
                        return rows[i].outcome;
        if (status >= 200 && status < 300)
                return SINK_DELIVERED;
        return status >= 300 && status < 400 ? SINK_REFUSED : SINK_RETRY;
}

static void on_answer(void *user, const struct vg_http_answer *answer)
{
        struct webhook *webhook = user;
        struct sink_result result = { .why = answer->why };
        char why[128];

        if (answer->r < 0) {
                result.outcome =
                        answer->r == -EKEYREJECTED || answer->r == -EPERM || answer->r == -EPROTO
                                ? SINK_REFUSED
                                : SINK_RETRY;
                if (answer->r == -EPERM) {
                        snprintf(why, sizeof(why), _("%s : hors de [egress] networks"),
                                 answer->why);
                        result.why = why;
                }
        } else {
                result.outcome = judge_status(answer->status);
                snprintf(why, sizeof(why), _("réponse HTTP %ld"), answer->status);
                result.why = why;
                if (answer->retry_after_s > 0)
                        result.not_before_s = webhook->now_s + answer->retry_after_s;
        }
        webhook->fn(webhook->user, &result);
}

/* ---- what goes ---- */

static int sign(const struct webhook *webhook, const char *id, const char *body,
                struct vg_buf *header)
{
        _cleanup_(vg_buf_done) struct vg_buf content = { 0 };
        uint8_t mac[EVP_MAX_MD_SIZE];
        unsigned n_mac;

        vg_buf_printf(&content, "%s.%lld.%s", id, (long long)webhook->now_s, body);
        if (content.failed || !HMAC(EVP_sha256(), webhook->key, (int)webhook->n_key,
                                    (const uint8_t *)content.data, content.n, mac, &n_mac))
                return -ENOMEM;
        vg_buf_puts(header, "webhook-signature: v1,");
        vg_base64_format(mac, n_mac, header);
        return header->failed ? -ENOMEM : 0;
}

static int post(struct webhook *webhook, const char *id, const char *body, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf signature = { 0 };
        char key[128], own_id[128], timestamp[64];
        const char *headers[5] = { key };
        const struct vg_http_request request = {
                .method = "POST",
                .path = webhook->path,
                .headers = headers,
                .body = body,
                .type = "application/cloudevents+json; charset=UTF-8",
        };

        snprintf(key, sizeof(key), "Idempotency-Key: %s", id);
        if (webhook->key) {
                snprintf(own_id, sizeof(own_id), "webhook-id: %s", id);
                snprintf(timestamp, sizeof(timestamp), "webhook-timestamp: %lld",
                         (long long)webhook->now_s);
                if (sign(webhook, id, body, &signature) < 0)
                        return vg_err_set(err, -ENOMEM, "mémoire épuisée");
                headers[1] = own_id;
                headers[2] = timestamp;
                headers[3] = signature.data;
        }
        return vg_http_send(webhook->http, &request, on_answer, webhook, err);
}

static int send(void *state, const struct batch *batch, sink_done_fn *fn, void *user,
                struct vg_err *err)
{
        struct webhook *webhook = state;
        _cleanup_free_ char *heartbeat = NULL;
        char id[2 * VG_HASH_SIZE + 1];

        webhook->fn = fn;
        webhook->user = user;
        webhook->now_s = batch->now_s;
        if (batch->n)
                return post(webhook, batch->events[0].id, batch->events[0].cloud_event, err);
        int r = heartbeat_event(batch->store, webhook->to, &heartbeat, id, err);
        if (r == STORE_NONE)
                return vg_err_set(err, -ENOENT, "le gardien n'a pas encore donné signe de vie");
        return r < 0 ? r : post(webhook, id, heartbeat, err);
}

/* ---- life ---- */

static void close_webhook(void *state)
{
        struct webhook *webhook = state;

        vg_http_free(webhook->http);
        sink_key_free(webhook->key, webhook->n_key);
        free(webhook->path);
        free(webhook);
}

/* "whsec_<base64>", as Standard Webhooks writes keys, or the bytes of the file as they are. */
static int read_key(const struct sink_context *context, struct webhook *webhook, struct vg_err *err)
{
        static const char prefix[] = "whsec_";
        const size_t n_prefix = sizeof(prefix) - 1;
        char name[160];

        snprintf(name, sizeof(name), "webhook-%s", context->to->recipient->id);
        int r = sink_key(context->settings, name, &webhook->key, &webhook->n_key, err);
        if (r == -ENOENT && context->trust.certificate)
                return 0;
        if (r < 0 || webhook->n_key <= n_prefix || memcmp(webhook->key, prefix, n_prefix) != 0)
                return r;
        if (vg_base64_parse(webhook->key + n_prefix, webhook->n_key - n_prefix, webhook->key,
                            webhook->n_key, &webhook->n_key) < 0)
                return vg_err_set(err, -EINVAL, "clé de livraison « %s » : base64 attendu après %s",
                                  name, prefix);
        return 0;
}

static int open_webhook(const struct sink_context *context, void **ret_state, struct vg_err *err)
{
        struct webhook *webhook = calloc(1, sizeof(*webhook));
        struct url url;
        int r = webhook ? url_parse(context->to->recipient->webhook, &url, err)
                        : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r == 0) {
                webhook->to = context->to;
                r = read_key(context, webhook, err);
        }
        if (r == 0 && !(webhook->path = strdup(url.path)))
                r = vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (r == 0) {
                const struct vg_http_options options = {
                        .base = url.base,
                        .trust = context->trust,
                        .timeout_s = TIMEOUT_S,
                        .body_max = ANSWER_MAX,
                };
                r = vg_http_new(context->event, &options, &webhook->http, err);
        }
        if (r < 0) {
                if (webhook)
                        close_webhook(webhook);
                return r;
        }
        *ret_state = webhook;
        return 0;
}

/* ---- what goes by here ---- */

/* Of alerts: what the recipient is told of; what was silenced, or is only observed yet, is not. */
static bool wants(const struct destination *to, const struct event *event)
{
        static const char *const told[] = { "now", "digest", "grouped" };
        const char *notify;

        if (strcmp(event->record_type, "alert") != 0)
                return true;
        if (!audience_tells(to->recipient, event->body))
                return false;
        if (vg_json_get_string(event->body, "notify", &notify) < 0)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(told); i++)
                if (strcmp(told[i], notify) == 0)
                        return true;
        return false;
}

static const struct sink_stream streams[] = {
        {
                .name = "events",
                .logs = 1u << VG_LOG_SHARED | 1u << VG_LOG_CLIENT,
                .events_max = 1,
                .bytes_max = 1,
                .wants = wants,
        },
        { .name = "heartbeat", .may_be_empty = true, .due = heartbeat_due },
};

const struct vg_sink vg_sink_webhook = {
        .name = "webhook",
        .streams = streams,
        .n_streams = ELEMENTSOF(streams),
        .endpoint = sink_url_endpoint,
        .open = open_webhook,
        .send = send,
        .close = close_webhook,
};
