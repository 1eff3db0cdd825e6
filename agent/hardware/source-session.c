/* SPDX-License-Identifier: Apache-2.0 */

/* session: who is logged in on this machine (logind). Whoever maintains it for the supplier may read
 * and change what is not yet recorded, so that he was there is recorded. Sent as
 * {"sessions":[{"host","id","service","tty","uid","user"}]}, all that are open. */

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-login.h>

#include "hardware/hardware.h"
#include "os/clock.h"
#include "os/keeper.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { PATIENCE_S = 30 };

struct session {
        sd_login_monitor *monitor;
        sd_event_source *io;
        char *sent; /* the last body, so that the same is not sent twice */
};

static void put_text(struct vg_json *j, const char *key, int (*get)(const char *, char **),
                     const char *id)
{
        _cleanup_free_ char *text = NULL;
        char clean[256] = "";

        if (get(id, &text) >= 0 && text)
                vg_text_clean(text, strlen(text), clean, sizeof(clean));
        vg_json_string(j, key, clean);
}

/* People only: not the greeters, nor what lingers for a service. */
static bool is_person(const char *id)
{
        _cleanup_free_ char *kind = NULL, *state = NULL;

        return sd_session_get_class(id, &kind) >= 0 && strcmp(kind, "user") == 0 &&
               sd_session_get_state(id, &state) >= 0 && strcmp(state, "closing") != 0;
}

static void put_session(struct vg_json *j, const char *id)
{
        uid_t uid;

        if (sd_session_get_uid(id, &uid) < 0)
                return;
        vg_json_object(j, NULL);
        put_text(j, "host", sd_session_get_remote_host, id);
        vg_json_string(j, "id", id);
        put_text(j, "service", sd_session_get_service, id);
        put_text(j, "tty", sd_session_get_tty, id);
        vg_json_int(j, "uid", uid);
        const struct passwd *user = getpwuid(uid);
        vg_json_string(j, "user", user ? user->pw_name : "");
        vg_json_end_object(j);
}

static int by_id(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int write_sessions(struct vg_json *j)
{
        char **ids = NULL;
        int n = sd_get_sessions(&ids);

        if (n < 0)
                return n;
        if (n > 1)
                qsort(ids, (size_t)n, sizeof(*ids), by_id);
        vg_json_object(j, NULL);
        vg_json_array(j, "sessions");
        for (int i = 0; i < n; i++) {
                if (is_person(ids[i]))
                        put_session(j, ids[i]);
                free(ids[i]);
        }
        free(ids);
        vg_json_end_array(j);
        vg_json_end_object(j);
        return j->buf.failed ? -ENOMEM : 0;
}

static int send(struct source *source, const struct vg_json *j)
{
        struct session *session = source->state;
        struct vg_keeper *keeper = source->hardware->keeper;
        const struct vg_now now = vg_clock_now();

        if (!keeper || (session->sent && strcmp(session->sent, j->buf.data) == 0))
                return 0;
        int r = vg_keeper_send(keeper, "sessions", &now, j->buf.data, j->buf.n, NULL);
        if (r < 0)
                return r;
        free(session->sent);
        session->sent = strdup(j->buf.data);
        return 0;
}

static void look(struct source *source)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        int r = write_sessions(&j);

        if (r == 0)
                r = send(source, &j);
        source_end(source, r, strerror(-r));
}

static int on_change(_unused_ sd_event_source *s, _unused_ int fd, _unused_ uint32_t events,
                     void *user)
{
        struct source *source = user;

        sd_login_monitor_flush(((struct session *)source->state)->monitor);
        source_want(source);
        return 0;
}

static int start(struct source *source, struct vg_err *err)
{
        struct session *session = calloc(1, sizeof(*session));

        if (!session)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        source->state = session;
        int r = sd_login_monitor_new("session", &session->monitor);
        if (r >= 0)
                r = sd_event_add_io(source->hardware->event, &session->io,
                                    sd_login_monitor_get_fd(session->monitor), EPOLLIN, on_change,
                                    source);
        return r < 0 ? vg_err_set(err, r, "logind : %s", strerror(-r)) : 0;
}

static void free_session(struct source *source)
{
        struct session *session = source->state;

        sd_event_source_disable_unref(session->io);
        sd_login_monitor_unref(session->monitor);
        free(session->sent);
        free(session);
}

static uint32_t interval_s(_unused_ const struct vg_settings *settings)
{
        return 60; /* a monitor that missed one is made up for */
}

const struct vg_source vg_source_session = {
        .name = "session",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .start = start,
        .look = look,
        .free = free_session,
};
