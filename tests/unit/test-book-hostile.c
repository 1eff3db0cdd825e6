/* SPDX-License-Identifier: Apache-2.0 */

/* What strangers may send, and books that were tampered with: clear answers, nothing else delayed. */

#include "book-teller.h"

static struct vg_observation facts_of(struct teller *t, const struct vg_facts *facts)
{
        return (struct vg_observation){ .instance = t->instance,
                                        .boot_id = t->boot,
                                        .seq = (uint64_t)++t->seq,
                                        .at = { 1000 * NS, T0 * NS },
                                        .kind = VG_SAYS_FACTS,
                                        .facts = *facts };
}

static int tell(struct teller *t, const struct vg_facts *facts)
{
        const struct vg_observation o = facts_of(t, facts);
        struct vg_err err = { 0 };
        int r = vg_book_apply(t->book, &o, &err);

        assert_true(r >= 0);
        assert_int_equal(r == VG_BOOK_REFUSED, err.text[0] != '\0');
        return r;
}

static struct vg_facts machine(const char *uuid)
{
        return (struct vg_facts){ .uuid = uuid,
                                  .name = "m",
                                  .state = VG_DOMAIN_RUNNING,
                                  .run = "1:x",
                                  .vcpus = 1,
                                  .memory_kib = 1 };
}

static void what_is_beyond_a_bound(void **state)
{
        (void)state;
        static char key[VG_BOOK_NAME_MAX + 2], name[VG_BOOK_NAME_MAX + 100];
        static struct vg_disk disks[300];
        static const char *nics[300];
        struct teller t;
        struct vg_facts f;

        start(&t);
        for (size_t i = 0; i < ELEMENTSOF(disks); i++) {
                static char keys[300][16];
                snprintf(keys[i], sizeof(keys[i]), "/k%zu", i);
                disks[i] = (struct vg_disk){ keys[i], keys[i], 1, true };
                nics[i] = keys[i];
        }
        memset(key, 'k', sizeof(key) - 1);
        for (size_t i = 0; i + 3 < sizeof(name); i += 3)
                memcpy(name + i, "\xe2\x82\xac", 3);

        f = machine("not a uuid");
        assert_int_equal(tell(&t, &f), VG_BOOK_REFUSED);
        f = machine("AAAAAAAA-0000-4000-8000-000000000001");
        assert_int_equal(tell(&t, &f), VG_BOOK_REFUSED);

        f = machine(A);
        f.name = name; /* clipped on a character */
        f.disks = disks;
        f.n_disks = ELEMENTSOF(disks);
        f.nics = nics;
        f.n_nics = ELEMENTSOF(nics);
        assert_int_equal(tell(&t, &f), VG_BOOK_REFUSED);

        const struct vg_disk odd[] = { { key, "vda", 1, true },
                                       { "", "vdb", 1, true },
                                       { "/huge", "vdc", UINT64_MAX, true },
                                       { "/ok", "vdd", 1000, true } };
        f = machine(B);
        f.disks = odd;
        f.n_disks = ELEMENTSOF(odd);
        f.vcpus = UINT64_MAX;
        f.memory_kib = UINT64_MAX;
        assert_int_equal(tell(&t, &f), VG_BOOK_REFUSED);
        beat(&t, 10);

        /* 256 disks of the first, one of the second; no vCPU and no memory that cannot be. */
        closes(&t, 3600,
               "0 _unassigned block_tb=12560/whole ram_gib=10000/whole vcpu=10000/whole "
               "vm=20000/whole\n"
               "0 covered 10 ok [0 0 refused allocation] [10 3600 silence all]\n");
        vg_book_free(t.book);
}

static void ten_thousand_and_one(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        for (int i = 0; i <= VG_BOOK_DOMAINS_MAX; i++) {
                char uuid[40];
                snprintf(uuid, sizeof(uuid), "%08x-0000-4000-8000-000000000001", (unsigned)i);
                const struct vg_facts f = machine(uuid);
                assert_int_equal(tell(&t, &f), i < VG_BOOK_DOMAINS_MAX ? 0 : VG_BOOK_REFUSED);
        }
        /* Those that are known go on. */
        struct vg_facts f = machine("00000000-0000-4000-8000-000000000001");
        f.vcpus = 2;
        assert_int_equal(tell(&t, &f), 0);
        f.state = VG_DOMAIN_GONE;
        assert_int_equal(tell(&t, &f), 0);
        f = machine("ffffffff-0000-4000-8000-000000000001");
        assert_int_equal(tell(&t, &f), 0);
        vg_book_free(t.book);
}

