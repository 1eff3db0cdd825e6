/* SPDX-License-Identifier: Apache-2.0 */

/* The book, one rule a test: what is said to it in the keeper protocol, what it charges to whom.
 * A machine has 2 vCPUs, 1 GiB and a disk of 1 TB; time is in seconds after a full hour. */

#include "book-teller.h"

#define GONE(uuid) \
        "{\"scope\":\"domain\",\"why\":\"event\",\"uuid\":\"" uuid "\",\"state\":\"gone\"}"
#define LOST(cause) \
        "{\"subject\":\"libvirt\",\"state\":\"lost\",\"cause\":\"" cause "\",\"since_boot_ns\":1}"
#define T_A "\"metadata\":\"t-a\""
#define T_B "\"metadata\":\"t-b\""

static void a_domain_of_eight_seconds(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        beats(&t, 0, 60);
        domain(&t, 70, "event", A, "running", "1:x", T_A);
        counters(&t, 73, A, "1:x", "\"cpu_ns\":2500000000,\"rss_kib\":1000,\"tx:vnet0\":77");
        say(&t, 78, "facts", GONE(A));
        beats(&t, 120, 3600);
        closes(&t, 3600,
               "0 t-a block_tb=7812500000/whole cpu_used=2500000000/restarted "
               "net_tx_gb=77/restarted ram_gib=8388608000/whole ram_used_gib=5000000/whole "
               "vcpu=16000/whole vm=8000/whole\n"
               "0 covered 3600 ok\n");
        vg_book_free(t.book);
}

/* 100 s before and 40 s after a freeze of 460 s; the counter misses nothing. */
static void libvirt_freezes(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        beat(&t, 0);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        beats(&t, 0, 100);
        beat(&t, 100);
        say(&t, 110, "condition", LOST("frozen"));
        counters(&t, 300, A, "1:x", "\"cpu_ns\":1000");
        say(&t, 310, "heartbeat", "{\"libvirt\":\"lost\",\"clock\":\"synchronised\"}");
        counters(&t, 500, A, "1:x", "\"cpu_ns\":5000");
        beat(&t, 550); /* confirms nothing: no fact yet */
        domain(&t, 560, "pass", A, "running", "1:x", T_A);
        end_pass(&t, 570, 1, 0);
        beat(&t, 600);
        closes(&t, 3600,
               "0 t-a block_tb=136718750000/gap cpu_used=5000/whole ram_gib=146800640000/gap "
               "vcpu=280000/gap vm=140000/gap\n"
               "0 covered 130 ok [100 570 libvirt-frozen allocation] [600 3600 silence all]\n");
        vg_book_free(t.book);
}

static void the_reader_restarts(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        counters(&t, 10, A, "1:x", "\"cpu_ns\":100,\"rd:vda#3\":50");
        beat(&t, 20);
        t.instance = "i2";
        t.seq = 0;
        domain(&t, 80, "pass", A, "running", "1:x", T_A);
        end_pass(&t, 80, 1, 0);
        /* The new process numbers generations anew: still the same counter. */
        counters(&t, 90, A, "1:x", "\"cpu_ns\":400,\"rd:vda\":70");
        beat(&t, 100);
        closes(&t, 3600,
               "0 t-a block_read_gb=70/whole block_tb=39062500000/gap cpu_used=400/whole "
               "ram_gib=41943040000/gap vcpu=80000/gap vm=40000/gap\n"
               "0 covered 40 ok [20 80 reader-restart all] [100 3600 silence all]\n");
        vg_book_free(t.book);
}

static void the_host_reboots(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        counters(&t, 10, A, "1:x", "\"cpu_ns\":100");
        beat(&t, 20);
        t.boot = "b2";
        t.instance = "i2";
        t.seq = 0;
        t.boot_off += 1025; /* this boot began at 25 s */
        domain(&t, -980 + 60, "pass", A, "running", "1:x", T_A);
        end_pass(&t, -980 + 60, 1, 0);
        counters(&t, -980 + 70, A, "1:x", "\"cpu_ns\":30"); /* the same run by name only */
        beat(&t, -980 + 100);
        closes(&t, 3600,
               "0 t-a block_tb=58593750000/gap cpu_used=130/restarted ram_gib=62914560000/gap "
               "vcpu=120000/gap vm=60000/gap\n"
               "0 covered 60 ok [20 105 reboot all] [145 3600 silence all]\n");
        vg_book_free(t.book);
}

