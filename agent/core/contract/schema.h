/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* schema: holds a JSON tree against the contract's JSON Schema. The schema file itself is read, so
 * that it stays the only law; of JSON Schema 2020-12, what it uses is understood. */

#include <jansson.h>

#include "core/contract/refusal.h"

/* Adds a refusal for each thing that the schema forbids (C011), and for each date that has its form
 * but not its day (C020). */
void schema_check(const json_t *schema, const json_t *tree, struct report *report);

/* The schemas of config/, built in. */
const char *schema_bytes_1(size_t *ret_n);
const char *schema_bytes_2(size_t *ret_n);

/* Whether a keyword is understood, for the test that the schema uses no other. */
bool schema_understands(const char *word);
