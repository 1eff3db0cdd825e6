/* SPDX-License-Identifier: Apache-2.0 */

/* check-host: what the host itself says: vulnerabilities, command line, modules, lock manager. */

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "judge.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static bool is_on(const char *text)
{
        return text && (*text == 'Y' || *text == 'y' || *text == '1');
}

static bool starts(const char *text, const char *word)
{
        return text && strncmp(text, word, strlen(word)) == 0;
}

/* ---- CPU-05 ---- */

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities/"

static bool says_vulnerable(const char *text)
{
        static const char word[] = "vulnerable";

        for (; *text; text++) {
                size_t n = 0;
                while (n < sizeof(word) - 1 && (text[n] | 0x20) == word[n])
                        n++;
                if (n == sizeof(word) - 1)
                        return true;
        }
        return false;
}

struct vulnerabilities {
        struct vg_buf *list; /* those that are open */
        size_t n;
        bool unsure; /* the kernel itself does not know of one */
};

static void look_at_vulnerability(void *user, const char *path, const char *content)
{
        struct vulnerabilities *seen = user;

        seen->n++;
        seen->unsure |= starts(content, "Unknown");
        if (says_vulnerable(content))
                vg_buf_printf(seen->list, "%s%s: %.*s", seen->list->n ? "; " : "",
                              path + strlen(VULNERABILITIES), (int)strcspn(content, "\n"), content);
}

/* A kernel that does not name one of these cannot say that it is mitigated. */
static const char *const known[] = {
        "itlb_multihit",     "l1tf",       "mds",        "meltdown", "mmio_stale_data", "retbleed",
        "spec_store_bypass", "spectre_v1", "spectre_v2", "srbds",    "tsx_async_abort"
};

void check_cpu_05(struct judge *j)
{
        _cleanup_(vg_buf_done) struct vg_buf list = { 0 };
        struct vulnerabilities seen = { .list = &list };

        host_texts_under(j->host, VULNERABILITIES, look_at_vulnerability, &seen);
        j->failed |= list.failed;
        if (list.n)
                judge_fail(j, JUDGE_HOST, "vulnerabilities", list.data);
        else
                judge_pass(j, JUDGE_HOST);
        if (seen.unsure)
                judge_unknown(j, JUDGE_HOST, N_("le noyau ne dit rien d'une vulnérabilité connue"));
        for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                char path[128];
                snprintf(path, sizeof(path), "%s%s", VULNERABILITIES, known[i]);
                if (!host_text(j->host, path))
                        judge_unknown(j, JUDGE_HOST,
                                      seen.n ? N_("le noyau ne dit rien d'une vulnérabilité connue")
                                             : N_("/sys/devices/system/cpu/vulnerabilities n'a pas "
                                                  "été vu"));
        }
}

/* ---- CPU-06 ---- */

static bool is_word(const char *text, size_t n, const char *word)
{
        return strlen(word) == n && strncmp(text, word, n) == 0;
}

/* "auto,no_guest_guest": what it gives up between guests, or from guest to host. */
static bool gives_up(const char *list, size_t n)
{
        for (size_t i = 0; i < n;) {
                size_t k = strcspn(list + i, ",; \t\n");
                k = k < n - i ? k : n - i;
                if (is_word(list + i, k, "off") || is_word(list + i, k, "no_guest_guest") ||
                    is_word(list + i, k, "no_guest_host"))
                        return true;
                i += k + 1;
        }
        return false;
}

void check_cpu_06(struct judge *j)
{
        static const char *const offs[] = { "nospectre_v2", "l1tf=off", "mds=off" };
        const char *line = host_text(j->host, "/proc/cmdline"), *found = NULL, *mitigations = NULL;

        if (!line) {
                judge_unknown(j, JUDGE_HOST, N_("/proc/cmdline n'a pas été vu"));
                return;
        }
        for (const char *at = line; *at;) {
                at += strspn(at, " \t\n");
                const size_t n = strcspn(at, " \t\n");
                if (starts(at, "mitigations=")) /* the last one counts */
                        mitigations = gives_up(at + 12, n - 12) ? at : NULL;
                for (size_t i = 0; i < ELEMENTSOF(offs); i++)
                        if (is_word(at, n, offs[i]))
                                found = at;
                at += n;
        }
        found = found ? found : mitigations;
        judge_say(j, JUDGE_HOST, !found, "/proc/cmdline",
                  found ? arena_text_n(&j->arena, found, strcspn(found, " \t\n")) : "");
}

/* ---- CPU-07 ---- */

