/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ledger-fixture: a ledger in a scratch folder, and bodies to write into it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "os/files.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"

struct fixture {
        char dir[64], path[96];
        struct store_key *key;
        struct store *store;
        int64_t start_s, utc_ns; /* of the first hour; now */
        unsigned hour;
};

/* Now, one second later at each call. */
static inline int64_t fixture_tick(struct fixture *f)
{
        return f->utc_ns += VG_NS_PER_S;
}

static inline void must(int r, const struct vg_err *err)
{
        if (r < 0)
                fail_msg("%d: %s", r, vg_err_text(err));
}

static inline struct store_options fixture_options(const struct fixture *f)
{
        return (struct store_options){
                .path = f->path,
                .appliance = "qc-test-01",
                .key = f->key,
                .load_zone = vg_file_zone,
                .utc_ns = f->utc_ns,
                .version = "0.1.0",
        };
}

static inline void fixture_open(struct fixture *f)
{
        const struct store_options options = fixture_options(f);
        struct vg_err err = { 0 };

        must(store_open(&options, &f->store, &err), &err);
}

static inline void fixture_close(struct fixture *f)
{
        store_close(f->store);
        f->store = NULL;
}

static inline void fixture_init_at(struct fixture *f, int64_t start_s)
{
        struct vg_err err = { 0 };

        *f = (struct fixture){ .start_s = start_s, .utc_ns = start_s * VG_NS_PER_S };
        snprintf(f->dir, sizeof(f->dir), "/tmp/vigie-ledger-XXXXXX");
        assert_non_null(mkdtemp(f->dir));
        snprintf(f->path, sizeof(f->path), "%s/ledger.db", f->dir);
        must(store_key_new(&f->key, &err), &err);
        fixture_open(f);
}

static inline void fixture_init(struct fixture *f)
{
        fixture_init_at(f, 1793595600); /* 2026-11-02 05:00:00 UTC */
}

static inline void fixture_done(struct fixture *f)
{
        char command[128];

        store_close(f->store);
        store_key_free(f->key);
        snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
        assert_int_equal(system(command), 0);
}

static inline uint64_t fixture_append(struct fixture *f, enum vg_log log, const char *type,
                                      const char *body)
{
        struct vg_err err = { 0 };
        uint64_t seq = 0;

        must(store_append(f->store, log, type, body, strlen(body), fixture_tick(f), &seq, &err),
             &err);
        return seq;
}

static inline void fixture_begin(struct fixture *f)
{
        struct vg_err err = { 0 };

        must(store_begin(f->store, &err), &err);
}

static inline void fixture_commit(struct fixture *f)
{
        struct vg_err err = { 0 };

        must(store_commit(f->store, &err), &err);
}

static inline void fixture_usage(struct fixture *f, const char *tenant, int64_t start_s, int part,
                                 int64_t vcpu, int64_t ram)
{
        char body[1024], start[32];

        snprintf(body, sizeof(body),
                 "{\"appliance\":\"qc-test-01\",\"clock\":\"ok\",\"contract\":\"\",\"domains\":[],"
                 "\"interval_s\":3600,\"part\":%d,\"resources\":{\"ram_gib\":{\"base\":\"%lld\","
                 "\"micro\":%lld,\"quality\":\"gap\"},\"vcpu\":{\"base\":\"%lld\",\"micro\":%lld,"
                 "\"quality\":\"whole\"}},\"start\":\"%s\",\"tenant\":\"%s\"}",
                 part, (long long)ram, (long long)ram, (long long)vcpu, (long long)vcpu,
                 vg_utc_format(start_s, start), tenant);
        fixture_append(f, VG_LOG_CLIENT, "usage", body);
}

