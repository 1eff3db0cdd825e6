/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* verify: does the file still say what was signed? From the evidence alone (records, checkpoints,
 * and the tree beside them); no projection is believed or even looked at. */

#include "store/store.h"
#include "vigie/err.h"

struct store_finding {
        const char *code; /* stable, for programs: "record-altered" */
        enum vg_log log;
        uint64_t seq;      /* the entry; of a checkpoint, its size */
        struct vg_err why; /* a sentence */
};
typedef int store_finding_fn(void *ctx, const struct store_finding *finding);

struct store_verify_options {
        const char *path;
        /* Fingerprints (SHA-256) of the keys that the verifier trusts. None: the file's own word is
         * taken, and the report shows the key for somebody to compare. */
        const struct vg_hash *keys;
        size_t n_keys;
        const char *const *outside; /* checkpoints that the verifier holds from elsewhere: texts */
        size_t n_outside;
        store_finding_fn *on_finding;
        store_progress_fn *on_progress; /* may be NULL */
        void *ctx;
};

struct store_verify_report {
        uint64_t n_findings;
        char appliance[VG_ORIGIN_SIZE];
        struct {
                uint64_t size, redacted, checkpoints, outside;
                uint64_t
                        signed_size; /* of the last good checkpoint: what follows is unsigned yet */
                int64_t epoch;
                char origin[VG_ORIGIN_SIZE];
                uint8_t public_key[VG_PUBLIC_KEY_SIZE]; /* that signs now */
                uint8_t first_key[VG_PUBLIC_KEY_SIZE];  /* of the epoch: the one that was noted */
                char lost_from[32], lost_to[32]; /* as the last epoch record says; or empty */
                struct vg_hash root;
        } log[VG_LOG_N];
};

/* 0, whatever was found: n_findings tells; a damaged file is a finding. An error: the file is no
 * ledger, or may not be read. */
int store_verify(const struct store_verify_options *options, struct store_verify_report *ret_report,
                 struct vg_err *err);
