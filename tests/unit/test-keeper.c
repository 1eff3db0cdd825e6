/* SPDX-License-Identifier: Apache-2.0 */

/* The keeper's table of peers, and connections of which the other end is this test. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper/client.h"
#include "keeper/closing.h"
#include "keeper/peers.h"
#include "os/keeper.h"
#include "vigie/mem.h"

enum { ADMINS = 4000, READER = 500, HARDWARE = 501, INSPECT = 502, DELIVER = 503, SELF = 600 };
#define NOBODY ((uid_t)-1)
static const struct peers known = { .self = SELF,
                                    .user = { READER, HARDWARE, INSPECT, DELIVER },
                                    .admin = ADMINS };
static const struct peers strange = { .self = SELF,
                                      .user = { NOBODY, NOBODY, NOBODY, NOBODY },
                                      .admin = (gid_t)-1 };

#define READS                                                                               \
        (KIND_BIT(CONDITION) | KIND_BIT(EVIDENCE) | KIND_BIT(FACTS) | KIND_BIT(FACTS_END) | \
         KIND_BIT(HEARTBEAT) | KIND_BIT(READINGS))

static void the_table_decides(_unused_ void **state)
{
        static const struct {
                const char *name;
                const struct peers *peers;
                uid_t uid;
                gid_t groups[3];
                unsigned kinds;
                const char *role;
        } rows[] = {
                { "reader", &known, READER, { 1, 2, 3 }, READS, "reader" },
                { "inspect", &known, INSPECT, { 1 }, KIND_BIT(EVIDENCE), "inspect" },
                { "deliver", &known, DELIVER, { 1 }, KIND_BIT(DELIVERY), "deliver" },
                { "root", &known, 0, { 0 }, KIND_BIT(ACT), "root" },
                { "admin", &known, 1000, { 1, ADMINS, 3 }, KIND_BIT(ACT), "admin" },
                { "reader in the admin group",
                  &known,
                  READER,
                  { ADMINS },
                  READS | KIND_BIT(ACT),
                  "admin" },
                { "self", &known, SELF, { 1 }, (1u << N_KINDS) - 1, "keeper" },
                { "stranger", &known, 1000, { 1, 2, 3 }, 0, NULL },
                { "no such user", &strange, (uid_t)-1, { 1 }, 0, NULL },
                { "no such group", &strange, 1000, { (gid_t)-1 }, 0, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct peer peer = peers_judge(rows[i].peers, rows[i].uid, rows[i].groups, 3);
                if (peer.kinds != rows[i].kinds)
                        fail_msg("%s: %#x", rows[i].name, peer.kinds);
                if (rows[i].role)
                        assert_string_equal(peer.role, rows[i].role);
                else
                        assert_null(peer.role);
        }
}

static void kinds_have_words(_unused_ void **state)
{
        enum kind kind;

        assert_int_equal(kind_parse("facts-end", &kind), 0);
        assert_int_equal(kind, KIND_FACTS_END);
        assert_int_equal(kind_parse("Facts", &kind), -ENOENT);
        assert_int_equal(kind_parse("", &kind), -ENOENT);
}

struct pair {
        sd_event *event;
        struct client *client;
        int other;
};

static int ignore(_unused_ sd_event_source *s, _unused_ int fd, _unused_ uint32_t events,
                  _unused_ void *user)
{
        return 0;
}

static void pair_init(struct pair *p)
{
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        assert_true(sd_event_new(&p->event) >= 0);
        p->client = calloc(1, sizeof(*p->client));
        assert_non_null(p->client);
        p->client->fd = fds[0];
        p->client->newline = SIZE_MAX;
        p->other = fds[1];
        assert_true(sd_event_add_io(p->event, &p->client->io, fds[0], EPOLLIN, ignore, NULL) >= 0);
}

static void pair_done(struct pair *p)
{
        client_free(p->client);
        sd_event_unref(p->event);
        if (p->other >= 0)
                close(p->other);
}

static void say(struct pair *p, const char *text, size_t n)
{
        assert_int_equal(send(p->other, text, n, 0), (ssize_t)n);
        client_read(p->client, 1);
        client_settle(p->client, 1);
}

static void expect_line(struct pair *p, const char *want)
{
        size_t n;

        assert_true(client_is_ready(p->client));
        const char *line = client_take(p->client, &n);
        assert_int_equal(n, strlen(want));
        assert_memory_equal(line, want, n);
}

static bool heard(struct pair *p, const char *word)
{
        char answer[4096];
        ssize_t n = recv(p->other, answer, sizeof(answer) - 1, 0);

        if (n <= 0)
                return false;
        answer[n] = '\0';
        return strstr(answer, word) != NULL;
}

static void lines_come_whole(_unused_ void **state)
{
        struct pair p = { 0 };

        pair_init(&p);
        say(&p, "on", 2);
        assert_false(client_is_ready(p.client));
        say(&p, "e\ntwo\n\nfo", 9);
        expect_line(&p, "one");
        expect_line(&p, "two");
        expect_line(&p, "");
        assert_false(client_is_ready(p.client));
        client_settle(p.client, 1);
        say(&p, "ur\n", 3);
        expect_line(&p, "four");
        assert_false(client_is_gone(p.client));
        pair_done(&p);
}

static void a_turn_is_bounded(_unused_ void **state)
{
        struct pair p = { 0 };

        pair_init(&p);
        for (int i = 0; i < CLIENT_TURN_LINES + 5; i++)
                say(&p, "x\n", 2);
        for (int i = 0; i < CLIENT_TURN_LINES; i++)
                expect_line(&p, "x");
        assert_false(client_is_ready(p.client));
        client_settle(p.client, 1);
        assert_true(client_is_ready(p.client));
        pair_done(&p);
}

/* Answers that nobody reads stop the intake of lines, then cost the connection. */
static void who_never_reads_is_let_go(_unused_ void **state)
{
        enum { LINE = 4096 };
        static char line[LINE];
        struct pair p = { 0 };
        const uint64_t later = (CLIENT_PATIENCE_S + 2) * UINT64_C(1000000000);

        pair_init(&p);
        memset(line, 'a', sizeof(line));
        say(&p, "x\n", 2);
        for (int i = 0; i < 1000 && client_is_ready(p.client); i++) {
                client_answer(p.client, line, sizeof(line));
                client_settle(p.client, 1);
        }
        assert_false(client_is_ready(p.client));
        assert_true(p.client->out.n - p.client->sent <= CLIENT_ANSWER_BYTES + LINE);
        client_check_patience(p.client, 2);
        assert_false(client_is_gone(p.client));
        client_check_patience(p.client, later);
        assert_true(client_is_gone(p.client));
        pair_done(&p);
}

