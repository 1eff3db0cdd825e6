/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/ledger.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { NOTE_MAX = 64 * 1024, ALGORITHM_ED25519 = 0x01 };

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */

static bool is_name_char(char c)
{
        const unsigned char u = (unsigned char)c;

        return u > 0x20 && u != '+' && u != 0x7f;
}

int vg_origin_format(const struct vg_hasher *hasher, const char *appliance, enum vg_log log,
                     const uint8_t public_key[VG_PUBLIC_KEY_SIZE],
                     const uint8_t nonce[VG_SALT_SIZE], char ret_origin[VG_ORIGIN_SIZE],
                     struct vg_err *err)
{
        const size_t length = strlen(appliance);
        const struct vg_bytes parts[] = { { public_key, VG_PUBLIC_KEY_SIZE },
                                          { nonce, VG_SALT_SIZE } };
        struct vg_hash hash;
        char hex[17];

        if (length == 0 || length > 100 || !vg_utf8_valid(appliance, length, NULL))
                return vg_err_set(err, -EINVAL, "identifiant d'appareil vide ou trop long");
        for (size_t i = 0; i < length; i++)
                if (!is_name_char(appliance[i]) || appliance[i] == '/')
                        return vg_err_set(err, -EINVAL,
                                          "identifiant d'appareil « %s » : ni espace, ni « + », "
                                          "ni « / »",
                                          appliance);

        int r = hasher->sha256(hasher->ctx, parts, nonce ? 2 : 1, &hash);
        if (r < 0)
                return vg_err_set(err, r, "SHA-256 a échoué");
        snprintf(ret_origin, VG_ORIGIN_SIZE, "vigie/%s/%s/%s", appliance, vg_log_name(log),
                 vg_hex_format(hash.bytes, 8, hex));
        return 0;
}

int vg_key_id(const struct vg_hasher *hasher, const char *name,
              const uint8_t public_key[VG_PUBLIC_KEY_SIZE], uint8_t ret_id[VG_KEY_ID_SIZE])
{
        static const uint8_t middle[] = { '\n', ALGORITHM_ED25519 };
        const struct vg_bytes parts[] = {
                { name, strlen(name) },
                { middle, sizeof(middle) },
                { public_key, VG_PUBLIC_KEY_SIZE },
        };
        struct vg_hash hash;
        int r = hasher->sha256(hasher->ctx, parts, 3, &hash);

        if (r == 0)
                memcpy(ret_id, hash.bytes, VG_KEY_ID_SIZE);
        return r;
}