static void a_machine_that_was_there_before(void **state)
{
        (void)state;
        struct teller t = teller_new();

        domain(&t, 0, "pass", A, "running", "1:x", T_A);
        end_pass(&t, 0, 1, 0);
        counters(&t, 10, A, "1:x", "\"cpu_ns\":9000");
        counters(&t, 20, A, "1:x", "\"cpu_ns\":9001");
        /* This one is younger than the look. */
        domain(&t, 20, "event", B, "paused", "2:x", T_B);
        counters(&t, 30, B, "2:x", "\"cpu_ns\":7000");
        beat(&t, 40);
        closes(&t, 3600,
               "0 t-a block_tb=39062500000/whole cpu_used=1/whole ram_gib=41943040000/whole "
               "vcpu=80000/whole vm=40000/whole\n"
               "0 t-b block_tb=19531250000/whole cpu_used=7000/whole ram_gib=20971520000/whole "
               "vcpu=40000/whole vm=20000/whole\n"
               "0 covered 40 ok [40 3600 silence all]\n");
        vg_book_free(t.book);
}

static void counters_restart(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        counters(&t, 10, A, "1:x", "\"rd:vda\":100,\"rx:vnet0\":100,\"cpu_ns\":10");
        /* out and in again: what the new one read; ran backwards: based anew */
        counters(&t, 20, A, "1:x", "\"rd:vda#2\":30,\"rx:vnet0\":40,\"cpu_ns\":20");
        counters(&t, 30, A, "1:x", "\"rd:vda#2\":31,\"rx:vnet0\":45,\"cpu_ns\":30");
        counters(&t, 30, A, "1:x", "\"rd:vda#2\":99,\"cpu_ns\":99"); /* stale: ignored */
        counters(&t, 25, A, "1:x", "\"cpu_ns\":99");
        counters(&t, 40, A, "9:other", "\"cpu_ns\":99"); /* of a run that nobody knows */
        counters(&t, 40, B, "1:x", "\"cpu_ns\":99");
        counters(&t, 40, A, "1:x",
                 "\"zz:vda\":9,\"cpu_ns:x\":9,\"rd\":9,\"rd:vda#0\":9,\"rd:vda#x\":9");
        beat(&t, 50);
        closes(&t, 3600,
               "0 t-a block_read_gb=131/restarted block_tb=48828125000/whole cpu_used=30/whole "
               "net_rx_gb=105/restarted ram_gib=52428800000/whole vcpu=100000/whole "
               "vm=50000/whole\n"
               "0 covered 50 ok [50 3600 silence all]\n");
        vg_book_free(t.book);
}

static void the_clock_is_set_back(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        beats(&t, 60, 3660);
        closes(&t, 3600,
               "0 t-a block_tb=3515625000000/whole ram_gib=3774873600000/whole "
               "vcpu=7200000/whole vm=3600000/whole\n"
               "0 covered 3600 ok\n");
        t.boot_off -= 1800;
        beats(&t, 3720, 3840);
        /* What follows is placed in an hour that is closed: a later part of it. */
        closes(&t, 3600,
               "late 0 t-a block_tb=117187500000/whole ram_gib=125829120000/whole "
               "vcpu=240000/whole vm=120000/whole\n"
               "late 0 covered 120 stepped\n");
        closes(&t, 7200,
               "1 t-a block_tb=117187500000/whole ram_gib=125829120000/whole vcpu=240000/whole "
               "vm=120000/whole\n"
               "1 covered 120 stepped [3600 7200 silence all]\n");
        vg_book_free(t.book);
}

static void the_clock_is_set_forward(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        beat(&t, 60);
        t.boot_off += 7200;
        beat(&t, 120);
        closes(&t, 10800,
               "0 t-a block_tb=117187500000/whole ram_gib=125829120000/whole vcpu=240000/whole "
               "vm=120000/whole\n"
               "0 covered 120 stepped [120 3600 clock-step all]\n"
               "1 covered 0 ok [3600 7200 clock-step all]\n"
               "2 covered 0 stepped [7200 7320 clock-step all] [7320 10800 silence all]\n");
        vg_book_free(t.book);
}

