/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* trust: how the other end of a connection is known, and where it may be. */

#include <stdbool.h>

struct sockaddr;

/* Asked of each address that a name was resolved to, before the first packet goes there. */
typedef bool vg_address_fn(void *user, const struct sockaddr *address);

struct vg_trust {
        const char *ca_file; /* PEM; NULL or "": the system's authorities */
        /* "sha256//<base64 of the SHA-256 of the public key>": only that key is accepted, whoever
         * signed its certificate. NULL or "": the certificate is checked. */
        const char *pin;
        const char *certificate, *private_key; /* ours, PEM files; NULL or "": none is shown */
        vg_address_fn *allows;                 /* NULL: every address */
        void *allows_user;
};
