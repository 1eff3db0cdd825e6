/* SPDX-License-Identifier: Apache-2.0 */

/* check-mem: memory that is merged, shared, locked, in clear or dumped (MEM-01 to MEM-06). */

#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "storage.h"
#include "vigie/mem.h"
#include "vigie/num.h"

enum { KSM_MERGES, KSM_MAY_MERGE };
static const struct rule rule_may_merge = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { 2, 3 },
        .why = N_("rien n'a montré si le noyau peut fusionner sa mémoire"),
};

static bool is_merging(const struct domain *domain, uint8_t *ret_role)
{
        const bool kept_apart = node_at(domain->xml, "memoryBacking/nosharepages") != NULL;
        const int64_t live = domain->process ? domain->process->ksm_mergeable : -1;

        *ret_role = domain->running && live < 0 && kept_apart ? KSM_MAY_MERGE : KSM_MERGES;
        return live < 0 ? !kept_apart || domain->running : live > 0;
}

static void judge_mergeable(struct judge *j, const struct use *all, size_t n, void *user)
{
        const char *run = user;

        if (!run) {
                for (size_t i = 0; i < n; i++)
                        judge_unknown(j, all[i].domain,
                                      N_("/sys/kernel/mm/ksm/run n'a pas été vu"));
                return;
        }
        cluster_judge(j, all, n, &rule_any, VG_ISO_HIGH);
        cluster_judge(j, all, n, &rule_may_merge, VG_ISO_HIGH);
}

void check_mem_01(struct judge *j)
{
        const char *run = host_text(j->host, "/sys/kernel/mm/ksm/run");
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        {
                struct use use = { .key = "ksm", .name = "ksm", .domain = i, .where = "mergeable" };
                judge_pass(j, i);
                if (is_merging(&j->domains[i], &use.role))
                        uses_add(j, &uses, &use);
        }
        if (!run || *run == '1')
                uses_clusters(j, &uses, judge_mergeable, (void *)run);
        uses_done(&uses);
}

/* ---- MEM-02, MEM-03 ---- */

static void use_path(struct judge *j, struct uses *uses, uint32_t domain, const char *path,
                     const char *what)
{
        const struct place place = place_of(j, path);

        uses_add(j, uses,
                 &(struct use){ .key = place.key,
                                .name = place.path,
                                .domain = domain,
                                .where = arena_printf(&j->arena, "%s %s", what, path) });
        if (!place.seen)
                judge_unknown(j, domain, N_("un chemin n'a pas été vu sur l'hôte"));
}

void check_mem_02(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        NODE_EACH(shmem, j->domains[i].devices, "shmem")
        {
                const char *name = node_attr(shmem, "name");
                const char *server = node_value(shmem, "server", "path");
                if (server)
                        use_path(j, &uses, i, server, "shmem server");
                if (name)
                        uses_add(j, &uses,
                                 &(struct use){
                                         .key = arena_printf(&j->arena, "name:%s", name),
                                         .name = name,
                                         .domain = i,
                                         .where = "shmem",
                                 });
        }
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}

void check_mem_03(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        NODE_EACH(memory, j->domains[i].devices, "memory")
        {
                const char *path = node_text(memory, "source/path");
                if (*path == '/')
                        use_path(j, &uses, i, path, "memory");
        }
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}

/* ---- MEM-04 to MEM-06 ---- */

/* libvirt's word for no limit is the greatest one that it takes, in KiB. */
static bool has_limit(const struct node *domain)
{
        uint64_t limit;

        return node_at(domain, "memtune/hard_limit") &&
               (vg_u64_parse(node_text(domain, "memtune/hard_limit"), &limit) < 0 ||
                limit < UINT64_C(9007199254740991));
}

void check_mem_04(struct judge *j)
{
        EACH_DOMAIN(i, j)
        if (node_at(j->domains[i].xml, "memoryBacking/locked"))
                judge_say(j, i, has_limit(j->domains[i].xml), "",
                          N_("memoryBacking locked, sans memtune hard_limit"));
}

/* 1: may be debugged; 0: may not; -1: the policy is not said. The bit that decides, by kind. */
static int is_debuggable(const struct node *security)
{
        const char *type = node_attr(security, "type"), *text = node_text(security, "policy");
        char *end;
        const unsigned long long policy = strtoull(text, &end, 0);

        if (!type || strcmp(type, "s390-pv") == 0)
                return 0;
        if (end == text || *end)
                return -1;
        if (strcmp(type, "sev-snp") == 0)
                return policy >> 19 & 1; /* DEBUG */
        if (strcmp(type, "tdx") == 0)
                return policy & 1; /* DEBUG */
        return !(policy & 1);      /* NODBG */
}

void check_mem_05(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const struct node *security = node_child(j->domains[i].xml, "launchSecurity");
                if (!j->reg)
                        judge_unknown(j, i, N_("tenants.json n'a pas été vu"));
                if (!j->domains[i].tenant || !j->domains[i].tenant->encrypts_memory)
                        continue;
                if (!security)
                        judge_fail(j, i, "",
                                   N_("le chiffrement est exigé; il n'y a pas de launchSecurity"));
                else if (is_debuggable(security) < 0)
                        judge_unknown(j, i, N_("launchSecurity sans politique"));
                else
                        judge_say(j, i, !is_debuggable(security), "",
                                  N_("la politique de launchSecurity laisse l'hôte déboguer "
                                     "l'invité"));
        }
}

void check_mem_06(struct judge *j)
{
        const char *who = NULL;

        EACH_DOMAIN(i, j)
        if (!who && node_attr_is(node_child(j->domains[i].xml, "memory"), "dumpCore", "on"))
                who = j->domains[i].name;
        if (who)
                judge_fail(j, JUDGE_HOST, "dumpCore",
                           arena_printf(&j->arena, "%s: memory dumpCore=on", who));
        else if (!j->qemu_conf)
                judge_unknown(j, JUDGE_HOST, N_("/etc/libvirt/qemu.conf n'a pas été vu"));
        else
                judge_say(j, JUDGE_HOST, !conf_is_set(j->qemu_conf, "dump_guest_core"),
                          "dump_guest_core", "/etc/libvirt/qemu.conf dump_guest_core=1");
}
