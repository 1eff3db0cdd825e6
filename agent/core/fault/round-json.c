/* SPDX-License-Identifier: Apache-2.0 */

/* A round as canonical JSON, for the keeper protocol.
 *
 * {"at_s":N,"cause":"…","notes":["…"],"part":N,"parts":0|1,"sightings":[{…}],"silence":{component,
 * "code"},"source":"…","status":"…","unread":[["what","cause"]]}
 * "part" counts from 0; "parts" is 1 while more are to come. Notes, silence and unread stand in the
 * first part only. A sighting: {"at_s","code","component":{…},"count","end_s","entry","health",
 * "key","kind","path","resolved","text","threshold","threshold_from","value"}; what is empty or zero
 * is left out. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static const char *const kinds[] = { "present", "state",  "level",  "counter", "event",
                                     "log",     "rollup", "absent", "mention" };
static const char *const healths[] = { "unknown", "ok", "warning", "critical" };

static int find_word(const char *const *words, size_t n, const char *word)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(words[i], word) == 0)
                        return (int)i;
        return -1;
}

static void write_text(struct vg_json *j, const char *key, const char *value)
{
        if (value && *value)
                vg_json_string(j, key, value);
}

static void write_int(struct vg_json *j, const char *key, int64_t value)
{
        if (value)
                vg_json_int(j, key, value);
}

void vg_component_write(struct vg_json *j, const struct vg_component *component)
{
        vg_json_string(j, "class", component->component_class);
        write_text(j, "device", component->device);
        write_text(j, "firmware", component->firmware);
        write_text(j, "location", component->location);
        write_text(j, "manufacturer", component->manufacturer);
        write_text(j, "model", component->model);
        write_text(j, "odata", component->odata);
        write_text(j, "part", component->part);
        write_text(j, "serial", component->serial);
}

static void write_sighting(struct vg_json *j, const struct vg_sighting *s)
{
        vg_json_object(j, NULL);
        write_int(j, "at_s", s->at_s);
        write_text(j, "code", s->code);
        vg_json_object(j, "component");
        vg_component_write(j, &s->component);
        vg_json_end_object(j);
        write_int(j, "count", s->count);
        write_int(j, "end_s", s->end_s);
        write_text(j, "entry", s->entry);
        vg_json_string(j, "health", healths[s->health]);
        write_text(j, "key", s->key);
        vg_json_string(j, "kind", kinds[s->kind]);
        write_text(j, "path", s->path);
        write_int(j, "resolved", s->resolved);
        write_text(j, "text", s->text);
        write_text(j, "threshold", s->threshold);
        write_text(j, "threshold_from", s->threshold_from);
        write_text(j, "value", s->value);
        vg_json_end_object(j);
}

static void write_notes(struct vg_json *j, const struct vg_round *round)
{
        vg_json_array(j, "notes");
        for (size_t i = 0; i < round->n_notes; i++)
                vg_json_string(j, NULL, round->notes[i]);
        vg_json_end_array(j);
}

static void write_unreads(struct vg_json *j, const struct vg_round *round)
{
        vg_json_array(j, "unread");
        for (size_t i = 0; i < round->n_unreads; i++) {
                vg_json_array(j, NULL);
                vg_json_string(j, NULL, round->unreads[i].what);
                vg_json_string(j, NULL, round->unreads[i].cause);
                vg_json_end_array(j);
        }
        vg_json_end_array(j);
}

static void write_silence(struct vg_json *j, const struct vg_round *round)
{
        vg_json_object(j, "silence");
        vg_json_string(j, "code", round->silence);
        vg_json_object(j, "component");
        vg_component_write(j, &round->silent);
        vg_json_end_object(j);
        vg_json_end_object(j);
}

/* As many sightings, from `from` on, as fit; at least one. */
static size_t write_sightings(const struct vg_round *round, size_t from, size_t max_bytes,
                              struct vg_json *sightings)
{
        size_t to = from;

        vg_json_array(sightings, NULL);
        while (to < round->n_sightings) {
                const size_t before = sightings->buf.n;

                write_sighting(sightings, &round->sightings[to++]);
                /* the next may be as long as this one */
                if (sightings->buf.n + 2 * (sightings->buf.n - before) > max_bytes)
                        break;
        }
        vg_json_end_array(sightings);
        return to;
}

int vg_round_write(const struct vg_round *round, size_t from, size_t max_bytes, struct vg_json *j,
                   size_t *ret_next)
{
        _cleanup_(vg_json_done) struct vg_json sightings = { 0 };
        const bool is_first = from == 0;
        const size_t next = write_sightings(round, from, max_bytes, &sightings);

        vg_json_object(j, NULL);
        write_int(j, "at_s", round->at_s);
        write_text(j, "cause", round->cause);
        if (is_first && round->n_notes)
                write_notes(j, round);
        write_int(j, "part", (int64_t)from);
        write_int(j, "parts", next < round->n_sightings);
        vg_json_raw(j, "sightings", sightings.buf.data, sightings.buf.n);
        if (is_first && *round->silence)
                write_silence(j, round);
        vg_json_string(j, "source", round->source);
        vg_json_string(j, "status", vg_round_status_name(round->status));
        if (is_first && round->n_unreads)
                write_unreads(j, round);
        vg_json_end_object(j);
        *ret_next = next;
        return j->buf.failed || sightings.buf.failed ? -ENOMEM : 0;
}

/* ---- reading ---- */

/* "" where the member is absent. false: of another type. */
static bool text_of(const json_t *object, const char *key, const char **ret_text)
{
        const int r = vg_json_get_string(object, key, ret_text);

        if (r == -ENOENT)
                *ret_text = "";
        return r == 0 || r == -ENOENT;
}

