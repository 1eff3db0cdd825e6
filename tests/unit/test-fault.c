/* SPDX-License-Identifier: Apache-2.0 */

/* The judge, told as stories: each step is a round, and what it must lead to. Every story is told
 * twice, the second time with the book saved and loaded between steps. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define T0 INT64_C(1800000000)

/* ---- components ---- */

#define DRIVE(place, sn)                                                    \
        {                                                                   \
                .component_class = "drive", .location = place, .serial = sn \
        }
#define AT(cls, place)                                    \
        {                                                 \
                .component_class = cls, .location = place \
        }

/* ---- sightings ---- */

#define PRESENT(...)                                               \
        {                                                          \
                .kind = VG_SIGHT_PRESENT, .component = __VA_ARGS__ \
        }
#define WELL(...)                                                                        \
        {                                                                                \
                .kind = VG_SIGHT_STATE, .health = VG_HEALTH_OK, .component = __VA_ARGS__ \
        }
#define UNSAID(...)                                                                           \
        {                                                                                     \
                .kind = VG_SIGHT_STATE, .health = VG_HEALTH_UNKNOWN, .component = __VA_ARGS__ \
        }
#define NO_MORE(...)                                                                   \
        {                                                                              \
                .kind = VG_SIGHT_STATE, .health = VG_HEALTH_UNKNOWN, .resolved = true, \
                .component = __VA_ARGS__                                               \
        }
#define ILL(what, ...)                                                                          \
        {                                                                                       \
                .kind = VG_SIGHT_STATE, .health = VG_HEALTH_WARNING, .code = what, .path = "p", \
                .component = __VA_ARGS__                                                        \
        }
#define DEAD(what, ...)                                                                          \
        {                                                                                        \
                .kind = VG_SIGHT_STATE, .health = VG_HEALTH_CRITICAL, .code = what, .path = "p", \
                .component = __VA_ARGS__                                                         \
        }
#define HIGH(what, ...)                                                            \
        {                                                                          \
                .kind = VG_SIGHT_LEVEL, .health = VG_HEALTH_WARNING, .code = what, \
                .component = __VA_ARGS__                                           \
        }
#define LEVEL_OK(...)                                                                    \
        {                                                                                \
                .kind = VG_SIGHT_LEVEL, .health = VG_HEALTH_OK, .component = __VA_ARGS__ \
        }
#define COUNT(what, n, ...)                                                                      \
        {                                                                                        \
                .kind = VG_SIGHT_COUNTER, .health = VG_HEALTH_WARNING, .code = what, .count = n, \
                .component = __VA_ARGS__                                                         \
        }
#define GROWTH(what, n, ...)                                                                \
        {                                                                                   \
                .kind = VG_SIGHT_COUNTER, .health = VG_HEALTH_OK, .code = what, .count = n, \
                .component = __VA_ARGS__                                                    \
        }
#define EVENT(what, n, at, ...)                                                                \
        {                                                                                      \
                .kind = VG_SIGHT_EVENT, .health = VG_HEALTH_WARNING, .code = what, .count = n, \
                .at_s = at, .component = __VA_ARGS__                                           \
        }
#define ASSERTED(what, at, ...)                                                              \
        {                                                                                    \
                .kind = VG_SIGHT_LOG, .health = VG_HEALTH_WARNING, .code = what, .at_s = at, \
                .component = __VA_ARGS__                                                     \
        }
#define DEASSERTED(what, at, ...)                                                       \
        {                                                                               \
                .kind = VG_SIGHT_LOG, .health = VG_HEALTH_OK, .code = what, .at_s = at, \
                .component = __VA_ARGS__                                                \
        }
#define REPAIRED(what, at, end, ...)                                                         \
        {                                                                                    \
                .kind = VG_SIGHT_LOG, .health = VG_HEALTH_WARNING, .code = what, .at_s = at, \
                .end_s = end, .resolved = true, .component = __VA_ARGS__                     \
        }
#define GONE(...)                                                                               \
        {                                                                                       \
                .kind = VG_SIGHT_ABSENT, .health = VG_HEALTH_CRITICAL, .component = __VA_ARGS__ \
        }
#define SUMMARY(health_, classes, ...)                                                  \
        {                                                                               \
                .kind = VG_SIGHT_ROLLUP, .health = VG_HEALTH_##health_, .key = classes, \
                .path = "r", .component = __VA_ARGS__                                   \
        }

#define BAY1 DRIVE("Bay 1", "S1")
#define BAY1_NEW DRIVE("Bay 1", "S2")
#define SDA                                                                                    \
        {                                                                                      \
                .component_class = "drive", .location = "sda", .device = "sda", .serial = "S1" \
        }
#define IN_BAND(name, sn)                                                                  \
        {                                                                                  \
                .component_class = "drive", .location = name, .device = name, .serial = sn \
        }
