/* SPDX-License-Identifier: Apache-2.0 */

/* kernel: the counters of known runs, which go on whatever libvirt does. */

#include <stdio.h>

#include "hypervisor/reader.h"
#include "os/files.h"
#include "vigie/mem.h"

enum { NETDEV_MAX = 8 << 20 };

/* The interfaces are those of the network namespace in which the QEMUs were started: any of them
 * will show it. Without one there is nothing to read. */
static void read_netdevs(struct reader *reader)
{
        _cleanup_free_ char *text = NULL;
        char path[512];
        size_t n;

        reader->netdevs.n = 0;
        for (size_t i = 0; i < reader->domains.n; i++) {
                const struct run *run = &reader->domains.rows[i]->run;
                if (!run->pid || run->is_over)
                        continue;
                snprintf(path, sizeof(path), "%s/%d/net/dev", reader->proc, (int)run->pid);
                if (vg_file_read(path, NETDEV_MAX, &text, &n, NULL) < 0)
                        continue;
                if (netdevs_parse(&reader->netdevs, text) < 0)
                        reader->netdevs.n = 0;
                return;
        }
}

static void count_nics(struct reader *reader, struct domain *domain)
{
        const struct facts *facts = domain->facts;

        for (size_t i = 0; facts && i < facts->n_nics; i++) {
                const char *target = facts->nics[i].target;
                const struct netdev *tap = netdevs_find(&reader->netdevs, target);
                if (!tap)
                        continue;
                uint32_t generation = devices_count(&domain->devices, DEVICE_NIC, target,
                                                    tap->rx_bytes, tap->tx_bytes);
                if (!generation)
                        continue;
                /* What the host receives on the tap is what its guest sent. */
                readings_count_device(&reader->readings, "tx", target, generation, tap->rx_bytes);
                readings_count_device(&reader->readings, "rx", target, generation, tap->tx_bytes);
        }
}

/* Nor will it: a run keeps the id that it was counted under. */
static bool is_unseen(const struct domain *domain)
{
        return run_is_some(&domain->run) && run_is_settled(&domain->run) && !domain->run.pid;
}

static bool is_on_this_host(const struct reader *reader, const char *target)
{
        return netdevs_find(&reader->netdevs, target);
}

bool kernel_lacks(const struct reader *reader)
{
        for (size_t i = 0; reader->has_qemu && i < reader->domains.n; i++) {
                const struct domain *domain = reader->domains.rows[i];
                const struct facts *facts = domain->facts;
                if (!facts || !run_is_some(&domain->run))
                        continue;
                if (is_unseen(domain))
                        return true;
                for (size_t nic = 0; nic < facts->n_nics; nic++)
                        if (facts->nics[nic].target[0] &&
                            !is_on_this_host(reader, facts->nics[nic].target))
                                return true;
        }
        return false;
}

void kernel_count_told(struct reader *reader, const struct sights *seen, const struct sight *sight,
                       struct domain *domain)
{
        if (is_unseen(domain) && sight->has_cpu)
                readings_count(&reader->readings, "cpu_ns", sight->cpu_ns);
        if (is_unseen(domain) && sight->has_rss)
                readings_count(&reader->readings, "rss_kib", sight->rss_kib);
        for (size_t i = 0; i < sight->n_links; i++) {
                const struct link *link = &seen->links[sight->first_link + i];
                if (!link->has_counters || is_on_this_host(reader, link->target))
                        continue;
                uint32_t generation = devices_count(&domain->devices, DEVICE_NIC, link->target,
                                                    link->tx_bytes, link->rx_bytes);
                if (!generation)
                        continue;
                readings_count_device(&reader->readings, "tx", link->target, generation,
                                      link->tx_bytes);
                readings_count_device(&reader->readings, "rx", link->target, generation,
                                      link->rx_bytes);
        }
}

void kernel_sample(struct reader *reader)
{
        const struct vg_now at = vg_clock_now();

        read_netdevs(reader);
        readings_begin(&reader->readings, &reader->outbox, &at, "kernel");
        for (size_t i = 0; i < reader->domains.n; i++) {
                struct domain *domain = reader->domains.rows[i];
                struct run_counters counters;
                if (!run_is_some(&domain->run) || !run_is_settled(&domain->run))
                        continue;
                run_read(&domain->run, &counters);
                if (domain->run.is_over)
                        continue;
                if (counters.regrouped && reader->is_ok)
                        answers_ask_missed(reader, domain->uuid, &at);
                if (counters.has_cpu)
                        readings_count(&reader->readings, "cpu_ns", counters.cpu_ns);
                if (counters.has_rss)
                        readings_count(&reader->readings, "rss_kib", counters.rss_kib);
                count_nics(reader, domain);
                readings_domain(&reader->readings, domain->uuid, domain->run.id);
        }
        readings_end(&reader->readings);
}
