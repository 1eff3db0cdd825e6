/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* sink: a way out. Its file sink-<name>.c and its row of sinks.def are all that it is made of.
 *
 * A destination is one recipient of the contract in force by one of its channels; "r-ti/webhook" is
 * its name for ever. Its sink has one or several streams; each has a cursor over both logs of its own
 * and hands over what comes after it, oldest first, in batches. What a sink is given has already been
 * chosen and written for its reader (audience.h): a sink never looks at anything else of a record.
 *
 * A batch that was not delivered is given again, the same events under the same ids, until it is, or
 * until a single event has been answered POISON several times: it is then set aside and reported.
 * One batch a destination is on its way at a time; destinations do not wait for one another. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "os/trust.h"
#include "vigie/contract.h"
#include "vigie/ledger.h"

struct store;
struct vg_err;
struct vg_settings;
struct vg_sink;

struct destination {
        const char *name; /* "r-ti/webhook" */
        const struct vg_sink *sink;
        const struct vg_recipient *recipient; /* id, role, tenant, languages, address, classes … */
        const struct vg_contract *contract;   /* as it stands now, recorded facts included */
        const char *appliance;
};

/* A record, for one reader. */
struct event {
        enum vg_log log;
        uint64_t seq;
        const char *record_type; /* "alert" */
        int64_t utc_ns;          /* when it was recorded */
        struct vg_bytes record;  /* its bytes, whose hash the log holds */
        const json_t *body;      /* of the record */
        struct vg_hash leaf;
        const char *id;          /* its leaf hash, 64 hex digits: the same for ever */
        const char *cloud_event; /* CloudEvents 1.0, structured mode; NUL-terminated */
        size_t n_cloud_event;
};

struct batch {
        const struct sink_stream *stream;
        const struct event *events; /* oldest first; live until the batch is answered */
        size_t n;                   /* 0: only streams with may_be_empty */
        int64_t now_s, last_s;      /* now; when this stream last went, 0: never */
        struct store *store;        /* to read proofs, months and notes from; valid during send() */
};

enum sink_outcome {
        SINK_DELIVERED, /* the other end has it, durably, and said so */
        SINK_RETRY,     /* not now */
        SINK_POISON, /* this event can never go. Of a batch of several: they are given one by one */
        SINK_REFUSED, /* our configuration or theirs: a certificate, a password, an address */
};

struct sink_result {
        enum sink_outcome outcome;
        const char *why;      /* a sentence, of whatever is not delivered */
        int64_t not_before_s; /* of RETRY and REFUSED: the other end asked for it; 0: our own delay */
        bool has_next;        /* the other end says what it lacks first, whatever we thought: */
        uint64_t next;        /* this seq of the stream's one log. Also with RETRY. */
        const char *receipt; /* canonical JSON, of DELIVERED; kept and shown; NULL: none */
};
/* Once, later or from within send(). All is borrowed for the call. */
typedef void sink_done_fn(void *user, const struct sink_result *result);

struct sink_stream {
        const char *name;             /* "events"; with the destination's it names the cursor */
        unsigned logs;                /* bit 1u << enum vg_log */
        size_t events_max, bytes_max; /* of a batch; bytes: of the CloudEvents */
        bool is_signed;               /* only records that a checkpoint already covers */
        /* A new destination is given the log from its first record on; else, what is recorded from a
         * day before we first met it. */
        bool from_first_record;
        /* due() counts from when the first of what waits was recorded, if that is later. */
        bool due_from_oldest;
        bool may_be_empty; /* goes when it is due, also with nothing to tell */
        /* Whether it is for this stream, once the audience has agreed. NULL: all of it. */
        bool (*wants)(const struct destination *to, const struct event *event);
        /* When it goes next, having gone at last_s (0: never): at that instant, or later, all that
         * waits goes, in as many batches as it takes. INT64_MAX: not yet known. NULL: as soon as
         * there is something. */
        int64_t (*due)(const struct destination *to, struct store *store, int64_t last_s,
                       int64_t now_s);
};

/* What a sink is opened with. All of it outlives the sink's state, the contract included. */
struct sink_context {
        sd_event *event;
        const struct vg_settings *settings;
        const struct destination *to;
        struct vg_trust
                trust; /* authorities and allowed addresses; a client's certificate, if any */
};

struct vg_sink {
        const char *name;
        const struct sink_stream *streams;
        size_t n_streams;
        /* "host:port" that it connects to, for [egress]; caller frees. -EINVAL: no such address. */
        int (*endpoint)(const struct vg_settings *settings, const struct destination *to,
                        char **ret_endpoint, struct vg_err *err);
        /* Prepares, connects to nothing. An error is shown as REFUSED and tried again later. */
        int (*open)(const struct sink_context *context, void **ret_state, struct vg_err *err);
        /* Starts to send. An error is as if RETRY were answered; fn is then not called. */
        int (*send)(void *state, const struct batch *batch, sink_done_fn *fn, void *user,
                    struct vg_err *err);
        void (*close)(void *state); /* what is on its way is dropped, unanswered */
};

#define VG_SINK(name) extern const struct vg_sink vg_sink_##name;
#include "deliver/sinks.def"
#undef VG_SINK

/* The endpoint() of sinks that go to the address that the contract gives. */
int sink_url_endpoint(const struct vg_settings *settings, const struct destination *to,
                      char **ret_endpoint, struct vg_err *err);

/* A delivery key by its name ("mail-password", "webhook-r-ti"), NUL-terminated, without the newline
 * at its end. Caller frees with sink_key_free(). -ENOENT: there is none. */
int sink_key(const struct vg_settings *settings, const char *name, char **ret_key, size_t *ret_n,
             struct vg_err *err);
void sink_key_free(char *key, size_t n);