#define ON_HOST(name)                                                        \
        {                                                                    \
                .component_class = "drive", .location = name, .device = name \
        }
#define LINK_ERRORS(n)                                                                     \
        {                                                                                  \
                .kind = VG_SIGHT_COUNTER, .health = VG_HEALTH_OK, .code = "link.degraded", \
                .component = AT("link", "eth0"), .count = n                                \
        }
#define SDA_ONLY                                                               \
        {                                                                      \
                .component_class = "drive", .location = "sda", .device = "sda" \
        }
#define A1 AT("dimm", "A1")
#define PSU1 AT("psu", "1")
#define PSU2 AT("psu", "2")
#define INLET AT("temperature", "Inlet")
#define SYSTEM AT("system", "system")

enum act { NO_ACT, ACK, ON_SITE, REPLACED, TICK };

struct step {
        int64_t after_s; /* since T0 */
        const char *source;
        enum vg_round_status status;
        struct vg_sighting sightings[6];
        enum act act; /* instead of a round: on the first active fault */
        const char *want;
};

struct story {
        const char *name;
        struct step steps[8];
};

static const struct story stories[] = {
        { "a live state opens and ends a fault",
          { { 0, "redfish", 0, { WELL(BAY1) }, 0, "" },
            { 60,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1) },
              0,
              "opened drive.failed drive/Bay 1 failed critical" },
            { 120, "redfish", 0, { DEAD("drive.failed", BAY1) }, 0, "" },
            { 180,
              "redfish",
              0,
              { WELL(BAY1) },
              0,
              "cleared drive.failed drive/Bay 1 cleared critical by state after 120" },
            { 240,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1) },
              0,
              "opened drive.failed drive/Bay 1 failed critical #2" } } },
        { "health that is not told neither opens nor ends",
          { { 0, "redfish", 0, { UNSAID(BAY1) }, 0, "" },
            { 60,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1) },
              0,
              "opened drive.failed drive/Bay 1 failed critical" },
            { 120, "redfish", 0, { UNSAID(BAY1) }, 0, "" } } },
        { "what is said no more is over, but for what the log says",
          { { 0, "ipmi", 0, { NO_MORE(A1) }, 0, "" },
            { 60,
              "ipmi",
              0,
              { DEAD("dimm.uncorrected", A1), ASSERTED("dimm.uncorrected", T0 + 50, A1) },
              0,
              "opened dimm.uncorrected dimm/A1 failed critical since -10" },
            { 120, "ipmi", 0, { NO_MORE(A1) }, 0, "" },
            { 180,
              "ipmi",
              0,
              { NO_MORE(A1), ASSERTED("dimm.uncorrected", T0 + 50, A1),
                DEASSERTED("dimm.uncorrected", T0 + 170, A1) },
              0,
              "cleared dimm.uncorrected dimm/A1 cleared critical by deasserted after 120" },
            { 240,
              "ipmi",
              0,
              { DEAD("dimm.uncorrected", A1) },
              0,
              "opened dimm.uncorrected dimm/A1 failed critical #2" },
            { 300,
              "ipmi",
              0,
              { NO_MORE(A1) },
              0,
              "cleared dimm.uncorrected dimm/A1 cleared critical by state after 60 #2" } } },
        { "one fault, two sources: joined by serial, over when both say so",
          { { 0,
              "redfish",
              0,
              { ILL("drive.predicted", BAY1) },
              0,
              "opened drive.predicted drive/Bay 1 suspect warning" },
            { 10,
              "smart",
              0,
              { ILL("drive.predicted", SDA) },
              0,
              "evidence drive.predicted drive/Bay 1 suspect warning" },
            { 20, "redfish", 0, { WELL(BAY1) }, 0, "" },
            { 30,
              "smart",
              0,
              { WELL(SDA) },
              0,
              "cleared drive.predicted drive/Bay 1 cleared warning by state after 30" } } },
        { "a serial that two places share is no identity",
          { { 0,
              "redfish",
              0,
              { DEAD("psu.failed", { .component_class = "psu", .location = "1", .serial = "X9" }),
                WELL({ .component_class = "psu", .location = "2", .serial = "X9" }) },
              0,
              "opened psu.failed psu/1 failed critical" },
            { 60,
              "redfish",
              0,
              { WELL({ .component_class = "psu", .location = "1", .serial = "X9" }),
                DEAD("psu.failed", { .component_class = "psu", .location = "2", .serial = "X9" }) },
              0,
              "cleared psu.failed psu/1 cleared critical by state after 60\n"
              "opened psu.failed psu/2 failed critical" } } },
        { "the graver code takes over, with its age",
          { { 0,
              "smart",
              0,
              { ILL("drive.predicted", BAY1) },
              0,
              "opened drive.predicted drive/Bay 1 suspect warning" },
            { 500,
              "smart",
              0,
              { DEAD("drive.failed", BAY1) },
              0,
              "opened drive.failed drive/Bay 1 failed critical since -500\n"
              "cleared drive.predicted drive/Bay 1 cleared warning by absorbed after 500" } } },
        { "a serial that comes late shows that two slots are one drive",
          { { 0,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("drive.media", 1, T0, SDA_ONLY) },
              0,
              "opened drive.media drive/sda suspect warning" },
            { 60, "redfish", 0, { WELL(BAY1) }, 0, "" },
            { 120,
              "smart",
              0,
              { WELL(SDA) },
              0,
              "cleared drive.media drive/sda cleared warning by absorbed after 120\n"
              "opened drive.media drive/Bay 1 suspect warning since -120" },
            { 180,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("drive.io", 1, T0 + 180, SDA_ONLY) },
              0,
              "" } } },
        { "another unit in the slot",
          { { 0,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1) },
              0,
              "opened drive.failed drive/Bay 1 failed critical" },
            { 900,
              "redfish",
              0,
              { WELL(BAY1_NEW) },
              0,
              "replaced drive.failed drive/Bay 1 replaced critical by replaced after 900\n"
              "slot replaced S1 S2" } } },
        { "what vanishes is a fault; a partial look says nothing of it",
          { { 0, "smart", 0, { WELL(BAY1), WELL(DRIVE("Bay 2", "S9")) }, 0, "" },
            { 60, "smart", VG_ROUND_PARTIAL, { WELL(BAY1) }, 0, "" },
            { 120,
              "smart",
              0,
              { WELL(BAY1) },
              0,
              "slot missing S9 S9\nopened drive.missing drive/Bay 2 failed critical" },
            { 180,
              "smart",
              0,
              { WELL(BAY1), WELL(DRIVE("Bay 2", "S9")) },
              0,
              "slot returned S9 S9\n"
              "cleared drive.missing drive/Bay 2 cleared critical by returned after 60" } } },
        { "an empty place that was always empty is no fault",
          { { 0, "redfish", 0, { GONE(PSU2), WELL(PSU1) }, 0, "" },
            { 60,
              "redfish",
              0,
              { GONE(PSU2), GONE(PSU1) },
              0,
              "opened psu.missing psu/1 failed critical" } } },
        { "a level clears after two good readings in a row",
          { { 0,
              "redfish",
              0,
              { HIGH("temperature.warning", INLET) },
              0,
              "opened temperature.warning temperature/Inlet degraded warning" },
            { 60,
              "redfish",
              0,
              { LEVEL_OK(INLET) },
              0,
              "recovering temperature.warning temperature/Inlet recovering warning" },
            { 120,
              "redfish",
              0,
              { HIGH("temperature.warning", INLET) },
              0,
              "raised temperature.warning temperature/Inlet degraded warning" },
            { 180,
              "redfish",
              0,
              { LEVEL_OK(INLET) },
              0,
              "recovering temperature.warning temperature/Inlet recovering warning" },
            { 240,
              "redfish",
              0,
              { LEVEL_OK(INLET) },
              0,
              "cleared temperature.warning temperature/Inlet cleared warning by readings "
              "after 240" } } },
        { "a log entry alone opens, and age never ends it",
          { { 0,
              "ipmi",
              0,
              { ASSERTED("psu.failed", T0 - DAY, PSU1) },
              0,
              "opened psu.failed psu/1 failed critical since -86400" },
            { 900 * DAY, "ipmi", 0, { ASSERTED("psu.failed", T0 - DAY, PSU1) }, 0, "" },
            { 900 * DAY + 60,
              "ipmi",
              0,
              { DEASSERTED("psu.failed", T0 + 900 * DAY, PSU1) },
              0,
              "cleared psu.failed psu/1 cleared critical by deasserted after 77846400" } } },
        { "a live state that is well contradicts the log",
          { { 0, "redfish", 0, { WELL(PSU1), ASSERTED("psu.failed", T0 - DAY, PSU1) }, 0, "" },
            { 60,
              "redfish",
              0,
              { DEAD("psu.failed", PSU1) },
              0,
              "opened psu.failed psu/1 failed critical" } } },
        { "a log that names its place otherwise, in a class that is all well",
          { { 0,
              "redfish",
              0,
              { WELL(PSU1), WELL(PSU2), ASSERTED("psu.failed", T0 - DAY, AT("psu", "rear")) },
              0,
              "" } } },
        { "pairs give repair times of the past",
          { { 0,
              "ipmi",
              0,
              { ASSERTED("psu.failed", T0 - 3 * HOUR, PSU1),
                DEASSERTED("psu.failed", T0 - HOUR, PSU1) },
              0,
              "opened psu.failed psu/1 failed critical since -10800\n"
              "cleared psu.failed psu/1 cleared critical by deasserted after 7200" },
            { 60,
              "ipmi",
              0,
              { ASSERTED("psu.failed", T0 - 3 * HOUR, PSU1),
                DEASSERTED("psu.failed", T0 - HOUR, PSU1) },
              0,
              "" },
            { 120,
              "ipmi",
              0,
              { REPAIRED("psu.failed", T0 + 70, T0 + 100, PSU1) },
              0,
              "opened psu.failed psu/1 failed critical since -50 #2\n"
              "cleared psu.failed psu/1 cleared critical by resolved after 30 #2" } } },
        { "an acknowledgement ends what only a log says, and it stays ended",
          { { 0,
              "ipmi",
              0,
              { ASSERTED("psu.failed", T0 - DAY, PSU1) },
              0,
              "opened psu.failed psu/1 failed critical since -86400" },
            { 60,
              NULL,
              0,
              { { 0 } },
              ACK,
              "acknowledged psu.failed psu/1 failed critical since -86460\n"
              "cleared psu.failed psu/1 cleared critical by ack after 86460" },
            { 120, "ipmi", 0, { ASSERTED("psu.failed", T0 - DAY, PSU1) }, 0, "" },
            { 180,
              "ipmi",
              0,
              { ASSERTED("psu.failed", T0 + 170, PSU1) },
              0,
              "opened psu.failed psu/1 failed critical since -10 #2" } } },
        { "an acknowledgement does not end a live state; a repair is recorded",
          { { 0,
              "redfish",
              0,
              { DEAD("psu.failed", PSU1) },
              0,
              "opened psu.failed psu/1 failed critical" },
            { 60,
              NULL,
              0,
              { { 0 } },
              ACK,
              "acknowledged psu.failed psu/1 failed critical since -60" },
            { 120,
              NULL,
              0,
              { { 0 } },
              ON_SITE,
              "on-site psu.failed psu/1 failed critical since -120" },
            { 180,
              NULL,
              0,
              { { 0 } },
              REPLACED,
              "replaced psu.failed psu/1 replaced critical by replaced after 180" },
            { 240,
              "redfish",
              0,
              { DEAD("psu.failed", PSU1) },
              0,
              "opened psu.failed psu/1 failed critical #2" } } },
        { "nine corrected errors a day are none; ten are a suspect; a dry bucket ends it",
          { { 0, "kernel", VG_ROUND_PARTIAL, { EVENT("dimm.corrected", 9, T0, A1) }, 0, "" },
            { HOUR,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("dimm.corrected", 1, T0 + HOUR, A1) },
              0,
              "opened dimm.corrected dimm/A1 suspect warning since -3600" },
            { DAY,
              NULL,
              0,
              { { 0 } },
              TICK,
              "recovering dimm.corrected dimm/A1 recovering warning since -86400" },
            { DAY + HOUR,
              NULL,
              0,
              { { 0 } },
              TICK,
              "cleared dimm.corrected dimm/A1 cleared warning by quiet after 90000" } } },
        { "errors a day apart do not add up",
          { { 0,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("dimm.corrected", 9, T0, A1), EVENT("dimm.corrected", 9, T0 + DAY, A1) },
              0,
              "" } } },
        { "pages are counted apart",
          { { 0,
              "kernel",
              VG_ROUND_PARTIAL,
              { { .kind = VG_SIGHT_EVENT,
                  .health = VG_HEALTH_WARNING,
                  .code = "dimm.page",
                  .key = "0x1",
                  .count = 1,
                  .at_s = T0,
                  .component = A1 },
                { .kind = VG_SIGHT_EVENT,
                  .health = VG_HEALTH_WARNING,
                  .code = "dimm.page",
                  .key = "0x2",
                  .count = 1,
                  .at_s = T0,
                  .component = A1 } },
              0,
              "" },
            { 60,
              "kernel",
              VG_ROUND_PARTIAL,
              { { .kind = VG_SIGHT_EVENT,
                  .health = VG_HEALTH_WARNING,
                  .code = "dimm.page",
                  .key = "0x2",
                  .count = 1,
                  .at_s = T0 + 60,
                  .component = A1 } },
              0,
              "opened dimm.page dimm/A1 suspect warning since -60" } } },
        { "a counter above zero when first seen, and one that only grows",
          { { 0,
              "smart",
              0,
              { COUNT("drive.media", 3, BAY1) },
              0,
              "opened drive.media drive/Bay 1 suspect warning" },
            { 60,
              NULL,
              0,
              { { 0 } },
              ACK,
              "acknowledged drive.media drive/Bay 1 suspect warning since -60\n"
              "cleared drive.media drive/Bay 1 cleared warning by ack after 60" },
            { 120, "smart", 0, { COUNT("drive.media", 3, BAY1) }, 0, "" },
            { 180,
              "smart",
              0,
              { COUNT("drive.media", 4, BAY1) },
              0,
              "opened drive.media drive/Bay 1 suspect warning #2" } } },
        { "reallocated sectors matter when they grow",
          { { 0, "smart", 0, { GROWTH("drive.media", 8, BAY1) }, 0, "" },
            { 60, "smart", 0, { GROWTH("drive.media", 8, BAY1) }, 0, "" },
            { 120,
              "smart",
              0,
              { GROWTH("drive.media", 9, BAY1) },
              0,
              "opened drive.media drive/Bay 1 suspect warning" } } },
        { "a summary is folded into any leaf, bare it is a fault of the system",
          { { 0,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1), SUMMARY(CRITICAL, "", SYSTEM) },
              0,
              "opened drive.failed drive/Bay 1 failed critical" },
            { 60,
              "redfish",
              0,
              { WELL(BAY1), SUMMARY(CRITICAL, "", SYSTEM) },
              0,
              "cleared drive.failed drive/Bay 1 cleared critical by state after 60\n"
              "opened system.health system/system degraded critical" },
            { 120,
              "redfish",
              0,
              { WELL(BAY1), SUMMARY(OK, "", SYSTEM) },
              0,
              "cleared system.health system/system cleared critical by state after 60" } } },
        { "a summary of other things explains nothing here",
          { { 0,
              "redfish",
              0,
              { DEAD("drive.failed", BAY1), SUMMARY(WARNING, "fan psu", SYSTEM) },
              0,
              "opened drive.failed drive/Bay 1 failed critical\n"
              "opened system.health system/system degraded warning" } } },
        { "a source that cannot be read hides its faults and is told after three rounds",
          { { 0,
              "redfish",
              0,
              { DEAD("psu.failed", PSU1) },
              0,
              "opened psu.failed psu/1 failed critical" },
            { 60,
              "redfish",
              VG_ROUND_FAILED,
              { { 0 } },
              0,
              "unobservable psu.failed psu/1 unobservable critical since -60" },
            { 120, "redfish", VG_ROUND_FAILED, { { 0 } }, 0, "" },
            { 180, "redfish", VG_ROUND_FAILED, { { 0 } }, 0, "" },
            { 240,
              "redfish",
              VG_ROUND_FAILED,
              { { 0 } },
              0,
              "opened bmc.unreachable bmc/redfish failed warning since -180" },
            { 300,
              "redfish",
              0,
              { DEAD("psu.failed", PSU1) },
              0,
              "observable psu.failed psu/1 failed critical since -300\n"
              "cleared bmc.unreachable bmc/redfish cleared warning by state after 240" } } },
        { "a warning that turns critical",
          { { 0,
              "redfish",
              0,
              { ILL("fan.degraded", AT("fan", "3")) },
              0,
              "opened fan.degraded fan/3 degraded warning" },
            { 60,
              "redfish",
              0,
              { DEAD("fan.degraded", AT("fan", "3")) },
              0,
              "raised fan.degraded fan/3 degraded critical since -60" } } },
        { "places that sources name in their own ways",
          { { 0,
              "redfish",
              0,
              { DEAD("psu.failed", AT("psu", "Power Supply 1")) },
              0,
              "opened psu.failed psu/Power Supply 1 failed critical" },
            { 10,
              "ipmi",
              0,
              { DEAD("psu.failed", AT("psu", "PSU1 Status")) },
              0,
              "evidence psu.failed psu/Power Supply 1 failed critical" },
            { 20,
              "ipmi-b",
              0,
              { DEAD("psu.failed", AT("psu", "PS 02")) },
              0,
              "opened psu.failed psu/PS 02 failed critical" } } },
        { "the host gave the name to another disk",
          { { 0, "smart", 0, { WELL(SDA) }, 0, "" },
            { 60,
              "smart",
              VG_ROUND_PARTIAL,
              { DEAD("drive.failed", { .component_class = "drive",
                                       .location = "sda",
                                       .device = "sda",
                                       .serial = "S7" }) },
              0,
              "opened drive.failed drive/sda/S7 failed critical" } } },
        { "the host's name is that of whoever bears it now",
          { { 0,
              "drive",
              0,
              { PRESENT(IN_BAND("sda", "S1")), PRESENT(IN_BAND("sdb", "S2")) },
              0,
              "" },
            { 60,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("drive.io", 1, T0 + 60, ON_HOST("sdb")) },
              0,
              "opened drive.io drive/sdb suspect warning" },
            { 120,
              "drive",
              0,
              { PRESENT(IN_BAND("sda", "S1")) },
              0,
              "slot missing S2 S2\nopened drive.missing drive/sdb failed critical since -60\n"
              "cleared drive.io drive/sdb cleared warning by absorbed after 60" },
            { 180,
              "drive",
              0,
              { PRESENT(IN_BAND("sda", "S1")), PRESENT(IN_BAND("sdb", "S3")),
                PRESENT(IN_BAND("sdc", "S2")) },
              0,
              "slot returned S2 S2\ncleared drive.missing drive/sdb cleared critical by returned "
              "after 120\n"
              "opened drive.io drive/sdb suspect warning since -120 #2" },
            { 240,
              "kernel",
              VG_ROUND_PARTIAL,
              { EVENT("drive.media", 1, T0 + 240, ON_HOST("sdb")) },
              0,
              "opened drive.media drive/sdb/S3 suspect warning" } } },
        { "what is only mentioned is over when it is not said again, and never missing",
          { { 0, "drive", 0, { PRESENT(IN_BAND("sda", "S1")) }, 0, "" },
            { 60,
              "md",
              0,
              { { .kind = VG_SIGHT_MENTION,
                  .health = VG_HEALTH_CRITICAL,
                  .code = "drive.failed",
                  .component = ON_HOST("sda") } },
              0,
              "opened drive.failed drive/sda failed critical" },
            { 120,
              "md",
              0,
              { { 0 } },
              0,
              "cleared drive.failed drive/sda cleared critical by state after 60" } } },
        { "ten errors more on a link within a day are one fault, nine are none; a quiet day ends "
          "it",
          { { 0, "nic", 0, { LINK_ERRORS(1000) }, 0, "" },
            { HOUR, "nic", 0, { LINK_ERRORS(1009) }, 0, "" },
            { 2 * DAY, "nic", 0, { LINK_ERRORS(1010) }, 0, "" },
            { 2 * DAY + HOUR,
              "nic",
              0,
              { LINK_ERRORS(1020) },
              0,
              "opened link.degraded link/eth0 degraded warning" },
            { 4 * DAY,
              "nic",
              0,
              { LINK_ERRORS(1021) },
              0,
              "cleared link.degraded link/eth0 cleared warning by state after 169200" } } },
        { "a counter that stops is not missing",
          { { 0,
              "edac",
              0,
              { { .kind = VG_SIGHT_COUNTER,
                  .health = VG_HEALTH_CRITICAL,
                  .code = "dimm.uncorrected",
                  .component = A1 } },
              0,
              "" },
            { 60, "edac", 0, { { 0 } }, 0, "" } } },
        { "a bay is a better name than the host's, until a fault bears that one",
          { { 0,
              "drive",
              0,
              { PRESENT(IN_BAND("sda", "S1")), PRESENT(IN_BAND("sdb", "S2")) },
              0,
              "" },
            { 60, "redfish", 0, { PRESENT(DRIVE("Bay 3", "S1")) }, 0, "slot changed S1 S1" },
            { 120,
              "drive",
              0,
              { { 0 } },
              0,
              "slot missing S1 S1\nslot missing S2 S2\n"
              "opened drive.missing drive/Bay 3 failed critical\n"
              "opened drive.missing drive/sdb failed critical" },
            { 180,
              "redfish",
              0,
              { PRESENT(DRIVE("Bay 4", "S2")), PRESENT(DRIVE("Bay 3", "S1")) },
              0,
              "slot returned S2 S2\nslot returned S1 S1" } } },
};

