/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* certificate: X.509 for those who come in. The appliance's authority (EC P-256) is made when first
 * needed: FOLDER/authority.key, which its owner alone reads, and FOLDER/authority.pem. */

#include <stdbool.h>
#include <stdint.h>

#include "vigie/text.h"

struct vg_err;

struct certificate {
        char fingerprint[65]; /* SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal */
        char subject[201];    /* "CN=…, OU=…", cleaned */
        int64_t from_s, until_s;
};

/* A certificate in a PEM file; what else stands there is passed over. -EINVAL: none, or unreadable. */
int certificate_read(const char *path, struct certificate *ret, struct vg_err *err);

struct certificate_wish {
        const char *authority; /* folder */
        const char *appliance;
        const char *name; /* of whoever uses it; one with a dot is a DNS name too */
        const char *role, *tenant;
        bool serves; /* may also be a server's */
        int64_t now_s, until_s;
};
/* Issues one: PEM texts of the private key, of the certificate and of the authority, for the caller
 * to put down; key.data is to be wiped by certificate_texts_done(). */
struct certificate_texts {
        struct vg_buf key, certificate, authority;
};
int certificate_issue(const struct certificate_wish *wish, struct certificate *ret,
                      struct certificate_texts *ret_texts, struct vg_err *err);
void certificate_texts_done(struct certificate_texts *texts);
