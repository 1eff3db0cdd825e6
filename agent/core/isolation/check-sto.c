/* SPDX-License-Identifier: Apache-2.0 */

/* check-sto: disks: one object under two tenants (STO-01 to 03), in clear (05), with raw commands
 * (08), or open to others (09). */

#include <stdlib.h>
#include <string.h>

#include "storage.h"
#include "vigie/mem.h"

enum { READS = 1 << ROLE_READS, WRITES = 1 << ROLE_WRITES, CHAIN = 1 << ROLE_CHAIN };

static const struct rule rule_same = {
        .status = VG_ISO_FAIL,
        .conflicts = { [ROLE_READS] = WRITES, [ROLE_WRITES] = READS | WRITES },
};
static const struct rule rule_beneath = {
        .status = VG_ISO_FAIL,
        .conflicts = { [ROLE_WRITES] = CHAIN, [ROLE_CHAIN] = WRITES },
};
static const struct rule rule_read = {
        .status = VG_ISO_FAIL,
        .conflicts = { [ROLE_READS] = READS | CHAIN, [ROLE_CHAIN] = READS | CHAIN },
};
static const struct rule rule_loose = {
        .status = VG_ISO_UNKNOWN,
        .conflicts = { [ROLE_HOSTED] = 1 << ROLE_HOSTLESS, [ROLE_HOSTLESS] = 1 << ROLE_HOSTED },
        .why = N_("même objet réseau, par des hôtes nommés et par ceux par défaut"),
};

static void judge_objects(struct judge *j, cluster_fn *fn)
{
        const struct storage *storage = j->storage;

        for (size_t i = 0; i < storage->uses.n; i++)
                judge_pass(j, storage->uses.list[i].domain);
        EACH_DOMAIN(i, j)
        if (storage->unseen[i])
                judge_unknown(j, i, storage->unseen[i]);
        uses_clusters(j, &j->storage->uses, fn, NULL);
}

static void judge_same(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        cluster_judge(j, cluster, n, &rule_same, VG_ISO_CRITICAL);
        cluster_judge(j, cluster, n, &rule_loose, VG_ISO_CRITICAL);
}

void check_sto_01(struct judge *j)
{
        judge_objects(j, judge_same);
}

/* What a domain has as a disk of its own is no mere link of its chain: that is STO-01's. */
static void judge_beneath(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        _cleanup_free_ struct use *kept = calloc(n, sizeof(*kept));
        uint32_t on_top = UINT32_MAX;
        size_t k = 0;

        j->failed |= !kept;
        for (size_t i = 0; kept && i < n; i++) { /* of a domain the chain comes last */
                if (cluster[i].role != ROLE_CHAIN)
                        on_top = cluster[i].domain;
                if (cluster[i].role != ROLE_CHAIN || cluster[i].domain != on_top)
                        kept[k++] = cluster[i];
        }
        if (k)
                cluster_judge(j, kept, k, &rule_beneath, VG_ISO_CRITICAL);
}

void check_sto_02(struct judge *j)
{
        judge_objects(j, judge_beneath);
}

/* part is a path, where links led, or "rbd:pool/image": a prefix may leave the protocol out. */
static bool is_public(struct judge *j, const struct use *use)
{
        const char *colon = *use->part != '/' ? strchr(use->part, ':') : NULL;

        for (size_t i = 0; j->reg && i < j->reg->images.n; i++) {
                const char *prefix = j->reg->images.at[i];
                if (path_is_under(use->part, prefix) ||
                    (colon && path_is_under(colon + 1, prefix)) ||
                    (*prefix == '/' && path_is_under(use->part, place_of(j, prefix).path)))
                        return true;
        }
        return false;
}

static void judge_read(struct judge *j, const struct use *cluster, size_t n, _unused_ void *user)
{
        for (size_t i = 0; i < n; i++)
                if (cluster[i].role == ROLE_WRITES || is_public(j, &cluster[i]))
                        return;
        cluster_judge(j, cluster, n, &rule_read, VG_ISO_LOW);
}

