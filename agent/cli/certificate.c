/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/certificate.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "os/files.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum {
        FILE_MAX = 1 << 20,        /* a system's authorities, all in one file */
        BACKDATED_S = 300,         /* clocks differ a little */
        AUTHORITY_DAYS = 15 * 366, /* the longest term, and its retention */
        SERIAL_BYTES = 16,
};

static void bio_freep(BIO **bio)
{
        BIO_free(*bio);
}

static void pkey_freep(EVP_PKEY **pkey)
{
        EVP_PKEY_free(*pkey);
}

static void x509_freep(X509 **x)
{
        X509_free(*x);
}

static int failed(struct vg_err *err)
{
        return vg_err_set(err, -EIO, "le certificat n'a pas pu être fait");
}

/* ---- what is in one ---- */

static int time_of(const ASN1_TIME *time, int64_t *ret_s)
{
        struct tm tm;

        if (ASN1_TIME_to_tm(time, &tm) != 1)
                return -EINVAL;

        const struct vg_date day = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
        *ret_s = vg_days_from_civil(day) * VG_DAY_S + tm.tm_hour * VG_HOUR_S + tm.tm_min * 60 +
                 tm.tm_sec;
        return 0;
}

static int fingerprint_of(X509 *x, char ret_text[65])
{
        unsigned char *der = NULL;
        const int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
        const struct vg_bytes part = { der, n > 0 ? (size_t)n : 0 };
        struct vg_hash hash = { 0 };
        int r = n > 0 ? store_hasher.sha256(store_hasher.ctx, &part, 1, &hash) : -EINVAL;

        OPENSSL_free(der);
        vg_hex_format(hash.bytes, sizeof(hash.bytes), ret_text);
        return r;
}

static int subject_of(X509 *x, char *ret_text, size_t size)
{
        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
        char *text = NULL;

        if (!bio || X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
                                       XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
                return -ENOMEM;
        const long n = BIO_get_mem_data(bio, &text);
        vg_text_clean(text, n > 0 ? (size_t)n : 0, ret_text, size);
        return *ret_text ? 0 : -EINVAL;
}

static int describe(X509 *x, struct certificate *ret, struct vg_err *err)
{
        if (!X509_get0_pubkey(x) || fingerprint_of(x, ret->fingerprint) < 0 ||
            subject_of(x, ret->subject, sizeof(ret->subject)) < 0 ||
            time_of(X509_get0_notBefore(x), &ret->from_s) < 0 ||
            time_of(X509_get0_notAfter(x), &ret->until_s) < 0)
                return vg_err_set(err, -EINVAL, "certificat illisible ou sans objet");
        return 0;
}

static int read_bio(const char *path, BIO **ret_bio, struct vg_err *err)
{
        char *text = NULL;
        size_t n = 0;
        int r = vg_file_read(path, FILE_MAX, &text, &n, err);

        if (r < 0)
                return r;
        *ret_bio = BIO_new(BIO_s_secmem());
        const bool is_written = *ret_bio && BIO_write(*ret_bio, text, (int)n) == (int)n;
        OPENSSL_cleanse(text, n);
        free(text);
        return is_written || !n ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static int read_x509(const char *path, X509 **ret_x, struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = NULL;
        int r = read_bio(path, &bio, err);

        if (r < 0)
                return r;
        *ret_x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        return *ret_x ? 0 : vg_err_set(err, -EINVAL, "%s : aucun certificat PEM", path);
}

int certificate_read(const char *path, struct certificate *ret, struct vg_err *err)
{
        _cleanup_(x509_freep) X509 *x = NULL;
        int r = read_x509(path, &x, err);

        if (r == 0)
                r = describe(x, ret, err);
        return r < 0 ? vg_err_wrap(err, r, "%s", path) : 0;
}

/* ---- making one ---- */

static bool add_name(X509_NAME *name, const char *field, const char *text)
{
        return !text || !*text ||
               X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text,
                                          -1, -1, 0) == 1;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
        X509V3_CTX ctx;
        X509_EXTENSION *extension;

        X509V3_set_ctx_nodb(&ctx);
        X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
        extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
        const bool is_added = extension && X509_add_ext(x, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        return is_added;
}

/* 127 random bits, so that it is positive. */
static bool set_serial(X509 *x)
{
        unsigned char bytes[SERIAL_BYTES];
        BIGNUM *number = NULL;

        if (RAND_bytes(bytes, sizeof(bytes)) != 1)
                return false;
        bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
        number = BN_bin2bn(bytes, sizeof(bytes), NULL);
        const bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
        BN_free(number);
        return is_set;
}

static int begin(EVP_PKEY *pkey, int64_t from_s, int64_t until_s, X509 **ret_x)
{
        X509 *x = *ret_x = X509_new();

        return x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
                               ASN1_TIME_set(X509_getm_notBefore(x), from_s) &&
                               ASN1_TIME_set(X509_getm_notAfter(x), until_s) &&
                               X509_set_pubkey(x, pkey) == 1
                       ? 0
                       : -EIO;
}

static int put_pem(struct vg_buf *buf, BIO *bio, bool is_written)
{
        char *text = NULL;
        const long n = is_written ? BIO_get_mem_data(bio, &text) : 0;

        vg_buf_append(buf, text ? text : "", n > 0 ? (size_t)n : 0);
        return n > 0 && !buf->failed ? 0 : -ENOMEM;
}

static int key_text(EVP_PKEY *pkey, struct vg_buf *buf)
{
        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_secmem());

        return put_pem(buf, bio,
                       bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) ==
                                       1);
}