void vg_checkpoint_text(const struct vg_checkpoint *checkpoint, struct vg_buf *buf)
{
        vg_buf_printf(buf, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
        vg_base64_format(checkpoint->root.bytes, VG_HASH_SIZE, buf);
        vg_buf_puts(buf, "\n");
}

int vg_note_sign(const char *name, size_t from, const struct vg_hasher *hasher,
                 const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                 struct vg_buf *buf)
{
        uint8_t blob[VG_KEY_ID_SIZE + VG_SIGNATURE_SIZE];

        if (buf->failed)
                return -ENOMEM;
        int r = vg_key_id(hasher, name, public_key, blob);
        if (r == 0)
                r = sign(ctx, buf->data + from, buf->n - from, blob + VG_KEY_ID_SIZE);
        if (r < 0)
                return r;
        vg_buf_printf(buf, "\n%s%s ", dash, name);
        vg_base64_format(blob, sizeof(blob), buf);
        vg_buf_puts(buf, "\n");
        return buf->failed ? -ENOMEM : 0;
}

int vg_checkpoint_sign(const struct vg_checkpoint *checkpoint, const struct vg_hasher *hasher,
                       const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_sign_fn *sign, void *ctx,
                       struct vg_buf *buf)
{
        const size_t from = buf->n;

        vg_checkpoint_text(checkpoint, buf);
        return vg_note_sign(checkpoint->origin, from, hasher, public_key, sign, ctx, buf);
}

/* The line at *at, without its LF; *at moves behind it. NULL: no more, or no LF. */
static const char *next_line(const char *text, size_t n, size_t *at, size_t *ret_length)
{
        const char *line = text + *at;
        const char *end = *at < n ? memchr(line, '\n', n - *at) : NULL;

        if (!end)
                return NULL;
        *ret_length = (size_t)(end - line);
        *at += *ret_length + 1;
        return line;
}

static int parse_text(const char *text, size_t n, struct vg_checkpoint *ret)
{
        size_t at = 0, n_origin, n_size, n_root, n_bytes;
        const char *origin = next_line(text, n, &at, &n_origin);
        const char *size = origin ? next_line(text, n, &at, &n_size) : NULL;
        const char *root = size ? next_line(text, n, &at, &n_root) : NULL;
        char digits[24];

        if (!root || n_origin == 0 || n_origin >= sizeof(ret->origin) || n_size >= sizeof(digits))
                return -EINVAL;
        memcpy(ret->origin, origin, n_origin);
        ret->origin[n_origin] = '\0';
        memcpy(digits, size, n_size);
        digits[n_size] = '\0';
        if (vg_u64_parse(digits, &ret->size) < 0 || (digits[0] == '0' && n_size > 1))
                return -EINVAL;
        if (vg_base64_parse(root, n_root, ret->root.bytes, VG_HASH_SIZE, &n_bytes) < 0 ||
            n_bytes != VG_HASH_SIZE)
                return -EINVAL;
        return 0; /* further lines are extensions: signed, and nothing to us */
}

/* "— name base64". 1: a signature of another kind or length, passed over. */
static int parse_signature(const char *line, size_t n, struct vg_note_signature *ret)
{
        uint8_t blob[VG_KEY_ID_SIZE + VG_SIGNATURE_SIZE];
        const size_t n_dash = sizeof(dash) - 1;
        size_t n_blob;

        if (n < n_dash || memcmp(line, dash, n_dash) != 0)
                return -EINVAL;
        line += n_dash;
        n -= n_dash;
        const char *space = memchr(line, ' ', n);
        if (!space || space == line)
                return -EINVAL;
        const size_t n_name = (size_t)(space - line);
        int r = vg_base64_parse(space + 1, n - n_name - 1, blob, sizeof(blob), &n_blob);
        if (r == -ERANGE || (r == 0 && n_blob != sizeof(blob)) || n_name >= sizeof(ret->name))
                return 1;
        if (r < 0)
                return r;
        memcpy(ret->name, line, n_name);
        ret->name[n_name] = '\0';
        memcpy(ret->key_id, blob, VG_KEY_ID_SIZE);
        memcpy(ret->signature, blob + VG_KEY_ID_SIZE, VG_SIGNATURE_SIZE);
        return 0;
}

static const char *find_separator(const char *note, size_t n)
{
        const char *last = NULL;

        for (size_t i = 1; i < n; i++)
                if (note[i] == '\n' && note[i - 1] == '\n')
                        last = note + i;
        return last;
}

int vg_note_split(const char *note, size_t n, struct vg_note *ret_note, struct vg_err *err)
{
        const char *separator = n <= NOTE_MAX ? find_separator(note, n) : NULL;

        if (!separator || !vg_utf8_valid(note, n, NULL))
                return vg_err_set(err, -EINVAL, "ce n'est pas une note signée");

        *ret_note = (struct vg_note){ .text = { note, (size_t)(separator - note) } };

        size_t at = ret_note->text.n + 1, length;
        const char *line;
        while ((line = next_line(note, n, &at, &length))) {
                if (ret_note->n_signatures == VG_NOTE_SIGNATURES)
                        break;
                int r = parse_signature(line, length, &ret_note->signature[ret_note->n_signatures]);
                if (r < 0)
                        return vg_err_set(err, -EINVAL, "ligne de signature mal formée");
                ret_note->n_signatures += r == 0;
        }
        if (!line && at < n)
                return vg_err_set(err, -EINVAL, "la note ne finit pas par une fin de ligne");
        return 0;
}

int vg_note_parse(const char *note, size_t n, struct vg_note *ret_note, struct vg_err *err)
{
        int r = vg_note_split(note, n, ret_note, err);

        if (r < 0)
                return r;
        return parse_text(note, ret_note->text.n, &ret_note->checkpoint) < 0
                       ? vg_err_set(err, -EINVAL, "ce n'est pas un point de contrôle")
                       : 0;
}

int vg_note_check(const struct vg_note *note, const struct vg_hasher *hasher,
                  const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check, void *ctx)
{
        return vg_note_check_name(note, note->checkpoint.origin, hasher, public_key, check, ctx);
}

int vg_note_check_name(const struct vg_note *note, const char *name, const struct vg_hasher *hasher,
                       const uint8_t public_key[VG_PUBLIC_KEY_SIZE], vg_check_fn *check, void *ctx)
{
        uint8_t key_id[VG_KEY_ID_SIZE];
        int r = vg_key_id(hasher, name, public_key, key_id);

        if (r < 0)
                return r;
        for (size_t i = 0; i < note->n_signatures; i++) {
                const struct vg_note_signature *s = &note->signature[i];
                if (strcmp(s->name, name) == 0 && memcmp(s->key_id, key_id, VG_KEY_ID_SIZE) == 0)
                        return check(ctx, public_key, note->text.data, note->text.n, s->signature);
        }
        return -ENOKEY;
}
