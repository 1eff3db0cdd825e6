/* SPDX-License-Identifier: Apache-2.0 */

/* Disks by the addresses under which lower layers speak of them. libata's ports are told apart in
 * two ways: their SCSI hosts and the ports themselves are announced in one order; and between an
 * exception of a port and the end of its handling, the disk that is named is the port's. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/kernel/rules.h"
#include "vigie/mem.h"

void kernel_hide_names(const char *message, bool is_rasdaemon, char *buf, size_t size)
{
        /* Of ext4 and btrfs, of the kernel that kills for a page, of NVIDIA's driver. What follows a
         * name may hold another, and a program may choose its own: all of it goes. */
        static const char *const before_names[] = {
                "comm ",    "path:", "path ", "name=", "pid=", "Killing ", "Sending SIGBUS to ",
                "process ",
        };
        const char *bracket = is_rasdaemon ? strchr(message, ']') : NULL;
        const char *from = bracket ? bracket + 1 : message, *end = from + strlen(from);

        for (size_t i = 0; i < ELEMENTSOF(before_names); i++) {
                const char *at = strstr(from, before_names[i]);
                if (at && at < end)
                        end = at;
        }
        text_trim(from, end, buf, size - sizeof("…"));
        if (*end)
                snprintf(buf + strlen(buf), sizeof("…"), "…");
}

static void keep(struct kernel_names *names, const char *address, const char *disk)
{
        struct kernel_name *row = NULL;

        for (size_t i = 0; i < names->n && !row; i++)
                if (strcmp(names->rows[i].address, address) == 0)
                        row = &names->rows[i];
        if (!row && names->n == KERNEL_NAMES_MAX)
                return;
        if (!row)
                row = &names->rows[names->n++];
        snprintf(row->address, sizeof(row->address), "%s", address);
        snprintf(row->disk, sizeof(row->disk), "%s", disk);
}

/* "scsi host2: ahci" and, after all hosts of a controller, "ata3: SATA max UDMA/133 …". */
static void learn_port(struct kernel_names *names, const char *message)
{
        static const char *const drivers[] = { ": ahci", ": ata_", ": sata_", ": pata_" };

        if (text_starts(message, "scsi host") && names->n_hosts < ELEMENTSOF(names->hosts) &&
            text_has_any(message, drivers, ELEMENTSOF(drivers)))
                names->hosts[names->n_hosts++] = (int)number_at(message + 9);
        if (text_starts(message, "ata") && isdigit((unsigned char)message[3]) &&
            (strstr(message, ": SATA max ") || strstr(message, ": PATA max ")) &&
            names->n_ports < ELEMENTSOF(names->ports))
                names->ports[names->n_ports++] = (int)number_at(message + 3);
}

/* "sd 2:0:0:0: [sdc] …" */
static void learn_disk(struct kernel_names *names, const char *message)
{
        char address[24], name[64], disk[32], port[24];

        if (!text_starts(message, "sd ") || !isdigit((unsigned char)message[3]))
                return;
        kernel_between(message, "sd ", " ", address, sizeof(address));
        kernel_between(message, "[", "]", name, sizeof(name));
        disk_of(name, disk, sizeof(disk));
        if (!*disk || !*address)
                return;
        address[strlen(address) - 1] = '\0'; /* its colon */
        keep(names, address, disk);
        if (*names->ata)
                keep(names, names->ata, disk);
        const int host = (int)number_at(address);
        const char *target = strchr(address, ':');
        target = target ? strchr(target + 1, ':') : NULL;
        for (size_t i = 0; target && i < names->n_hosts && i < names->n_ports; i++)
                if (names->hosts[i] == host) {
                        snprintf(port, sizeof(port), "ata%d.%02d", names->ports[i],
                                 (int)(number_at(target + 1) % 100));
                        keep(names, port, disk);
                }
}

void kernel_names_follow(struct kernel_names *names, const char *message)
{
        char port[16];

        if (!text_starts(message, "ata") || !isdigit((unsigned char)message[3]))
                return;
        kernel_between(message, "", ":", port, sizeof(port));
        if (strstr(message, ": exception Emask") && strchr(port, '.'))
                snprintf(names->ata, sizeof(names->ata), "%s", port);
        else if (strstr(message, ": EH complete"))
                names->ata[0] = '\0';
}

void kernel_names_learn(struct kernel_names *names, const char *message)
{
        kernel_names_follow(names, message);
        learn_port(names, message);
        learn_disk(names, message);
}

/* "…/ata3/host2/target2:0:0/2:0:0:0/block/sdc"; behind a port multiplier the channel says which. */
void kernel_names_learn_link(struct kernel_names *names, const char *disk, const char *link)
{
        const char *ata = strstr(link, "/ata"), *at = strstr(link, "/target");
        char address[24];

        at = at ? strchr(at + 1, '/') : NULL;
        if (!at || !isdigit((unsigned char)at[1]))
                return;
        text_trim(at + 1, at + 1 + strcspn(at + 1, "/"), address, sizeof(address));
        keep(names, address, disk);

        const char *channel = strchr(address, ':'), *id = channel ? strchr(channel + 1, ':') : NULL;
        if (!ata || !isdigit((unsigned char)ata[4]) || !id)
                return;
        const int number = (int)(number_at(channel + 1) ?: number_at(id + 1));
        snprintf(address, sizeof(address), "ata%d.%02d", (int)(number_at(ata + 4) % 100000),
                 number % 100);
        keep(names, address, disk);
}

void kernel_names_use(const struct kernel_names *names, struct kernel_finding *f)
{
        if (strcmp(f->component_class, "drive") != 0 || *f->device)
                return;
        for (size_t i = 0; i < names->n; i++) {
                if (strcmp(names->rows[i].address, f->location) != 0)
                        continue;
                snprintf(f->location, sizeof(f->location), "%s", names->rows[i].disk);
                snprintf(f->device, sizeof(f->device), "%s", names->rows[i].disk);
                return;
        }
}
