/* SPDX-License-Identifier: Apache-2.0 */

/* facing: what was known of one domain, faced with what libvirt showed of it. */

#include <string.h>

#include "hypervisor/reader.h"
#include "os/log.h"
#include "vigie/mem.h"

/* Who started before `at` stands in any scan made since. */
static const struct qemuproc *look_up(struct reader *reader, const char *uuid,
                                      const struct vg_now *at)
{
        if (reader->scanned_boot_ns <= at->at_boot_ns) {
                reader->scanned_boot_ns = vg_clock_now().at_boot_ns;
                if (qemuprocs_scan(&reader->processes, reader->proc, &reader->users) < 0)
                        vg_log(LOG_WARNING, "%s illisible", reader->proc);
        }
        return qemuprocs_find(&reader->processes, uuid);
}

static void tell_unseen(const struct reader *reader, const struct domain *domain)
{
        if (domain->run.pid || domain->run.n_searched != RUN_SEARCHES)
                return;
        vg_log(LOG_WARNING,
               "domaine %s : son QEMU ne se voit pas dans %s ([hypervisor] qemu_users), "
               "processeur, "
               "mémoire et réseau sont demandés à libvirt",
               domain->facts ? domain->facts->name : domain->uuid, reader->proc);
}

/* A run is the same as long as libvirt's id is: it gives none twice, but for a libvirtd started anew
 * on a host without domains, and then there is another process. */
static void set_run(struct reader *reader, struct domain *domain, enum domain_state state,
                    int libvirt_id, const struct vg_now *at)
{
        struct run *run = &domain->run;

        if (!domain_state_is_active(state)) {
                run_done(run);
                devices_done(&domain->devices);
                return;
        }

        const bool same_id = run_is_some(run) && run->libvirt_id == libvirt_id;
        if (same_id && !run->is_over && run_is_settled(run))
                return;
        const struct qemuproc *process =
                reader->has_qemu ? look_up(reader, domain->uuid, at) : NULL;
        if (same_id && !process) { /* dying, and libvirt will say so; or not there yet */
                run->n_searched++;
                tell_unseen(reader, domain);
                return;
        }
        devices_done(&domain->devices);
        domain->blocks_digest = 0;
        run_begin(run, libvirt_id, process, reader->proc, &reader->mounts);
        run->n_searched = reader->has_qemu ? 1 : RUN_SEARCHES;
}

static bool is_news(const struct domain *domain, const struct facts *facts, enum domain_state state,
                    const char *run_before)
{
        return !domain->facts || domain->state != state ||
               strcmp(run_before, domain->run.id) != 0 ||
               (facts && !facts_equal(domain->facts, facts));
}

int facing_take(struct reader *reader, struct domain *domain, struct sight *sight,
                enum domain_state state, int libvirt_id, const struct vg_now *at)
{
        struct facts *facts = TAKE_PTR(sight->facts);
        char run_before[sizeof(domain->run.id)];

        memcpy(run_before, domain->run.id, sizeof(run_before));
        if (facts && domain->facts)
                facts_inherit_sizes(facts, domain->facts);
        if (facts && facts->qemu_user)
                qemuproc_users_add(&reader->users, facts->qemu_user);
        set_run(reader, domain, state, libvirt_id, at);

        bool news = is_news(domain, facts, state, run_before);
        if (facts) {
                facts_free(domain->facts);
                domain->facts = facts;
        }
        domain->state = state;
        domain->facts_boot_ns = at->at_boot_ns;
        if (domain->facts && run_is_some(&domain->run) &&
            devices_set(&domain->devices, domain->facts, at->at_boot_ns) < 0)
                vg_log(LOG_ERR, "mémoire épuisée");
        return news && domain->facts;
}

void facing_forget(struct reader *reader, struct domain *domain, const struct vg_now *at)
{
        observe_gone(&reader->outbox, at, domain);
        domains_remove(&reader->domains, domain);
}
