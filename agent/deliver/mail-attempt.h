/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mail-attempt: which events a message was made of, kept before it is sent. A relay may have taken a
 * message whose answer never came; after a crash the same events make the same message again, whatever
 * was recorded since, so that whoever has it already sees it once. */

#include <stddef.h>

struct event;
struct vg_err;
struct vg_settings;

/* How many of the events, from the first on, are to be one message: as many as were tried last time
 * where it began with the same event, else all. What is answered is kept, durably. */
int mail_attempt(const struct vg_settings *settings, const char *destination, const char *stream,
                 const struct event *events, size_t n, size_t *ret_n, struct vg_err *err);
