/* SPDX-License-Identifier: Apache-2.0 */

/* check-dev: devices of the host that a guest is given (DEV-01 to 05, 08), and virtual ones that two
 * guests must not share (06, 07). */

#include <string.h>

#include "conf.h"
#include "device.h"
#include "storage.h"
#include "vigie/mem.h"

typedef void pci_fn(struct judge *j, uint32_t domain, const char *pci, void *user);

/* Every PCI function that a domain is given. */
static void each_pci(struct judge *j, pci_fn *fn, void *user)
{
        EACH_DOMAIN(i, j)
        {
                const struct node *devices = j->domains[i].devices;
                NODE_EACH(hostdev, devices, "hostdev")
                {
                        const char *pci = device_pci(j, node_at(hostdev, "source/address"));
                        if (node_attr_is(hostdev, "type", "pci") && pci)
                                fn(j, i, pci, user);
                }
                NODE_EACH(interface, devices, "interface")
                {
                        const char *pci = device_pci(j, node_at(interface, "source/address"));
                        if (node_attr_is(interface, "type", "hostdev") && pci)
                                fn(j, i, pci, user);
                }
        }
}

/* ---- DEV-01 ---- */

struct grouping {
        struct devices devices;
        struct uses uses;
};

static void use_group(struct judge *j, uint32_t domain, const char *pci, void *user)
{
        struct grouping *grouping = user;
        const char *group = devices_group(j, &grouping->devices, pci);

        if (!group) {
                judge_unknown(j, domain, N_("le groupe IOMMU d'un périphérique n'a pas été vu"));
                return;
        }
        uses_add(j, &grouping->uses,
                 &(struct use){ .key = group,
                                .name = arena_printf(&j->arena, "iommu group %s", group),
                                .domain = domain,
                                .part = pci,
                                .where = pci });
}

void check_dev_01(struct judge *j)
{
        static const struct rule rule = { .status = VG_ISO_FAIL,
                                          .conflicts = { 1 },
                                          .parts_differ = true };
        struct grouping grouping = { 0 };

        devices_read(j, &grouping.devices);
        each_pci(j, use_group, &grouping);
        uses_judge(j, &grouping.uses, &rule);
        uses_done(&grouping.uses);
        hostdevs_done(&grouping.devices);
}

/* ---- DEV-02 ---- */

enum { ROLE_EXACT, ROLE_BY_MODEL, ROLE_BY_ADDRESS, ROLE_DRIVE };
/* Two disks on one drive of NVMe are STO-01's. */
static const struct rule rule_same = {
        .status = VG_ISO_FAIL,
        .conflicts = { [ROLE_EXACT] = 1 << ROLE_EXACT | 1 << ROLE_DRIVE,
                       [ROLE_DRIVE] = 1 << ROLE_EXACT },
};
static const struct rule rule_usb = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_BY_MODEL] = 1 << ROLE_BY_ADDRESS,
                       [ROLE_BY_ADDRESS] = 1 << ROLE_BY_MODEL },
        .why = N_(
                "périphérique USB nommé par son seul modèle : celui qui est donné n'est pas connu"),
};

static void use_device(struct judge *j, struct uses *uses, uint32_t domain, const char *key,
                       uint8_t role)
{
        uses_add(j, uses,
                 &(struct use){
                         .key = key, .name = key, .domain = domain, .role = role, .where = key });
}

