/* SPDX-License-Identifier: Apache-2.0 */

/* PCIe errors, arrays and network links. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs/room.h"
#include "os/lang.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static int tell(const struct sysfs *sysfs, const struct document *document,
                const struct vg_sighting *sighting)
{
        struct vg_sighting s = *sighting;

        s.path = document->path;
        return vg_round_add(sysfs->round, &s);
}

/* "TOTAL_ERR_FATAL 1", the last line of aer_dev_fatal. */
int sysfs_aer(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        static const struct {
                const char *name, *total, *code;
                enum vg_sight_health health;
        } rows[] = {
                { "aer_dev_correctable", "TOTAL_ERR_COR ", "", VG_HEALTH_OK },
                { "aer_dev_fatal", "TOTAL_ERR_FATAL ", "pcie.fatal", VG_HEALTH_CRITICAL },
                { "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL ", "pcie.nonfatal", VG_HEALTH_WARNING },
        };
        char address[64], value[32];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *total = strstr(document->bytes, rows[i].total);

                if (strcmp(rows[i].name, name) != 0 || !total)
                        continue;
                const int64_t count = number_at(total + strlen(rows[i].total));
                sysfs_part(document->path, 1, address, sizeof(address));
                snprintf(value, sizeof(value), "%lld", (long long)count);
                if (!*rows[i].code)
                        return count > 0 ? vg_round_note(sysfs->round,
                                                         _("pcie/%s : erreurs corrigées depuis le "
                                                           "démarrage : %s"),
                                                         address, value)
                                         : 0;
                return tell(sysfs, document,
                            &(struct vg_sighting){
                                    .kind = VG_SIGHT_COUNTER,
                                    .health = rows[i].health,
                                    .component = { .component_class = "pcie",
                                                   .location = address,
                                                   .device = address },
                                    .code = rows[i].code,
                                    .text = rows[i].name,
                                    .value = value,
                                    .threshold = "0",
                                    .threshold_from = "vigie",
                                    .count = count,
                            });
        }
        return 0;
}

/* block/md0/md/{array_state,degraded}, block/md0/md/dev-sdb/state */
int sysfs_md(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        const bool is_degraded = strcmp(name, "degraded") == 0;
        const bool is_state = strcmp(name, "array_state") == 0;
        char text[SYSFS_TEXT], holder[64], member[64], device[32];
        struct vg_sighting s = { .kind = VG_SIGHT_STATE, .health = VG_HEALTH_OK, .value = text };

        sysfs_part(document->path, 1, holder, sizeof(holder));
        sysfs_content(document, text);
        s.text = text;
        if (strcmp(holder, "md") == 0 && (is_degraded || is_state)) {
                sysfs_part(document->path, 2, member, sizeof(member));
                s.component = (struct vg_component){ .component_class = "volume",
                                                     .location = member,
                                                     .device = member };
                if (is_degraded && strcmp(text, "0") != 0) {
                        s.code = "volume.degraded";
                        s.health = VG_HEALTH_WARNING;
                        s.text = "degraded";
                } else if (is_state &&
                           (strcmp(text, "inactive") == 0 || strcmp(text, "broken") == 0)) {
                        s.code = "volume.failed";
                        s.health = VG_HEALTH_CRITICAL;
                }
                return tell(sysfs, document, &s);
        }
        if (!text_starts(holder, "dev-") || strcmp(name, "state") != 0 || !strstr(text, "faulty"))
                return 0;
        disk_of(holder + 4, device, sizeof(device));
        s.component = (struct vg_component){ .component_class = "drive",
                                             .location = *device ? device : holder + 4,
                                             .device = device };
        s.kind = VG_SIGHT_MENTION; /* a member that is well, or taken out, is not told of */
        s.code = "drive.failed";
        s.health = VG_HEALTH_CRITICAL;
        return tell(sysfs, document, &s);
}

/* ---- network ---- */

