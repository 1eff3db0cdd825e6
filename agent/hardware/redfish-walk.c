/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hardware/redfish-log.h"
#include "hardware/redfish-plan.h"
#include "os/clock.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum {
        PAGES_MAX = 100,
        FAILURES_MAX = 3, /* in a row: the BMC is gone */
        BRIEF_FAILURES_MAX = 2,
        EXPAND_FAILURES_MAX = 3,
        POLL_MAX_S = 1800,
};

static void next(struct redfish_walk *walk);

/* ---- the end of a poll ---- */

static void end(struct redfish_walk *walk, int r, const char *why, unsigned wait_s)
{
        const struct redfish_walk_end result = {
                .r = r,
                .why = why,
                .changed = walk->changed,
                .is_knock = walk->is_knock,
                .wait_s = wait_s,
                .n_requests = redfish_session_requests(walk->session) - walk->n_before,
                .unreads = walk->unreads,
                .n_unreads = walk->n_unreads,
                .n_unread_more = walk->n_unread_more,
        };

        json_decref(TAKE_PTR(walk->paged));
        walk->is_running = false;
        walk->has_full = r == 0 && (walk->has_full || !walk->is_fast);
        redfish_session_set_patience(walk->session, 0);
        walk->fn(walk->user, &result);
}

static void add_unread(struct redfish_walk *walk, const char *link, const char *why)
{
        if (walk->n_unreads == UNREADS_MAX) {
                walk->n_unread_more++;
                return;
        }
        struct redfish_walk_unread *unread = &walk->unreads[walk->n_unreads];
        *unread = (struct redfish_walk_unread){ strdup(link), strdup(why) };
        if (unread->link && unread->why) {
                walk->n_unreads++;
        } else {
                free(unread->link);
                free(unread->why);
                walk->n_unread_more++;
        }
}

static void forget_unreads(struct redfish_walk *walk)
{
        for (size_t i = 0; i < walk->n_unreads; i++) {
                free(walk->unreads[i].link);
                free(walk->unreads[i].why);
        }
        walk->n_unreads = walk->n_unread_more = 0;
}

/* ---- answers ---- */

static void step(struct redfish_walk *walk)
{
        walk->n_pages = 0;
        if (walk->is_fast)
                walk->fast_at++;
        else
                walk->at++;
        next(walk);
}

/* Pages of one collection become one resource. 1: another page is asked for. */
static int gather_pages(struct redfish_walk *walk, json_t **tree, redfish_answer_fn *fn)
{
        const char *more = json_string_value(json_object_get(*tree, "Members@odata.nextLink"));

        if (walk->paged) {
                json_array_extend(json_object_get(walk->paged, "Members"),
                                  json_object_get(*tree, "Members"));
                json_decref(*tree);
                *tree = TAKE_PTR(walk->paged);
        }
        if (!more || !json_is_array(json_object_get(*tree, "Members")))
                return 0;
        if (++walk->n_pages > PAGES_MAX) {
                add_unread(walk, more, _("collection sans fin"));
                return 0;
        }
        char *link = strdup(more);
        walk->paged = TAKE_PTR(*tree);
        int r = link ? redfish_get(walk->session, link, NULL, fn, walk, NULL) : -ENOMEM;
        free(link);
        if (r == 0)
                return 1;
        *tree = TAKE_PTR(walk->paged);
        return 0;
}

static void on_answer(void *user, const struct redfish_answer *answer);

static struct ask *current(struct redfish_walk *walk)
{
        return &walk->asks[walk->is_fast ? walk->fast[walk->fast_at] : walk->at];
}

static void go_on(struct redfish_walk *walk)
{
        if (walk->asks_again)
                next(walk);
        else
                step(walk);
}

/* It answers, though not with what was asked for. */
static bool is_refused(int r)
{
        return r == -EREMOTEIO || r == -ENOENT || r == -EPROTO || r == -EFBIG;
}

static void on_knock(void *user, const struct redfish_answer *answer)
{
        struct redfish_walk *walk = user;
        const int r = answer->r < 0 && !is_refused(answer->r) ? answer->r : 0;

        if (r < 0 || walk->is_knock)
                end(walk, r, answer->why, answer->wait_s);
        else
                go_on(walk);
}

