/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* https-tls: the server's side of TLS, and what a caller's certificate says. */

#include <openssl/types.h>
#include <stddef.h>

struct vg_err;
struct vg_https_options;

/* The caller frees it with SSL_CTX_free(). */
int vg_tls_server_new(const struct vg_https_options *options, SSL_CTX **ret_ctx,
                      struct vg_err *err);
/* The common name of the peer's certificate, cleaned. -EACCES: none, or one that was not verified. */
int vg_tls_peer(const SSL *ssl, char *buf, size_t size);
