/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* acts: what people ask for. One row of acts.def and one function each. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "keeper/peers.h"
#include "keeper/records.h"
#include "vigie/err.h"
#include "vigie/text.h"

struct keeper;

struct act_request {
        const struct peer *peer;
        uint64_t seq;
        const char *source, *instance; /* who speaks, for what was heard before */
        const json_t *body;
        int64_t utc_ns;
};

/* Performs the act in a transaction of its own and appends the answer's line. */
void acts_perform(struct keeper *keeper, const struct act_request *request, struct vg_buf *answer);

/* What an act of purge left to be done. */
void purge_tick(struct keeper *keeper);
/* The disk of a ledger that was closed is gone over; then the process ends (act-decommission.c). */
int decommission_finish(struct keeper *keeper);

/* ---- for act-*.c ---- */

enum { ACT_REFUSED = 1 }; /* outcome of an act: code, err and perhaps result say why */

struct act {
        struct keeper *keeper;
        const struct act_request *request;
        const char *verb;
        bool french; /* language of whoever asks */
        struct records records;

        struct vg_buf result;           /* a JSON object; left empty it is {} */
        const char *code;               /* of a refusal */
        char code_text[64];             /* room for one that is not a constant */
        bool keep_refusal;              /* the refusal itself was recorded: commit */
        bool book_changed;              /* the book is ahead of the ledger until the commit */
        bool faults_changed;            /* and the book of faults likewise */
        void (*after)(struct act *act); /* once durable; may fill in result */
};
typedef int act_fn(struct act *act, struct vg_err *err);

#define VG_ACT(name, verb, who) act_fn act_##name;
#include "keeper/acts.def"
#undef VG_ACT

/* Appends the record of the act; detail is let go of. */
int act_record(struct act *act, struct vg_json *detail, struct vg_err *err);
/* Sets code and text. Returns ACT_REFUSED. */
int act_refuse(struct act *act, struct vg_err *err, const char *code, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* A fact of a contract (vigie/fact.h), tried on it and recorded under the act's own verb: act-fact.c. */
int act_fact(struct act *act, const json_t *detail, struct vg_err *err);
/* A text member of the body, of 1 to max bytes. ACT_REFUSED where it is not there. */
int act_text(struct act *act, const char *key, size_t max, const char **ret_text,
             struct vg_err *err);
