/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* register-check: is a register (register.h) what it should be? */

#include <jansson.h>
#include <stdbool.h>

struct vg_err;

/* strict: every key, type and word. Else only what holds others, so that a capture may say more than
 * we know; words are left to register_word_fits(). -EINVAL: *err has the path and what is expected. */
int register_check(const json_t *json, bool strict, struct vg_err *err);
/* Whether a word of a section ("tenants.*", "policy") is missing, or one that is known. */
bool register_word_fits(const char *section, const char *key, const json_t *value);
