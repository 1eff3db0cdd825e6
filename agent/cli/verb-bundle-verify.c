/* SPDX-License-Identifier: Apache-2.0 */

/* bundle verify: a bundle on any machine, without ledger, keeper or settings (cli/bundle.h). What is
 * looked at is a row of the table below; each is told, and one that fails is what was found. */

#include <errno.h>
#include <string.h>

#include "cli/bundle.h"
#include "cli/ledger.h"

struct checking {
        struct cli *cli;
        const char *path;
        struct bundle_parts parts;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        uint64_t n_records, n_redacted;
};

/* 0 or -errno with *err filled. */
typedef int check_fn(struct checking *c, struct vg_err *err);

static int held(const struct checking *c, const char *name, const struct bundle_part **ret_part,
                struct vg_err *err)
{
        *ret_part = bundle_part_find(&c->parts, name);
        if (!*ret_part)
                return vg_err_set(err, -ENOENT, "il manque %s", name);
        return (*ret_part)->bytes ? 0 : vg_err_set(err, -EFBIG, "%s : trop long", name);
}

/* ---- the key ---- */

/* The bundle's own key is believed only where --key names it, as a file or by its fingerprint. */
static int check_key(struct checking *c, struct vg_err *err)
{
        const char *trusted = cli_option(c->cli, "key");
        const struct bundle_part *part;
        struct vg_hash wanted, own;
        int r = held(c, "keys/public.pem", &part, err);

        if (r == 0)
                r = store_key_parse_public(part->bytes, part->size, c->public_key, err);
        if (r < 0 || !trusted)
                return r;
        r = ledger_key_digest(trusted, &wanted, err);
        if (r == 0)
                r = bundle_hash(c->public_key, VG_PUBLIC_KEY_SIZE, &own, err);
        if (r == 0 && !vg_hash_equal(&wanted, &own))
                r = vg_err_set(err, -EKEYREJECTED, "la clé du paquet n'est pas celle de --key");
        return r;
}

/* ---- SHA256SUMS ---- */

static bool is_sealed_apart(const char *name)
{
        return strcmp(name, "SHA256SUMS") == 0 || strncmp(name, "seal/", 5) == 0;
}

/* "64 hex, two spaces, name". */
static int check_sum(const struct checking *c, const char *line, size_t n, struct vg_err *err)
{
        char hex[2 * VG_HASH_SIZE + 1], name[256];
        struct vg_hash wanted;

        if (n < 67 || n - 66 >= sizeof(name) || line[64] != ' ' || line[65] != ' ')
                return vg_err_set(err, -EBADMSG, "SHA256SUMS : ligne illisible");
        memcpy(hex, line, 64);
        hex[64] = '\0';
        memcpy(name, line + 66, n - 66);
        name[n - 66] = '\0';
        const struct bundle_part *part = bundle_part_find(&c->parts, name);
        if (vg_hex_parse(hex, wanted.bytes, VG_HASH_SIZE) < 0 || !part)
                return vg_err_set(err, -EBADMSG, "SHA256SUMS : il manque %s", name);
        return vg_hash_equal(&wanted, &part->hash)
                       ? 0
                       : vg_err_set(err, -EBADMSG, "%s n'est plus ce qui a été écrit", name);
}

static int check_sums(struct checking *c, struct vg_err *err)
{
        const struct bundle_part *sums;
        size_t n_lines = 0, n_sealed = 0;
        int r = held(c, "SHA256SUMS", &sums, err);

        for (const char *at = r == 0 ? sums->bytes : ""; r == 0 && *at; n_lines++) {
                const size_t n = strcspn(at, "\n");
                r = check_sum(c, at, n, err);
                at += n + (at[n] == '\n');
        }
        for (size_t i = 0; i < c->parts.n; i++)
                n_sealed += !is_sealed_apart(c->parts.list[i].name);
        if (r == 0 && n_lines != n_sealed)
                r = vg_err_set(err, -EBADMSG,
                               "le paquet contient %zu parties; SHA256SUMS en nomme "
                               "%zu",
                               n_sealed, n_lines);
        return r;
}