static inline void fixture_interval(struct fixture *f, int64_t start_s)
{
        char body[512], start[32], from[32], to[32];

        snprintf(body, sizeof(body),
                 "{\"appliance\":\"qc-test-01\",\"clock\":\"ok\",\"covered_s\":3540,\"gaps\":["
                 "{\"cause\":\"frozen\",\"from\":\"%s\",\"scope\":\"allocation\",\"to\":\"%s\"}],"
                 "\"interval_s\":3600,\"start\":\"%s\"}",
                 vg_utc_format(start_s + 60, from), vg_utc_format(start_s + 120, to),
                 vg_utc_format(start_s, start));
        fixture_append(f, VG_LOG_CLIENT, "interval", body);
}

/* One closed hour of two tenants. */
static inline void fixture_hour(struct fixture *f)
{
        const int64_t start_s = f->start_s + 3600 * (int64_t)f->hour++;

        fixture_usage(f, "t-dsi", start_s, 0, 2000000, 8000000);
        fixture_usage(f, "t-urb", start_s, 0, 500000 + f->hour, 1000000);
        fixture_interval(f, start_s);
}

static inline void fixture_alert(struct fixture *f, const char *key, const char *event, int change)
{
        char body[512];

        snprintf(body, sizeof(body),
                 "{\"at\":\"2026-11-02T06:00:00Z\",\"change\":%d,\"code\":\"VIG-N-002\","
                 "\"event\":\"%s\",\"key\":\"%s\",\"params\":{\"domain\":\"vm « é »\"},"
                 "\"severity\":\"warning\",\"text_en\":\"en %d\",\"text_fr\":\"fr %d\"}",
                 change, event, key, change, change);
        fixture_append(f, VG_LOG_CLIENT, "alert", body);
}

static inline void fixture_act(struct fixture *f, const char *verb, const char *detail)
{
        char body[1024];

        snprintf(body, sizeof(body),
                 "{\"author\":{\"role\":\"admin\",\"uid\":0,\"user\":\"root\"},\"detail\":%s,"
                 "\"verb\":\"%s\"}",
                 detail, verb);
        fixture_append(f, VG_LOG_CLIENT, "act", body);
}

static inline void fixture_life(struct fixture *f, const char *event)
{
        char body[256];

        snprintf(body, sizeof(body),
                 "{%s\"appliance\":\"qc-test-01\",\"boot_id\":"
                 "\"6f0b3b3e-0000-4000-8000-000000000001\",\"event\":\"%s\",\"version\":\"0.1.0\"}",
                 strcmp(event, "start") == 0 ? "\"after\":\"clean\"," : "", event);
        fixture_append(f, VG_LOG_SHARED, "life", body);
}

/* A bit of everything that a keeper writes, over so many hours. */
static inline void fixture_history(struct fixture *f, unsigned n_hours)
{
        struct vg_err err = { 0 };

        fixture_begin(f);
        fixture_life(f, "start");
        fixture_act(f, "tenant.map",
                    "{\"by\":\"name\",\"from\":\"2026-11-02T00:00:00Z\",\"reason\":\"essai\","
                    "\"tenant\":\"t-urb\",\"value\":\"vm-*\"}");
        fixture_alert(f, "VIG-N-002/vm-1", "fired", 1);
        fixture_commit(f);
        for (unsigned i = 0; i < n_hours; i++) {
                fixture_begin(f);
                fixture_hour(f);
                fixture_commit(f);
                if (i % 4 == 0)
                        must(store_checkpoint(f->store, fixture_tick(f), NULL, &err), &err);
        }
        fixture_begin(f);
        fixture_alert(f, "VIG-N-002/vm-1", "acknowledged", 2);
        fixture_alert(f, "VIG-N-002/vm-1", "cleared", 3);
        fixture_alert(f, "VIG-N-002/vm-2", "fired", 1);
        fixture_alert(f, "VIG-N-002/vm-2", "raised", 2);
        fixture_usage(f, "t-dsi", f->start_s, 1, -1000, 0);
        fixture_append(f, VG_LOG_SHARED, "future-thing", "{\"x\":1}");
        fixture_life(f, "stop");
        fixture_commit(f);
        must(store_checkpoint(f->store, fixture_tick(f), NULL, &err), &err);
}