/* The system, where it is known and not the one that did not answer: there are BMCs that hang, and still
 * say their root. */
static const struct ask *top_of(struct redfish_walk *walk)
{
        for (size_t i = 0; i < walk->n; i++)
                if (walk->asks[i].how == REDFISH_TOP)
                        return walk->is_knock || &walk->asks[i] != current(walk) ? &walk->asks[i]
                                                                                 : NULL;
        return NULL;
}

static void knock(struct redfish_walk *walk)
{
        const struct ask *top = top_of(walk);
        int r = redfish_get(walk->session, top ? top->link : ROOT, top ? top->etag : NULL, on_knock,
                            walk, NULL);

        if (r < 0)
                end(walk, r, strerror(-r), 0);
}

static bool is_lost(int r)
{
        return r == -ETIMEDOUT || r == -ECONNREFUSED || r == -ECONNRESET;
}

/* One that could not be read, and that ends the poll. */
static bool is_fatal(const struct redfish_walk *walk, const struct ask *ask, int r)
{
        if (r == -EACCES || r == -EAGAIN || r == -EKEYREJECTED || r == -ENOMEM ||
            strcmp(ask->link, ROOT) == 0)
                return true;
        if (is_lost(r) && (walk->in_doubt || (walk->is_fast && walk->fast_at == 0)))
                return true; /* of what it answered before, not even the first */
        return walk->n_failures >= (walk->is_fast ? BRIEF_FAILURES_MAX : FAILURES_MAX);
}

/* One that could not be read. */
static void bear(struct redfish_walk *walk, struct ask *ask, const struct redfish_answer *answer)
{
        const int r = answer->r;
        const bool refused = is_refused(r);

        walk->n_failures = refused ? 0 : walk->n_failures + 1;
        if (is_fatal(walk, ask, r)) {
                end(walk, r, answer->why, answer->wait_s);
                return;
        }
        walk->asks_again = ask->expand && (refused || r == -ETIMEDOUT); /* as it is */
        if (walk->asks_again) {
                ask->expand = false;
                if (++walk->n_expand_failures >= EXPAND_FAILURES_MAX)
                        walk->expand[0] = '\0';
        } else if (r != -ENOENT) {
                add_unread(walk, ask->link, answer->why);
        }
        if (walk->paged) { /* the pages that came hold what they hold */
                json_t *tree = TAKE_PTR(walk->paged);
                if (!walk->asks_again)
                        (void)redfish_plan_take(walk, ask, tree, NULL);
                json_decref(tree);
        }
        if (is_lost(r))
                knock(walk);
        else
                go_on(walk);
}

/* It answers at its own pace again. */
static void trust(struct redfish_walk *walk, const struct ask *ask)
{
        walk->n_failures = 0;
        if (!walk->in_doubt || strcmp(ask->link, ROOT) == 0)
                return;
        walk->in_doubt = false;
        redfish_session_set_patience(walk->session, 0);
}

static void on_answer(void *user, const struct redfish_answer *answer)
{
        struct redfish_walk *walk = user;
        struct ask *ask = current(walk);

        if (answer->r < 0) {
                bear(walk, ask, answer);
                return;
        }
        trust(walk, ask);
        if (answer->r == 0) {
                json_t *tree = json_incref((json_t *)answer->tree);
                int r = gather_pages(walk, &tree, on_answer);
                if (r == 1)
                        return;
                r = redfish_plan_take(walk, ask, tree, answer->etag);
                json_decref(tree);
                if (r < 0) /* ask may have moved: the plan grew */
                        add_unread(walk, current(walk)->link,
                                   r == -EFBIG ? _("réponse démesurée") : strerror(-r));
        }
        step(walk);
}

/* ---- entries of logs ---- */

static int keep_entry(void *user, const char *link, const json_t *entry)
{
        return redfish_plan_keep(user, link, entry);
}