/* Two devices of one model at two addresses are two; without an address it may be any of them. */
static void use_usb(struct judge *j, struct uses *uses, uint32_t domain, const struct node *source)
{
        const struct node *address = node_child(source, "address");
        uint64_t vendor, product, bus, device;
        const bool has_model = node_number(node_child(source, "vendor"), "id", &vendor) &&
                               node_number(node_child(source, "product"), "id", &product);
        const bool has_address =
                node_number(address, "bus", &bus) && node_number(address, "device", &device);
        const char *model =
                has_model ? arena_printf(&j->arena, "usb %04llx:%04llx", (unsigned long long)vendor,
                                         (unsigned long long)product)
                          : NULL;

        if (has_address)
                use_device(j, uses, domain,
                           arena_printf(&j->arena, "usb bus %llu device %llu",
                                        (unsigned long long)bus, (unsigned long long)device),
                           ROLE_EXACT);
        else if (model)
                use_device(j, uses, domain, model, ROLE_EXACT);
        if (model)
                use_device(j, uses, domain, arena_printf(&j->arena, "%s (model)", model),
                           has_address ? ROLE_BY_ADDRESS : ROLE_BY_MODEL);
}

static void use_scsi(struct judge *j, struct uses *uses, uint32_t domain, const struct node *source)
{
        const char *adapter = node_value(source, "adapter", "name");
        const char *name = node_attr(source, "name"), *wwpn = node_attr(source, "wwpn");
        const struct node *address = node_child(source, "address");
        uint64_t bus = 0, target = 0, unit = 0;

        (void)node_number(address, "bus", &bus);
        (void)node_number(address, "target", &target);
        (void)node_number(address, "unit", &unit);
        if (adapter)
                use_device(j, uses, domain,
                           arena_printf(&j->arena, "scsi %s:%llu:%llu:%llu", adapter,
                                        (unsigned long long)bus, (unsigned long long)target,
                                        (unsigned long long)unit),
                           ROLE_EXACT);
        else if (name || wwpn)
                use_device(j, uses, domain, arena_printf(&j->arena, "scsi %s", name ? name : wwpn),
                           ROLE_EXACT);
}

static void use_pci(struct judge *j, uint32_t domain, const char *pci, void *user)
{
        use_device(j, user, domain, arena_printf(&j->arena, "pci %s", pci), ROLE_EXACT);
}

static void judge_device(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        cluster_judge(j, cluster, n, &rule_same, VG_ISO_CRITICAL);
        cluster_judge(j, cluster, n, &rule_usb, VG_ISO_CRITICAL);
}

static void use_hostdev(struct judge *j, struct uses *uses, uint32_t domain,
                        const struct node *hostdev)
{
        const struct node *source = node_child(hostdev, "source");
        const char *uuid = node_value(source, "address", "uuid");

        if (node_attr_is(hostdev, "type", "mdev") && uuid)
                use_device(j, uses, domain,
                           arena_printf(&j->arena, "mdev %s", arena_lower(&j->arena, uuid)),
                           ROLE_EXACT);
        if (node_attr_is(hostdev, "type", "usb"))
                use_usb(j, uses, domain, source);
        if (node_attr_is(hostdev, "type", "scsi") || node_attr_is(hostdev, "type", "scsi_host"))
                use_scsi(j, uses, domain, source);
}

static void use_vdpa(struct judge *j, struct uses *uses, uint32_t domain,
                     const struct node *interface)
{
        const char *device = node_value(interface, "source", "dev");

        if (node_attr_is(interface, "type", "vdpa") && device)
                use_device(j, uses, domain, place_of(j, device).path, ROLE_EXACT);
}

static void use_drive(struct judge *j, struct uses *uses, uint32_t domain, const struct node *disk)
{
        const char *pci = device_pci(j, node_at(disk, "source/address"));

        if (node_attr_is(disk, "type", "nvme") && pci)
                use_device(j, uses, domain, arena_printf(&j->arena, "pci %s", pci), ROLE_DRIVE);
}

void check_dev_02(struct judge *j)
{
        struct uses uses = { 0 };

        each_pci(j, use_pci, &uses);
        EACH_DOMAIN(i, j)
        {
                NODE_EACH(hostdev, j->domains[i].devices, "hostdev")
                use_hostdev(j, &uses, i, hostdev);
                NODE_EACH(interface, j->domains[i].devices, "interface")
                use_vdpa(j, &uses, i, interface);
                NODE_EACH(disk, j->domains[i].devices, "disk")
                use_drive(j, &uses, i, disk);
        }
        for (size_t i = 0; i < uses.n; i++)
                judge_pass(j, uses.list[i].domain);
        uses_clusters(j, &uses, judge_device, NULL);
        uses_done(&uses);
}

