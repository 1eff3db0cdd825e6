/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* certificate: whose a certificate is, and until when. */

#include <stdint.h>

enum { CERTIFICATE_SUBJECT = 256 };

/* The first of a PEM file. 0 or -errno; nothing is checked. */
int certificate_read(const char *path, char ret_subject[CERTIFICATE_SUBJECT], int64_t *ret_until_s);
