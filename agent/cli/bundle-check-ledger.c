/* SPDX-License-Identifier: Apache-2.0 */

/* Heads, slices of the logs, and the seal. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-check.h"
#include "cli/ledger.h"
#include "store/store.h"

int bundle_read_head(const struct bundle_check *c, const char *name, struct vg_note *ret_note,
                     struct vg_err *err)
{
        const struct bundle_part *part;
        int r = bundle_held(c, name, &part, err);

        if (r == 0)
                r = vg_note_parse(part->bytes, part->size, ret_note, err);
        if (r < 0)
                return r;
        r = vg_note_check(ret_note, &store_hasher, c->public_key, store_check, NULL);
        return r < 0 ? vg_err_set(err, r, "%s : la signature n'est pas celle de la clé", name) : 0;
}

struct slice {
        enum vg_log log;
        uint64_t next, to;
        struct vg_tree tree;
        struct bundle_check *c;
};

int bundle_line_leaf(enum vg_log log, uint64_t seq, const char *line, size_t n,
                     struct vg_hash *ret_leaf, bool *ret_is_redacted)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_record record;
        const char *hex;
        int64_t told;

        *ret_is_redacted = false;
        if (vg_record_split(line, n, &record) == 0)
                return record.seq == seq && record.log == log
                               ? vg_leaf_hash(&store_hasher, line, n, ret_leaf)
                               : -EBADMSG;
        *ret_is_redacted = true;
        if (vg_json_parse(line, n, &tree, NULL, NULL, NULL) < 0 ||
            vg_json_get_int(tree, "seq", &told) < 0 || (uint64_t)told != seq ||
            vg_json_get_string(tree, "leaf", &hex) < 0 ||
            vg_hex_parse(hex, ret_leaf->bytes, VG_HASH_SIZE) < 0)
                return -EBADMSG;
        return 0;
}

static int add_line(void *user, const char *line, size_t n, struct vg_err *err)
{
        struct slice *s = user;
        struct vg_hash leaf;
        bool is_redacted = false;
        int r = s->next < s->to ? bundle_line_leaf(s->log, s->next, line, n, &leaf, &is_redacted)
                                : -EBADMSG;

        s->c->n_records += r == 0 && !is_redacted;
        s->c->n_redacted += is_redacted;
        if (r == 0)
                r = vg_tree_append(&s->tree, &store_hasher, &leaf, NULL, NULL);
        s->next++;
        return r < 0 ? vg_err_set(err, r,
                                  "journal « %s » : l'inscription %llu n'est pas à sa place",
                                  vg_log_name(s->log), (unsigned long long)(s->next - 1))
                     : 0;
}

/* The hashes before the slice, from the highest subtree down: one a bit of `from`. */
static int load_before(const json_t *tree, struct slice *s, struct vg_proof *ret_after)
{
        struct vg_proof before;
        int64_t from, to;
        size_t used = 0;

        if (vg_json_get_int(tree, "from", &from) < 0 || vg_json_get_int(tree, "to", &to) < 0 ||
            from < 0 || to < from ||
            ledger_read_proof(json_object_get(tree, "before"), &before) < 0 ||
            ledger_read_proof(json_object_get(tree, "after"), ret_after) < 0 ||
            before.n != (size_t)__builtin_popcountll((uint64_t)from))
                return -EINVAL;
        s->next = s->tree.n = (uint64_t)from;
        s->to = (uint64_t)to;
        for (int level = 63; level >= 0; level--)
                if (s->tree.n >> level & 1)
                        s->tree.peak[level] = before.hash[used++];
        return 0;
}