/* ---- DEV-03 ---- */

void check_dev_03(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                NODE_EACH(hostdev, j->domains[i].devices, "hostdev")
                if (node_attr_is(hostdev, "type", "usb"))
                        judge_say(j, i, node_at(hostdev, "source/address"), "usb",
                                  N_("hostdev usb sans adresse"));
                if (node_child(j->domains[i].devices, "redirdev"))
                        judge_fail(j, i, "redirdev", N_("redirection USB"));
        }
}

/* ---- DEV-04, DEV-05 ---- */

static void count(_unused_ struct judge *j, _unused_ uint32_t domain, _unused_ const char *pci,
                  void *user)
{
        ++*(size_t *)user;
}

static size_t count_hostdevs(struct judge *j)
{
        size_t n = 0;

        each_pci(j, count, &n);
        EACH_DOMAIN(i, j)
        n += node_child(j->domains[i].devices, "hostdev") != NULL;
        return n;
}

static bool is_on(const char *text)
{
        return text && (*text == 'Y' || *text == 'y' || *text == '1');
}

#define UNSAFE "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
#define NOIOMMU "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

void check_dev_04(struct judge *j)
{
        const char *unsafe = host_text(j->host, UNSAFE),
                   *line = host_text(j->host, "/proc/cmdline");
        const char *acs = line ? strstr(line, "pcie_acs_override") : NULL;
        const char *noiommu = host_text(j->host, NOIOMMU);

        if (is_on(unsafe))
                judge_fail(j, JUDGE_HOST, UNSAFE, "Y");
        if (is_on(noiommu))
                judge_fail(j, JUDGE_HOST, NOIOMMU, "Y");
        if (conf_is_set(j->qemu_conf, "relaxed_acs_check"))
                judge_fail(j, JUDGE_HOST, "relaxed_acs_check",
                           "/etc/libvirt/qemu.conf relaxed_acs_check=1");
        if (acs && (acs == line || acs[-1] == ' '))
                judge_fail(j, JUDGE_HOST, "/proc/cmdline", "pcie_acs_override");
        if (!unsafe && !noiommu && !count_hostdevs(j))
                return;
        if (!unsafe || !line || !j->qemu_conf)
                judge_unknown(j, JUDGE_HOST,
                              N_("un réglage de vfio, de libvirt ou du noyau n'a pas été vu"));
        else
                judge_pass(j, JUDGE_HOST);
}

static void mark_group(void *user, _unused_ const char *path, _unused_ const char *content)
{
        *(bool *)user = true;
}

/* The kernel was started without one. */
static bool is_iommu_off(const char *line)
{
        static const char *const words[] = { "intel_iommu=off", "amd_iommu=off", "iommu=off" };

        for (size_t i = 0; line && i < ELEMENTSOF(words); i++)
                for (const char *at = line; (at = strstr(at, words[i])); at++)
                        if ((at == line || at[-1] == ' ') &&
                            strcspn(at, " ,\n") == strlen(words[i]))
                                return true;
        return false;
}

void check_dev_05(struct judge *j)
{
        const char *listed = host_text(j->host, "/sys/kernel/iommu_groups");
        bool any = listed && *listed;
        size_t n = 0;

        each_pci(j, count, &n);
        host_texts_under(j->host, "/sys/kernel/iommu_groups/", mark_group, &any);
        if (!n)
                return;
        if (any)
                judge_pass(j, JUDGE_HOST);
        else if (!listed && !is_iommu_off(host_text(j->host, "/proc/cmdline")))
                judge_unknown(j, JUDGE_HOST, N_("/sys/kernel/iommu_groups n'a pas été vu"));
        else
                judge_fail(
                        j, JUDGE_HOST, "/sys/kernel/iommu_groups",
                        N_("aucun groupe IOMMU, et des périphériques PCI confiés à des invités"));
}

