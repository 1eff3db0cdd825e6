/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* redfish-log: which entries of a BMC's logs are new. Values in, values out; who asks is
 * redfish-walk.c. Entries are known by their address; once in REREAD_EVERY looks a log is read
 * whole again, for an entry may have been marked as repaired meanwhile. */

#include <jansson.h>

#include "hardware/documents.h"
#include "hardware/redfish-links.h"

struct redfish_log;

int redfish_log_new(struct redfish_log **ret_log);
void redfish_log_free(struct redfish_log *log);

/* A look at the log whose entries are at link. Returns the ETag to ask with, or NULL. */
const char *redfish_log_begin(struct redfish_log *log, const char *link);
/* An answer: a page of entries, or one entry that was wanted; NULL: it is not there. New entries are
 * given to keep. Returns what is wanted next (borrowed until the next call), NULL: nothing. */
const char *redfish_log_take(struct redfish_log *log, const json_t *tree, const char *etag,
                             redfish_resource_fn *keep, void *user);
/* The look is over: gives the collection, with the new entries alone, to keep. */
void redfish_log_end(struct redfish_log *log, redfish_resource_fn *keep, void *user);
/* Removes from documents what the last looks kept. */
void redfish_log_forget(struct redfish_log *log, struct documents *documents);
