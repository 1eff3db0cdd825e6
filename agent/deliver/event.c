/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/audience.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static void event_done(struct event *event)
{
        json_decref((json_t *)event->body);
        free((char *)event->record.data);
        free((char *)event->record_type);
        free((char *)event->id);
        free((char *)event->cloud_event);
}

void event_list_done(struct event_list *events)
{
        for (size_t i = 0; i < events->n; i++)
                event_done(&events->list[i]);
        free(events->list);
        *events = (struct event_list){ 0 };
}

/* ---- the choice ---- */

/* 0: it is for this stream; *ret_body is its body (caller decrefs) and *ret_row its row. */
static int choose(const struct destination *to, const struct sink_stream *stream,
                  const struct store_record *record, json_t **ret_body,
                  const struct audience_row **ret_row)
{
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const struct audience_row *row;
        struct vg_record split;

        if (!(stream->logs & 1u << record->log) || !record->bytes ||
            !audience_may_admit(to->recipient, record->log, record->type) ||
            vg_record_split(record->bytes, record->n, &split) < 0)
                return EVENT_NOT_FOR_HIM;

        int r = vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL);
        if (r < 0)
                return r == -ENOMEM ? r : EVENT_NOT_FOR_HIM;
        row = audience_admits(to->recipient, record->log, record->type, body);
        if (!row)
                return EVENT_NOT_FOR_HIM;
        if (stream->wants) {
                const struct event event = {
                        .log = record->log,
                        .seq = record->seq,
                        .record_type = record->type,
                        .utc_ns = record->utc_ns,
                        .body = body,
                };
                if (!stream->wants(to, &event))
                        return EVENT_NOT_FOR_HIM;
        }
        *ret_body = TAKE_PTR(body);
        *ret_row = row;
        return 0;
}

int event_is_for(const struct destination *to, const struct sink_stream *stream,
                 const struct store_record *record)
{
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const struct audience_row *row;

        return choose(to, stream, record, &body, &row);
}

/* ---- the CloudEvent ---- */

/* What a URN may hold stands as it is. */
static void put_urn(struct vg_buf *buf, const char *text)
{
        static const char plain[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

        for (; *text; text++)
                if (strchr(plain, *text))
                        vg_buf_append(buf, text, 1);
                else
                        vg_buf_printf(buf, "%%%02X", (unsigned char)*text);
}

void event_put_source(struct vg_json *j, const struct destination *to)
{
        _cleanup_(vg_buf_done) struct vg_buf urn = { 0 };

        vg_buf_puts(&urn, "urn:vigie:");
        put_urn(&urn, to->contract->id);
        vg_buf_puts(&urn, ":");
        put_urn(&urn, to->appliance);
        vg_json_string(j, "source", urn.data ? urn.data : "");
        j->buf.failed |= urn.failed;
}

static void write_cloud_event(struct vg_json *j, const struct destination *to,
                              const struct store_record *record, const char *id,
                              const struct audience_row *row, const json_t *body)
{
        const char *subject;
        char time[32];

        vg_json_object(j, NULL);
        vg_json_raw(j, "data", record->bytes, record->n);
        vg_json_string(j, "datacontenttype", "application/json");
        vg_json_string(j, "id", id);
        vg_json_string(j, "ledgerlog", vg_log_name(record->log));
        vg_json_int(j, "ledgerseq", (int64_t)record->seq);
        event_put_source(j, to);
        vg_json_string(j, "specversion", "1.0");
        if (*row->subject && vg_json_get_string(body, row->subject, &subject) == 0 && *subject)
                vg_json_string(j, "subject", subject);
        vg_json_string(j, "time", vg_utc_format(vg_floor_div(record->utc_ns, VG_NS_PER_S), time));
        vg_json_string(j, "type", row->type);
        vg_json_end_object(j);
}

static int make(struct event *event, const struct destination *to,
                const struct store_record *record, const struct audience_row *row)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        char id[2 * VG_HASH_SIZE + 1];
        void *bytes = malloc(record->n + 1);

        event->log = record->log;
        event->seq = record->seq;
        event->utc_ns = record->utc_ns;
        event->leaf = record->leaf;
        event->record = (struct vg_bytes){ bytes, record->n };
        event->record_type = strdup(record->type);
        event->id = strdup(vg_hex_format(record->leaf.bytes, VG_HASH_SIZE, id));
        if (!bytes || !event->record_type || !event->id)
                return -ENOMEM;
        memcpy(bytes, record->bytes, record->n);
        ((char *)bytes)[record->n] = '\0';
        write_cloud_event(&j, to, record, id, row, event->body);
        event->n_cloud_event = j.buf.n;
        event->cloud_event = vg_buf_take(&j.buf);
        return event->cloud_event ? 0 : -ENOMEM;
}

static int reserve(struct event_list *events)
{
        const size_t size = events->size ? 2 * events->size : 16;
        struct event *list;

        if (events->n < events->size)
                return 0;
        list = reallocarray(events->list, size, sizeof(*list));
        if (!list)
                return -ENOMEM;
        events->list = list;
        events->size = size;
        return 0;
}

int event_list_add(struct event_list *events, const struct destination *to,
                   const struct sink_stream *stream, const struct store_record *record)
{
        const struct audience_row *row;
        struct event event = { 0 };
        json_t *body = NULL;
        int r = choose(to, stream, record, &body, &row);

        if (r != 0)
                return r;
        event.body = body;
        r = make(&event, to, record, row);
        if (r == 0)
                r = reserve(events);
        if (r < 0) {
                event_done(&event);
                return r;
        }
        events->n_bytes += event.n_cloud_event;
        events->list[events->n++] = event;
        return 0;
}
