/* SPDX-License-Identifier: Apache-2.0 */

/* facts: what exists, and a pass over all of it. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/err.h"

#include "room.h"

enum { UUID_LENGTH = 36, RUN_MAX = 256, HINT_MAX = 256, VCPUS_MAX = 65536 };

static bool is_uuid(const char *text)
{
        return strlen(text) == UUID_LENGTH && strspn(text, "0123456789abcdef-") == UUID_LENGTH;
}

static bool fits(const char *text, size_t most)
{
        return strnlen(text, most + 1) <= most;
}

/* Nothing of it can be counted. */
static int check(const struct vg_book *book, const struct domain *d, const struct vg_facts *facts,
                 bool volume, struct vg_err *err)
{
        const size_t n_known = volume ? book->volumes.n : book->domains.n;

        if (volume ? facts->n_disks != 1 || !*facts->disks[0].key ||
                             !fits(facts->disks[0].key, VG_BOOK_NAME_MAX)
                   : !is_uuid(facts->uuid))
                return vg_err_set(err, VG_BOOK_REFUSED, "identité « %.64s » invalide",
                                  volume ? facts->name : facts->uuid);
        if (facts->state != VG_DOMAIN_GONE && (!d || d->state == VG_DOMAIN_GONE) &&
            (book->n_live[volume] >= VG_BOOK_DOMAINS_MAX || (!d && n_known >= KNOWN_MAX)))
                return vg_err_set(err, VG_BOOK_REFUSED, "plus de %d machines ou volumes",
                                  VG_BOOK_DOMAINS_MAX);
        return 0;
}

/* What is beyond a bound is left out, and all the rest of the domain counts. */
static int clip(const struct vg_book *book, const struct domain *d, struct vg_facts *facts,
                struct vg_err *err)
{
        int r = 0;

        if (facts->n_disks > VG_BOOK_DISKS_MAX || facts->n_nics > VG_BOOK_DISKS_MAX) {
                r = vg_err_set(err, VG_BOOK_REFUSED, "plus de %d disques ou cartes réseau",
                               VG_BOOK_DISKS_MAX);
                facts->n_disks = VG_MIN(facts->n_disks, (size_t)VG_BOOK_DISKS_MAX);
                facts->n_nics = VG_MIN(facts->n_nics, (size_t)VG_BOOK_DISKS_MAX);
        }
        if (book->n_disks - (d ? d->n_disks : 0) + facts->n_disks > ALL_DISKS_MAX) {
                r = vg_err_set(err, VG_BOOK_REFUSED, "plus de %d disques en tout", ALL_DISKS_MAX);
                facts->n_disks = 0;
        }
        for (size_t i = 0; i < facts->n_disks; i++)
                if (!disk_fits(&facts->disks[i]))
                        r = vg_err_set(err, VG_BOOK_REFUSED, "disque %zu hors des bornes", i + 1);
        if (facts->vcpus > VCPUS_MAX || facts->memory_kib > KIB_MAX) {
                r = vg_err_set(err, VG_BOOK_REFUSED, "vCPU ou mémoire hors des bornes");
                facts->vcpus = facts->vcpus > VCPUS_MAX ? 0 : facts->vcpus;
                facts->memory_kib = facts->memory_kib > KIB_MAX ? 0 : facts->memory_kib;
        }
        return r;
}

/* Said once in each interval. */
static void say_refused(struct vg_book *book, struct vg_stamp at)
{
        const int64_t start_ns = place_start_s(book, at.utc_ns) * VG_NS_PER_S;

        for (size_t i = 0; i < book->n_gaps; i++)
                if (book->gaps[i].cause == CAUSE_REFUSED && book->gaps[i].from_utc_ns >= start_ns)
                        return;
        gap_push(book, (struct gap){ at.utc_ns, at.utc_ns, CAUSE_REFUSED, SCOPE_ALLOCATION });
}

static void refuse(struct vg_book *book, const struct vg_facts *facts, struct vg_stamp at,
                   bool volume)
{
        if (facts->by_pass)
                book->pass[volume].refused++;
        /* Too many: when it is let in one day, it will not be a new one. */
        if (volume || is_uuid(facts->uuid))
                book->ever_complete = false;
        say_refused(book, at);
}

static bool set_clipped(struct vg_book *book, char **text, const char *now, size_t most)
{
        char clipped[VG_BOOK_NAME_MAX + 1];

        if (now && !fits(now, most)) {
                size_t n = most;
                while (n && ((unsigned char)now[n] & 0xc0) == 0x80)
                        n--;
                memcpy(clipped, now, n);
                clipped[n] = '\0';
                now = clipped;
        }
        return set_text(book, text, now);
}

static void set_identity(struct vg_book *book, struct domain *d, const struct vg_facts *facts,
                         struct vg_stamp at)
{
        const char *const hints[N_HINTS] = {
                [HINT_METADATA] = facts->hints.metadata,
                [HINT_NOVA] = facts->hints.nova,
                [HINT_OPENNEBULA] = facts->hints.opennebula,
                [HINT_KUBEVIRT] = facts->hints.kubevirt,
        };
        bool changed = set_clipped(book, &d->name, facts->name, VG_BOOK_NAME_MAX);

        /* A hint of more than 64 bytes is no lawful id, whatever its end. */
        for (int i = 0; i < N_HINTS; i++)
                changed |= set_clipped(book, &d->hints[i], hints[i], HINT_MAX);
        if (changed || !d->n_tenures)
                attribute(book, d, at);
}

