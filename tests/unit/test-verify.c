/* SPDX-License-Identifier: Apache-2.0 */

/* verify: every way in which a ledger can be made to lie is found, and told by its place. */

#include "ledger-fixture.h"

#include <errno.h>
#include <sqlite3.h>

#include "store/rebuild.h"
#include "store/sql.h"
#include "store/verify.h"

struct heard {
        int n;
        struct store_finding first;
        char codes[512];
};

static int hear(void *ctx, const struct store_finding *finding)
{
        struct heard *heard = ctx;
        const size_t used = strlen(heard->codes);

        if (heard->n++ == 0)
                heard->first = *finding;
        if (used + strlen(finding->code) + 2 < sizeof(heard->codes))
                snprintf(heard->codes + used, sizeof(heard->codes) - used, "%s ", finding->code);
        assert_true(finding->why.text[0] != '\0');
        return 0;
}

static int verify(const char *path, struct heard *heard, struct store_verify_report *report)
{
        struct store_verify_options options = { .path = path, .on_finding = hear, .ctx = heard };
        struct vg_err err = { 0 };

        *heard = (struct heard){ 0 };
        return store_verify(&options, report, &err);
}

static void expect_sound(const char *path)
{
        struct store_verify_report report;
        struct heard heard;

        assert_int_equal(verify(path, &heard, &report), 0);
        if (heard.n)
                fail_msg("%s %llu: %s", heard.first.code, (unsigned long long)heard.first.seq,
                         heard.first.why.text);
        assert_int_equal(report.n_findings, 0);
}

/* Another hand than ours: plain SQLite on the file. */
static sqlite3 *open_raw(const char *path)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        return db;
}

static void raw_exec(sqlite3 *db, const char *text)
{
        char *message = NULL;

        if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
                fail_msg("%s: %s", text, message);
}

static void raw_put(sqlite3 *db, const char *text, const void *bytes, int n, int64_t id)
{
        sqlite3_stmt *stmt = NULL;

        assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
        sqlite3_bind_blob(stmt, 1, bytes, n, SQLITE_TRANSIENT);
        sqlite3_bind_int64(stmt, 2, id);
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_finalize(stmt);
}

static void copy_file(const char *from, const char *to)
{
        size_t n;
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };

        must(vg_file_read(from, 64 << 20, &bytes, &n, &err), &err);
        must(vg_file_write(to, bytes, n, 0600, &err), &err);
}

/* A closed ledger in one file, as an auditor would be handed it. */
static void make_copy(struct fixture *f, char copy[128])
{
        sqlite3 *db;

        fixture_close(f);
        db = open_raw(f->path);
        raw_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");
        sqlite3_close(db);
        snprintf(copy, 128, "%s/copy.db", f->dir);
        copy_file(f->path, copy);
}

