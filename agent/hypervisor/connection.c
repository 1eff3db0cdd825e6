/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/connection.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <stdatomic.h>
#include <string.h>

#include "hypervisor/events.h"
#include "vigie/err.h"

/* Longer than a cycle: each call proves that libvirtd is alive, and has a deadline of its own. A ping
 * between two would wake three processes for nothing; it is for a connection that stands idle. */
enum { KEEPALIVE_S = 15, KEEPALIVE_COUNT = 1 };

bool connection_is_alive(const struct connection *connection)
{
        return connection->conn && virConnectIsAlive(connection->conn) == 1;
}

static void close_it(struct connection *connection)
{
        if (connection->conn)
                virConnectClose(connection->conn);
        connection->conn = NULL;
        connection->source = 0;
}

int connection_ensure(struct connection *connection, struct vg_err *err)
{
        static atomic_uint_fast64_t last_source;

        if (connection_is_alive(connection))
                return 0;
        close_it(connection);

        virConnectPtr conn = virConnectOpenReadOnly(connection->uri);
        if (!conn)
                return vg_err_set(err, -ECONNREFUSED, "connexion à %s : %s", connection->uri,
                                  virGetLastErrorMessage());
        connection->conn = conn;
        connection->source = ++last_source;

        const char *type = virConnectGetType(conn);
        connection->is_qemu = type && strcmp(type, "QEMU") == 0;
        /* A driver inside our own process has no keepalive and needs none. */
        virConnectSetKeepAlive(conn, KEEPALIVE_S, KEEPALIVE_COUNT);

        int r = events_register(connection->events, conn, connection->source, err);
        if (r < 0)
                close_it(connection);
        return r;
}

int connection_error(struct vg_err *err, const char *what)
{
        const virError *last = virGetLastError();
        int code = -EIO;

        if (last && last->code == VIR_ERR_NO_DOMAIN)
                code = -ENOENT;
        else if (last && (last->domain == VIR_FROM_RPC || last->domain == VIR_FROM_REMOTE))
                code = -ECONNRESET;
        return vg_err_set(err, code, "%s : %s", what, virGetLastErrorMessage());
}
