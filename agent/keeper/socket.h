/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* socket: where the keeper listens. */

struct vg_err;

/* The socket that systemd hands over, else one bound at path, which replaces what is there: the
 * caller must be the only keeper (it holds the ledger's lock). Anyone may connect: the table of
 * peers judges, not the file's mode. Caller closes *ret_fd. */
int socket_listen(const char *path, int *ret_fd, struct vg_err *err);
