/* SPDX-License-Identifier: Apache-2.0 */

/* check-sec: secrets (SEC-01, SEC-02) and saved memory (SNP-01). */

#include <stdlib.h>
#include <string.h>

#include "storage.h"
#include "vigie/mem.h"
#include "vigie/search.h"

/* A secret may be named by what it is for: its uuid, where its definition was seen. */
static const char *secret_key(struct judge *j, const struct node *secret)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        const char *uuid = node_attr(secret, "uuid"), *usage = node_attr(secret, "usage");
        size_t from, to;

        if (uuid)
                return arena_lower(&j->arena, uuid);
        if (!usage)
                return NULL;
        host_documents(j->host, "secret", &from, &to);
        for (size_t i = from; i < to; i++) {
                const struct node *is = node_child(&documents->at[i]->tree, "usage");
                for (uint32_t k = 0; is && k < is->n_children; k++)
                        if (strcmp(is->children[k].text, usage) == 0)
                                return strchr(documents->at[i]->key, '/') + 1;
        }
        return arena_printf(&j->arena, "usage %s", usage);
}

/* Those below the node. */
static void use_secrets(struct judge *j, struct uses *uses, uint32_t domain,
                        const struct node *node)
{
        NODE_EACH(secret, node, "secret")
        {
                const char *key = secret_key(j, secret);
                if (key)
                        uses_add(j, uses,
                                 &(struct use){ .key = key,
                                                .name = key,
                                                .domain = domain,
                                                .where = "secret" });
        }
        for (uint32_t i = 0; i < node->n_children; i++)
                use_secrets(j, uses, domain, &node->children[i]);
}

static void find_secrets(struct judge *j, struct uses *uses)
{
        EACH_DOMAIN(i, j)
        use_secrets(j, uses, i, j->domains[i].xml);
        for (size_t i = 0; i < j->storage->n_disks; i++) {
                const struct disk *disk = &j->storage->disks[i];
                if (disk->volume)
                        use_secrets(j, uses, disk->domain, disk->volume);
                if (disk->pool && strcmp(disk->type, "network") == 0)
                        use_secrets(j, uses, disk->domain, disk->pool);
        }
}

void check_sec_01(struct judge *j)
{
        struct uses uses = { 0 };

        find_secrets(j, &uses);
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}

/* ---- SEC-02 ---- */

static int by_key(const void *a, const void *b)
{
        const struct use *x = a, *y = b;
        int order = strcmp(x->key, y->key);

        return order ? order : (x->domain > y->domain) - (x->domain < y->domain);
}

static int order_of_use(const void *uses, size_t i, const void *key)
{
        return strcmp(((const struct use *)uses)[i].key, key);
}

/* The first use of a key, or where it would stand. */
static size_t first_use(const struct uses *uses, const char *key)
{
        return vg_search(uses->list, uses->n, order_of_use, key, NULL);
}

/* It is told of those who use the secret; of the host where nobody does. */
static void judge_secret(struct judge *j, const struct uses *uses, const char *uuid,
                         const struct node *secret)
{
        const bool is_private = node_attr_is(secret, "private", "yes");
        const size_t from = first_use(uses, uuid);
        size_t i = from;

        for (; i < uses->n && strcmp(uses->list[i].key, uuid) == 0; i++)
                if (i == from || uses->list[i - 1].domain != uses->list[i].domain)
                        judge_say(j, uses->list[i].domain, is_private, uuid, "secret private=no");
        if (i == from)
                judge_say(j, JUDGE_HOST, is_private, uuid, "secret private=no");
}

void check_sec_02(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        struct uses uses = { 0 };
        size_t from, to;

        find_secrets(j, &uses);
        if (uses.n)
                qsort(uses.list, uses.n, sizeof(*uses.list), by_key);
        for (size_t i = 0; i < uses.n; i++)
                if (!host_document(j->host, "secret", "", uses.list[i].key))
                        judge_unknown(j, uses.list[i].domain,
                                      N_("la définition d'un secret n'a pas été vue"));
        host_documents(j->host, "secret", &from, &to);
        for (size_t i = from; i < to; i++)
                judge_secret(j, &uses, strchr(documents->at[i]->key, '/') + 1,
                             &documents->at[i]->tree);
        uses_done(&uses);
}

/* ---- SNP-01 ---- */

static int by_name(const void *name, const void *domain)
{
        return strcmp(name, ((const struct domain *)domain)->name);
}

static void judge_saved(struct judge *j, uint32_t domain, const char *path)
{
        const struct place place = place_of(j, path);
        const int mode = place.fact ? place.fact->mode : -1;

        if (mode < 0)
                judge_unknown(j, domain,
                              N_("les permissions d'une mémoire sauvegardée n'ont pas été vues"));
        else
                judge_say(j, domain, !(mode & 04) || place.fact->open == 0, place.path,
                          arena_printf(&j->arena, "%s: mode %04o", path, (unsigned)mode));
}

/* A managed save lies where libvirt puts it; where it was seen that there is none, all is well. */
static void judge_managed(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const char *path = arena_printf(&j->arena, "/var/lib/libvirt/qemu/save/%s.save",
                                                j->domains[i].name);
                if (place_of(j, path).seen)
                        judge_saved(j, i, path);
        }
}

void check_snp_01(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        judge_managed(j);
        host_documents(j->host, "snapshot", &from, &to);
        for (size_t i = from; i < to; i++) {
                const char *at = strchr(documents->at[i]->key, '/') + 1;
                const char *name = arena_text_n(&j->arena, at, strcspn(at, "/"));
                const struct domain *domain =
                        bsearch(name, j->domains, j->n_domains, sizeof(*domain), by_name);
                const char *path = node_value(&documents->at[i]->tree, "memory", "file");
                if (domain && path)
                        judge_saved(j, (uint32_t)(domain - j->domains), path);
        }
}
