/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* guard: looks at what may hang for ever (a file on storage that is gone) in a child process. What it
 * was looking at when it stopped moving is left out, and so unknown, and the rest is looked at by
 * another child. Whatever lies in the same folder is left out too until that child has ended. */

#include <stdbool.h>
#include <stdint.h>

struct guard;
struct vg_err;
struct vg_evidence;

/* patience_ms: how long one look may take. */
int guard_new(uint64_t patience_ms, struct guard **ret_guard, struct vg_err *err);
void guard_free(struct guard *guard);

/* In the child, before each look: false: leave it out. NULL guard: all may be looked at. */
bool guard_enter(struct guard *guard, const char *what);

/* Runs fn in a child, with an evidence of its own, and puts its pieces into `evidence`; what of the
 * scopes (NULL ends them) it did not put any more is taken back. -EBUSY: too much hangs; all of those
 * scopes is then unknown. */
typedef void guard_fn(struct vg_evidence *evidence, struct guard *guard, void *user);
int guard_run(struct guard *guard, struct vg_evidence *evidence, const char *const *scopes,
              guard_fn *fn, void *user);
