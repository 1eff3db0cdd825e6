/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* answers: the calls of this reader, one kind each, and what their answers mean. */

#include "hypervisor/calls.h"

struct reader;
struct vg_now;

extern const struct call_kind kind_domain, kind_pass, kind_qemu, kind_reconcile, kind_state,
        kind_volumes;

void answers_pass(struct call *call, void *user);  /* everything, after a start or an outage */
void answers_state(struct call *call, void *user); /* who is there, and how */
void answers_qemu(struct call *call, void *user);  /* disks and balloons of running domains */
void answers_qemu_late(struct call *call, void *user);
struct call *answers_qemu_again(const struct call *call);
void learn_patience(struct reader *reader, const struct call *call);
void answers_domain(struct call *call, void *user); /* one domain, because of an event */
void answers_reconcile(struct call *call,
                       void *user); /* everything, slowly, for what has no event */
void answers_volumes(struct call *call, void *user);

/* Events that came while the pass was on its way, of the connection that carried it. */
void events_replay(struct reader *reader, const struct vg_now *since);
