/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* keeper: the sender's side of the keeper socket (DESIGN §1). Newline-delimited JSON, one object a
 * line, at most 4 MiB:
 *
 *   {"v":1,"kind":"…","source":"…","instance":"32 hex","seq":N,"boot_id":"…",
 *    "at_boot_ns":N,"at_utc_ns":N,"body":{…}}
 *
 * and its answer, once durable: {"seq":N,"ok":true,"result":{…}} or
 * {"seq":N,"ok":false,"retry":true|false,"code":"…","message":"…"}. At most 32 are unanswered. What
 * is unanswered when a connection ends is sent again on the next: (source, instance, seq) makes
 * that harmless. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "os/clock.h"

struct vg_err;
struct vg_keeper;

enum {
        VG_KEEPER_LINE_MAX = 4 << 20,
        VG_KEEPER_IN_FLIGHT = 32,
        VG_KEEPER_BUFFER_BYTES = 64 << 20,
        VG_KEEPER_BUFFER_S = 3600,
};

/* One answer; a refusal is in the log already. tree is the whole answer, borrowed for the call. */
typedef void vg_keeper_answer_fn(void *user, uint64_t seq, bool ok, const json_t *tree);

/* A sender for ever: connects, reconnects, resends. Nothing is sent before the loop runs. */
int vg_keeper_new(sd_event *event, const char *socket_path, const char *source,
                  vg_keeper_answer_fn *on_answer, void *user, struct vg_keeper **ret_keeper,
                  struct vg_err *err);
void vg_keeper_free(struct vg_keeper *keeper);
static inline void vg_keeper_freep(struct vg_keeper **keeper)
{
        vg_keeper_free(*keeper);
}

/* Queues one observation. body: a JSON object's bytes, without a newline. Where the buffer (64 MiB
 * or one hour) is full the oldest go, and a condition "buffer dropped" tells the keeper so.
 * *ret_seq may be NULL. -E2BIG: the line would pass 4 MiB. -ENOMEM. */
int vg_keeper_send(struct vg_keeper *keeper, const char *kind, const struct vg_now *at,
                   const char *body, size_t n_body, uint64_t *ret_seq);

size_t vg_keeper_pending(const struct vg_keeper *keeper); /* queued or unanswered */
bool vg_keeper_connected(const struct vg_keeper *keeper);

/* One question, one answer, blocking, for the command line: own connection and instance. 0:
 * *ret_answer is the answer, ok or not (caller decrefs). -ECONNREFUSED, -ENOENT, -EACCES…: the
 * keeper cannot be reached. -ETIMEDOUT. -EPROTO: it answered something else. */
int vg_keeper_call(const char *socket_path, const char *source, const char *kind, const char *body,
                   size_t n_body, unsigned timeout_s, json_t **ret_answer, struct vg_err *err);

/* For both: who speaks, drawn at start. */
struct vg_envelope {
        const char *source;
        char instance[33];
        char boot_id[40];
};
int vg_envelope_init(struct vg_envelope *envelope, const char *source, struct vg_err *err);
/* One line with its newline; caller frees. *ret_n without the NUL. -E2BIG, -ENOMEM. */
int vg_envelope_line(const struct vg_envelope *envelope, uint64_t seq, const char *kind,
                     const struct vg_now *at, const char *body, size_t n_body, char **ret_line,
                     size_t *ret_n);
