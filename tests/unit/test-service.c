/* SPDX-License-Identifier: Apache-2.0 */

/* The clocks of service levels: hours of coverage, holidays, both changes of the clock, maintenance
 * and pauses. */

#include "rating-fixture.h"

#include "vigie/alert.h"
#include "vigie/service.h"

enum { HOUR = 3600 };

/* Critical: 1 h and 8 h at all hours. Major: 4 h and 24 h on working days from 8 to 18. Warning: no
 * repair time; nights from 22 to 6. Maintenance: third Sunday, 2 to 6. */
static const char levels[] =
        "{\"schema\":\"vigie-contract/2\",\"orders\":[],\"termination\":null,"
        "\"reporting_appliance\":\"vigie-1\",\"service_levels\":{\"levels\":["
        "{\"severity\":\"critical\",\"respond_minutes\":60,\"repair_minutes\":480,\"coverage\":"
        "null},"
        "{\"severity\":\"major\",\"respond_minutes\":240,\"repair_minutes\":1440,\"coverage\":"
        "\"DAY\"},"
        "{\"severity\":\"warning\",\"respond_minutes\":240,\"repair_minutes\":null,\"coverage\":"
        "\"NIGHT\"}],"
        "\"coverage_windows\":[{\"id\":\"DAY\",\"on_holidays\":false,\"periods\":[{\"days\":["
        "\"mon\","
        "\"tue\",\"wed\",\"thu\",\"fri\"],\"from\":\"08:00\",\"to\":\"18:00\"}]},"
        "{\"id\":\"NIGHT\",\"on_holidays\":true,\"periods\":[{\"days\":[\"mon\",\"tue\",\"wed\","
        "\"thu\",\"fri\",\"sat\",\"sun\"],\"from\":\"22:00\",\"to\":\"06:00\"}]}],"
        "\"maintenance_windows\":[{\"id\":\"M\",\"on_holidays\":true,\"periods\":[{\"days\":["
        "\"sun\"],"
        "\"weeks\":[3],\"from\":\"02:00\",\"to\":\"06:00\"}]}]}}";

static int64_t instant(const char *text) /* "" not yet, "…" still so */
{
        return !text || !*text ? 0 : strcmp(text, "-") == 0 ? INT64_MAX : utc(text);
}

