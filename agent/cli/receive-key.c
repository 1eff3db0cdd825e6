/* SPDX-License-Identifier: Apache-2.0 */

/* The key of a log that is met for the first time. The log says it itself, in the record that opened
 * the epoch (agent/store/epoch.c), and its origin is a hash of it: nobody can show another key for
 * the same origin. Whose the origin is, somebody compares, or --key says. */

#include <errno.h>
#include <string.h>

#include "cli/receive.h"

static int read_key(const json_t *body, uint8_t ret_key[VG_PUBLIC_KEY_SIZE])
{
        const char *text;
        size_t n;

        if (vg_json_get_string(body, "public_key", &text) < 0 ||
            vg_base64_parse(text, strlen(text), ret_key, VG_PUBLIC_KEY_SIZE, &n) < 0 ||
            n != VG_PUBLIC_KEY_SIZE)
                return -EINVAL;
        return 0;
}

/* "origin" has no nonce, "epoch" has one. */
static int read_nonce(const json_t *body, uint8_t ret_nonce[VG_SALT_SIZE], bool *ret_has)
{
        const char *hex;

        *ret_has = vg_json_get_string(body, "nonce", &hex) == 0;
        return *ret_has ? vg_hex_parse(hex, ret_nonce, VG_SALT_SIZE) : 0;
}

static int check_record(const char *text, const char *origin, uint8_t ret_key[VG_PUBLIC_KEY_SIZE])
{
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        uint8_t key[VG_PUBLIC_KEY_SIZE], nonce[VG_SALT_SIZE];
        char made[VG_ORIGIN_SIZE];
        struct vg_record record;
        const char *appliance;
        bool has_nonce;

        if (vg_record_split(text, strlen(text), &record) < 0 || record.log != VG_LOG_SHARED ||
            vg_json_parse(record.body, record.n_body, &body, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(body, "appliance", &appliance) < 0 || read_key(body, key) < 0 ||
            read_nonce(body, nonce, &has_nonce) < 0 ||
            vg_origin_format(&store_hasher, appliance, VG_LOG_SHARED, key, has_nonce ? nonce : NULL,
                             made, NULL) < 0 ||
            strcmp(made, origin) != 0)
                return -ENOKEY;
        memcpy(ret_key, key, VG_PUBLIC_KEY_SIZE);
        return 0;
}

int receive_first_key(const json_t *keys, const char *origin, uint8_t ret_key[VG_PUBLIC_KEY_SIZE],
                      struct vg_err *err)
{
        const json_t *item;
        size_t i;

        json_array_foreach (keys, i, item) {
                const char *text = json_string_value(item);
                if (text && check_record(text, origin, ret_key) == 0)
                        return 0;
        }
        return vg_err_set(err, -ENOKEY,
                          "aucune inscription jointe ne donne la clé de cette origine");
}

/* ---- keys that followed ---- */

static int read_bytes(const json_t *body, const char *name, uint8_t *bytes, size_t size)
{
        const char *text;
        size_t n;

        return vg_json_get_string(body, name, &text) < 0 ||
                               vg_base64_parse(text, strlen(text), bytes, size, &n) < 0 || n != size
                       ? -EINVAL
                       : 0;
}

/* 0: that record lets another key take over from this one; *ret_next. */
static int follow_one(const char *text, const char *origin, const uint8_t key[VG_PUBLIC_KEY_SIZE],
                      uint8_t ret_next[VG_PUBLIC_KEY_SIZE])
{
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        uint8_t signature[VG_SIGNATURE_SIZE];
        struct vg_record record;

        if (vg_record_split(text, strlen(text), &record) < 0 || strcmp(record.type, "key") != 0 ||
            vg_json_parse(record.body, record.n_body, &body, NULL, NULL, NULL) < 0 ||
            read_bytes(body, "public_key", ret_next, VG_PUBLIC_KEY_SIZE) < 0 ||
            read_bytes(body, "signature", signature, sizeof(signature)) < 0)
                return -EINVAL;
        return vg_key_check(origin, key, ret_next, signature, store_check, NULL);
}

/* In the order of the log: a key may have let several take over, of which the last one did. */
int receive_next_key(const json_t *keys, const struct vg_note *note,
                     uint8_t key[VG_PUBLIC_KEY_SIZE])
{
        uint8_t next[VG_PUBLIC_KEY_SIZE], current[VG_PUBLIC_KEY_SIZE], held[VG_PUBLIC_KEY_SIZE];
        const json_t *item;
        size_t i;

        memcpy(current, key, sizeof(current));
        memcpy(held, key, sizeof(held));
        json_array_foreach (keys, i, item) {
                const char *text = json_string_value(item);
                if (!text)
                        continue;
                /* Either a better one for the key that lets go, or the first one that follows. */
                if (follow_one(text, note->checkpoint.origin, held, next) == 0) {
                        memcpy(current, next, sizeof(current));
                } else if (follow_one(text, note->checkpoint.origin, current, next) == 0) {
                        memcpy(held, current, sizeof(held));
                        memcpy(current, next, sizeof(current));
                }
        }
        if (vg_note_check(note, &store_hasher, current, store_check, NULL) < 0)
                return -ENOKEY;
        memcpy(key, current, sizeof(current));
        return 0;
}