static void flip_column(const char *path, const char *column, int64_t id, int *n_flips)
{
        char get[128], put[128];
        sqlite3 *db = open_raw(path);
        sqlite3_stmt *stmt = NULL;

        raw_exec(db, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
        snprintf(get, sizeof(get), "SELECT %s FROM records WHERE id = %lld", column, (long long)id);
        snprintf(put, sizeof(put), "UPDATE records SET %s = ? WHERE id = ?", column);
        assert_int_equal(sqlite3_prepare_v2(db, get, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        const int n = sqlite3_column_bytes(stmt, 0);
        unsigned char *bytes = malloc((size_t)n);
        memcpy(bytes, sqlite3_column_blob(stmt, 0), (size_t)n);
        sqlite3_finalize(stmt);
        for (int i = 0; i < n; i++) {
                struct store_verify_report report;
                struct heard heard;
                bytes[i] ^= (unsigned char)(1 << (i % 8));
                raw_put(db, put, bytes, n, id);
                assert_int_equal(verify(path, &heard, &report), 0);
                if (heard.n < 1 || heard.first.seq != ((uint64_t)id & 0xffffffff) ||
                    heard.first.log != (id >> 48 ? VG_LOG_CLIENT : VG_LOG_SHARED))
                        fail_msg("%s of %lld, byte %d: %s %llu", column, (long long)id, i,
                                 heard.codes, (unsigned long long)heard.first.seq);
                bytes[i] ^= (unsigned char)(1 << (i % 8));
                ++*n_flips;
        }
        raw_put(db, put, bytes, n, id);
        free(bytes);
        sqlite3_close(db);
}

static void test_every_byte(_unused_ void **state)
{
        struct fixture f;
        char copy[128];
        int n_flips = 0;
        const int64_t client = INT64_C(1) << 48;

        fixture_init(&f);
        fixture_history(&f, 1);
        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "PRAGMA journal_mode = DELETE");
        sqlite3_close(db);
        expect_sound(copy);
        for (int64_t seq = 0; seq < 4; seq++) {
                flip_column(copy, "bytes", client + seq, &n_flips);
                flip_column(copy, "leaf", client + seq, &n_flips);
        }
        for (int64_t seq = 0; seq < 2; seq++) {
                flip_column(copy, "bytes", seq, &n_flips);
                flip_column(copy, "leaf", seq, &n_flips);
        }
        expect_sound(copy);
        assert_true(n_flips > 1500);
        fixture_done(&f);
}

static void test_tampering(_unused_ void **state)
{
#define CLIENT "((1 << 48) + "
        static const struct {
                const char *name, *sql, *code;
                uint64_t seq;
        } rows[] = {
                { "type", "UPDATE records SET type = 'usagf' WHERE id = " CLIENT "3)",
                  "record-altered", 3 },
                { "stamp", "UPDATE records SET utc_ns = utc_ns + 1 WHERE id = " CLIENT "3)",
                  "record-altered", 3 },
                { "deleted", "DELETE FROM records WHERE id = " CLIENT "5)", "record-missing", 5 },
                { "deleted and closed up",
                  "DELETE FROM records WHERE id = " CLIENT "5);"
                  "UPDATE records SET id = id - 1 WHERE id > " CLIENT "5)",
                  "record-misplaced", 5 },
                { "first deleted", "DELETE FROM records WHERE id = " CLIENT "0)", "record-missing",
                  0 },
                { "swapped",
                  "UPDATE records SET id = -1 WHERE id = " CLIENT "4);"
                  "UPDATE records SET id = " CLIENT "4) WHERE id = " CLIENT "6);"
                  "UPDATE records SET id = " CLIENT "6) WHERE id = -1",
                  "record-misplaced", 4 },
                { "cut short", "DELETE FROM records WHERE id > " CLIENT "7)", "log-truncated", 20 },
                { "last one cut", "DELETE FROM records WHERE id = (SELECT max(id) FROM records)",
                  "log-truncated", 20 },
                { "shared log emptied", "DELETE FROM records WHERE id < 1 << 48", "log-truncated",
                  1 },
                { "copied to another log",
                  "UPDATE records SET bytes = (SELECT bytes FROM records WHERE id = 1),"
                  " leaf = (SELECT leaf FROM records WHERE id = 1) WHERE id = " CLIENT "2)",
                  "record-misplaced", 2 },
                { "no checkpoint", "DELETE FROM checkpoints WHERE log = 1", "no-checkpoint", 20 },
                { "checkpoint of another size", "UPDATE checkpoints SET size = 19 WHERE size = 20",
                  "checkpoint-malformed", 19 },
                { "checkpoint of the other log",
                  "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE log = 0 AND"
                  " size = 1) WHERE log = 1 AND size = 1",
                  "checkpoint-forged", 1 },
                { "node", "INSERT OR REPLACE INTO nodes SELECT id, zeroblob(32) FROM nodes", NULL,
                  0 },
                { "redacted unsaid", "UPDATE records SET bytes = NULL WHERE id = " CLIENT "3)",
                  "redacted-unexplained", 3 },
                { "leaf too short", "UPDATE records SET leaf = x'00' WHERE id = " CLIENT "3)",
                  "record-altered", 3 },
                { "stray record",
                  "INSERT INTO records SELECT 2 << 48, type, utc_ns, bytes, leaf FROM records"
                  " WHERE id = 0",
                  "stray-rows", 0 },
                { "bytes empty", "UPDATE records SET bytes = x'' WHERE id = " CLIENT "3)",
                  "record-altered", 3 },
        };
        struct fixture f;
        char copy[128], path[128];

        fixture_init(&f);
        fixture_history(&f, 4);
        make_copy(&f, copy);
        snprintf(path, sizeof(path), "%s/bad.db", f.dir);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct store_verify_report report;
                struct heard heard;
                copy_file(copy, path);
                sqlite3 *db = open_raw(path);
                raw_exec(db, rows[i].sql);
                sqlite3_close(db);
                assert_int_equal(verify(path, &heard, &report), 0);
                if (!rows[i].code) {
                        assert_int_equal(heard.n, 0); /* too small a log to have nodes */
                        continue;
                }
                if (heard.n == 0 || strcmp(heard.first.code, rows[i].code) != 0 ||
                    heard.first.seq != rows[i].seq)
                        fail_msg("%s: %s first at %llu", rows[i].name, heard.codes,
                                 (unsigned long long)heard.first.seq);
        }
        fixture_done(&f);
}

/* Whoever may write the file can make bytes, leaf and tree agree again; not the signed heads. */
static void test_consistent_forgery(_unused_ void **state)
{
        struct fixture f;
        struct store_verify_report report;
        struct heard heard;
        char copy[128], forged[2048];
        struct vg_hash leaf;
        sqlite3_stmt *stmt = NULL;

        fixture_init(&f);
        fixture_history(&f, 6);
        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        assert_int_equal(sqlite3_prepare_v2(db,
                                            "SELECT bytes FROM records WHERE id = (1 << 48) + 3",
                                            -1, &stmt, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        const int n = sqlite3_column_bytes(stmt, 0);
        assert_true(n < (int)sizeof(forged));
        memcpy(forged, sqlite3_column_blob(stmt, 0), (size_t)n);
        sqlite3_finalize(stmt);
        char *amount = memmem(forged, (size_t)n, "\"micro\":8", 9);
        assert_non_null(amount);
        amount[8] = '1';
        assert_int_equal(vg_leaf_hash(&store_hasher, forged, (size_t)n, &leaf), 0);
        const int64_t id = (INT64_C(1) << 48) + 3;
        raw_put(db, "UPDATE records SET bytes = ? WHERE id = ?", forged, n, id);
        raw_put(db, "UPDATE records SET leaf = ? WHERE id = ?", leaf.bytes, VG_HASH_SIZE, id);
        sqlite3_close(db);
        assert_int_equal(verify(copy, &heard, &report), 0);
        assert_string_equal(heard.first.code, "checkpoint-mismatch");
        assert_true(heard.first.seq > 3);
        fixture_done(&f);
}

static void expect_with(const struct store_verify_options *options, const char *codes)
{
        struct store_verify_report report;
        struct vg_err err = { 0 };
        struct heard *heard = options->ctx;

        *heard = (struct heard){ 0 };
        must(store_verify(options, &report, &err), &err);
        if (strcmp(heard->codes, codes) != 0)
                fail_msg("wanted '%s', found '%s': %s", codes, heard->codes, heard->first.why.text);
}

static void take_fingerprint(const struct fixture *f, struct vg_hash *ret)
{
        const struct vg_bytes part = { store_key_public(f->key), VG_PUBLIC_KEY_SIZE };

        assert_int_equal(store_hasher.sha256(NULL, &part, 1, ret), 0);
}

/* A whole ledger made with another key, under the same name. */
static void test_other_key(_unused_ void **state)
{
        struct fixture f, other;
        struct heard heard;
        struct vg_hash fingerprint;

        fixture_init(&f);
        fixture_init(&other);
        fixture_history(&other, 2);
        struct store_verify_options options = {
                .path = other.path,
                .keys = &fingerprint,
                .n_keys = 1,
                .on_finding = hear,
                .ctx = &heard,
        };
        take_fingerprint(&other, &fingerprint);
        expect_with(&options, "");
        take_fingerprint(&f, &fingerprint);
        expect_with(&options, "key-unknown key-unknown ");
        fixture_done(&other);
        fixture_done(&f);
}

static void test_outside(_unused_ void **state)
{
        struct fixture f;
        struct heard heard;
        struct vg_err err = { 0 };
        char copy[128];
        char *notes[2] = { NULL, NULL };

        fixture_init(&f);
        fixture_history(&f, 3);
        must(store_checkpoint_get(f.store, VG_LOG_CLIENT, UINT64_MAX, NULL, &notes[0], &err), &err);
        must(store_checkpoint_get(f.store, VG_LOG_SHARED, UINT64_MAX, NULL, &notes[1], &err), &err);
        make_copy(&f, copy);
        struct store_verify_options options = {
                .path = copy,
                .outside = (const char *const *)notes,
                .n_outside = 2,
                .on_finding = hear,
                .ctx = &heard,
        };
        expect_with(&options, "");

        /* Rolled back: the end of the log and its heads are gone from the file. */
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "DELETE FROM checkpoints WHERE log = 1 AND size > 1;"
                     "DELETE FROM records WHERE id > 1 << 48");
        sqlite3_close(db);
        options.n_outside = 0;
        expect_with(&options, "");
        options.n_outside = 2;
        expect_with(&options, "log-truncated ");

        /* A head of another appliance. */
        struct fixture other;
        fixture_init(&other);
        char *theirs = NULL;
        must(store_checkpoint_get(other.store, VG_LOG_CLIENT, UINT64_MAX, NULL, &theirs, &err),
             &err);
        options.outside = (const char *const *)&theirs;
        options.n_outside = 1;
        expect_with(&options, "checkpoint-foreign ");
        free(theirs);
        fixture_done(&other);
        free(notes[0]);
        free(notes[1]);
        fixture_done(&f);
}

static void test_redacted(_unused_ void **state)
{
        struct fixture f;
        struct store_verify_report report;
        struct heard heard;
        char copy[128];

        fixture_init(&f);
        fixture_history(&f, 3);
        fixture_begin(&f);
        fixture_append(&f, VG_LOG_CLIENT, "purge",
                       "{\"from_seq\":4,\"log\":\"client\",\"to_seq\":7}");
        fixture_commit(&f);
        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "UPDATE records SET bytes = NULL WHERE id BETWEEN (1 << 48) + 4"
                     " AND (1 << 48) + 6");
        sqlite3_close(db);
        assert_int_equal(verify(copy, &heard, &report), 0);
        assert_int_equal(heard.n, 0);
        assert_int_equal(report.log[VG_LOG_CLIENT].redacted, 3);
        fixture_done(&f);
}

static bool is_usage(_unused_ void *ctx, const char *type, _unused_ int64_t utc_ns,
                     _unused_ const json_t *body)
{
        return strcmp(type, "usage") == 0;
}

/* Whether the file still holds a piece of text. */
static bool holds(const char *path, const char *text)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        size_t n;

        must(vg_file_read(path, 64 << 20, &bytes, &n, &err), &err);
        return memmem(bytes, n, text, strlen(text)) != NULL;
}