static int x509_text(X509 *x, struct vg_buf *buf)
{
        _cleanup_(bio_freep) BIO *bio = BIO_new(BIO_s_mem());

        return put_pem(buf, bio, bio && PEM_write_bio_X509(bio, x) == 1);
}

/* ---- the authority ---- */

struct authority {
        char *key_path, *path;
        EVP_PKEY *pkey;
        X509 *x;
};

static void authority_done(struct authority *a)
{
        free(a->key_path);
        free(a->path);
        EVP_PKEY_free(a->pkey);
        X509_free(a->x);
}

static int self_sign(struct authority *a, const struct certificate_wish *wish)
{
        a->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        if (!a->pkey || begin(a->pkey, wish->now_s - BACKDATED_S,
                              wish->now_s + AUTHORITY_DAYS * (int64_t)VG_DAY_S, &a->x) < 0)
                return -EIO;
        X509_NAME *name = X509_get_subject_name(a->x);
        return add_name(name, "O", wish->appliance) &&
                               add_name(name, "CN", "vigie access authority") &&
                               X509_set_issuer_name(a->x, name) == 1 &&
                               add_extension(a->x, a->x, NID_basic_constraints,
                                             "critical,CA:TRUE,pathlen:0") &&
                               add_extension(a->x, a->x, NID_key_usage,
                                             "critical,keyCertSign,cRLSign") &&
                               add_extension(a->x, a->x, NID_subject_key_identifier, "hash") &&
                               X509_sign(a->x, a->pkey, EVP_sha256()) > 0
                       ? 0
                       : -EIO;
}

/* The key last: where it stands, the certificate does. */
static int put_authority(struct authority *a, const char *folder, struct vg_err *err)
{
        struct certificate_texts texts = { 0 };
        int r = key_text(a->pkey, &texts.key);

        if (r == 0)
                r = x509_text(a->x, &texts.authority);
        if (r < 0)
                r = failed(err);
        else if (mkdir(folder, 0755) < 0 && errno != EEXIST)
                r = vg_err_set(err, -errno, "%s : %s", folder, vg_errno_text(errno));
        if (r == 0)
                r = vg_file_write(a->path, texts.authority.data, texts.authority.n, 0644, err);
        if (r == 0)
                r = vg_file_write(a->key_path, texts.key.data, texts.key.n, 0600, err);
        certificate_texts_done(&texts);
        return r;
}

