/* SPDX-License-Identifier: Apache-2.0 */

/* What a bundle is held to: its key, its sums, and the rows of the table below. */

#include <errno.h>
#include <string.h>

#include "cli/bundle-check.h"

int bundle_held(const struct bundle_check *c, const char *name, const struct bundle_part **ret_part,
                struct vg_err *err)
{
        *ret_part = bundle_part_find(&c->parts, name);
        if (!*ret_part)
                return vg_err_set(err, -ENOENT, "il manque %s", name);
        return (*ret_part)->bytes ? 0 : vg_err_set(err, -EFBIG, "%s : trop long", name);
}

/* ---- SHA256SUMS ---- */

static bool is_sealed_apart(const char *name)
{
        return strcmp(name, "SHA256SUMS") == 0 || strncmp(name, "seal/", 5) == 0;
}

/* "64 hex, two spaces, name". */
static int check_sum(const struct bundle_check *c, const char *line, size_t n, struct vg_err *err)
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

static int check_sums(struct bundle_check *c, struct vg_err *err)
{
        const struct bundle_part *sums;
        size_t n_lines = 0, n_sealed = 0;
        int r = bundle_held(c, "SHA256SUMS", &sums, err);

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

/* ---- what is looked at, in order ---- */

static bool is_for_client(const struct bundle_check *c)
{
        return bundle_part_find(&c->parts, "ledger/client.jsonl") != NULL;
}

static const struct check {
        const char *name;
        bundle_check_fn *check;
        const char *text; /* a French msgid */
        bool client;      /* of a bundle for the client alone */
} checks[] = {
        { "key", bundle_check_key, N_("clé de signature"), false },
        { "sums", check_sums, N_("chaque partie est celle qui a été écrite"), false },
        { "seal", bundle_check_seal, N_("le tout est inscrit au registre, et signé"), false },
        { "shared", bundle_check_shared, N_("inscriptions du journal « shared »"), false },
        { "client", bundle_check_client, N_("inscriptions du journal « client »"), true },
};

static void tell(struct bundle_check *c, struct vg_json *j, const char *name, const char *text,
                 int r, const struct vg_err *err)
{
        if (!c->cli->json) {
                cli_print(c->cli, r < 0 ? CLI_BAD : CLI_GOOD, r < 0 ? "✗  " : "✓  ");
                cli_printf(c->cli, CLI_PLAIN, "%s\n", _(text));
                if (r < 0)
                        cli_wrap(c->cli, CLI_BAD, 3, vg_err_text(err));
                return;
        }
        vg_json_object(j, NULL);
        vg_json_string(j, "check", name);
        cli_json_bool(j, "fine", r == 0);
        cli_json_text(j, "message", r < 0 ? vg_err_text(err) : "");
        vg_json_end_object(j);
}

int bundle_check_one(struct bundle_check *c, struct vg_json *j, const char *name,
                     bundle_check_fn *fn, const char *text)
{
        struct vg_err err = { 0 };
        int r = fn(c, &err);

        tell(c, j, name, text, r, &err);
        return r;
}

/* Where people name the folder that a bundle stands in, rather than its file. CLI_FINE, or an exit
 * code after having said why. */
static int check_unpacked(const struct bundle_check *c)
{
        const struct bundle_parts *parts = &c->parts;
        size_t n_path = strlen(c->path);

        for (size_t i = 0; i < parts->n; i++) {
                const char *dot = strrchr(parts->list[i].name, '.');
                if (!dot || strcmp(dot, ".tar") != 0)
                        return CLI_FINE;
        }
        if (!parts->n || !bundle_is_folder(c->path))
                return CLI_FINE;
        while (n_path > 1 && c->path[n_path - 1] == '/')
                n_path--;
        return cli_failf(
                c->cli, CLI_REFUSED, "bundle",
                ngettext("%s : rien d'un paquet dans ce dossier, mais %zu fichier .tar; le "
                         "nommer : « vigie %s %.*s/%s »",
                         "%s : rien d'un paquet dans ce dossier, mais %zu fichiers .tar; en "
                         "nommer un : « vigie %s %.*s/%s »",
                         parts->n),
                c->path, parts->n, c->cli->verb->words, (int)n_path, c->path, parts->list[0].name);
}

int bundle_check_all(struct bundle_check *c, struct vg_json *j, bool *ret_fine)
{
        struct vg_err err = { 0 };

        if (bundle_read(c->path, &c->parts, &err) < 0)
                return cli_fail(c->cli, CLI_REFUSED, "bundle", &err);
        int r = check_unpacked(c);
        if (r != CLI_FINE)
                return r;
        *ret_fine = true;
        for (size_t i = 0; i < ELEMENTSOF(checks); i++)
                if (!checks[i].client || is_for_client(c))
                        *ret_fine &= bundle_check_one(c, j, checks[i].name, checks[i].check,
                                                      checks[i].text) == 0;
        return CLI_FINE;
}

void bundle_check_done(struct bundle_check *c)
{
        bundle_parts_done(&c->parts);
}
