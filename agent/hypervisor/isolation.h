/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation: libvirt's documents as pieces of evidence (vigie/isolation.h).
 *
 *   isolation.c         when: a domain within a second of its event; all of them, one after the
 *                       other, in a pass that never ends, within two minutes and a share of a
 *                       processor ([hypervisor] isolation_permille; 0: none of it); what they stand
 *                       on every ten seconds, what seldom changes every two minutes
 *   isolation-ask.c     the questions, in the thread that may hang
 *   isolation-wanted.c  what the documents name, for vigie-inspect
 *   isolation-documents.c  a capture: the documents as files */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct isolation;
struct reader;
struct vg_err;

/* Asks nothing before libvirt answers the reader's own questions. */
int isolation_start(struct reader *reader, struct vg_err *err);
void isolation_stop(struct reader *reader);
void isolation_event(struct reader *reader, const struct event *event);
/* libvirt was lost and found again: events were missed. */
void isolation_restart(struct reader *reader);
/* The keeper has something else than we told it. */
void isolation_resend(struct reader *reader);
