/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/files.h"
#include "os/keeper.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static char dir[] = "/tmp/vigie-test-os.XXXXXX";

static char *in_dir(const char *name)
{
        static char path[256];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        return path;
}

static void put(const char *name, const char *text)
{
        struct vg_err err = { 0 };

        assert_int_equal(vg_file_write(in_dir(name), text, strlen(text), 0600, &err), 0);
}

/* Nothing but a regular file gives up its name. */
static void devices_keep_their_name(_unused_ void **state)
{
        struct vg_err err = { 0 };
        struct stat st;
        char *pipe = in_dir("pipe");

        assert_int_equal(mkfifo(pipe, 0600), 0);
        assert_int_equal(vg_file_write(pipe, "x", 1, 0600, &err), -EINVAL);
        assert_int_equal(stat(pipe, &st), 0);
        assert_true(S_ISFIFO(st.st_mode));
        assert_int_equal(unlink(pipe), 0);
        assert_int_equal(vg_file_write("/dev/null", "x", 1, 0600, &err), -EINVAL);
        assert_int_equal(stat("/dev/null", &st), 0);
        assert_true(S_ISCHR(st.st_mode));
}

static void rows_are_sorted(_unused_ void **state)
{
        for (size_t i = 1; i < VG_N_SETTINGS; i++) {
                const struct vg_setting_row *a = &vg_setting_rows[i - 1], *b = &vg_setting_rows[i];
                int c = strcmp(a->section, b->section);
                assert_true(c < 0 || (c == 0 && strcmp(a->key, b->key) < 0));
                assert_true(b->text_fr[0] && b->text_en[0]);
        }
}

static void settings_are_read(_unused_ void **state)
{
        static const struct {
                const char *text;
                int want;
                const char *says; /* in the error */
        } rows[] = {
                { "[appliance]\nid = vigie-01\n[keeper]\nclose_grace = 2m\n", 0, NULL },
                { "[keeper]\nclose_grace = 2 minutes\n", -EINVAL, "ligne 2: [keeper] close_grace" },
                { "[keeper]\nclose_grace = 0\n", -EINVAL, "close_grace" },
                { "[keeper]\n\nclose_grce = 2m\n", -EINVAL, "ligne 3: réglage inconnu" },
                { "[paths]\nstate_dir = relative\n", -EINVAL, "chemin absolu" },
                { "[general]\nlanguage = de\n", -EINVAL, "fr ou en" },
                { "[general]\nnonsense\n", -EINVAL, "ligne 2" },
                { "[appliance]\nid = a\xff\n", -EINVAL, "ligne 2" },
                /* inih would read on in the middle of it. */
                { "[appliance]\nid = "
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
                  -EINVAL, "ligne 2" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(vg_settings_done) struct vg_settings s = { 0 };
                struct vg_err err = { 0 };
                put("vigie.conf", rows[i].text);
                assert_int_equal(vg_settings_load(in_dir("vigie.conf"), &s, &err), rows[i].want);
                if (rows[i].want < 0) {
                        assert_non_null(strstr(err.text, rows[i].says));
                        continue;
                }
                assert_string_equal(s.appliance_id, "vigie-01");
                assert_int_equal(s.close_grace_s, 120);
                assert_int_equal(s.kernel_interval_s, 10);
                assert_non_null(s.origin[VG_SETTING_close_grace_s]);
                assert_null(s.origin[VG_SETTING_kernel_interval_s]);
        }
}

static void drop_ins_win_in_order(_unused_ void **state)
{
        _cleanup_(vg_settings_done) struct vg_settings s = { 0 };
        struct vg_err err = { 0 };

        put("vigie.conf", "[appliance]\nid = one\n");
        assert_int_equal(mkdir(in_dir("vigie.conf.d"), 0700), 0);
        put("vigie.conf.d/20.conf", "[appliance]\nid = three\n");
        put("vigie.conf.d/10.conf", "[appliance]\nid = two\n");
        put("vigie.conf.d/30.txt", "[appliance]\nid = four\n");
        assert_int_equal(vg_settings_load(in_dir("vigie.conf"), &s, &err), 0);
        assert_string_equal(s.appliance_id, "three");
        assert_int_equal(vg_settings_load(in_dir("missing.conf"), &s, &err), -ENOENT);
        assert_int_equal(vg_settings_load(dir, &s, &err), -EINVAL);
        assert_int_equal(vg_settings_load("/dev/zero", &s, &err), -EINVAL);
}

static void lists_add_up(_unused_ void **state)
{
        _cleanup_(vg_settings_done) struct vg_settings s = { 0 };
        struct vg_err err = { 0 };

        unlink(in_dir("vigie.conf.d/10.conf"));
        unlink(in_dir("vigie.conf.d/20.conf"));
        put("vigie.conf", "[egress]\nhosts = a:1\nhosts =\nhosts = b:1 c:1\n   d:1\nhosts = e:1\n");
        put("vigie.conf.d/15.conf", "[egress]\nhosts = f:1\n");
        assert_int_equal(vg_settings_load(in_dir("vigie.conf"), &s, &err), 0);
        assert_string_equal(s.egress_hosts, "b:1 c:1 d:1 e:1 f:1");
        assert_string_equal(s.egress_networks, "");
}

static void files_are_bounded(_unused_ void **state)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;

        put("ten", "0123456789");
        assert_int_equal(vg_file_read(in_dir("ten"), 9, &bytes, &n, &err), -EFBIG);
        assert_int_equal(vg_file_read(in_dir("ten"), 10, &bytes, &n, &err), 0);
        assert_int_equal(n, 10);
        assert_int_equal(vg_file_read("/proc/self/status", 10, &bytes, &n, &err), -EFBIG);
        assert_int_equal(vg_file_read(dir, 10, &bytes, &n, &err), -EISDIR);
        assert_int_equal(vg_file_zone("../../etc/passwd", NULL, &err), -EINVAL);
}