static void clocks(_unused_ void **state)
{
        static const struct {
                const char *name;
                enum vg_severity severity;
                const char *opened, *acknowledged, *on_site, *repaired, *now;
                const char *pause[2];
                const char *respond, *repair, *due; /* due: of the repair */
                int64_t elapsed_s;                  /* of the repair */
        } rows[] = {
                /* 2027-06-10 is a Thursday; the zone is UTC-4 in summer. */
                { "running",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-10T13:00:00Z",
                  { 0 },
                  "running",
                  "running",
                  "2027-06-10T20:00:00Z",
                  HOUR },
                { "the last second is in time",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "2027-06-10T13:00:00Z",
                  "",
                  "2027-06-10T20:00:00Z",
                  "2027-06-11T00:00:00Z",
                  { 0 },
                  "met",
                  "met",
                  "2027-06-10T20:00:00Z",
                  8 * HOUR },
                { "one second later is not",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "2027-06-10T13:00:01Z",
                  "",
                  "2027-06-10T20:00:01Z",
                  "2027-06-11T00:00:00Z",
                  { 0 },
                  "missed",
                  "missed",
                  "2027-06-10T20:00:00Z",
                  8 * HOUR + 1 },
                { "overdue",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-10T20:00:01Z",
                  { 0 },
                  "overdue",
                  "overdue",
                  "2027-06-10T20:00:00Z",
                  8 * HOUR + 1 },
                { "who comes has answered",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "",
                  "2027-06-10T12:30:00Z",
                  "",
                  "2027-06-10T14:00:00Z",
                  { 0 },
                  "met",
                  "running",
                  "2027-06-10T20:00:00Z",
                  2 * HOUR },
                { "waiting for access does not count",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "2027-06-10T12:30:00Z",
                  "",
                  "",
                  "2027-06-10T22:00:00Z",
                  { "2027-06-10T13:00:00Z", "2027-06-10T16:00:00Z" },
                  "met",
                  "running",
                  "2027-06-10T23:00:00Z",
                  7 * HOUR },
                { "still waiting: no due time",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-10T12:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-12T12:00:00Z",
                  { "2027-06-10T12:30:00Z", "-" },
                  "running",
                  "running",
                  NULL,
                  HOUR / 2 },
                { "agreed maintenance does not count",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-20T05:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-20T11:00:00Z",
                  { 0 },
                  "overdue",
                  "running",
                  "2027-06-20T17:00:00Z",
                  2 * HOUR },
                { "another Sunday's is none",
                  VG_SEVERITY_CRITICAL,
                  "2027-06-13T05:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-13T11:00:00Z",
                  { 0 },
                  "overdue",
                  "running",
                  "2027-06-13T13:00:00Z",
                  6 * HOUR },
                /* Working hours 8-18 local: 12:00Z-22:00Z in summer, 13:00Z-23:00Z in winter. */
                { "evenings and week-ends do not count",
                  VG_SEVERITY_MAJOR,
                  "2027-06-10T21:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-14T13:00:00Z",
                  { 0 },
                  "overdue",
                  "running",
                  "2027-06-15T15:00:00Z",
                  12 * HOUR },
                { "opened at night",
                  VG_SEVERITY_MAJOR,
                  "2027-06-10T03:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-10T11:59:59Z",
                  { 0 },
                  "running",
                  "running",
                  "2027-06-14T16:00:00Z",
                  0 },
                { "Saint-Jean (Thursday) and Canada Day (Thursday) are holidays",
                  VG_SEVERITY_MAJOR,
                  "2027-06-23T21:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-25T12:00:00Z",
                  { 0 },
                  "running",
                  "running",
                  "2027-06-29T15:00:00Z",
                  HOUR },
                { "Good Friday and Easter Monday 2028",
                  VG_SEVERITY_MAJOR,
                  "2028-04-13T21:00:00Z",
                  "",
                  "",
                  "",
                  "2028-04-18T12:00:00Z",
                  { 0 },
                  "running",
                  "running",
                  "2028-04-20T15:00:00Z",
                  HOUR },
                { "winter hours after the clock goes back",
                  VG_SEVERITY_MAJOR,
                  "2027-11-05T21:00:00Z",
                  "",
                  "",
                  "",
                  "2027-11-08T13:00:00Z",
                  { 0 },
                  "running",
                  "running",
                  "2027-11-10T16:00:00Z",
                  HOUR },
                /* Nights of 22 to 6: nine hours when the clock goes back (2027-11-07), seven when
                 * it goes forward (2027-03-14). */
                { "a night of nine hours",
                  VG_SEVERITY_WARNING,
                  "2027-11-06T23:00:00Z",
                  "",
                  "",
                  "",
                  "2027-11-07T23:00:00Z",
                  { 0 },
                  "overdue",
                  "no_agreed_time",
                  NULL,
                  9 * HOUR },
                { "a night of seven hours",
                  VG_SEVERITY_WARNING,
                  "2027-03-13T23:00:00Z",
                  "",
                  "",
                  "",
                  "2027-03-14T23:00:00Z",
                  { 0 },
                  "overdue",
                  "no_agreed_time",
                  NULL,
                  7 * HOUR },
                { "no level, no clock",
                  VG_SEVERITY_INFO,
                  "2027-06-10T12:00:00Z",
                  "",
                  "",
                  "",
                  "2027-06-10T13:00:00Z",
                  { 0 },
                  "no_agreed_time",
                  "no_agreed_time",
                  NULL,
                  HOUR },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(levels);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_span pause = { instant(rows[i].pause[0]),
                                               instant(rows[i].pause[1]) };
                const struct vg_incident incident = {
                        .severity = rows[i].severity,
                        .opened_s = utc(rows[i].opened),
                        .acknowledged_s = instant(rows[i].acknowledged),
                        .on_site_s = instant(rows[i].on_site),
                        .repaired_s = instant(rows[i].repaired),
                        .pauses = &pause,
                        .n_pauses = rows[i].pause[0] ? 1 : 0,
                };
                struct vg_service_clock respond, repair;
                char due[32] = "";

                vg_service_judge(c, &incident, utc(rows[i].now), &respond, &repair);
                if (repair.due_s != INT64_MAX)
                        vg_utc_format(repair.due_s, due);
                if (strcmp(vg_service_state_name(respond.state), rows[i].respond) != 0 ||
                    strcmp(vg_service_state_name(repair.state), rows[i].repair) != 0 ||
                    repair.elapsed_s != rows[i].elapsed_s ||
                    strcmp(due, rows[i].due ? rows[i].due : "") != 0)
                        fail_msg("%s: %s, %s, due %s, %lld s", rows[i].name,
                                 vg_service_state_name(respond.state),
                                 vg_service_state_name(repair.state), due,
                                 (long long)repair.elapsed_s);
        }
}

