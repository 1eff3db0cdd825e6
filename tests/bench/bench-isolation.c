/* SPDX-License-Identifier: Apache-2.0 */

/* bench-isolation [DOMAINS]: judges a host of so many running domains (5000) of a tenth as many
 * tenants, then twice and four times as many, and says as JSON what that costs. All stand on one bridge, whose
 * ports are isolated but for one in fifty; KSM runs; every disk has two images beneath, one in a
 * hundred is another tenant's; one tenant in twenty has dedicated processors,
 * of which the others use few. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "os/xmltree.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { DOMAINS = 5000, PER_TENANT = 10, CPUS = 256, RUNS = 9, PAIRS = 15 };

static double cpu_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int r, const struct vg_err *err)
{
        if (r < 0) {
                fprintf(stderr, "%s\n", vg_err_text(err));
                exit(1);
        }
}

static void put(struct vg_host *host, json_t *piece)
{
        struct vg_err err = { 0 };

        must(piece ? vg_host_put(host, piece, &err) : -1, &err);
        json_decref(piece);
}

static void put_document(struct vg_host *host, const char *kind, const char *xml, unsigned flags)
{
        json_t *tree, *piece;
        struct vg_err err = { 0 };

        must(xmltree_read(xml, strlen(xml), &tree, &err), &err);
        must(vg_document_piece(kind, "", tree, flags, &piece, &err), &err);
        json_decref(tree);
        put(host, piece);
}

static void put_path(struct vg_host *host, const char *path, int ino, const char *backing)
{
        char text[16];

        snprintf(text, sizeof(text), "%d", ino);
        put(host, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s}", "scope", "path", "key", path,
                            "real", path, "kind", "file", "dev", "8:1", "ino", text, "mode", "0600",
                            "open", 0, "backing", backing));
}

/* The first quarter is for the dedicated; one in a thousand of the others is there all the same. */
static int cpu_of(int i)
{
        const int own = CPUS / 4;

        return i / PER_TENANT % 20 == 0 || i % 1000 == 999 ? i * 7 % (own - 1)
                                                           : own + i * 7 % (CPUS - own - 1);
}

static void put_domain(struct vg_host *host, int i)
{
        const int tenant = i / PER_TENANT, cpu = i * 7 % CPUS,
                  image = i % 100 ? i : (i + 50) % 5000;
        char xml[4096];

        snprintf(xml, sizeof(xml),
                 "<domain type='kvm'><name>vm-%05d</name>"
                 "<uuid>%08d-0000-4000-8000-000000000000</uuid><metadata>"
                 "<v:tenant xmlns:v='urn:vigie:tenant:1' id='t-%04d'/></metadata>"
                 "<vcpu cpuset='%d-%d'>2</vcpu><devices>"
                 "<disk type='file' device='disk'><source file='/i/%d.qcow2'/>"
                 "<target dev='vda'/></disk>"
                 "<disk type='network' device='disk'><source protocol='rbd' name='vms/%d'>"
                 "<host name='m1'/><host name='m2'/></source><target dev='vdb'/></disk>"
                 "<interface type='bridge'><mac address='52:54:00:%02x:%02x:%02x'/>"
                 "<source bridge='br0'/><target dev='vnet%d'/><port isolated='%s'/>"
                 "<filterref filter='clean-traffic'/></interface>"
                 "<graphics type='vnc' port='%d'><listen type='address' address='127.0.0.1'/>"
                 "</graphics></devices><seclabel type='dynamic' model='selinux'>"
                 "<label>system_u:system_r:svirt_t:s0:c%d,c%d</label></seclabel></domain>",
                 i, i, tenant, cpu, cpu + 1, image, i, i >> 16 & 255, i >> 8 & 255, i & 255, i,
                 i % 50 ? "yes" : "no", 5900 + i, i % 1000, (i + 1 + i / 1000) % 1000);
        put_document(host, "domain", xml, VG_DOCUMENT_LIVE);
}

static void put_evidence(struct vg_host *host, int i, json_t *texts, json_t *chains)
{
        char path[128], backing[128], uuid[64], cpus[32];

        snprintf(path, sizeof(path), "/i/%d.qcow2", i);
        snprintf(backing, sizeof(backing), "/i/%d.mid.qcow2", i);
        put_path(host, path, 3 * i, backing);
        put_path(host, backing, 3 * i + 1, "/public/base.qcow2");
        snprintf(uuid, sizeof(uuid), "%08d-0000-4000-8000-000000000000", i);
        snprintf(cpus, sizeof(cpus), "%d", cpu_of(i));
        put(host,
            json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:s,s:{s:s,s:s},s:[s],s:[s,s],s:[s]}", "scope",
                      "process", "key", uuid, "pid", 1000 + i, "uid", 107, "seccomp", 2,
                      "ksm_mergeable", 1, "caps", "0000000000000000", "threads", "1", cpus, "2",
                      cpus, "vcpus", "2", "files", path, "/dev/kvm", "listens", "127.0.0.1:5900"));
        snprintf(path, sizeof(path), "/sys/class/net/vnet%d/brport/isolated", i);
        json_object_set_new(texts, path, json_string(i % 50 ? "1\n" : "0\n"));
        snprintf(path, sizeof(path), "libvirt-I-vnet%d", i);
        json_array_append_new(chains, json_string(path));
}