/* ---- heads, slices, seal ---- */

static int read_head(const struct checking *c, const char *name, struct vg_note *ret_note,
                     struct vg_err *err)
{
        const struct bundle_part *part;
        int r = held(c, name, &part, err);

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
        struct checking *c;
};

static int leaf_of(struct slice *s, const char *line, size_t n, struct vg_hash *ret_leaf)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_record record;
        const char *hex;
        int64_t seq;

        if (vg_record_split(line, n, &record) == 0) {
                if (record.seq != s->next || record.log != s->log)
                        return -EBADMSG;
                s->c->n_records++;
                return vg_leaf_hash(&store_hasher, line, n, ret_leaf);
        }
        if (vg_json_parse(line, n, &tree, NULL, NULL, NULL) < 0 ||
            vg_json_get_int(tree, "seq", &seq) < 0 || (uint64_t)seq != s->next ||
            vg_json_get_string(tree, "leaf", &hex) < 0 ||
            vg_hex_parse(hex, ret_leaf->bytes, VG_HASH_SIZE) < 0)
                return -EBADMSG;
        s->c->n_redacted++;
        return 0;
}

static int add_line(void *user, const char *line, size_t n, struct vg_err *err)
{
        struct slice *s = user;
        struct vg_hash leaf;
        int r = s->next < s->to ? leaf_of(s, line, n, &leaf) : -EBADMSG;

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

static int check_slice(struct checking *c, enum vg_log log, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct slice s = { .log = log, .c = c };
        const struct bundle_part *around;
        struct vg_proof after;
        struct vg_note head;
        char name[64];

        snprintf(name, sizeof(name), "ledger/%s.checkpoint", vg_log_name(log));
        int r = read_head(c, name, &head, err);
        snprintf(name, sizeof(name), "ledger/%s.slice.json", vg_log_name(log));
        if (r == 0)
                r = held(c, name, &around, err);
        if (r == 0)
                r = vg_json_parse(around->bytes, around->size, &tree, NULL, NULL, err);
        if (r == 0 && load_before(tree, &s, &after) < 0)
                r = vg_err_set(err, -EBADMSG, "%s : illisible", name);
        snprintf(name, sizeof(name), "ledger/%s.jsonl", vg_log_name(log));
        if (r == 0)
                r = bundle_lines(c->path, name, add_line, &s, err);
        if (r < 0)
                return r;
        if (s.next != s.to)
                return vg_err_set(err, -EBADMSG, "%s : il manque des inscriptions", name);
        r = vg_check_slice(&store_hasher, &s.tree, head.checkpoint.size, &after,
                           &head.checkpoint.root);
        return r < 0 ? vg_err_set(
                               err, r,
                               "journal « %s » : les inscriptions ne mènent pas à la tête signée",
                               vg_log_name(log))
                     : 0;
}

static int check_shared(struct checking *c, struct vg_err *err)
{
        return check_slice(c, VG_LOG_SHARED, err);
}

static int check_client(struct checking *c, struct vg_err *err)
{
        return check_slice(c, VG_LOG_CLIENT, err);
}

static int read_path(const struct checking *c, uint64_t seq, uint64_t size, size_t n,
                     struct vg_proof *ret_proof, struct vg_err *err)
{
        bool is_left[VG_PROOF_MAX];
        const struct bundle_part *part;
        char name[64];

        bundle_sides(seq, size, n, is_left);
        for (ret_proof->n = 0; ret_proof->n < n; ret_proof->n++) {
                snprintf(name, sizeof(name), "seal/proof/%02zu.%s", ret_proof->n,
                         is_left[ret_proof->n] ? "left" : "right");
                int r = held(c, name, &part, err);
                if (r < 0)
                        return r;
                if (part->size != VG_HASH_SIZE)
                        return vg_err_set(err, -EBADMSG, "%s : 32 octets attendus", name);
                memcpy(ret_proof->hash[ret_proof->n].bytes, part->bytes, VG_HASH_SIZE);
        }
        return 0;
}

static size_t count_path(const struct checking *c)
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

static int check_seal(struct checking *c, struct vg_err *err)
{
        const struct bundle_part *part, *sums;
        struct vg_record record;
        struct vg_proof proof;
        struct vg_hash leaf;
        struct vg_note head;
        int r = held(c, "SHA256SUMS", &sums, err);

        if (r == 0)
                r = held(c, "seal/record", &part, err);
        if (r == 0)
                r = read_head(c, "seal/checkpoint", &head, err);
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

/* ---- what is looked at, in order ---- */

static bool is_for_client(const struct checking *c)
{
        return bundle_part_find(&c->parts, "ledger/client.jsonl") != NULL;
}

static const struct check {
        const char *name;
        check_fn *check;
        const char *text; /* a French msgid */
        bool client;      /* of a bundle for the client alone */
} checks[] = {
        { "key", check_key, N_("clé de signature"), false },
        { "sums", check_sums, N_("chaque partie est celle qui a été écrite"), false },
        { "seal", check_seal, N_("le tout est inscrit au registre, et signé"), false },
        { "shared", check_shared, N_("inscriptions du journal « shared »"), false },
        { "client", check_client, N_("inscriptions du journal « client »"), true },
};

static void tell(struct checking *c, struct vg_json *j, const struct check *check, int r,
                 const struct vg_err *err)
{
        if (!c->cli->json) {
                cli_print(c->cli, r < 0 ? CLI_BAD : CLI_GOOD, r < 0 ? "✗  " : "✓  ");
                cli_printf(c->cli, CLI_PLAIN, "%s\n", _(check->text));
                if (r < 0)
                        cli_wrap(c->cli, CLI_BAD, 3, vg_err_text(err));
                return;
        }
        vg_json_object(j, NULL);
        vg_json_string(j, "check", check->name);
        cli_json_bool(j, "fine", r == 0);
        cli_json_text(j, "message", r < 0 ? vg_err_text(err) : "");
        vg_json_end_object(j);
}

static int finish(struct checking *c, struct vg_json *j, bool is_fine)
{
        char fingerprint[80];

        store_key_fingerprint(c->public_key, fingerprint);
        if (!c->cli->json) {
                cli_printf(c->cli, CLI_DIM, _("%llu inscriptions, %llu effacées; clé %s\n"),
                           (unsigned long long)c->n_records, (unsigned long long)c->n_redacted,
                           fingerprint);
                if (!cli_option(c->cli, "key"))
                        cli_wrap(c->cli, CLI_WARN, 0,
                                 _("Comparer cette empreinte à celle qui a été notée à "
                                   "l'installation, ou la donner par --key."));
                return is_fine ? CLI_FINE : CLI_FOUND;
        }
        vg_json_end_array(j);
        cli_json_bool(j, "fine", is_fine);
        vg_json_string(j, "key", fingerprint);
        cli_json_bool(j, "key_is_trusted", cli_option(c->cli, "key") != NULL);
        vg_json_int(j, "records", (int64_t)c->n_records);
        vg_json_int(j, "redacted", (int64_t)c->n_redacted);
        vg_json_end_object(j);
        int r = cli_json_print(c->cli, j);
        return r == CLI_FINE && !is_fine ? CLI_FOUND : r;
}

static int check_all(struct checking *c)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        bool is_fine = true;

        vg_json_object(&j, NULL);
        vg_json_array(&j, "checks");
        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                struct vg_err err = { 0 };
                if (checks[i].client && !is_for_client(c))
                        continue;
                int r = checks[i].check(c, &err);
                tell(c, &j, &checks[i], r, &err);
                is_fine &= r == 0;
        }
        return finish(c, &j, is_fine);
}

int verb_bundle_verify(struct cli *cli)
{
        struct checking c = { .cli = cli, .path = cli->args[0] };
        struct vg_err err = { 0 };

        if (bundle_read(c.path, &c.parts, &err) < 0)
                return cli_fail(cli, CLI_REFUSED, "bundle", &err);
        int r = check_all(&c);
        bundle_parts_done(&c.parts);
        return r;
}
