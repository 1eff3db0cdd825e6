/* SPDX-License-Identifier: Apache-2.0 */

/* stats-told: what libvirt says of a run whose process or interface the kernel does not show us. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/look.h"
#include "hypervisor/stats.h"

enum { LINKS_MAX = 1024 }; /* of one domain */

static void take_link_field(struct link *link, const char *field, const virTypedParameter *param)
{
        if (strcmp(field, "name") == 0 && param->type == VIR_TYPED_PARAM_STRING) {
                if (strlen(param->value.s) < sizeof(link->target))
                        memcpy(link->target, param->value.s, strlen(param->value.s) + 1);
        } else if (strcmp(field, "rx.bytes") == 0) {
                link->has_counters = stats_number(param, &link->rx_bytes);
        } else if (strcmp(field, "tx.bytes") == 0) {
                stats_number(param, &link->tx_bytes);
        }
}

static uint64_t take_numbers(virDomainStatsRecordPtr record, struct sight *sight)
{
        uint64_t n_links = 0;

        for (int i = 0; i < record->nparams; i++) {
                const virTypedParameter *param = &record->params[i];
                if (strcmp(param->field, "cpu.time") == 0)
                        sight->has_cpu = stats_number(param, &sight->cpu_ns);
                else if (strcmp(param->field, "balloon.rss") == 0)
                        sight->has_rss = stats_number(param, &sight->rss_kib);
                else if (strcmp(param->field, "net.count") == 0)
                        stats_number(param, &n_links);
        }
        return n_links < LINKS_MAX ? n_links : LINKS_MAX;
}

int stats_take_told(virDomainStatsRecordPtr record, struct sight *sight, struct sights *sights)
{
        const size_t n = take_numbers(record, sight);
        if (!n)
                return 0;

        struct link *links = realloc(sights->links, (sights->n_links + n) * sizeof(*links));
        if (!links)
                return -ENOMEM;
        sights->links = links;
        sight->first_link = sights->n_links;
        sight->n_links = n;
        sights->n_links += n;
        links += sight->first_link;
        memset(links, 0, n * sizeof(*links));
        for (int i = 0; i < record->nparams; i++) {
                size_t index;
                const char *field = stats_row(record->params[i].field, "net.", &index);
                if (field && index < n)
                        take_link_field(&links[index], field, &record->params[i]);
        }
        return 0;
}