void check_sto_03(struct judge *j)
{
        for (size_t i = 0; j->reg && i < j->reg->images.n; i++)
                if (*j->reg->images.at[i] == '/')
                        (void)place_of(j, j->reg->images.at[i]); /* worth looking at */
        judge_objects(j, judge_read);
}

/* ---- STO-05 ---- */

static bool is_encrypted(const struct disk *disk)
{
        return node_at(disk->xml, "source/encryption") || node_child(disk->xml, "encryption") ||
               node_at(disk->volume, "target/encryption") ||
               (disk->place.fact && disk->place.fact->crypt == 1);
}

/* A disk, a partition or a drive: no device-mapper, and so nothing that encrypts under it. */
static bool is_plain_device(const char *path)
{
        static const char *const prefixes[] = { "/dev/sd",   "/dev/vd",  "/dev/hd",
                                                "/dev/nvme", "/dev/xvd", "/dev/loop" };

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

/* Whether what lies under the disk may still encrypt it. */
static bool may_be_encrypted(const struct disk *disk)
{
        if (!*disk->place.path || (disk->place.fact && disk->place.fact->crypt == 0))
                return false;
        return !is_plain_device(disk->place.path);
}

void check_sto_05(struct judge *j)
{
        for (size_t i = 0; i < j->storage->n_disks; i++) {
                const struct disk *disk = &j->storage->disks[i];
                const struct tenant *tenant = j->domains[disk->domain].tenant;
                const char *device = node_attr(disk->xml, "device");
                if (!j->reg)
                        judge_unknown(j, disk->domain, N_("tenants.json n'a pas été vu"));
                if (!tenant || !tenant->encrypts_disk || !disk->writes ||
                    (device && strcmp(device, "disk") != 0))
                        continue;
                if (is_encrypted(disk))
                        judge_pass(j, disk->domain);
                else if (may_be_encrypted(disk))
                        judge_unknown(
                                j, disk->domain,
                                N_("le chiffrement de l'appareil sous l'image n'a pas été vu"));
                else
                        judge_fail(j, disk->domain, disk->place.path, disk->where);
        }
}

/* ---- STO-08 ---- */

static void judge_raw(struct judge *j, uint32_t domain, const char *kind)
{
        NODE_EACH(device, j->domains[domain].devices, kind)
        {
                if (node_attr_is(device, "rawio", "yes"))
                        judge_fail(j, domain, kind, "rawio=yes");
                if (node_attr_is(device, "sgio", "unfiltered"))
                        judge_fail(j, domain, kind, "sgio=unfiltered");
                judge_pass(j, domain);
        }
}

void check_sto_08(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                judge_raw(j, i, "disk");
                judge_raw(j, i, "hostdev");
        }
}

/* ---- STO-09 ---- */

static int read_mode(const struct node *document)
{
        const char *text = node_text(document, "target/permissions/mode");
        char *end;
        const long long mode = strtoll(text, &end, 8);

        return end == text || *end || mode < 0 || mode > 07777 ? -1 : (int)mode;
}

void check_sto_09(struct judge *j)
{
        for (size_t i = 0; i < j->storage->n_disks; i++) {
                const struct disk *disk = &j->storage->disks[i];
                const struct path_fact *fact = disk->place.fact;
                const int folder = read_mode(disk->pool);
                const int mode = fact && fact->mode >= 0 ? fact->mode : read_mode(disk->volume);
                int open = fact && fact->open >= 0 ? (int)fact->open : -1;

                if (!*disk->place.path || strcmp(disk->type, "block") == 0)
                        continue;
                if (open < 0 && folder >= 0)
                        open = folder & 1;
                if (mode >= 0 && (!(mode & 06) || open == 0))
                        judge_pass(j, disk->domain);
                else if (mode < 0 || open < 0)
                        judge_unknown(j, disk->domain,
                                      N_("les permissions d'une image n'ont pas été vues"));
                else
                        judge_fail(j, disk->domain, disk->place.path,
                                   arena_printf(&j->arena, "%s: mode %04o", disk->where,
                                                (unsigned)mode));
        }
}