/* Bytes and salts go from the file, hashes and heads stay; also where the end was cut off. */
static void test_purged(_unused_ void **state)
{
        for (int cut_off = 0; cut_off < 2; cut_off++) {
                struct fixture f;
                struct store_verify_report report;
                struct heard heard;
                struct vg_err err = { 0 };
                uint64_t n = 0;
                int64_t rows = 1;
                bool same = false;
                char copy[128];

                fixture_init(&f);
                fixture_history(&f, 30);
                make_copy(&f, copy);
                assert_true(holds(copy, "\"resources\""));
                fixture_open(&f);
                fixture_begin(&f);
                must(store_purge(f.store, VG_LOG_CLIENT, "CS-1", fixture_tick(&f), is_usage, NULL,
                                 &n, &err),
                     &err);
                fixture_commit(&f);
                assert_true(n >= 30);
                if (!cut_off)
                        must(store_purge_finish(f.store, NULL, NULL, &err), &err);
                fixture_close(&f);
                if (cut_off) {
                        fixture_open(&f);
                        fixture_close(&f);
                }
                assert_int_equal(verify(f.path, &heard, &report), 0);
                assert_int_equal(heard.n, 0);
                assert_int_equal(report.log[VG_LOG_CLIENT].redacted, n);
                must(store_rebuild_compare(f.path, vg_file_zone, NULL, NULL, &same, &err), &err);
                assert_true(same);
                sqlite3 *db = open_raw(f.path);
                must(sql_int(db, "SELECT count(*) FROM usage", &rows, &err), &err);
                sqlite3_close(db);
                assert_int_equal(rows, 0);
                if (!cut_off)
                        assert_false(holds(f.path, "\"resources\""));
                fixture_open(&f);
                fixture_done(&f);
        }
}

