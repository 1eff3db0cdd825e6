/* SPDX-License-Identifier: Apache-2.0 */

/* Words that RAID tools use for states. */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/raid/room.h"
#include "os/lang.h"
#include "vigie/mem.h"

enum meaning { GOOD, PREDICTED, WEAK, BAD, GONE, UNSAID };

/* Whole words where they are short, else what the text holds; the first that fits decides. */
static const struct {
        const char *word;
        enum meaning meaning;
} words[] = {
        { "=Onln", GOOD },
        { "=Optl", GOOD },
        { "=Ok", GOOD },
        { "=UGood", GOOD },
        { "=GHS", GOOD },
        { "=DHS", GOOD },
        { "=JBOD", GOOD },
        { "=Rbld", UNSAID },
        { "=Cpybck", UNSAID },
        { "=Dgrd", WEAK },
        { "=Pdgd", WEAK },
        { "=Dgd", WEAK },
        { "=Rec", WEAK },
        { "=OfLn", BAD },
        { "=Offln", BAD },
        { "=UBad", BAD },
        { "=UBUnsp", BAD },
        { "=Msng", GONE },
        { "=Failed", BAD },
        { "=Flt", BAD },
        { "=No", UNSAID },
        { "predictive", PREDICTED },
        { "smart", PREDICTED },
        { "unconfigured(good)", GOOD },
        { "unconfigured good", GOOD },
        { "unconfigured(bad)", BAD },
        { "failed", BAD },
        { "failure", BAD },
        { "faulted", BAD },
        { "offline", BAD },
        { "unavail", BAD },
        { "dead", BAD },
        { "missing", GONE },
        { "removed", GONE },
        { "replace", BAD },
        { "degraded", WEAK },
        { "interim recovery", WEAK },
        { "recover", WEAK },
        { "suboptimal", WEAK },
        { "needs attention", WEAK },
        { "permanently disabled", WEAK },
        { "temporarily disabled", WEAK },
        { "critical", BAD },
        { "inactive", BAD },
        { "not redundant", UNSAID },
        { "rebuild", UNSAID },
        { "learn", UNSAID },
        { "charging", UNSAID },
        { "optimal", GOOD },
        { "online", GOOD },
        { "okay", GOOD },
        { "hotspare", GOOD },
        { "hot spare", GOOD },
        { "ready", GOOD },
        { "redundant", GOOD },
        { "jbod", GOOD },
        { "active", GOOD },
        { "clean", GOOD },
        { "avail", GOOD },
        { "good", GOOD },
};

static enum meaning meaning_of(const char *state)
{
        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                const char *word = words[i].word;

                if (*word == '=' ? strcasecmp(word + 1, state) == 0 : text_has(state, word))
                        return words[i].meaning;
        }
        return UNSAID;
}

static const struct {
        const char *component_class;
        const char *predicted, *weak, *bad, *gone;
} codes[] = {
        { "drive", "drive.predicted", "drive.degraded", "drive.failed", "drive.missing" },
        { "volume", "volume.degraded", "volume.degraded", "volume.failed", "volume.missing" },
        { "controller", "controller.degraded", "controller.degraded", "controller.failed",
          "controller.missing" },
        { "battery", "battery.degraded", "battery.degraded", "battery.failed", "battery.missing" },
        { "enclosure", "enclosure.degraded", "enclosure.degraded", "enclosure.failed",
          "enclosure.missing" },
        { "fan", "fan.degraded", "fan.degraded", "fan.failed", "fan.missing" },
        { "temperature", "temperature.warning", "temperature.warning", "temperature.critical",
          "temperature.critical" },
};

static const char *code_of(const char *component_class, enum meaning meaning)
{
        for (size_t i = 0; i < ELEMENTSOF(codes); i++) {
                if (strcmp(codes[i].component_class, component_class) != 0)
                        continue;
                return meaning == PREDICTED ? codes[i].predicted
                       : meaning == WEAK    ? codes[i].weak
                       : meaning == BAD     ? codes[i].bad
                                            : codes[i].gone;
        }
        return "sensor.warning";
}

int raid_tell(struct vg_round *round, const char *path, const struct raid_thing *thing,
              const char *state, const char *text)
{
        const enum meaning meaning = meaning_of(state);
        struct vg_sighting s = {
                .kind = VG_SIGHT_STATE,
                .health = meaning == GOOD     ? VG_HEALTH_OK
                          : meaning == UNSAID ? VG_HEALTH_UNKNOWN
                          : meaning == BAD    ? VG_HEALTH_CRITICAL
                                              : VG_HEALTH_WARNING,
                .component = { .component_class = thing->component_class,
                               .location = thing->location,
                               .model = thing->model,
                               .serial = thing->serial,
                               .device = thing->device },
                .text = text,
                .path = path,
                .value = state,
                .key = "state",
        };

        if (!*thing->location)
                s.component.location = "0";
        if (meaning != GOOD && meaning != UNSAID)
                s.code = code_of(thing->component_class, meaning);
        if (s.code && strcmp(thing->component_class, "controller") == 0) {
                s.kind = VG_SIGHT_ROLLUP; /* it may only repeat what its parts say */
                s.key = "drive volume battery";
        }
        return vg_round_add(round, &s);
}

int raid_tell_count(struct vg_round *round, const char *path, const struct raid_thing *thing,
                    const char *what, long long count)
{
        const bool foretells = text_has(what, "predictive") || text_has(what, "S.M.A.R.T");
        char value[32];
        const struct vg_sighting s = {
                .kind = VG_SIGHT_COUNTER,
                .health = foretells ? VG_HEALTH_WARNING : VG_HEALTH_OK,
                .component = { .component_class = thing->component_class,
                               .location = thing->location,
                               .serial = thing->serial },
                .code = foretells ? "drive.predicted" : "drive.media",
                .text = what,
                .path = path,
                .value = value,
                .threshold = foretells ? "0" : "",
                .threshold_from = foretells ? "vigie" : "",
                .count = count,
                .key = what,
        };

        snprintf(value, sizeof(value), "%lld", count);
        if (count > 0 && !foretells) {
                int r = vg_round_note(round, _("drive/%s : %s %lld, à surveiller"), thing->location,
                                      what, count);
                if (r < 0)
                        return r;
        }
        return vg_round_add(round, &s);
}
