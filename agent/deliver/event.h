/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* event: a record written for one reader as a CloudEvent (1.0, structured mode): canonical JSON
 *
 *   {"data":<the record, byte for byte>,"datacontenttype":"application/json","id":"64 hex",
 *    "ledgerlog":"client|shared","ledgerseq":N,"source":"urn:vigie:<contract>:<appliance>",
 *    "specversion":"1.0","subject":"…"?,"time":"…Z","type":"ca.vigie.<event>.v1"}
 *
 * id is the record's leaf hash: it does not change with the attempt, the reader or the contract.
 * SHA-256(0x00 || data) is the id again, once data is written as canonical JSON. */

#include "deliver/sink.h"

struct audience_row;
struct store_record;

struct event_list { /* zero-initialised is empty; event_list_done() after use */
        struct event *list;
        size_t n, size, n_bytes; /* bytes of the CloudEvents */
};
void event_list_done(struct event_list *events);

/* Appends the record for its reader. 0; EVENT_NOT_FOR_HIM; or -ENOMEM. A record whose bytes are gone
 * (redacted), or that is no record, is for nobody. */
enum { EVENT_NOT_FOR_HIM = 1 };
int event_list_add(struct event_list *events, const struct destination *to,
                   const struct sink_stream *stream, const struct store_record *record);
/* The same question, and nothing is kept. */
int event_is_for(const struct destination *to, const struct sink_stream *stream,
                 const struct store_record *record);
/* Member "source": who speaks. */
struct vg_json;
void event_put_source(struct vg_json *j, const struct destination *to);
