/* SPDX-License-Identifier: Apache-2.0 */

/* check-proc: the QEMU processes and how libvirt starts them (PROC-04 to 09, 11). */

#include <string.h>

#include "conf.h"
#include "label.h"
#include "vigie/mem.h"

#define QEMU "http://libvirt.org/schemas/domain/qemu/1.0"
#define NO_CONF N_("/etc/libvirt/qemu.conf n'a pas été vu")

/* 1: root, 0: not, -1: neither the domain nor qemu.conf says. */
static int declares_root(const struct judge *j, const struct domain *domain)
{
        char user[64];

        NODE_EACH(seclabel, domain->xml, "seclabel")
        if (node_attr_is(seclabel, "model", "dac") && *node_text(seclabel, "label"))
                return label_is_root(node_text(seclabel, "label"));
        if (conf_string(j->qemu_conf, "user", user, sizeof(user)))
                return label_is_root(user);
        return -1;
}

void check_proc_04(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const int64_t uid = domain->process ? domain->process->uid : -1;
                const int declared = declares_root(j, domain);
                if (uid >= 0)
                        judge_say(j, i, uid != 0, "", N_("son processus a l'uid 0"));
                else if (declared == 1)
                        judge_fail(j, i, "",
                                   N_("l'étiquette dac, ou « user » de qemu.conf, est root"));
                else if (domain->running || declared < 0)
                        judge_unknown(j, i,
                                      domain->running
                                              ? N_("le /proc de son processus n'a pas été vu")
                                      : j->qemu_conf ? N_("qemu.conf ne règle pas « user » : c'est "
                                                          "celui du paquet")
                                                     : NO_CONF);
                else
                        judge_pass(j, i);
        }
}

void check_proc_05(struct judge *j)
{
        const bool off = conf_is(j->qemu_conf, "seccomp_sandbox", "0");

        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const int64_t mode = domain->process ? domain->process->seccomp : -1;
                if (mode >= 0)
                        judge_say(j, i, mode != 0, "", "Seccomp: 0");
                else if (off)
                        judge_fail(j, i, "seccomp_sandbox",
                                   "/etc/libvirt/qemu.conf seccomp_sandbox=0");
                else if (domain->running || !j->qemu_conf)
                        judge_unknown(j, i,
                                      domain->running
                                              ? N_("le /proc de son processus n'a pas été vu")
                                              : NO_CONF);
                else
                        judge_pass(j, i);
        }
}

void check_proc_06(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const char *caps = domain->process ? domain->process->caps : NULL;
                if (!domain->running)
                        continue;
                if (!caps)
                        judge_unknown(j, i, N_("le /proc de son processus n'a pas été vu"));
                else
                        judge_say(j, i, !caps[strspn(caps, "0 \t")], "CapEff", caps);
        }
}

void check_proc_07(struct judge *j)
{
        const char *shares = NULL;
        bool unseen = false;

        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                if (domain->process && domain->process->mnt_private == 0)
                        shares = domain->name;
                unseen |= domain->running && (!domain->process || domain->process->mnt_private < 0);
        }
        if (shares)
                judge_fail_as(j, JUDGE_HOST, VG_ISO_LOW, "mnt",
                              N_("partage l'espace de montage de l'hôte"), shares);
        else if (conf_lists(j->qemu_conf, "namespaces", "mount") == 0)
                judge_fail(j, JUDGE_HOST, "namespaces",
                           N_("namespaces, dans /etc/libvirt/qemu.conf, n'a pas mount"));
        else if (!j->qemu_conf || unseen)
                judge_unknown(j, JUDGE_HOST,
                              j->qemu_conf ? N_("le /proc d'un domaine en marche n'a pas été vu")
                                           : NO_CONF);
        else
                judge_pass(j, JUDGE_HOST);
}

void check_proc_08(struct judge *j)
{
        if (!j->qemu_conf)
                judge_unknown(j, JUDGE_HOST, NO_CONF);
        else
                judge_say(j, JUDGE_HOST,
                          conf_lists(j->qemu_conf, "cgroup_controllers", "devices") != 0,
                          "cgroup_controllers",
                          N_("cgroup_controllers, dans /etc/libvirt/qemu.conf, n'a pas devices"));
}

static bool has_taint(const struct words *taints, const char **ret_taint)
{
        static const char *const bad[] = { "custom-argv", "custom-device", "custom-monitor",
                                           "hook-script" };

        for (size_t i = 0; i < taints->n; i++)
                for (size_t k = 0; k < ELEMENTSOF(bad); k++)
                        if (strcmp(taints->at[i], bad[k]) == 0) {
                                *ret_taint = bad[k];
                                return true;
                        }
        return false;
}

void check_proc_09(struct judge *j)
{
        static const char *const names[] = { "commandline", "override" };

        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const char *found = NULL;
                for (size_t k = 0; k < ELEMENTSOF(names); k++)
                        NODE_EACH(element, domain->xml, names[k])
                if (strcmp(element->ns, QEMU) == 0)
                        found = k ? "qemu:override" : "qemu:commandline";
                (void)has_taint(domain->taints, &found);
                judge_say(j, i, !found, found, found);
        }
}

void check_proc_11(struct judge *j)
{
        const struct table *seen = &j->host->tables[SCOPE_PROCESSES];

        for (size_t i = 0; i < seen->n; i++)
                for (size_t k = 0; k < seen->at[i]->words.n; k++)
                        judge_fail(j, JUDGE_HOST, seen->at[i]->words.at[k],
                                   N_("processus QEMU d'aucun domaine"));
        if (!seen->n)
                judge_unknown(j, JUDGE_HOST, N_("les processus de l'hôte n'ont pas été vus"));
        else
                judge_pass(j, JUDGE_HOST);
}