static void times_that_cannot_be(void **state)
{
        (void)state;
        static const struct vg_stamp stamps[] = { { UINT64_MAX, T0 * NS },
                                                  { UINT64_C(1) << 62, T0 * NS },
                                                  { 1, 0 },
                                                  { 1, -1 },
                                                  { 1, INT64_MAX },
                                                  { 1, INT64_MIN } };
        struct teller t = teller_new();
        const struct vg_facts f = machine(A);

        for (size_t i = 0; i < ELEMENTSOF(stamps); i++) {
                struct vg_observation o = facts_of(&t, &f);
                struct vg_err err = { 0 };
                o.at = stamps[i];
                assert_int_equal(vg_book_apply(t.book, &o, &err), VG_BOOK_REFUSED);
        }
        assert_true(vg_book_closed_until(t.book) == INT64_MIN);
        closes(&t, 3600, "");
        vg_book_free(t.book);
}

/* A boot clock that leaps seventy years: a silence, and a counter that is spread over a week. */
static void a_leap_of_seventy_years(void **state)
{
        (void)state;
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", "");
        beat(&t, 10);
        counters(&t, INT64_C(2200000000), A, "1:x", "\"cpu_ns\":9223372036854775807");
        assert_int_equal(vg_book_save(t.book, &buf, &err), 0);
        assert_true(buf.n < 65536);
        vg_buf_done(&buf);
        vg_book_free(t.book);
}

static void duplicates_change_nothing(void **state)
{
        (void)state;
        struct teller t;
        struct vg_buf before = { 0 }, after = { 0 };
        struct vg_err err = { 0 };

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", "");
        counters(&t, 5, A, "1:x", "\"cpu_ns\":5");
        assert_int_equal(vg_book_save(t.book, &before, &err), 0);
        t.seq -= 2;
        assert_int_equal(domain(&t, 0, "event", A, "running", "1:x", ""), VG_BOOK_SEEN);
        assert_int_equal(say(&t, 500, "heartbeat", "{\"libvirt\":\"ok\",\"clock\":\"unknown\"}"),
                         VG_BOOK_SEEN);
        assert_int_equal(vg_book_save(t.book, &after, &err), 0);
        assert_string_equal(before.data, after.data);
        vg_buf_done(&before);
        vg_buf_done(&after);
        vg_book_free(t.book);
}

static int full_disk(void *user, const struct vg_usage_entry *entry, struct vg_err *err)
{
        int *left = user;

        (void)entry;
        return --*left < 0 ? vg_err_set(err, -ENOSPC, "disque plein") : 0;
}

static int no_interval(void *user, const struct vg_interval_entry *entry, struct vg_err *err)
{
        (void)user, (void)entry, (void)err;
        return 0;
}

static void a_sink_that_fails(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", "\"metadata\":\"t-a\"");
        domain(&t, 0, "event", B, "running", "1:x", "\"metadata\":\"t-b\"");
        beats(&t, 1, 7300);
        for (int n = 0; n < 4; n++) {
                struct vg_buf before = { 0 }, after = { 0 };
                struct vg_err err = { 0 };
                int left = n;

                assert_int_equal(vg_book_save(t.book, &before, &err), 0);
                assert_int_equal(
                        vg_book_close(t.book, T0 + 7200,
                                      &(struct vg_book_sink){ full_disk, no_interval, &left },
                                      &err),
                        -ENOSPC);
                assert_int_equal(vg_book_save(t.book, &after, &err), 0);
                assert_string_equal(before.data, after.data);
                vg_buf_done(&before);
                vg_buf_done(&after);
        }
        vg_book_free(t.book);
}

static void years_without_anyone(void **state)
{
        (void)state;
        struct teller t;
        struct vg_err err = { 0 };
        int calls = 0, r, many = 1 << 30;

        start(&t);
        beat(&t, 10);
        do {
                r = vg_book_close(t.book, T0 + INT64_C(20000) * 3600,
                                  &(struct vg_book_sink){ full_disk, no_interval, &many }, &err);
                calls++;
        } while (r == VG_BOOK_MORE);
        assert_int_equal(r, 0);
        assert_int_equal(calls, 21);
        assert_true(vg_book_closed_until(t.book) == T0 + INT64_C(20000) * 3600);
        vg_book_free(t.book);
}

static struct teller busy(void)
{
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", "\"metadata\":\"t-a\",\"nova\":\"p\"");
        domain(&t, 0, "event", B, "running", "1:x", "\"metadata\":\"\\u001b\"");
        counters(&t, 5, A, "1:x", "\"cpu_ns\":5,\"rss_kib\":9,\"rd:vda\":7");
        say(&t, 6, "facts",
            "{\"scope\":\"volume\",\"key\":\"/v\",\"pool\":\"p\",\"name\":\"v\","
            "\"capacity_kib\":1000,\"hints\":{}}");
        say(&t, 7, "condition",
            "{\"subject\":\"domain\",\"uuid\":\"" A "\",\"state\":\"stuck\",\"cause\":\"job\"}");
        beats(&t, 10, 3700);
        t.instance = "i2";
        t.seq = 0;
        domain(&t, 3720, "pass", A, "running", "2:x", "\"metadata\":\"t-b\"");
        return t;
}

