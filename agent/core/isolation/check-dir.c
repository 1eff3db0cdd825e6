/* SPDX-License-Identifier: Apache-2.0 */

/* check-dir: directories of the host that a guest is given (STO-06, STO-07) and files beside its
 * disks (STO-10). */

#include <stdlib.h>
#include <string.h>

#include "storage.h"
#include "vigie/mem.h"

/* ---- STO-06: sorted by components, a directory stands right before what lies below it ---- */

struct shares {
        struct use *list; /* key: the path */
        size_t n;
};

/* '/' before any other byte, so that what lies below a directory follows it without a gap. */
static int by_components(const void *a, const void *b)
{
        const unsigned char *x = (const void *)((const struct use *)a)->key;
        const unsigned char *y = (const void *)((const struct use *)b)->key;

        while (*x && *x == *y) {
                x++;
                y++;
        }
        if (*x == *y)
                return 0;
        if (!*x || !*y)
                return *x ? 1 : -1;
        return *x == '/' ? -1 : *y == '/' ? 1 : *x < *y ? -1 : 1;
}

/* The directory at `at` with all that lies in and below it: its own users conflict with each other and
 * with those below. */
static void judge_tree(struct judge *j, struct uses *all, size_t at)
{
        static const struct rule rule = { .status = VG_ISO_FAIL, .conflicts = { 3, 1 } };
        const char *path = all->list[at].key;
        size_t n = 0;

        while (at + n < all->n && path_is_under(all->list[at + n].key, path)) {
                all->list[at + n].role = strcmp(all->list[at + n].key, path) != 0;
                n++;
        }
        all->list[at].name = path;
        if (n > 1)
                cluster_judge(j, all->list + at, n, &rule, VG_ISO_CRITICAL);
}

void check_sto_06(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        NODE_EACH(share, j->domains[i].devices, "filesystem")
        {
                const char *dir = node_value(share, "source", "dir");
                if (!dir || *dir != '/')
                        continue;
                const struct place place = place_of(j, dir);
                judge_pass(j, i);
                if (!place.seen)
                        judge_unknown(j, i, N_("un chemin n'a pas été vu sur l'hôte"));
                uses_add(j, &uses,
                         &(struct use){ .key = place.path,
                                        .name = place.path,
                                        .domain = i,
                                        .where = arena_printf(&j->arena, "filesystem %s", dir) });
        }
        if (uses.n)
                qsort(uses.list, uses.n, sizeof(*uses.list), by_components);
        for (size_t i = 0; i < uses.n; i++)
                if (i == 0 || strcmp(uses.list[i - 1].key, uses.list[i].key) != 0)
                        judge_tree(j, &uses, i);
        uses_done(&uses);
}

/* ---- STO-07 ---- */

static bool is_sensitive(const char *path)
{
        static const char *const places[] = { "/",    "/etc", "/root", "/home", "/var/lib/libvirt",
                                              "/run", "/dev", "/proc", "/sys" };

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (path_is_under(places[i], path))
                        return true;
        return false;
}

void check_sto_07(struct judge *j)
{
        EACH_DOMAIN(i, j)
        NODE_EACH(share, j->domains[i].devices, "filesystem")
        {
                const char *dir = node_value(share, "source", "dir");
                if (!dir || *dir != '/')
                        continue;
                const struct place place = place_of(j, dir);
                const bool bad =
                        is_sensitive(place.path) || is_sensitive(path_normal(&j->arena, dir));
                if (!bad && !place.seen)
                        judge_unknown(j, i, N_("un chemin n'a pas été vu sur l'hôte"));
                else
                        judge_say(j, i, !bad, place.path,
                                  arena_printf(&j->arena, "filesystem %s", dir));
        }
}

/* ---- STO-10 ---- */

static void use_file(struct judge *j, struct uses *uses, uint32_t domain, const char *path,
                     const char *what)
{
        if (!path || *path != '/' || strcmp(path, "/dev/null") == 0)
                return;

        const struct place place = place_of(j, path);
        uses_add(j, uses,
                 &(struct use){ .key = place.key,
                                .name = place.path,
                                .domain = domain,
                                .where = arena_printf(&j->arena, "%s %s", what, path) });
        if (!place.seen)
                judge_unknown(j, domain, N_("un chemin n'a pas été vu sur l'hôte"));
}

void check_sto_10(struct judge *j)
{
        static const char *const kinds[] = { "serial", "console", "parallel", "channel" };
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const char *nvram = node_text(domain->xml, "os/nvram");
                use_file(j, &uses, i,
                         *nvram ? nvram : node_value(domain->xml, "os/nvram/source", "file"),
                         "nvram");
                for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
                        NODE_EACH(device, domain->devices, kinds[k])
                        {
                                if (node_attr_is(device, "type", "file") ||
                                    node_attr_is(device, "type", "pipe"))
                                        use_file(j, &uses, i, node_value(device, "source", "path"),
                                                 kinds[k]);
                                use_file(j, &uses, i, node_value(device, "log", "file"), "log");
                        }
        }
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}
