/* SPDX-License-Identifier: Apache-2.0 */

/* check-label: mandatory access control (PROC-01 to PROC-03). */

#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "conf.h"
#include "label.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static const struct node *host_of(const struct judge *j)
{
        return node_child(host_document(j->host, "capabilities", "", "host"), "host");
}

static void judge_host(struct judge *j)
{
        const struct node *host = host_of(j);
        bool confines = false;

        NODE_EACH(model, host, "secmodel")
        {
                const char *name = node_text(model, "model");
                confines |= strcmp(name, "selinux") == 0 || strcmp(name, "apparmor") == 0;
        }
        if (conf_is(j->qemu_conf, "security_driver", "none") ||
            conf_lists(j->qemu_conf, "security_driver", "none") > 0)
                judge_fail_as(j, JUDGE_HOST, VG_ISO_CRITICAL, "security_driver",
                              "/etc/libvirt/qemu.conf security_driver=none", NULL);
        else if (!host)
                judge_unknown(j, JUDGE_HOST, N_("les capacités de l'hôte n'ont pas été vues"));
        else if (!confines)
                judge_fail_as(j, JUDGE_HOST, VG_ISO_CRITICAL, "secmodel",
                              N_("ni selinux, ni apparmor"), NULL);
        else
                judge_pass(j, JUDGE_HOST);
}

/* libvirt confines who does not say, unless qemu.conf has it otherwise. */
void check_proc_01(struct judge *j)
{
        const bool default_off = conf_is(j->qemu_conf, "security_default_confined", "0");

        judge_host(j);
        EACH_DOMAIN(i, j)
        {
                bool off = false;
                NODE_EACH(seclabel, j->domains[i].xml, "seclabel")
                off |= node_attr_is(seclabel, "type", "none") &&
                       !node_attr_is(seclabel, "model", "dac");
                if (default_off && !label_of(&j->domains[i]))
                        judge_fail(j, i, "security_default_confined",
                                   "/etc/libvirt/qemu.conf security_default_confined=0");
                else
                        judge_say(j, i, !off, "", "seclabel type=none");
        }
}

/* ---- PROC-02 ---- */

struct labelled {
        struct label label;
        uint32_t domain;
        const char *text;
};

static const char *label_key(struct judge *j, const struct label *label)
{
        _cleanup_(vg_buf_done) struct vg_buf key = { 0 };

        vg_buf_printf(&key, "%s%s", label->type, label->profile);
        for (size_t i = 0; label->is_selinux && i < CATEGORIES / 64; i++)
                vg_buf_printf(&key, ":%llx", (unsigned long long)label->categories[i]);
        return arena_text(&j->arena, key.data);
}

/* Of what is sorted by key, one of each. */
static const struct rule rule_wide = { .status = VG_ISO_FAIL, .conflicts = { 2, 1 } };

static void use_label(struct judge *j, struct uses *uses, const struct labelled *of,
                      const char *key, uint8_t role)
{
        uses_add(j, uses,
                 &(struct use){ .key = key,
                                .name = of->text,
                                .domain = of->domain,
                                .role = role,
                                .where = of->text });
}

/* libvirt gives two categories to each: between such labels only equal ones meet. Others are held
 * against all. */
static void judge_wide(struct judge *j, const struct labelled *all, size_t n, size_t at)
{
        const struct labelled *wide = &all[at];
        struct uses uses = { 0 };

        use_label(j, &uses, wide, "wide", 0);
        for (size_t i = 0; i < n; i++)
                if (i != at && strcmp(all[i].label.type, wide->label.type) == 0 &&
                    all[i].label.n_categories != wide->label.n_categories &&
                    (label_dominates(&wide->label, &all[i].label) ||
                     label_dominates(&all[i].label, &wide->label)))
                        use_label(j, &uses, &all[i], "wide", 1);
        uses_judge(j, &uses, &rule_wide);
        uses_done(&uses);
}

/* That of its process goes before those that are declared. Who is not confined has none. */
static bool running_label(struct judge *j, const struct domain *domain, struct labelled *ret)
{
        const char *current = domain->process ? domain->process->label : NULL;

        if (!current || strstr(current, "unconfined") ||
            !label_read(&j->arena, NULL, current, &ret->label))
                return false;
        ret->text = current;
        return true;
}

static size_t find_labels(struct judge *j, struct labelled *all)
{
        size_t n = 0;

        EACH_DOMAIN(i, j)
        if (running_label(j, &j->domains[i], &all[n]))
                all[n++].domain = i;
        else
                NODE_EACH(seclabel, j->domains[i].xml, "seclabel")
                {
                        const char *text = node_text(seclabel, "label");
                        if (node_attr_is(seclabel, "model", "dac") || !*text ||
                            !label_read(&j->arena, node_attr(seclabel, "model"), text,
                                        &all[n].label))
                                continue;
                        all[n].domain = i;
                        all[n++].text = text;
                        break;
                }
        return n;
}

void check_proc_02(struct judge *j)
{
        _cleanup_free_ struct labelled *all = calloc((size_t)j->n_domains + 1, sizeof(*all));
        struct uses uses = { 0 };
        size_t n = all ? find_labels(j, all) : 0;

        j->failed |= !all;
        for (size_t i = 0; i < n; i++)
                use_label(j, &uses, &all[i], label_key(j, &all[i].label), 0);
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
        for (size_t i = 0; i < n; i++)
                if (all[i].label.is_selinux && all[i].label.n_categories != 2)
                        judge_wide(j, all, n, i);
}

/* ---- PROC-03 ---- */

/* What of the running label is not as declared; NULL: nothing. */
static const char *differs_how(struct judge *j, const char *declared, const char *current)
{
        struct label want, is;

        if (strncmp(current, "unconfined", 10) == 0 || strstr(current, ":unconfined_t:") ||
            strstr(current, "(unconfined)"))
                return "unconfined";
        if (strstr(current, "(complain)"))
                return "complain";
        if (!*declared || !label_read(&j->arena, NULL, declared, &want) ||
            !label_read(&j->arena, NULL, current, &is))
                return NULL;
        if (strcmp(want.profile, is.profile) != 0 || strcmp(want.type, is.type) != 0 ||
            memcmp(want.categories, is.categories, sizeof(want.categories)) != 0)
                return "label";
        return NULL;
}

void check_proc_03(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const struct domain *domain = &j->domains[i];
                const struct node *seclabel = label_of(domain);
                const char *declared = node_text(seclabel, "label");
                const char *current = domain->process ? domain->process->label : NULL;
                const char *how = current ? differs_how(j, declared, current) : NULL;
                if (!domain->running || node_attr_is(seclabel, "type", "none"))
                        continue;
                if (how)
                        judge_fail(j, i, how, current);
                else if (!current)
                        judge_unknown(j, i,
                                      N_("l'étiquette d'un domaine en marche n'a pas été vue"));
                else if (!*declared)
                        judge_unknown(
                                j, i,
                                N_("libvirt ne donne aucune étiquette à un domaine en marche"));
                else
                        judge_pass(j, i);
        }
}