/* An amount is cut where the hour is, and nothing of it is lost. */
static void an_hour_cuts(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        beats(&t, 0, 3540);
        domain(&t, 3590, "event", A, "running", "1:x", T_A);
        counters(&t, 3621, A, "1:x", "\"cpu_ns\":1000");
        beat(&t, 3630);
        closes(&t, 7200,
               "0 t-a block_tb=9765625000/whole cpu_used=322/whole ram_gib=10485760000/whole "
               "vcpu=20000/whole vm=10000/whole\n"
               "0 covered 3600 ok\n"
               "1 t-a block_tb=29296875000/whole cpu_used=678/whole ram_gib=31457280000/whole "
               "vcpu=60000/whole vm=30000/whole\n"
               "1 covered 30 ok [3630 7200 silence all]\n");
        vg_book_free(t.book);
}

static void a_pass_decides_what_is_gone(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        domain(&t, 0, "event", B, "running", "2:x", T_A);
        counters(&t, 10, B, "2:x", "\"cpu_ns\":100");
        domain(&t, 20, "pass", A, "running", "1:x", T_A);
        end_pass(&t, 20, 2, VG_BOOK_INCOMPLETE); /* a line was lost: B stays */
        beat(&t, 30);
        domain(&t, 40, "pass", A, "running", "1:x", T_A);
        end_pass(&t, 40, 1, 0); /* B is gone since 40 */
        beat(&t, 50);
        /* It was only hidden from us: the same run is there, its counter misses nothing. */
        domain(&t, 60, "event", B, "running", "2:x", T_A);
        counters(&t, 70, B, "2:x", "\"cpu_ns\":180");
        beat(&t, 70);
        closes(&t, 3600,
               "0 t-a block_tb=117187500000/gap cpu_used=180/restarted ram_gib=125829120000/gap "
               "vcpu=240000/gap vm=120000/gap\n"
               "0 covered 70 ok [70 3600 silence all]\n");
        vg_book_free(t.book);
}

static void shared_disk(struct teller *t, int64_t at_s, const char *uuid, const char *hints,
                        bool twice)
{
        char body[1024];
        const char *disk = "{\"key\":\"/shared\",\"target\":\"vda\",\"capacity_kib\":1000,"
                           "\"writable\":1}";

        snprintf(body, sizeof(body),
                 "{\"scope\":\"domain\",\"why\":\"event\",\"uuid\":\"%s\",\"name\":\"n\","
                 "\"state\":\"off\",\"run\":\"\",\"vcpus\":2,\"memory_kib\":1,\"hints\":{%s},"
                 "\"disks\":[%s%s%s,{\"key\":\"/iso\",\"target\":\"sda\",\"capacity_kib\":5,"
                 "\"writable\":0}],\"nics\":[]}",
                 uuid, hints, disk, twice ? "," : "", twice ? disk : "");
        say(t, at_s, "facts", body);
}

static void storage_counts_once(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        say(&t, 0, "facts",
            "{\"scope\":\"volume\",\"key\":\"/shared\",\"pool\":\"p\",\"name\":\"v\","
            "\"capacity_kib\":1000,\"hints\":{}}");
        say(&t, 0, "facts-end", "{\"scope\":\"volume\",\"count\":1,\"digest\":\"\"}");
        beat(&t, 10); /* 10 s as a volume of nobody's */
        shared_disk(&t, 10, B, T_A, true);
        beat(&t, 20); /* t-a alone */
        shared_disk(&t, 20, A, T_A, false);
        beat(&t, 30); /* twice in t-a: once, now on A's line */
        shared_disk(&t, 30, A, T_B, false);
        beat(&t, 40); /* once for each tenant */
        say(&t, 40, "facts", GONE(A));
        say(&t, 40, "facts", GONE(B));
        beat(&t, 50); /* a volume again */
        say(&t, 50, "facts-end", "{\"scope\":\"volume\",\"count\":0,\"digest\":\"\"}");
        beat(&t, 60);
        closes(&t, 3600,
               "0 _unassigned block_tb=20000/whole\n"
               "0 t-a block_tb=30000/whole\n"
               "0 t-b block_tb=10000/whole\n"
               "0 covered 60 ok [60 3600 silence all]\n");
        vg_book_free(t.book);
}