/* ---- telling ---- */

struct told {
        char text[2048];
        int64_t now_s;
        char first_active[17];
};

static void add(struct told *told, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct told *told, const char *format, ...)
{
        const size_t n = strlen(told->text);
        va_list args;

        va_start(args, format);
        vsnprintf(told->text + n, sizeof(told->text) - n, format, args);
        va_end(args);
}

static int hear_fault(void *user, enum vg_fault_event event, const struct vg_fault *fault,
                      int64_t at_s, struct vg_err *err)
{
        struct told *told = user;
        char path[256];

        (void)at_s;
        (void)err;
        add(told, "%s%s %s %s %s %s", *told->text ? "\n" : "", vg_fault_event_name(event),
            fault->code->id, vg_component_path(&fault->component, path, sizeof(path)),
            vg_fault_state_name(fault->state), vg_fault_severity_name(fault->severity));
        if (*fault->how)
                add(told, " by %s after %lld", fault->how,
                    (long long)(fault->ended_s - fault->first_s));
        else if (event != VG_FAULT_EVENT_EVIDENCE && event != VG_FAULT_EVENT_RAISED &&
                 fault->first_s != told->now_s &&
                 (event != VG_FAULT_EVENT_RECOVERING || told->now_s - fault->first_s > HOUR))
                add(told, " since %lld", (long long)(fault->first_s - told->now_s));
        else if (event == VG_FAULT_EVENT_RAISED && fault->severity == VG_FAULT_CRITICAL)
                add(told, " since %lld", (long long)(fault->first_s - told->now_s));
        if (fault->episode > 1)
                add(told, " #%lld", (long long)fault->episode);
        return 0;
}

