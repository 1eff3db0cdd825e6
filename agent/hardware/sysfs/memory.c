/* SPDX-License-Identifier: Apache-2.0 */

/* EDAC counters of memory errors, and throttling of processors. */

#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/sysfs/room.h"
#include "os/lang.h"
#include "vigie/mem.h"
#include "vigie/num.h"

static int tell_count(const struct sysfs *sysfs, const struct document *document,
                      const char *component_class, const char *location, const char *code,
                      bool at_once, int64_t count)
{
        char value[32];
        const struct vg_sighting s = {
                .kind = VG_SIGHT_COUNTER,
                .health = at_once ? VG_HEALTH_CRITICAL : VG_HEALTH_OK,
                .component = { .component_class = component_class, .location = location },
                .code = code,
                .text = document->path,
                .path = document->path,
                .value = value,
                .threshold = at_once ? "0" : "",
                .threshold_from = at_once ? "vigie" : "",
                .count = count,
                .key = document->path,
        };

        snprintf(value, sizeof(value), "%lld", (long long)count);
        if (count > 0 && !at_once) {
                int r = vg_round_note(sysfs->round, _("%s/%s : %s = %lld, à surveiller"),
                                      component_class, location, document->path, (long long)count);
                if (r < 0)
                        return r;
        }
        return vg_round_add(sysfs->round, &s);
}

/* Totals of a controller count what its modules count too. */
static bool has_modules(const struct sysfs *sysfs, const char *path)
{
        const char *slash = strrchr(path, '/');
        char prefix[512];

        snprintf(prefix, sizeof(prefix), "%.*s/dimm", (int)(slash - path), path);
        for (size_t i = 0; i < sysfs->documents->n; i++)
                if (text_starts(sysfs->documents->rows[i].path, prefix))
                        return true;
        snprintf(prefix, sizeof(prefix), "%.*s/csrow", (int)(slash - path), path);
        for (size_t i = 0; i < sysfs->documents->n; i++)
                if (text_starts(sysfs->documents->rows[i].path, prefix))
                        return true;
        return false;
}

int sysfs_edac(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        static const struct {
                const char *name, *label; /* the file with the module's name; "" none */
                const char *code;
                bool at_once;
        } rows[] = {
                { "dimm_ue_count", "dimm_label", "dimm.uncorrected", true },
                { "dimm_ce_count", "dimm_label", "", false },
                { "ue_count", "", "dimm.uncorrected", true },
                { "ce_count", "", "", false },
                { "ue_noinfo_count", "", "dimm.uncorrected", true },
        };
        char text[SYSFS_TEXT], label[SYSFS_TEXT], parent[64], above[64];
        int64_t count;

        if (!strstr(document->path, "/edac/mc/"))
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (strcmp(rows[i].name, name) != 0)
                        continue;
                sysfs_part(document->path, 1, parent, sizeof(parent));
                sysfs_part(document->path, 2, above, sizeof(above));
                const bool is_total = text_starts(parent, "mc");
                if (vg_i64_parse(sysfs_content(document, text), &count) < 0 ||
                    (is_total && strcmp(name, "ue_noinfo_count") != 0 &&
                     has_modules(sysfs, document->path)))
                        return 0;
                if (text_starts(parent, "csrow") && strstr(name, "ce_"))
                        return 0;
                if (!*rows[i].label || !sysfs_beside(sysfs, document->path, rows[i].label, label))
                        snprintf(label, sizeof(label), "%s%s%s", is_total ? "" : above,
                                 is_total ? "" : " ", parent);
                if (*rows[i].code)
                        return tell_count(sysfs, document, "dimm", label, rows[i].code, true,
                                          count);
                /* No rate can be told from one look: the kernel's log has the times. */
                return count > 0 ? vg_round_note(sysfs->round,
                                                 _("dimm/%s : erreurs corrigées depuis le "
                                                   "démarrage : %lld"),
                                                 label, (long long)count)
                                 : 0;
        }
        return 0;
}

/* Each logical processor counts: one fault of the package, with a claim for each. */
int sysfs_throttle(const struct sysfs *sysfs, const struct document *document, const char *name)
{
        char text[SYSFS_TEXT], package[SYSFS_TEXT], path[512], location[SYSFS_TEXT + 16] = "cpu";
        const char *folder = strstr(document->path, "/thermal_throttle/");
        int64_t count;

        if (strcmp(name, "core_throttle_count") != 0 && strcmp(name, "package_throttle_count") != 0)
                return 0;
        if (!folder || vg_i64_parse(sysfs_content(document, text), &count) < 0)
                return 0;
        snprintf(path, sizeof(path), "%.*s/topology/x", (int)(folder - document->path),
                 document->path);
        if (sysfs_beside(sysfs, path, "physical_package_id", package))
                snprintf(location, sizeof(location), "package %s", package);
        return tell_count(sysfs, document, "cpu", location, "cpu.throttled", false, count);
}
