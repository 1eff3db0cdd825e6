/* SPDX-License-Identifier: Apache-2.0 */

/* read-isolation-corpus DIR: every XML file below becomes a piece or is refused with a reason, one line
 * each, and the host that they make together is judged. check-isolation-corpus holds the refusals
 * against another parser. */

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "os/files.h"
#include "os/xmltree.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { FILE_MAX = 16 << 20, DEPTH_OF_WALK = 16 };

static struct vg_host *host;
static unsigned n_taken, n_other;

static const char *kind_of_root(const char *root)
{
        static const struct {
                const char *root, *kind;
        } kinds[] = { { "capabilities", "capabilities" },
                      { "device", "nodedev" },
                      { "domain", "domain" },
                      { "domainbackup", "backup" },
                      { "domainsnapshot", "snapshot" },
                      { "filter", "nwfilter" },
                      { "network", "network" },
                      { "pool", "pool" },
                      { "secret", "secret" },
                      { "volume", "volume" } };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(kinds[i].root, root) == 0)
                        return kinds[i].kind;
        return NULL;
}

static bool has_parent(const char *kind)
{
        return strcmp(kind, "volume") == 0 || strcmp(kind, "snapshot") == 0 ||
               strcmp(kind, "backup") == 0;
}

static int take(const char *path, const char *bytes, size_t n, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;
        int r = xmltree_read(bytes, n, &tree, err);

        if (r < 0)
                return r;

        const char *kind = kind_of_root(json_string_value(json_object_get(tree, "n")));
        if (!kind) {
                n_other++;
                return 0;
        }
        r = vg_document_piece(kind, has_parent(kind) ? "parent" : "", tree,
                              strstr(path, "live") ? VG_DOCUMENT_LIVE : 0, &piece, err);
        /* Upstream's examples share a few uuids: here each is a domain of its own. */
        if (r == 0 && strcmp(kind, "domain") == 0) {
                char key[4096];
                snprintf(key, sizeof(key), "domain/%s", path);
                json_object_set_new(piece, "key", json_string(key));
        }
        if (r == 0)
                r = vg_host_put(host, piece, err);
        n_taken += r == 0;
        return r;
}

static int visit(const char *path, _unused_ const struct stat *st, int type,
                 _unused_ struct FTW *ftw)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;
        const char *end = strrchr(path, '.');

        if (type != FTW_F || !end || strcmp(end, ".xml") != 0)
                return 0;
        if (vg_file_read(path, FILE_MAX, &bytes, &n, &err) < 0 || take(path, bytes, n, &err) < 0)
                printf("refused %s: %s\n", path, err.text);
        return 0;
}

int main(int argc, char **argv)
{
        _cleanup_(vg_verdict_freep) struct vg_verdict *verdict = NULL;
        struct vg_err err = { 0 };

        if (argc != 2 || vg_host_new(&host, &err) < 0 ||
            nftw(argv[1], visit, DEPTH_OF_WALK, FTW_PHYS) != 0)
                return 2;
        int r = vg_isolation_judge(host, &verdict, &err);
        printf("%u taken, %u of other kinds; %zu domains, %zu findings\n", n_taken, n_other,
               r == 0 ? verdict->n_domains : 0, r == 0 ? verdict->n_findings : 0);
        vg_host_free(host);
        return r < 0 || !n_taken;
}