/* ---- DEV-06 to DEV-08 ---- */

void check_dev_06(struct judge *j)
{
        static const struct rule rule = { .status = VG_ISO_FAIL,
                                          .conflicts = { 1 },
                                          .any_owner = true };
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        NODE_EACH(vsock, j->domains[i].devices, "vsock")
        {
                const struct node *cid = node_child(vsock, "cid");
                const char *address = node_attr(cid, "address");
                if (address && !node_attr_is(cid, "auto", "yes"))
                        uses_add(j, &uses,
                                 &(struct use){ .key = address,
                                                .name = arena_printf(&j->arena, "cid %s", address),
                                                .domain = i,
                                                .where = "vsock" });
        }
        uses_judge(j, &uses, &rule);
        uses_done(&uses);
}

static void use_tpm(struct judge *j, struct uses *uses, uint32_t domain, const char *path)
{
        if (!path)
                return;

        const struct place place = place_of(j, path);
        uses_add(j, uses,
                 &(struct use){ .key = place.key,
                                .name = place.path,
                                .domain = domain,
                                .where = arena_printf(&j->arena, "tpm %s", path) });
        if (!place.seen)
                judge_unknown(j, domain, N_("un chemin n'a pas été vu sur l'hôte"));
}

void check_dev_07(struct judge *j)
{
        struct uses uses = { 0 };

        EACH_DOMAIN(i, j)
        NODE_EACH(tpm, j->domains[i].devices, "tpm")
        {
                const struct node *backend = node_child(tpm, "backend");
                const struct tenant *tenant = j->domains[i].tenant;
                judge_pass(j, i);
                use_tpm(j, &uses, i, node_value(backend, "device", "path"));
                use_tpm(j, &uses, i, node_value(backend, "source", "path"));
                if (!j->reg)
                        judge_unknown(j, i, N_("tenants.json n'a pas été vu"));
                else if (tenant && tenant->encrypts_disk &&
                         node_attr_is(backend, "type", "emulator") &&
                         !node_child(backend, "encryption"))
                        judge_fail(j, i, "tpm",
                                   N_("le chiffrement est exigé; son état est en clair"));
        }
        uses_judge(j, &uses, &rule_any);
        uses_done(&uses);
}

enum { ROLE_SHARED, ROLE_OWN };

void check_dev_08(struct judge *j)
{
        static const struct rule rule = { .status = VG_ISO_FAIL, .conflicts = { 2, 3 } };
        struct devices devices;
        struct uses uses = { 0 };

        devices_read(j, &devices);
        EACH_DOMAIN(i, j)
        NODE_EACH(hostdev, j->domains[i].devices, "hostdev")
        {
                const char *uuid = node_value(hostdev, "source/address", "uuid");
                const char *parent =
                        uuid ? uses_look(&devices.parents, arena_lower(&j->arena, uuid)) : NULL;
                if (!node_attr_is(hostdev, "type", "mdev"))
                        continue;
                if (!parent || !j->reg)
                        judge_unknown(j, i,
                                      N_("le parent d'un périphérique à médiation (mdev) n'a pas "
                                         "été vu"));
                else
                        uses_add(
                                j, &uses,
                                &(struct use){ .key = parent,
                                               .name = parent,
                                               .domain = i,
                                               .role = is_dedicated(&j->domains[i]) ? ROLE_OWN
                                                                                    : ROLE_SHARED,
                                               .where = arena_printf(&j->arena, "mdev %s", uuid) });
        }
        uses_judge(j, &uses, &rule);
        uses_done(&uses);
        hostdevs_done(&devices);
}