static bool int_of(const json_t *object, const char *key, int64_t *ret_value)
{
        const int r = vg_json_get_int(object, key, ret_value);

        if (r == -ENOENT)
                *ret_value = 0;
        return r == 0 || r == -ENOENT;
}

int vg_component_read(const json_t *object, struct vg_component *c)
{
        const char *class_id;

        if (!json_is_object(object) || !text_of(object, "class", &class_id) ||
            !vg_class_find(class_id) || !text_of(object, "device", &c->device) ||
            !text_of(object, "firmware", &c->firmware) ||
            !text_of(object, "location", &c->location) ||
            !text_of(object, "manufacturer", &c->manufacturer) ||
            !text_of(object, "model", &c->model) || !text_of(object, "odata", &c->odata) ||
            !text_of(object, "part", &c->part) || !text_of(object, "serial", &c->serial))
                return -EINVAL;
        c->component_class = vg_class_find(class_id)->id;
        return 0;
}

static bool read_sighting(const json_t *object, struct vg_sighting *s)
{
        const char *kind, *health;
        int64_t resolved;
        int row;

        if (!json_is_object(object) ||
            vg_component_read(json_object_get(object, "component"), &s->component) < 0 ||
            !int_of(object, "at_s", &s->at_s) || !text_of(object, "code", &s->code) ||
            !int_of(object, "count", &s->count) || !int_of(object, "end_s", &s->end_s) ||
            !text_of(object, "entry", &s->entry) || !text_of(object, "health", &health) ||
            !text_of(object, "key", &s->key) || !text_of(object, "kind", &kind) ||
            !text_of(object, "path", &s->path) || !int_of(object, "resolved", &resolved) ||
            !text_of(object, "text", &s->text) || !text_of(object, "threshold", &s->threshold) ||
            !text_of(object, "threshold_from", &s->threshold_from) ||
            !text_of(object, "value", &s->value) || (*s->code && !vg_fault_code_find(s->code)))
                return false;
        if ((row = find_word(kinds, ELEMENTSOF(kinds), kind)) < 0)
                return false;
        s->kind = (enum vg_sight_kind)row;
        if ((row = find_word(healths, ELEMENTSOF(healths), health)) < 0)
                return false;
        s->health = (enum vg_sight_health)row;
        s->resolved = resolved != 0;
        return true;
}

static int read_lists(const json_t *body, struct vg_round *round, struct vg_err *err)
{
        const json_t *sightings = json_object_get(body, "sightings");
        const json_t *notes = json_object_get(body, "notes");
        const json_t *unreads = json_object_get(body, "unread");
        const enum vg_round_status status = round->status;

        if (!json_is_array(sightings))
                return vg_err_set(err, -EINVAL, "sightings : une liste est attendue");
        for (size_t i = 0; i < json_array_size(sightings); i++) {
                struct vg_sighting s = { 0 };

                if (!read_sighting(json_array_get(sightings, i), &s))
                        return vg_err_set(err, -EINVAL, "sightings[%zu] : observation illisible",
                                          i);
                if (vg_round_add(round, &s) < 0)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < json_array_size(notes); i++) {
                const char *note = json_string_value(json_array_get(notes, i));

                if (note && vg_round_note(round, "%s", note) < 0)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < json_array_size(unreads); i++) {
                const json_t *pair = json_array_get(unreads, i);

                if (vg_round_unread(round, json_string_value(json_array_get(pair, 0)),
                                    json_string_value(json_array_get(pair, 1))) < 0)
                        return -ENOMEM;
        }
        round->status = status > round->status ? status : round->status;
        return 0;
}

static int read_head(const json_t *body, struct vg_round *round, struct vg_err *err)
{
        static const char *const statuses[] = { "complete", "partial", "failed" };
        const json_t *silence = json_object_get(body, "silence");
        const char *status, *cause;
        int row;

        if (!int_of(body, "at_s", &round->at_s) || !text_of(body, "cause", &cause) ||
            !text_of(body, "status", &status) ||
            (row = find_word(statuses, ELEMENTSOF(statuses), status)) < 0)
                return vg_err_set(err, -EINVAL, "at_s, cause ou status illisible");
        round->status = (enum vg_round_status)row;
        if (round->status == VG_ROUND_FAILED)
                vg_round_fail(round, cause);
        if (silence) {
                struct vg_component component;
                const char *code;

                if (!text_of(silence, "code", &code) || !vg_fault_code_find(code) ||
                    vg_component_read(json_object_get(silence, "component"), &component) < 0)
                        return vg_err_set(err, -EINVAL, "silence illisible");
                return vg_round_set_silence(round, &component, code);
        }
        return 0;
}

int vg_round_read(const json_t *body, struct vg_round **round, struct vg_err *err)
{
        _cleanup_(vg_round_freep) struct vg_round *made = NULL;
        struct vg_round *into = *round;
        const char *source;
        int64_t part, more;
        int r;

        if (vg_json_get_string(body, "source", &source) < 0 || !*source ||
            !int_of(body, "part", &part) || !int_of(body, "parts", &more))
                return vg_err_set(err, -EINVAL, "source, part ou parts illisible");
        if (!into) {
                if (vg_round_new(source, &made) < 0)
                        return -ENOMEM;
                into = made;
        }
        if (strcmp(into->source, source) != 0 || part != into->parts_read)
                return vg_err_set(err, -EINVAL, "part : %lld attendu", (long long)into->parts_read);
        r = read_head(body, into, err);
        if (r == 0)
                r = read_lists(body, into, err);
        if (r < 0)
                return r;
        into->parts_read = (int64_t)into->n_sightings;
        if (made)
                *round = TAKE_PTR(made);
        return more ? VG_ROUND_MORE : 0;
}
