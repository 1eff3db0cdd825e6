/* SPDX-License-Identifier: Apache-2.0 */

/* supplier: the shared log to the supplier's maintenance, over mutual TLS, batch by batch, each under
 * a signed head and with the proof that it is in it (cli/receive.h has the form; `vigie receive` is
 * the other end). What was received is proved by a cosignature over the head of exactly those
 * records; an answer 200 without it, where one is wanted, or with a wrong one, is no delivery. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/supplier.h"
#include "deliver/url.h"
#include "os/http.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { TIMEOUT_S = 60, ANSWER_MAX = 64 << 10 };

/* ---- what goes ---- */

/* The claim of the last answer, now that the ledger can be asked. true: it was answered. */
static bool settle_claim(struct supplier *s, const struct batch *batch)
{
        _cleanup_free_ char *receipt = NULL;
        const struct supplier_claim *claim = &s->claim;
        struct vg_checkpoint head;

        if (!s->has_claim)
                return false;
        s->has_claim = false;
        if (claim->next <= batch->events[batch->n - 1].seq ||
            supplier_head(batch->store, claim->next, &head, NULL) < 0)
                return false;
        if (supplier_check_claim(claim, &head, s->has_key ? s->key : NULL, &receipt) < 0)
                supplier_finish(s, SINK_RETRY, _("accusé de réception invalide"), 0);
        else
                supplier_deliver(s, claim->next, receipt);
        return true;
}

/* Most often the other end holds a head of what it was given last. */
static uint64_t guess_held(const struct supplier *s, const struct batch *batch)
{
        return s->is_held_known ? s->held : batch->events[0].seq;
}

static int send_records(struct supplier *s, const struct batch *batch, struct vg_err *err)
{
        _cleanup_(vg_buf_done) struct vg_buf body = { 0 };
        struct vg_http_request request = { .method = "POST", .path = s->batch_path };

        if (settle_claim(s, batch))
                return 0;
        s->sent_keys = s->needs_keys || !s->is_held_known || batch->events[0].seq == 0;
        int r = supplier_write_batch(batch, guess_held(s, batch), s->sent_keys, &body, &s->asked,
                                     err);
        if (r < 0)
                return r;
        request.body = body.data;
        return vg_http_send(s->http, &request, supplier_on_batch, s, err);
}

static int send_heartbeat(struct supplier *s, const struct batch *batch, struct vg_err *err)
{
        _cleanup_free_ char *note = NULL;
        int r = store_heartbeat_get(batch->store, STORE_HEARTBEAT_SHARED, &note, err);

        if (r < 0)
                return r;
        if (r == STORE_NONE) {
                supplier_finish(s, SINK_DELIVERED, NULL, 0);
                return 0;
        }
        const struct vg_http_request request = {
                .method = "POST",
                .path = s->heartbeat_path,
                .body = note,
                .type = "text/plain; charset=UTF-8",
        };
        return vg_http_send(s->http, &request, supplier_on_heartbeat, s, err);
}

static int send_batch(void *state, const struct batch *batch, sink_done_fn *fn, void *user,
                      struct vg_err *err)
{
        struct supplier *s = state;

        s->fn = fn;
        s->user = user;
        s->now_s = batch->now_s;
        s->is_heartbeat = !batch->stream->logs;
        return s->is_heartbeat ? send_heartbeat(s, batch, err) : send_records(s, batch, err);
}

/* ---- when a heartbeat goes: as soon as the keeper has signed another ---- */

static int64_t heartbeat_due(_unused_ const struct destination *to, struct store *store,
                             int64_t last_s, int64_t now_s)
{
        _cleanup_free_ char *text = NULL;
        struct vg_heartbeat heartbeat;
        struct vg_note note;

        if (store_heartbeat_get(store, STORE_HEARTBEAT_SHARED, &text, NULL) != 0 ||
            vg_heartbeat_parse(text, strlen(text), &heartbeat, &note, NULL) < 0)
                return INT64_MAX;
        return heartbeat.utc_s > last_s ? now_s : INT64_MAX;
}

/* ---- life ---- */

static void close_supplier(void *state)
{
        struct supplier *s = state;

        vg_http_free(s->http);
        free(s->batch_path);
        free(s->heartbeat_path);
        free(s);
}

/* The address that the contract gives, and behind it ours. */
static int set_paths(struct supplier *s, const char *path, struct vg_err *err)
{
        size_t n = strlen(path);

        if (strchr(path, '?'))
                return vg_err_set(err, -EINVAL, "adresse du fournisseur : sans « ? » attendue");
        while (n && path[n - 1] == '/')
                n--;
        if (asprintf(&s->batch_path, "%.*s/v1/batch", (int)n, path) < 0)
                s->batch_path = NULL;
        if (asprintf(&s->heartbeat_path, "%.*s/v1/heartbeat", (int)n, path) < 0)
                s->heartbeat_path = NULL;
        return s->batch_path && s->heartbeat_path ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

/* cosigner-<recipient>: the public key (PEM) of the receipts, as the supplier told it. */
static int read_key(const struct sink_context *context, struct supplier *s, struct vg_err *err)
{
        char name[160], *pem = NULL;
        size_t n = 0;

        snprintf(name, sizeof(name), "cosigner-%s", context->to->recipient->id);
        int r = sink_key(context->settings, name, &pem, &n, err);
        if (r == -ENOENT)
                return 0;
        if (r == 0)
                r = store_key_parse_public(pem, n, s->key, err);
        sink_key_free(pem, n);
        s->has_key = r == 0;
        return r < 0 ? vg_err_wrap(err, r, "clé de livraison « %s »", name) : 0;
}

static int open_supplier(const struct sink_context *context, void **ret_state, struct vg_err *err)
{
        struct supplier *s = calloc(1, sizeof(*s));
        struct url url;
        int r = s ? url_parse(context->to->recipient->webhook, &url, err)
                  : vg_err_set(err, -ENOMEM, "mémoire épuisée");

        if (r == 0 && !context->trust.certificate)
                r = vg_err_set(
                        err, -ENOENT,
                        "pas de certificat (client.pem, client.key) : le fournisseur ne nous "
                        "reconnaîtrait pas");
        if (r == 0)
                r = set_paths(s, url.path, err);
        if (r == 0)
                r = read_key(context, s, err);
        if (r == 0) {
                const struct vg_http_options options = {
                        .base = url.base,
                        .trust = context->trust,
                        .timeout_s = TIMEOUT_S,
                        .body_max = ANSWER_MAX,
                };
                r = vg_http_new(context->event, &options, &s->http, err);
        }
        if (r < 0) {
                if (s)
                        close_supplier(s);
                return r;
        }
        *ret_state = s;
        return 0;
}

static const struct sink_stream streams[] = {
        {
                .name = "records",
                .logs = 1u << VG_LOG_SHARED,
                .events_max = 256,
                .bytes_max = 1 << 20,
                .is_signed = true,
                .from_first_record = true,
        },
        {
                .name = "heartbeat",
                .may_be_empty = true,
                .due = heartbeat_due,
        },
};

const struct vg_sink vg_sink_supplier = {
        .name = "supplier",
        .streams = streams,
        .n_streams = ELEMENTSOF(streams),
        .endpoint = sink_url_endpoint,
        .open = open_supplier,
        .send = send_batch,
        .close = close_supplier,
};