static int check_slice(struct bundle_check *c, enum vg_log log, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct slice s = { .log = log, .c = c };
        const struct bundle_part *around;
        struct vg_proof after;
        struct vg_note head;
        char name[64];

        snprintf(name, sizeof(name), "ledger/%s.checkpoint", vg_log_name(log));
        int r = bundle_read_head(c, name, &head, err);
        snprintf(name, sizeof(name), "ledger/%s.slice.json", vg_log_name(log));
        if (r == 0)
                r = bundle_held(c, name, &around, err);
        if (r == 0)
                r = vg_json_parse(around->bytes, around->size, &tree, NULL, NULL, err);
        if (r == 0 && load_before(tree, &s, &after) < 0)
                r = vg_err_set(err, -EBADMSG, "%s : illisible", name);
        c->log[log].from = s.next;
        c->log[log].before = s.tree;
        snprintf(name, sizeof(name), "ledger/%s.jsonl", vg_log_name(log));
        if (r == 0)
                r = bundle_lines(c->path, name, add_line, &s, err);
        if (r < 0)
                return r;
        if (s.next != s.to)
                return vg_err_set(err, -EBADMSG, "%s : il manque des inscriptions", name);
        c->log[log].to = s.to;
        c->log[log].head = head.checkpoint;
        r = vg_check_slice(&store_hasher, &s.tree, head.checkpoint.size, &after,
                           &head.checkpoint.root);
        c->log[log].is_there = r == 0;
        return r < 0 ? vg_err_set(
                               err, r,
                               "journal « %s » : les inscriptions ne mènent pas à la tête signée",
                               vg_log_name(log))
                     : 0;
}

int bundle_check_shared(struct bundle_check *c, struct vg_err *err)
{
        return check_slice(c, VG_LOG_SHARED, err);
}

int bundle_check_client(struct bundle_check *c, struct vg_err *err)
{
        return check_slice(c, VG_LOG_CLIENT, err);
}

static int read_path(const struct bundle_check *c, uint64_t seq, uint64_t size, size_t n,
                     struct vg_proof *ret_proof, struct vg_err *err)
{
        bool is_left[VG_PROOF_MAX];
        const struct bundle_part *part;
        char name[64];

        bundle_sides(seq, size, n, is_left);
        for (ret_proof->n = 0; ret_proof->n < n; ret_proof->n++) {
                snprintf(name, sizeof(name), "seal/proof/%02zu.%s", ret_proof->n,
                         is_left[ret_proof->n] ? "left" : "right");
                int r = bundle_held(c, name, &part, err);
                if (r < 0)
                        return r;
                if (part->size != VG_HASH_SIZE)
                        return vg_err_set(err, -EBADMSG, "%s : 32 octets attendus", name);
                memcpy(ret_proof->hash[ret_proof->n].bytes, part->bytes, VG_HASH_SIZE);
        }
        return 0;
}

static size_t count_path(const struct bundle_check *c)
{
        size_t n = 0;

        for (size_t i = 0; i < c->parts.n; i++)
                n += strncmp(c->parts.list[i].name, "seal/proof/", 11) == 0;
        return n < VG_PROOF_MAX ? n : VG_PROOF_MAX;
}

/* That the act names this digest: its body is canonical, so its bytes are enough. */
static bool names_digest(const struct vg_record *record, const struct vg_hash *digest)
{
        char wanted[2 * VG_HASH_SIZE + 32], hex[2 * VG_HASH_SIZE + 1];

        snprintf(wanted, sizeof(wanted), "\"detail\":{\"digest\":\"%s\"",
                 vg_hex_format(digest->bytes, VG_HASH_SIZE, hex));
        return strcmp(record->type, "act") == 0 && record->log == VG_LOG_CLIENT &&
               memmem(record->body, record->n_body, wanted, strlen(wanted)) != NULL;
}

int bundle_check_seal(struct bundle_check *c, struct vg_err *err)
{
        const struct bundle_part *part, *sums;
        struct vg_record record;
        struct vg_proof proof;
        struct vg_hash leaf;
        struct vg_note head;
        int r = bundle_held(c, "SHA256SUMS", &sums, err);

        if (r == 0)
                r = bundle_held(c, "seal/record", &part, err);
        if (r == 0)
                r = bundle_read_head(c, "seal/checkpoint", &head, err);
        if (r < 0)
                return r;
        if (vg_record_split(part->bytes, part->size, &record) < 0 ||
            !names_digest(&record, &sums->hash) || record.seq >= head.checkpoint.size)
                return vg_err_set(err, -EBADMSG, "l'acte du sceau n'est pas celui de ce paquet");
        r = read_path(c, record.seq, head.checkpoint.size, count_path(c), &proof, err);
        if (r == 0)
                r = vg_leaf_hash(&store_hasher, part->bytes, part->size, &leaf);
        if (r == 0 && vg_check_inclusion(&store_hasher, &leaf, record.seq, head.checkpoint.size,
                                         &proof, &head.checkpoint.root) < 0)
                r = vg_err_set(err, -EBADMSG, "l'acte du sceau ne mène pas à la tête signée");
        return r;
}