static void put_host(struct vg_host *host, int n)
{
        struct vg_buf caps = { 0 };
        json_t *tenants = json_object();

        vg_buf_puts(&caps, "<capabilities><host><topology><cells><cell><cpus>");
        for (int i = 0; i < CPUS; i++)
                vg_buf_printf(&caps, "<cpu id='%d' siblings='%d-%d'/>", i, i / 2 * 2,
                              i / 2 * 2 + 1);
        vg_buf_puts(&caps, "</cpus></cell></cells></topology><secmodel><model>selinux</model>"
                           "</secmodel></host></capabilities>");
        put_document(host, "capabilities", caps.data, 0);
        vg_buf_done(&caps);
        for (int i = 0; i <= n / PER_TENANT; i++) {
                char id[16];
                snprintf(id, sizeof(id), "t-%04d", i);
                json_object_set_new(tenants, id,
                                    json_pack("{s:s}", "compute", i % 20 ? "shared" : "dedicated"));
        }
        put(host, json_pack("{s:s,s:s,s:{s:o,s:{s:[s]}}}", "scope", "tenants", "key", "bench",
                            "register", "tenants", tenants, "public", "images", "/public"));
}

static struct vg_host *make(int n)
{
        json_t *texts = json_object(), *chains = json_array();
        struct vg_host *host;
        struct vg_err err = { 0 };

        must(vg_host_new(&host, &err), &err);
        put_host(host, n);
        put_path(host, "/public/base.qcow2", 1 << 30, "");
        for (int i = 0; i < n; i++) {
                put_domain(host, i);
                put_evidence(host, i, texts, chains);
        }
        json_object_set_new(texts, "/sys/kernel/mm/ksm/run", json_string("1\n"));
        json_object_set_new(texts, "/etc/libvirt/qemu.conf", json_string("user = \"qemu\"\n"));
        put(host, json_pack("{s:s,s:s,s:o}", "scope", "texts", "key", "bench", "texts", texts));
        put(host, json_pack("{s:s,s:s,s:o}", "scope", "filters", "key", "bench", "chains", chains));
        return host;
}

static double judge(const struct vg_host *host, size_t *ret_findings)
{
        struct vg_verdict *verdict;
        struct vg_err err = { 0 };
        const double from = cpu_s();

        must(vg_isolation_judge(host, &verdict, &err), &err);
        const double took = cpu_s() - from;
        *ret_findings = verdict->n_findings;
        vg_verdict_free(verdict);
        return took;
}

static double best_of(const struct vg_host *host, size_t *ret_findings)
{
        double best = 1e9;

        for (int i = 0; i < RUNS; i++) {
                const double took = judge(host, ret_findings);
                best = took < best ? took : best;
        }
        return best;
}

static int by_value(const void *a, const void *b)
{
        const double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

/* Both hosts are there, and are judged in turn: what the machine does besides slows both alike. The
 * median of the ratios of such pairs. */
static double doubling(const struct vg_host *one, const struct vg_host *two, double *ret_one,
                       double *ret_two)
{
        double ratios[PAIRS];
        size_t findings;

        *ret_one = *ret_two = 1e9;
        for (int i = 0; i < PAIRS; i++) {
                const double a = judge(one, &findings), b = judge(two, &findings);
                ratios[i] = b / a;
                *ret_one = a < *ret_one ? a : *ret_one;
                *ret_two = b < *ret_two ? b : *ret_two;
        }
        qsort(ratios, PAIRS, sizeof(*ratios), by_value);
        return ratios[PAIRS / 2];
}

int main(int argc, char **argv)
{
        const int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : DOMAINS;
        struct rusage usage;
        size_t findings;
        double twice, fourfold;

        struct vg_host *host = make(n);
        const double took = best_of(host, &findings);
        getrusage(RUSAGE_SELF, &usage);
        vg_host_free(host);

        struct vg_host *two = make(2 * n), *four = make(4 * n);
        const double ratio = doubling(two, four, &twice, &fourfold);
        vg_host_free(two);
        vg_host_free(four);
        printf("{\"domains\":%d,\"findings\":%zu,\"judge_s\":%.4f,\"twice_s\":%.4f,"
               "\"fourfold_s\":%.4f,\"ratio\":%.3f,\"peak_mib\":%ld}\n",
               n, findings, took, twice, fourfold, ratio, usage.ru_maxrss / 1024);
        return 0;
}