static int read_authority(struct authority *a, struct vg_err *err)
{
        _cleanup_(bio_freep) BIO *bio = NULL;
        int r = read_bio(a->key_path, &bio, err);

        if (r == 0)
                r = read_x509(a->path, &a->x, err);
        if (r < 0)
                return r;
        a->pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        return a->pkey && X509_check_private_key(a->x, a->pkey) == 1
                       ? 0
                       : vg_err_set(err, -EINVAL, "%s : ce n'est pas la clé de cette autorité",
                                    a->key_path);
}

static int open_authority(const struct certificate_wish *wish, struct authority *a,
                          struct vg_err *err)
{
        if (asprintf(&a->key_path, "%s/authority.key", wish->authority) < 0)
                a->key_path = NULL;
        if (asprintf(&a->path, "%s/authority.pem", wish->authority) < 0)
                a->path = NULL;
        if (!a->key_path || !a->path)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");

        struct stat st;
        if (stat(a->key_path, &st) == 0)
                return read_authority(a, err);
        if (errno != ENOENT)
                return vg_err_set(err, -errno, "%s : %s", a->key_path, vg_errno_text(errno));
        return self_sign(a, wish) < 0 ? failed(err) : put_authority(a, wish->authority, err);
}

/* ---- issuing ---- */

static bool is_host_name(const char *name)
{
        static const char letters[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

        return strchr(name, '.') && *name != '.' && *name != '-' &&
               strspn(name, letters) == strlen(name);
}

static bool add_usage(X509 *x, X509 *issuer, const struct certificate_wish *wish)
{
        char dns[160];

        snprintf(dns, sizeof(dns), "DNS:%s", wish->name);
        return add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
               add_extension(x, issuer, NID_key_usage, "critical,digitalSignature") &&
               add_extension(x, issuer, NID_ext_key_usage,
                             wish->serves ? "clientAuth,serverAuth" : "clientAuth") &&
               add_extension(x, issuer, NID_subject_key_identifier, "hash") &&
               add_extension(x, issuer, NID_authority_key_identifier, "keyid:always") &&
               (!is_host_name(wish->name) || add_extension(x, issuer, NID_subject_alt_name, dns));
}

static int sign(const struct certificate_wish *wish, const struct authority *a, EVP_PKEY *pkey,
                X509 **ret_x)
{
        if (!pkey || begin(pkey, wish->now_s - BACKDATED_S, wish->until_s, ret_x) < 0)
                return -EIO;
        X509_NAME *name = X509_get_subject_name(*ret_x);
        return add_name(name, "O", wish->tenant) && add_name(name, "OU", wish->role) &&
                               add_name(name, "CN", wish->name) &&
                               X509_set_issuer_name(*ret_x, X509_get_subject_name(a->x)) == 1 &&
                               add_usage(*ret_x, a->x, wish) &&
                               X509_sign(*ret_x, a->pkey, EVP_sha256()) > 0
                       ? 0
                       : -EIO;
}

int certificate_issue(const struct certificate_wish *wish, struct certificate *ret,
                      struct certificate_texts *ret_texts, struct vg_err *err)
{
        _cleanup_(authority_done) struct authority authority = { 0 };
        _cleanup_(pkey_freep) EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        _cleanup_(x509_freep) X509 *x = NULL;
        int r = open_authority(wish, &authority, err);

        if (r < 0)
                return r;
        if (sign(wish, &authority, pkey, &x) < 0 || key_text(pkey, &ret_texts->key) < 0 ||
            x509_text(x, &ret_texts->certificate) < 0 ||
            x509_text(authority.x, &ret_texts->authority) < 0)
                return failed(err);
        return describe(x, ret, err);
}

void certificate_texts_done(struct certificate_texts *texts)
{
        if (texts->key.data)
                OPENSSL_cleanse(texts->key.data, texts->key.n);
        vg_buf_done(&texts->key);
        vg_buf_done(&texts->certificate);
        vg_buf_done(&texts->authority);
}