/* Loads the snapshot without the member at `path`, or with it as something else; every member in
 * turn. Either is an error or a book that can be saved, never a crash. */
static size_t n_refused, n_taken;

static void try_load(const json_t *root)
{
        struct vg_book *book = NULL;
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };
        int r = vg_book_load(root, &options, &book, &err);

        assert_true(r == 0 || r == -EINVAL);
        assert_true(r == 0 || err.text[0]);
        n_refused += r < 0;
        n_taken += r == 0;
        if (r == 0)
                assert_int_equal(vg_book_save(book, &buf, &err), 0);
        vg_buf_done(&buf);
        vg_book_free(book);
}

/* One after the other. */
static json_t *stranger(void)
{
        static unsigned n;

        switch (n++ % 5) {
        case 0:
                return json_integer(-1);
        case 1:
                return json_string("\xe2\x80\xae");
        case 2:
                return json_array();
        case 3:
                return json_object();
        default:
                return json_integer(INT64_MAX);
        }
}

static void try_strangers(json_t *root, json_t *object, const char *key)
{
        json_t *kept = json_incref(json_object_get(object, key));

        json_object_set_new(object, key, stranger());
        try_load(root);
        json_object_del(object, key);
        try_load(root);
        json_object_set_new(object, key, kept);
}

static void tamper(json_t *root, json_t *at)
{
        json_t *keys = json_array(), *value;
        const char *key;
        size_t i;

        if (json_is_object(at)) /* members change place when they are put back */
                json_object_foreach (at, key, value)
                        json_array_append_new(keys, json_string(key));
        json_array_foreach (keys, i, value) {
                tamper(root, json_object_get(at, json_string_value(value)));
                try_strangers(root, at, json_string_value(value));
        }
        json_decref(keys);
        for (i = 0; json_is_array(at) && i < json_array_size(at); i++) {
                json_t *kept = json_incref(json_array_get(at, i));
                tamper(root, kept);
                json_array_set_new(at, i, stranger());
                try_load(root);
                json_array_set_new(at, i, kept);
        }
}

static void a_snapshot_that_was_tampered_with(void **state)
{
        (void)state;
        struct teller t = busy();
        struct vg_buf buf = { 0 };
        struct vg_err err = { 0 };
        json_t *tree = NULL;

        assert_int_equal(vg_book_save(t.book, &buf, &err), 0);
        assert_int_equal(vg_json_parse(buf.data, buf.n, &tree, NULL, NULL, &err), 0);
        tamper(tree, tree);
        print_message("%zu refused, %zu taken\n", n_refused, n_taken);
        assert_true(n_refused > 300);
        json_decref(tree);
        vg_buf_done(&buf);
        vg_book_free(t.book);
}

/* Not SHA-256, but as blind: all that matters is that the right bytes come in. */
static void fold(const void *bytes, size_t n, unsigned char ret_digest[32])
{
        memset(ret_digest, 0, 32);
        for (size_t i = 0; i < n; i++)
                ret_digest[i % 32] = (unsigned char)(ret_digest[i % 32] * 31 +
                                                     ((const unsigned char *)bytes)[i]);
}

static void a_digest_that_does_not_match(void **state)
{
        (void)state;
        struct vg_book_options with = options;
        struct teller t = { .instance = "i1", .boot = "b1", .boot_off = T0 - 1000 };
        struct vg_err err = { 0 };
        unsigned char digest[32];
        char hex[65], body[160];

        with.sha256 = fold;
        assert_int_equal(vg_book_new(&with, &t.book, &err), 0);
        domain(&t, 0, "pass", B, "running", "1:x", "");
        domain(&t, 0, "pass", A, "running", "1:x", "");
        end_pass(&t, 0, 2, VG_BOOK_INCOMPLETE);
        domain(&t, 1, "pass", B, "running", "1:x", "");
        domain(&t, 1, "pass", A, "running", "1:x", "");
        fold(A "\n" B "\n", strlen(A B) + 2, digest);
        snprintf(body, sizeof(body), "{\"scope\":\"domain\",\"count\":2,\"digest\":\"%s\"}",
                 vg_hex_format(digest, 32, hex));
        assert_int_equal(say(&t, 1, "facts-end", body), 0);
        vg_book_free(t.book);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_beyond_a_bound),
                cmocka_unit_test(ten_thousand_and_one),
                cmocka_unit_test(times_that_cannot_be),
                cmocka_unit_test(a_leap_of_seventy_years),
                cmocka_unit_test(duplicates_change_nothing),
                cmocka_unit_test(a_sink_that_fails),
                cmocka_unit_test(years_without_anyone),
                cmocka_unit_test(a_snapshot_that_was_tampered_with),
                cmocka_unit_test(a_digest_that_does_not_match),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
