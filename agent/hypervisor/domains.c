/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/domains.h"

#include <stdlib.h>
#include <string.h>

#include "vigie/search.h"

static int order(const void *rows, size_t i, const void *uuid)
{
        return strcmp(((struct domain *const *)rows)[i]->uuid, uuid);
}

/* Where uuid stands, or would. */
static size_t position(const struct domains *domains, const char *uuid, bool *ret_is_there)
{
        return vg_search(domains->rows, domains->n, order, uuid, ret_is_there);
}

struct domain *domains_find(const struct domains *domains, const char *uuid)
{
        bool is_there;
        size_t at = position(domains, uuid, &is_there);

        return is_there ? domains->rows[at] : NULL;
}

struct domain *domains_add(struct domains *domains, const char *uuid)
{
        bool is_there;
        size_t at = position(domains, uuid, &is_there);
        if (is_there)
                return domains->rows[at];

        if (domains->n == domains->size) {
                size_t size = domains->size ? domains->size * 2 : 32;
                struct domain **rows = realloc(domains->rows, size * sizeof(struct domain *));
                if (!rows)
                        return NULL;
                domains->rows = rows;
                domains->size = size;
        }
        struct domain *domain = calloc(1, sizeof(*domain));
        if (!domain)
                return NULL;
        memcpy(domain->uuid, uuid, UUID_TEXT);
        run_none(&domain->run);
        memmove(domains->rows + at + 1, domains->rows + at,
                (domains->n - at) * sizeof(struct domain *));
        domains->rows[at] = domain;
        domains->n++;
        return domain;
}

void domains_remove(struct domains *domains, struct domain *domain)
{
        bool is_there;
        size_t at = position(domains, domain->uuid, &is_there);
        if (!is_there)
                return;

        domains->n--;
        memmove(domains->rows + at, domains->rows + at + 1,
                (domains->n - at) * sizeof(struct domain *));
        run_done(&domain->run);
        devices_done(&domain->devices);
        facts_free(domain->facts);
        free(domain);
}

size_t domains_count_active(const struct domains *domains)
{
        size_t n = 0;

        for (size_t i = 0; i < domains->n; i++)
                n += domain_state_is_active(domains->rows[i]->state);
        return n;
}

bool domains_use_key(const struct domains *domains, const char *key)
{
        for (size_t i = 0; i < domains->n; i++) {
                const struct facts *facts = domains->rows[i]->facts;
                for (size_t d = 0; facts && d < facts->n_disks; d++)
                        if (strcmp(facts->disks[d].key, key) == 0)
                                return true;
        }
        return false;
}
