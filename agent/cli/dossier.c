/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/dossier.h"

#include <errno.h>
#include <string.h>

#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

void dossier_done(struct dossier *dossier)
{
        json_decref(dossier->tree);
        store_pauses_done(&dossier->pauses);
        dossier->tree = NULL;
}

struct reading {
        struct dossier *dossier;
        const struct vg_contract *contract;
        int64_t now_s;
        struct vg_err *err;
        char version[64]; /* of the life record before */
        bool failed;
};

/* ---- rows ---- */

static json_t *list_of(const struct dossier *d, const char *name)
{
        return json_object_get(d->tree, name);
}

void dossier_text(json_t *row, const char *key, const char *text)
{
        json_object_set_new(row, key, json_string(text ? text : ""));
}

void dossier_time(json_t *row, const char *key, int64_t utc_s)
{
        char text[32];

        dossier_text(row, key, utc_s ? vg_utc_format(utc_s, text) : "");
}

void dossier_entry(json_t *row, enum vg_log log, uint64_t seq)
{
        char text[48];
        json_t *entries = json_object_get(row, "entries");

        if (!entries)
                json_object_set_new(row, "entries", entries = json_array());
        snprintf(text, sizeof(text), "%s %llu", vg_log_name(log), (unsigned long long)seq);
        json_array_append_new(entries, json_string(text));
}

void dossier_entry_once(json_t *row, enum vg_log log, uint64_t seq)
{
        char text[48];
        const json_t *one;
        size_t i;

        snprintf(text, sizeof(text), "%s %llu", vg_log_name(log), (unsigned long long)seq);
        json_array_foreach (json_object_get(row, "entries"), i, one)
                if (strcmp(json_string_value(one), text) == 0)
                        return;
        dossier_entry(row, log, seq);
}

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

/* ---- updates: another version of a program, of firmware, of a unit ---- */

static void add_update(struct reading *r, const struct store_record *record, const char *what,
                       const char *before, const char *after)
{
        const int64_t at_s = vg_floor_div(record->utc_ns, VG_NS_PER_S);
        json_t *row;

        if (at_s < r->dossier->from_s || at_s >= r->dossier->to_s)
                return;
        row = json_object();
        json_array_append_new(list_of(r->dossier, "updates"), row);
        dossier_time(row, "at", at_s);
        dossier_text(row, "what", what);
        dossier_text(row, "before", before);
        dossier_text(row, "after", after);
        dossier_entry(row, record->log, record->seq);
}

static void take_fault(struct reading *r, const struct store_record *record, const json_t *body)
{
        if (dossier_fault(r->dossier, r->contract, r->now_s, record, body) < 0)
                r->failed = true;
}

static void take_life(struct reading *r, const struct store_record *record, const json_t *body)
{
        const char *version = text_of(body, "version");

        if (*r->version && strcmp(r->version, version) != 0)
                add_update(r, record, "vigie", r->version, version);
        snprintf(r->version, sizeof(r->version), "%s", version);
}

/* firmware and replacement: what stands in a place now, and what stood there before. */
static void take_change(struct reading *r, const struct store_record *record, const json_t *body)
{
        const json_t *now = json_object_get(body, "component"),
                     *was = json_object_get(body, "before");
        const char *key = strcmp(record->type, "firmware") == 0 ? "firmware" : "serial";

        add_update(r, record, text_of(now, "location"), text_of(was, key), text_of(now, key));
}

/* ---- statements: corrections and top-ups ---- */

static void take_line(struct reading *r, const struct store_record *record, const json_t *line,
                      const char *month)
{
        const bool is_shortfall = strcmp(text_of(line, "kind"), "shortfall") == 0;
        const bool is_correction = strcmp(text_of(line, "period"), month) != 0;
        json_t *row;

        if (!is_shortfall && !is_correction)
                return;
        row = json_object();
        json_array_append_new(list_of(r->dossier, is_correction ? "corrections" : "commitments"),
                              row);
        dossier_text(row, "month", month);
        dossier_text(row, "period", text_of(line, "period"));
        dossier_text(row, "tenant", text_of(line, "tenant"));
        dossier_text(row, "sku", text_of(line, "sku"));
        dossier_text(row, "ref", text_of(line, "ref"));
        dossier_text(row, "amount", text_of(line, "amount"));
        dossier_entry(row, record->log, record->seq);
}

