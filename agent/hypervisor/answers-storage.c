/* SPDX-License-Identifier: Apache-2.0 */

/* answers-storage: the slow tier: facts once more, disks of domains that are off, volumes. */

#include <stdlib.h>
#include <string.h>

#include "hypervisor/answers.h"
#include "hypervisor/reader.h"
#include "os/log.h"
#include "vigie/mem.h"

/* Every so many looks at storage, the XML of a domain is read whatever is known of it. */
enum { TURNS = 12 };

static bool is_its_turn(const struct domain *domain, unsigned look)
{
        unsigned sum = 0;

        for (const char *at = domain->uuid; *at; at++)
                sum = sum * 31 + (unsigned char)*at;
        return sum % TURNS == look % TURNS;
}

/* An XML a domain is what a look costs. While a domain runs, events tell what changes in it, and
 * what they do not tell of is seen cheaply: vCPUs by the kernel, other disks by QEMU's own answer.
 * Of a domain that is off, a change of its definition need not be an event. */
static bool needs_no_xml(const struct reader *reader, const struct domain *domain)
{
        return domain->facts && domain_state_is_active(domain->state) &&
               run_is_settled(&domain->run) && (run_shows_vcpus(&domain->run) || !reader->has_qemu);
}

static void leave_known_out(struct reader *reader, struct look *look)
{
        const unsigned nth = reader->n_storage_looks++;

        look->known = calloc(reader->domains.n + 1, sizeof(*look->known));
        for (size_t i = 0; look->known && i < reader->domains.n; i++) {
                const struct domain *domain = reader->domains.rows[i];
                if (needs_no_xml(reader, domain) && !is_its_turn(domain, nth))
                        memcpy(look->known[look->n_known++], domain->uuid, UUID_TEXT);
        }
}

void answers_ask_storage(struct reader *reader)
{
        struct look *look = look_new(LOOK_FACTS | LOOK_OFF, NULL, NULL, &kind_reconcile);

        if (!look)
                return;
        look->call.patience_ns = reader->patience_ns;
        leave_known_out(reader, look);
        calls_submit(reader->calls, &look->call);
}

void answers_ask_volumes(struct reader *reader)
{
        struct volumes_look *look = volumes_look_new(&kind_volumes);

        if (look)
                calls_submit(reader->calls, &look->call);
}

bool answers_storage_is_stuck(struct reader *reader)
{
        return calls_has_stuck(reader->calls, &kind_reconcile) ||
               calls_has_stuck(reader->calls, &kind_volumes);
}

/* What was read again, since not every change has an event. */
void answers_reconcile(struct call *call, void *user)
{
        struct look *look = (struct look *)call;
        struct reader *reader = user;

        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        for (size_t i = 0; reader->is_ok && i < look->seen.n; i++) {
                struct sight *sight = &look->seen.rows[i];
                struct domain *domain = domains_find(&reader->domains, sight->uuid);
                if (!domain || !sight->facts || domain->facts_boot_ns >= look->at.at_boot_ns ||
                    domain->state != sight->state ||
                    (sight->libvirt_id >= 0 && domain->run.libvirt_id != sight->libvirt_id))
                        continue; /* the state tier sees to those */
                if (facing_take(reader, domain, sight, sight->state, sight->libvirt_id, &look->at) >
                    0)
                        observe_domain(&reader->outbox, &look->at, domain, "event");
        }
}

static bool same_volumes(const struct volumes *a, const struct volumes *b)
{
        bool same = a->n == b->n;

        for (size_t i = 0; same && i < a->n; i++)
                same = strcmp(a->rows[i].key, b->rows[i].key) == 0 &&
                       strcmp(a->rows[i].pool, b->rows[i].pool) == 0 &&
                       strcmp(a->rows[i].name, b->rows[i].name) == 0 &&
                       a->rows[i].capacity_kib == b->rows[i].capacity_kib;
        return same;
}

/* What a domain has is counted there. */
static void leave_used_out(const struct domains *domains, struct volumes *volumes)
{
        size_t kept = 0;

        for (size_t i = 0; i < volumes->n; i++) {
                if (domains_use_key(domains, volumes->rows[i].key))
                        continue;
                struct volume unused = volumes->rows[i];
                volumes->rows[i] = volumes->rows[kept];
                volumes->rows[kept++] = unused;
        }
        volumes_keep_first(volumes, kept);
}

static void send_volumes(struct reader *reader, const struct vg_now *at)
{
        const struct volumes *volumes = &reader->volumes;
        _cleanup_free_ const char **keys = calloc(volumes->n + 1, sizeof(char *));

        if (!keys)
                return;
        for (size_t i = 0; i < volumes->n; i++) {
                observe_volume(&reader->outbox, at, &volumes->rows[i]);
                keys[i] = volumes->rows[i].key;
        }
        observe_end(&reader->outbox, at, "volume", keys, volumes->n);
}

/* A driver without storage, or a pool in trouble: no news of volumes, and nothing worse. */
void answers_volumes(struct call *call, void *user)
{
        struct volumes_look *look = (struct volumes_look *)call;
        struct reader *reader = user;

        if (call->r < 0 || !reader->is_ok)
                return;
        leave_used_out(&reader->domains, &look->seen);
        if (reader->has_volumes && same_volumes(&reader->volumes, &look->seen))
                return;
        volumes_done(&reader->volumes);
        reader->volumes = look->seen;
        look->seen = (struct volumes){ 0 };
        reader->has_volumes = true;
        send_volumes(reader, &look->at);
}
