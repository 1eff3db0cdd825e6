/* SPDX-License-Identifier: Apache-2.0 */

/* The crypto edge: SHA-256, Ed25519 and random bytes from OpenSSL's EVP. */

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "store/crypto.h"
#include "vigie/err.h"

static void ctx_freep(EVP_MD_CTX **ctx)
{
        EVP_MD_CTX_free(*ctx);
}

static void pkey_freep(EVP_PKEY **pkey)
{
        EVP_PKEY_free(*pkey);
}

/* Fetching the algorithm costs more than hashing a record: both are made once a thread and kept.
 * They hold no state between calls. */
static __thread EVP_MD_CTX *sha_ctx;
static __thread EVP_MD *sha_md;

static int sha256(_unused_ void *ctx, const struct vg_bytes *parts, size_t n_parts,
                  struct vg_hash *ret_hash)
{
        unsigned n = 0;

        if (!sha_md)
                sha_md = EVP_MD_fetch(NULL, "SHA256", NULL);
        if (!sha_ctx)
                sha_ctx = EVP_MD_CTX_new();
        if (!sha_md || !sha_ctx)
                return -ENOMEM;
        if (EVP_DigestInit_ex2(sha_ctx, sha_md, NULL) != 1)
                return -EIO;
        for (size_t i = 0; i < n_parts; i++)
                if (parts[i].n && EVP_DigestUpdate(sha_ctx, parts[i].data, parts[i].n) != 1)
                        return -EIO;
        if (EVP_DigestFinal_ex(sha_ctx, ret_hash->bytes, &n) != 1 || n != VG_HASH_SIZE)
                return -EIO;
        return 0;
}

const struct vg_hasher store_hasher = { sha256, NULL };

int store_sign(void *ctx, const void *message, size_t n, uint8_t ret_signature[VG_SIGNATURE_SIZE])
{
        const struct store_key *key = ctx;
        _cleanup_(ctx_freep) EVP_MD_CTX *md = EVP_MD_CTX_new();
        size_t n_signature = VG_SIGNATURE_SIZE;

        if (!md)
                return -ENOMEM;
        if (EVP_DigestSignInit(md, NULL, NULL, NULL, key->pkey) != 1 ||
            EVP_DigestSign(md, ret_signature, &n_signature, message, n) != 1 ||
            n_signature != VG_SIGNATURE_SIZE)
                return -EIO;
        return 0;
}

int store_check(_unused_ void *ctx, const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                const void *message, size_t n, const uint8_t signature[VG_SIGNATURE_SIZE])
{
        _cleanup_(pkey_freep) EVP_PKEY *pkey =
                EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, VG_PUBLIC_KEY_SIZE);
        _cleanup_(ctx_freep) EVP_MD_CTX *md = EVP_MD_CTX_new();

        if (!md)
                return -ENOMEM;
        /* Bytes that are no point of the curve are nobody's key. */
        if (!pkey || EVP_DigestVerifyInit(md, NULL, NULL, NULL, pkey) != 1)
                return -EBADMSG;
        return EVP_DigestVerify(md, signature, VG_SIGNATURE_SIZE, message, n) == 1 ? 0 : -EBADMSG;
}

int store_random(void *bytes, size_t n, struct vg_err *err)
{
        assert(n <= INT32_MAX);
        if (RAND_bytes(bytes, (int)n) != 1)
                return vg_err_set(err, -EIO, "pas d'octets aléatoires");
        return 0;
}