/* Which disk a line is of, and when: told with the amounts, across a save and a change of tenant. */
static int on_disks(void *user, const struct vg_usage_entry *e, struct vg_err *err)
{
        struct teller *t = user;

        (void)err;
        for (size_t i = 0; i < e->n_lines; i++)
                for (size_t k = 0; k < e->lines[i].n_disks; k++) {
                        const struct vg_disk_seen *disk = &e->lines[i].disks[k];
                        note(t, "%" PRId64 " %s %.1s %s %d-%d:%" PRId64 "\n",
                             (e->start_s - T0) / e->interval_s, e->tenant,
                             *e->lines[i].uuid ? e->lines[i].uuid : "-", disk->key, disk->from_s,
                             disk->to_s, disk->kib);
                }
        return 0;
}

static int on_no_interval(void *user, const struct vg_interval_entry *e, struct vg_err *err)
{
        (void)user;
        (void)e;
        (void)err;
        return 0;
}

static void save_and_load(struct teller *t)
{
        struct vg_buf first = { 0 }, again = { 0 };
        struct vg_err err = { 0 };
        json_t *tree = NULL;

        assert_int_equal(vg_book_save(t->book, &first, &err), 0);
        assert_int_equal(vg_json_parse(first.data, first.n, &tree, NULL, NULL, &err), 0);
        vg_book_free(t->book);
        t->book = NULL;
        assert_int_equal(vg_book_load(tree, &options, &t->book, &err), 0);
        assert_int_equal(vg_book_save(t->book, &again, &err), 0);
        assert_string_equal(first.data, again.data);
        json_decref(tree);
        vg_buf_done(&first);
        vg_buf_done(&again);
}

static void storage_says_when(void **state)
{
        (void)state;
        static const struct vg_tenant_row row[] = { { VG_BY_UUID, B, "t-c", T0 + 3600 } };
        const struct vg_book_sink sink = { on_disks, on_no_interval, NULL };
        struct vg_book_sink told = sink;
        struct vg_err err = { 0 };
        struct teller t;

        start(&t);
        say(&t, 0, "facts",
            "{\"scope\":\"volume\",\"key\":\"/shared\",\"pool\":\"p\",\"name\":\"v\","
            "\"capacity_kib\":1000,\"hints\":{}}");
        say(&t, 0, "facts-end", "{\"scope\":\"volume\",\"count\":1,\"digest\":\"\"}");
        beats(&t, 60, 600);
        shared_disk(&t, 600, B, T_A, true);
        beats(&t, 660, 900);
        save_and_load(&t);
        beats(&t, 960, 1200);
        shared_disk(&t, 1200, A, T_A, false); /* on A's line, the first of the tenant */
        beats(&t, 1260, 1800);
        say(&t, 1800, "facts", GONE(A));
        beats(&t, 1860, 3720);
        /* Dated back into the hour that is open: its disks move with the amounts. */
        assert_int_equal(vg_book_set_map(t.book, row, 1, &err), 0);
        beats(&t, 3780, 3840);
        save_and_load(&t);
        t.entries[0] = '\0';
        told.user = &t;
        assert_int_equal(vg_book_close(t.book, T0 + 7200, &told, &err), 0);
        assert_string_equal(t.entries, "0 _unassigned - /shared 0-600:1000\n"
                                       "0 t-a a /shared 1200-1800:1000\n"
                                       "0 t-a b /shared 600-1200:1000\n"
                                       "0 t-a b /shared 1800-3600:1000\n"
                                       "1 t-c b /shared 0-240:1000\n");
        vg_book_free(t.book);
}

