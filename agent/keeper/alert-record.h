/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alert-record: events of alerts as they are recorded, then told to the journal once durable.
 *
 * Record `alert` (client log, or shared for classes failure and inventory): {"at":"…Z",
 * "audience":[role…],"change":N,"code","event":"fired|raised|reminded|acknowledged|cleared",
 * "group","head","key","notify":"now|digest|grouped|silenced|inhibited|observed|none",
 * "params":{name:text},"severity","tenant","text_en","text_fr"}.
 *
 * Whoever sends needs nothing more. key and change together are the message's own number, for ever.
 * Of one group ("VIG-Q-002/CS-1") one message is enough. head is the key of the alert that this one
 * is told with (grouped) or hidden by (inhibited), and is left out otherwise; so is tenant, unless
 * the alert is for one tenant's owner. Both texts are frozen: what was said is what was said. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper/records.h"
#include "vigie/notify.h"

struct keeper;
struct store;
struct vg_err;

enum { ALERT_KEY_SIZE = VG_ALERT_KEY_SIZE + 96 };

struct telling {
        const struct vg_alert *alert; /* NULL: a code that this version does not know */
        const char *code, *key, *severity, *text_fr, *text_en;
        enum vg_alert_event event;
        int64_t change;
        const char *params; /* canonical JSON */
        enum vg_notify notify;
        const char *head; /* key; NULL: none */
};

/* An alert of the ledger, copied, so that records may be written while it is held. */
struct alert_row {
        char *code, *key, *severity, *text_fr, *text_en, *params;
        int64_t change, notified_s;
        bool acknowledged;
};
struct alert_rows {
        struct alert_row *list;
        size_t n, size;
};
/* Those that are active and fit (NULL: all). */
typedef bool alert_fits_fn(const void *ctx, const char *code, const char *key);
int alert_rows_load(struct store *store, alert_fits_fn *fits, const void *ctx,
                    struct alert_rows *ret_rows, struct vg_err *err);
void alert_rows_done(struct alert_rows *rows);
bool alert_has_key(const void *key, const char *code, const char *row_key); /* an alert_fits_fn */
/* It once more, with the texts that it was told with, and another event. */
struct telling alert_row_again(const struct alert_row *row, enum vg_alert_event event);

/* Appends the record. Within the caller's transaction. */
int alert_record(struct records *records, const struct telling *telling, struct vg_err *err);

/* Some events: one transaction, begun with the first; the journal hears of them at its end. */
struct alert_line;
struct alert_batch {
        struct records records;
        struct alert_line *first, **last;
        bool has_begun;
};
void alert_batch_init(struct alert_batch *batch, struct keeper *keeper, int64_t utc_ns);
int alert_batch_add(struct alert_batch *batch, const struct telling *telling, struct vg_err *err);
/* Commits, or undoes where r < 0. Returns r, or why it could not commit. */
int alert_batch_end(struct alert_batch *batch, int r, struct vg_err *err);
