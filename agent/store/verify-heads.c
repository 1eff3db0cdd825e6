/* SPDX-License-Identifier: Apache-2.0 */

/* The signed heads of a log, met in the order of their sizes while the log is read: those of the
 * file, and those that the verifier holds from elsewhere. */

#include <errno.h>

#include "store/verify-internal.h"

enum { PAGE = 512 };

static int next_page(struct verify *v)
{
        sql_rows_done(&v->checkpoints);
        v->at_checkpoint = 0;
        int r = sql_bind(v->checkpoint_page, v->err, V_INT(v->log), V_INT(v->last_checkpoint),
                         V_INT(v->max_checkpoint), V_INT(PAGE));
        return r < 0 ? r : sql_fetch(v->checkpoint_page, 0, &v->checkpoints, v->err);
}

/* Outside checkpoints of this log, by the log's name in their origin. */
static int gather_outside(struct verify *v)
{
        v->n_outside = 0;
        v->outside = calloc(v->options->n_outside + 1, sizeof(*v->outside));
        if (!v->outside)
                return vg_err_set(v->err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < v->options->n_outside; i++) {
                const char *text = v->options->outside[i];
                struct head *head = &v->outside[v->n_outside];
                char middle[16];
                int r = vg_note_parse(text, strlen(text), &head->note, v->err);
                if (r < 0)
                        return r;
                snprintf(middle, sizeof(middle), "/%s/", vg_log_name(v->log));
                if (strstr(head->note.checkpoint.origin, middle))
                        v->n_outside++;
        }
        return 0;
}

int heads_begin(struct verify *v)
{
        char text[80];

        /* Those that are there now: a log that is written to meanwhile gets more. */
        v->last_checkpoint = v->max_checkpoint = 0;
        snprintf(text, sizeof(text), "SELECT max(size) FROM checkpoints WHERE log = %d",
                 (int)v->log);
        int r = sql_int(v->store->db, text, &v->max_checkpoint, v->err);
        if (r >= 0)
                r = sql_prepare(v->store->db,
                                "SELECT size, note FROM checkpoints WHERE log = ? AND size > ?"
                                " AND size <= ? ORDER BY size LIMIT ?",
                                &v->checkpoint_page, v->err);
        if (r == 0)
                r = gather_outside(v);
        return r < 0 ? r : next_page(v);
}

void heads_done(struct verify *v)
{
        sqlite3_finalize(v->checkpoint_page);
        v->checkpoint_page = NULL;
        sql_rows_done(&v->checkpoints);
        free(v->outside);
        v->outside = NULL;
        v->n_outside = 0;
}

static int check_signature(struct verify *v, const struct vg_note *note)
{
        const unsigned long long size = note->checkpoint.size;
        int r = vg_note_check(note, &store_hasher, v->public_key, store_check, NULL);

        if (r == -EBADMSG || r == -ENOKEY)
                return verify_find(v, "checkpoint-forged", size,
                                   "point de contrôle de taille %llu : pas de signature valable "
                                   "de la clé du registre",
                                   size) < 0
                               ? -ECANCELED
                               : 1;
        return r;
}

static int check_root(struct verify *v, const struct vg_checkpoint *head)
{
        const unsigned long long from = v->report->log[v->log].signed_size, size = head->size;
        struct vg_hash stored, computed;
        int r = vg_tree_root(&v->tree, &store_hasher, &stored);

        if (r == 0)
                r = vg_tree_root(&v->computed, &store_hasher, &computed);
        if (r < 0)
                return r;
        if (vg_hash_equal(&head->root, &stored) || vg_hash_equal(&head->root, &computed)) {
                v->report->log[v->log].signed_size = size;
                return 0;
        }
        return verify_find(
                v, "checkpoint-mismatch", size,
                "le point de contrôle de taille %llu ne correspond pas : une inscription "
                "de %llu à %llu a été changée",
                size, from, size - 1);
}

/* A head of exactly the records read so far. */
static int check_head(struct verify *v, const struct vg_note *note)
{
        const unsigned long long size = note->checkpoint.size;
        int r;

        if (strcmp(note->checkpoint.origin, v->origin) != 0)
                return verify_find(v, "checkpoint-forged", size,
                                   "point de contrôle de taille %llu : il porte l'origine « %s »",
                                   size, note->checkpoint.origin);
        r = check_signature(v, note);
        if (r)
                return r < 0 ? r : 0;
        return v->has_hole ? 0 : check_root(v, &note->checkpoint);
}

