/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* evidence: the sender's side of observations of kind "evidence". A reader puts what it sees, as
 * often as it looks; what differs from what the keeper has leaves, and each sending ends with a
 * confirmation of all there is:
 *
 *   {"confirm":{"count":N,"digest":"64 hex"},"drop":[{"key","scope"}…],"pieces":[…],"reset":1}
 *
 * pieces are those of vigie/isolation.h, digest that of os/pieces.h. drop and reset only where there is something to say; reset: what was
 * sent before is void. A sending too long for a line is several, the last of which confirms. A keeper
 * whose count or digest differs answers {"resend":1}. Only digests are kept here. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/clock.h"

struct vg_err;
struct vg_keeper;
struct vg_evidence;

/* keeper NULL: for a capture, which sends nothing. */
int vg_evidence_new(struct vg_keeper *keeper, struct vg_evidence **ret_evidence,
                    struct vg_err *err);
void vg_evidence_free(struct vg_evidence *evidence);
static inline void vg_evidence_freep(struct vg_evidence **evidence)
{
        vg_evidence_free(*evidence);
}

/* Takes the piece (also on failure): an object with "scope" and "key". 1: it is new or has changed,
 * 0: known. -EINVAL: no canonical JSON. -ENOMEM. */
int vg_evidence_put(struct vg_evidence *evidence, json_t *piece);
void vg_evidence_drop(struct vg_evidence *evidence, const char *scope, const char *key);
bool vg_evidence_has(const struct vg_evidence *evidence, const char *scope, const char *key);
/* A round begins; its token. What of a scope (and, where prefix is not NULL, of keys that begin with
 * it) was not put since, vg_evidence_sweep() takes back. Rounds may overlap. */
uint32_t vg_evidence_round(struct vg_evidence *evidence);
void vg_evidence_sweep(struct vg_evidence *evidence, uint32_t round, const char *scope,
                       const char *prefix);

/* Sends what changed, and confirms what there is. Failures are logged; what follows heals them. */
void vg_evidence_send(struct vg_evidence *evidence, const struct vg_now *at);
/* The keeper has something else: everything must be put again, and is then sent from the start. */
void vg_evidence_forget(struct vg_evidence *evidence);
/* Whether an answer asks for that. */
bool vg_evidence_must_resend(const json_t *answer);

/* What waits to be sent, borrowed: for a capture, all that was put. */
const json_t *vg_evidence_waiting(const struct vg_evidence *evidence);
