/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/phrases.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "vigie/mem.h"

enum { SAID = -1 };
#define SAID_WARNING VG_HEALTH_WARNING
#define SAID_CRITICAL VG_HEALTH_CRITICAL
#define SAID_OK VG_HEALTH_OK
#define SAID_SAID SAID

static const struct row {
        const char *subject, *what, *but, *component_class, *code;
        enum vg_sight_kind kind;
        int health; /* enum vg_sight_health, or SAID */
} rows[] = {
#define VG_PHRASE(subject, what, but, component_class, code, kind, health) \
        { subject, what, but, component_class, code, VG_SIGHT_##kind, SAID_##health },
#include "hardware/phrases.def"
};

/* Whether one of the words of "a|b|c" stands in the text; "" stands everywhere. */
static bool has_word(const char *text, const char *words)
{
        char word[64];

        if (!*words)
                return true;
        while (*words) {
                const size_t n = strcspn(words, "|");

                text_trim(words, words + n, word, sizeof(word));
                if (n < sizeof(word) && text_has(text, word))
                        return true;
                words += n + (words[n] == '|');
        }
        return false;
}

bool phrase_find(const char *sensor, const char *text, enum vg_sight_health severity,
                 struct phrase *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct row *row = &rows[i];

                if ((!has_word(sensor, row->subject) && !has_word(text, row->subject)) ||
                    !has_word(text, row->what) || (*row->but && has_word(text, row->but)))
                        continue;
                if (!*row->code || (row->health == SAID && severity < VG_HEALTH_WARNING))
                        return false;
                *ret = (struct phrase){
                        .component_class = row->component_class,
                        .code = row->code,
                        .kind = row->kind,
                        .health =
                                row->health == SAID ? severity : (enum vg_sight_health)row->health,
                };
                return true;
        }
        return false;
}

/* Words after which, or with which, a place is named; for each class. */
static const struct {
        const char *component_class, *word;
} places[] = {
        { "dimm", "dimm" },        { "dimm", "cpu" },
        { "dimm", "slot" },        { "dimm", "memory module" },
        { "psu", "power supply" }, { "psu", "psu" },
        { "psu", "ps" },           { "psu", "pws" },
        { "fan", "fan" },          { "drive", "drive" },
        { "drive", "disk" },       { "drive", "hdd" },
        { "drive", "bay" },        { "drive", "slot" },
        { "cpu", "cpu" },          { "cpu", "processor" },
        { "cpu", "proc" },         { "link", "slot" },
        { "link", "port" },        { "pcie", "slot" },
        { "pcie", "bus" },         { "volume", "drive" },
        { "volume", "disk" },      { "gpu", "gpu" },
        { "temperature", "cpu" },  { "temperature", "inlet" },
};

/* From a word of the class on, up to what is no part of a place: "DIMMB1", "Bay 3", "PS1". */
static bool place_at(const char *text, const char *word, char *buf, size_t size)
{
        for (const char *found = strcasestr(text, word); found;
             found = strcasestr(found + 1, word)) {
                const char *at = found, *end = found + strlen(word);
                bool has_digit = false;

                if (at > text && isalpha((unsigned char)at[-1]) && strncasecmp(at, "dimm", 4) != 0)
                        continue;
                while (at > text &&
                       (isalnum((unsigned char)at[-1]) || at[-1] == '-' || at[-1] == '_'))
                        at--;
                while (*end == ' ' || *end == '#')
                        end++;
                const char *from = end;
                while (isalnum((unsigned char)*end) || *end == '-' || *end == '_' || *end == ':')
                        has_digit |= isdigit((unsigned char)*end++) != 0;
                while (end > from && end[-1] == ':')
                        end--;
                if (end == from || (!has_digit && end - from > 1))
                        continue;
                text_trim(at, end, buf, size);
                return true;
        }
        return false;
}

/* "'FAN3 SYS': …", "HDD3_STATUS: …", "CPU0_TEMP : …": a sensor's name at the beginning. */
static void name_before_colon(const char *text, char *buf, size_t size)
{
        const char *end = text + strcspn(text, *text == '\'' ? "'" : " :");

        if (*text == '\'') {
                text++;
                end = text + strcspn(text, "'");
        }
        const char *colon = end + strspn(end, "' ");
        if (*colon == ':' && end - text >= 2 && end - text < 48)
                text_trim(text, end, buf, size);
}

/* "Numeric sensor Ambient Temp going high …", "System board Inlet temperature is …" */
static void name_of_reading(const char *component_class, const char *text, char *buf, size_t size)
{
        static const char *const before[] = { "ensor '", "ensor " };
        static const char *const after[] = { "'", " going", " has ", " reading" };
        const char *end = NULL;

        for (size_t i = 0; i < ELEMENTSOF(before) && !end; i++) {
                const char *from = strstr(text, before[i]);
                from = from ? from + strlen(before[i]) : NULL;
                for (size_t k = 0; from && k < ELEMENTSOF(after) && !end; k++)
                        end = strstr(from, after[k]);
                if (end)
                        text = from;
        }
        if (!end && (strcmp(component_class, "temperature") == 0 ||
                     strcmp(component_class, "voltage") == 0)) {
                end = strcasestr(text, component_class);
                text += text_starts(text, "The ") ? 4 : 0;
        }
        if (end && end > text && end - text < 48)
                text_trim(text, end, buf, size);
}

/* Two numbers that only together are a place: "slot 1, port 1", "Processor 1, DIMM 4". */
static void add_second(const char *component_class, const char *text, char *buf, size_t size)
{
        char second[64];
        const size_t n = strlen(buf);

        if (strcmp(component_class, "link") == 0 && *buf && !text_starts(buf, "port") &&
            place_at(text, "port", second, sizeof(second)))
                snprintf(buf + n, size - n, " %s", second);
        if (strcmp(component_class, "dimm") == 0 && *buf && n < 64 &&
            place_at(text, "processor", second, sizeof(second))) {
                char first[64];
                snprintf(first, sizeof(first), "%s", buf);
                snprintf(buf, size, "%s %s", second, first);
        }
}

char *phrase_place(const char *component_class, const char *text, char *buf, size_t size)
{
        buf[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(places) && !*buf; i++)
                if (strcmp(places[i].component_class, component_class) == 0)
                        place_at(text, places[i].word, buf, size);
        add_second(component_class, text, buf, size);
        if (!*buf)
                name_before_colon(text, buf, size);
        if (!*buf)
                name_of_reading(component_class, text, buf, size);
        return buf;
}