static void the_map_moves(void **state)
{
        (void)state;
        static const struct vg_tenant_row later[] = { { VG_BY_UUID, A, "t-x", T0 + 25 } };
        static const struct vg_tenant_row both[] = { { VG_BY_UUID, A, "t-x", T0 + 25 },
                                                     { VG_BY_UUID, B, "t-y", T0 } };
        struct vg_err err = { 0 };
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "running", "1:x", T_A);
        domain(&t, 0, "event", B, "running", "2:x", "");
        beat(&t, 20);
        assert_int_equal(vg_book_set_map(t.book, later, 1, &err), 0);
        counters(&t, 30, A, "1:x", "\"cpu_ns\":300"); /* cut at 25 s, as the spans are */
        beat(&t, 40);
        /* Dated back: what the open hour holds of B moves with it. */
        counters(&t, 40, B, "2:x", "\"cpu_ns\":7");
        assert_int_equal(vg_book_set_map(t.book, both, 2, &err), 0);
        beat(&t, 50);
        closes(&t, 3600,
               "0 t-a block_tb=24414062500/whole cpu_used=250/whole ram_gib=26214400000/whole "
               "vcpu=50000/whole vm=25000/whole\n"
               "0 t-x block_tb=24414062500/whole cpu_used=50/whole ram_gib=26214400000/whole "
               "vcpu=50000/whole vm=25000/whole\n"
               "0 t-y block_tb=48828125000/whole cpu_used=7/whole ram_gib=52428800000/whole "
               "vcpu=100000/whole vm=50000/whole\n"
               "0 covered 50 ok [50 3600 silence all]\n");
        assert_int_equal(vg_book_set_map(t.book,
                                         &(struct vg_tenant_row){ VG_BY_UUID, A, "\033", 0 }, 1,
                                         &err),
                         -EINVAL);
        vg_book_free(t.book);
}

/* A domain that changed hands within the hour moves whole with a row that names it, and only the
 * part that the hint speaks of with a row that names a hint. */
static void the_map_moves_what_changed_hands(void **state)
{
        (void)state;
        static const struct vg_tenant_row rows[] = { { VG_BY_METADATA, "t-b", "t-x", T0 },
                                                     { VG_BY_UUID, A, "t-y", T0 } };
        struct vg_err err = { 0 };

        for (size_t n = 1; n <= 2; n++) {
                struct teller t;

                start(&t);
                domain(&t, 0, "event", A, "paused", "1:x", T_A);
                domain(&t, 10, "event", A, "paused", "1:x", T_B);
                beat(&t, 30);
                assert_int_equal(vg_book_set_map(t.book, rows, n, &err), 0);
                closes(&t, 3600,
                       n == 1 ? "0 t-a block_tb=9765625000/whole ram_gib=10485760000/whole "
                                "vcpu=20000/whole vm=10000/whole\n"
                                "0 t-x block_tb=19531250000/whole ram_gib=20971520000/whole "
                                "vcpu=40000/whole vm=20000/whole\n"
                                "0 covered 30 ok [30 3600 silence all]\n"
                              : "0 t-y block_tb=29296875000/whole ram_gib=31457280000/whole "
                                "vcpu=60000/whole vm=30000/whole\n"
                                "0 covered 30 ok [30 3600 silence all]\n");
                vg_book_free(t.book);
        }
}

/* A contract with longer intervals comes while the wall clock is behind what was placed. */
static void another_interval_after_a_step(void **state)
{
        (void)state;
        static const struct vg_book_options quarters = { 900, 30 * NS, 120 * NS, NULL, NULL };
        struct vg_err err = { 0 };
        struct teller t = { .instance = "i1", .boot = "b1", .boot_off = T0 - 1000 };

        assert_int_equal(vg_book_new(&quarters, &t.book, &err), 0);
        end_pass(&t, 0, 0, 0);
        t.boot_off += 4600;
        domain(&t, 1, "event", A, "paused", "1:x", T_A);
        beat(&t, 61);
        t.boot_off -= 4600;
        assert_int_equal(vg_book_set_interval(t.book, 3600, T0 + 61, &err), 0);
        beat(&t, 121);
        /* The sixth quarter is still one; hours begin behind it. */
        closes(&t, 4500,
               "0 covered 61 stepped [1 900 clock-step all] [121 900 silence all]\n"
               "1 covered 0 ok [900 1800 clock-step all] [900 1800 silence all]\n"
               "2 covered 0 ok [1800 2700 clock-step all] [1800 2700 silence all]\n"
               "3 covered 0 ok [2700 3600 clock-step all] [2700 3600 silence all]\n"
               "4 covered 0 ok [3600 4500 clock-step all] [3600 4500 silence all]\n");
        closes(&t, 10800,
               "5 t-a block_tb=117187500000/whole ram_gib=125829120000/whole vcpu=240000/whole "
               "vm=120000/whole\n"
               "5 covered 60 stepped [4500 4601 clock-step all] [4500 5400 silence all]\n"
               "6 covered 0 ok [5400 6300 silence all]\n"
               "7 covered 0 ok [6300 7200 silence all]\n"
               "2 covered 0 ok [7200 10800 silence all]\n");
        vg_book_free(t.book);
}

