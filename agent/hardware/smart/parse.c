/* SPDX-License-Identifier: Apache-2.0 */

/* What `smartctl --json` said of drives, whatever they speak. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/parse.h"
#include "hardware/smart/drive.h"
#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* The folder of captures, and any other document that says that it is smartctl's or nvme-cli's. */
static bool may_be_ours(const struct document *document)
{
        const size_t n = strlen(document->path), head = document->n < 4096 ? document->n : 4096;

        if (n < 5 || strcasecmp(document->path + n - 5, ".json") != 0)
                return false;
        return text_starts(document->path, "smartctl/") ||
               (!text_starts(document->path, "redfish/") &&
                (memmem(document->bytes, head, "\"smartctl\"", 10) ||
                 memmem(document->bytes, head, "\"avail_spare\"", 13)));
}

static const char *first_message(const json_t *tree)
{
        const json_t *messages = member_path(tree, "smartctl.messages");
        const char *text = member_text(json_array_get(messages, 0), "string");

        return *text ? text : "no answer from the drive";
}

/* The names of a drive: its place behind a controller, else the host's name for it. */
static void name_drive(struct smart_drive *drive)
{
        const json_t *device = json_object_get(drive->tree, "device");
        const char *type = member_text(device, "type");
        const char *behind = strstr(type, "megaraid,");
        static const char *const controllers[] = { "megaraid,", "cciss,", "aacraid,",
                                                   "areca,",    "3ware,", "sssraid," };

        disk_of(member_text(device, "name"), drive->device, sizeof(drive->device));
        for (size_t i = 0; i < ELEMENTSOF(controllers) && !behind; i++)
                behind = strstr(type, controllers[i]);
        if (behind) {
                drive->device[0] = '\0'; /* that of the array */
                snprintf(drive->location, sizeof(drive->location), "%s", behind);
        } else if (*drive->device) {
                snprintf(drive->location, sizeof(drive->location), "%s", drive->device);
        } else {
                const char *slash = strrchr(drive->path, '/');
                const char *name = slash ? slash + 1 : drive->path;
                snprintf(drive->location, sizeof(drive->location), "%.*s", (int)strcspn(name, "."),
                         name);
        }
}

static void name_unit(struct smart_drive *drive)
{
        static const char *const models[] = { "model_name", "scsi_model_name", "scsi_product",
                                              "product" };
        static const char *const vendors[] = { "scsi_vendor", "vendor" };
        static const char *const firmwares[] = { "firmware_version", "scsi_revision", "revision" };
        const json_t *tree = drive->tree;
        struct vg_component *c = &drive->component;

        c->component_class = "drive";
        c->location = drive->location;
        c->device = drive->device;
        c->serial = member_text(tree, "serial_number");
        for (size_t i = 0; i < ELEMENTSOF(models) && (!c->model || !*c->model); i++)
                c->model = member_text(tree, models[i]);
        for (size_t i = 0; i < ELEMENTSOF(vendors) && (!c->manufacturer || !*c->manufacturer); i++)
                c->manufacturer = member_text(tree, vendors[i]);
        for (size_t i = 0; i < ELEMENTSOF(firmwares) && (!c->firmware || !*c->firmware); i++)
                c->firmware = member_text(tree, firmwares[i]);
}

int smart_bad(struct smart_drive *drive, const char *code, enum vg_sight_health health,
              const char *text, const char *value, const char *threshold, const char *from)
{
        const struct vg_sighting s = {
                .kind = VG_SIGHT_STATE,
                .health = health,
                .component = drive->component,
                .code = code,
                .text = text,
                .path = drive->path,
                .value = value,
                .threshold = threshold,
                .threshold_from = from,
                .key = text,
        };

        drive->is_bad = true;
        return vg_round_add(drive->round, &s);
}

