/* SPDX-License-Identifier: Apache-2.0 */

/* When mail goes, and through which relay. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "deliver/mailer.h"
#include "deliver/relay.h"
#include "os/files.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static int64_t at(const char *text)
{
        int64_t utc_s;

        assert_int_equal(vg_utc_parse(text, &utc_s), 0);
        return utc_s;
}

static void due(_unused_ void **state)
{
        static const struct {
                int stream;
                const char *last, *now, *want;
        } rows[] = {
                { MAIL_NOW, "2027-04-01T13:00:00Z", "2027-04-01T13:01:00Z",
                  "2027-04-01T13:05:00Z" },
                { MAIL_NOW, "2027-04-02T13:00:00Z", "2027-04-01T13:01:00Z",
                  "2027-04-01T13:01:00Z" }, /* the clock was set back */
                /* Seven in Toronto is 11:00 UTC in summer, 12:00 in winter. */
                { MAIL_DIGEST, "2027-04-01T13:00:00Z", "2027-04-01T13:01:00Z",
                  "2027-04-02T11:00:00Z" },
                { MAIL_DIGEST, "2027-04-01T10:59:59Z", "2027-04-01T10:59:59Z",
                  "2027-04-01T11:00:00Z" },
                { MAIL_DIGEST, "2027-04-01T11:00:00Z", "2027-04-01T11:00:00Z",
                  "2027-04-02T11:00:00Z" },
                { MAIL_DIGEST, "2027-11-06T15:00:00Z", "2027-11-06T15:00:00Z",
                  "2027-11-07T12:00:00Z" }, /* the day of the change */
                { MAIL_MONTH, "2027-04-01T11:00:00Z", "2027-04-01T11:00:01Z",
                  "2027-05-01T11:00:00Z" },
                { MAIL_MONTH, "2027-12-01T12:00:00Z", "2027-12-20T00:00:00Z",
                  "2028-01-01T12:00:00Z" },
                { MAIL_MONTH, "2027-05-01T03:59:59Z", "2027-05-01T04:00:00Z",
                  "2027-05-01T11:00:00Z" }, /* the last second of April there */
        };
        struct vg_contract contract = { .id = "CS-1" };
        struct vg_recipient recipient = { .id = "r-1", .role = VG_ROLE_CONTRACT_MANAGER };
        const struct destination to = { .contract = &contract, .recipient = &recipient };

        assert_int_equal(vg_file_zone("America/Toronto", &contract.zone, NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const int64_t got = mail_streams[rows[i].stream].due(&to, NULL, at(rows[i].last),
                                                                     at(rows[i].now));
                char text[32];
                assert_string_equal(vg_utc_format(got, text), rows[i].want);
        }
        recipient.role = VG_ROLE_CLIENT_IT; /* the page is not for him */
        assert_true(mail_streams[MAIL_MONTH].due(&to, NULL, 1, 2) == INT64_MAX);
        vg_zone_free(contract.zone);
}

static void relays(_unused_ void **state)
{
        static const struct {
                const char *text, *endpoint, *url; /* endpoint NULL: refused */
        } rows[] = {
                { "smtp://relais.example", "relais.example:587", "smtp://relais.example:587" },
                { "smtp://Relais.example:25", "relais.example:25", "smtp://relais.example:25" },
                { "smtps://relais.example", "relais.example:465", "smtps://relais.example:465" },
                { "smtp://[::1]:2525", "[::1]:2525", "smtp://[::1]:2525" },
                { "smtp://[::1]", "[::1]:587", "smtp://[::1]:587" },
                { "", NULL, NULL },
                { "relais.example:25", NULL, NULL },
                { "http://relais.example", NULL, NULL },
                { "smtp://", NULL, NULL },
                { "smtp://a:b@relais.example", NULL, NULL },
                { "smtp://relais.example/nom", NULL, NULL },
                { "smtp://relais.example\r\n", NULL, NULL },
                { "smtp://relais.example:0x19", NULL, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct relay relay;
                struct vg_err err = { 0 };
                const int r = relay_parse(rows[i].text, &relay, &err);

                if (r != (rows[i].endpoint ? 0 : -EINVAL))
                        fail_msg("%s: %d %s", rows[i].text, r, err.text);
                if (rows[i].endpoint) {
                        assert_string_equal(relay.endpoint, rows[i].endpoint);
                        assert_string_equal(relay.url, rows[i].url);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(due),
                cmocka_unit_test(relays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
