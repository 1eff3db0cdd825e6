/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* supplier: what the files of the sink to the supplier share. Over the wire: cli/receive.h. */

#include "deliver/sink.h"
#include "os/http.h"
#include "vigie/text.h"

/* What a batch asks of the other end. */
struct supplier_asked {
        uint64_t first, end;       /* seqs of the events: [first, end) */
        uint64_t size;             /* of the head that was sent */
        struct vg_checkpoint head; /* of the first `end` records: what a receipt must be over */
};

/* What the other end says of itself. */
struct supplier_claim {
        uint64_t next, size; /* it holds [0, next), and a head of that size */
        bool has_size;
        char line[512]; /* its cosignature; "" where it gives none */
        uint8_t key[VG_PUBLIC_KEY_SIZE];
};

enum { SUPPLIER_WHY = 300 };

struct supplier {
        struct vg_http *http;
        char *batch_path, *heartbeat_path;
        bool has_key;
        uint8_t key[VG_PUBLIC_KEY_SIZE]; /* that must cosign, where one was confided to us */
        uint64_t held;                   /* size of the head that the other end holds */
        bool is_held_known, needs_keys, sent_keys;
        struct supplier_asked asked;
        struct supplier_claim claim; /* to hold more than was sent: looked into at the next batch */
        bool has_claim;
        bool is_heartbeat;        /* what is on its way */
        char stuck[SUPPLIER_WHY]; /* why the last records did not arrive; "": they did */
        int64_t now_s;
        sink_done_fn *fn;
        void *user;
};

/* ---- writing (supplier-batch.c) ---- */

/* The body of POST /v1/batch. held: size of the head that the other end holds, as far as we know; 0:
 * none. *ret_asked is filled. */
int supplier_write_batch(const struct batch *batch, uint64_t held, bool with_keys,
                         struct vg_buf *body, struct supplier_asked *ret_asked, struct vg_err *err);
/* The head of the first `size` records. */
int supplier_head(struct store *store, uint64_t size, struct vg_checkpoint *ret_head,
                  struct vg_err *err);

/* ---- answers (supplier-answer.c); user: struct supplier * ---- */

vg_http_answer_fn supplier_on_batch;
vg_http_answer_fn supplier_on_heartbeat;
void supplier_finish(struct supplier *s, enum sink_outcome outcome, const char *why,
                     int64_t retry_after_s);
void supplier_deliver(struct supplier *s, uint64_t next, const char *receipt);

/* ---- judging (supplier-receipt.c) ---- */

/* Of an answer 200 or 409. -EINVAL: it is none. */
int supplier_read_claim(const char *body, size_t n, struct supplier_claim *ret_claim);
/* What an answer that refuses says of why, cleaned; "" where it says nothing. */
char *supplier_read_message(const char *body, size_t n, char *buf, size_t size);
/* The claim's cosignature is over that head, by `key` where it is not NULL. The receipt is canonical
 * JSON: {"key":"base64","note":"signed note","size":N,"time":"…Z"}; caller frees. A claim without a
 * cosignature has no receipt (NULL), and is refused where there is a key. -EBADMSG. */
int supplier_check_claim(const struct supplier_claim *claim, const struct vg_checkpoint *head,
                         const uint8_t *key, char **ret_receipt);
