/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bundle: what leaves as a file where nothing may leave by the network, or to be filed. A tar of
 * plain files below one folder:
 *
 *   LISEZMOI.txt README.txt      what it is, and how to verify it with openssl, sha256sum and tar
 *   manifest.json                {"appliance","contract","for","made","parts":[{"name","sha256",
 *                                "size"}]}: every part but itself and those below
 *   keys/public.pem              the key that signs; where it was changed, also
 *   keys/NNN.pem|text|signature  from the first (000, which has neither text nor signature) to it:
 *                                a key, and that the one before signed it (vg_key_text)
 *   ledger/LOG.checkpoint        signed head of the log (vigie/ledger.h)
 *   ledger/LOG.slice.json        {"after":[hex],"before":[hex],"from":N,"log","size":N,"to":N}: the
 *                                hashes that stand for the rest of the log (vg_prove_slice)
 *   ledger/LOG.jsonl             the records [from, to), a line each, their very bytes; of one that
 *                                was redacted {"leaf":hex,"seq":N}
 *   contract/N.json              revisions, as they were loaded      (for the client alone, as are)
 *   statements/AAAA-MM.html|csv|json   months
 *   focus/cost-and-usage-1.2.csv the months in the FOCUS form
 *   alerts/alerts.json           [{"code","key","event",…}], where each stands
 *   dossier/dossier.fr.html|en.html|json, index.html   in a hand-over alone
 *   SHA256SUMS                   of all of the above, as sha256sum writes it
 *   seal/record                  the act that names the digest of SHA256SUMS, a leaf of the client log
 *   seal/checkpoint              a signed head that covers it
 *   seal/proof/NN.left|right     32 bytes each: the path from that leaf to the head, from the leaf up;
 *                                the name says on which side the sibling stands
 *
 * The supplier's holds the shared log alone. A hand-over is the same as a folder, of the whole term. */

#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"
#include "vigie/ledger.h"

/* ---- writing (bundle-write.c) ---- */

struct bundle;

/* path: of the tar, made anew; what stood there stays until bundle_finish(). top: its one folder;
 * NULL: no tar, but a folder at path, where nothing may stand. utc_s: the time of every part. */
int bundle_new(const char *path, const char *top, int64_t utc_s, struct bundle **ret_bundle,
               struct vg_err *err);
void bundle_free(struct bundle *bundle);
static inline void bundle_freep(struct bundle **bundle)
{
        bundle_free(*bundle);
}

/* A part is written to the stream, then closed under its name. */
FILE *bundle_begin(struct bundle *bundle);
int bundle_end(struct bundle *bundle, const char *name, struct vg_err *err);
/* A part whose bytes are there already. */
int bundle_add(struct bundle *bundle, const char *name, const void *bytes, size_t n,
               struct vg_err *err);

/* manifest.json and SHA256SUMS over all parts so far; *ret_digest is that of SHA256SUMS. head: an
 * object that stands open and is finished here. */
int bundle_sum(struct bundle *bundle, struct vg_json *head, struct vg_hash *ret_digest,
               struct vg_err *err);
/* Durable under its name. */
int bundle_finish(struct bundle *bundle, struct vg_err *err);
size_t bundle_n_parts(const struct bundle *bundle);

/* ---- reading (bundle-read.c) ---- */

enum { BUNDLE_HELD_MAX = 8 << 20 }; /* a part up to that size is held in memory */

struct bundle_part {
        char *name; /* below the folder */
        uint64_t size;
        struct vg_hash hash;
        char *bytes; /* NULL: too large */
};

struct bundle_parts { /* zero-initialised is empty; bundle_parts_done() after use */
        struct bundle_part *list;
        size_t n, n_held;
        char *top;
};
void bundle_parts_done(struct bundle_parts *parts);
/* NULL: none of that name. */
const struct bundle_part *bundle_part_find(const struct bundle_parts *parts, const char *name);

/* Every part, hashed. -EINVAL: not a tar, or not of that form; *err says where. */
int bundle_read(const char *path, struct bundle_parts *ret_parts, struct vg_err *err);
/* The lines of one part, without their newline. fn: 0 or negative, which stops. -EFBIG: a line
 * beyond 8 MiB. */
typedef int bundle_line_fn(void *user, const char *line, size_t n, struct vg_err *err);
int bundle_lines(const char *path, const char *name, bundle_line_fn *fn, void *user,
                 struct vg_err *err);

/* For the two files that read. */
struct bundle_map;
int bundle_part_add(struct bundle_parts *parts, const char *path, const char *name,
                    const struct bundle_map *map, struct vg_err *err);
bool bundle_name_is_plain(const char *name);
/* bundle-folder.c: the same, unpacked. Neither links nor anything but files and folders. */
bool bundle_is_folder(const char *path);
int bundle_folder_read(const char *path, struct bundle_parts *ret_parts, struct vg_err *err);
int bundle_folder_open(const char *path, const char *name, FILE **ret_file, struct vg_err *err);

/* ---- both (bundle-parts.c) ---- */

/* The bytes of a working file. */
struct bundle_map { /* zero-initialised is none */
        void *bytes;
        size_t n;
};
int bundle_map(FILE *file, struct bundle_map *ret_map, struct vg_err *err);
void bundle_unmap(struct bundle_map *map);
int bundle_hash(const void *bytes, size_t n, struct vg_hash *ret_hash, struct vg_err *err);

/* On which side of the path the i-th hash of an inclusion proof stands. */
void bundle_sides(uint64_t seq, uint64_t size, size_t n, bool *ret_is_left);
