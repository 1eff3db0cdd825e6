/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/domxml.h"

#include <errno.h>
#include <string.h>

#include "hypervisor/facts.h"
#include "hypervisor/storekey.h"
#include "hypervisor/xml.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static bool attribute_is(xmlNode *node, const char *name, const char *wanted)
{
        _cleanup_free_ char *value = xml_attribute(node, name);

        return value && strcmp(value, wanted) == 0;
}

/* libvirt writes them in lower case with dashes; what is sorted and hashed later must be so. */
static bool is_uuid(const char *text)
{
        return strlen(text) == UUID_TEXT - 1 && strspn(text, "0123456789abcdef-") == UUID_TEXT - 1;
}

/* Who the tenant is, by the platform that made the domain. Each returns NULL where it did not. */
static char *hint_metadata(xmlNode *metadata, _unused_ const char *name)
{
        for (xmlNode *node = metadata->children; node; node = node->next)
                if (xml_is(node, "tenant") && xml_in_namespace(node, "urn:vigie:tenant:1"))
                        return xml_attribute(node, "id");
        return NULL;
}

static char *hint_nova(xmlNode *metadata, _unused_ const char *name)
{
        for (xmlNode *node = metadata->children; node; node = node->next)
                if (xml_is(node, "instance") &&
                    xml_in_namespace(node, "http://openstack.org/xmlns/libvirt/nova/"))
                        return xml_attribute(xml_child(xml_child(node, "owner"), "project"),
                                             "uuid");
        return NULL;
}

static char *hint_opennebula(xmlNode *metadata, _unused_ const char *name)
{
        for (xmlNode *node = metadata->children; node; node = node->next)
                if (xml_is(node, "vm") &&
                    xml_in_namespace(node, "http://opennebula.org/xmlns/libvirt/"))
                        return xml_content(xml_child(node, "gid"));
        return NULL;
}

/* KubeVirt names its domains <namespace>_<machine>, and a namespace holds no underscore. */
static char *hint_kubevirt(xmlNode *metadata, const char *name)
{
        for (xmlNode *node = metadata->children; node; node = node->next)
                if (xml_is(node, "kubevirt") && xml_in_namespace(node, "http://kubevirt.io")) {
                        const char *stop = strchr(name, '_');
                        return stop && stop != name ? strndup(name, (size_t)(stop - name)) : NULL;
                }
        return NULL;
}

static void read_hints(xmlNode *root, struct facts *facts)
{
        static char *(*const readers[])(xmlNode *, const char *) = {
                [HINT_KUBEVIRT] = hint_kubevirt,
                [HINT_METADATA] = hint_metadata,
                [HINT_NOVA] = hint_nova,
                [HINT_OPENNEBULA] = hint_opennebula,
        };
        xmlNode *metadata = xml_child(root, "metadata");

        for (size_t i = 0; metadata && i < ELEMENTSOF(readers); i++) {
                _cleanup_free_ char *value = readers[i](metadata, facts->name);
                if (value && *value && strlen(value) <= DOMXML_HINT_MAX)
                        facts->hints[i] = TAKE_PTR(value);
        }
}

/* The owner that libvirt gave the process, of "owner:group". */
static char *read_user(xmlNode *root)
{
        for (xmlNode *node = root->children; node; node = node->next) {
                if (!xml_is(node, "seclabel") || !attribute_is(node, "model", "dac"))
                        continue;
                _cleanup_free_ char *label = xml_content(xml_child(node, "label"));
                size_t n = label ? strcspn(label, ":") : 0;
                if (n)
                        return strndup(label, n);
        }
        return NULL;
}

/* libvirt writes KiB; another unit is not ours to guess at. */
static int read_kib(xmlNode *node, uint64_t *ret_kib)
{
        _cleanup_free_ char *unit = xml_attribute(node, "unit"), *text = xml_content(node);

        if (!text || (unit && strcmp(unit, "KiB") != 0))
                return -EINVAL;
        return vg_u64_parse(text, ret_kib);
}

static int read_vcpus(xmlNode *node, uint32_t *ret_vcpus)
{
        _cleanup_free_ char *current = xml_attribute(node, "current"), *most = xml_content(node);
        const char *text = current ? current : most;
        uint64_t n;

        if (!text || vg_u64_parse(text, &n) < 0 || n < 1 || n > 65536)
                return -EINVAL;
        *ret_vcpus = (uint32_t)n;
        return 0;
}

static bool is_writable(xmlNode *node)
{
        _cleanup_free_ char *device = xml_attribute(node, "device");
        const bool is_medium = device && strcmp(device, "cdrom") == 0;

        return !is_medium && !xml_child(node, "readonly");
}

