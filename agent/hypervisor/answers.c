/* SPDX-License-Identifier: Apache-2.0 */

/* answers: what libvirt says, unasked or asked, and what it changes. */

#include <stdlib.h>
#include <string.h>

#include "hypervisor/answers.h"
#include "hypervisor/reader.h"
#include "os/log.h"
#include "vigie/mem.h"

const struct call_kind kind_pass = { look_work, answers_pass, NULL, look_again, look_free };
const struct call_kind kind_state = { look_work, answers_state, NULL, look_again, look_free };
const struct call_kind kind_qemu = { look_work, answers_qemu, answers_qemu_late, answers_qemu_again,
                                     look_free };
const struct call_kind kind_domain = { look_work, answers_domain, NULL, look_again, look_free };
/* What reads disks that no guest has open is not asked again where it hangs: dead storage. */
const struct call_kind kind_reconcile = { look_work, answers_reconcile, NULL, NULL, look_free };
const struct call_kind kind_volumes = { volumes_look_work, answers_volumes, NULL, NULL,
                                        volumes_look_free };

static const struct call_kind *kind_of(enum look_what what, const char *uuid)
{
        if (uuid)
                return &kind_domain;
        if (what & LOOK_FACTS)
                return &kind_pass;
        return what & LOOK_QEMU ? &kind_qemu : &kind_state;
}

void answers_ask(struct reader *reader, enum look_what what, const char *uuid,
                 const struct event *event)
{
        struct look *look = look_new(what, uuid, event, kind_of(what, uuid));

        if (!look) {
                vg_log(LOG_ERR, "mémoire épuisée");
                return;
        }
        if (what != LOOK_STATE && !uuid)
                look->call.patience_ns = reader->patience_ns;
        if (what & LOOK_FACTS)
                outbox_await(&reader->outbox,
                             event ? event->at.at_boot_ns : vg_clock_now().at_boot_ns);
        calls_submit(reader->calls, &look->call);
}

void answers_ask_qemu(struct reader *reader)
{
        answers_ask(reader, LOOK_QEMU | (kernel_lacks(reader) ? LOOK_TOLD : 0), NULL, NULL);
}

void answers_ask_missed(struct reader *reader, const char *uuid, const struct vg_now *at)
{
        struct event event = { .kind = EVENT_MISSED, .libvirt_id = -1, .at = *at };

        memcpy(event.uuid, uuid, UUID_TEXT);
        answers_ask(reader, LOOK_FACTS | LOOK_QEMU, uuid, &event);
}

static void send_pass(struct reader *reader, const struct vg_now *at)
{
        size_t n = 0;
        _cleanup_free_ const char **uuids = calloc(reader->domains.n + 1, sizeof(char *));

        if (!uuids)
                return;
        for (size_t i = 0; i < reader->domains.n; i++) {
                const struct domain *domain = reader->domains.rows[i];
                if (!domain->facts)
                        continue;
                observe_domain(&reader->outbox, at, domain, "pass");
                uuids[n++] = domain->uuid;
        }
        uint64_t seq = observe_end(&reader->outbox, at, "domain", uuids, n);
        if (!reader->ready_seq)
                reader->ready_seq = seq;
}

/* All that libvirt has; whom it does not name is gone. */
void answers_pass(struct call *call, void *user)
{
        struct look *look = (struct look *)call;
        struct reader *reader = user;

        reader->pass_asked = false;
        outbox_arrived(&reader->outbox);
        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        reader->has_qemu = look->asked_qemu;
        learn_patience(reader, call);
        for (size_t i = reader->domains.n; i-- > 0;)
                if (!sights_find(&look->seen, reader->domains.rows[i]->uuid))
                        domains_remove(&reader->domains, reader->domains.rows[i]);
        for (size_t i = 0; i < look->seen.n; i++) {
                struct sight *sight = &look->seen.rows[i];
                struct domain *domain = domains_add(&reader->domains, sight->uuid);
                if (domain)
                        facing_take(reader, domain, sight, sight->state, sight->libvirt_id,
                                    &look->at);
        }
        reader->source = call->source;
        reader->answered_boot_ns = look->at.at_boot_ns;
        send_pass(reader, &look->at);
        reader_confirm(reader, &look->at);
        reader_find(reader);
        outbox_release(&reader->outbox);
        kernel_sample(reader);
        events_replay(reader, &look->at);
        answers_ask_qemu(reader);
        answers_ask_volumes(reader);
}

/* Who is there, and how: what differs from what is known was missed, and is looked at. */
static void reconcile_state(struct reader *reader, const struct look *look)
{
        for (size_t i = 0; i < look->seen.n; i++) {
                const struct sight *sight = &look->seen.rows[i];
                const struct domain *domain = domains_find(&reader->domains, sight->uuid);
                if (domain && domain->facts_boot_ns >= look->at.at_boot_ns)
                        continue; /* known better since */
                if (!domain || domain->state != sight->state ||
                    (sight->libvirt_id >= 0 && (domain->run.libvirt_id != sight->libvirt_id ||
                                                !run_is_settled(&domain->run))))
                        answers_ask_missed(reader, sight->uuid, &look->at);
        }
        for (size_t i = reader->domains.n; i-- > 0;) {
                struct domain *domain = reader->domains.rows[i];
                if (domain->facts_boot_ns < look->at.at_boot_ns &&
                    !sights_find(&look->seen, domain->uuid))
                        facing_forget(reader, domain, &look->at);
        }
}

void answers_state(struct call *call, void *user)
{
        struct look *look = (struct look *)call;
        struct reader *reader = user;

        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        if (!reader->is_ok)
                return;
        reader->answered_boot_ns = look->at.at_boot_ns;
        reconcile_state(reader, look);
        reader_confirm(reader, &look->at);
}
