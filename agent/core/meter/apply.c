/* SPDX-License-Identifier: Apache-2.0 */

/* apply: one observation. */

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"

#include "room.h"

enum { ID_MAX = 64 };

static bool was_stepped(struct vg_stamp from, struct vg_stamp to)
{
        const int64_t boot = (int64_t)(to.boot_ns - from.boot_ns), wall = to.utc_ns - from.utc_ns;

        return !place_steady(from, to) && (wall - boot > VG_NS_PER_S || boot - wall > VG_NS_PER_S);
}

static void watch_clock(struct vg_book *book, struct vg_stamp at)
{
        if (!was_stepped(book->heard, at))
                return;

        const int64_t due_ns = book->heard.utc_ns + (int64_t)(at.boot_ns - book->heard.boot_ns);
        clock_mark(book, book->heard.utc_ns, VG_CLOCK_STEPPED);
        clock_mark(book, at.utc_ns, VG_CLOCK_STEPPED);
        if (due_ns < at.utc_ns)
                gap_push(book, (struct gap){ due_ns, at.utc_ns, CAUSE_CLOCK_STEP, SCOPE_ALL });
}

/* Another reader process: it numbers its generations anew. */
static void forget_generations(struct vg_book *book)
{
        for (size_t i = 0; i < book->domains.n; i++) {
                struct domain *d = domain_of(&book->domains, i);
                for (uint32_t k = 0; k < d->n_slots; k++)
                        d->slots[k].generation = 0;
        }
}

/* Who speaks, in which boot. Returns the stamp at which the observation counts. */
static struct vg_stamp follow(struct vg_book *book, const struct vg_observation *o)
{
        struct vg_stamp at = o->at;
        bool other = false;

        if (!book->boot_id) {
                first_heard(book, at);
        } else if (strcmp(book->boot_id, o->boot_id) != 0) {
                lose_boot(book, at);
                book->heard = book->spoke = at;
                forget_generations(book);
        } else {
                if (strcmp(book->instance, o->instance) != 0) {
                        lose(book, CAUSE_READER_RESTART, SCOPE_ALL);
                        forget_generations(book);
                        other = true;
                }
                if (at.boot_ns <= book->heard.boot_ns) /* what was counted stays counted */
                        at = book->heard;
                else
                        watch_clock(book, at);
        }
        if (other) /* it has not been silent yet */
                book->spoke = at;
        if (at.boot_ns - book->spoke.boot_ns > book->options.silence_ns)
                resume(book, at);
        set_text(book, &book->instance, o->instance);
        set_text(book, &book->boot_id, o->boot_id);
        book->seq = o->seq;
        map_cross(book, at);
        book->heard = at;
        return at;
}

static bool is_libvirt_cause(enum cause cause)
{
        return cause == CAUSE_LIBVIRT_CLOSED || cause == CAUSE_LIBVIRT_FROZEN ||
               cause == CAUSE_LIBVIRT_LOST || cause == CAUSE_LIBVIRT_REFUSED;
}

static void heartbeat(struct vg_book *book, const struct vg_observation *o, struct vg_stamp at)
{
        const bool known_lost = !book->complete && is_libvirt_cause(book->hole.cause);

        book->clock = o->heartbeat.clock;
        clock_mark(book, at.utc_ns, book->clock);
        if (o->heartbeat.libvirt_ok)
                confirm(book, at);
        else
                lose(book, known_lost ? book->hole.cause : CAUSE_LIBVIRT_LOST, SCOPE_ALLOCATION);
        book->spoke = at;
}

static void libvirt_condition(struct vg_book *book, const struct vg_condition *c)
{
        char id[ID_MAX];

        if (strcmp(c->state, "lost") != 0)
                return; /* it is back: its facts will say */
        snprintf(id, sizeof(id), "libvirt-%.32s", c->cause);
        lose(book, cause_find(id, CAUSE_LIBVIRT_LOST), SCOPE_ALLOCATION);
}

static void domain_condition(struct vg_book *book, const struct vg_condition *c, struct vg_stamp at)
{
        struct domain *d = table_find(&book->domains, c->uuid);
        const bool stuck = strcmp(c->state, "stuck") == 0;

        if (!d || d->state == VG_DOMAIN_GONE || stuck == (d->stuck_utc_ns != 0))
                return;
        if (!stuck)
                gap_push(book,
                         (struct gap){ d->stuck_utc_ns, at.utc_ns, CAUSE_STUCK, SCOPE_COUNTERS });
        d->stuck_utc_ns = stuck ? at.utc_ns : 0;
}

static void condition(struct vg_book *book, const struct vg_condition *c, struct vg_stamp at)
{
        switch (c->subject) {
        case VG_ABOUT_LIBVIRT:
                libvirt_condition(book, c);
                break;
        case VG_ABOUT_CLOCK:
                if (strcmp(c->state, "stepped") == 0)
                        clock_mark(book, at.utc_ns, VG_CLOCK_STEPPED);
                else
                        book->clock =
                                strcmp(c->state, "ok") == 0 ? VG_CLOCK_OK : VG_CLOCK_UNSYNCHRONISED;
                clock_mark(book, at.utc_ns, book->clock);
                break;
        case VG_ABOUT_DOMAIN:
                domain_condition(book, c, at);
                break;
        case VG_ABOUT_BUFFER:
                lose(book, CAUSE_DROPPED, SCOPE_ALL);
                break;
        }
}

static bool within_bounds(const struct vg_observation *o)
{
        return o->at.boot_ns <= BOOT_NS_MAX && o->at.utc_ns > 0 && o->at.utc_ns <= UTC_NS_MAX &&
               *o->instance && strnlen(o->instance, ID_MAX + 1) <= ID_MAX && *o->boot_id &&
               strnlen(o->boot_id, ID_MAX + 1) <= ID_MAX && o->seq <= VALUE_MAX;
}

int vg_book_apply(struct vg_book *book, const struct vg_observation *o, struct vg_err *err)
{
        int r = 0;

        if (!within_bounds(o))
                return vg_err_set(err, VG_BOOK_REFUSED, "instant ou identité hors des bornes");
        if (book->instance && strcmp(book->instance, o->instance) == 0 && o->seq <= book->seq)
                return VG_BOOK_SEEN;

        const struct vg_stamp at = follow(book, o);
        switch (o->kind) {
        case VG_SAYS_FACTS:
                r = facts_apply(book, &o->facts, at, err);
                break;
        case VG_SAYS_FACTS_END:
                r = facts_end_apply(book, &o->facts_end, at, err);
                break;
        case VG_SAYS_READINGS:
                readings_apply(book, o);
                break;
        case VG_SAYS_HEARTBEAT:
                heartbeat(book, o, at);
                break;
        case VG_SAYS_CONDITION:
                condition(book, &o->condition, at);
                break;
        }
        return book->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : r;
}