static int check_row(struct verify *v, uint64_t size, const char *text)
{
        struct vg_note note;
        struct vg_err why = { 0 };

        v->report->log[v->log].checkpoints++;
        if (vg_note_parse(text, strlen(text), &note, &why) < 0)
                return verify_find(v, "checkpoint-malformed", size,
                                   "point de contrôle de taille %llu : %s",
                                   (unsigned long long)size, vg_err_text(&why));
        if (note.checkpoint.size != size)
                return verify_find(v, "checkpoint-malformed", size,
                                   "point de contrôle de taille %llu : il dit %llu",
                                   (unsigned long long)size,
                                   (unsigned long long)note.checkpoint.size);
        return check_head(v, &note);
}

/* Rows whose size is not above `size`: at it they are checked; below it their records are gone. */
static int check_rows_to(struct verify *v, uint64_t size)
{
        int r = 0;

        while (r == 0 && v->checkpoints.n_rows) {
                if (v->at_checkpoint == v->checkpoints.n_rows) {
                        r = next_page(v);
                        continue;
                }
                const uint64_t row = (uint64_t)sql_cell_int(&v->checkpoints, v->at_checkpoint, 0);
                if (row > size)
                        break;
                r = check_row(v, row, sql_cell_text(&v->checkpoints, v->at_checkpoint, 1));
                v->last_checkpoint = row;
                v->at_checkpoint++;
        }
        return r;
}

int heads_at_size(struct verify *v)
{
        int r = check_rows_to(v, v->next);

        for (size_t i = 0; i < v->n_outside && r == 0; i++) {
                struct head *head = &v->outside[i];
                if (head->met || head->note.checkpoint.size != v->next ||
                    strcmp(head->note.checkpoint.origin, v->origin) != 0)
                        continue;
                head->met = true;
                v->report->log[v->log].outside++;
                r = check_head(v, &head->note);
        }
        return r;
}

static int check_lost(struct verify *v, const struct head *head, const struct vg_note *named)
{
        const unsigned long long size = head->note.checkpoint.size;
        int r = check_signature(v, &head->note);

        if (r)
                return r < 0 ? r : 0;
        if (named && named->checkpoint.size >= size)
                return 0;
        return verify_find(v, "log-truncated", v->next,
                           "un point de contrôle de taille %llu existe ailleurs, et l'époque qui "
                           "commence à l'inscription %llu ne le nomme pas",
                           size, (unsigned long long)v->next);
}

/* What was signed under the old origin beyond this point was lost in the restore. That is accepted
 * as far as the epoch record itself says so, over a head that the old key did sign. */
int heads_at_epoch(struct verify *v, const char *outside)
{
        struct vg_note note;
        struct vg_err why = { 0 };
        const bool has_note = *outside != '\0';
        int r = 0;

        if (has_note && (vg_note_parse(outside, strlen(outside), &note, &why) < 0 ||
                         strcmp(note.checkpoint.origin, v->origin) != 0))
                return verify_find(v, "origin-wrong", v->next,
                                   "l'époque nomme un point de contrôle qui n'en est pas un");
        if (has_note)
                r = check_signature(v, &note);
        for (size_t i = 0; i < v->n_outside && r >= 0; i++) {
                struct head *head = &v->outside[i];
                if (head->met || strcmp(head->note.checkpoint.origin, v->origin) != 0)
                        continue;
                head->met = true;
                v->report->log[v->log].outside++;
                r = check_lost(v, head, has_note ? &note : NULL);
        }
        return r < 0 ? r : 0;
}

static int check_unmet(struct verify *v, const struct head *head)
{
        const unsigned long long size = head->note.checkpoint.size;

        if (strcmp(head->note.checkpoint.origin, v->origin) != 0)
                return verify_find(v, "checkpoint-foreign", size,
                                   "le point de contrôle donné est d'une autre origine : « %s »",
                                   head->note.checkpoint.origin);
        int r = check_signature(v, &head->note);
        if (r)
                return r < 0 ? r : 0;
        return verify_find(v, "log-truncated", v->size,
                           "le journal a %llu inscriptions; le point de contrôle donné en compte "
                           "%llu",
                           (unsigned long long)v->size, size);
}

int heads_end(struct verify *v)
{
        int r = 0;

        while (r == 0 && v->at_checkpoint < v->checkpoints.n_rows) {
                const int64_t size = sql_cell_int(&v->checkpoints, v->at_checkpoint, 0);
                v->at_checkpoint++;
                r = verify_find(v, "log-truncated", (uint64_t)size,
                                "le journal a %llu inscriptions; un point de contrôle en compte "
                                "%lld",
                                (unsigned long long)v->size, (long long)size);
        }
        for (size_t i = 0; i < v->n_outside && r == 0; i++)
                if (!v->outside[i].met)
                        r = check_unmet(v, &v->outside[i]);
        if (r == 0 && v->report->log[v->log].checkpoints == 0)
                r = verify_find(v, "no-checkpoint", v->size,
                                "aucun point de contrôle : rien de ce journal n'est signé");
        return r;
}