/* A keeper of the test's own on a real socket: it hangs up after the first two lines without an
 * answer, then answers everything, so what was unanswered must come again in order. */
struct peer {
        sd_event *event;
        sd_event_source *client;
        int listener, fd;
        unsigned n_connections;
        uint64_t seen[16];
        size_t n_seen, n_answered;
        struct vg_buf in;
};

static int on_client(_unused_ sd_event_source *s, int fd, _unused_ uint32_t events, void *user)
{
        struct peer *p = user;
        char chunk[4096], *stop;
        ssize_t n = recv(fd, chunk, sizeof(chunk), 0);

        assert_true(n > 0);
        vg_buf_append(&p->in, chunk, (size_t)n);
        while ((stop = memchr(p->in.data, '\n', p->in.n))) {
                json_t *tree = json_loadb(p->in.data, (size_t)(stop - p->in.data), 0, NULL);
                uint64_t seq = (uint64_t)json_integer_value(json_object_get(tree, "seq"));
                json_decref(tree);
                size_t used = (size_t)(stop + 1 - p->in.data);
                memmove(p->in.data, stop + 1, p->in.n - used);
                p->in.n -= used;
                assert_true(p->n_seen < ELEMENTSOF(p->seen));
                p->seen[p->n_seen++] = seq;
                if (p->n_connections == 1 && p->n_seen == 2) {
                        p->client = sd_event_source_disable_unref(p->client);
                        close(fd);
                        p->in.n = 0;
                        return 0;
                }
                if (p->n_connections > 1) {
                        int k = snprintf(chunk, sizeof(chunk),
                                         "{\"ok\":true,\"result\":{},\"seq\":%lu}\n",
                                         (unsigned long)seq);
                        assert_int_equal(send(fd, chunk, (size_t)k, 0), k);
                }
        }
        return 0;
}

static int on_connection(_unused_ sd_event_source *s, int fd, _unused_ uint32_t events, void *user)
{
        struct peer *p = user;

        p->fd = accept(fd, NULL, NULL);
        assert_true(p->fd >= 0);
        p->n_connections++;
        return sd_event_add_io(p->event, &p->client, p->fd, EPOLLIN, on_client, p);
}

static void count_answer(void *user, _unused_ uint64_t seq, bool ok, _unused_ const json_t *tree)
{
        struct peer *p = user;

        assert_true(ok);
        if (++p->n_answered == 3)
                sd_event_exit(p->event, 0);
}

static int give_up(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        return sd_event_exit(user, 1);
}

static void unanswered_lines_come_again(_unused_ void **state)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct peer p = { .fd = -1 };
        struct vg_keeper *k = NULL;
        sd_event_source *listening = NULL;
        struct vg_err err = { 0 };
        struct vg_now now = vg_clock_now();

        memcpy(address.sun_path, in_dir("keeper.sock"), strlen(in_dir("keeper.sock")) + 1);
        p.listener = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(bind(p.listener, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(p.listener, 4), 0);
        assert_true(sd_event_new(&p.event) >= 0);
        assert_true(sd_event_add_io(p.event, &listening, p.listener, EPOLLIN, on_connection, &p) >=
                    0);
        assert_true(sd_event_add_time_relative(p.event, NULL, CLOCK_MONOTONIC, 20000000, 0, give_up,
                                               p.event) >= 0);
        assert_int_equal(
                vg_keeper_new(p.event, address.sun_path, "test", count_answer, &p, &k, &err), 0);
        for (int i = 0; i < 3; i++)
                assert_int_equal(vg_keeper_send(k, "heartbeat", &now, "{}", 2, NULL), 0);
        assert_int_equal(sd_event_loop(p.event), 0);
        assert_int_equal(vg_keeper_pending(k), 0);
        assert_int_equal(p.n_connections, 2);
        static const uint64_t want[] = { 1, 2, 1, 2, 3 };
        assert_int_equal(p.n_seen, ELEMENTSOF(want));
        assert_memory_equal(p.seen, want, sizeof(want));

        vg_keeper_free(k);
        sd_event_source_disable_unref(p.client);
        sd_event_source_disable_unref(listening);
        sd_event_unref(p.event);
        vg_buf_done(&p.in);
        close(p.fd);
        close(p.listener);
}

static int make_dir(_unused_ void **state)
{
        return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(_unused_ void **state)
{
        static const char *const names[] = { "vigie.conf.d/10.conf",
                                             "vigie.conf.d/15.conf",
                                             "vigie.conf.d/20.conf",
                                             "vigie.conf.d/30.txt",
                                             "vigie.conf.d",
                                             "vigie.conf",
                                             "ten",
                                             "keeper.sock",
                                             "" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                remove(in_dir(names[i]));
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(devices_keep_their_name),
                cmocka_unit_test(rows_are_sorted),
                cmocka_unit_test(settings_are_read),
                cmocka_unit_test(drop_ins_win_in_order),
                cmocka_unit_test(lists_add_up),
                cmocka_unit_test(files_are_bounded),
                cmocka_unit_test(unanswered_lines_come_again),
        };
        return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
