/* SPDX-License-Identifier: Apache-2.0 */

/* Where the agent may connect to, how an address is read, and when a failure is tried again. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "deliver/schedule.h"
#include "deliver/url.h"
#include "os/address.h"
#include "vigie/egress.h"
#include "vigie/mem.h"

static void endpoints(_unused_ void **state)
{
        static const struct {
                const char *text, *want; /* NULL: refused */
        } rows[] = {
                { "alertes.exemple.quebec:443", "alertes.exemple.quebec:443" },
                { "Alertes.EXEMPLE.quebec.:0443", "alertes.exemple.quebec:443" },
                { "192.0.2.1:65535", "192.0.2.1:65535" },
                { "[2001:DB8::1]:443", "[2001:db8::1]:443" },
                { "h:0", NULL },
                { "h:65536", NULL },
                { "h:4433333333", NULL },
                { "h:", NULL },
                { ":443", NULL },
                { "h", NULL },
                { "", NULL },
                { "h h:443", NULL },
                { "h@evil:443", NULL },
                { "h/x:443", NULL },
                { "2001:db8::1:443", NULL },
                { "[2001:db8::1:443", NULL },
                { "[]:443", NULL },
                { "[::1]x:443", NULL },
                { ".h:443", NULL },
                { "h:+44", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char endpoint[VG_ENDPOINT_SIZE];
                int r = vg_endpoint_parse(rows[i].text, endpoint);
                if (r != (rows[i].want ? 0 : -EINVAL))
                        fail_msg("%s: %d", rows[i].text, r);
                if (rows[i].want)
                        assert_string_equal(endpoint, rows[i].want);
        }
}

static void verdicts(_unused_ void **state)
{
        static const struct {
                const char *name, *mode, *hosts, *endpoint;
                bool approved, cloud, allowed, supplier;
                enum vg_egress_verdict want;
        } rows[] = {
                { "open", "listed", "a:1 h:443", "h:443", 1, 0, 0, 0, VG_EGRESS_OPEN },
                { "none", "none", "h:443", "h:443", 1, 0, 1, 1, VG_EGRESS_OFF },
                { "a word that is none", "Listed", "h:443", "h:443", 1, 0, 1, 1, VG_EGRESS_OFF },
                { "nothing listed", "listed", "", "h:443", 1, 0, 1, 1, VG_EGRESS_NOT_LISTED },
                { "another port", "listed", "h:444", "h:443", 1, 0, 1, 1, VG_EGRESS_NOT_LISTED },
                { "a longer name", "listed", "xh:443,h:44", "h:443", 1, 0, 1, 1,
                  VG_EGRESS_NOT_LISTED },
                { "as people write it", "listed", "\tH.:443;", "h:443", 1, 0, 0, 0,
                  VG_EGRESS_OPEN },
                { "not approved", "listed", "h:443", "h:443", 0, 0, 1, 1, VG_EGRESS_NOT_APPROVED },
                { "declared", "listed", "h:443", "h:443", 1, 1, 0, 0, VG_EGRESS_PUBLIC_CLOUD },
                { "allowed", "listed", "h:443", "h:443", 1, 1, 1, 0, VG_EGRESS_OPEN },
                { "supplier", "listed", "h:443", "h:443", 1, 1, 0, 1, VG_EGRESS_OPEN },
                { "by its name", "listed", "x.amazonaws.com:443", "x.amazonaws.com:443", 1, 0, 0, 0,
                  VG_EGRESS_PUBLIC_CLOUD },
                { "not by its name", "listed", "amazonaws.com.exemple.quebec:443",
                  "amazonaws.com.exemple.quebec:443", 1, 0, 0, 0, VG_EGRESS_OPEN },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_egress egress = {
                        .mode = rows[i].mode,
                        .hosts = rows[i].hosts,
                        .is_approved = rows[i].approved,
                        .is_public_cloud = rows[i].cloud,
                        .public_cloud_allowed = rows[i].allowed,
                        .is_supplier = rows[i].supplier,
                };
                const enum vg_egress_verdict got = vg_egress_judge(&egress, rows[i].endpoint);
                if (got != rows[i].want)
                        fail_msg("%s: %d", rows[i].name, got);
                assert_int_equal(vg_egress_text(got) == NULL, got == VG_EGRESS_OPEN);
        }
}

