/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/delivery.h"

#include <errno.h>
#include <string.h>

#include "keeper/hearers.h"
#include "keeper/keeper.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { JUDGE_EVERY_S = 60, SET_ASIDE_MAX = 1000, TOLD_MAX = 256 << 10 };

static const char memory_name[] = "delivery";

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

/* ---- what was told ---- */

static bool is_state(const char *word)
{
        static const char *const words[] = { "off", "ok", "refused", "waiting" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcmp(words[i], word) == 0)
                        return true;
        return false;
}

static bool is_time_or_empty(const json_t *d, const char *key)
{
        const char *text = text_of(d, key);
        int64_t at_s;

        return !*text || vg_utc_parse(text, &at_s) == 0;
}

static bool is_destination(const json_t *d)
{
        const json_t *set_aside = json_object_get(d, "set_aside"),
                     *receipt = json_object_get(d, "receipt"),
                     *certificate = json_object_get(d, "certificate");
        const char *name = text_of(d, "name");
        struct vg_buf text = { 0 };
        int64_t pending;
        bool ok = *name && strlen(name) < 128 && is_state(text_of(d, "state")) &&
                  vg_json_get_int(d, "pending", &pending) == 0 && pending >= 0 &&
                  is_time_or_empty(d, "oldest") && is_time_or_empty(d, "success");

        ok = ok && (!set_aside ||
                    (json_is_array(set_aside) && json_array_size(set_aside) <= SET_ASIDE_MAX));
        ok = ok && (!receipt || json_is_object(receipt));
        ok = ok && (!certificate ||
                    (json_is_object(certificate) && *text_of(certificate, "subject") &&
                     *text_of(certificate, "until") && is_time_or_empty(certificate, "until")));
        ok = ok && vg_json_canonical(d, &text, NULL) == 0 && text.n <= TOLD_MAX;
        vg_buf_done(&text);
        return ok;
}

static int check(const json_t *destinations, struct vg_err *err)
{
        const json_t *d;
        size_t i;

        if (!json_is_array(destinations) || json_array_size(destinations) > DELIVERY_MAX) {
                vg_err_set(err, -EINVAL, "« destinations » : liste d'au plus %d attendue",
                           DELIVERY_MAX);
                return HEAR_REFUSED;
        }
        json_array_foreach (destinations, i, d)
                if (!is_destination(d)) {
                        vg_err_set(err, -EINVAL, "destination mal formée : %s", text_of(d, "name"));
                        return HEAR_REFUSED;
                }
        return 0;
}

/* ---- what is recorded of it ---- */

/* A wait is one only when it has lasted. */
static const char *state_of(const json_t *d, int64_t now_s)
{
        const char *state = text_of(d, "state");
        int64_t oldest_s;

        if (strcmp(state, "waiting") == 0 && (vg_utc_parse(text_of(d, "oldest"), &oldest_s) < 0 ||
                                              now_s - oldest_s < DELIVERY_PATIENCE_S))
                return "ok";
        return state;
}

static json_t *lasting(const json_t *d, int64_t now_s)
{
        json_t *copy = json_copy((json_t *)d);

        if (!copy || json_object_set_new(copy, "state", json_string(state_of(d, now_s))) < 0) {
                json_decref(copy);
                return NULL;
        }
        json_object_del(copy, "pending");
        json_object_del(copy, "oldest");
        json_object_del(copy, "success");
        if (strcmp(text_of(copy, "state"), "ok") == 0)
                json_object_del(copy, "why");
        return copy;
}

/* Words of an error differ from one attempt to the next; that alone is no news. */
static bool is_same(const json_t *a, const json_t *b)
{
        static const char *const keys[] = { "certificate", "receipt", "role",
                                            "set_aside",   "sink",    "state" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
                if (x != y && !json_equal(x, y))
                        return false;
        }
        return true;
}

static int record(struct records *records, const json_t *destination, struct vg_err *err)
{
        struct vg_json j = { 0 };
        struct vg_buf text = { 0 };
        char at[32];
        int r = vg_json_canonical(destination, &text, err);

        if (r < 0) {
                vg_buf_done(&text);
                return r;
        }
        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(records->utc_ns, VG_NS_PER_S), at));
        vg_json_raw(&j, "destination", text.data, text.n);
        vg_json_end_object(&j);
        vg_buf_done(&text);
        return records_append(records, VG_LOG_CLIENT, "delivery", &j, err);
}

/* The ledger's side, and what is told now: each destination of the one is looked for in the other. */
struct comparing {
        struct hearing *hearing;
        json_t *told; /* name to what lasts of it; those that the ledger holds as they are go */
        struct vg_err *err;
};

