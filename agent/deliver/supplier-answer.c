/* SPDX-License-Identifier: Apache-2.0 */

/* What the other end answers, and what follows from it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "deliver/supplier.h"
#include "os/http.h"
#include "os/lang.h"
#include "vigie/mem.h"

void supplier_finish(struct supplier *s, enum sink_outcome outcome, const char *why,
                     int64_t retry_after_s)
{
        const struct sink_result result = {
                .outcome = outcome,
                .why = why,
                .not_before_s = retry_after_s > 0 ? s->now_s + retry_after_s : 0,
        };

        if (!s->is_heartbeat)
                snprintf(s->stuck, sizeof(s->stuck), "%s", why);
        s->fn(s->user, &result);
}

void supplier_deliver(struct supplier *s, uint64_t next, const char *receipt)
{
        const struct sink_result result = {
                .outcome = SINK_DELIVERED, .has_next = true, .next = next, .receipt = receipt
        };

        s->stuck[0] = '\0';
        s->fn(s->user, &result);
}

/* ---- what came back ---- */

/* No answer at all. */
static void on_silence(struct supplier *s, const struct vg_http_answer *answer)
{
        const bool is_ours =
                answer->r == -EKEYREJECTED || answer->r == -EPERM || answer->r == -EPROTO;
        char why[SUPPLIER_WHY];

        snprintf(why, sizeof(why), answer->r == -EPERM ? _("%s : hors de [egress] networks") : "%s",
                 answer->why);
        supplier_finish(s, is_ours ? SINK_REFUSED : SINK_RETRY, why, 0);
}

/* An answer that takes nothing. A record that is refused is not set aside: a log with a hole is no
 * log, so all of it waits until somebody has looked. */
static void on_refusal(struct supplier *s, const struct vg_http_answer *answer)
{
        bool is_passing = answer->status == 408 || answer->status == 425 || answer->status == 429 ||
                          answer->status >= 500;
        char message[SUPPLIER_WHY / 2], why[SUPPLIER_WHY];

        supplier_read_message(answer->body, answer->n, message, sizeof(message));
        snprintf(why, sizeof(why), _("réponse HTTP %ld%s%s"), answer->status, *message ? ", " : "",
                 message);
        /* A key that took over is believed once the records say so that are sent along. */
        is_passing |= answer->status == 403 && !s->sent_keys;
        s->needs_keys |= answer->status == 403;
        supplier_finish(s, is_passing ? SINK_RETRY : SINK_REFUSED, why, answer->retry_after_s);
}

/* It is elsewhere than we thought. Back to what it lacks at once; on to what it claims to hold only
 * once it has proved it. */
static void on_elsewhere(struct supplier *s, const struct supplier_claim *claim)
{
        const bool lacks_more = claim->next < s->asked.first;
        const struct sink_result result = {
                .outcome = SINK_RETRY,
                .why = _("le destinataire en est ailleurs"),
                .has_next = lacks_more,
                .next = claim->next,
        };

        s->held = claim->size;
        s->is_held_known = claim->has_size;
        s->needs_keys = true;
        snprintf(s->stuck, sizeof(s->stuck), "%s", result.why);
        s->fn(s->user, &result);
}

static void on_taken(struct supplier *s, const struct supplier_claim *claim)
{
        _cleanup_free_ char *receipt = NULL;

        s->held = claim->has_size ? claim->size : s->asked.size;
        s->is_held_known = true;
        s->needs_keys = false;
        if (claim->next > s->asked.end && claim->next <= s->asked.size) {
                s->claim = *claim;
                s->has_claim = true;
                supplier_finish(s, SINK_RETRY, _("le destinataire dit en tenir plus, à vérifier"),
                                0);
                return;
        }
        if (claim->next != s->asked.end ||
            supplier_check_claim(claim, &s->asked.head, s->has_key ? s->key : NULL, &receipt) < 0) {
                supplier_finish(s, SINK_RETRY, _("accusé de réception invalide"), 0);
                return;
        }
        supplier_deliver(s, claim->next, receipt);
}

void supplier_on_batch(void *user, const struct vg_http_answer *answer)
{
        struct supplier *s = user;
        struct supplier_claim claim;

        if (answer->r < 0)
                on_silence(s, answer);
        else if (answer->status != 200 && answer->status != 409)
                on_refusal(s, answer);
        else if (supplier_read_claim(answer->body, answer->n, &claim) < 0)
                supplier_finish(s, SINK_RETRY, _("accusé de réception illisible"), 0);
        else if (answer->status == 409)
                on_elsewhere(s, &claim);
        else
                on_taken(s, &claim);
}

void supplier_on_heartbeat(void *user, const struct vg_http_answer *answer)
{
        struct supplier *s = user;

        if (answer->r < 0)
                on_silence(s, answer);
        else if (answer->status == 404) /* the log is not known there yet */
                supplier_finish(s, SINK_RETRY, _("rien n'y a encore été reçu"), 0);
        else if (answer->status < 200 || answer->status > 299)
                on_refusal(s, answer);
        else if (*s->stuck) /* that it lives is known there; what it tells is not */
                supplier_finish(s, SINK_RETRY, s->stuck, 0);
        else
                supplier_finish(s, SINK_DELIVERED, NULL, 0);
}
