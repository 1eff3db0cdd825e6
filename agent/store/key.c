/* SPDX-License-Identifier: Apache-2.0 */

/* Keys in files: PKCS #8 and SubjectPublicKeyInfo, as PEM, for the openssl command to read too. */

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/crypto.h"
#include "vigie/err.h"

enum { KEY_FILE_MAX = 16 * 1024 };

static void bio_freep(BIO **bio)
{
        BIO_free(*bio);
}

static void pkey_freep(EVP_PKEY **pkey)
{
        EVP_PKEY_free(*pkey);
}

void store_key_free(struct store_key *key)
{
        if (!key)
                return;
        EVP_PKEY_free(key->pkey);
        free(key);
}

const uint8_t *store_key_public(const struct store_key *key)
{
        return key->public_key;
}

static int get_public(EVP_PKEY *pkey, uint8_t ret_public[VG_PUBLIC_KEY_SIZE])
{
        size_t n = VG_PUBLIC_KEY_SIZE;

        if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 ||
            EVP_PKEY_get_raw_public_key(pkey, ret_public, &n) != 1 || n != VG_PUBLIC_KEY_SIZE)
                return -EINVAL;
        return 0;
}

/* Takes *pkey over. */
static int wrap(EVP_PKEY **pkey, struct store_key **ret_key, struct vg_err *err)
{
        _cleanup_(store_key_freep) struct store_key *key = calloc(1, sizeof(*key));

        if (!key)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (get_public(*pkey, key->public_key) < 0)
                return vg_err_set(err, -EINVAL, "ce n'est pas une clé Ed25519");
        key->pkey = TAKE_PTR(*pkey);
        *ret_key = TAKE_PTR(key);
        return 0;
}

int store_key_new(struct store_key **ret_key, struct vg_err *err)
{
        _cleanup_(pkey_freep) EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

        if (!pkey)
                return vg_err_set(err, -EIO, "la clé n'a pas pu être faite");
        return wrap(&pkey, ret_key, err);
}

/* A password would be asked on the terminal; a key of ours has none. */
static int no_password(_unused_ char *buf, _unused_ int size, _unused_ int writing,
                       _unused_ void *ctx)
{
        return -1;
}

/* The whole file in memory, so that what is hostile in it stays small. */
static int read_bio(const char *path, BIO **ret_bio, struct vg_err *err)
{
        char buf[KEY_FILE_MAX];
        size_t n = 0;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        for (ssize_t got = 1; got > 0 && n < sizeof(buf); n += (size_t)got) {
                got = read(fd, buf + n, sizeof(buf) - n);
                if (got < 0) {
                        int e = errno;
                        close(fd);
                        return vg_err_set(err, -e, "%s : %s", path, vg_errno_text(e));
                }
        }
        close(fd);

        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
        if (!bio || n == sizeof(buf) || BIO_write(bio, buf, (int)n) != (int)n) {
                OPENSSL_cleanse(buf, sizeof(buf));
                return vg_err_set(err, -EINVAL, "%s : ce n'est pas une clé", path);
        }
        OPENSSL_cleanse(buf, sizeof(buf));
        *ret_bio = TAKE_PTR(bio);
        return 0;
}

int store_key_read(const char *path, struct store_key **ret_key, struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = NULL;
        _cleanup_(pkey_freep) EVP_PKEY *pkey = NULL;
        int r = read_bio(path, &bio, err);

        if (r < 0)
                return r;
        pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        if (!pkey)
                return vg_err_set(err, -EINVAL, "%s : pas de clé privée PEM sans mot de passe",
                                  path);
        r = wrap(&pkey, ret_key, err);
        return r < 0 ? vg_err_wrap(err, r, "%s", path) : 0;
}

int store_key_read_public(const char *path, uint8_t ret_public[VG_PUBLIC_KEY_SIZE],
                          struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = NULL;
        _cleanup_(pkey_freep) EVP_PKEY *pkey = NULL;
        int r = read_bio(path, &bio, err);

        if (r < 0)
                return r;
        pkey = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
        if (!pkey) {
                BIO_free(TAKE_PTR(bio));
                r = read_bio(path, &bio, err);
                if (r < 0)
                        return r;
                pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        }
        if (!pkey || get_public(pkey, ret_public) < 0)
                return vg_err_set(err, -EINVAL, "%s : ce n'est pas une clé Ed25519", path);
        return 0;
}

int store_key_parse_public(const void *pem, size_t n, uint8_t ret_public[VG_PUBLIC_KEY_SIZE],
                           struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = n <= INT32_MAX ? BIO_new_mem_buf(pem, (int)n) : NULL;
        _cleanup_(pkey_freep) EVP_PKEY *pkey =
                bio ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;

        if (!pkey || get_public(pkey, ret_public) < 0)
                return vg_err_set(err, -EINVAL, "ce n'est pas une clé publique Ed25519");
        return 0;
}

static int bio_text(BIO *bio, char **ret_text, size_t *ret_n)
{
        char *bytes = NULL;
        const long n = BIO_get_mem_data(bio, &bytes);
        char *text = n > 0 ? malloc((size_t)n + 1) : NULL;

        if (!text)
                return -ENOMEM;
        memcpy(text, bytes, (size_t)n);
        text[n] = '\0';
        *ret_text = text;
        *ret_n = (size_t)n;
        return 0;
}

static int write_new_file(const char *path, const char *text, size_t n, struct vg_err *err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        int e = 0;

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        for (size_t at = 0; at < n && !e;) {
                const ssize_t put = write(fd, text + at, n - at);
                if (put >= 0)
                        at += (size_t)put;
                else if (errno != EINTR)
                        e = errno;
        }
        if (!e && fsync(fd) < 0)
                e = errno;
        close(fd);
        if (e) {
                unlink(path);
                return vg_err_set(err, -e, "%s : %s", path, vg_errno_text(e));
        }
        return 0;
}

int store_key_write(const struct store_key *key, const char *path, struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_secmem());
        char *text = NULL;
        size_t n = 0;

        if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
            bio_text(bio, &text, &n) < 0)
                return vg_err_set(err, -ENOMEM, "la clé n'a pas pu être mise en forme");
        int r = write_new_file(path, text, n, err);
        OPENSSL_cleanse(text, n);
        free(text);
        return r;
}

int store_key_public_pem(const uint8_t public_key[VG_PUBLIC_KEY_SIZE], char **ret_pem,
                         struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
        _cleanup_(pkey_freep) EVP_PKEY *pkey =
                EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, VG_PUBLIC_KEY_SIZE);
        size_t n;

        if (!bio || !pkey || PEM_write_bio_PUBKEY(bio, pkey) != 1 || bio_text(bio, ret_pem, &n) < 0)
                return vg_err_set(err, -EINVAL, "ce n'est pas une clé publique Ed25519");
        return 0;
}

char *store_key_fingerprint(const uint8_t public_key[VG_PUBLIC_KEY_SIZE], char ret_text[80])
{
        const struct vg_bytes part = { public_key, VG_PUBLIC_KEY_SIZE };
        struct vg_hash hash = { 0 };
        char hex[2 * VG_HASH_SIZE + 1], *out = ret_text;

        if (store_hasher.sha256(NULL, &part, 1, &hash) < 0) {
                ret_text[0] = '\0';
                return ret_text;
        }
        vg_hex_format(hash.bytes, VG_HASH_SIZE, hex);
        for (size_t i = 0; i < 2 * VG_HASH_SIZE; i++) {
                if (i && i % 4 == 0)
                        *out++ = ' ';
                *out++ = hex[i];
        }
        *out = '\0';
        return ret_text;
}
