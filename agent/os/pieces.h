/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* pieces: which pieces of evidence there are, by scope and key, and the digest of them all, whatever
 * their order: the XOR of the SHA-256 of each one's canonical bytes. Both ends of the keeper socket
 * keep one, and so know whether they speak of the same evidence. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIECE_DIGEST = 32 };

struct piece {
        char *scope, *key;
        uint8_t digest[PIECE_DIGEST];
        uint32_t round; /* whoever puts may write here */
};

struct pieces {             /* zero-initialised is empty */
        struct piece *list; /* by scope, then key */
        size_t n, size;
        uint8_t digest[PIECE_DIGEST];
};

void pieces_done(struct pieces *pieces);
/* 1: it is new or has changed, 0: known; *ret_piece (may be NULL) is its row, until the next put or
 * drop. -EINVAL: no canonical JSON, or no "scope" and "key". -ENOMEM. */
int pieces_put(struct pieces *pieces, const json_t *piece, struct piece **ret_piece);
struct piece *pieces_find(const struct pieces *pieces, const char *scope, const char *key);
void pieces_drop(struct pieces *pieces, struct piece *piece);
