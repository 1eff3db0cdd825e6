/* SPDX-License-Identifier: Apache-2.0 */

/* Sightings into claims: what one source says of one code on one slot, and whether it stands. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault/room.h"
#include "vigie/mem.h"

static enum vg_fault_severity severity_of(const struct vg_fault_code *code,
                                          enum vg_sight_health health)
{
        const enum vg_fault_severity said =
                health == VG_HEALTH_CRITICAL ? VG_FAULT_CRITICAL : VG_FAULT_WARNING;

        return said > code->severity ? said : code->severity;
}

static void fill(struct vg_fault_book *book, struct claim *claim, const struct vg_sighting *s,
                 int64_t at_s)
{
        book_set(book, &claim->path, s->path);
        book_set(book, &claim->text, s->text);
        book_set(book, &claim->value, s->value);
        book_set(book, &claim->threshold, s->threshold);
        book_set(book, &claim->threshold_from, s->threshold_from);
        if (at_s > claim->last_s)
                claim->last_s = at_s;
}

static void stand(struct claim *claim, int64_t at_s)
{
        if (!claim->stands) {
                claim->first_s = at_s;
                claim->count = 0;
        }
        claim->stands = claim->fresh = true;
        claim->good = 0;
}

static const struct vg_fault_code *code_of(const struct slot *slot, const struct vg_sighting *s,
                                           const struct seen *seen)
{
        if (*s->code)
                return vg_fault_code_find(s->code);
        if (s->kind == VG_SIGHT_ABSENT && seen->present)
                return vg_fault_code_find(vg_class_find(slot->component_class)->missing);
        return NULL;
}

/* First seen above zero (health OK: only growth counts), or grown since: by the code's limit, where it
 * has one, within its window. */
static bool has_grown(const struct claim *claim, const struct vg_fault_code *code,
                      const struct vg_sighting *s)
{
        int64_t more;

        if (claim->last_s == 0)
                return s->count > 0 && s->health >= VG_HEALTH_WARNING;
        return s->count > claim->level &&
               (__builtin_sub_overflow(s->count, claim->level, &more) || more >= code->limit);
}

static void claim_counter(struct vg_fault_book *book, struct claim *claim,
                          const struct vg_fault_code *code, const struct vg_sighting *s,
                          int64_t at_s)
{
        const bool is_first = claim->last_s == 0, has_window = code->limit > 1;
        const bool is_past = has_window && !is_first && at_s >= claim->after_s + code->window_s;
        const bool grew = !is_past && has_grown(claim, code, s);

        if (grew) {
                stand(claim, at_s);
                claim->count++;
                claim->severity = severity_of(code, s->health);
        } else if (s->count == 0 || is_past) {
                claim->stands = false;
        }
        claim->fresh = true;
        if (grew || is_first || is_past || !has_window || s->count < claim->level) {
                claim->level = s->count;
                claim->after_s = at_s;
        }
        fill(book, claim, s, at_s);
}

void claim_live(struct vg_fault_book *book, struct slot *slot, const char *source,
                const struct vg_sighting *s, int64_t at_s)
{
        struct seen *seen = seen_by(book, slot, source);
        const struct vg_fault_code *code = seen ? code_of(slot, s, seen) : NULL;
        struct entry *entry;
        struct claim *claim;

        if (!seen)
                return;
        seen->fresh = true;
        if (s->kind != VG_SIGHT_COUNTER && s->kind != VG_SIGHT_MENTION)
                seen->present = s->kind != VG_SIGHT_ABSENT;
        if (s->kind == VG_SIGHT_STATE || s->kind == VG_SIGHT_LEVEL || s->kind == VG_SIGHT_MENTION) {
                if (s->health == VG_HEALTH_UNKNOWN) {
                        seen->told |= s->resolved;
                        return;
                }
                seen->told = true;
                if (s->health > seen->now)
                        seen->now = s->health;
        }
        if (!code || s->kind == VG_SIGHT_PRESENT)
                return;
        if (s->health < VG_HEALTH_WARNING && s->kind != VG_SIGHT_COUNTER &&
            s->kind != VG_SIGHT_ABSENT)
                return; /* what is not said again is over: settled after the round */
        entry = entry_of(book, slot, code);
        claim = entry ? claim_of(book, entry, source, s->kind, s->key) : NULL;
        if (!claim)
                return;
        if (s->kind == VG_SIGHT_COUNTER) {
                claim_counter(book, claim, code, s, at_s);
                return;
        }
        stand(claim, at_s);
        claim->count++;
        claim->severity = severity_of(code, s->health);
        fill(book, claim, s, at_s);
}

/* ---- events in buckets ---- */

static int64_t sum_of(const struct claim *claim)
{
        int64_t sum = 0;

        for (size_t i = 0; i < claim->n_moments; i++)
                if (__builtin_add_overflow(sum, claim->moments[i].count, &sum))
                        return INT64_MAX;
        return sum;
}

