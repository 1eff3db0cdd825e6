/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* records: what the keeper writes, each within the caller's transaction. Bodies to the member:
 *
 * client usage     vigie/book.h, vg_usage_write()
 * client interval  {"appliance","clock","covered_s":N,"gaps":[{"cause","from":"…Z","scope",
 *                  "to":"…Z"}],"interval_s":N,"start":"…Z"}; a second one of an interval adds to it
 * client act       {"author":{"role","uid":N,"user"},"detail":{…},"verb"}
 * client contract  {"contract_id","digest":"64 hex of the text's SHA-256","previous":"digest of the
 *                  revision before, or empty","revision":N,"text"}
 * client contract-refused {"code","digest","errors":[{"code","path"}]}
 * client statement vigie/statement.h
 * client delivery  keeper/delivery.h
 * client usage-shared keeper/usage-shared.h
 * client usage-import {"appliance","contract","digest":"64 hex of the file","interval_s":N,"part":N,
 *                  "resources":{id:{"micro":N,"quality"}},"start":"…Z","tenant"}
 * shared life      {"after":"clean|crash" (start only),"appliance","boot_id","event":"start|stop",
 *                  "version"}
 * either test      keeper/act-deliver.c
 * alert            agent/keeper/watch.c */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/ledger.h"

struct keeper;
struct vg_err;
struct vg_interval_entry;
struct vg_json;
struct vg_usage_entry;

struct records {
        struct keeper *keeper;
        int64_t utc_ns;   /* stamp of the records */
        size_t n_written; /* counted by whoever wants to know */
        int64_t late_s;   /* the last interval that got a late part, */
        bool has_late;    /* of which volumes may be shared with others */
};

/* Sink of the book; user: struct records *. */
int records_usage(void *user, const struct vg_usage_entry *entry, struct vg_err *err);
int records_interval(void *user, const struct vg_interval_entry *entry, struct vg_err *err);

/* After the last entry: what others saw of the same volumes is seen to, of late parts too. */
int records_usage_end(struct records *records, struct vg_err *err);

/* Appends a body and lets go of the writer. */
int records_append(struct records *records, enum vg_log log, const char *type, struct vg_json *body,
                   struct vg_err *err);

int records_life(struct records *records, const char *event, const char *after, struct vg_err *err);
