/* SPDX-License-Identifier: Apache-2.0 */

/* mail: through the one relay of [deliver] relay, by STARTTLS or smtps. Streams:
 *
 *   now     major and critical alerts, their ends, and tests; at most one message in five minutes
 *   digest  the other alerts, each morning at seven in the contract's zone
 *   month   to contract managers, on the first of the month, also where nothing is wrong
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/mail-attempt.h"
#include "deliver/mailer.h"
#include "deliver/mime.h"
#include "deliver/relay.h"
#include "os/lang.h"
#include "os/settings.h"
#include "os/smtp.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { TIMEOUT_S = 120 };

/* ---- a batch: one message after the other ---- */

static bool is_test(const struct event *event)
{
        return strcmp(event->record_type, "test") == 0;
}

/* The next message: a test alone, or the alerts up to the next test. */
static int write_next(struct mailer *m, struct vg_err *err)
{
        const struct event *events = m->batch.events + m->n_sent;
        const size_t left = m->batch.n - m->n_sent;
        size_t n = 1;

        if (m->batch.stream == &mail_streams[MAIL_MONTH])
                return mail_write_month(m, err);
        if (is_test(events)) {
                m->n_on_way = 1;
                return mail_write_test(m, events, err);
        }
        while (n < left && !is_test(&events[n]))
                n++;
        int r = mail_attempt(m->settings, m->to.name, m->batch.stream->name, events, n,
                             &m->n_on_way, err);
        return r < 0 ? r : mail_write_alerts(m, events, m->n_on_way, err);
}

static void on_answer(void *user, const struct vg_smtp_answer *got);

static int send_next(struct mailer *m, struct vg_err *err)
{
        int r = write_next(m, err);

        if (r != 0)
                return r;
        const struct vg_smtp_message message = {
                .from = m->settings->deliver_mail_from,
                .to = m->to.recipient->email,
                .bytes = m->bytes.data,
                .n = m->bytes.n,
        };
        return vg_smtp_send(m->smtp, &message, on_answer, m, err);
}

static void answer(struct mailer *m, const struct sink_result *result)
{
        if (result->outcome == SINK_DELIVERED || !m->n_sent)
                m->sent[0] = '\0';
        else /* what has gone of this batch does not go again */
                snprintf(m->sent, sizeof(m->sent), "%s", m->batch.events[m->n_sent - 1].id);
        vg_buf_done(&m->bytes);
        m->fn(m->user, result);
}

/* Until a message is on its way (0), all is done (1), or it cannot be. */
static int go_on(struct mailer *m, struct vg_err *err)
{
        while (m->n_sent < m->batch.n) {
                int r = send_next(m, err);
                if (r != MAIL_NOTHING)
                        return r;
                m->n_sent += m->n_on_way;
        }
        return 1;
}

static enum sink_outcome judge(int r)
{
        switch (r) {
        case -EBADMSG:
                return SINK_POISON;
        case -EACCES:
        case -EINVAL:
        case -EKEYREJECTED:
        case -EPERM:
        case -EPROTO:
        case -EREMOTEIO:
                return SINK_REFUSED;
        default:
                return SINK_RETRY;
        }
}

static void on_answer(void *user, const struct vg_smtp_answer *got)
{
        struct mailer *m = user;
        struct sink_result result = { .outcome = SINK_DELIVERED, .why = got->why };
        struct vg_err err = { 0 };
        char why[300];

        if (got->r < 0) {
                result.outcome = judge(got->r);
                if (got->r == -EPERM) {
                        snprintf(why, sizeof(why), _("%s : hors de [egress] networks"), got->why);
                        result.why = why;
                } else if (got->code >= 400) {
                        snprintf(why, sizeof(why), _("%s (le relais a répondu %ld)"), got->why,
                                 got->code);
                        result.why = why;
                }
                answer(m, &result);
                return;
        }
        m->n_sent += m->n_on_way;
        int r = m->batch.n ? go_on(m, &err) : 1;
        if (r == 0)
                return;
        if (r < 0) {
                result.outcome = judge(r);
                result.why = vg_err_text(&err);
        }
        answer(m, &result);
}

static int send_batch(void *state, const struct batch *batch, sink_done_fn *fn, void *user,
                      struct vg_err *err)
{
        static const struct sink_result done = { .outcome = SINK_DELIVERED };
        struct mailer *m = state;
        int r;

        m->batch = *batch;
        m->fn = fn;
        m->user = user;
        m->n_sent = m->n_on_way = 0;
        for (size_t i = 0; i < batch->n && *m->sent; i++)
                if (strcmp(batch->events[i].id, m->sent) == 0)
                        m->n_sent = i + 1;
        r = batch->n ? go_on(m, err) : send_next(m, err);
        if (r == 1)
                answer(m, &done);
        return r < 0 ? r : 0;
}

/* ---- life ---- */

static int endpoint(const struct vg_settings *settings, _unused_ const struct destination *to,
                    char **ret_endpoint, struct vg_err *err)
{
        struct relay relay;
        int r = relay_parse(settings->deliver_relay, &relay, err);

        if (r < 0)
                return r;
        *ret_endpoint = strdup(relay.endpoint);
        return *ret_endpoint ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static void close_mail(void *state)
{
        struct mailer *m = state;

        vg_smtp_free(m->smtp);
        sink_key_free(m->password, m->n_password);
        vg_buf_done(&m->bytes);
        free(m);
}

static int open_relay(const struct sink_context *context, struct mailer *m, struct vg_err *err)
{
        const struct vg_settings *settings = context->settings;
        const bool has_user = *settings->deliver_mail_user;
        struct relay relay;
        int r = relay_parse(settings->deliver_relay, &relay, err);

        if (r == 0 && !mime_is_address(settings->deliver_mail_from))
                r = vg_err_set(err, -EINVAL, "[deliver] mail_from : adresse de courriel attendue");
        if (r == 0 && has_user)
                r = sink_key(settings, "mail-password", &m->password, &m->n_password, err);
        if (r < 0)
                return r;
        const struct vg_smtp_options options = {
                .relay = relay.url,
                .trust = context->trust,
                .user = settings->deliver_mail_user,
                .password = m->password,
                .timeout_s = TIMEOUT_S,
        };
        return vg_smtp_new(context->event, &options, &m->smtp, err);
}

static int open_mail(const struct sink_context *context, void **ret_state, struct vg_err *err)
{
        struct mailer *m = calloc(1, sizeof(*m));

        if (!m)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        m->settings = context->settings;
        m->to = *context->to;
        int r = open_relay(context, m, err);
        if (r < 0) {
                close_mail(m);
                return r;
        }
        *ret_state = m;
        return 0;
}

const struct vg_sink vg_sink_mail = {
        .name = "mail",
        .streams = mail_streams,
        .n_streams = MAIL_N_STREAMS,
        .endpoint = endpoint,
        .open = open_mail,
        .send = send_batch,
        .close = close_mail,
};