static bool exposes(const struct node *cpu)
{
        const char *mode = node_attr(cpu, "mode");
        bool whole = mode && (strcmp(mode, "host-passthrough") == 0 ||
                              strcmp(mode, "host-model") == 0 || strcmp(mode, "maximum") == 0);

        NODE_EACH(feature, cpu, "feature")
        {
                const char *policy = node_attr(feature, "policy");
                if (!node_attr_is(feature, "name", "vmx") && !node_attr_is(feature, "name", "svm"))
                        continue;
                if (!policy || (strcmp(policy, "disable") != 0 && strcmp(policy, "forbid") != 0))
                        return true;
                whole = false;
        }
        return whole;
}

void check_cpu_07(struct judge *j)
{
        const char *intel = host_text(j->host, "/sys/module/kvm_intel/parameters/nested");
        const char *amd = host_text(j->host, "/sys/module/kvm_amd/parameters/nested");

        EACH_DOMAIN(i, j)
        {
                const struct tenant *tenant = j->domains[i].tenant;
                if (!exposes(node_child(j->domains[i].xml, "cpu")) || (tenant && tenant->may_nest))
                        judge_pass(j, i);
                else if (is_on(intel) || is_on(amd))
                        judge_fail(j, i, "nested",
                                   N_("son processeur montre vmx ou svm, et kvm permet "
                                      "l'imbrication"));
                else if (!intel && !amd)
                        judge_unknown(j, i, N_("le réglage « nested » de kvm n'a pas été vu"));
                else
                        judge_pass(j, i);
        }
}

/* ---- HOST-01 ---- */

/* The output of virt-host-validate, where it was kept: "QEMU: Checking if ... : FAIL (why)". */
void check_host_01(struct judge *j)
{
        const char *output = host_text(j->host, "/evidence/virt-host-validate");
        bool warns = false;

        for (const char *at = output; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                const char *line = arena_text_n(&j->arena, at, strcspn(at, "\n"));
                if (strstr(line, ": FAIL"))
                        judge_fail(j, JUDGE_HOST, "virt-host-validate", line);
                warns |= strstr(line, ": WARN") != NULL;
        }
        if (!output)
                judge_unknown(j, JUDGE_HOST, N_("la sortie de virt-host-validate n'a pas été vue"));
        else if (warns)
                judge_unknown(j, JUDGE_HOST, N_("virt-host-validate avertit"));
        else
                judge_pass(j, JUDGE_HOST);
}

/* ---- HOST-02 ---- */

#define KVM "/sys/module/kvm/parameters/"
#define FLUSH "/sys/module/kvm_intel/parameters/vmentry_l1d_flush"

static bool is_intel(const struct judge *j)
{
        const char *vendor =
                node_text(host_document(j->host, "capabilities", "", "host"), "host/cpu/vendor");

        return host_text(j->host, FLUSH) || strcmp(vendor, "Intel") == 0 ||
               host_text(j->host, "/sys/module/kvm_intel/parameters/nested");
}

static bool says_off(const char *text)
{
        return starts(text, "never") || starts(text, "off") || starts(text, "N");
}

void check_host_02(struct judge *j)
{
        const char *flush = host_text(j->host, FLUSH);
        const char *pages = host_text(j->host, KVM "nx_huge_pages");
        const char *backdoor = host_text(j->host, KVM "enable_vmware_backdoor");
        const char *multihit = host_text(j->host, VULNERABILITIES "itlb_multihit");

        if (starts(flush, "never"))
                judge_fail(j, JUDGE_HOST, FLUSH, "never");
        if (is_on(backdoor))
                judge_fail(j, JUDGE_HOST, KVM "enable_vmware_backdoor", "Y");
        if (says_off(pages) && multihit && !starts(multihit, "Not affected"))
                judge_fail(j, JUDGE_HOST, KVM "nx_huge_pages", multihit);
        if (!pages || !backdoor || (!flush && is_intel(j)) || (says_off(pages) && !multihit))
                judge_unknown(j, JUDGE_HOST, N_("un paramètre de kvm n'a pas été vu"));
        else
                judge_pass(j, JUDGE_HOST);
}

void check_host_03(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const bool emulated = node_attr_is(j->domains[i].xml, "type", "qemu");
                judge_say(j, i, !emulated || (j->reg && j->reg->allows_tcg), "",
                          "domain type=qemu");
        }
}

void check_host_04(struct judge *j)
{
        char manager[64] = "";

        if (!j->qemu_conf) {
                judge_unknown(j, JUDGE_HOST, N_("/etc/libvirt/qemu.conf n'a pas été vu"));
                return;
        }
        (void)conf_string(j->qemu_conf, "lock_manager", manager, sizeof(manager));
        judge_say(j, JUDGE_HOST, *manager && strcmp(manager, "nop") != 0, "lock_manager",
                  N_("lock_manager n'est pas réglé dans /etc/libvirt/qemu.conf"));
}
