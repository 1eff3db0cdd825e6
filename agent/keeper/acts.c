/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/acts.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/answer.h"
#include "keeper/keeper.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum who { WHO_ANY, WHO_ROOT };

static const struct {
        const char *verb;
        act_fn *perform;
        enum who who;
} acts[] = {
#define VG_ACT(name, verb, who) { verb, act_##name, WHO_##who },
#include "keeper/acts.def"
#undef VG_ACT
};

int act_refuse(struct act *act, struct vg_err *err, const char *code, const char *format, ...)
{
        char text[1200]; /* cut to size, and marked so, by vg_err_set() */
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), vg_translate(format), ap);
        va_end(ap);
        act->code = code;
        vg_err_set(err, -EINVAL, "%s", text);
        return ACT_REFUSED;
}

int act_text(struct act *act, const char *key, size_t max, const char **ret_text,
             struct vg_err *err)
{
        if (vg_json_get_string(act->request->body, key, ret_text) < 0 ||
            !(*ret_text)[strspn(*ret_text, " \t\r\n")] || strlen(*ret_text) > max)
                return act_refuse(act, err, "bad-body",
                                  N_("« %s » : texte de 1 à %zu octets attendu"), key, max);
        return 0;
}

static void put_author(struct vg_json *j, const struct peer *peer)
{
        const struct passwd *user = getpwuid(peer->uid);

        vg_json_object(j, "author");
        vg_json_string(j, "role", peer->role ? peer->role : "");
        vg_json_int(j, "uid", peer->uid);
        vg_json_string(j, "user", user ? user->pw_name : "");
        vg_json_end_object(j);
}

int act_record(struct act *act, struct vg_json *detail, struct vg_err *err)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        put_author(&j, act->request->peer);
        vg_json_raw(&j, "detail", detail->buf.data, detail->buf.n);
        vg_json_string(&j, "verb", act->verb);
        vg_json_end_object(&j);
        j.buf.failed |= detail->buf.failed;
        vg_json_done(detail);
        return records_append(&act->records, VG_LOG_CLIENT, "act", &j, err);
}

/* Finds the row; ACT_REFUSED says why it may not be performed. */
static int find_act(struct act *act, act_fn **ret_perform, struct vg_err *err)
{
        const struct peer *peer = act->request->peer;
        int r = act_text(act, "verb", 64, &act->verb, err);

        if (r != 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(acts); i++) {
                if (strcmp(acts[i].verb, act->verb) != 0)
                        continue;
                if (acts[i].who == WHO_ROOT && peer->uid != 0 &&
                    peer->uid != act->keeper->peers.self)
                        return act_refuse(act, err, "forbidden", N_("%s : root seulement"),
                                          act->verb);
                *ret_perform = acts[i].perform;
                return 0;
        }
        return act_refuse(act, err, "unknown-verb", N_("acte inconnu : %s"), act->verb);
}

enum { ACT_DUPLICATE = 2 };

static int perform_once(struct act *act, act_fn *perform, struct vg_err *err)
{
        struct store *store = act->keeper->store;
        const struct act_request *q = act->request;
        int64_t last;
        int r = store_seen_get(store, q->source, q->instance, &last, err);

        if (r >= 0 && (int64_t)q->seq <= last)
                return ACT_DUPLICATE;
        if (r >= 0)
                r = perform(act, err);
        if (r == 0 || (r == ACT_REFUSED && act->keep_refusal)) {
                int seen = store_seen_put(store, q->source, q->instance, (int64_t)q->seq, q->utc_ns,
                                          err);
                r = seen < 0 ? seen : r;
        }
        return r;
}

static int perform_durably(struct act *act, act_fn *perform, struct vg_err *err)
{
        struct keeper *k = act->keeper;
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        r = perform_once(act, perform, err);
        if (r == 0 || (r == ACT_REFUSED && act->keep_refusal)) {
                struct vg_err why = { 0 };
                int c = store_commit(k->store, &why);
                if (c < 0) {
                        *err = why;
                        r = c;
                }
        } else {
                store_rollback(k->store);
        }
        if (r != 0 && act->book_changed)
                keeper_reload_meter(k);
        if (r != 0 && act->faults_changed)
                faults_reload(k);
        return r;
}

static bool wants_french(const json_t *body)
{
        const char *lang;

        return vg_json_get_string(body, "lang", &lang) < 0 ? vg_lang_is_french()
                                                           : strcmp(lang, "en") != 0;
}

static void tell(const struct act *act, int r, const struct vg_err *err, struct vg_buf *answer)
{
        const struct vg_buf *result = &act->result;
        const uint64_t seq = act->request->seq;

        if (r == ACT_DUPLICATE)
                answer_ok(answer, seq, "{\"duplicate\":1}", strlen("{\"duplicate\":1}"));
        else if (r == 0)
                answer_ok(answer, seq, result->n ? result->data : "{}", result->n ? result->n : 2);
        else if (r == ACT_REFUSED && result->n)
                answer_refusal_with(answer, seq, act->code, vg_err_text(err), result->data,
                                    result->n);
        else if (r == ACT_REFUSED)
                answer_refusal(answer, seq, false, act->code, vg_err_text(err));
        else
                answer_refusal(answer, seq, true, "store-failed", vg_err_text(err));
}

void acts_perform(struct keeper *k, const struct act_request *request, struct vg_buf *answer)
{
        struct act act = {
                .keeper = k,
                .request = request,
                .french = wants_french(request->body),
                .records = { .keeper = k, .utc_ns = request->utc_ns },
        };
        const bool own_french = vg_lang_is_french();
        struct vg_err err = { 0 };
        act_fn *perform = NULL;

        vg_lang_use(act.french); /* whoever asks reads the answer */
        int r = find_act(&act, &perform, &err);
        if (r == 0)
                r = perform_durably(&act, perform, &err);
        vg_lang_use(own_french);
        if (r < 0)
                keeper_store_failed(k, &err);
        if (r == 0)
                months_changed(k);
        if (r == 0 && act.after)
                act.after(&act);
        tell(&act, r, &err, answer);
        vg_buf_done(&act.result);
}
