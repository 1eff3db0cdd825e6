/* SPDX-License-Identifier: Apache-2.0 */

/* check-open: what a QEMU process holds open against what its XML declares (PROC-10). */

#include <stdlib.h>
#include <string.h>

#include "storage.h"
#include "vigie/mem.h"

static void declare(struct judge *j, struct uses *declared, uint32_t domain, const char *path)
{
        if (path && *path == '/')
                uses_add(j, declared,
                         &(struct use){ .key = place_of(j, path).key,
                                        .name = path,
                                        .domain = domain,
                                        .where = "" });
}

/* Any path that stands in an attribute or an element of the domain is declared by it. */
static void declare_all(struct judge *j, struct uses *declared, uint32_t domain,
                        const struct node *node)
{
        static const char *const names[] = {
                "dev", "dir", "file", "path", "shareName", "template"
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                declare(j, declared, domain, node_attr(node, names[i]));
        declare(j, declared, domain, node->text);
        if (strcmp(node->name, "shmem") == 0 && node_attr(node, "name"))
                declare(j, declared, domain,
                        arena_printf(&j->arena, "/dev/shm/%s", node_attr(node, "name")));
        for (uint32_t i = 0; i < node->n_children; i++)
                declare_all(j, declared, domain, &node->children[i]);
}

static int by_key(const void *a, const void *b)
{
        return strcmp(((const struct use *)a)->key, ((const struct use *)b)->key);
}

static bool is_below_share(struct judge *j, const struct domain *domain, const char *path)
{
        NODE_EACH(share, domain->devices, "filesystem")
        {
                const char *dir = node_value(share, "source", "dir");
                if (dir && path_is_under(path, place_of(j, dir).path))
                        return true;
        }
        return false;
}

/* What QEMU and libvirt open for themselves, and devices of the kernel that hold no data. */
static bool is_plumbing(const char *path, const struct path_fact *fact)
{
        static const char *const folders[] = { "/dev/hugepages",
                                               "/dev/pts",
                                               "/dev/shm",
                                               "/dev/vfio",
                                               "/lib",
                                               "/lib64",
                                               "/proc",
                                               "/run/libvirt",
                                               "/sys",
                                               "/usr",
                                               "/var/cache/libvirt",
                                               "/var/lib/libvirt/qemu",
                                               "/var/log/libvirt" };
        const bool is_device = fact && fact->kind && strcmp(fact->kind, "block") == 0;

        if (*path != '/' || strncmp(path, "/memfd:", 7) == 0 || strncmp(path, "/anon_", 6) == 0)
                return true;
        for (size_t i = 0; i < ELEMENTSOF(folders); i++)
                if (path_is_under(path, folders[i]))
                        return true;
        if (fact && fact->kind && strcmp(fact->kind, "char") == 0)
                return true;
        /* "/dev/kvm", "/dev/net/tun" ... where their kind was not seen. */
        static const char *const devices[] = { "full", "fuse",        "hwrng",   "kvm",   "net",
                                               "null", "ptmx",        "random",  "sev",   "tap",
                                               "tty",  "userfaultfd", "urandom", "vhost", "zero" };
        for (size_t i = 0; !is_device && strncmp(path, "/dev/", 5) == 0 && i < ELEMENTSOF(devices);
             i++)
                if (strncmp(path + 5, devices[i], strlen(devices[i])) == 0)
                        return true;
        return false;
}

/* Whose the file is by declaration: sets *ret_own, and *ret_other to a domain of another tenant. */
static void find_owner(const struct judge *j, const struct uses *declared, uint32_t domain,
                       const char *key, bool *ret_own, const char **ret_other)
{
        const struct use wanted = { .key = key };
        const struct use *use =
                declared->n ? bsearch(&wanted, declared->list, declared->n, sizeof(wanted), by_key)
                            : NULL;

        while (use && use > declared->list && strcmp(use[-1].key, key) == 0)
                use--;
        for (; use && use < declared->list + declared->n && strcmp(use->key, key) == 0; use++) {
                *ret_own |= use->domain == domain;
                if (differs(j, use->domain, domain))
                        *ret_other = j->domains[use->domain].name;
        }
}

static void judge_file(struct judge *j, const struct uses *declared, uint32_t domain,
                       const char *path)
{
        const struct place place = place_of(j, path);
        const char *other = NULL;
        bool own = false;

        find_owner(j, declared, domain, place.key, &own, &other);
        if (own || path_is_under(place.path, "/usr"))
                return;
        if (other)
                judge_fail_as(j, domain, VG_ISO_CRITICAL, place.path,
                              N_("tient ouvert un fichier d'un autre abonné"), other);
        else if (!is_plumbing(path, place.fact) &&
                 !is_below_share(j, &j->domains[domain], place.path))
                judge_fail(j, domain, place.path,
                           N_("tient ouvert un fichier que son XML ne déclare pas"));
}

static const char *without_deleted(struct judge *j, const char *path)
{
        const char *mark = strstr(path, " (deleted)");

        return mark ? arena_text_n(&j->arena, path, (size_t)(mark - path)) : path;
}

static bool any_files(const struct judge *j)
{
        EACH_DOMAIN(i, j)
        if (j->domains[i].process && j->domains[i].process->files.n)
                return true;
        return false;
}

static void find_declared(struct judge *j, struct uses *declared)
{
        EACH_DOMAIN(i, j)
        declare_all(j, declared, i, j->domains[i].xml);
        for (size_t i = 0; i < j->storage->uses.n; i++)
                uses_add(j, declared, &j->storage->uses.list[i]);
        if (declared->n)
                qsort(declared->list, declared->n, sizeof(*declared->list), by_key);
}

void check_proc_10(struct judge *j)
{
        struct uses declared = { 0 };

        if (any_files(j))
                find_declared(j, &declared);
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                if (!domain->running)
                        continue;
                if (!domain->process || !domain->process->files.known) {
                        judge_unknown(j, i,
                                      N_("les fichiers ouverts d'un domaine en marche n'ont pas "
                                         "été vus"));
                        continue;
                }
                judge_pass(j, i);
                for (size_t k = 0; k < domain->process->files.n; k++)
                        judge_file(j, &declared, i,
                                   without_deleted(j, domain->process->files.at[k]));
        }
        uses_done(&declared);
}
