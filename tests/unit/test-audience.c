/* SPDX-License-Identifier: Apache-2.0 */

/* Who may receive what: every type of record, in each log, to each role. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "deliver/audience.h"
#include "deliver/event.h"
#include "store/store.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* Those whom a record may go to: Manager, It, Tenant t-a, Supplier, Broker. */
static const struct {
        const char *type, *log, *body, *want;
} rows[] = {
        { "act", "client", "{\"verb\":\"go-live\"}", "I" },
        { "alert", "client", "{\"audience\":[\"contract_manager\"]}", "M" },
        { "alert", "client", "{\"audience\":[\"client_it\",\"contract_manager\"]}", "MI" },
        { "alert", "client", "{\"audience\":[\"tenant_owner\"],\"tenant\":\"t-a\"}", "T" },
        { "alert", "client", "{\"audience\":[\"tenant_owner\"],\"tenant\":\"t-b\"}", "" },
        { "alert", "client", "{\"audience\":[\"tenant_owner\"]}", "" },
        { "alert", "client", "{\"audience\":[\"supplier_maintenance\"]}", "" },
        { "alert", "client", "{\"audience\":\"client_it\"}", "" },
        { "alert", "client", "{\"audience\":[\"client_it\"],\"code\":\"VIG-D-006\"}", "MI" },
        { "alert", "shared", "{\"audience\":[\"client_it\",\"supplier_maintenance\"]}", "IS" },
        { "alert", "shared", "{\"audience\":[\"contract_manager\"]}", "MS" },
        { "carried", "client", "{\"domains\":[]}", "I" },
        { "contract", "client", "{\"contract_id\":\"CS-1\"}", "MI" },
        { "contract-refused", "client", "{}", "MI" },
        { "delivery", "client", "{}", "MI" },
        { "epoch", "client", "{}", "I" },
        { "epoch", "shared", "{}", "IS" },
        { "fault", "shared", "{\"id\":\"f-1\"}", "IS" },
        { "fault", "client", "{\"id\":\"f-1\"}", "I" }, /* by its log, whatever its name */
        { "finding", "client", "{\"key\":\"t-a/NET-01\",\"tenant\":\"t-a\"}", "I" },
        { "firmware", "shared", "{}", "IS" },
        { "interval", "client", "{}", "MI" },
        { "inventory", "shared", "{}", "IS" },
        { "isolation", "client", "{}", "I" },
        { "key", "client", "{}", "I" },
        { "key", "shared", "{}", "IS" },
        { "life", "shared", "{}", "IS" },
        { "origin", "client", "{}", "I" },
        { "origin", "shared", "{}", "IS" },
        { "purge", "client", "{}", "I" },
        { "repair", "shared", "{\"fault\":\"f-1\"}", "IS" },
        { "replacement", "shared", "{}", "IS" },
        { "session", "shared", "{}", "IS" },
        { "statement", "client", "{\"tenant\":\"t-a\"}", "MI" },
        { "test", "client", "{\"recipient\":\"T\"}", "T" },
        { "test", "client", "{\"recipient\":\"B\"}", "B" },
        { "test", "client", "{\"recipient\":\"S\"}", "" },
        { "test", "shared", "{\"recipient\":\"S\"}", "S" },
        { "unheard-of", "client", "{\"tenant\":\"t-a\"}", "" },
        { "unheard-of", "shared", "{}", "S" },
        { "usage", "client", "{\"tenant\":\"t-a\"}", "MIT" },
        { "usage", "client", "{\"tenant\":\"t-b\"}", "MI" },
        { "usage", "client", "{\"tenant\":[\"t-a\"]}", "MI" },
        { "usage-import", "client", "{\"tenant\":\"t-a\"}", "MI" },
        { "usage-received", "client", "{\"tenant\":\"t-a\"}", "MI" },
        { "usage-shared", "client", "{\"tenant\":\"t-a\"}", "MI" },
};

static const struct vg_recipient people[] = {
        { .id = "M", .role = VG_ROLE_CONTRACT_MANAGER },
        { .id = "I", .role = VG_ROLE_CLIENT_IT },
        { .id = "T", .role = VG_ROLE_TENANT_OWNER, .tenant = "t-a" },
        { .id = "S", .role = VG_ROLE_SUPPLIER_MAINTENANCE },
        { .id = "B", .role = VG_ROLE_BROKER },
};

static json_t *parse(const char *text)
{
        json_t *tree = NULL;

        assert_int_equal(vg_json_parse(text, strlen(text), &tree, NULL, NULL, NULL), 0);
        return tree;
}

static void each_type_to_each_role(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_json_decrefp) json_t *body = parse(rows[i].body);
                enum vg_log log;
                char got[8] = "";
                assert_int_equal(vg_log_parse(rows[i].log, &log), 0);
                for (size_t p = 0; p < ELEMENTSOF(people); p++)
                        if (audience_admits(&people[p], log, rows[i].type, body)) {
                                strncat(got, people[p].id, 1);
                                assert_true(audience_may_admit(&people[p], log, rows[i].type));
                        }
                if (strcmp(got, rows[i].want) != 0)
                        fail_msg("%s, %s %s: to \"%s\", not \"%s\"", rows[i].type, rows[i].log,
                                 rows[i].body, got, rows[i].want);
        }
}