static void take_statement(struct reading *r, const struct store_record *record, const json_t *body)
{
        const json_t *line;
        size_t i;
        int64_t from_s = 0;

        (void)vg_utc_parse(text_of(body, "from"), &from_s);
        if (strcmp(text_of(body, "contract"), r->contract->id) != 0 ||
            from_s < r->dossier->from_s || from_s >= r->dossier->to_s)
                return;
        json_array_foreach (json_object_get(body, "lines"), i, line)
                take_line(r, record, line, text_of(body, "month"));
}

/* ---- records ---- */

static const struct {
        const char *type;
        enum vg_log log;
        void (*take)(struct reading *r, const struct store_record *record, const json_t *body);
} types[] = {
        { "fault", VG_LOG_SHARED, take_fault },
        { "firmware", VG_LOG_SHARED, take_change },
        { "life", VG_LOG_SHARED, take_life },
        { "replacement", VG_LOG_SHARED, take_change },
        { "statement", VG_LOG_CLIENT, take_statement },
};

struct taking {
        struct reading *reading;
        size_t type;
};

static int take_record(void *ctx, const struct store_record *record)
{
        const struct taking *taking = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;

        if (!record->bytes)
                return 0; /* redacted */
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL) < 0)
                return -EBADMSG;
        types[taking->type].take(taking->reading, record, body);
        return taking->reading->failed ? -ENOMEM : 0;
}

static int read_records(struct store *store, struct reading *reading)
{
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(types) && r == 0; i++) {
                struct taking taking = { reading, i };
                const struct store_record_query query = {
                        .log = types[i].log,
                        .to_seq = UINT64_MAX,
                        .type = types[i].type,
                };
                r = store_record_each(store, &query, take_record, &taking, reading->err);
        }
        return r;
}

/* ---- facts: what people recorded of the contract ---- */

static int take_fact(void *ctx, const struct store_fact *fact)
{
        struct reading *r = ctx;
        struct vg_date day;

        if (vg_date_parse(fact->day, &day) < 0)
                return 0;
        const int64_t at_s = vg_zone_midnight(r->contract->zone, day);
        if (at_s < r->dossier->from_s || at_s >= r->dossier->to_s)
                return 0;
        return dossier_fact(r->dossier, fact);
}

/* ---- the whole ---- */

/* Of two lists, each in its own order, one by time: jansson sorts nothing, and there are few. */
static void sort_updates(json_t *updates)
{
        for (size_t i = 1; i < json_array_size(updates); i++)
                for (size_t k = i; k > 0; k--) {
                        json_t *one = json_array_get(updates, k - 1),
                               *next = json_array_get(updates, k);
                        if (strcmp(text_of(one, "at"), text_of(next, "at")) <= 0)
                                break;
                        json_incref(one);
                        json_array_set(updates, k - 1, next);
                        json_array_set_new(updates, k, one);
                }
}

static int read_heads(const struct cli_view *view, json_t *tree, struct vg_err *err)
{
        json_t *heads = json_object();

        json_object_set_new(tree, "checkpoints", heads);
        for (int log = VG_LOG_N - 1; log >= 0; log--) {
                _cleanup_free_ char *note = NULL;
                int r = store_checkpoint_get(view->store, (enum vg_log)log, UINT64_MAX, NULL, &note,
                                             err);
                if (r < 0)
                        return r;
                json_object_set_new(heads, vg_log_name((enum vg_log)log),
                                    note ? json_string(note) : json_null());
        }
        return 0;
}

int dossier_read(const struct cli_view *view, struct dossier *d, struct vg_err *err)
{
        struct reading reading = {
                .dossier = d,
                .contract = view->contract,
                .now_s = view->now_s,
                .err = err,
        };

        d->tree = json_pack("{s:{s:[], s:[]}, s:[], s:[], s:[], s:[], s:[]}", "availability",
                            "entries", "gaps", "commitments", "corrections", "facts", "faults",
                            "updates");
        if (!d->tree)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        dossier_text(d->tree, "appliance", view->settings->appliance_id);
        dossier_text(d->tree, "contract", view->contract->id);
        dossier_time(d->tree, "from", d->from_s);
        dossier_time(d->tree, "to", d->to_s);
        int r = store_pauses_read(view->store, &d->pauses, err);
        if (r == 0)
                r = read_records(view->store, &reading);
        if (r == 0)
                r = dossier_measured(view, d, err);
        if (r == 0)
                r = store_fact_each(view->store, view->contract->id, take_fact, &reading, err);
        if (r == 0)
                r = read_heads(view, d->tree, err);
        sort_updates(list_of(d, "updates"));
        dossier_sum(d);
        return r;
}