static void add_moment(struct vg_fault_book *book, struct claim *claim, int64_t at_s, int64_t count)
{
        struct moment *m = claim->moments;
        size_t at;

        if (claim->n_moments == MOMENTS_MAX) { /* the two oldest become one */
                if (__builtin_add_overflow(m[0].count, m[1].count, &m[1].count))
                        m[1].count = INT64_MAX;
                memmove(m, m + 1, (MOMENTS_MAX - 1) * sizeof(*m));
                claim->n_moments--;
        }
        m = book_grow(book, claim->moments, &claim->n_moments, sizeof(*m));
        if (!m)
                return;
        claim->moments = m;
        for (at = claim->n_moments - 1; at > 0 && m[at - 1].at_s > at_s; at--)
                m[at] = m[at - 1];
        m[at] = (struct moment){ at_s, count };
}

void claim_drain(struct claim *claim, const struct vg_fault_code *code, int64_t now_s)
{
        size_t old = 0;

        if (claim->kind != VG_SIGHT_EVENT || code->limit <= 1)
                return; /* a single event does not age */
        while (old < claim->n_moments && claim->moments[old].at_s <= now_s - code->window_s)
                old++;
        memmove(claim->moments, claim->moments + old,
                (claim->n_moments - old) * sizeof(*claim->moments));
        claim->n_moments -= old;
        if (claim->n_moments == 0)
                claim->stands = false;
        else if (claim->stands)
                claim->good = sum_of(claim) < code->limit;
}

void claim_weigh(struct claim *claim, const struct vg_fault_code *code, int64_t until_s)
{
        if (code->limit <= 1)
                return;
        claim_drain(claim, code, until_s > claim->last_s ? until_s : claim->last_s);
        if (sum_of(claim) < code->limit)
                return;
        stand(claim, claim->moments[0].at_s);
        claim->count = sum_of(claim);
}

void claim_event(struct vg_fault_book *book, struct slot *slot, const char *source,
                 const struct vg_sighting *s, int64_t at_s)
{
        const struct vg_fault_code *code = vg_fault_code_find(s->code);
        struct entry *entry = code ? entry_of(book, slot, code) : NULL;
        struct claim *claim = entry ? claim_of(book, entry, source, VG_SIGHT_EVENT, s->key) : NULL;
        const int64_t count = s->count > 0 ? s->count : 1;

        if (!claim || at_s <= claim->after_s)
                return;
        if (s->health <= VG_HEALTH_OK) { /* the source says that it is over */
                claim->stands = false;
                claim->n_moments = 0;
                claim->after_s = at_s;
                return;
        }
        claim->severity = severity_of(code, s->health);
        if (code->limit > 1) {
                add_moment(book, claim, at_s, count);
        } else {
                stand(claim, at_s);
                if (__builtin_add_overflow(claim->count, count, &claim->count))
                        claim->count = INT64_MAX;
        }
        fill(book, claim, s, at_s);
}

/* ---- log entries ---- */

/* What began and ended before we looked: an episode with its own times. */
static int tell_past(const struct judging *judging, struct slot *slot, struct claim *claim,
                     int64_t end_s, const char *how)
{
        int r;

        stand(claim, claim->first_s);
        r = settle_slot(judging, slot, claim->first_s, "");
        if (r < 0)
                return r;
        claim->stands = false;
        return settle_slot(judging, slot, end_s, how);
}

int claim_log(const struct judging *judging, struct slot *slot, const char *source,
              const struct vg_sighting *s, int64_t at_s)
{
        const struct vg_fault_code *code = vg_fault_code_find(s->code);
        struct entry *entry = code ? entry_of(judging->book, slot, code) : NULL;
        struct claim *claim =
                entry ? claim_of(judging->book, entry, source, VG_SIGHT_LOG, s->key) : NULL;
        const bool is_end = s->health <= VG_HEALTH_OK, ends = is_end || s->resolved || s->end_s;
        const int64_t end_s = s->end_s > at_s ? s->end_s : at_s;
        const int64_t shown_s = at_s > LOG_UNDATED ? at_s : judging->now_s;
        const int64_t ended_s = end_s > LOG_UNDATED ? end_s : judging->now_s;
        const char *how = is_end ? "deasserted" : "resolved";
        int r = 0;

        if (!claim || at_s <= claim->after_s)
                return 0;
        if (!is_end && !claim->stands &&
            claim->good == 0) { /* waits for its end, or for the judge */
                claim->first_s = shown_s;
                claim->good = 1;
                claim->severity = severity_of(code, s->health);
                fill(judging->book, claim, s, shown_s);
                claim->count = 1;
        } else if (!is_end && shown_s > claim->last_s) {
                claim->count++;
                fill(judging->book, claim, s, shown_s);
        }
        if (!ends)
                return 0;
        if (claim->stands) {
                claim->stands = false;
                r = settle_slot(judging, slot, ended_s, how);
        } else if (claim->good) {
                r = tell_past(judging, slot, claim, ended_s, how);
        }
        claim->good = 0;
        claim->after_s = end_s;
        return r;
}
