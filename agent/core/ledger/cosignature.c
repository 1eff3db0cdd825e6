/* SPDX-License-Identifier: Apache-2.0 */

/* Cosignatures of heads by somebody else than the log: C2SP tlog-cosignature, Ed25519.
 *
 *   line      U+2014 SP name SP base64(4-byte key id || 8-byte time, big-endian || signature) LF
 *   key id    the start of SHA-256(name || 0x0A || 0x04 || 32-byte public key)
 *   signed    "cosignature/v1" LF "time " seconds LF, and the text of the head */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vigie/ledger.h"
#include "vigie/mem.h"

enum {
        ALGORITHM_COSIGNATURE = 0x04,
        TIME_SIZE = 8,
        BLOB_SIZE = VG_KEY_ID_SIZE + TIME_SIZE + VG_SIGNATURE_SIZE,
};

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */

static bool is_name(const char *name, size_t n)
{
        if (n == 0 || n >= VG_ORIGIN_SIZE || !vg_utf8_valid(name, n, NULL))
                return false;
        for (size_t i = 0; i < n; i++)
                if ((unsigned char)name[i] <= 0x20 || name[i] == '+' || name[i] == 0x7f)
                        return false;
        return true;
}

bool vg_cosigner_name_valid(const char *name)
{
        return is_name(name, strlen(name));
}

static int key_id_of(const struct vg_hasher *hasher, const char *name, size_t n_name,
                     const uint8_t public_key[VG_PUBLIC_KEY_SIZE], uint8_t ret_id[VG_KEY_ID_SIZE])
{
        static const uint8_t middle[] = { '\n', ALGORITHM_COSIGNATURE };
        const struct vg_bytes parts[] = {
                { name, n_name },
                { middle, sizeof(middle) },
                { public_key, VG_PUBLIC_KEY_SIZE },
        };
        struct vg_hash hash;
        int r = hasher->sha256(hasher->ctx, parts, ELEMENTSOF(parts), &hash);

        if (r == 0)
                memcpy(ret_id, hash.bytes, VG_KEY_ID_SIZE);
        return r;
}

static void put_message(const struct vg_checkpoint *head, int64_t utc_s, struct vg_buf *buf)
{
        vg_buf_printf(buf, "cosignature/v1\ntime %" PRId64 "\n", utc_s);
        vg_checkpoint_text(head, buf);
}

int vg_cosignature_write(const struct vg_checkpoint *head, const char *name, int64_t utc_s,
                         const struct vg_hasher *hasher,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                         struct vg_buf *buf)
{
        _cleanup_(vg_buf_done) struct vg_buf message = { 0 };
        uint8_t blob[BLOB_SIZE];
        int r = key_id_of(hasher, name, strlen(name), public_key, blob);

        assert(utc_s >= 0 && vg_cosigner_name_valid(name));
        for (unsigned i = 0; i < TIME_SIZE; i++)
                blob[VG_KEY_ID_SIZE + i] = (uint8_t)((uint64_t)utc_s >> (56 - 8 * i));
        put_message(head, utc_s, &message);
        if (message.failed)
                return -ENOMEM;
        if (r == 0)
                r = sign(ctx, message.data, message.n, blob + VG_KEY_ID_SIZE + TIME_SIZE);
        if (r < 0)
                return r;
        vg_buf_printf(buf, "%s%s ", dash, name);
        vg_base64_format(blob, sizeof(blob), buf);
        vg_buf_puts(buf, "\n");
        return buf->failed ? -ENOMEM : 0;
}

/* The name and the bytes of a line. -EINVAL: it is none of a cosignature. */
static int split(const char *line, size_t n, const char **ret_name, size_t *ret_n_name,
                 uint8_t ret_blob[BLOB_SIZE])
{
        const size_t n_dash = sizeof(dash) - 1;
        size_t n_blob;

        if (n <= n_dash || memcmp(line, dash, n_dash) != 0 || line[n - 1] != '\n')
                return -EINVAL;
        const char *name = line + n_dash, *end = line + n - 1;
        const char *space = memchr(name, ' ', (size_t)(end - name));
        if (!space || !is_name(name, (size_t)(space - name)) ||
            vg_base64_parse(space + 1, (size_t)(end - space - 1), ret_blob, BLOB_SIZE, &n_blob) <
                    0 ||
            n_blob != BLOB_SIZE)
                return -EINVAL;
        *ret_name = name;
        *ret_n_name = (size_t)(space - name);
        return 0;
}

int vg_cosignature_check(const struct vg_checkpoint *head, const char *line, size_t n,
                         const struct vg_hasher *hasher,
                         const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check,
                         void *ctx, int64_t *ret_utc_s)
{
        _cleanup_(vg_buf_done) struct vg_buf message = { 0 };
        uint8_t blob[BLOB_SIZE], key_id[VG_KEY_ID_SIZE];
        uint64_t utc_s = 0;
        const char *name;
        size_t n_name;
        int r = split(line, n, &name, &n_name, blob);

        if (r == 0)
                r = key_id_of(hasher, name, n_name, public_key, key_id);
        if (r < 0)
                return r;
        if (memcmp(blob, key_id, VG_KEY_ID_SIZE) != 0)
                return -ENOKEY;
        for (unsigned i = 0; i < TIME_SIZE; i++)
                utc_s = utc_s << 8 | blob[VG_KEY_ID_SIZE + i];
        if (utc_s > INT64_MAX)
                return -EINVAL;
        put_message(head, (int64_t)utc_s, &message);
        if (message.failed)
                return -ENOMEM;
        r = check(ctx, public_key, message.data, message.n, blob + VG_KEY_ID_SIZE + TIME_SIZE);
        if (r == 0)
                *ret_utc_s = (int64_t)utc_s;
        return r;
}