static int take_leaf(void *ctx, const struct store_record *record)
{
        *(struct vg_hash *)ctx = record->leaf;
        return 0;
}

/* More than 256 leaves, so that stored nodes take part. */
struct proving {
        struct store *store;
        uint64_t n, size;
        struct vg_hash root;
};

static int take_proof(void *ctx, uint64_t seq, const struct vg_proof *proof)
{
        struct proving *p = ctx;
        const struct store_record_query query = { VG_LOG_CLIENT, seq, seq + 1, NULL };
        struct vg_hash leaf;
        int r = store_record_each(p->store, &query, take_leaf, &leaf, NULL);

        p->n++;
        return r < 0 ? r : vg_check_inclusion(&store_hasher, &leaf, seq, p->size, proof, &p->root);
}

static void test_nodes(_unused_ void **state)
{
        struct fixture f;
        struct store_verify_report report;
        struct heard heard;
        struct vg_err err = { 0 };
        struct vg_proof proof;
        char copy[128];

        fixture_init(&f);
        fixture_history(&f, 180);
        const uint64_t size = store_identity(f.store)->size[VG_LOG_CLIENT];
        assert_true(size > 512);
        struct vg_hash root = { 0 };
        fixture_close(&f);
        fixture_open(&f); /* the tree comes back from the nodes */
        assert_int_equal(verify(f.path, &heard, &report), 0);
        assert_int_equal(heard.n, 0);
        root = report.log[VG_LOG_CLIENT].root;
        assert_int_equal(report.log[VG_LOG_CLIENT].signed_size, size);
        for (uint64_t seq = 0; seq < size; seq += 37) {
                const struct store_record_query query = { VG_LOG_CLIENT, seq, seq + 1, NULL };
                struct vg_hash leaf;
                must(store_record_each(f.store, &query, take_leaf, &leaf, &err), &err);
                must(store_prove_inclusion(f.store, VG_LOG_CLIENT, seq, size, &proof, &err), &err);
                assert_int_equal(vg_check_inclusion(&store_hasher, &leaf, seq, size, &proof, &root),
                                 0);
        }
        struct proving proving = { f.store, 0, size, root };
        must(store_prove_inclusions(f.store, VG_LOG_CLIENT, 3, size, size, take_proof, &proving,
                                    &err),
             &err);
        assert_int_equal(proving.n, size - 3);
        assert_int_equal(store_prove_inclusions(f.store, VG_LOG_CLIENT, size - 1, size + 1, size,
                                                take_proof, &proving, &err),
                         -ERANGE);
        char *note_text = NULL;
        struct vg_note note;
        must(store_checkpoint_get(f.store, VG_LOG_CLIENT, 300, NULL, &note_text, &err), &err);
        must(vg_note_parse(note_text, strlen(note_text), &note, &err), &err);
        must(store_prove_consistency(f.store, VG_LOG_CLIENT, note.checkpoint.size, size, &proof,
                                     &err),
             &err);
        assert_int_equal(vg_check_consistency(&store_hasher, note.checkpoint.size,
                                              &note.checkpoint.root, size, &root, &proof),
                         0);
        free(note_text);

        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "UPDATE nodes SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM nodes)");
        sqlite3_close(db);
        assert_int_equal(verify(copy, &heard, &report), 0);
        assert_string_equal(heard.first.code, "node-altered");

        /* The writer does not sign on top of it. */
        sqlite3 *live = open_raw(f.path);
        raw_exec(live,
                 "UPDATE nodes SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM nodes)");
        sqlite3_close(live);
        const struct store_options options = fixture_options(&f);
        assert_int_equal(store_open(&options, &f.store, &err), -EBADMSG);
        fixture_done(&f);
}

