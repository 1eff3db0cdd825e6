/* SPDX-License-Identifier: Apache-2.0 */

#include "os/https-tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "os/https-server.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static void ctx_freep(SSL_CTX **ctx)
{
        SSL_CTX_free(*ctx);
}

static int fail(struct vg_err *err, const char *path)
{
        const unsigned long code = ERR_peek_last_error();
        const char *reason = ERR_reason_error_string(code);

        ERR_clear_error();
        return vg_err_set(err, -EINVAL, "%s : %s", path, reason ? reason : "TLS");
}

static int set_rules(SSL_CTX *ctx, struct vg_err *err)
{
        SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                         SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
        if (SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
            SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
            SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") != 1)
                return fail(err, "TLS");
        return 0;
}

static int set_trust(SSL_CTX *ctx, const char *client_ca, struct vg_err *err)
{
        if (SSL_CTX_load_verify_file(ctx, client_ca) != 1)
                return fail(err, client_ca);
        STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(client_ca);
        if (!names)
                return fail(err, client_ca);
        SSL_CTX_set_client_CA_list(ctx, names); /* takes them */
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set_verify_depth(ctx, 4);
        return 0;
}

/* A password would be asked on the terminal. */
static int no_password(_unused_ char *buf, _unused_ int size, _unused_ int writing,
                       _unused_ void *user)
{
        return -1;
}

int vg_tls_server_new(const struct vg_https_options *options, SSL_CTX **ret_ctx, struct vg_err *err)
{
        _cleanup_(ctx_freep) SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

        if (!ctx)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        SSL_CTX_set_default_passwd_cb(ctx, no_password);
        if (SSL_CTX_use_certificate_chain_file(ctx, options->certificate) != 1)
                return fail(err, options->certificate);
        if (SSL_CTX_use_PrivateKey_file(ctx, options->private_key, SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_check_private_key(ctx) != 1)
                return fail(err, options->private_key);
        int r = set_trust(ctx, options->client_ca, err);
        if (r == 0)
                r = set_rules(ctx, err);
        if (r == 0)
                *ret_ctx = TAKE_PTR(ctx);
        return r;
}

int vg_tls_peer(const SSL *ssl, char *buf, size_t size)
{
        const X509 *certificate = SSL_get0_peer_certificate(ssl);

        if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK)
                return -EACCES;
        const X509_NAME *name = X509_get_subject_name(certificate);
        const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
        unsigned char *text = NULL;
        const int n = at < 0 ? 0
                             : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
                                                                  X509_NAME_get_entry(name, at)));
        vg_text_clean(n > 0 ? (const char *)text : "", n > 0 ? (size_t)n : 0, buf, size);
        OPENSSL_free(text);
        return 0;
}
