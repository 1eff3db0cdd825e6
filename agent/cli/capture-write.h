/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* capture-write: pieces of evidence (vigie/isolation.h) as host.json, the way capture.h reads it. What
 * a piece says and a file of /proc would, is written as that file, with the lines that say it. */

#include <jansson.h>

/* names: {uuid: name of the domain}. Adds one piece to host.json's tree; what it cannot say there is
 * left out, and is unknown to whoever reads. 0 or -ENOMEM. */
int capture_write_piece(json_t *host, const json_t *names, const json_t *piece);