static int hear_slot(void *user, enum vg_slot_event event, const struct vg_component *before,
                     const struct vg_component *now, int64_t at_s, struct vg_err *err)
{
        struct told *told = user;

        (void)at_s;
        (void)err;
        if (event != VG_SLOT_FOUND && *now->serial)
                add(told, "%sslot %s %s %s", *told->text ? "\n" : "", vg_slot_event_name(event),
                    before->serial, now->serial);
        return 0;
}

static int find_active(void *user, const struct vg_fault *fault)
{
        struct told *told = user;

        if (vg_fault_is_active(fault))
                memcpy(told->first_active, fault->id, sizeof(told->first_active));
        return 0;
}

static struct vg_round *make_round(const struct step *step)
{
        static const struct vg_component bmc = { .component_class = "bmc", .location = "redfish" };
        struct vg_round *round = NULL;

        assert_int_equal(vg_round_new(step->source, &round), 0);
        vg_round_set_time(round, T0 + step->after_s);
        if (step->status == VG_ROUND_PARTIAL)
                vg_round_set_partial(round);
        if (step->status == VG_ROUND_FAILED)
                vg_round_fail(round, "no answer");
        if (strcmp(step->source, "redfish") == 0)
                assert_int_equal(vg_round_set_silence(round, &bmc, "bmc.unreachable"), 0);
        for (size_t i = 0; i < ELEMENTSOF(step->sightings); i++)
                if (step->sightings[i].component.component_class)
                        assert_int_equal(vg_round_add(round, &step->sightings[i]), 0);
        return round;
}