static void test_foreign_files(_unused_ void **state)
{
        struct fixture f;
        struct store_verify_report report;
        struct heard heard;
        char path[128], copy[128];
        static const char *const sql[] = {
                "CREATE TRIGGER t AFTER INSERT ON inbox BEGIN SELECT 1; END",
                "CREATE VIEW v AS SELECT 1",
                "DROP TABLE records; CREATE VIEW records AS SELECT 1 AS id",
                ("DROP TABLE records; CREATE TABLE records (id INTEGER PRIMARY KEY, type, utc_ns,"
                 " bytes, leaf)"),
                "DROP TABLE checkpoints",
                "PRAGMA application_id = 1",
        };

        fixture_init(&f);
        make_copy(&f, copy);
        snprintf(path, sizeof(path), "%s/other.db", f.dir);
        for (size_t i = 0; i < ELEMENTSOF(sql); i++) {
                copy_file(copy, path);
                sqlite3 *db = open_raw(path);
                raw_exec(db, sql[i]);
                sqlite3_close(db);
                assert_int_equal(verify(path, &heard, &report), -EBADMSG);
        }
        assert_int_equal(verify("/nonexistent/ledger.db", &heard, &report), -ENOENT);
        assert_int_equal(verify("/dev/null", &heard, &report), -EBADMSG);
        assert_int_equal(verify(VIGIE_SOURCE_DIR "/LICENSE", &heard, &report), -EBADMSG);
        fixture_done(&f);
}

