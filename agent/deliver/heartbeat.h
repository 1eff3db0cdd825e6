/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* heartbeat: the keeper's newest sign of life (vigie/ledger.h) as a CloudEvent
 *
 *   {"data":"<the signed note>","datacontenttype":"text/plain","id":"64 hex","source":"urn:vigie:…",
 *    "specversion":"1.0","time":"…Z","type":"ca.vigie.heartbeat.v1"}
 *
 * We only carry it: a keeper that is dead signs none, whatever we do. It says how long both logs are,
 * so it goes to the client's own people alone. */

#include "deliver/sink.h"

/* STORE_NONE: there is none yet. Caller frees *ret_event. id: SHA-256 of the note. */
int heartbeat_event(struct store *store, const struct destination *to, char **ret_event,
                    char ret_id[2 * VG_HASH_SIZE + 1], struct vg_err *err);
/* As soon as there is one that is newer than the last that went. */
int64_t heartbeat_due(const struct destination *to, struct store *store, int64_t last_s,
                      int64_t now_s);