int smart_count(struct smart_drive *drive, const char *code, bool at_once, const char *text,
                int64_t count)
{
        char value[32];
        const struct vg_sighting s = {
                .kind = VG_SIGHT_COUNTER,
                .health = at_once ? VG_HEALTH_WARNING : VG_HEALTH_OK,
                .component = drive->component,
                .code = code,
                .text = text,
                .path = drive->path,
                .value = value,
                .threshold = at_once ? "0" : "",
                .threshold_from = at_once ? "vigie" : "",
                .count = count,
                .key = text,
        };

        snprintf(value, sizeof(value), "%lld", (long long)count);
        if (count > 0 && !at_once) {
                int r = vg_round_note(drive->round, _("drive/%s : %s = %lld, à surveiller"),
                                      drive->location, text, (long long)count);
                if (r < 0)
                        return r;
        }
        return vg_round_add(drive->round, &s);
}

/* Bits 0 to 2 are errors of reading, 3 and 4 failures of the drive; the others say that counters
 * and logs deserve a look. */
static int judge_exit(struct smart_drive *drive, int64_t status)
{
        char value[32];
        int r = 0;

        snprintf(value, sizeof(value), "exit %lld", (long long)status);
        if (status & 0x08 && !drive->has_verdict)
                r = smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL, "SMART status: failing",
                              value, "", "");
        if (r == 0 && status & 0x10 && !drive->has_table)
                r = smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL,
                              "a pre-failure attribute is at its threshold", value, "", "");
        if (r == 0 && status & 0xc0)
                r = vg_round_note(
                        drive->round,
                        _("drive/%s : smartctl répond %lld, ses journaux contiennent des erreurs"),
                        drive->location, (long long)status);
        return r;
}

static int judge_verdict(struct smart_drive *drive)
{
        const json_t *status = json_object_get(drive->tree, "smart_status");
        const json_t *passed = json_object_get(status, "passed");
        const char *said = member_text(json_object_get(status, "scsi"), "ie_string");
        double bits;

        drive->has_verdict = json_is_boolean(passed);
        if (!json_is_false(passed) ||
            (member_number(json_object_get(status, "scsi"), "asc", &bits) && bits == 0x0b))
                return 0; /* 0x0b: a warning, which its own look tells */
        if (drive->is_nvme &&
            member_number(json_object_get(drive->tree, "nvme_smart_health_information_log"),
                          "critical_warning", &bits) &&
            bits != 0)
                return 0; /* the bits of its log say which */
        return smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL,
                         *said ? said : "SMART overall health: failed", "failed", "", "");
}

/* What newer versions of smartctl tell of any flash drive. */
static int judge_endurance(struct smart_drive *drive)
{
        const json_t *used = json_object_get(drive->tree, "endurance_used");
        const json_t *spare = json_object_get(drive->tree, "spare_available");
        char value[32], limit[32];
        double now, threshold;
        int r = 0;

        if (json_object_get(drive->tree, "nvme_smart_health_information_log"))
                return 0; /* its own log says it */
        if (member_number(used, "current_percent", &now) && now >= 100)
                r = smart_bad(drive, "drive.wear", VG_HEALTH_WARNING, "endurance used",
                              number_text(now, "%", value, sizeof(value)), "100 %", "ACS");
        if (r == 0 && member_number(spare, "current_percent", &now) &&
            member_number(spare, "threshold_percent", &threshold) && now < threshold)
                r = smart_bad(drive, "drive.failed", VG_HEALTH_CRITICAL, "available spare",
                              number_text(now, "%", value, sizeof(value)),
                              number_text(threshold, "%", limit, sizeof(limit)), "vendor");
        return r;
}

static int judge(struct smart_drive *drive)
{
        double status = 0;
        int r = judge_verdict(drive);

        if (r == 0)
                r = smart_ata(drive);
        if (r == 0)
                r = smart_nvme(drive);
        if (r == 0)
                r = smart_scsi(drive);
        if (r == 0)
                r = judge_endurance(drive);
        if (member_number(json_object_get(drive->tree, "smartctl"), "exit_status", &status) &&
            r == 0 && status >= 0 && status < 256)
                r = judge_exit(drive, (int64_t)status);
        return r;
}

