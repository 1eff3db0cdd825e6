/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/events.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hypervisor/thread.h"
#include "vigie/err.h"
#include "vigie/mem.h"

struct events {
        pthread_mutex_t lock;
        struct event *first, **last;
        int fd;
};

struct origin { /* what a callback is told; one a registration, freed by libvirt */
        struct events *events;
        uint64_t source;
};

static void *run_loop(_unused_ void *arg)
{
        for (;;)
                virEventRunDefaultImpl();
        return NULL;
}

static void push(const struct origin *origin, struct event *event)
{
        static const uint64_t one = 1;
        struct events *events = origin->events;

        event->source = origin->source;
        pthread_mutex_lock(&events->lock);
        *events->last = event;
        events->last = &event->next;
        pthread_mutex_unlock(&events->lock);
        if (write(events->fd, &one, sizeof(one)) < 0)
                return; /* only when 2^64 wake-ups wait already */
}

/* The clocks are read first of all. No memory for an event: the next reconciliation finds out. */
static void take_domain(virDomainPtr dom, enum event_kind kind, int detail, const char *device,
                        const struct origin *origin)
{
        struct vg_now at = vg_clock_now();
        struct event *event = calloc(1, sizeof(*event));

        if (!event)
                return;
        event->at = at;
        event->kind = kind;
        event->detail = detail;
        event->libvirt_id = (int)virDomainGetID(dom);
        if (device && strlen(device) < sizeof(event->device))
                memcpy(event->device, device, strlen(device));
        if (virDomainGetUUIDString(dom, event->uuid) < 0)
                free(event);
        else
                push(origin, event);
}

static int on_lifecycle(_unused_ virConnectPtr conn, virDomainPtr dom, int detail,
                        _unused_ int more, void *origin)
{
        take_domain(dom, EVENT_LIFECYCLE, detail, NULL, origin);
        return 0;
}

static void on_device_added(_unused_ virConnectPtr conn, virDomainPtr dom, const char *device,
                            void *origin)
{
        take_domain(dom, EVENT_DEVICE_ADDED, 0, device, origin);
}

static void on_device_removed(_unused_ virConnectPtr conn, virDomainPtr dom, const char *device,
                              void *origin)
{
        take_domain(dom, EVENT_DEVICE_REMOVED, 0, device, origin);
}

static void on_balloon(_unused_ virConnectPtr conn, virDomainPtr dom,
                       _unused_ unsigned long long kib, void *origin)
{
        take_domain(dom, EVENT_CHANGED, 0, NULL, origin);
}

static void on_metadata(_unused_ virConnectPtr conn, virDomainPtr dom, _unused_ int type,
                        _unused_ const char *uri, void *origin)
{
        take_domain(dom, EVENT_CHANGED, 0, NULL, origin);
}

static void on_block_job(_unused_ virConnectPtr conn, virDomainPtr dom, _unused_ const char *disk,
                         _unused_ int type, _unused_ int status, void *origin)
{
        take_domain(dom, EVENT_CHANGED, 0, NULL, origin);
}

static void on_disk_change(_unused_ virConnectPtr conn, virDomainPtr dom,
                           _unused_ const char *before, _unused_ const char *after,
                           _unused_ const char *alias, _unused_ int reason, void *origin)
{
        take_domain(dom, EVENT_CHANGED, 0, NULL, origin);
}

static void on_close(_unused_ virConnectPtr conn, int reason, void *origin)
{
        struct event *event = calloc(1, sizeof(*event));

        if (!event)
                return;
        event->kind = EVENT_CLOSED;
        event->detail = reason;
        event->at = vg_clock_now();
        push(origin, event);
}

static void *origin_new(struct events *events, uint64_t source)
{
        struct origin *origin = malloc(sizeof(*origin));

        if (origin)
                *origin = (struct origin){ .events = events, .source = source };
        return origin;
}

int events_register(struct events *events, virConnectPtr conn, uint64_t source, struct vg_err *err)
{
        static const struct {
                int id;
                virConnectDomainEventGenericCallback callback;
        } rows[] = {
                { VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle) },
                { VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device_added) },
                { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                  VIR_DOMAIN_EVENT_CALLBACK(on_device_removed) },
                { VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_balloon) },
                { VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata) },
                { VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, VIR_DOMAIN_EVENT_CALLBACK(on_block_job) },
                { VIR_DOMAIN_EVENT_ID_DISK_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_disk_change) },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                void *origin = origin_new(events, source);
                if (!origin ||
                    virConnectDomainEventRegisterAny(conn, NULL, rows[i].id, rows[i].callback,
                                                     origin, free) < 0) {
                        free(origin);
                        return vg_err_set(err, -EIO, "abonnement aux événements : %s",
                                          virGetLastErrorMessage());
                }
        }

        /* A driver inside our own process (test://) has no connection that could close. */
        void *origin = origin_new(events, source);
        if (!origin || virConnectRegisterCloseCallback(conn, on_close, origin, free) < 0)
                free(origin);
        return 0;
}

int events_new(struct events **ret_events, struct vg_err *err)
{
        struct events *events = calloc(1, sizeof(*events));

        if (!events)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        pthread_mutex_init(&events->lock, NULL);
        events->last = &events->first;
        events->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (events->fd < 0 || virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
                int r = events->fd < 0 ? -errno : -EIO;
                if (events->fd >= 0)
                        close(events->fd);
                free(events);
                return vg_err_set(err, r, "boucle d'événements de libvirt impossible");
        }

        int r = thread_start(run_loop, NULL);
        if (r < 0) {
                close(events->fd);
                free(events);
                return vg_err_set(err, r, "fil d'exécution impossible");
        }
        *ret_events = events;
        return 0;
}

int events_fd(const struct events *events)
{
        return events->fd;
}

struct event *events_take(struct events *events)
{
        uint64_t n;

        if (read(events->fd, &n, sizeof(n)) < 0)
                return NULL;
        pthread_mutex_lock(&events->lock);
        struct event *first = events->first;
        events->first = NULL;
        events->last = &events->first;
        pthread_mutex_unlock(&events->lock);
        return first;
}