/* Who would be told of one, had we forgotten a row above. */
static void each_row_is_in_the_table(_unused_ void **state)
{
        static const char *const types[] = {
#define VG_AUDIENCE(record, event, rule, subject) record,
#include "deliver/audience.def"
#undef VG_AUDIENCE
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                bool found = false;
                for (size_t k = 0; k < ELEMENTSOF(rows); k++)
                        found |= strcmp(rows[k].type, types[i]) == 0;
                if (!found)
                        fail_msg("no row of this test asks about %s", types[i]);
        }
}

static const struct {
        enum vg_severity least;
        unsigned classes;
        const char *body;
        bool want;
} told[] = {
        { VG_SEVERITY_INFO, 0, "{\"audience\":[\"client_it\"],\"severity\":\"info\"}", true },
        { VG_SEVERITY_MAJOR, 0, "{\"audience\":[\"client_it\"],\"severity\":\"warning\"}", false },
        { VG_SEVERITY_MAJOR, 0, "{\"audience\":[\"client_it\"],\"severity\":\"critical\"}", true },
        { VG_SEVERITY_MAJOR, 0, "{\"audience\":[\"client_it\"],\"severity\":\"worse\"}", true },
        { VG_SEVERITY_INFO, 1u << VG_CLASS_TERM,
          "{\"audience\":[\"client_it\"],\"code\":\"VIG-H-001\",\"severity\":\"major\"}", false },
        { VG_SEVERITY_INFO, 1u << VG_CLASS_FAILURE,
          "{\"audience\":[\"client_it\"],\"code\":\"VIG-H-001\",\"severity\":\"major\"}", true },
        { VG_SEVERITY_INFO, 1u << VG_CLASS_TERM,
          "{\"audience\":[\"client_it\"],\"code\":\"VIG-X-999\",\"severity\":\"major\"}", true },
        { VG_SEVERITY_CRITICAL, 1u << VG_CLASS_TERM,
          "{\"audience\":[],\"code\":\"VIG-D-006\",\"severity\":\"warning\"}", true },
        { VG_SEVERITY_INFO, 0, "{\"audience\":[\"contract_manager\"]}", false },
        { VG_SEVERITY_INFO, 0, "{}", false },
};

static void told_by_severity_and_class(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(told); i++) {
                _cleanup_(vg_json_decrefp) json_t *body = parse(told[i].body);
                const struct vg_recipient recipient = {
                        .id = "I",
                        .role = VG_ROLE_CLIENT_IT,
                        .min_severity = told[i].least,
                        .classes = told[i].classes,
                };
                if (audience_tells(&recipient, body) != told[i].want)
                        fail_msg("row %zu: %s", i, told[i].body);
        }
}

/* ---- the event ---- */

static const char record_bytes[] =
        "{\"body\":{\"key\":\"VIG-H-001/x\",\"text\":\"é \\\"\"},\"log\":\"shared\",\"salt\":"
        "\"00112233445566778899aabbccddeeff\",\"seq\":7,\"type\":\"fault\",\"utc_ns\":1500000000,"
        "\"v\":1}";

static void an_event_is_its_record(_unused_ void **state)
{
        static const struct sink_stream stream = { .logs = 1u << VG_LOG_SHARED };
        static const char want[] =
                "{\"data\":%s,\"datacontenttype\":\"application/json\",\"id\":\"%s\","
                "\"ledgerlog\":\"shared\",\"ledgerseq\":7,"
                "\"source\":\"urn:vigie:CS%%202026:vigie-1\",\"specversion\":\"1.0\","
                "\"time\":\"1970-01-01T00:00:01Z\",\"type\":\"ca.vigie.failure.v1\"}";
        struct vg_contract contract = { .id = "CS 2026" };
        const struct destination to = { .recipient = &people[1],
                                        .contract = &contract,
                                        .appliance = "vigie-1" };
        struct store_record record = { .log = VG_LOG_SHARED,
                                       .seq = 7,
                                       .type = "fault",
                                       .utc_ns = 1500000000,
                                       .bytes = record_bytes,
                                       .n = strlen(record_bytes) };
        struct event_list events = { 0 };
        char text[1024], id[65];

        assert_int_equal(
                vg_leaf_hash(&store_hasher, record_bytes, strlen(record_bytes), &record.leaf), 0);
        assert_int_equal(event_list_add(&events, &to, &stream, &record), 0);
        assert_int_equal(events.n, 1);
        snprintf(text, sizeof(text), want, record_bytes,
                 vg_hex_format(record.leaf.bytes, VG_HASH_SIZE, id));
        assert_string_equal(events.list[0].cloud_event, text);
        assert_string_equal(events.list[0].id, id);
        assert_memory_equal(events.list[0].record.data, record_bytes, strlen(record_bytes));

        record.bytes = NULL; /* redacted */
        assert_int_equal(event_list_add(&events, &to, &stream, &record), EVENT_NOT_FOR_HIM);
        record.bytes = "{}";
        record.n = 2;
        assert_int_equal(event_list_add(&events, &to, &stream, &record), EVENT_NOT_FOR_HIM);
        record.log = VG_LOG_CLIENT;
        assert_int_equal(event_is_for(&to, &stream, &record), EVENT_NOT_FOR_HIM);
        event_list_done(&events);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_type_to_each_role),
                cmocka_unit_test(each_row_is_in_the_table),
                cmocka_unit_test(told_by_severity_and_class),
                cmocka_unit_test(an_event_is_its_record),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
