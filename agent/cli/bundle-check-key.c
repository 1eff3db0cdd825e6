/* SPDX-License-Identifier: Apache-2.0 */

/* The key that signs, from the first one on. The bundle's own keys are believed only where --key names
 * one of them, as a file or by its fingerprint. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-check.h"
#include "cli/ledger.h"
#include "store/store.h"

struct trust {
        const char *given; /* --key; NULL: none */
        struct vg_hash wanted;
        bool is_met;
};

static int meet(struct trust *trust, const uint8_t key[VG_PUBLIC_KEY_SIZE], struct vg_err *err)
{
        struct vg_hash own;
        int r = bundle_hash(key, VG_PUBLIC_KEY_SIZE, &own, err);

        trust->is_met |= r == 0 && vg_hash_equal(&trust->wanted, &own);
        return r;
}

static int read_key(const struct bundle_check *c, const char *name, uint8_t ret_key[],
                    struct vg_err *err)
{
        const struct bundle_part *part;
        int r = bundle_held(c, name, &part, err);

        return r < 0 ? r : store_key_parse_public(part->bytes, part->size, ret_key, err);
}

/* The n-th key, which `key` signed for this origin; *key becomes it. */
static int follow(const struct bundle_check *c, unsigned n, const char *origin, uint8_t key[],
                  struct vg_err *err)
{
        const struct bundle_part *text, *signature;
        _cleanup_(vg_buf_done) struct vg_buf wanted = { 0 };
        uint8_t next[VG_PUBLIC_KEY_SIZE];
        char name[64];
        int r;

        snprintf(name, sizeof(name), "keys/%03u.text", n);
        r = bundle_held(c, name, &text, err);
        snprintf(name, sizeof(name), "keys/%03u.signature", n);
        if (r == 0)
                r = bundle_held(c, name, &signature, err);
        snprintf(name, sizeof(name), "keys/%03u.pem", n);
        if (r == 0)
                r = read_key(c, name, next, err);
        if (r < 0)
                return r;
        vg_key_text(origin, next, &wanted);
        if (wanted.failed || text->size != wanted.n ||
            memcmp(text->bytes, wanted.data, wanted.n) != 0 ||
            signature->size != VG_SIGNATURE_SIZE ||
            vg_key_check(origin, key, next, (const uint8_t *)signature->bytes, store_check, NULL) <
                    0)
                return vg_err_set(err, -EBADMSG,
                                  "%s : cette clé n'est pas signée par la précédente", name);
        memcpy(key, next, sizeof(next));
        return 0;
}

static bool has_key(const struct bundle_check *c, unsigned n)
{
        char name[64];

        snprintf(name, sizeof(name), "keys/%03u.pem", n);
        return bundle_part_find(&c->parts, name) != NULL;
}

static int check_chain(struct bundle_check *c, struct trust *trust, struct vg_err *err)
{
        uint8_t key[VG_PUBLIC_KEY_SIZE];
        struct vg_note head;
        int r = read_key(c, "keys/000.pem", key, err);

        if (r == 0)
                r = bundle_read_head(c, "ledger/shared.checkpoint", &head, err);
        if (r < 0)
                return r;
        memcpy(c->first_key, key, sizeof(key));
        r = meet(trust, key, err);
        for (unsigned n = 1; r == 0 && has_key(c, n); n++) {
                r = follow(c, n, head.checkpoint.origin, key, err);
                if (r == 0)
                        r = meet(trust, key, err);
        }
        if (r == 0 && memcmp(key, c->public_key, sizeof(key)) != 0)
                r = vg_err_set(err, -EBADMSG, "%s : cette clé n'est pas signée par la précédente",
                               "keys/public.pem");
        return r;
}

int bundle_check_key(struct bundle_check *c, struct vg_err *err)
{
        struct trust trust = { .given = cli_option(c->cli, "key") };
        int r = trust.given ? ledger_key_digest(trust.given, &trust.wanted, err) : 0;

        if (r == 0)
                r = read_key(c, "keys/public.pem", c->public_key, err);
        if (r < 0)
                return r;
        memcpy(c->first_key, c->public_key, VG_PUBLIC_KEY_SIZE);
        r = has_key(c, 0) ? check_chain(c, &trust, err) : meet(&trust, c->public_key, err);
        if (r == 0 && trust.given && !trust.is_met)
                r = vg_err_set(err, -EKEYREJECTED, "la clé du paquet n'est pas celle de --key");
        return r;
}
