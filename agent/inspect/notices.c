/* SPDX-License-Identifier: Apache-2.0 */

#include "inspect/notices.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "inspect/inspect.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const struct {
        int bus;
        unsigned groups, what;
} sources[] = {
        { NETLINK_ROUTE, 1u << (RTNLGRP_LINK - 1), LOOK_TEXTS },
        { NETLINK_ROUTE, 1u << (RTNLGRP_TC - 1), LOOK_FILTERS },
        { NETLINK_NETFILTER, 1u << (NFNLGRP_NFTABLES - 1), LOOK_FILTERS },
};

struct listener {
        struct notices *notices;
        struct mnl_socket *socket;
        sd_event_source *source;
        unsigned what;
};

struct notices {
        notices_fn *fn;
        void *user;
        struct listener listeners[ELEMENTSOF(sources)];
};

/* Dropped or not understood, a message says enough by having come. */
static int on_message(_unused_ sd_event_source *s, int fd, _unused_ uint32_t events, void *user)
{
        const struct listener *listener = user;
        char buffer[8192];

        while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
                ;
        listener->notices->fn(listener->notices->user, listener->what);
        return 0;
}

static int listen_to(struct listener *listener, size_t i, sd_event *event)
{
        listener->what = sources[i].what;
        listener->socket = mnl_socket_open2(sources[i].bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (!listener->socket ||
            mnl_socket_bind(listener->socket, sources[i].groups, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        return sd_event_add_io(event, &listener->source, mnl_socket_get_fd(listener->socket),
                               EPOLLIN, on_message, listener);
}

int notices_new(sd_event *event, notices_fn *fn, void *user, struct notices **ret_notices,
                struct vg_err *err)
{
        struct notices *notices = calloc(1, sizeof(*notices));
        int r = notices ? 0 : -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(sources) && r >= 0; i++) {
                notices->listeners[i].notices = notices;
                r = listen_to(&notices->listeners[i], i, event);
        }
        if (r < 0) {
                notices_free(notices);
                return vg_err_set(err, r, "écoute du noyau (netlink) impossible : %s",
                                  strerror(-r));
        }
        notices->fn = fn;
        notices->user = user;
        *ret_notices = notices;
        return 0;
}

void notices_free(struct notices *notices)
{
        for (size_t i = 0; notices && i < ELEMENTSOF(notices->listeners); i++) {
                sd_event_source_disable_unref(notices->listeners[i].source);
                if (notices->listeners[i].socket)
                        mnl_socket_close(notices->listeners[i].socket);
        }
        free(notices);
}