static void too_long_a_line_is_refused(_unused_ void **state)
{
        static char bite[1 << 16];
        struct pair p = { 0 };

        pair_init(&p);
        memset(bite, 'a', sizeof(bite));
        for (size_t n = 0; n <= VG_KEEPER_LINE_MAX; n += sizeof(bite)) {
                assert_false(p.client->closing);
                say(&p, bite, sizeof(bite));
        }
        assert_true(p.client->closing);
        client_settle(p.client, 1);
        assert_true(heard(&p, "\"line-too-long\""));
        assert_true(client_is_gone(p.client));
        pair_done(&p);
}

static void half_a_line_is_refused(_unused_ void **state)
{
        struct pair p = { 0 };
        const uint64_t later = (CLIENT_PATIENCE_S + 2) * UINT64_C(1000000000);

        pair_init(&p);
        say(&p, "{\"v\":1", 6);
        client_check_patience(p.client, 2);
        assert_false(p.client->closing);
        client_check_patience(p.client, later);
        client_settle(p.client, later);
        assert_true(heard(&p, "\"half-line\""));
        assert_true(client_is_gone(p.client));
        pair_done(&p);

        p = (struct pair){ 0 };
        pair_init(&p);
        say(&p, "whole\nhalf", 10);
        assert_int_equal(shutdown(p.other, SHUT_WR), 0);
        client_read(p.client, 2);
        client_settle(p.client, 2);
        expect_line(&p, "whole");
        client_settle(p.client, 2);
        assert_true(heard(&p, "\"half-line\""));
        assert_true(client_is_gone(p.client));
        pair_done(&p);
}

static void intervals_close_when_nobody_catches_up(_unused_ void **state)
{
        static const struct {
                const char *name;
                struct closing_view view; /* now, observed, closed until, interval, grace, quiet */
                int64_t want;
        } rows[] = {
                { "in time", { 3690, 3685, 0, 3600, 90, 5 }, 3600 },
                { "within the grace", { 3689, 3685, 0, 3600, 90, 4 }, 0 },
                { "a reader catches up", { 9000, 3700, 0, 3600, 90, 1 }, 3600 },
                { "it has not got there", { 9000, 3500, 0, 3600, 90, 1 }, 0 },
                { "it has stopped", { 9000, 3500, 0, 3600, 90, 90 }, 7200 },
                { "nobody ever, just started", { 9000, -100000, 0, 3600, 90, 10 }, -100800 },
                { "nobody ever", { 9000, -100000, 0, 3600, 90, 90 }, 7200 },
                { "the clock went back", { 3700, 9000, 7200, 3600, 90, 1 }, 3600 },
                { "before 1970", { -10, -5, -7200, 3600, 90, 1 }, -3600 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                int64_t upto = closing_upto(&rows[i].view);
                if (upto != rows[i].want)
                        fail_msg("%s: %lld", rows[i].name, (long long)upto);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_table_decides),
                cmocka_unit_test(kinds_have_words),
                cmocka_unit_test(lines_come_whole),
                cmocka_unit_test(a_turn_is_bounded),
                cmocka_unit_test(who_never_reads_is_let_go),
                cmocka_unit_test(too_long_a_line_is_refused),
                cmocka_unit_test(half_a_line_is_refused),
                cmocka_unit_test(intervals_close_when_nobody_catches_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
