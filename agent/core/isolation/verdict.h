/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct judge;
struct vg_verdict;

/* Takes the findings, the status and the arena of a judge that has run. -ENOMEM. */
int verdict_make(struct judge *j, struct vg_verdict **ret_verdict);
