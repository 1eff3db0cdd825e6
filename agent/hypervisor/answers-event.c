/* SPDX-License-Identifier: Apache-2.0 */

/* answers-event: what libvirt tells unasked, and the look at the domain that it is about. */

#include <stdlib.h>
#include <string.h>

#include "hypervisor/answers.h"
#include "hypervisor/reader.h"
#include "os/log.h"
#include "vigie/mem.h"

/* What an event says of the state counts as of its stamp, even if more has happened since: that has
 * events of its own. known: as it was before; NULL for a newcomer. */
static enum domain_state state_after(const struct event *event, const struct domain *known,
                                     const struct sight *sight)
{
        const enum domain_state before = known ? known->state : sight->state;

        if (event->kind == EVENT_MISSED)
                return sight->state;
        if (event->kind != EVENT_LIFECYCLE)
                return before;
        switch (event->detail) {
        case VIR_DOMAIN_EVENT_STARTED:
        case VIR_DOMAIN_EVENT_RESUMED:
                return DOMAIN_RUNNING;
        case VIR_DOMAIN_EVENT_SUSPENDED:
        case VIR_DOMAIN_EVENT_PMSUSPENDED:
                return DOMAIN_PAUSED;
        case VIR_DOMAIN_EVENT_STOPPED:
                return DOMAIN_OFF;
        case VIR_DOMAIN_EVENT_CRASHED:
                return event->libvirt_id >= 0 ? DOMAIN_CRASHED : DOMAIN_OFF;
        case VIR_DOMAIN_EVENT_DEFINED:
                return known ? known->state : DOMAIN_OFF;
        default:
                return before;
        }
}

/* libvirt's id of the run that the event is about. */
static int id_after(const struct event *event, const struct domain *known,
                    const struct sight *sight)
{
        if (event->kind != EVENT_MISSED && event->libvirt_id >= 0)
                return event->libvirt_id;
        return event->kind != EVENT_MISSED && known && run_is_some(&known->run)
                       ? known->run.libvirt_id
                       : sight->libvirt_id;
}

/* It ended meanwhile, and shows what it will have when it starts again: libvirt will say so. */
static bool is_ending(struct domain *domain, const struct sight *sight)
{
        struct run_counters counters;

        if (!domain_state_is_active(domain->state))
                return false;
        run_read(&domain->run, &counters);
        return sight->libvirt_id < 0 || domain->run.is_over;
}

static void take_refresh(struct reader *reader, struct look *look)
{
        const struct event *event = &look->event;
        struct sight *sight = look->seen.n ? &look->seen.rows[0] : NULL;
        struct domain *domain = domains_find(&reader->domains, look->uuid);

        if (!sight) {
                if (domain && domain->facts_boot_ns <= event->at.at_boot_ns)
                        facing_forget(reader, domain, &event->at);
                return;
        }
        if (domain && event->at.at_boot_ns < domain->facts_boot_ns)
                return;

        enum domain_state state = state_after(event, domain, sight);
        const int id = id_after(event, domain, sight);
        if (domain_state_is_active(state) && id < 0)
                state = DOMAIN_OFF;
        if (domain && domain_state_is_active(state) && is_ending(domain, sight))
                return;
        domain = domain ? domain : domains_add(&reader->domains, look->uuid);
        if (!domain)
                return;
        if (facing_take(reader, domain, sight, state, id, &event->at) > 0)
                observe_domain(&reader->outbox, &event->at, domain, "event");
}

void answers_domain(struct call *call, void *user)
{
        struct look *look = (struct look *)call;
        struct reader *reader = user;

        outbox_arrived(&reader->outbox);
        if (call->r < 0) {
                reader_failed(reader, call);
                return;
        }
        if (!reader->is_ok)
                return;
        take_refresh(reader, look);
        outbox_release(&reader->outbox);
}

/* Events that came while the pass was on its way, of the connection that carried it. */
void events_replay(struct reader *reader, const struct vg_now *since)
{
        struct event *event = TAKE_PTR(reader->held), *next;

        for (; event; event = next) {
                next = event->next;
                if (event->at.at_boot_ns > since->at_boot_ns)
                        answers_take_event(reader, event);
                free(event);
        }
        reader->last_held = &reader->held;
}

void answers_drop_held(struct reader *reader)
{
        struct event *event = TAKE_PTR(reader->held), *next;

        for (; event; event = next) {
                next = event->next;
                free(event);
        }
        reader->last_held = &reader->held;
}

static void hold(struct reader *reader, const struct event *event)
{
        struct event *copy = malloc(sizeof(*copy));

        if (!copy)
                return;
        *copy = *event;
        copy->next = NULL;
        *reader->last_held = copy;
        reader->last_held = &copy->next;
}

void answers_take_event(struct reader *reader, const struct event *event)
{
        if (!reader->is_ok) {
                if (reader->pass_asked)
                        hold(reader, event);
                return;
        }
        /* A second connection has the same events, and an old one may bring some late. */
        if (event->source != reader->source)
                return;
        if (event->kind == EVENT_CLOSED) {
                reader_lose(reader, event->detail == VIR_CONNECT_CLOSE_REASON_KEEPALIVE ? "frozen"
                                                                                        : "closed");
                return;
        }

        struct domain *domain = domains_find(&reader->domains, event->uuid);
        if (event->kind == EVENT_DEVICE_REMOVED && domain)
                devices_gone(&domain->devices, event->device, event->at.at_boot_ns);
        answers_ask(reader, LOOK_FACTS | LOOK_QEMU, event->uuid, event);
        isolation_event(reader, event);
}
