/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* months-tell: what the closing of months makes people read: VIG-C-010 (a statement closed),
 * VIG-C-011 (a correction stands in one) and VIG-D-003 (measurements came after the closing). Each
 * is told once, by whether the ledger holds its alert: a crash between the closing and the telling
 * loses nothing. */

#include <stdint.h>

struct keeper;

void months_tell(struct keeper *keeper, int64_t utc_ns);
