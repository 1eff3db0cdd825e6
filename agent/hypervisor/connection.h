/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* connection: one read-only connection to libvirt. Opening and every call may block for ever: used
 * by worker threads only (calls.h). */

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

struct events;
struct vg_err;

struct connection {
        const char *uri; /* borrowed */
        struct events *events;
        virConnectPtr conn; /* NULL: not open */
        uint64_t source;    /* number of this opening; events carry it */
        bool is_qemu;
};

/* Opens it where it is not, or no longer. -ECONNREFUSED and *err: it cannot be had. */
int connection_ensure(struct connection *connection, struct vg_err *err);
bool connection_is_alive(const struct connection *connection); /* does not block */

/* libvirt's last error of this thread as ours: -ECONNRESET where the connection is at fault,
 * -ENOENT no such domain, else -EIO. */
int connection_error(struct vg_err *err, const char *what);