static int compare(void *ctx, const struct store_delivery *row)
{
        struct comparing *c = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const json_t *told = json_object_get(c->told, row->name);
        int r = vg_json_parse(row->body, strlen(row->body), &body, NULL, NULL, c->err);

        if (r < 0)
                return r;
        if (told) {
                if (is_same(told, body))
                        json_object_del(c->told, row->name);
                return 0;
        }
        if (strcmp(row->state, "gone") == 0)
                return 0;
        json_object_set_new(body, "state", json_string("gone"));
        json_object_del(body, "why");
        return record(&c->hearing->records, body, c->err);
}

static int put_told(const json_t *destinations, int64_t now_s, json_t *told)
{
        const json_t *d;
        size_t i;

        json_array_foreach (destinations, i, d) {
                json_t *copy = lasting(d, now_s);
                if (!copy || json_object_set_new(told, text_of(d, "name"), copy) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int record_changes(struct hearing *h, const json_t *destinations, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *told = json_object();
        struct comparing c = { h, told, err };
        const int64_t now_s = vg_floor_div(h->records.utc_ns, VG_NS_PER_S);
        const char *name;
        const json_t *d;
        int r = told ? put_told(destinations, now_s, told) : -ENOMEM;

        if (r < 0)
                return vg_err_set(err, r, "mémoire épuisée");
        r = store_delivery_each(h->records.keeper->store, compare, &c, err);
        json_object_foreach (told, name, d)
                if (r == 0)
                        r = record(&h->records, d, err);
        return r;
}

/* ---- heard ---- */

static int remember(struct keeper *k, const json_t *destinations, int64_t utc_ns,
                    struct vg_err *err)
{
        struct vg_json j = { 0 };
        struct vg_buf text = { 0 };
        char at[32];
        int r = vg_json_canonical(destinations, &text, err);

        vg_json_object(&j, NULL);
        vg_json_string(&j, "at", vg_utc_format(vg_floor_div(utc_ns, VG_NS_PER_S), at));
        if (r == 0)
                vg_json_raw(&j, "destinations", text.data, text.n);
        vg_json_end_object(&j);
        if (r == 0)
                r = j.buf.failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée")
                                 : store_memory_put(k->store, memory_name, utc_ns, j.buf.data,
                                                    j.buf.n, err);
        vg_json_done(&j);
        vg_buf_done(&text);
        return r;
}

static void undone(struct keeper *k)
{
        struct vg_err err = { 0 };

        (void)delivery_init(k, &err); /* what cannot be read now is told again by the deliverer */
}

int hear_delivery(struct hearing *h, struct vg_err *err)
{
        struct keeper *k = h->records.keeper;
        json_t *destinations = json_object_get(h->body, "destinations");
        int r = check(destinations, err);

        if (r == 0)
                r = record_changes(h, destinations, err);
        if (r == 0)
                r = remember(k, destinations, h->records.utc_ns, err);
        if (r != 0)
                return r;
        json_decref(k->delivery.destinations);
        k->delivery.destinations = json_incref(destinations);
        h->after = delivery_alert;
        h->undone = undone;
        return 0;
}

/* ---- life ---- */

int delivery_init(struct keeper *k, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *memory = NULL;
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r = store_memory_get(k->store, memory_name, &text, &n, err);

        delivery_done(&k->delivery);
        if (r == 0)
                r = vg_json_parse(text, n, &memory, NULL, NULL, err);
        if (r < 0)
                return r;
        k->delivery.destinations = json_incref(json_object_get(memory, "destinations"));
        return 0;
}

void delivery_done(struct delivery *delivery)
{
        json_decref(delivery->destinations);
        delivery->destinations = NULL;
}

static bool is_due(uint64_t *last_boot_ns, uint64_t every_s, const struct vg_now *now)
{
        if (*last_boot_ns && now->at_boot_ns < *last_boot_ns + every_s * (uint64_t)VG_NS_PER_S)
                return false;
        *last_boot_ns = now->at_boot_ns;
        return true;
}

void delivery_tick(struct keeper *k)
{
        const struct vg_now now = vg_clock_now();
        struct vg_err err = { 0 };

        if (is_due(&k->delivery.beat_boot_ns, k->settings->heartbeat_interval_s, &now) &&
            store_heartbeat_sign(k->store, now.at_utc_ns, &err) < 0)
                keeper_store_failed(k, &err);
        if (is_due(&k->delivery.looked_boot_ns, JUDGE_EVERY_S, &now))
                delivery_alert(k);
}
