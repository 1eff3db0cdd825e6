/* SPDX-License-Identifier: Apache-2.0 */

/* capture-host: host.json into the pieces that the readers of a living host would send: texts, paths,
 * processes, filters. */

#include <errno.h>
#include <string.h>

#include "cli/capture.h"
#include "cli/capture-look.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/text.h"

int capture_put(struct capture *capture, json_t *piece)
{
        _cleanup_(vg_json_decrefp) _unused_ json_t *owned = piece;

        return piece ? vg_host_put(capture->host, piece, capture->err)
                     : vg_err_set(capture->err, -ENOMEM, "mémoire épuisée");
}

/* ---- texts ---- */

/* '*' is any run of bytes but '/'. */
static bool matches(const char *pattern, const char *path)
{
        const size_t n = strcspn(pattern, "*");

        if (strncmp(pattern, path, n) != 0)
                return false;
        if (!pattern[n])
                return !path[n];
        for (const char *at = path + n;; at++) {
                if (matches(pattern + n + 1, at))
                        return true;
                if (!*at || *at == '/')
                        return false;
        }
}

/* The names in a folder, one after the other. */
static char *list_folder(const struct host_tree *tree, const char *folder)
{
        _cleanup_(vg_buf_done) struct vg_buf names = { 0 };
        const size_t n = strlen(folder);
        const char *path;
        json_t *kind;

        json_object_foreach (tree->nodes, path, kind)
                if (strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/'))
                        vg_buf_printf(&names, "%s ", path + n + 1);
        return vg_buf_take(&names);
}

static int add_text(struct capture *capture, json_t *texts, const char *path)
{
        const char *content = json_string_value(json_object_get(capture->tree.symlinks, path));
        _cleanup_free_ char *names = NULL;
        struct host_place place;

        if (!content)
                content = host_tree_text(&capture->tree, path);
        if (!content) {
                host_tree_find(&capture->tree, path, &place);
                names = place.end == HOST_DIR ? list_folder(&capture->tree, place.real) : NULL;
                content = names;
        }
        if (content && json_object_set_new(texts, path, json_string(content)) < 0)
                return vg_err_set(capture->err, -ENOMEM, "mémoire épuisée");
        return 0;
}

static int add_texts(struct capture *capture, json_t *texts, const char *pattern)
{
        const char *path;
        json_t *kind;

        if (!strchr(pattern, '*'))
                return add_text(capture, texts, pattern);
        json_object_foreach (capture->tree.nodes, path, kind)
                if (matches(pattern, path)) {
                        int r = add_text(capture, texts, path);
                        if (r < 0)
                                return r;
                }
        return 0;
}

static int put_texts(struct capture *capture)
{
        json_t *texts = json_object();
        int r = 0;

        for (const char *const *pattern = vg_host_texts(); r == 0 && *pattern; pattern++)
                r = add_texts(capture, texts, *pattern);
        if (r < 0) {
                json_decref(texts);
                return r;
        }
        return capture_put(capture, json_pack("{s:s, s:s, s:o}", "key", "capture", "scope", "texts",
                                              "texts", texts));
}

/* ---- filters in the kernel ---- */

/* Behind the first such word of a line; NULL: it has none. */
static const char *behind(const char *line, const char *word)
{
        const char *at = strstr(line, word);

        return at && at < line + strcspn(line, "\n") ? at + strlen(word) : NULL;
}

/* The chain that a line speaks of. ebtables-save: ":libvirt-I-vnet0 ACCEPT", "-A PREROUTING -i vnet0
 * -j libvirt-I-vnet0"; nft: "chain libvirt-I-vnet0 {", "iifname \"vnet0\" jump libvirt-I-vnet0". */
static const char *chain_of(const char *line, bool jumps)
{
        const char *name;

        if (jumps)
                name = strncmp(line, "-A ", 3) == 0 ? behind(line, " -j ") : behind(line, "jump ");
        else
                name = *line == ':' ? line + 1 : strncmp(line, "chain ", 6) == 0 ? line + 6 : NULL;
        return name && strncmp(name, "libvirt-", 8) == 0 ? name : NULL;
}

static void add_chains(json_t *chains, const char *text, bool jumps)
{
        for (const char *at = text; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                at += strspn(at, " \t");
                const char *name = chain_of(at, jumps);
                if (name)
                        json_array_append_new(chains, json_stringn(name, strcspn(name, " \t{;\n")));
        }
}

/* A chain to which no rule leads filters nothing. Of a list without a single rule that leads to any
 * we know the chains alone. */
static void add_reached(json_t *chains, const char *text)
{
        const size_t before = json_array_size(chains);

        add_chains(chains, text, true);
        if (json_array_size(chains) == before)
                add_chains(chains, text, false);
}

static int put_filters(struct capture *capture)
{
        const char *ebtables = host_tree_text(&capture->tree, "/evidence/ebtables-save");
        const char *nft = host_tree_text(&capture->tree, "/evidence/nft-list-ruleset");
        json_t *chains = ebtables || nft ? json_array() : NULL;

        if (!ebtables && !nft)
                return 0;
        add_reached(chains, ebtables);
        add_reached(chains, nft);
        return capture_put(capture, json_pack("{s:o, s:s, s:s}", "chains", chains, "key", "capture",
                                              "scope", "filters"));
}

static int put_mirrors(struct capture *capture, json_t *mirrors)
{
        return mirrors ? capture_put(capture, json_pack("{s:s, s:O, s:s}", "key", "capture",
                                                        "mirrors", mirrors, "scope", "mirrors"))
                       : 0;
}

/* ---- paths ---- */

static int take_path(void *user, enum vg_want want, const char *text, _unused_ const char *detail)
{
        struct capture *capture = user;

        return want == VG_WANT_PATH ? capture_put_path(capture, text, 0) : 0;
}

int capture_host(struct vg_host *host, const json_t *evidence, struct vg_err *err)
{
        _cleanup_(capture_done) struct capture capture = { .host = host,
                                                           .err = err,
                                                           .seen = json_object() };
        int r = host_tree_read(&capture.tree, evidence, err);

        if (r == 0)
                r = put_texts(&capture);
        if (r == 0)
                r = put_filters(&capture);
        if (r == 0)
                r = put_mirrors(&capture, json_object_get(evidence, "mirrors"));
        if (r == 0)
                r = capture_put_processes(&capture, json_object_get(evidence, "pids"));
        if (r == 0)
                r = vg_host_wants(host, take_path, &capture);
        return r;
}

void capture_done(struct capture *capture)
{
        host_tree_done(&capture->tree);
        json_decref(capture->seen);
}
