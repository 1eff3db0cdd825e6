/* SPDX-License-Identifier: Apache-2.0 */

/* Logs of the kernel into events. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/kernel/line.h"
#include "hardware/kernel/rules.h"
#include "hardware/parse.h"
#include "os/lang.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { FINDINGS_MAX = 20000 }; /* of one log; what is beyond is counted and told */

/* Folders whose texts belong to others. */
static bool may_be_ours(const struct document *document)
{
        static const char *const others[] = { "redfish/", "smartctl/", "ipmi/",
                                              "raid/",    "sys/",      "proc/" };
        const size_t n = strlen(document->path);

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (text_starts(document->path, others[i]))
                        return false;
        if (n > 5 && strcmp(document->path + n - 5, ".json") == 0 &&
            !memmem(document->bytes, document->n, "_TRANSPORT", 10))
                return false;
        return text_starts(document->path, "kernel") ||
               kernel_log_is(document->bytes, document->n) ||
               kernel_ras_is(document->bytes, document->n);
}

static struct kernel_clock clock_of(const struct documents *documents)
{
        const struct document *capture = documents_find(documents, "capture.json");
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct kernel_clock clock = { 0 };

        if (!capture || foreign_json(capture->bytes, capture->n, &tree, NULL) < 0)
                return clock;
        if (time_parse(member_text(tree, "captured_at"), &clock.captured_s) < 0)
                clock.captured_s = 0;
        if (time_parse(member_text(tree, "boot_time"), &clock.boot_s) < 0)
                clock.boot_s = 0;
        return clock;
}

struct reading {
        const struct documents *documents;
        const struct document *document;
        struct vg_round *round;
        struct kernel_names names;
        struct kernel_ghes ghes;
        struct kernel_mce mce;
        struct kernel_ras ras;
        bool has_edac, has_ghes, has_ghes_edac;
        struct kernel_joins joins;
        enum kernel_program program; /* whose line is being read */
        size_t n;
        int64_t last_s;
};

/* Codes of which each bucket is a claim of its own: a page is told in several lines, heat by every
 * logical processor. */
static bool is_by_key(const char *code)
{
        return strcmp(code, "dimm.uncorrected") == 0 || strcmp(code, "cpu.throttled") == 0;
}

/* The package of a logical processor, where the capture has the topology. */
static void name_package(const struct reading *reading, struct kernel_finding *f)
{
        const struct document *document;
        char path[128];

        if (strcmp(f->code, "cpu.throttled") != 0)
                return;
        snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%.20s/topology/physical_package_id",
                 f->key);
        document = documents_find(reading->documents, path);
        if (document && document->n && document->n < 8)
                snprintf(f->location, sizeof(f->location), "package %lld",
                         (long long)number_at(document->bytes));
}

static int add(struct reading *reading, const struct kernel_finding *f, int64_t at_s,
               const char *message)
{
        char text[KERNEL_LINE];
        struct vg_sighting s = {
                .kind = VG_SIGHT_EVENT,
                .health = f->health,
                .component = { .component_class = f->component_class,
                               .location = f->location,
                               .device = f->device },
                .code = f->code,
                .text = text,
                .path = reading->document->path,
                .key = is_by_key(f->code) ? f->key : "",
                .count = f->count,
                .at_s = at_s == KERNEL_AS_BEFORE ? reading->last_s : at_s,
        };
        int r;

        kernel_hide_names(message, reading->program == OF_RASDAEMON, text, sizeof(text));
        if (reading->n++ >= FINDINGS_MAX)
                return reading->n == FINDINGS_MAX + 1
                               ? vg_round_note(reading->round,
                                               _("%s : plus de %d lignes sur le matériel, le reste "
                                                 "est laissé"),
                                               reading->document->path, FINDINGS_MAX)
                               : 0;
        r = vg_round_add(reading->round, &s);
        if (r == 0 && *f->key && strcmp(f->code, "dimm.corrected") == 0) {
                s.code = "dimm.page";
                s.key = f->key;
                r = vg_round_add(reading->round, &s);
        }
        return r;
}

static int tell(struct reading *reading, struct kernel_finding *f, int64_t at_s, const char *text)
{
        kernel_joins_use(&reading->joins, f);
        name_package(reading, f);
        kernel_names_use(&reading->names, f);
        return add(reading, f, at_s, text);
}

/* Errors that take a few lines; NULL: the log is at its end. */
static int take_blocks(struct reading *reading, const struct kernel_line *line)
{
        struct kernel_mce mce;
        struct kernel_finding f;
        int64_t at_s;
        int r = 0;

        if (kernel_ghes_take(&reading->ghes, line, &f, &at_s) &&
            !(reading->has_ghes_edac && strcmp(f.component_class, "dimm") == 0))
                r = tell(reading, &f, at_s, reading->ghes.text);
        if (r == 0 && kernel_mce_take(&reading->mce, line, &mce) &&
            kernel_mce_judge(&mce, reading->has_edac, reading->has_ghes, &f))
                r = tell(reading, &f, mce.at_s, mce.text);
        if (r == 0 && kernel_ras_take(&reading->ras, line, reading->has_edac, &f, &at_s))
                r = tell(reading, &f,
                         at_s   ? at_s
                         : line ? line->at_s
                                : 0,
                         line ? line->message : f.location);
        return r;
}

