/* SPDX-License-Identifier: Apache-2.0 */

/* smart: what disks say of themselves, through smartctl, one disk at a time. A disk that sleeps is
 * left asleep. A smartctl that hangs in the kernel on a dead disk is left behind, and said. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/runner.h"
#include "hardware/sysfs.h"
#include "os/lang.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { DISKS_MAX = 512, SCAN_S = 30, DISK_S = 60, OUT_MAX = 2 << 20, PATIENCE_S = 900 };

struct smart {
        struct source *source;
        json_t *scan; /* what smartctl --scan answered */
        size_t at;    /* the disk that is being read */
};

static void read_next(struct smart *smart);

static uint32_t interval_s(const struct vg_settings *settings)
{
        return settings->hardware_smart_interval_s;
}

static const json_t *disk(const struct smart *smart)
{
        return json_array_get(json_object_get(smart->scan, "devices"), smart->at);
}

/* "/dev/sda" of type "megaraid,3" is kept as smartctl/sda-megaraid_3.json. */
static void path_of(const char *name, const char *type, char *path, size_t size)
{
        const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
        const bool numbered = strchr(type, ',') != NULL;

        snprintf(path, size, "smartctl/%s%s%s.json", base, numbered ? "-" : "",
                 numbered ? type : "");
        for (char *c = path; *c; c++)
                if (*c == ',' || *c == ' ')
                        *c = '_';
}

static void take_disk(struct smart *smart, const struct run_answer *answer)
{
        struct source *source = smart->source;
        const char *name = "", *type = "";
        char path[256];

        (void)vg_json_get_string(disk(smart), "name", &name);
        (void)vg_json_get_string(disk(smart), "type", &type);
        path_of(name, type, path, sizeof(path));
        if (answer->r == -ETIMEDOUT)
                source_unread(source, name, _("smartctl ne finit pas; la suite se passe de lui"));
        else if (answer->r < 0 || !answer->n)
                source_unread(source, name,
                              *answer->said ? answer->said : _("smartctl ne dit rien"));
        else if (documents_put(&source->documents, path, answer->out, answer->n) < 0)
                source_unread(source, name, _("réponse démesurée"));
}

static void on_disk(void *user, const struct run_answer *answer)
{
        struct smart *smart = user;

        take_disk(smart, answer);
        smart->at++;
        read_next(smart);
}

/* What is asked of a disk adds no entry to its own error log: NVMe counts every command that it
 * does not know. */
static int start_disk(struct smart *smart, const char *name, const char *type, struct vg_err *err)
{
        const bool is_nvme = strcmp(type, "nvme") == 0;
        const char *argv[] = { "smartctl", "--json=c", "-n", "standby", "-i", "-H", "-A",
                               "-d",       type,       name, NULL,      NULL, NULL };
        char key[256];

        if (!is_nvme) {
                argv[10] = "-l";
                argv[11] = "error";
        }
        snprintf(key, sizeof(key), "smart:%s:%s", name, type);

        const struct run_request request = {
                .key = key,
                .argv = argv,
                .deadline_s = DISK_S,
                .out_max = OUT_MAX,
                .done = on_disk,
                .user = smart,
        };
        return runner_start(smart->source->hardware->runner, &request, err);
}

/* A USB stick or a disk that the BMC shows comes and goes, and is nobody's fault. */
static bool is_ours(const struct smart *smart, const char *name)
{
        const char *base = strrchr(name, '/') + 1;

        return !text_starts(base, "sd") || sysfs_disk_is_fixed(smart->source->hardware->root, base);
}

static void read_next(struct smart *smart)
{
        const json_t *devices = json_object_get(smart->scan, "devices");

        for (; smart->at < json_array_size(devices) && smart->at < DISKS_MAX; smart->at++) {
                const char *name, *type;
                struct vg_err err = { 0 };
                if (vg_json_get_string(disk(smart), "name", &name) < 0 ||
                    vg_json_get_string(disk(smart), "type", &type) < 0 || name[0] != '/' ||
                    !is_ours(smart, name))
                        continue;
                if (start_disk(smart, name, type, &err) == 0)
                        return;
                source_unread(smart->source, name, vg_err_text(&err));
        }
        source_end(smart->source, 0, "");
}

static void on_scan(void *user, const struct run_answer *answer)
{
        struct smart *smart = user;

        json_decref(smart->scan);
        smart->scan = json_loadb(answer->out, answer->n, 0, NULL);
        smart->at = 0;
        if (answer->r < 0 || !smart->scan)
                source_end(smart->source, answer->r < 0 ? answer->r : -EPROTO,
                           *answer->said ? answer->said : _("smartctl ne trouve pas les disques"));
        else
                read_next(smart);
}

static void look(struct source *source)
{
        struct smart *smart = source->state;
        struct vg_err err = { 0 };
        const struct run_request request = {
                .key = "smart:scan",
                .argv = (const char *const[]){ "smartctl", "--json=c", "--scan", NULL },
                .deadline_s = SCAN_S,
                .out_max = OUT_MAX,
                .done = on_scan,
                .user = smart,
        };
        int r = runner_start(source->hardware->runner, &request, &err);

        if (r < 0)
                source_end(source, r, vg_err_text(&err));
}

static int start(struct source *source, struct vg_err *err)
{
        struct smart *smart = calloc(1, sizeof(*smart));

        if (!smart)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        smart->source = source;
        source->state = smart;
        return 0;
}

static void free_smart(struct source *source)
{
        json_decref(((struct smart *)source->state)->scan);
        free(source->state);
}

static const char *const subsystems[] = { "nvme", "scsi_device", NULL };

const struct vg_source vg_source_smart = {
        .name = "smart",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .waits_for_boot = true,
        .subsystems = subsystems,
        .start = start,
        .look = look,
        .free = free_smart,
        .parse = smart_parse,
};
