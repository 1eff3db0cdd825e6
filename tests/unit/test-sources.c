/* SPDX-License-Identifier: Apache-2.0 */

/* What the live sources do without I/O: links of a BMC, answers with $expand, which log entries are
 * new, tables of the firmware, documents through a pipe and to a folder. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hardware/documents.h"
#include "hardware/read.h"
#include "hardware/redfish-links.h"
#include "hardware/redfish-log.h"
#include "hardware/smbios.h"
#include "vigie/err.h"
#include "vigie/fault.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static json_t *json(const char *text)
{
        json_t *tree = json_loads(text, 0, NULL);

        assert_non_null(tree);
        return tree;
}

/* ---- links ---- */

static void links_have_one_key(_unused_ void **state)
{
        static const struct {
                const char *link, *key; /* key NULL: refused */
        } rows[] = {
                { "/redfish/v1/Systems/1", "/redfish/v1/systems/1" },
                { "/redfish/v1/Systems/1/", "/redfish/v1/systems/1" },
                { "/Redfish/V1//SYSTEMS/1#/Fans/0", "/redfish/v1/systems/1" },
                { "/redfish/v1/Systems?$skip=50", "/redfish/v1/systems?$skip=50" },
                { "https://elsewhere/redfish/v1/Systems", NULL },
                { "//elsewhere/redfish/v1", NULL },
                { "/redfish/v1/../../etc/passwd", NULL },
                { "/redfish/v1/.hidden", NULL },
                { "/redfish/v1/a b", NULL },
                { "/redfish/v1/a\nb", NULL },
                { "/admin", NULL },
                { "", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char key[REDFISH_LINK_MAX];
                int r = redfish_link_key(rows[i].link, key);
                if (!rows[i].key) {
                        if (r != -EINVAL)
                                fail_msg("%s: accepted", rows[i].link);
                        continue;
                }
                assert_int_equal(r, 0);
                assert_string_equal(key, rows[i].key);
        }
}

static void a_link_too_long_is_refused(_unused_ void **state)
{
        char link[REDFISH_LINK_MAX + 20] = "/redfish/v1/", key[REDFISH_LINK_MAX];

        memset(link + 12, 'x', sizeof(link) - 13);
        assert_int_equal(redfish_link_key(link, key), -EINVAL);
}

static int note_link(void *user, const char *link, enum redfish_follow how)
{
        struct documents *found = user;
        char kind[2] = { (char)('0' + (int)how), '\0' };

        return documents_put(found, link, kind, 1);
}

static void hardware_is_followed_and_nothing_else(_unused_ void **state)
{
        _cleanup_(documents_done) struct documents found = { 0 };
        json_t *system = json("{\"Bios\":{\"@odata.id\":\"/b\"},\"Memory\":{\"@odata.id\":\"/m\"},"
                              "\"Links\":{\"Chassis\":[{\"@odata.id\":\"/c\"}]},"
                              "\"NetworkPorts\":{\"@odata.id\":\"/n\"},\"Ports\":{\"@odata.id\":"
                              "\"/p\"},\"Drives\":[{\"@odata.id\":\"/d1\"},{\"@odata.id\":\"/d2\"},"
                              "{\"@odata.id\":\"/t#/Fans/0\"}],\"Storage\":7,\"Thermal\":null}");

        assert_int_equal(redfish_links(system, note_link, &found), 0);
        assert_int_equal(found.n, 4);
        assert_int_equal(documents_find(&found, "/m")->bytes[0], '0' + REDFISH_SET);
        assert_int_equal(documents_find(&found, "/d1")->bytes[0], '0' + REDFISH_ONE);
        assert_non_null(documents_find(&found, "/d2"));
        assert_non_null(documents_find(&found, "/p"));
        json_decref(system);
}

static int note_resource(void *user, const char *link, const json_t *resource)
{
        _cleanup_free_ char *text = json_dumps(resource, JSON_COMPACT);

        return documents_put(user, link, text, strlen(text));
}

static void an_expanded_answer_comes_apart(_unused_ void **state)
{
        _cleanup_(documents_done) struct documents kept = { 0 };
        json_t *answer = json("{\"@odata.id\":\"/s\",\"Members\":[{\"@odata.id\":\"/s/1\",\"Id\":"
                              "\"1\",\"Drives\":[{\"@odata.id\":\"/d\",\"Id\":\"d\"}],\"Fans\":[{"
                              "\"@odata.id\":\"/s/1#/Fans/0\",\"Id\":\"0\"}]}]}");

        assert_int_equal(redfish_take_apart(answer, "/s", note_resource, &kept), 0);
        assert_int_equal(kept.n, 3);
        assert_string_equal(documents_find(&kept, "/s")->bytes,
                            "{\"@odata.id\":\"/s\",\"Members\":[{\"@odata.id\":\"/s/1\"}]}");
        assert_non_null(strstr(documents_find(&kept, "/s/1")->bytes, "#/Fans/0\",\"Id\":\"0\""));
        json_decref(answer);
}

static void health_changes_the_digest(_unused_ void **state)
{
        json_t *ok = json("{\"Status\":{\"Health\":\"OK\"},\"Reading\":20}");
        json_t *warmer = json("{\"Status\":{\"Health\":\"OK\"},\"Reading\":21}");
        json_t *bad = json("{\"Status\":{\"Health\":\"Warning\"},\"Reading\":20}");

        assert_true(redfish_health_digest(ok) == redfish_health_digest(warmer));
        assert_true(redfish_health_digest(ok) != redfish_health_digest(bad));
        json_decref(ok);
        json_decref(warmer);
        json_decref(bad);
}

/* ---- logs ---- */

#define ENTRY(n)                                                                                 \
        "{\"@odata.id\":\"/redfish/v1/L/E/" #n "\",\"Id\":\"" #n "\",\"Created\":\"2027-01-0" #n \
        "\"}"

static void an_entry_is_new_once(_unused_ void **state)
{
        _cleanup_(documents_done) struct documents kept = { 0 };
        struct redfish_log *log;
        json_t *first = json("{\"Members\":[" ENTRY(1) "," ENTRY(2) "]}");
        json_t *later = json("{\"Members\":[" ENTRY(1) "," ENTRY(2) "," ENTRY(3) "]}");

        assert_int_equal(redfish_log_new(&log), 0);
        assert_null(redfish_log_begin(log, "/redfish/v1/L/E"));
        assert_null(redfish_log_take(log, first, "\"a\"", note_resource, &kept));
        redfish_log_end(log, note_resource, &kept);
        assert_int_equal(kept.n, 3); /* two entries and their collection */

        documents_done(&kept);
        assert_string_equal(redfish_log_begin(log, "/redfish/v1/L/E"), "\"a\"");
        assert_null(redfish_log_take(log, later, "\"b\"", note_resource, &kept));
        redfish_log_end(log, note_resource, &kept);
        assert_int_equal(kept.n, 2);
        assert_non_null(documents_find(&kept, "/redfish/v1/L/E/3"));
        json_decref(first);
        json_decref(later);
        redfish_log_free(log);
}

static void entries_without_a_body_are_asked_for(_unused_ void **state)
{
        _cleanup_(documents_done) struct documents kept = { 0 };
        struct redfish_log *log;
        json_t *page = json("{\"Members\":[{\"@odata.id\":\"/redfish/v1/L/E/1\"},"
                            "{\"@odata.id\":\"/redfish/v1/L/E/2\"}]}");
        json_t *one = json(ENTRY(1));

        assert_int_equal(redfish_log_new(&log), 0);
        redfish_log_begin(log, "/redfish/v1/L/E");
        assert_string_equal(redfish_log_take(log, page, NULL, note_resource, &kept),
                            "/redfish/v1/L/E/1");
        assert_string_equal(redfish_log_take(log, one, NULL, note_resource, &kept),
                            "/redfish/v1/L/E/2");
        assert_null(redfish_log_take(log, NULL, NULL, note_resource, &kept)); /* not there */
        redfish_log_end(log, note_resource, &kept);
        assert_int_equal(kept.n, 2);
        json_decref(page);
        json_decref(one);
        redfish_log_free(log);
}

/* ---- SMBIOS ---- */

static int count_entry(void *user, _unused_ const struct smbios_entry *entry)
{
        (*(unsigned *)user)++;
        return 0;
}

static void the_firmware_tells_of_memory(_unused_ void **state)
{
        /* type 17, 0x1b bytes: size at 0x0c, locator at 0x10, maker, serial and part behind it */
        static const unsigned char table[] = "\x11\x1b\x00\x00"
                                             "\x00\x00\x00\x00\x00\x00\x00\x00"
                                             "\x00\x20\x00\x00"
                                             "\x01\x00\x00\x00\x00\x00\x00"
                                             "\x02\x03\x00\x04"
                                             "DIMM_A1\0Essai  \0S123\0P-9\0\0"
                                             "\x7f\x04\xff\xff\0\0";
        _cleanup_(documents_done) struct documents documents = { 0 };
        _cleanup_(vg_round_freep) struct vg_round *round = NULL;
        const struct vg_sighting *seen;
        unsigned n_entries = 0;
        size_t n;

        documents_put(&documents, "sys/firmware/dmi/tables/DMI", (const char *)table,
                      sizeof(table) - 1);
        assert_int_equal(vg_round_new("dmi", &round), 0);
        assert_int_equal(smbios_parse(&documents, round), 0);
        seen = vg_round_sightings(round, &n);
        assert_int_equal(n, 2); /* the module and the system */
        assert_string_equal(seen[0].component.location, "DIMM_A1");
        assert_string_equal(seen[0].component.manufacturer, "Essai");
        assert_string_equal(seen[0].component.serial, "S123");
        assert_string_equal(seen[0].component.part, "P-9");

        /* However it is cut, nothing is read beyond its end. */
        for (size_t cut = 0; cut < sizeof(table) - 1; cut++) {
                unsigned char *copy = malloc(cut + 1);
                memcpy(copy, table, cut);
                assert_int_equal(smbios_each(copy, cut, count_entry, &n_entries), 0);
                free(copy);
        }
}

/* ---- documents ---- */

static void documents_pass_a_pipe(_unused_ void **state)
{
        _cleanup_(documents_done) struct documents documents = { 0 };
        static const char good[] = "sys/a\n3\nx\nysys/b\n0\n";
        static const char *const bad[] = { "sys/a\n9\nx", "sys/a", "sys/a\nx\n", "a\n3 xyz" };

        assert_int_equal(read_take(good, strlen(good), &documents), 0);
        assert_string_equal(documents_find(&documents, "sys/a")->bytes, "x\ny");
        assert_int_equal(documents_find(&documents, "sys/b")->n, 0);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(read_take(bad[i], strlen(bad[i]), &documents), -EPROTO);
}

static void a_capture_stays_in_its_folder(_unused_ void **state)
{
        static const char *const paths[] = { "../x", "/x", "a/../../x", "a//b", "", ".x", "a/" };
        char folder[] = "/tmp/vigie-test-XXXXXX";
        struct vg_err err = { 0 };
        struct stat st;
        char path[64];

        assert_non_null(mkdtemp(folder));
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_(documents_done) struct documents documents = { 0 };
                documents_put(&documents, paths[i], "x", 1);
                assert_int_equal(documents_write(&documents, folder, &err), -EINVAL);
        }
        assert_int_equal(rmdir(folder), 0); /* nothing was made */

        _cleanup_(documents_done) struct documents documents = { 0 };
        documents_put(&documents, "a/b/index.json", "{}", 2);
        assert_int_equal(mkdir(folder, 0700), 0);
        assert_int_equal(documents_write(&documents, folder, &err), 0);
        snprintf(path, sizeof(path), "%s/a/b/index.json", folder);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(unlink(path), 0);
        snprintf(path, sizeof(path), "%s/a/b", folder);
        assert_int_equal(rmdir(path), 0);
        snprintf(path, sizeof(path), "%s/a", folder);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(links_have_one_key),
                cmocka_unit_test(a_link_too_long_is_refused),
                cmocka_unit_test(hardware_is_followed_and_nothing_else),
                cmocka_unit_test(an_expanded_answer_comes_apart),
                cmocka_unit_test(health_changes_the_digest),
                cmocka_unit_test(an_entry_is_new_once),
                cmocka_unit_test(entries_without_a_body_are_asked_for),
                cmocka_unit_test(the_firmware_tells_of_memory),
                cmocka_unit_test(documents_pass_a_pipe),
                cmocka_unit_test(a_capture_stays_in_its_folder),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