static void act_on(struct vg_fault_book *book, const struct step *step, struct told *told,
                   const struct vg_fault_sink *sink)
{
        static const enum vg_fault_act acts[] = { [ACK] = VG_FAULT_ACT_ACKNOWLEDGE,
                                                  [ON_SITE] = VG_FAULT_ACT_ON_SITE,
                                                  [REPLACED] = VG_FAULT_ACT_REPLACED };

        if (step->act == TICK) {
                assert_int_equal(vg_fault_book_tick(book, told->now_s, sink, NULL), 0);
                return;
        }
        assert_int_equal(vg_fault_book_each(book, find_active, told), 0);
        assert_int_equal(vg_fault_book_act(book, told->first_active, acts[step->act], told->now_s,
                                           sink, NULL),
                         0);
}

/* The same round after a journey through the keeper protocol, in parts of one sighting each. */
static struct vg_round *send(struct vg_round *round)
{
        struct vg_round *arrived = NULL;
        size_t n, next = 0;
        int r;

        vg_round_sightings(round, &n);
        do {
                _cleanup_(vg_json_done) struct vg_json j = { 0 };
                _cleanup_(vg_json_decrefp) json_t *tree = NULL;
                struct vg_err err = { 0 };

                assert_int_equal(vg_round_write(round, next, 1, &j, &next), 0);
                assert_int_equal(vg_json_parse(j.buf.data, j.buf.n, &tree, NULL, NULL, &err), 0);
                r = vg_round_read(tree, &arrived, &err);
                assert_int_equal(r, next < n ? VG_ROUND_MORE : 0);
        } while (r == VG_ROUND_MORE);
        vg_round_free(round);
        return arrived;
}

