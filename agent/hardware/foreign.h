/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* foreign: what every reader of a foreign document needs. Nothing here does I/O. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/fault.h"

struct vg_err;

enum { FOREIGN_MAX = 32 << 20 }; /* bytes; what is larger is refused */

/* Foreign JSON: reals, nulls, doubled keys and integers beyond 64 bits are taken as they come; a
 * byte order mark is skipped. -EFBIG, -EINVAL. The caller owns *ret_tree. */
int foreign_json(const char *bytes, size_t n, json_t **ret_tree, struct vg_err *err);

/* Members of an object; "" or false where they are absent, null or of another type. */
const char *member_text(const json_t *object, const char *key);
bool member_number(const json_t *object, const char *key, double *ret_value);
bool member_true(const json_t *object, const char *key);
const json_t *member_path(const json_t *object, const char *dotted); /* "Oem.Hpe.BayNumber" */
/* The member as text where it is a text or a number. Returns buf, "" for neither. */
char *member_any(const json_t *object, const char *key, char *buf, size_t size);

/* "93.5" with at most three decimals, without needless zeroes; locale plays no part. */
char *number_text(double value, const char *unit, char *buf, size_t size);

/* "-43.5 …" at its beginning, whatever the locale; 0 where there is no number. */
double decimal_at(const char *text);

/* Whether text holds the word or phrase, letter case aside. */
bool text_has(const char *text, const char *phrase);
bool text_has_any(const char *text, const char *const *phrases, size_t n);
bool text_starts(const char *text, const char *start);
/* Copies the trimmed line [from, to) into buf, cut to its size. Returns buf. */
char *text_trim(const char *from, const char *to, char *buf, size_t size);

/* The next line of bytes[*at, n), without its end, cut to size; false at the end. What is longer is
 * cut; NUL bytes become spaces. */
bool next_line(const char *bytes, size_t n, size_t *at, char *line, size_t size);

/* The decimal number at the beginning of the text, blanks skipped; 0 where there is none; at most
 * 18 digits. */
int64_t number_at(const char *text);

/* "19:27:15" at *at: seconds of the day; *at is then behind it. -1: no time of day. */
int64_t clock_at(const char **at);

/* Splits a line at `separator` in place, trims each field; at most `max`. Returns how many. */
size_t split_fields(char *line, char separator, char **fields, size_t max);

/* A date and a time of day, as logs write them, to UTC seconds. -EINVAL. Understood: ISO 8601 with
 * or without zone (none: UTC), "MM/DD/YYYY HH:MM:SS", "Mon-DD-YYYY HH:MM:SS". Years before 1971 and
 * after 2199 are refused: a clock that was not set. */
int time_parse(const char *text, int64_t *ret_utc_s);
int month_of(const char *three_letters); /* 1..12, 0: none */

/* The whole device that the host's name is a part of: "/dev/sda1" and "sda" are "sda",
 * "nvme0n1p2" is "nvme0". Returns buf; "" where it is no disk's name. */
char *disk_of(const char *name, char *buf, size_t size);