/* Positive: nothing to bill (an empty drive, no target). */
static int read_disk(xmlNode *node, struct disk *disk)
{
        _cleanup_free_ char *type = xml_attribute(node, "type");
        xmlNode *source = xml_child(node, "source");

        disk->target = xml_attribute(xml_child(node, "target"), "dev");
        if (!type || !source || !disk->target || strlen(disk->target) > DOMXML_TARGET_MAX)
                return 1;
        disk->writable = is_writable(node);
        disk->alias = xml_attribute(xml_child(node, "alias"), "name");
        if (strcmp(type, "volume") == 0) {
                disk->pool = xml_attribute(source, "pool");
                disk->volume = xml_attribute(source, "volume");
        }
        return storekey_lexical(source, type, &disk->key, &disk->local);
}

static int read_disks(xmlNode *devices, struct facts *facts)
{
        for (xmlNode *node = devices->children; node; node = node->next) {
                if (!xml_is(node, "disk"))
                        continue;

                struct disk disk = { 0 };
                int r = read_disk(node, &disk);
                if (r == 0) {
                        facts->disks[facts->n_disks++] = disk;
                        continue;
                }
                free(disk.key);
                free(disk.target);
                free(disk.alias);
                free(disk.pool);
                free(disk.volume);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_nics(xmlNode *devices, struct facts *facts)
{
        for (xmlNode *node = devices->children; node; node = node->next) {
                if (!xml_is(node, "interface"))
                        continue;

                _cleanup_free_ char *mac = xml_attribute(xml_child(node, "mac"), "address");
                _cleanup_free_ char *target = xml_attribute(xml_child(node, "target"), "dev");
                const bool has_target = target && strlen(target) <= DOMXML_TARGET_MAX;
                /* A device passed through has no counter on this host. */
                if (!mac || attribute_is(node, "type", "hostdev"))
                        continue;

                struct nic nic = { .mac = strdup(mac),
                                   .target = strdup(has_target ? target : ""),
                                   .alias = xml_attribute(xml_child(node, "alias"), "name") };
                facts->nics[facts->n_nics++] = nic;
                if (!nic.mac || !nic.target)
                        return -ENOMEM;
        }
        return 0;
}

static int read_devices(xmlNode *root, struct facts *facts)
{
        xmlNode *devices = xml_child(root, "devices");
        size_t n_disks = 0, n_nics = 0;

        for (xmlNode *node = devices ? devices->children : NULL; node; node = node->next) {
                n_disks += xml_is(node, "disk");
                n_nics += xml_is(node, "interface");
        }
        if (n_disks > DOMXML_DEVICES_MAX || n_nics > DOMXML_DEVICES_MAX)
                return -EFBIG;
        facts->disks = calloc(n_disks + 1, sizeof(*facts->disks));
        facts->nics = calloc(n_nics + 1, sizeof(*facts->nics));
        if (!facts->disks || !facts->nics)
                return -ENOMEM;
        if (!devices)
                return 0;

        int r = read_disks(devices, facts);
        return r < 0 ? r : read_nics(devices, facts);
}

static int read_domain(xmlNode *root, struct facts *facts)
{
        _cleanup_free_ char *uuid = xml_content(xml_child(root, "uuid"));
        xmlNode *memory = xml_child(root, "currentMemory");

        facts->name = xml_content(xml_child(root, "name"));
        if (!xml_is(root, "domain") || !uuid || !is_uuid(uuid) || !facts->name)
                return -EINVAL;
        memcpy(facts->uuid, uuid, UUID_TEXT);

        int r = read_vcpus(xml_child(root, "vcpu"), &facts->vcpus);
        if (r == 0)
                r = read_kib(memory ? memory : xml_child(root, "memory"), &facts->memory_kib);
        if (r == 0)
                r = read_devices(root, facts);
        if (r < 0)
                return r;
        read_hints(root, facts);
        facts->qemu_user = read_user(root);
        facts_sort(facts);
        return 0;
}

int domxml_parse(const char *xml, size_t n, struct facts **ret_facts, struct vg_err *err)
{
        _cleanup_(facts_freep) struct facts *facts = calloc(1, sizeof(*facts));
        _cleanup_(xml_doc_freep) xmlDoc *doc = NULL;

        if (!facts)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (n > DOMXML_MAX)
                return vg_err_set(err, -EFBIG, "XML de domaine trop long : %zu octets", n);
        doc = xml_parse(xml, n);
        if (!doc)
                return vg_err_set(err, -EINVAL, "XML de domaine illisible");

        int r = read_domain(xmlDocGetRootElement(doc), facts);
        if (r < 0)
                return vg_err_set(err, r, "XML de domaine incomplet ou inattendu");
        *ret_facts = TAKE_PTR(facts);
        return 0;
}