static struct vg_fault_book *save_and_load(struct vg_fault_book *book)
{
        _cleanup_(vg_buf_done) struct vg_buf first = { 0 }, second = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_fault_book *again = NULL;
        struct vg_err err = { 0 };

        assert_int_equal(vg_fault_book_save(book, &first, &err), 0);
        assert_int_equal(vg_json_parse(first.data, first.n, &tree, NULL, NULL, &err), 0);
        assert_int_equal(vg_fault_book_load(tree, &again, &err), 0);
        assert_int_equal(vg_fault_book_save(again, &second, &err), 0);
        assert_string_equal(first.data, second.data);
        vg_fault_book_free(book);
        return again;
}

static void tell_story(const struct story *story, bool by_post)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL;

        assert_int_equal(vg_fault_book_new("host", &book), 0);
        for (size_t i = 0; i < ELEMENTSOF(story->steps) && story->steps[i].want; i++) {
                const struct step *step = &story->steps[i];
                struct told told = { .now_s = T0 + step->after_s };
                const struct vg_fault_sink sink = { hear_fault, hear_slot, &told };

                if (step->source) {
                        _cleanup_(vg_round_freep) struct vg_round *round = make_round(step);
                        const struct vg_round *rounds[] = { round };

                        if (by_post)
                                rounds[0] = round = send(round);
                        assert_int_equal(
                                vg_fault_book_apply(book, rounds, 1, told.now_s, &sink, NULL), 0);
                } else {
                        act_on(book, step, &told, &sink);
                }
                if (strcmp(told.text, step->want) != 0)
                        print_error("%s, step %zu%s\n", story->name, i,
                                    by_post ? ", saved and sent" : "");
                assert_string_equal(told.text, step->want);
                if (by_post)
                        book = save_and_load(book);
        }
}

