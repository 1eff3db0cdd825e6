/* SPDX-License-Identifier: Apache-2.0 */

/* Disks that the kernel shows: NVMe controllers, and SATA and SAS disks by class/block/sda, whose
 * document is where that link leads. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs.h"
#include "hardware/sysfs/room.h"
#include "vigie/mem.h"

bool sysfs_is_fixed(const char *link, const char *removable)
{
        /* What is plugged in by hand or shown by the BMC (USB), or lives elsewhere (iSCSI, Fibre
         * Channel, kernel's own): it may go without a word. */
        static const char *const others[] = { "/usb", "/fw", "/session", "/rport-", "/virtual/" };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (strstr(link, others[i]))
                        return false;
        return *link && removable[0] == '0';
}

int sysfs_nvme(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], device[64], model[SYSFS_TEXT], serial[SYSFS_TEXT], fw[SYSFS_TEXT];
        struct vg_sighting s = {
                .kind = VG_SIGHT_PRESENT, .text = text, .value = text, .path = document->path
        };

        sysfs_part(document->path, 1, device, sizeof(device));
        if (strcmp(name, "state") != 0 || !text_starts(device, "nvme") || strchr(device + 4, 'n'))
                return 0;
        sysfs_beside(sysfs, document->path, "model", model);
        sysfs_beside(sysfs, document->path, "serial", serial);
        sysfs_beside(sysfs, document->path, "firmware_rev", fw);
        s.component = (struct vg_component){ .component_class = "drive",
                                             .location = device,
                                             .device = device,
                                             .model = model,
                                             .serial = serial,
                                             .firmware = fw };
        sysfs_content(document, text); /* "live" is said of dead ones too: it proves nothing */
        if (strcmp(text, "dead") == 0) {
                s.kind = VG_SIGHT_STATE;
                s.health = VG_HEALTH_CRITICAL;
                s.code = "drive.failed";
        }
        return vg_round_add(sysfs->round, &s);
}

/* ---- SATA and SAS ---- */

struct unit {
        char model[SYSFS_TEXT], vendor[SYSFS_TEXT], serial[SYSFS_TEXT], firmware[SYSFS_TEXT];
};

static const struct document *page_of(const struct sysfs *sysfs, const char *disk, const char *page)
{
        char path[128];

        snprintf(path, sizeof(path), "sys/block/%s/device/%s", disk, page);
        return documents_find(sysfs->documents, path);
}

/* Text of IDENTIFY DEVICE (ACS): two characters a word, the first in its high byte. */
static void ata_text(const struct document *page, size_t word, size_t n_words, char *buf)
{
        enum { IDENTIFY_AT = 60 };
        char text[64];
        size_t n = 0;

        for (size_t i = 0; i < n_words; i++) {
                const char *at = page->bytes + IDENTIFY_AT + 2 * (word + i);
                text[n++] = at[1];
                text[n++] = at[0];
        }
        text_trim(text, text + n, buf, SYSFS_TEXT);
}

/* INQUIRY cuts a SATA disk's model and firmware short; page 89h (SAT) has them whole. Page 80h: four
 * bytes, then the serial (SPC). The kernel keeps both: no disk is asked. */
static void name_unit(const struct sysfs *sysfs, const char *disk, struct unit *unit)
{
        enum { HEAD = 4, IDENTIFY_END = 60 + 2 * 47 };
        const struct document *serial = page_of(sysfs, disk, "vpd_pg80");
        const struct document *ata = page_of(sysfs, disk, "vpd_pg89");
        char path[128];

        snprintf(path, sizeof(path), "sys/block/%s/device/state", disk);
        sysfs_beside(sysfs, path, "vendor", unit->vendor);
        if (serial && serial->n > HEAD)
                text_trim(serial->bytes + HEAD, serial->bytes + serial->n, unit->serial,
                          sizeof(unit->serial));
        if (ata && ata->n >= IDENTIFY_END) {
                ata_text(ata, 10, 10, unit->serial);
                ata_text(ata, 23, 4, unit->firmware);
                ata_text(ata, 27, 20, unit->model);
        } else if (strcmp(unit->vendor, "ATA") != 0) {
                sysfs_beside(sysfs, path, "model", unit->model);
                sysfs_beside(sysfs, path, "rev", unit->firmware);
        }
        if (strcmp(unit->vendor, "ATA") == 0)
                unit->vendor[0] = '\0'; /* who translates, not who made it */
}

static int tell_disk(const struct sysfs *sysfs, const char *disk, const char *path, bool is_offline)
{
        struct unit unit = { 0 };

        name_unit(sysfs, disk, &unit);
        return vg_round_add(sysfs->round,
                            &(struct vg_sighting){
                                    .kind = is_offline ? VG_SIGHT_MENTION : VG_SIGHT_PRESENT,
                                    .health = is_offline ? VG_HEALTH_CRITICAL : VG_HEALTH_UNKNOWN,
                                    .component = { .component_class = "drive",
                                                   .location = disk,
                                                   .device = disk,
                                                   .manufacturer = unit.vendor,
                                                   .model = unit.model,
                                                   .serial = unit.serial,
                                                   .firmware = unit.firmware },
                                    .code = is_offline ? "drive.failed" : "",
                                    .path = path,
                                    .text = is_offline ? "offline" : "present",
                                    .value = is_offline ? "offline" : "present",
                            });
}

/* block/sda/device/state: the kernel gave the disk up. */
static int tell_state(const struct sysfs *sysfs, const struct document *document)
{
        char text[SYSFS_TEXT], holder[64], block[64], device[32];

        sysfs_part(document->path, 1, holder, sizeof(holder));
        sysfs_part(document->path, 2, block, sizeof(block));
        disk_of(block, device, sizeof(device));
        if (strcmp(holder, "device") != 0 || !*device ||
            strcmp(sysfs_content(document, text), "offline") != 0)
                return 0;
        return tell_disk(sysfs, device, document->path, true);
}

int sysfs_scsi(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char link[512], path[128], removable[SYSFS_TEXT];

        if (strcmp(name, "state") == 0)
                return tell_state(sysfs, document);
        if (!text_starts(document->path, "sys/class/block/sd"))
                return 0;
        snprintf(link, sizeof(link), "%s", document->bytes);
        snprintf(path, sizeof(path), "sys/block/%.32s/size", name);
        sysfs_beside(sysfs, path, "removable", removable);
        return sysfs_is_fixed(link, removable) ? tell_disk(sysfs, name, document->path, false) : 0;
}
