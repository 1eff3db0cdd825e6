/* SPDX-License-Identifier: Apache-2.0 */

/* One message of the mail sink, with the names by which readers know it again.
 *
 * Message-ID: <32 hex of SHA-256 of stream, recipient and every key and change told>, at the domain of
 * the sender: it is the same each time the same is sent. References: an id for each alert, by which
 * what is told of it later joins what was told before. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/mail-month.h"
#include "deliver/mail.h"
#include "deliver/mailer.h"
#include "deliver/mime.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { THREADS_MAX = 20, ID_SIZE = 300 };

/* ---- names ---- */

/* "<32 hex of a hash>@<domain of the sender>" */
static int make_id(const struct mailer *m, const struct vg_buf *of, char ret_id[ID_SIZE])
{
        const char *domain = strchr(m->settings->deliver_mail_from, '@');
        const struct vg_bytes part = { of->data, of->n };
        struct vg_hash hash;
        char hex[33];

        if (of->failed || store_hasher.sha256(store_hasher.ctx, &part, 1, &hash) < 0)
                return -ENOMEM;
        snprintf(ret_id, ID_SIZE, "%s%s", vg_hex_format(hash.bytes, 16, hex), domain);
        return 0;
}

static void put_word(struct vg_buf *buf, const char *word)
{
        vg_buf_append(buf, word, strlen(word) + 1);
}

static int message_id(const struct mailer *m, const struct mail_alert *alerts, size_t n,
                      char ret_id[ID_SIZE])
{
        _cleanup_(vg_buf_done) struct vg_buf of = { 0 };

        put_word(&of, m->batch.stream->name);
        put_word(&of, m->to.recipient->id);
        for (size_t i = 0; i < n; i++)
                vg_buf_printf(&of, "%s %lld\n", alerts[i].key, (long long)alerts[i].change);
        return make_id(m, &of, ret_id);
}

static int thread_id(const struct mailer *m, const char *key, char ret_id[ID_SIZE])
{
        _cleanup_(vg_buf_done) struct vg_buf of = { 0 };

        put_word(&of, "thread");
        put_word(&of, m->to.recipient->id);
        put_word(&of, key);
        return make_id(m, &of, ret_id);
}

/* ---- one message ---- */

struct threads {
        char ids[THREADS_MAX][ID_SIZE];
        const char *list[THREADS_MAX];
        size_t n;
        bool is_reply;
};

static int find_threads(const struct mailer *m, const struct mail_alert *alerts, size_t n,
                        struct threads *ret)
{
        int r = 0;

        ret->is_reply = true; /* nobody hears of any of them for the first time */
        for (size_t i = 0; i < n && ret->n < THREADS_MAX && r == 0; i++) {
                bool known = false;

                ret->is_reply &= strcmp(alerts[i].event, "fired") != 0;
                r = thread_id(m, alerts[i].key, ret->ids[ret->n]);
                for (size_t k = 0; k < ret->n; k++)
                        known |= strcmp(ret->ids[k], ret->ids[ret->n]) == 0;
                if (!known) {
                        ret->list[ret->n] = ret->ids[ret->n];
                        ret->n++;
                }
        }
        return r;
}

static int write_mail(struct mailer *m, const struct mail *mail, const char *id, int64_t date_s,
                      const struct threads *threads, struct vg_err *err)
{
        const struct vg_recipient *recipient = m->to.recipient;
        const struct mime_mail mime = {
                .from = m->settings->deliver_mail_from,
                .from_name = "vigie",
                .to = recipient->email ? recipient->email : "",
                .to_name = recipient->name ? recipient->name : "",
                .subject = mail->subject.data,
                .id = id,
                .threads = threads ? threads->list : NULL,
                .n_threads = threads ? threads->n : 0,
                .is_reply = threads && threads->is_reply,
                .date_s = date_s,
                .is_urgent = mail->is_urgent,
                .languages = !recipient->english ? "fr"
                             : recipient->french ? "fr, en"
                                                 : "en",
                .text = mail->page.text.data,
                .html = mail->page.html.data,
        };

        vg_buf_done(&m->bytes);
        return mime_write(&mime, &m->bytes, err);
}

static struct mail_to to_of(const struct mailer *m)
{
        return (struct mail_to){ m->to.contract, m->to.recipient, m->to.appliance };
}

int mail_write_alerts(struct mailer *m, const struct event *events, size_t n, struct vg_err *err)
{
        const struct mail_to to = to_of(m);
        const bool is_digest = m->batch.stream == &mail_streams[MAIL_DIGEST];
        _cleanup_(mail_done) struct mail mail = { 0 };
        _cleanup_free_ struct mail_alert *alerts = calloc(n, sizeof(*alerts));
        struct threads threads = { .n = 0 };
        size_t n_alerts = 0, n_told = 0;
        char id[ID_SIZE];

        if (!alerts)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < n; i++)
                n_alerts += mail_alert_read(&events[i], &alerts[n_alerts]) == 0;
        if (!n_alerts)
                return MAIL_NOTHING;
        const int64_t at_s = alerts[n_alerts - 1].at_s;
        int r = is_digest ? mail_compose_digest(
                                    &to, alerts, n_alerts,
                                    vg_days_from_civil(mail_date_of(to.contract->zone, at_s)),
                                    &mail, &n_told)
                          : mail_compose_now(&to, alerts, n_alerts, &mail, &n_told);
        if (r == 0 && !n_told)
                return MAIL_NOTHING;
        if (r == 0)
                r = message_id(m, alerts, n_alerts, id);
        if (r == 0 && !is_digest)
                r = find_threads(m, alerts, n_alerts, &threads);
        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        return write_mail(m, &mail, id, at_s, &threads, err);
}

int mail_write_test(struct mailer *m, const struct event *event, struct vg_err *err)
{
        const struct mail_to to = to_of(m);
        const int64_t at_s = vg_floor_div(event->utc_ns, VG_NS_PER_S);
        _cleanup_(mail_done) struct mail mail = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf of = { 0 };
        char id[ID_SIZE];

        put_word(&of, "test");
        put_word(&of, m->to.recipient->id);
        put_word(&of, event->id);
        int r = make_id(m, &of, id);
        if (r == 0)
                r = mail_compose_test(&to, at_s, &mail);
        return r < 0 ? vg_err_set(err, r, "mémoire épuisée")
                     : write_mail(m, &mail, id, at_s, NULL, err);
}

int mail_write_month(struct mailer *m, struct vg_err *err)
{
        const struct mail_to to = to_of(m);
        const struct vg_date today = mail_date_of(to.contract->zone, m->batch.now_s);
        _cleanup_(mail_done) struct mail mail = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf of = { 0 };
        struct mail_month month = { .month = vg_month_of(today) - 1 };
        char id[ID_SIZE];

        put_word(&of, "month");
        put_word(&of, m->to.recipient->id);
        vg_buf_printf(&of, "%s %d", to.contract->id, (int)month.month);
        int r = make_id(m, &of, id);
        if (r == 0)
                r = mail_month_read(m->batch.store, &to, m->batch.now_s, &month, err);
        if (r == 0)
                r = mail_compose_month(&to, &month, &mail);
        mail_month_done(&month);
        return r < 0 ? r : write_mail(m, &mail, id, m->batch.now_s, NULL, err);
}
