/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether somebody listens on a Unix socket: connects, says nothing, hangs up. 0 or -errno. Never
 * waits: a listener whose queue is full still listens. */
int cli_reach(const char *socket_path);
