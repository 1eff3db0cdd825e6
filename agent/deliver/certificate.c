/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/certificate.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include "os/files.h"
#include "vigie/mem.h"

enum { PEM_MAX = 256 << 10 };

static void bio_freep(BIO **bio)
{
        BIO_free(*bio);
}

static void x509_freep(X509 **x509)
{
        X509_free(*x509);
}

int certificate_read(const char *path, char ret_subject[CERTIFICATE_SUBJECT], int64_t *ret_until_s)
{
        _cleanup_free_ char *pem = NULL;
        size_t n;
        int r = vg_file_read(path, PEM_MAX, &pem, &n, NULL);

        if (r < 0)
                return r;
        _cleanup_(bio_freep) BIO *bio = BIO_new_mem_buf(pem, (int)n);
        _cleanup_(x509_freep) X509 *x509 = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
        struct tm tm;

        if (!x509 || ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) != 1)
                return -EBADMSG;
        if (X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, ret_subject,
                                      CERTIFICATE_SUBJECT) < 0)
                X509_NAME_oneline(X509_get_subject_name(x509), ret_subject, CERTIFICATE_SUBJECT);
        *ret_until_s = timegm(&tm);
        return 0;
}
