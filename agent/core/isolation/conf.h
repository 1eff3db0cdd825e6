/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* conf: libvirt's own settings files: "key = value" a line, '#' comments, strings in either quote,
 * integers, and lists over several lines. Of a key that stands twice the last one counts. text NULL
 * is a file that was not seen: nothing is found in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills buf with the string or the digits. false: not set. */
bool conf_string(const char *text, const char *key, char *buf, size_t size);
bool conf_is(const char *text, const char *key, const char *value);
bool conf_is_set(const char *text, const char *key); /* to anything but 0 and "" */
/* -1: not set; else whether the list (or string) holds the word. */
int conf_lists(const char *text, const char *key, const char *word);