/* A window that opens in the hour that spring leaves out opens at the change. */
static void hours_that_do_not_exist(_unused_ void **state)
{
        static const struct vg_period period = { .days = 0x7f, .from_min = 150, .to_min = 240 };
        static const struct vg_window window = { .on_holidays = true,
                                                 .periods = (struct vg_period *)&period,
                                                 .n_periods = 1 };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(NULL);
        static const struct {
                const char *from, *to;
                int64_t elapsed_s;
        } rows[] = {
                { "2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z", HOUR },         /* 3 to 4 */
                { "2027-03-15T04:00:00Z", "2027-03-16T04:00:00Z", 3 * HOUR / 2 }, /* 2:30 to 4 */
                { "2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z", 3 * HOUR / 2 },
                { "2028-02-29T05:00:00Z", "2028-03-01T05:00:00Z", 3 * HOUR / 2 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(
                        vg_service_elapsed(c, &window,
                                           (struct vg_span){ utc(rows[i].from), utc(rows[i].to) },
                                           NULL, 0),
                        rows[i].elapsed_s);
}

/* VIG-H-004 and S-001 fire past the time, with its figures, and end with the repair. */
static void overdue_repairs_are_told(_unused_ void **state)
{
        static const char *const covers[] = { "VIG-H-004", "VIG-S-001", NULL };
        _cleanup_(vg_contract_freep) struct vg_contract *c = given_contract(levels);
        struct vg_incident incidents[] = {
                { .id = "f-1",
                  .code = "drive.failed",
                  .component = "drive/Bay 5",
                  .severity = VG_SEVERITY_CRITICAL,
                  .opened_s = utc("2027-06-10T12:00:00Z") },
                { .id = "f-2",
                  .code = "fan.slow",
                  .component = "fan/2",
                  .severity = VG_SEVERITY_INFO,
                  .opened_s = utc("2027-06-01T12:00:00Z") },
        };
        struct vg_signals signals = { .covers = covers };
        char text[VG_ALERT_TEXT_SIZE];

        assert_int_equal(vg_service_watch(c, incidents, 2, utc("2027-06-10T20:00:00Z"), &signals),
                         0);
        assert_int_equal(signals.n, 0);
        assert_int_equal(vg_service_watch(c, incidents, 2, utc("2027-06-10T22:30:00Z"), &signals),
                         0);
        assert_int_equal(signals.n, 2);
        assert_string_equal(
                vg_alert_text(signals.list[0].alert, &signals.list[0].params, true, text,
                              sizeof(text)),
                "Réparation en retard\u00a0: drive/Bay 5 (drive.failed), ouverte depuis "
                "10,5\u00a0h, délai convenu de 8\u00a0h.");
        assert_string_equal(
                vg_alert_text(signals.list[1].alert, &signals.list[1].params, false, text,
                              sizeof(text)),
                "Failure f-1 open for 10.5\u00a0h on drive/Bay 5; agreed time: 8\u00a0h.");
        vg_signals_done(&signals);
        incidents[0].repaired_s = utc("2027-06-10T22:00:00Z");
        assert_int_equal(vg_service_watch(c, incidents, 2, utc("2027-06-11T00:00:00Z"), &signals),
                         0);
        assert_int_equal(signals.n, 0);
        vg_signals_done(&signals);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(clocks),
                cmocka_unit_test(hours_that_do_not_exist),
                cmocka_unit_test(overdue_repairs_are_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
