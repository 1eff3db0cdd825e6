/* SPDX-License-Identifier: Apache-2.0 */

/* observation: the bodies of the keeper protocol that the meter understands, as values. Shapes are
 * checked here; bounds are the book's to check. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct parsing { /* one allocation holds it all: first measured, then filled */
        struct vg_observation *o;
        char *next;
        const char *wrong;
};

static void blame(struct parsing *p, const char *member)
{
        if (!p->wrong)
                p->wrong = member;
}

static const char *text(struct parsing *p, const json_t *object, const char *key, bool required)
{
        const char *value = "";
        int r = vg_json_get_string(object, key, &value);

        if (r == -EINVAL || (r < 0 && required))
                blame(p, key);
        return r < 0 ? "" : value;
}

static uint64_t number(struct parsing *p, const json_t *object, const char *key)
{
        int64_t value = 0;

        if (vg_json_get_int(object, key, &value) < 0 || value < 0) {
                blame(p, key);
                return 0;
        }
        return (uint64_t)value;
}

static size_t length(struct parsing *p, const json_t *object, const char *key)
{
        const json_t *array = json_object_get(object, key);

        if (array && !json_is_array(array))
                blame(p, key);
        return json_array_size(array);
}

/* Index of the word in a list that ends in NULL. */
static int word(struct parsing *p, const json_t *object, const char *key, const char *const *words)
{
        const char *value = text(p, object, key, true);

        for (int i = 0; words[i]; i++)
                if (strcmp(words[i], value) == 0)
                        return i;
        blame(p, key);
        return 0;
}

static const char *hint(struct parsing *p, const json_t *hints, const char *key)
{
        const char *value = text(p, hints, key, false);

        return *value ? value : NULL;
}

static void *room(struct parsing *p, size_t n, size_t size)
{
        void *here = p->next;

        p->next += n * size;
        return here;
}

static size_t measure_readings(const json_t *domains)
{
        size_t size = json_array_size(domains) * sizeof(struct vg_domain_readings);

        for (size_t i = 0; i < json_array_size(domains); i++)
                size += json_object_size(json_object_get(json_array_get(domains, i), "counters")) *
                        sizeof(struct vg_counter);
        return size;
}

static size_t measure(const json_t *body)
{
        return sizeof(struct vg_observation) + json_string_length(json_object_get(body, "pool")) +
               json_string_length(json_object_get(body, "name")) + sizeof("/") +
               (json_array_size(json_object_get(body, "disks")) + 1) * sizeof(struct vg_disk) +
               json_array_size(json_object_get(body, "nics")) * sizeof(const char *) +
               measure_readings(json_object_get(body, "domains"));
}

static void parse_hints(struct parsing *p, const json_t *body, struct vg_hints *hints)
{
        const json_t *from = json_object_get(body, "hints");

        if (from && !json_is_object(from))
                blame(p, "hints");
        hints->metadata = hint(p, from, "metadata");
        hints->nova = hint(p, from, "nova");
        hints->opennebula = hint(p, from, "opennebula");
        hints->kubevirt = hint(p, from, "kubevirt");
}

/* "pool/name", by which people call a volume. */
static const char *volume_name(struct parsing *p, const json_t *body)
{
        const char *pool = text(p, body, "pool", true), *name = text(p, body, "name", true);
        const size_t size = strlen(pool) + strlen(name) + sizeof("/");
        char *both = room(p, size, 1);

        snprintf(both, size, "%s/%s", pool, name);
        return both;
}

static void parse_volume(struct parsing *p, const json_t *body, struct vg_facts *f)
{
        struct vg_disk *disk = room(p, 1, sizeof(*disk));

        *disk = (struct vg_disk){ text(p, body, "key", true), "", number(p, body, "capacity_kib"),
                                  true };
        *f = (struct vg_facts){
                .by_pass = true,
                .uuid = "",
                .name = volume_name(p, body),
                .state = VG_DOMAIN_OFF,
                .run = "",
                .disks = disk,
                .n_disks = 1,
        };
        parse_hints(p, body, &f->hints);
}

static void parse_disks(struct parsing *p, const json_t *body, struct vg_facts *f)
{
        const json_t *array = json_object_get(body, "disks");
        struct vg_disk *disks = room(p, length(p, body, "disks"), sizeof(*disks));

        for (size_t i = 0; i < json_array_size(array); i++) {
                const json_t *from = json_array_get(array, i);
                disks[i] =
                        (struct vg_disk){ text(p, from, "key", true), text(p, from, "target", true),
                                          number(p, from, "capacity_kib"),
                                          number(p, from, "writable") != 0 };
        }
        f->disks = disks;
        f->n_disks = json_array_size(array);
}

static void parse_nics(struct parsing *p, const json_t *body, struct vg_facts *f)
{
        const json_t *array = json_object_get(body, "nics");
        const char **nics = room(p, length(p, body, "nics"), sizeof(*nics));

        for (size_t i = 0; i < json_array_size(array); i++)
                nics[i] = text(p, json_array_get(array, i), "target", true);
        f->nics = nics;
        f->n_nics = json_array_size(array);
}

