/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/netdev.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void netdevs_done(struct netdevs *netdevs)
{
        free(netdevs->rows);
        *netdevs = (struct netdevs){ 0 };
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct netdev *)a)->name, ((const struct netdev *)b)->name);
}

static int grow(struct netdevs *netdevs)
{
        if (netdevs->n < netdevs->size)
                return 0;

        size_t size = netdevs->size ? netdevs->size * 2 : 64;
        struct netdev *rows = realloc(netdevs->rows, size * sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        netdevs->rows = rows;
        netdevs->size = size;
        return 0;
}

/* The next number; *at moves behind it. */
static int take_number(char **at, uint64_t *ret_value)
{
        char *end;

        errno = 0;
        *ret_value = strtoull(*at, &end, 10);
        if (errno || end == *at)
                return -EINVAL;
        *at = end;
        return 0;
}

/* "  vnet0:    1234       9 …": bytes received first, bytes sent as the ninth number. */
static int take_line(char *line, struct netdev *row)
{
        char *colon = strrchr(line, ':');
        uint64_t skipped;

        if (!colon)
                return -EINVAL;
        *colon = '\0';
        line += strspn(line, " ");
        if (strlen(line) >= sizeof(row->name))
                return -EINVAL;
        memcpy(row->name, line, strlen(line) + 1);

        char *at = colon + 1;
        int r = take_number(&at, &row->rx_bytes);
        for (unsigned i = 0; r == 0 && i < 7; i++)
                r = take_number(&at, &skipped);
        return r < 0 ? r : take_number(&at, &row->tx_bytes);
}

int netdevs_parse(struct netdevs *netdevs, char *text)
{
        static const unsigned n_headings = 2;
        unsigned n_lines = 0;

        netdevs->n = 0;
        for (char *line = text, *next; line && *line; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (n_lines++ < n_headings)
                        continue;
                int r = grow(netdevs);
                if (r == 0)
                        r = take_line(line, &netdevs->rows[netdevs->n]);
                if (r < 0)
                        return r;
                netdevs->n++;
        }
        if (n_lines < n_headings)
                return -EINVAL;
        if (netdevs->n)
                qsort(netdevs->rows, netdevs->n, sizeof(*netdevs->rows), by_name);
        return 0;
}

const struct netdev *netdevs_find(const struct netdevs *netdevs, const char *name)
{
        struct netdev wanted = { 0 };

        if (!netdevs->n || strlen(name) >= sizeof(wanted.name))
                return NULL;
        memcpy(wanted.name, name, strlen(name) + 1);
        return bsearch(&wanted, netdevs->rows, netdevs->n, sizeof(*netdevs->rows), by_name);
}
