/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/heartbeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/event.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* STORE_NONE: none, or none that this version can read. */
static int newest(struct store *store, char **ret_note, struct vg_heartbeat *ret_heartbeat,
                  struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        struct vg_note note;
        int r = store_heartbeat_get(store, STORE_HEARTBEAT_CLIENT, &text, err);

        if (r != 0)
                return r;
        if (vg_heartbeat_parse(text, strlen(text), ret_heartbeat, &note, NULL) < 0)
                return STORE_NONE;
        *ret_note = TAKE_PTR(text);
        return 0;
}

int64_t heartbeat_due(const struct destination *to, struct store *store, int64_t last_s,
                      int64_t now_s)
{
        const enum vg_role role = to->recipient->role;
        _cleanup_free_ char *note = NULL;
        struct vg_heartbeat heartbeat;

        if (role != VG_ROLE_CLIENT_IT && role != VG_ROLE_CONTRACT_MANAGER)
                return INT64_MAX;
        if (newest(store, &note, &heartbeat, NULL) != 0)
                return INT64_MAX;
        return heartbeat.utc_s > last_s ? now_s : INT64_MAX;
}

int heartbeat_event(struct store *store, const struct destination *to, char **ret_event,
                    char ret_id[2 * VG_HASH_SIZE + 1], struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        _cleanup_free_ char *note = NULL;
        struct vg_heartbeat heartbeat;
        struct vg_hash hash;
        char time[32];
        int r = newest(store, &note, &heartbeat, err);

        if (r != 0)
                return r;
        const struct vg_bytes part = { note, strlen(note) };
        r = store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);
        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        vg_json_object(&j, NULL);
        vg_json_string(&j, "data", note);
        vg_json_string(&j, "datacontenttype", "text/plain");
        vg_json_string(&j, "id", vg_hex_format(hash.bytes, VG_HASH_SIZE, ret_id));
        event_put_source(&j, to);
        vg_json_string(&j, "specversion", "1.0");
        vg_json_string(&j, "time", vg_utc_format(heartbeat.utc_s, time));
        vg_json_string(&j, "type", "ca.vigie.heartbeat.v1");
        vg_json_end_object(&j);
        *ret_event = vg_buf_take(&j.buf);
        return *ret_event ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}
