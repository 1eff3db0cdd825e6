/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mail: what the messages say, in the recipient's language or in both. Values in, a subject and a page
 * out: no clock, no ledger, no network. The language of the process is changed and given back. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/page.h"
#include "vigie/alert.h"
#include "vigie/contract.h"
#include "vigie/ledger.h"

struct event;

struct mail_to {
        const struct vg_contract *contract;
        const struct vg_recipient *recipient;
        const char *appliance;
};

struct mail { /* mail_done() after use */
        struct page page;
        struct vg_buf subject;
        bool is_urgent;
};
void mail_done(struct mail *mail);
bool mail_failed(const struct mail *mail);

/* An event of an alert (keeper/alert-record.h), as its record says it. Borrows from the record. */
struct mail_alert {
        const struct vg_alert *alert; /* NULL: a code that this release does not know */
        const char *code, *event, *severity, *key, *notify, *text[2];
        const char *head; /* "" where it is told by itself */
        enum vg_log log;
        uint64_t seq;
        int64_t change, at_s;
        const char *leaf; /* 64 hexadecimal digits */
};
/* -EINVAL: no event of an alert. */
int mail_alert_read(const struct event *event, struct mail_alert *ret_alert);

/* At once: one alert on a page of its own, or several in order of gravity. Those that are told with
 * another one are listed under it, and left out where it is not among the alerts. *ret_n: how many
 * are told; 0: there is nothing to send. */
int mail_compose_now(const struct mail_to *to, const struct mail_alert *alerts, size_t n,
                     struct mail *ret_mail, size_t *ret_n);
/* The day's others, in order of gravity; day: of the digest. The same rules. */
int mail_compose_digest(const struct mail_to *to, const struct mail_alert *alerts, size_t n,
                        int64_t day, struct mail *ret_mail, size_t *ret_n);
int mail_compose_test(const struct mail_to *to, int64_t at_s, struct mail *ret_mail);

/* ---- between the files that compose ---- */

/* Composes in each of the recipient's languages; part() writes one. 0 or -ENOMEM. */
typedef void mail_part_fn(const struct mail_to *to, bool french, struct mail *mail, void *ctx);
int mail_compose(const struct mail_to *to, mail_part_fn *part, void *ctx, struct mail *ret_mail);
/* Before and after what a part says; the subject's words go to mail->subject. */
void mail_foot(const struct mail_to *to, struct mail *mail);
/* "5 septembre 2027 à 3 h", in the contract's zone. */
enum { MAIL_TEXT = 160 };
char *mail_when(const struct mail_to *to, bool french, int64_t at_s, char buf[MAIL_TEXT]);
char *mail_day(bool french, int64_t day, char buf[MAIL_TEXT]);
char *mail_month_text(bool french, int32_t month, char buf[MAIL_TEXT]);
char *mail_money(bool french, int64_t cents, char buf[MAIL_TEXT]); /* "1 234,56 $" */