static void networks(_unused_ void **state)
{
        static const struct {
                const char *network, *address;
                int want; /* 1: holds, 0: does not, -1: no network */
        } rows[] = {
                { "192.0.2.0/24", "192.0.2.255", 1 },
                { "192.0.2.0/24", "192.0.3.0", 0 },
                { "192.0.2.0/25", "192.0.2.128", 0 },
                { "192.0.2.128/25", "192.0.2.129", 1 },
                { "192.0.2.7", "192.0.2.7", 1 },
                { "192.0.2.7", "192.0.2.6", 0 },
                { "0.0.0.0/0", "203.0.113.9", 1 },
                { "0.0.0.0/0", "2001:db8::1", 0 },
                { "2001:db8::/32", "2001:db8:5::", 1 },
                { "2001:db8::/32", "2001:db9::", 0 },
                { "2001:db8::/33", "2001:db8:8000::", 0 },
                { "::/0", "::1", 1 },
                { "192.0.2.0/24", "::ffff:192.0.2.1", 1 },
                { "::/0", "::ffff:192.0.2.1", 0 },
                { "192.0.2.1/24", "", -1 },
                { "192.0.2.0/33", "", -1 },
                { "192.0.2.0/", "", -1 },
                { "192.0.2.0/-1", "", -1 },
                { "2001:db8::1/32", "", -1 },
                { "exemple.quebec", "", -1 },
                { "192.0.2", "", -1 },
                { "", "", -1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
                struct sockaddr_in in = { .sin_family = AF_INET };
                struct vg_network network;
                int r = vg_network_parse(rows[i].network, strlen(rows[i].network), &network);
                if ((r < 0) != (rows[i].want < 0))
                        fail_msg("%s: %d", rows[i].network, r);
                if (r < 0)
                        continue;
                const bool is_v4 = inet_pton(AF_INET, rows[i].address, &in.sin_addr) == 1;
                if (!is_v4)
                        assert_int_equal(inet_pton(AF_INET6, rows[i].address, &in6.sin6_addr), 1);
                const bool holds = vg_network_holds(&network, is_v4 ? (struct sockaddr *)&in
                                                                    : (struct sockaddr *)&in6);
                if (holds != (rows[i].want == 1))
                        fail_msg("%s, %s", rows[i].network, rows[i].address);
        }
}

static void urls(_unused_ void **state)
{
        static const struct {
                const char *text, *endpoint, *path; /* endpoint NULL: refused */
        } rows[] = {
                { "https://h.example/a?b=c", "h.example:443", "/a?b=c" },
                { "https://h.example", "h.example:443", "/" },
                { "https://h.example?x", "h.example:443", "/?x" },
                { "https://H.example:8443/", "h.example:8443", "/" },
                { "https://[2001:db8::1]/x", "[2001:db8::1]:443", "/x" },
                { "https://[2001:db8::1]:99/x", "[2001:db8::1]:99", "/x" },
                { "http://h.example/", NULL, NULL },
                { "https://", NULL, NULL },
                { "https:///x", NULL, NULL },
                { "https://u:p@h.example/", NULL, NULL },
                { "https://h.example/a b", NULL, NULL },
                { "https://h.example/a#b", NULL, NULL },
                { "https://h.example/\r\nX: y", NULL, NULL },
                { "https://h.example:0/", NULL, NULL },
                { "https://h.example\\@evil/", NULL, NULL },
                { NULL, NULL, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct url url;
                int r = url_parse(rows[i].text, &url, NULL);
                if (r != (rows[i].endpoint ? 0 : -EINVAL))
                        fail_msg("%s: %d", rows[i].text, r);
                if (r < 0)
                        continue;
                assert_string_equal(url.endpoint, rows[i].endpoint);
                assert_string_equal(url.path, rows[i].path);
        }
}

static void delays(_unused_ void **state)
{
        static const struct {
                int64_t failures, least_s, most_s;
        } rows[] = { { 1, 3, 5 },     { 2, 5, 10 },     { 3, 10, 20 },          { 8, 320, 640 },
                     { 9, 450, 900 }, { 40, 450, 900 }, { INT64_MAX, 450, 900 } };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                for (uint32_t chance = 0; chance < 100000; chance += 7) {
                        const int64_t s = schedule_delay_s(rows[i].failures, 900, chance);
                        assert_in_range(s, rows[i].least_s, rows[i].most_s);
                }
        assert_int_equal(schedule_delay_s(1, 2, 0), 2);
        assert_int_equal(schedule_delay_s(9, 60, 0), 60);
        assert_int_equal(schedule_next_s(1000, 1, 900, 1060, 0), 1060);
        assert_int_equal(schedule_next_s(1000, 1, 900, 1001, 0), 1005);
        assert_int_equal(schedule_next_s(1000, 1, 900, INT64_MAX, 0), 1000 + SCHEDULE_ASKED_S);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(endpoints), cmocka_unit_test(verdicts), cmocka_unit_test(networks),
                cmocka_unit_test(urls),      cmocka_unit_test(delays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
