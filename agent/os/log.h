/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* log: one line an event, to the journal where systemd runs us, to standard error elsewhere. What
 * comes from strangers is cleaned before it is written. */

#include <stdbool.h>
#include <syslog.h>

struct vg_message { /* a row of messages.def */
        const char *id;
        const char *subject_fr, *subject_en, *todo_fr, *todo_en;
};

#define VG_MESSAGE(name, id, subject_fr, subject_en, todo_fr, todo_en) \
        extern const struct vg_message vg_message_##name;
#include "os/messages.def"
#undef VG_MESSAGE

/* program: what lines begin with on standard error. */
void vg_log_init(const char *program, bool debug);

/* priority: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG. The format is a msgid. */
void vg_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with the MESSAGE_ID of a row, and fields "VIGIE_NAME=value" (an array that ends in NULL,
 * or NULL). */
void vg_log_message(int priority, const struct vg_message *message, const char *const *fields,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A line that is text already (an alert), with any message id (or NULL) and fields. */
void vg_log_text(int priority, const char *message_id, const char *const *fields, const char *text);
