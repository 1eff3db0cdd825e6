/* SPDX-License-Identifier: Apache-2.0 */

#include "os/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/keeper.h"
#include "os/log.h"
#include "os/pieces.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { SENDING_BYTES = 1 << 20 };

struct vg_evidence {
        struct vg_keeper *keeper;
        struct pieces known; /* what the keeper has, or will have */
        uint32_t round;
        bool reset;
        json_t *pieces, *dropped; /* to be sent */
};

int vg_evidence_new(struct vg_keeper *keeper, struct vg_evidence **ret_evidence, struct vg_err *err)
{
        struct vg_evidence *e = calloc(1, sizeof(*e));

        if (e) {
                e->keeper = keeper;
                e->reset = true; /* whatever an earlier life of ours has sent */
                e->pieces = json_array();
                e->dropped = json_array();
        }
        if (!e || !e->pieces || !e->dropped) {
                vg_evidence_free(e);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        *ret_evidence = e;
        return 0;
}

void vg_evidence_free(struct vg_evidence *e)
{
        if (!e)
                return;
        pieces_done(&e->known);
        json_decref(e->pieces);
        json_decref(e->dropped);
        free(e);
}

int vg_evidence_put(struct vg_evidence *e, json_t *piece)
{
        struct piece *row;
        int r = piece ? pieces_put(&e->known, piece, &row) : -ENOMEM;

        if (r >= 0)
                row->round = e->round;
        if (r > 0 && json_array_append(e->pieces, piece) < 0)
                r = -ENOMEM; /* the confirmation finds out */
        json_decref(piece);
        return r;
}

static void drop(struct vg_evidence *e, struct piece *piece)
{
        json_array_append_new(e->dropped,
                              json_pack("{s:s, s:s}", "key", piece->key, "scope", piece->scope));
        pieces_drop(&e->known, piece);
}

void vg_evidence_drop(struct vg_evidence *e, const char *scope, const char *key)
{
        struct piece *piece = pieces_find(&e->known, scope, key);

        if (piece)
                drop(e, piece);
}

bool vg_evidence_has(const struct vg_evidence *e, const char *scope, const char *key)
{
        return pieces_find(&e->known, scope, key) != NULL;
}

uint32_t vg_evidence_round(struct vg_evidence *e)
{
        return ++e->round;
}

void vg_evidence_sweep(struct vg_evidence *e, uint32_t round, const char *scope, const char *prefix)
{
        for (size_t i = e->known.n; i-- > 0;) {
                struct piece *piece = &e->known.list[i];
                if (piece->round < round && strcmp(piece->scope, scope) == 0 &&
                    (!prefix || strncmp(piece->key, prefix, strlen(prefix)) == 0))
                        drop(e, piece);
        }
}

void vg_evidence_forget(struct vg_evidence *e)
{
        pieces_done(&e->known);
        json_array_clear(e->pieces);
        json_array_clear(e->dropped);
        e->reset = true;
}

bool vg_evidence_must_resend(const json_t *answer)
{
        return json_integer_value(json_object_get(json_object_get(answer, "result"), "resend")) !=
               0;
}

const json_t *vg_evidence_waiting(const struct vg_evidence *e)
{
        return e->pieces;
}

/* ---- lines ---- */

static void put_confirmation(const struct vg_evidence *e, struct vg_json *j)
{
        char hex[2 * PIECE_DIGEST + 1];

        vg_json_object(j, "confirm");
        vg_json_int(j, "count", (int64_t)e->known.n);
        vg_json_string(j, "digest", vg_hex_format(e->known.digest, PIECE_DIGEST, hex));
        vg_json_end_object(j);
}

/* Elements from *at on, as many as a line should hold. They are canonical: put() has tried. */
static void put_some(struct vg_json *j, const char *key, const json_t *array, size_t *at)
{
        vg_json_array(j, key);
        for (; *at < json_array_size(array) && j->buf.n < SENDING_BYTES; (*at)++) {
                _cleanup_(vg_buf_done) struct vg_buf bytes = { 0 };

                vg_json_canonical(json_array_get(array, *at), &bytes, NULL);
                vg_json_raw(j, NULL, bytes.data, bytes.n);
                j->buf.failed |= bytes.failed;
        }
        vg_json_end_array(j);
}

static int send_line(struct vg_evidence *e, const struct vg_now *at, size_t *n_dropped,
                     size_t *n_pieces)
{
        _cleanup_(vg_json_done) struct vg_json drop = { 0 }, pieces = { 0 }, line = { 0 };

        put_some(&drop, NULL, e->dropped, n_dropped);
        put_some(&pieces, NULL, e->pieces, n_pieces);
        vg_json_object(&line, NULL);
        if (*n_dropped == json_array_size(e->dropped) && *n_pieces == json_array_size(e->pieces))
                put_confirmation(e, &line);
        vg_json_raw(&line, "drop", drop.buf.data, drop.buf.n);
        vg_json_raw(&line, "pieces", pieces.buf.data, pieces.buf.n);
        if (e->reset)
                vg_json_int(&line, "reset", 1);
        vg_json_end_object(&line);
        if (drop.buf.failed || pieces.buf.failed || line.buf.failed)
                return -ENOMEM;
        e->reset = false;
        return vg_keeper_send(e->keeper, "evidence", at, line.buf.data, line.buf.n, NULL);
}

void vg_evidence_send(struct vg_evidence *e, const struct vg_now *at)
{
        const size_t n_dropped = json_array_size(e->dropped), n_pieces = json_array_size(e->pieces);
        size_t dropped = 0, pieces = 0;
        int r;

        /* A mere confirmation is of no use to a keeper that will hear it too late. */
        if (!n_dropped && !n_pieces && !e->reset && !vg_keeper_connected(e->keeper))
                return;
        do
                r = send_line(e, at, &dropped, &pieces);
        while (r == 0 && (dropped < n_dropped || pieces < n_pieces));
        if (r < 0)
                vg_log(LOG_ERR, "preuves de cloisonnement non transmises : %s", vg_errno_text(-r));
        json_array_clear(e->dropped);
        json_array_clear(e->pieces);
}