static void test_stories(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(stories); i++) {
                tell_story(&stories[i], false);
                tell_story(&stories[i], true);
        }
}

static void test_acts_on_nothing(void **state)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL;
        enum vg_fault_act act;

        (void)state;
        assert_int_equal(vg_fault_book_new("host", &book), 0);
        assert_int_equal(vg_fault_book_act(book, "0011223344556677", VG_FAULT_ACT_ACKNOWLEDGE, T0,
                                           NULL, NULL),
                         -ENOENT);
        assert_int_equal(vg_fault_act_parse("on-site", &act), 0);
        assert_int_equal(act, VG_FAULT_ACT_ON_SITE);
        assert_int_equal(vg_fault_act_parse("forget", &act), -EINVAL);
}

static void test_limits(void **state)
{
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        const struct vg_sighting sighting = { .kind = VG_SIGHT_STATE,
                                              .component = DRIVE("\x1b[31mBay\n1", "S1") };
        size_t n;

        (void)state;
        assert_int_equal(vg_round_new("redfish", &round), 0);
        for (size_t i = 0; i < VG_ROUND_SIGHTINGS_MAX + 10; i++)
                assert_int_equal(vg_round_add(round, &sighting), 0);
        assert_null(strchr(vg_round_sightings(round, &n)[0].component.location, '\x1b'));
        assert_int_equal(n, VG_ROUND_SIGHTINGS_MAX);
        vg_round_notes(round, &n);
        assert_int_equal(n, 1);
        assert_int_equal(vg_round_status(round), VG_ROUND_PARTIAL);
}

