/* SPDX-License-Identifier: Apache-2.0 */

/* A heartbeat: that the keeper lives, signed by its key (vigie/ledger.h). */

#include <errno.h>
#include <string.h>

#include "cli/receive.h"

/* The log whose key signs it: the heartbeat bears the name of the log's epoch. */
static struct receive_log *find_log(const struct receive *receive, const char *origin)
{
        char name[VG_ORIGIN_SIZE];

        for (size_t i = 0; i < receive->n_logs; i++)
                if (vg_heartbeat_origin(receive->logs[i]->origin, name) == 0 &&
                    strcmp(name, origin) == 0)
                        return receive->logs[i];
        return NULL;
}

static int check(const struct receive_log *log, const char *peer, const struct vg_note *note,
                 const struct vg_heartbeat *heartbeat, struct receive_refusal *refusal)
{
        if (strcmp(log->appliance->peer, peer) != 0)
                return receive_refuse(refusal, 403, "peer",
                                      "le certificat « %s » ne parle pas pour l'appareil %s", peer,
                                      log->appliance->name);
        if (vg_note_check_name(note, heartbeat->origin, &store_hasher, log->public_key, store_check,
                               NULL) < 0)
                return receive_refuse(refusal, 403, "signature",
                                      "le battement n'est pas signé par la clé du journal");
        return 0;
}

/* Of a size that we hold, another root: the log shows two histories. */
static bool contradicts(const struct receive_log *log, const struct vg_heartbeat *heartbeat)
{
        return heartbeat->has[VG_LOG_SHARED] && log->head.size > 0 &&
               heartbeat->size[VG_LOG_SHARED] == log->head.size &&
               !vg_hash_equal(&heartbeat->root[VG_LOG_SHARED], &log->head.root);
}

int receive_heartbeat(struct receive *receive, const char *peer, const char *body, size_t n,
                      struct receive_refusal *refusal)
{
        struct vg_heartbeat heartbeat;
        struct vg_note note;
        struct vg_err err = { 0 };

        if (vg_heartbeat_parse(body, n, &heartbeat, &note, &err) < 0)
                return receive_refuse(refusal, 400, "heartbeat", "%s", vg_err_text(&err));
        struct receive_log *log = find_log(receive, heartbeat.origin);
        if (!log)
                return receive_refuse(refusal, 404, "origin",
                                      "rien n'a encore été reçu de cet appareil");
        int r = check(log, peer, &note, &heartbeat, refusal);
        if (r < 0)
                return r;
        if (heartbeat.utc_s < log->appliance->heartbeat_s)
                return 0; /* late, or a clock set back: no news */
        if (contradicts(log, &heartbeat)) {
                r = receive_refuse(refusal, 422, "conflict",
                                   "ce battement contredit le point de contrôle qui est détenu");
                if (receive_put_conflict(receive, log, body, &err) < 0)
                        cli_progress(receive->cli, "%s", vg_err_text(&err));
                receive_tell_conflict(receive, log, refusal);
                return r;
        }
        if (receive_put_heartbeat(receive, log->appliance, body, &err) < 0)
                return receive_refuse(refusal, 503, "disk", "%s", vg_err_text(&err));
        log->appliance->heartbeat_s = heartbeat.utc_s;
        receive_note_news(receive, log->appliance);
        return 0;
}