static bool is_card(const char *name)
{
        static const char *const starts[] = { "eth", "en", "em", "ib" };

        for (size_t i = 0; i < ELEMENTSOF(starts); i++)
                if (text_starts(name, starts[i]))
                        return !strchr(name, '.'); /* "eth0.100" is a network on it */
        return false;
}

/* Whether the interface is one of a bond's: class/net/BOND/bonding/slaves names it. */
static bool bond_of(const struct sysfs *sysfs, const char *name, char *bond, size_t size,
                    bool *ret_others)
{
        for (size_t i = 0; i < sysfs->documents->n; i++) {
                const struct document *document = &sysfs->documents->rows[i];
                char *words[32], text[SYSFS_TEXT], carrier[SYSFS_TEXT], path[512], *rest = text;
                size_t n = 0;
                bool is_ours = false;

                if (!strstr(document->path, "/bonding/slaves"))
                        continue;
                sysfs_content(document, text);
                for (char *at = strtok_r(text, " ", &rest); at && n < ELEMENTSOF(words);
                     at = strtok_r(NULL, " ", &rest))
                        words[n++] = at;
                *ret_others = false;
                for (size_t k = 0; k < n; k++) {
                        is_ours |= strcmp(words[k], name) == 0;
                        snprintf(path, sizeof(path), "sys/class/net/%s/x", words[k]);
                        *ret_others |= sysfs_beside(sysfs, path, "carrier", carrier) &&
                                       strcmp(carrier, "1") == 0;
                }
                if (is_ours) {
                        sysfs_part(document->path, 2, bond, size);
                        return true;
                }
        }
        return false;
}

/* Errors of the cable or of what is plugged in, not of what was sent. */
static int tell_errors(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], device[64];
        int64_t count;

        sysfs_part(document->path, 2, device, sizeof(device));
        if (!is_card(device) || vg_i64_parse(sysfs_content(document, text), &count) < 0)
                return 0;
        return tell(sysfs, document,
                    &(struct vg_sighting){
                            .kind = VG_SIGHT_COUNTER,
                            .health = VG_HEALTH_OK,
                            .component = { .component_class = "link",
                                           .location = device,
                                           .device = device },
                            .code = "link.degraded",
                            .text = name,
                            .value = text,
                            .threshold = "+10 / 24 h",
                            .threshold_from = "vigie",
                            .count = count,
                            .key = name,
                    });
}

int sysfs_net(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], device[64], address[SYSFS_TEXT], bond[64];
        struct vg_sighting s = { .kind = VG_SIGHT_STATE, .health = VG_HEALTH_OK, .value = text };
        bool others = false;

        if (strcmp(name, "rx_crc_errors") == 0 || strcmp(name, "tx_carrier_errors") == 0)
                return tell_errors(sysfs, document, name);
        sysfs_part(document->path, 1, device, sizeof(device));
        if (strcmp(name, "carrier") != 0 || !strstr(document->path, "/net/") || !is_card(device))
                return 0;
        sysfs_content(document, text);
        /* In a bond all bear one address; its own stands elsewhere then. */
        if (!sysfs_beside(sysfs, document->path, "bonding_slave/perm_hwaddr", address))
                sysfs_beside(sysfs, document->path, "address", address);
        s.component = (struct vg_component){
                .component_class = "link", .location = device, .device = device, .serial = address
        };
        s.text = strcmp(text, "1") == 0 ? "carrier" : "no carrier";
        if (strcmp(text, "1") == 0)
                return tell(sysfs, document, &s);
        if (!bond_of(sysfs, device, bond, sizeof(bond), &others)) {
                s.kind = VG_SIGHT_ABSENT; /* a fault only where there was a carrier before */
                s.health = VG_HEALTH_WARNING;
                return tell(sysfs, document, &s);
        }
        s.health = others ? VG_HEALTH_WARNING : VG_HEALTH_CRITICAL;
        s.code = others ? "link.down" : "link.bond-down";
        return tell(sysfs, document, &s);
}