/* A machine that names places without end takes none from another source, and keeps its own. */
static void test_places_without_end(void **state)
{
        _cleanup_(vg_fault_book_freep) struct vg_fault_book *book = NULL;
        _cleanup_(vg_round_freep) struct vg_round *flood = NULL, *other = NULL;
        struct told told = { .now_s = T0 };
        const struct vg_fault_sink sink = { hear_fault, NULL, &told };
        const struct vg_sighting dead = DEAD("fan.failed", AT("fan", "Fan 9999"));

        (void)state;
        assert_int_equal(vg_fault_book_new("host", &book), 0);
        assert_int_equal(vg_round_new("ipmi", &flood), 0);
        assert_int_equal(vg_round_new("redfish", &other), 0);
        for (int i = 0; i < 3000; i++) {
                char name[16];
                snprintf(name, sizeof(name), "Fan %d", i);
                const struct vg_sighting well = WELL(AT("fan", name));
                assert_int_equal(vg_round_add(flood, &well), 0);
        }
        assert_int_equal(vg_round_add(other, &dead), 0);
        const struct vg_round *rounds[] = { flood, other };
        assert_int_equal(vg_fault_book_apply(book, rounds, 2, T0, &sink, NULL), 0);
        assert_string_equal(told.text, "opened fan.failed fan/Fan 9999 failed critical");

        _cleanup_(vg_buf_done) struct vg_buf saved = { 0 };
        size_t n = 0;
        assert_int_equal(vg_fault_book_save(book, &saved, NULL), 0);
        for (const char *at = saved.data; (at = strstr(at, "\"class\":\"fan\"")); at++)
                n++;
        assert_int_equal(n, 1024 + 1);
}

static void test_hostile_memory(void **state)
{
        static const char *const bodies[] = {
                "{}",
                "{\"host\":\"h\",\"slots\":[{\"class\":\"spoon\"}],\"sources\":[],\"v\":1}",
                "{\"host\":\"h\",\"slots\":[3],\"sources\":[],\"v\":1}",
                "{\"host\":\"h\",\"slots\":[{\"class\":\"psu\",\"entries\":[{\"code\":\"x\"}]}],"
                "\"sources\":[],\"v\":1}",
                "{\"host\":\"h\",\"slots\":[{\"class\":\"psu\",\"entries\":[{\"code\":"
                "\"psu.failed\",\"state\":99}]}],\"sources\":[],\"v\":1}",
                "{\"host\":\"h\",\"slots\":[],\"sources\":[],\"v\":2}",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                _cleanup_(vg_json_decrefp) json_t *tree = NULL;
                struct vg_fault_book *book = NULL;
                struct vg_err err = { 0 };

                assert_int_equal(
                        vg_json_parse(bodies[i], strlen(bodies[i]), &tree, NULL, NULL, &err), 0);
                assert_int_equal(vg_fault_book_load(tree, &book, &err), -EINVAL);
                assert_null(book);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_stories),
                cmocka_unit_test(test_acts_on_nothing),
                cmocka_unit_test(test_limits),
                cmocka_unit_test(test_hostile_memory),
                cmocka_unit_test(test_places_without_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
