/* SPDX-License-Identifier: Apache-2.0 */

#include "os/pieces.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/search.h"

static void piece_done(struct piece *piece)
{
        free(piece->scope);
        free(piece->key);
}

void pieces_done(struct pieces *pieces)
{
        for (size_t i = 0; i < pieces->n; i++)
                piece_done(&pieces->list[i]);
        free(pieces->list);
        *pieces = (struct pieces){ 0 };
}

static int order(const void *list, size_t i, const void *wanted)
{
        const struct piece *piece = &((const struct piece *)list)[i], *other = wanted;
        const int c = strcmp(piece->scope, other->scope);

        return c ? c : strcmp(piece->key, other->key);
}

/* Where it is, or belongs. */
static size_t place_of(const struct pieces *pieces, const char *scope, const char *key,
                       bool *ret_found)
{
        const struct piece wanted = { .scope = (char *)scope, .key = (char *)key };

        return vg_search(pieces->list, pieces->n, order, &wanted, ret_found);
}

struct piece *pieces_find(const struct pieces *pieces, const char *scope, const char *key)
{
        bool found;
        const size_t at = place_of(pieces, scope, key, &found);

        return found ? &pieces->list[at] : NULL;
}

static void mix(struct pieces *pieces, const uint8_t digest[PIECE_DIGEST])
{
        for (size_t i = 0; i < PIECE_DIGEST; i++)
                pieces->digest[i] ^= digest[i];
}

static struct piece *make_room(struct pieces *pieces, size_t at, const char *scope, const char *key)
{
        struct piece fresh = { .scope = strdup(scope), .key = strdup(key) };

        if (pieces->n == pieces->size && fresh.scope && fresh.key) {
                const size_t size = pieces->size ? pieces->size * 2 : 64;
                struct piece *list = realloc(pieces->list, size * sizeof(*list));
                if (list) {
                        pieces->list = list;
                        pieces->size = size;
                }
        }
        if (pieces->n == pieces->size || !fresh.scope || !fresh.key) {
                piece_done(&fresh);
                return NULL;
        }
        memmove(&pieces->list[at + 1], &pieces->list[at], (pieces->n - at) * sizeof(*pieces->list));
        pieces->list[at] = fresh;
        pieces->n++;
        return &pieces->list[at];
}

static int digest_of(const json_t *piece, uint8_t digest[PIECE_DIGEST])
{
        _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };
        int r = vg_json_canonical(piece, &bytes, NULL);

        if (r < 0 || bytes.failed)
                return r < 0 ? r : -ENOMEM;
        SHA256((const unsigned char *)bytes.data, bytes.n, digest);
        return 0;
}

int pieces_put(struct pieces *pieces, const json_t *piece, struct piece **ret_piece)
{
        const char *scope = json_string_value(json_object_get(piece, "scope"));
        const char *key = json_string_value(json_object_get(piece, "key"));
        uint8_t digest[PIECE_DIGEST];
        bool found;

        if (!scope || !key)
                return -EINVAL;
        int r = digest_of(piece, digest);
        if (r < 0)
                return r;

        const size_t at = place_of(pieces, scope, key, &found);
        struct piece *row = found ? &pieces->list[at] : make_room(pieces, at, scope, key);
        if (!row)
                return -ENOMEM;
        if (ret_piece)
                *ret_piece = row;
        if (found && memcmp(row->digest, digest, sizeof(digest)) == 0)
                return 0;
        if (found)
                mix(pieces, row->digest);
        memcpy(row->digest, digest, sizeof(digest));
        mix(pieces, digest);
        return 1;
}

void pieces_drop(struct pieces *pieces, struct piece *piece)
{
        const size_t at = (size_t)(piece - pieces->list);

        mix(pieces, piece->digest);
        piece_done(piece);
        pieces->n--;
        memmove(piece, piece + 1, (pieces->n - at) * sizeof(*piece));
}
