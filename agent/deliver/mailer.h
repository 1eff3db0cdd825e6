/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mailer: what the files of the mail sink share. */

#include <stddef.h>
#include <stdint.h>

#include "deliver/sink.h"
#include "vigie/text.h"

struct mail;
struct vg_smtp;

struct mailer {
        const struct vg_settings *settings;
        struct destination to;
        struct vg_smtp *smtp;
        char *password;
        size_t n_password;

        struct vg_buf bytes; /* of the message on its way */
        struct batch batch;
        size_t n_sent;                   /* of the batch's events, or passed over */
        size_t n_on_way;                 /* of those, in the message on its way */
        char sent[2 * VG_HASH_SIZE + 1]; /* id of the last event sent of a batch that failed */
        sink_done_fn *fn;
        void *user;
};

/* mail-streams.c */
enum { MAIL_NOW, MAIL_DIGEST, MAIL_MONTH, MAIL_N_STREAMS };
extern const struct sink_stream mail_streams[MAIL_N_STREAMS];
struct vg_date mail_date_of(const struct vg_zone *zone, int64_t utc_s);

/* mail-message.c: composes and writes one message into m->bytes, of the first n events, of a test, or
 * of the month. MAIL_NOTHING: there is nothing to send. */
enum { MAIL_NOTHING = 1 };
int mail_write_alerts(struct mailer *m, const struct event *events, size_t n, struct vg_err *err);
int mail_write_test(struct mailer *m, const struct event *event, struct vg_err *err);
int mail_write_month(struct mailer *m, struct vg_err *err);
