/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* address: where something listens. */

#include <stdbool.h>
#include <stddef.h>

/* 127.0.0.0/8, ::1, localhost. "" and NULL are every address. */
bool address_is_loopback(const char *address);
/* The same of the n bytes before a port: "127.0.0.1:5900", "[::1]:5900"; ":5900" is every address. */
bool address_is_loopback_n(const char *text, size_t n);
