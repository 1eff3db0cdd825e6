/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of evidence (os/evidence.h). They are held in memory alone: what a restart forgets, the
 * readers are asked for again, since their confirmation then differs from what is here. */

#include <errno.h>
#include <string.h>

#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

const char *iso_source_name(enum iso_source source)
{
        return source == ISO_HYPERVISOR ? "hypervisor" : "inspect";
}

static struct iso_reader *find_reader(struct isolation *iso, const char *source)
{
        const char *slash = strrchr(source, '/');

        for (int i = 0; i < ISO_N_SOURCES; i++)
                if (strcmp(slash ? slash + 1 : source, iso_source_name((enum iso_source)i)) == 0)
                        return &iso->readers[i];
        return NULL;
}

void isolation_reset(struct isolation *iso, struct iso_reader *reader)
{
        for (size_t i = 0; i < reader->pieces.n; i++)
                vg_host_drop(iso->host, reader->pieces.list[i].scope, reader->pieces.list[i].key);
        pieces_done(&reader->pieces);
}

static void drop_some(struct isolation *iso, struct iso_reader *reader, const json_t *rows)
{
        const json_t *row;
        size_t i;

        json_array_foreach (rows, i, row) {
                const char *scope = NULL, *key = NULL;
                if (vg_json_get_string(row, "scope", &scope) < 0 ||
                    vg_json_get_string(row, "key", &key) < 0)
                        continue;
                struct piece *piece = pieces_find(&reader->pieces, scope, key);
                if (!piece)
                        continue;
                vg_host_drop(iso->host, scope, key);
                pieces_drop(&reader->pieces, piece);
        }
}

/* A piece that cannot be used is as good as none: what it would have shown is unknown. It counts all
 * the same, or its reader would be asked for it for ever. */
static int put_some(struct isolation *iso, struct iso_reader *reader, const json_t *pieces,
                    struct vg_err *err)
{
        const json_t *piece;
        size_t i;

        json_array_foreach (pieces, i, piece) {
                struct vg_err why = { 0 };
                int r = pieces_put(&reader->pieces, piece, NULL);

                if (r < 0)
                        return r == -ENOMEM
                                       ? vg_err_set(err, r, "mémoire épuisée")
                                       : vg_err_set(err, r, "preuve sans « scope » ni « key »");
                if (vg_host_put(iso->host, piece, &why) < 0) {
                        vg_host_drop(iso->host, json_string_value(json_object_get(piece, "scope")),
                                     json_string_value(json_object_get(piece, "key")));
                        vg_log(LOG_WARNING, "preuve de cloisonnement inutilisable, ignorée : %s",
                               vg_err_text(&why));
                }
                iso->wanted = true;
        }
        return 0;
}

static bool is_the_same(const struct pieces *pieces, const json_t *confirm)
{
        char hex[2 * PIECE_DIGEST + 1];
        const char *digest = "";
        int64_t count = -1;

        (void)vg_json_get_string(confirm, "digest", &digest);
        (void)vg_json_get_int(confirm, "count", &count);
        return count == (int64_t)pieces->n &&
               strcmp(digest, vg_hex_format(pieces->digest, sizeof(pieces->digest), hex)) == 0;
}

int isolation_hear(struct hearing *hearing, struct vg_err *err)
{
        struct isolation *iso = &hearing->records.keeper->isolation;
        struct iso_reader *reader = find_reader(iso, hearing->source);
        const json_t *confirm = json_object_get(hearing->body, "confirm");
        const json_t *dropped = json_object_get(hearing->body, "drop");

        if (!reader) {
                vg_err_set(err, -EINVAL, "« %s » ne recueille pas de preuves", hearing->source);
                return HEAR_REFUSED;
        }
        if (json_object_get(hearing->body, "reset"))
                isolation_reset(iso, reader);
        iso->wanted |= json_array_size(dropped) > 0;
        drop_some(iso, reader, dropped);
        int r = put_some(iso, reader, json_object_get(hearing->body, "pieces"), err);
        if (r < 0)
                return r == -ENOMEM ? r : HEAR_REFUSED;
        if (!confirm)
                return 0;
        if (!is_the_same(&reader->pieces, confirm)) {
                vg_buf_puts(&hearing->result, "{\"resend\":1}");
                return 0;
        }
        reader->confirmed_boot_ns = vg_clock_now().at_boot_ns;
        hearing->after = isolation_judge;
        return 0;
}