/* "         res 40/00:… Emask 0x4 (timeout)" goes on from the port's exception. */
static bool find_rule(struct reading *reading, const char *message, struct kernel_finding *f)
{
        char whole[KERNEL_LINE + 32];

        kernel_names_follow(&reading->names, message);
        if (!*reading->names.ata || !text_starts(message + strspn(message, " "), "res "))
                return kernel_rule_find(message, f);
        snprintf(whole, sizeof(whole), "%s: %s", reading->names.ata, message);
        return kernel_rule_find(whole, f);
}

static int take(struct reading *reading, const struct kernel_line *line)
{
        struct kernel_finding f;
        int r;

        if (line && line->at_s > reading->last_s)
                reading->last_s = line->at_s;
        if (line)
                reading->program = line->program;
        if (line && line->program == OF_KERNEL)
                kernel_joins_follow(&reading->joins, line->message);
        r = take_blocks(reading, line);
        if (r < 0 || !line || line->program != OF_KERNEL || !find_rule(reading, line->message, &f))
                return r;
        return tell(reading, &f, line->at_s, line->message);
}

/* Where the machine has its disks, if that was captured too. */
static void learn_links(struct reading *reading)
{
        static const char folder[] = "sys/class/block/sd";

        for (size_t i = 0; i < reading->documents->n; i++) {
                const struct document *document = &reading->documents->rows[i];

                if (text_starts(document->path, folder))
                        kernel_names_learn_link(&reading->names,
                                                document->path + sizeof(folder) - sizeof("sd"),
                                                document->bytes);
        }
}

/* What the whole log tells of its own words. */
static void learn(struct reading *reading, const struct kernel_clock *clock)
{
        const char *bytes = reading->document->bytes;
        const size_t n = reading->document->n;
        struct kernel_line line;
        char text[KERNEL_LINE];
        size_t at = 0;

        learn_links(reading);
        reading->has_edac = memmem(bytes, n, "EDAC MC", 7) != NULL;
        reading->has_ghes = memmem(bytes, n, "APEI Generic", 12) != NULL;
        reading->has_ghes_edac = reading->has_edac && memmem(bytes, n, "APEI location:", 14);
        while (next_line(bytes, n, &at, text, sizeof(text)))
                if (kernel_line_parse(text, clock, &line) && line.program == OF_KERNEL)
                        kernel_names_learn(&reading->names, line.message);
        reading->names.ata[0] = '\0';
}

/* What a kernel that died left behind is of another boot; its name says when it was kept: it is at
 * most the time of one boot late, and never of 1970. */
static void place_pstore(const char *path, struct kernel_clock *clock)
{
        static const char folder[] = "pstore/";

        if (!text_starts(path, folder))
                return;
        const long long kept_s = strtoll(path + sizeof(folder) - 1, NULL, 10);
        clock->boot_s = 0;
        if (kept_s > 0)
                clock->captured_s = kept_s;
}

static int read_log(const struct documents *documents, const struct document *document,
                    struct kernel_clock clock, struct vg_round *round)
{
        const int64_t uptime_s = kernel_log_last_uptime(document->bytes, document->n);
        _cleanup_free_ struct reading *reading = calloc(1, sizeof(*reading));
        struct kernel_line line;
        char text[KERNEL_LINE];
        size_t at = 0;
        int r = 0;

        if (!reading)
                return -ENOMEM;
        reading->documents = documents;
        reading->document = document;
        reading->round = round;
        place_pstore(document->path, &clock);
        if (!clock.boot_s && clock.captured_s && uptime_s)
                clock.boot_s = clock.captured_s - uptime_s;
        learn(reading, &clock);
        while (r == 0 && next_line(document->bytes, document->n, &at, text, sizeof(text)))
                if (kernel_line_parse(text, &clock, &line))
                        r = take(reading, &line);
        if (r == 0)
                r = take(reading, NULL);
        if (r == 0 && !reading->last_s && !reading->n)
                r = vg_round_note(round, _("%s : lu, rien sur le matériel"), document->path);
        if (reading->last_s > vg_round_time(round))
                vg_round_set_time(round, reading->last_s);
        return r;
}

int kernel_parse(const struct documents *documents, struct vg_round *round)
{
        const struct kernel_clock clock = clock_of(documents);
        int r = 0;

        vg_round_set_partial(round); /* a log holds what happened, not what is there */
        for (size_t i = 0; i < documents->n && r == 0; i++)
                if (may_be_ours(&documents->rows[i]))
                        r = read_log(documents, &documents->rows[i], clock, round);
        return r;
}