static void set_state(struct vg_book *book, struct domain *d, enum vg_domain_state state)
{
        if (d->state == VG_DOMAIN_GONE && state != VG_DOMAIN_GONE)
                book->n_live[d->volume]++;
        if (d->state != VG_DOMAIN_GONE && state == VG_DOMAIN_GONE)
                book->n_live[d->volume]--;
        d->state = state;
}

/* What is gone stays known until its interval is closed: its amounts, and its readings in case it
 * was only hidden from us. */
static void go(struct vg_book *book, struct domain *d, struct vg_stamp at)
{
        settle(book, d, at);
        slots_leave(book, d, at, d->epoch == book->epoch);
        disks_replace(book, d, NULL, 0, at);
        set_state(book, d, VG_DOMAIN_GONE);
        if (d->stuck_utc_ns)
                gap_push(book,
                         (struct gap){ d->stuck_utc_ns, at.utc_ns, CAUSE_STUCK, SCOPE_COUNTERS });
        d->stuck_utc_ns = 0;
        d->epoch = 0;
}

static void set_run(struct vg_book *book, struct domain *d, const struct vg_facts *facts,
                    bool was_known, bool was_held, struct vg_stamp at)
{
        const bool runs = facts->state >= VG_DOMAIN_RUNNING && *facts->run;
        const bool same = runs && d->run && strcmp(d->run, facts->run) == 0;

        if (d->run && !same)
                run_end(book, d, at, was_held);
        if (!runs)
                return;

        /* Younger than our last look, unless it was there when we first looked. */
        const bool from_zero = was_known || book->ever_complete;
        const struct vg_stamp zero = was_held || book->complete ? at : book->born;
        if (!same)
                set_clipped(book, &d->run, facts->run, RUN_MAX);
        slots_match(book, d, facts, from_zero ? &zero : NULL);
}

int facts_apply(struct vg_book *book, const struct vg_facts *said, struct vg_stamp at,
                struct vg_err *err)
{
        struct vg_facts clipped = *said, *facts = &clipped;
        const bool volume = !*facts->uuid;
        const char *id = volume && facts->n_disks ? facts->disks[0].key : facts->uuid;
        struct domain *d = table_find(table_for(book, volume), id);
        const bool was_known = d != NULL;
        struct pass *pass = &book->pass[volume];

        int r = check(book, d, facts, volume, err);
        if (r != 0) {
                refuse(book, facts, at, volume);
                return r;
        }
        if (facts->state == VG_DOMAIN_GONE) {
                if (d && d->state != VG_DOMAIN_GONE)
                        go(book, d, at);
                return 0;
        }
        if (!d)
                d = domain_new(book, id, volume);
        if (!d)
                return 0;
        r = clip(book, d, facts, err);
        if (r != 0)
                say_refused(book, at);

        const bool was_held = d->epoch == book->epoch;
        settle(book, d, at);
        if (was_known && !was_held)
                d->reopened = true;
        if (facts->by_pass && d->listed != pass->number) {
                d->listed = pass->number;
                pass->named++;
        }
        d->touched = pass->number;
        set_identity(book, d, facts, at);
        set_run(book, d, facts, was_known, was_held, at);
        set_state(book, d, facts->state);
        d->vcpus = facts->vcpus;
        d->memory_kib = facts->memory_kib;
        d->epoch = book->epoch;
        d->counted = at;
        if (disks_differ(d, facts->disks, facts->n_disks))
                disks_replace(book, d, facts->disks, facts->n_disks, at);
        return r;
}

static bool digest_matches(const struct vg_book *book, const struct table *table, uint32_t number,
                           const char *digest)
{
        struct vg_buf listed = { 0 };
        unsigned char bytes[32];
        char hex[65];

        if (!book->options.sha256)
                return true;
        for (size_t i = 0; i < table->n; i++)
                if (domain_of(table, i)->listed == number) {
                        vg_buf_puts(&listed, domain_of(table, i)->id);
                        vg_buf_append(&listed, "\n", 1);
                }
        book->options.sha256(listed.data ? listed.data : "", listed.n, bytes);
        vg_buf_done(&listed);
        return strcmp(vg_hex_format(bytes, sizeof(bytes), hex), digest) == 0;
}

int facts_end_apply(struct vg_book *book, const struct vg_facts_end *end, struct vg_stamp at,
                    struct vg_err *err)
{
        struct table *table = table_for(book, end->volumes);
        const struct pass pass = book->pass[end->volumes];

        book->pass[end->volumes] = (struct pass){ .number = pass.number + 1 };
        if (pass.named + pass.refused != end->count ||
            (!pass.refused && !digest_matches(book, table, pass.number, end->digest)))
                return vg_err_set(err, VG_BOOK_INCOMPLETE,
                                  "tournée incomplète : %llu annoncés, %llu reçus",
                                  (unsigned long long)end->count,
                                  (unsigned long long)pass.named + pass.refused);

        for (size_t i = 0; i < table->n; i++) {
                struct domain *d = domain_of(table, i);
                if (d->state != VG_DOMAIN_GONE && d->touched != pass.number)
                        go(book, d, at);
        }
        if (!end->volumes) {
                regain(book, at);
                book->ever_complete = !pass.refused;
        }
        return 0;
}
