/* SPDX-License-Identifier: Apache-2.0 */

/* Log-in sessions on the machine, as records of the shared log: `session` {"at":"…Z",
 * "event":"opened|closed","host","id","service","tty","uid","user"}. The reader tells of all that
 * are open; what differs from the ledger is recorded. */

#include <errno.h>
#include <string.h>

#include "keeper/hearers.h"
#include "keeper/keeper.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { SESSIONS_MAX = 1000 };

/* The members of a session but its event and its time, in byte order of their keys. */
static const char *const texts[] = { "host", "id", "service", "tty", "user" };

struct comparing {
        struct hearing *hearing;
        const json_t *open; /* as the reader says */
        struct vg_err *err;
        bool known[SESSIONS_MAX]; /* open ones that the ledger has */
};

static const char *text_of(const json_t *session, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(session, key, &text);
        return text;
}

static int record(struct comparing *c, const json_t *session, const char *event)
{
        struct records *records = &c->hearing->records;
        struct vg_json j = { 0 };
        char at[32];
        int64_t uid = -1;

        (void)vg_json_get_int(session, "uid", &uid);
        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(records->utc_ns, VG_NS_PER_S), at));
        vg_json_string(&j, "event", event);
        vg_json_string(&j, "host", text_of(session, "host"));
        vg_json_string(&j, "id", text_of(session, "id"));
        vg_json_string(&j, "service", text_of(session, "service"));
        vg_json_string(&j, "tty", text_of(session, "tty"));
        vg_json_int(&j, "uid", uid);
        vg_json_string(&j, "user", text_of(session, "user"));
        vg_json_end_object(&j);
        return records_append(records, VG_LOG_SHARED, "session", &j, c->err);
}

/* A number is used again after a restart of the machine: all of the session must be the same. */
static bool is_same(const json_t *a, const json_t *b)
{
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcmp(text_of(a, texts[i]), text_of(b, texts[i])) != 0)
                        return false;
        return true;
}

static int compare(void *ctx, const struct store_session *session)
{
        struct comparing *c = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const json_t *open;
        size_t i;

        if (vg_json_parse(session->body, strlen(session->body), &body, NULL, NULL, NULL) < 0)
                return 0;
        json_array_foreach (c->open, i, open) {
                if (is_same(open, body)) {
                        c->known[i] = true;
                        return 0;
                }
        }
        return record(c, body, "closed");
}

int hear_sessions(struct hearing *h, struct vg_err *err)
{
        struct comparing c = { h, json_object_get(h->body, "sessions"), err, { false } };
        const json_t *open;
        size_t i;

        if (!json_is_array(c.open) || json_array_size(c.open) > SESSIONS_MAX) {
                vg_err_set(err, -EINVAL, "« sessions » : liste d'au plus %d attendue",
                           SESSIONS_MAX);
                return HEAR_REFUSED;
        }
        int r = store_session_each(h->records.keeper->store, true, compare, &c, err);
        json_array_foreach (c.open, i, open) {
                if (r == 0 && !c.known[i] && *text_of(open, "id"))
                        r = record(&c, open, "opened");
        }
        return r;
}