static void on_log(void *user, const struct redfish_answer *answer)
{
        struct redfish_walk *walk = user;
        struct ask *ask = current(walk);
        const char *wants = NULL;

        if (answer->r < 0 && answer->r != -ENOENT) {
                /* A page or an entry that fails ends this log for this time. */
                bear(walk, ask, answer);
                return;
        }
        trust(walk, ask);
        if (answer->r == 0 || answer->r == -ENOENT)
                wants = redfish_log_take(walk->log, answer->tree, answer->etag, keep_entry, walk);
        if (!wants || redfish_get(walk->session, wants, NULL, on_log, walk, NULL) < 0) {
                redfish_log_end(walk->log, keep_entry, walk);
                step(walk);
        }
}

/* ---- asking ---- */

static int send_ask(struct redfish_walk *walk, struct ask *ask)
{
        _cleanup_free_ char *link = NULL;
        const char *sign = strchr(ask->link, '?') ? "&" : "?";

        if (ask->how == REDFISH_LOG)
                return redfish_get(walk->session, ask->link,
                                   redfish_log_begin(walk->log, ask->link), on_log, walk, NULL);
        if (asprintf(&link, "%s%s%s", ask->link, ask->expand ? sign : "",
                     ask->expand ? walk->expand : "") < 0) {
                link = NULL;
                return -ENOMEM;
        }
        return redfish_get(walk->session, link, walk->is_fast ? ask->etag : NULL, on_answer, walk,
                           NULL);
}

static void next(struct redfish_walk *walk)
{
        const size_t n = walk->is_fast ? walk->n_fast : walk->n;

        while ((walk->is_fast ? walk->fast_at : walk->at) < n) {
                struct ask *ask = current(walk);
                if (vg_clock_now().at_boot_ns > walk->deadline_boot_ns) {
                        add_unread(walk, ask->link, _("le tour a dépassé son délai"));
                        break;
                }
                if (send_ask(walk, ask) == 0)
                        return;
                add_unread(walk, ask->link, _("lien refusé"));
                if (walk->is_fast)
                        walk->fast_at++;
                else
                        walk->at++;
        }
        end(walk, 0, "", 0);
}

/* Roll-ups each time, one log and some of the rest in turn. */
int redfish_walk_start(struct redfish_walk *walk, enum redfish_poll poll, bool in_doubt)
{
        if (walk->is_running)
                return -EBUSY;
        walk->is_running = true;
        walk->is_fast = poll == REDFISH_FAST && walk->has_full;
        walk->is_knock = poll == REDFISH_KNOCK && walk->has_full;
        walk->in_doubt = in_doubt;
        walk->changed = false;
        walk->n_failures = walk->n_pages = 0;
        walk->n_before = redfish_session_requests(walk->session);
        walk->deadline_boot_ns = vg_clock_now().at_boot_ns + POLL_MAX_S * UINT64_C(1000000000);
        forget_unreads(walk);
        redfish_session_set_patience(walk->session, in_doubt ? REDFISH_KNOCK_S : 0);
        if (walk->is_knock) {
                knock(walk);
                return 0;
        }
        redfish_log_forget(walk->log, &walk->tree);
        if (walk->is_fast) {
                redfish_plan_fast(walk);
        } else {
                redfish_plan_forget(walk);
                documents_done(&walk->tree);
                documents_done(&walk->seen);
                walk->n_expand_failures = 0;
                walk->expand[0] = '\0';
                int r = redfish_plan_add(walk, ROOT, REDFISH_ONE, false);
                if (r < 0) {
                        walk->is_running = false;
                        return r;
                }
        }
        next(walk);
        return 0;
}

const struct documents *redfish_walk_documents(const struct redfish_walk *walk)
{
        return &walk->tree;
}

int redfish_walk_new(struct redfish_session *session, redfish_walk_end_fn *fn, void *user,
                     struct redfish_walk **ret_walk, struct vg_err *err)
{
        struct redfish_walk *walk = calloc(1, sizeof(*walk));

        if (!walk || redfish_log_new(&walk->log) < 0) {
                free(walk);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        walk->session = session;
        walk->fn = fn;
        walk->user = user;
        *ret_walk = walk;
        return 0;
}

void redfish_walk_free(struct redfish_walk *walk)
{
        if (!walk)
                return;
        redfish_plan_forget(walk);
        forget_unreads(walk);
        free(walk->asks);
        documents_done(&walk->tree);
        documents_done(&walk->seen);
        redfish_log_free(walk->log);
        json_decref(walk->paged);
        free(walk);
}
