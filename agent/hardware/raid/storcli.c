/* SPDX-License-Identifier: Apache-2.0 */

/* storcli and perccli: their JSON, and the tables that they print without it. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hardware/foreign.h"
#include "hardware/raid/room.h"
#include "os/lang.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { DEPTH = 12 };

struct storcli {
        struct vg_round *round;
        const char *path;
        char controller[16]; /* "c0" */
        bool found;
        bool in_batteries; /* in the table below BBU_Info or Cachevault_Info */
};

static void locate(const struct storcli *s, const char *place, struct raid_thing *thing)
{
        snprintf(thing->location, sizeof(thing->location), "%s %s", s->controller, place);
}

static int take_state(struct storcli *s, const char *component_class, const char *place,
                      const json_t *row, const char *state)
{
        struct raid_thing thing = { .component_class = component_class };
        char text[256];

        locate(s, place, &thing);
        snprintf(thing.model, sizeof(thing.model), "%s", member_text(row, "Model"));
        snprintf(text, sizeof(text), "%s %s: %s", component_class, place, state);
        s->found = true;
        return raid_tell(s->round, s->path, &thing, state, text);
}

/* "Drive /c0/e252/s0 State": counters of the drive at 252:0. */
static int take_counters(struct storcli *s, const char *key, const json_t *counts)
{
        static const char *const names[] = { "Media Error Count", "Predictive Failure Count" };
        struct raid_thing thing = { .component_class = "drive" };
        const char *enclosure = strstr(key, "/e"), *slot = strstr(key, "/s");
        char place[64];
        double n;
        int r = 0;

        if (!slot)
                return 0;
        snprintf(place, sizeof(place), "%s%.*s", enclosure ? "" : " ",
                 enclosure ? (int)strspn(enclosure + 2, "0123456789") : 0,
                 enclosure ? enclosure + 2 : "");
        const size_t used = strlen(place);
        snprintf(place + used, sizeof(place) - used, ":%.*s", (int)strspn(slot + 2, "0123456789"),
                 slot + 2);
        locate(s, place, &thing);
        for (size_t i = 0; i < ELEMENTSOF(names) && r == 0; i++)
                if (member_number(counts, names[i], &n) && n >= 0 && n < 1e15)
                        r = raid_tell_count(s->round, s->path, &thing, names[i], (long long)n);
        if (r == 0 && strcmp(member_text(counts, "S.M.A.R.T alert flagged by drive"), "Yes") == 0)
                r = raid_tell_count(s->round, s->path, &thing, "S.M.A.R.T alert flagged by drive",
                                    1);
        return r;
}

static int walk(struct storcli *s, const char *key, const json_t *value, int depth);

static int take_object(struct storcli *s, const char *key, const json_t *row)
{
        const char *state = member_text(row, "State");
        char number[16];

        if (json_object_get(row, "EID:Slt") && *state)
                return take_state(s, "drive", member_text(row, "EID:Slt"), row, state);
        if (json_object_get(row, "DG/VD") && *state)
                return take_state(s, "volume", member_text(row, "DG/VD"), row, state);
        if (json_object_get(row, "EID") && *state && text_has(key, "Enclosure"))
                return take_state(s, "enclosure", member_any(row, "EID", number, sizeof(number)),
                                  row, state);
        if ((text_has(key, "BBU_Info") || text_has(key, "Cachevault_Info")) && *state)
                return take_state(s, "battery", "battery", row, state);
        if (*member_text(row, "Controller Status"))
                return take_state(s, "controller", "", row, member_text(row, "Controller Status"));
        if (json_object_get(row, "Media Error Count"))
                return take_counters(s, key, row);
        return 0;
}

static int walk(struct storcli *s, const char *key, const json_t *value, int depth)
{
        const char *name;
        json_t *child;
        int r = 0;

        if (depth > DEPTH)
                return 0;
        for (size_t i = 0; i < json_array_size(value) && r == 0; i++)
                r = walk(s, key, json_array_get(value, i), depth + 1);
        if (!json_is_object(value) || r < 0)
                return r;
        if (json_is_object(json_object_get(value, "Command Status"))) {
                const json_t *command = json_object_get(value, "Command Status");
                char number[8];

                s->found = true;
                snprintf(s->controller, sizeof(s->controller), "c%s",
                         member_any(command, "Controller", number, sizeof(number)));
                if (strcmp(member_text(command, "Status"), "Failure") == 0)
                        r = vg_round_unread(s->round, s->path, member_text(command, "Description"));
        }
        if (r == 0)
                r = take_object(s, key, value);
        json_object_foreach ((json_t *)value, name, child) {
                if (r == 0)
                        r = walk(s, name, child, depth + 1);
        }
        return r;
}

/* "252:0     34 Onln   0 14.551 TB SATA HDD N   N  512B ST16… U  -" */
static int take_line(struct storcli *s, char *line)
{
        char *words[8];
        size_t n = 0;

        for (char *at = strtok_r(line, " \t", &line); at && n < ELEMENTSOF(words);
             at = strtok_r(NULL, " \t", &line))
                words[n++] = at;
        if (n >= 3 && strcmp(words[0], "Controller") == 0 && strcmp(words[1], "=") == 0) {
                snprintf(s->controller, sizeof(s->controller), "c%.8s", words[2]);
                return 0;
        }
        if (n && (text_starts(words[0], "BBU_Info") || text_starts(words[0], "Cachevault_Info")))
                s->in_batteries = true;
        else if (n && strchr("=-", words[0][0]) == NULL && n < 4)
                s->in_batteries = false; /* another heading */
        if (s->in_batteries && n >= 4 && strcmp(words[1], "State") != 0)
                return take_state(s, "battery", "battery", NULL, words[1]);
        if (n < 5 || !isdigit((unsigned char)words[0][0]))
                return 0;
        if (strchr(words[0], ':') && isdigit((unsigned char)words[1][0]) &&
            isalpha((unsigned char)words[2][0]) && strlen(words[2]) < 8)
                return take_state(s, "drive", words[0], NULL, words[2]);
        if (strchr(words[0], '/') && text_starts(words[1], "RAID") && strlen(words[2]) < 8)
                return take_state(s, "volume", words[0], NULL, words[2]);
        return 0;
}

static int take_text(struct storcli *s, const char *bytes, size_t n)
{
        char line[RAID_LINE];
        size_t at = 0;
        int r = 0;

        if (!memmem(bytes, n, "CLI Version = ", 14) && !memmem(bytes, n, "EID:Slt", 7) &&
            !memmem(bytes, n, "DG/VD", 5))
                return 0;
        s->found = true;
        while (r == 0 && next_line(bytes, n, &at, line, sizeof(line)))
                r = take_line(s, line);
        return r;
}

int raid_storcli(const char *path, const char *bytes, size_t n, struct vg_round *round,
                 bool *ret_found)
{
        struct storcli s = { .round = round, .path = path, .controller = "c0" };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        int r;

        if (n && bytes[strspn(bytes, " \t\r\n")] == '{') {
                if (foreign_json(bytes, n, &tree, NULL) < 0)
                        return vg_round_unread(round, path, _("pas du JSON"));
                r = walk(&s, "", tree, 0);
        } else {
                r = take_text(&s, bytes, n);
        }
        *ret_found = s.found;
        return r;
}
