/* SPDX-License-Identifier: Apache-2.0 */

/* Logs of the kernel into events. */

#include <errno.h>
#include <stdio.h>
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
        return text_starts(document->path, "kernel") || kernel_log_is(document->bytes, document->n);
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
        const struct document *document;
        struct vg_round *round;
        struct kernel_ghes ghes;
        bool has_edac, has_ghes;
        char module[KERNEL_PLACE]; /* that had the last uncorrected error; "" none */
        size_t n;
        int64_t last_s;
};

static int add(struct reading *reading, const struct kernel_finding *f, int64_t at_s,
               const char *text)
{
        struct vg_sighting s = {
                .kind = VG_SIGHT_EVENT,
                .health = f->health,
                .component = { .component_class = f->component_class,
                               .location = f->location,
                               .device = f->device },
                .code = f->code,
                .text = text,
                .path = reading->document->path,
                .count = f->count,
                .at_s = at_s,
        };
        int r;

        if (reading->n++ >= FINDINGS_MAX)
                return reading->n == FINDINGS_MAX + 1
                               ? vg_round_note(reading->round,
                                               _("%s : plus de %d lignes sur le matériel, le reste "
                                                 "est laissé"),
                                               reading->document->path, FINDINGS_MAX)
                               : 0;
        if (strcmp(f->code, "dimm.uncorrected") == 0)
                s.key = f->key; /* one claim a page: a page is told in several lines */
        r = vg_round_add(reading->round, &s);
        if (r == 0 && *f->key && strcmp(f->code, "dimm.corrected") == 0) {
                s.code = "dimm.page";
                s.key = f->key;
                r = vg_round_add(reading->round, &s);
        }
        return r;
}

/* The kernel gives up a page for an error that was told, with its module, just before. */
static void join_page(struct reading *reading, struct kernel_finding *f)
{
        if (strcmp(f->code, "dimm.uncorrected") != 0)
                return;
        if (strcmp(f->location, "unnamed") != 0)
                snprintf(reading->module, sizeof(reading->module), "%s", f->location);
        else if (*reading->module)
                snprintf(f->location, sizeof(f->location), "%s", reading->module);
}

static int take(struct reading *reading, const struct kernel_line *line)
{
        struct kernel_finding f;
        int64_t at_s;
        int r = 0;

        if (line && line->at_s > reading->last_s)
                reading->last_s = line->at_s;
        if (kernel_ghes_take(&reading->ghes, line, &f, &at_s)) {
                join_page(reading, &f);
                r = add(reading, &f, at_s, reading->ghes.text);
        }
        if (!line || r < 0)
                return r;
        if (kernel_mce_find(line->message, reading->has_edac, reading->has_ghes, &f) ||
            kernel_rule_find(line->message, &f)) {
                join_page(reading, &f);
                return add(reading, &f, line->at_s, line->message);
        }
        return 0;
}

static int read_log(const struct document *document, struct kernel_clock clock,
                    struct vg_round *round)
{
        const int64_t uptime_s = kernel_log_last_uptime(document->bytes, document->n);
        struct reading reading = { .document = document, .round = round };
        struct kernel_line line;
        char text[KERNEL_LINE];
        size_t at = 0;
        int r = 0;

        if (!clock.boot_s && clock.captured_s && uptime_s)
                clock.boot_s = clock.captured_s - uptime_s;
        reading.has_edac = memmem(document->bytes, document->n, "EDAC MC", 7) != NULL;
        reading.has_ghes = memmem(document->bytes, document->n, "APEI Generic", 12) != NULL;
        while (r == 0 && next_line(document->bytes, document->n, &at, text, sizeof(text)))
                if (kernel_line_parse(text, &clock, &line))
                        r = take(&reading, &line);
        if (r == 0)
                r = take(&reading, NULL);
        if (reading.last_s > vg_round_time(round))
                vg_round_set_time(round, reading.last_s);
        return r;
}

int kernel_parse(const struct documents *documents, struct vg_round *round)
{
        const struct kernel_clock clock = clock_of(documents);
        int r = 0;

        vg_round_set_partial(round); /* a log holds what happened, not what is there */
        for (size_t i = 0; i < documents->n && r == 0; i++)
                if (may_be_ours(&documents->rows[i]))
                        r = read_log(&documents->rows[i], clock, round);
        return r;
}
