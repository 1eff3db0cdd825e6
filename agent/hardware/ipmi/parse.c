/* SPDX-License-Identifier: Apache-2.0 */

/* What IPMI tools printed: sensors and event log, told apart line by line. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hardware/documents.h"
#include "hardware/foreign.h"
#include "hardware/ipmi/room.h"
#include "hardware/parse.h"
#include "vigie/mem.h"

enum { LINES_TRIED = 100 };

static size_t fields_of(char *line, char **fields)
{
        size_t n;

        if (strchr(line, '|'))
                return split_fields(line, '|', fields, IPMI_FIELDS);
        n = split_fields(line, ',', fields, IPMI_FIELDS);
        /* Events hold commas: what is beyond the table's columns was one field. */
        return n;
}

static bool is_row(char *line)
{
        char *fields[IPMI_FIELDS];
        const size_t n = fields_of(line, fields);
        struct ipmi_sensor sensor;
        struct ipmi_entry entry;

        return ipmi_entry_row(fields, n, &entry) || ipmi_sensor_row(fields, n, &sensor);
}

/* The folder of captures; elsewhere, a text in which a row is found. */
static bool may_be_ours(const struct document *document)
{
        char line[IPMI_LINE];
        size_t at = 0;

        if (text_starts(document->path, "ipmi/"))
                return true;
        if (strchr(document->path, '/') || text_starts(document->path, "kernel") ||
            strstr(document->path, ".json"))
                return false;
        if (ipmi_block_is(document->bytes, document->n))
                return true;
        for (int i = 0;
             i < LINES_TRIED && next_line(document->bytes, document->n, &at, line, sizeof(line));
             i++)
                if (is_row(line))
                        return true;
        return false;
}

/* Numbers and names of sensors, from "CPU Temp | 01h | ok | …". */
static void learn_names(struct ipmi_reading *r, const struct document *document)
{
        char line[IPMI_LINE], *fields[IPMI_FIELDS];
        size_t at = 0;

        while (next_line(document->bytes, document->n, &at, line, sizeof(line))) {
                const size_t n = split_fields(line, '|', fields, IPMI_FIELDS);
                char *end;

                if (n != 5 || r->n_names == IPMI_NAMES_MAX)
                        continue;
                const unsigned long number = strtoul(fields[1], &end, 16);
                if (end == fields[1] || strcmp(end, "h") != 0 || number > 0xffff)
                        continue;
                r->names[r->n_names].number = (unsigned)number;
                snprintf(r->names[r->n_names++].name, IPMI_NAME, "%s", fields[0]);
        }
}

static int take(struct ipmi_reading *r, char *line)
{
        char *fields[IPMI_FIELDS], copy[IPMI_LINE];
        struct ipmi_sensor sensor;
        struct ipmi_entry entry;
        size_t n;

        snprintf(copy, sizeof(copy), "%s", line);
        n = fields_of(line, fields);
        if (ipmi_entry_row(fields, n, &entry))
                return ipmi_tell_entry(r, &entry);
        if (ipmi_sensor_row(fields, n, &sensor))
                return ipmi_tell_sensor(r, &sensor);
        return n == 1 ? ipmi_tell_chassis(r, copy) : 0;
}

/* Complaints of the tools themselves: what they printed is then not all. */
static int complain(const struct ipmi_reading *r, const char *line)
{
        static const char *const words[] = { "Unable to ",
                                             "Could not open device",
                                             "Timeout",
                                             "connection timeout",
                                             "BMC busy",
                                             "driver timeout",
                                             "session timeout",
                                             "Error: ",
                                             "Error in open session" };

        return !strchr(line, '|') && text_has_any(line, words, ELEMENTSOF(words))
                       ? vg_round_unread(r->round, r->path, line)
                       : 0;
}

static int read_blocks(struct ipmi_reading *r, const struct document *document)
{
        struct ipmi_block block = { 0 };
        char line[IPMI_LINE];
        size_t at = 0;
        int result = 0;

        while (result == 0 && next_line(document->bytes, document->n, &at, line, sizeof(line)))
                result = ipmi_block_line(r, &block, line);
        return result < 0 ? result : ipmi_block_end(r, &block);
}

static int read_text(struct ipmi_reading *r, const struct document *document)
{
        char line[IPMI_LINE];
        size_t at = 0;
        int result = 0;

        r->path = document->path;
        if (ipmi_block_is(document->bytes, document->n))
                return read_blocks(r, document);
        while (result == 0 && next_line(document->bytes, document->n, &at, line, sizeof(line))) {
                result = complain(r, line);
                if (result == 0)
                        result = take(r, line);
        }
        return result;
}

int ipmi_parse(const struct documents *documents, struct vg_round *round)
{
        _cleanup_free_ struct ipmi_reading *reading = calloc(1, sizeof(*reading));
        int r = 0;

        if (!reading)
                return -ENOMEM;
        reading->round = round;
        for (size_t i = 0; i < documents->n; i++)
                if (may_be_ours(&documents->rows[i]))
                        learn_names(reading, &documents->rows[i]);
        for (size_t i = 0; i < documents->n && r == 0; i++)
                if (may_be_ours(&documents->rows[i]))
                        r = read_text(reading, &documents->rows[i]);
        if (reading->last_s > vg_round_time(round))
                vg_round_set_time(round, reading->last_s);
        return r;
}