static int tell_well(const struct smart_drive *drive)
{
        const struct vg_sighting s = {
                .kind = drive->has_verdict && !drive->is_bad ? VG_SIGHT_STATE : VG_SIGHT_PRESENT,
                .health = VG_HEALTH_OK,
                .component = drive->component,
                .text = "SMART overall health: passed",
                .path = drive->path,
        };

        return drive->is_bad ? 0 : vg_round_add(drive->round, &s);
}

/* It sleeps, so it is there; which unit it is, and how it is, nobody asked. */
static int tell_asleep(const struct smart_drive *drive)
{
        const struct vg_sighting s = {
                .kind = VG_SIGHT_PRESENT,
                .component = drive->component,
                .text = first_message(drive->tree),
                .path = drive->path,
        };
        int r = vg_round_note(drive->round, _("drive/%s : en veille, laissé ainsi"),
                              drive->location);

        return r < 0 ? r : vg_round_add(drive->round, &s);
}

/* Two answers under one name of the host are of two times or two hosts: their files tell them
 * apart. */
static void name_apart(struct smart_drive *drive)
{
        size_t n;
        const struct vg_sighting *seen = vg_round_sightings(drive->round, &n);
        const char *slash = strrchr(drive->path, '/');
        const char *file = slash ? slash + 1 : drive->path;

        for (size_t i = 0; i < n; i++) {
                if (strcmp(seen[i].component.location, drive->location) != 0)
                        continue;
                snprintf(drive->location, sizeof(drive->location), "%s (%.*s)",
                         *drive->device ? drive->device : "?",
                         (int)strcspn(file, ".") < 90 ? (int)strcspn(file, ".") : 90, file);
                drive->device[0] = '\0';
                return;
        }
}

static int read_drive(const json_t *tree, const char *path, struct vg_round *round)
{
        struct smart_drive drive = { .tree = tree, .path = path, .round = round };
        const char *protocol = member_text(json_object_get(tree, "device"), "protocol");
        int64_t standing = 0;
        double status = 0, at_s;
        int r;

        if (!json_is_object(json_object_get(tree, "device")))
                return json_object_get(tree, "devices") || !member_path(tree, "smartctl.messages")
                               ? 0 /* a list of devices */
                               : vg_round_unread(round, path, first_message(tree));
        name_drive(&drive);
        name_apart(&drive);
        name_unit(&drive);
        drive.is_nvme = strcmp(protocol, "NVMe") == 0;
        if (member_number(json_object_get(tree, "local_time"), "time_t", &at_s) && at_s > 0 &&
            at_s < 7e9 && (int64_t)at_s > vg_round_time(round))
                vg_round_set_time(round, (int64_t)at_s);
        member_number(json_object_get(tree, "smartctl"), "exit_status", &status);
        standing = status > 0 && status < 256 ? (int64_t)status : 0;
        if (text_has(first_message(tree), "STANDBY") || text_has(first_message(tree), "SLEEP"))
                return tell_asleep(&drive);
        r = judge(&drive);
        if (r == 0 && !drive.has_verdict && !drive.is_bad && !drive.has_log)
                r = vg_round_unread(round, path, first_message(tree));
        else if (r == 0 && standing & 0x03)
                r = vg_round_unread(round, path, first_message(tree));
        return r < 0 ? r : tell_well(&drive);
}

static int read_nvme_cli(const json_t *log, const char *path, struct vg_round *round)
{
        _cleanup_(vg_json_decrefp) json_t *tree = smart_of_nvme_cli(log, path);

        return tree ? read_drive(tree, path, round) : -ENOMEM;
}

int smart_parse(const struct documents *documents, struct vg_round *round)
{
        int r = 0;

        for (size_t i = 0; i < documents->n && r == 0; i++) {
                const struct document *document = &documents->rows[i];
                _cleanup_(vg_json_decrefp) json_t *tree = NULL;
                struct vg_err err = { 0 };

                if (!may_be_ours(document))
                        continue;
                if (foreign_json(document->bytes, document->n, &tree, &err) < 0)
                        r = vg_round_unread(round, document->path, vg_err_text(&err));
                else if (smart_is_nvme_cli(tree))
                        r = read_nvme_cli(tree, document->path, round);
                else
                        r = read_drive(tree, document->path, round);
        }
        return r;
}
