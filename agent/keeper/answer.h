/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* answer: the lines that go back (DESIGN §1), each with its newline. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_buf;

/* result: a JSON object's bytes. */
void answer_ok(struct vg_buf *buf, uint64_t seq, const char *result, size_t n_result);
/* retry: nothing was kept for a reason that may pass; the same line is welcome again. */
void answer_refusal(struct vg_buf *buf, uint64_t seq, bool retry, const char *code,
                    const char *message);
/* The same with details: `result` holds a JSON object. */
void answer_refusal_with(struct vg_buf *buf, uint64_t seq, const char *code, const char *message,
                         const char *result, size_t n_result);