static void parse_facts(struct parsing *p, const json_t *body)
{
        static const char *const scopes[] = { "domain", "volume", NULL };
        static const char *const whys[] = { "pass", "event", NULL };
        static const char *const states[] = { "gone", "off", "running", "paused", "crashed", NULL };
        struct vg_facts *f = &p->o->facts;

        if (word(p, body, "scope", scopes) == 1) {
                parse_volume(p, body, f);
                return;
        }
        *f = (struct vg_facts){
                .by_pass = word(p, body, "why", whys) == 0,
                .uuid = text(p, body, "uuid", true),
                .state = (enum vg_domain_state)word(p, body, "state", states),
        };
        if (!*f->uuid)
                blame(p, "uuid");

        const bool lives = f->state != VG_DOMAIN_GONE;
        f->name = text(p, body, "name", lives);
        f->run = text(p, body, "run", f->state >= VG_DOMAIN_RUNNING);
        if (!lives) /* only that it is gone matters */
                return;
        f->vcpus = number(p, body, "vcpus");
        f->memory_kib = number(p, body, "memory_kib");
        parse_hints(p, body, &f->hints);
        parse_disks(p, body, f);
        parse_nics(p, body, f);
}

static void parse_facts_end(struct parsing *p, const json_t *body)
{
        static const char *const scopes[] = { "domain", "volume", NULL };

        p->o->facts_end = (struct vg_facts_end){
                .volumes = word(p, body, "scope", scopes) == 1,
                .count = number(p, body, "count"),
                .digest = text(p, body, "digest", true),
        };
}

static void parse_readings(struct parsing *p, const json_t *body)
{
        const json_t *array = json_object_get(body, "domains");
        const size_t n = length(p, body, "domains");
        struct vg_domain_readings *domains = room(p, n, sizeof(*domains));

        for (size_t i = 0; i < n; i++) {
                const json_t *from = json_array_get(array, i);
                json_t *counters = json_object_get(from, "counters"), *value;
                struct vg_counter *to = room(p, json_object_size(counters), sizeof(*to));
                const char *name;

                if (!json_is_object(counters))
                        blame(p, "counters");
                domains[i] = (struct vg_domain_readings){ text(p, from, "uuid", true),
                                                          text(p, from, "run", true), to, 0 };
                json_object_foreach (counters, name, value) {
                        if (!json_is_integer(value) || json_integer_value(value) < 0)
                                blame(p, "counters");
                        *to++ = (struct vg_counter){ name, (uint64_t)json_integer_value(value) };
                        domains[i].n_counters++;
                }
        }
        p->o->readings.domains = domains;
        p->o->readings.n_domains = n;
}

static void parse_heartbeat(struct parsing *p, const json_t *body)
{
        static const char *const links[] = { "lost", "ok", NULL };
        static const char *const clocks[] = { "unsynchronised", "unknown", "synchronised", NULL };

        p->o->heartbeat.libvirt_ok = word(p, body, "libvirt", links) == 1;
        /* Unknown is not known to be good. */
        p->o->heartbeat.clock =
                word(p, body, "clock", clocks) == 2 ? VG_CLOCK_OK : VG_CLOCK_UNSYNCHRONISED;
}

static void parse_condition(struct parsing *p, const json_t *body)
{
        static const char *const subjects[] = { "libvirt", "clock", "domain", "buffer", NULL };
        struct vg_condition *c = &p->o->condition;

        *c = (struct vg_condition){
                .subject = (unsigned)word(p, body, "subject", subjects),
                .state = text(p, body, "state", true),
                .cause = text(p, body, "cause", false),
        };
        c->uuid = text(p, body, "uuid", c->subject == VG_ABOUT_DOMAIN);
}

static const struct {
        const char *kind;
        void (*parse)(struct parsing *p, const json_t *body);
} kinds[] = {
        [VG_SAYS_FACTS] = { "facts", parse_facts },
        [VG_SAYS_FACTS_END] = { "facts-end", parse_facts_end },
        [VG_SAYS_READINGS] = { "readings", parse_readings },
        [VG_SAYS_HEARTBEAT] = { "heartbeat", parse_heartbeat },
        [VG_SAYS_CONDITION] = { "condition", parse_condition },
};

static void parse_envelope(struct parsing *p, const json_t *envelope)
{
        const char *kind = text(p, envelope, "kind", true);
        const json_t *body = json_object_get(envelope, "body");

        p->o->instance = text(p, envelope, "instance", true);
        p->o->boot_id = text(p, envelope, "boot_id", true);
        p->o->seq = number(p, envelope, "seq");
        p->o->at.boot_ns = number(p, envelope, "at_boot_ns");
        p->o->at.utc_ns = (int64_t)number(p, envelope, "at_utc_ns");
        if (!json_is_object(body))
                blame(p, "body");
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(kinds[i].kind, kind) == 0) {
                        p->o->kind = (enum vg_observation_kind)i;
                        kinds[i].parse(p, body);
                        return;
                }
        blame(p, "kind");
}

int vg_observation_parse(const json_t *envelope, struct vg_observation **ret_observation,
                         struct vg_err *err)
{
        _cleanup_free_ char *memory = calloc(1, measure(json_object_get(envelope, "body")));

        if (!memory)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        struct parsing p = { (struct vg_observation *)(void *)memory,
                             memory + sizeof(struct vg_observation), NULL };
        parse_envelope(&p, envelope);
        if (p.wrong)
                return vg_err_set(err, -EINVAL, "observation : « %s » manque ou est invalide",
                                  p.wrong);
        *ret_observation = (struct vg_observation *)(void *)TAKE_PTR(memory);
        return 0;
}