static void another_interval(void **state)
{
        (void)state;
        struct vg_err err = { 0 };
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "paused", "1:x", T_A);
        beat(&t, 10);
        assert_int_equal(vg_book_set_interval(t.book, 7200, T0 + 10, &err), -EINVAL);
        assert_int_equal(vg_book_set_interval(t.book, 900, T0 + 10, &err), 0);
        beats(&t, 60, 5400);
        closes(&t, 4500,
               "0 t-a block_tb=3515625000000/whole ram_gib=3774873600000/whole "
               "vcpu=7200000/whole vm=3600000/whole\n"
               "0 covered 3600 ok\n"
               "4 t-a block_tb=878906250000/whole ram_gib=943718400000/whole vcpu=1800000/whole "
               "vm=900000/whole\n"
               "4 covered 900 ok\n");
        vg_book_free(t.book);
}

static void a_gauge_holds_not_for_ever(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "paused", "1:x", T_A);
        counters(&t, 10, A, "1:x", "\"rss_kib\":5");
        counters(&t, 40, A, "1:x", "\"rss_kib\":7"); /* 30 s of 5 */
        counters(&t, 71, A, "1:x", "\"rss_kib\":9"); /* 31 s: nobody looked */
        counters(&t, 81, A, "1:x", "\"rss_kib\":1"); /* 10 s of 9 */
        say(&t, 85, "condition",
            "{\"subject\":\"domain\",\"uuid\":\"" A "\",\"state\":\"stuck\",\"cause\":\"job\"}");
        beat(&t, 90);
        say(&t, 95, "condition",
            "{\"subject\":\"domain\",\"uuid\":\"" A "\",\"state\":\"ok\",\"cause\":\"\"}");
        beat(&t, 100);
        closes(&t, 3600,
               "0 t-a block_tb=97656250000/whole ram_gib=104857600000/whole "
               "ram_used_gib=240000/gap vcpu=200000/whole vm=100000/whole\n"
               "0 covered 100 ok [85 95 stuck counters] [100 3600 silence all]\n");
        vg_book_free(t.book);
}

static void silence_is_a_gap(void **state)
{
        (void)state;
        struct teller t;

        start(&t);
        domain(&t, 0, "event", A, "paused", "1:x", T_A);
        beat(&t, 10);
        beat(&t, 130); /* 120 s: allowed */
        beat(&t, 251); /* 121 s: a silence */
        beat(&t, 261);
        closes(&t, 3600,
               "0 t-a block_tb=136718750000/gap ram_gib=146800640000/gap vcpu=280000/gap "
               "vm=140000/gap\n"
               "0 covered 140 ok [130 251 silence all] [261 3600 silence all]\n");
        vg_book_free(t.book);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_domain_of_eight_seconds),
                cmocka_unit_test(libvirt_freezes),
                cmocka_unit_test(the_reader_restarts),
                cmocka_unit_test(the_host_reboots),
                cmocka_unit_test(a_machine_that_was_there_before),
                cmocka_unit_test(counters_restart),
                cmocka_unit_test(the_clock_is_set_back),
                cmocka_unit_test(the_clock_is_set_forward),
                cmocka_unit_test(an_hour_cuts),
                cmocka_unit_test(a_pass_decides_what_is_gone),
                cmocka_unit_test(storage_counts_once),
                cmocka_unit_test(storage_says_when),
                cmocka_unit_test(the_map_moves),
                cmocka_unit_test(the_map_moves_what_changed_hands),
                cmocka_unit_test(another_interval),
                cmocka_unit_test(another_interval_after_a_step),
                cmocka_unit_test(a_gauge_holds_not_for_ever),
                cmocka_unit_test(silence_is_a_gap),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
