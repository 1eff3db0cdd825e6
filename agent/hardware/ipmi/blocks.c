/* SPDX-License-Identifier: Apache-2.0 */

/* Blocks of "key : value" lines: `ipmitool sel list -v` and `sel get` for entries, `sdr list -v` and
 * `sensor get` for sensors. A block ends where the next one begins. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/ipmi/room.h"
#include "vigie/mem.h"

/* Values that a block gives, by their keys. */
static const struct {
        const char *key;
        size_t offset, size;
} fields[] = {
#define FIELD(key, member)                                                                         \
        {                                                                                          \
                key, offsetof(struct ipmi_block, member), sizeof(((struct ipmi_block *)0)->member) \
        }
        FIELD("SEL Record ID", id),
        FIELD("Timestamp", date),
        FIELD("Sensor Type", type),
        FIELD("Sensor Type (Threshold)", type),
        FIELD("Sensor Type (Discrete)", type),
        FIELD("Sensor Type (Generic Discrete)", type),
        FIELD("Sensor Type (Specific Discrete)", type),
        FIELD("Sensor Number", number),
        FIELD("Event Direction", direction),
        FIELD("Description", events),
        FIELD("Sensor ID", name),
        FIELD("Sensor Reading", reading),
        FIELD("Status", state),
        FIELD("Upper critical", critical),
        FIELD("Upper non-critical", warning),
#undef FIELD
};

static int end_entry(struct ipmi_reading *r, struct ipmi_block *b)
{
        char number[40];
        char *clock = strchr(b->date, ' ');
        struct ipmi_entry e = {
                .id = b->id,
                .date = b->date,
                .time = clock ? clock + 1 : "",
                .type = b->type,
                .name = number,
                .event = b->events,
                .state = "",
                .values = "",
                .is_end = text_starts(b->direction, "Deassert"),
        };

        snprintf(number, sizeof(number), "#0x%.30s", b->number);
        if (clock)
                *clock = '\0';
        return *b->events ? ipmi_tell_entry(r, &e) : 0;
}

/* "Upper Critical" for what the tables print as "ucr". */
static const char *status_of(const char *state)
{
        if (text_has(state, "non-recoverable") || strcasecmp(state, "nr") == 0)
                return "nr";
        if (text_has(state, "non-critical") || strcasecmp(state, "nc") == 0)
                return "nc";
        return text_has(state, "critical") || strcasecmp(state, "cr") == 0 ? "cr"
               : strcasecmp(state, "ok") == 0                              ? "ok"
                                                                           : "";
}

static int end_sensor(struct ipmi_reading *r, struct ipmi_block *b)
{
        const bool is_number =
                b->reading[0] == '-' || (b->reading[0] >= '0' && b->reading[0] <= '9');
        const bool is_discrete = strchr(b->reading, 'h') || !is_number;
        const char *unit = strchr(b->reading, ')');
        struct ipmi_sensor s = {
                .name = b->name,
                .type = b->type,
                .state = status_of(b->state),
                .reading = is_discrete ? "" : b->reading,
                .unit = unit ? unit + 1 + strspn(unit + 1, " ") : "",
                .events = is_discrete ? b->asserted : "",
                .critical = b->critical,
                .warning = b->warning,
        };

        b->name[strcspn(b->name, "(")] = '\0';
        text_trim(b->name, b->name + strlen(b->name), b->name, sizeof(b->name));
        if (!is_discrete)
                b->reading[strcspn(b->reading, " ")] = '\0';
        if (is_discrete && *b->asserted)
                s.state = "ok"; /* its states say more */
        return *s.state ? ipmi_tell_sensor(r, &s) : 0;
}

int ipmi_block_end(struct ipmi_reading *r, struct ipmi_block *b)
{
        const int result = *b->id ? end_entry(r, b) : *b->name ? end_sensor(r, b) : 0;

        *b = (struct ipmi_block){ 0 };
        return result;
}

/* "                         [Failure detected]", below "States Asserted". */
static void take_state(struct ipmi_block *b, const char *line)
{
        const char *open = line + strspn(line, " \t");
        const size_t n = strlen(b->asserted);

        if (*open == '[' && b->is_asserting)
                snprintf(b->asserted + n, sizeof(b->asserted) - n, "%s%.*s", n ? ", " : "",
                         (int)strcspn(open + 1, "]"), open + 1);
}

int ipmi_block_line(struct ipmi_reading *r, struct ipmi_block *b, const char *line)
{
        const char *colon = strchr(line, ':');
        char key[64], value[128];
        int result = 0;

        if (!colon || line[strspn(line, " \t")] == '[') {
                take_state(b, line);
                return 0;
        }
        text_trim(line, colon, key, sizeof(key));
        text_trim(colon + 1, line + strlen(line), value, sizeof(value));
        b->is_asserting = strcmp(key, "States Asserted") == 0;
        if (strcmp(key, "SEL Record ID") == 0 || strcmp(key, "Sensor ID") == 0)
                result = ipmi_block_end(r, b);
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcasecmp(fields[i].key, key) == 0)
                        snprintf((char *)b + fields[i].offset, fields[i].size, "%s", value);
        b->type[strcspn(b->type, "(")] = '\0';
        return result;
}

bool ipmi_block_is(const char *bytes, size_t n)
{
        return memmem(bytes, n, "SEL Record ID", 13) || memmem(bytes, n, "Sensor ID  ", 11);
}