/* Everything that is evidence in a file, as one text; NULL where it cannot be read to its end. */
static char *dump(const char *path, size_t *ret_n)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *stmt = NULL;
        struct vg_buf text = { 0 };
        int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);

        if (rc == SQLITE_OK)
                rc = sqlite3_prepare_v2(
                        db,
                        "SELECT id, type, utc_ns, hex(bytes), hex(leaf) FROM records"
                        " ORDER BY id",
                        -1, &stmt, NULL);
        while (rc == SQLITE_OK || rc == SQLITE_ROW) {
                rc = sqlite3_step(stmt);
                for (int c = 0; rc == SQLITE_ROW && c < 5; c++) {
                        const char *cell = (const char *)sqlite3_column_text(stmt, c);
                        vg_buf_puts(&text, cell ? cell : "NULL");
                        vg_buf_puts(&text, "\n");
                }
        }
        sqlite3_finalize(stmt);
        sqlite3_close(db);
        *ret_n = text.n;
        if (rc == SQLITE_DONE)
                return vg_buf_take(&text);
        vg_buf_done(&text);
        return NULL;
}

/* Bytes of the file itself, wherever they fall: no crash, and never "sound" over other records. */
static void test_raw_file(_unused_ void **state)
{
        struct fixture f;
        char copy[128], path[128];
        size_t n, n_sound;
        struct vg_err err = { 0 };
        int changed = 0;

        fixture_init(&f);
        fixture_history(&f, 1);
        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "PRAGMA journal_mode = DELETE; VACUUM");
        sqlite3_close(db);
        snprintf(path, sizeof(path), "%s/flipped.db", f.dir);
        _cleanup_free_ char *sound = dump(copy, &n_sound);
        _cleanup_free_ char *bytes = NULL;
        must(vg_file_read(copy, 64 << 20, &bytes, &n, &err), &err);
        copy_file(copy, path);
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        setbuf(file, NULL);
        const size_t step = getenv("VIGIE_LONG") ? 7 : 97;
        for (size_t at = 0; at < n; at += step) {
                struct store_verify_report report;
                struct heard heard;
                size_t n_text = 0;
                assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
                assert_int_equal(fputc((unsigned char)bytes[at] ^ (1 << (at % 8)), file) >= 0, 1);
                const int r = verify(path, &heard, &report);
                char *text = dump(path, &n_text);
                const bool same = text && n_text == n_sound && memcmp(text, sound, n_text) == 0;
                if (!same) {
                        changed++;
                        if (r == 0 && heard.n == 0)
                                fail_msg("byte %zu: the records differ and verify is content", at);
                }
                free(text);
                assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
                assert_true(fputc((unsigned char)bytes[at], file) >= 0);
        }
        fclose(file);
        assert_true(changed > 10);
        expect_sound(path);
        fixture_done(&f);
}

/* A disk that failed, a copy that stopped: of what is cut short anything may still be read, and none
 * of it is called sound. */
static void test_cut_short(_unused_ void **state)
{
        enum { PAGE = 4096 };
        struct fixture f;
        char copy[128], path[128];
        _cleanup_free_ char *bytes = NULL;
        size_t n;
        struct vg_err err = { 0 };
        struct store_verify_report report;
        struct heard heard;

        fixture_init(&f);
        fixture_history(&f, 1);
        make_copy(&f, copy);
        sqlite3 *db = open_raw(copy);
        raw_exec(db, "PRAGMA journal_mode = DELETE; VACUUM");
        sqlite3_close(db);
        must(vg_file_read(copy, 64 << 20, &bytes, &n, &err), &err);
        snprintf(path, sizeof(path), "%s/short.db", f.dir);
        for (size_t cut = PAGE; cut < n; cut += PAGE / 2) {
                must(vg_file_write(path, bytes, cut, 0600, &err), &err);
                const int r = verify(path, &heard, &report);
                if (r != 0 || heard.n == 0)
                        fail_msg("%zu of %zu bytes: %d, %d findings", cut, n, r, heard.n);
        }
        must(vg_file_write(path, "", 0, 0600, &err), &err);
        assert_int_equal(verify(path, &heard, &report), -EBADMSG);
        fixture_done(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_byte),
                cmocka_unit_test(test_tampering),
                cmocka_unit_test(test_consistent_forgery),
                cmocka_unit_test(test_other_key),
                cmocka_unit_test(test_outside),
                cmocka_unit_test(test_redacted),
                cmocka_unit_test(test_purged),
                cmocka_unit_test(test_nodes),
                cmocka_unit_test(test_foreign_files),
                cmocka_unit_test(test_raw_file),
                cmocka_unit_test(test_cut_short),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
