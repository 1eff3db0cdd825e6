/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "store/internal.h"

/* STRICT: a column holds what it says. What is in `records` and `checkpoints` is never changed; a
 * checkpoint's time beside its note is for the screen: no signature covers it. */
const char store_schema_evidence[] =
        "CREATE TABLE records (id INTEGER PRIMARY KEY, type TEXT NOT NULL,"
        " utc_ns INTEGER NOT NULL, bytes BLOB, leaf BLOB NOT NULL) STRICT;"
        "CREATE TABLE checkpoints (log INTEGER NOT NULL, size INTEGER NOT NULL,"
        " utc_ns INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log, size))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE nodes (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;"
        "CREATE TABLE memory (name TEXT PRIMARY KEY, utc_ns INTEGER NOT NULL,"
        " bytes BLOB NOT NULL) STRICT;"
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, bytes BLOB NOT NULL) STRICT;"
        "CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), inbox_id INTEGER NOT NULL,"
        " utc_ns INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
        "CREATE TABLE seen (source TEXT NOT NULL, instance TEXT NOT NULL,"
        " last_seq INTEGER NOT NULL, utc_ns INTEGER NOT NULL, PRIMARY KEY (source, instance))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE open_usage (start_s INTEGER NOT NULL, tenant TEXT NOT NULL,"
        " resource TEXT NOT NULL, micro INTEGER NOT NULL, quality INTEGER NOT NULL,"
        " PRIMARY KEY (start_s, tenant, resource)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE open_at (id INTEGER PRIMARY KEY CHECK (id = 1), at_s INTEGER NOT NULL)"
        " STRICT;";

const char store_schema_projections[] =
        "CREATE TABLE access (fingerprint TEXT PRIMARY KEY, seq INTEGER NOT NULL,"
        " granted_s INTEGER NOT NULL, until_s INTEGER NOT NULL, revoked_s INTEGER NOT NULL,"
        " role TEXT NOT NULL, tenant TEXT NOT NULL, subject TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE act (seq INTEGER PRIMARY KEY, utc_ns INTEGER NOT NULL, verb TEXT NOT NULL,"
        " uid INTEGER NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL, detail TEXT NOT NULL)"
        " STRICT;"
        "CREATE TABLE alert (log INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL,"
        " code TEXT NOT NULL, event TEXT NOT NULL, severity TEXT NOT NULL,"
        " fired_s INTEGER NOT NULL, changed_s INTEGER NOT NULL, change INTEGER NOT NULL,"
        " active INTEGER NOT NULL, acknowledged INTEGER NOT NULL, params TEXT NOT NULL,"
        " text_fr TEXT NOT NULL, text_en TEXT NOT NULL, notify TEXT NOT NULL,"
        " notified_s INTEGER NOT NULL, PRIMARY KEY (log, key))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE charged (seq INTEGER NOT NULL, n INTEGER NOT NULL,"
        " contract_id TEXT NOT NULL, statement_month INTEGER NOT NULL,"
        " period_month INTEGER NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL,"
        " sku TEXT NOT NULL, ref TEXT NOT NULL, price_from_s INTEGER NOT NULL,"
        " cents INTEGER NOT NULL, PRIMARY KEY (seq, n)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE contract (seq INTEGER PRIMARY KEY, contract_id TEXT NOT NULL,"
        " revision INTEGER NOT NULL, digest TEXT NOT NULL, utc_ns INTEGER NOT NULL,"
        " current INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
        "CREATE TABLE contract_fact (seq INTEGER PRIMARY KEY, utc_ns INTEGER NOT NULL,"
        " contract_id TEXT NOT NULL, fact TEXT NOT NULL, target TEXT NOT NULL, day TEXT NOT NULL,"
        " uid INTEGER NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL, detail TEXT NOT NULL)"
        " STRICT;"
        "CREATE TABLE delivery (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_s INTEGER NOT NULL,"
        " state TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE epoch (log INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " origin TEXT NOT NULL, public_key BLOB NOT NULL, PRIMARY KEY (log, epoch))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE fault (id TEXT NOT NULL, episode INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " first_seq INTEGER NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL,"
        " state TEXT NOT NULL, first_s INTEGER NOT NULL, last_s INTEGER NOT NULL,"
        " ended_s INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, episode))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE finding (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, check_id TEXT NOT NULL,"
        " severity TEXT NOT NULL, resource TEXT NOT NULL, since_s INTEGER NOT NULL,"
        " from_s INTEGER NOT NULL, to_s INTEGER NOT NULL, digest TEXT NOT NULL,"
        " detail TEXT NOT NULL) STRICT;"
        "CREATE INDEX finding_open ON finding (to_s, key);"
        "CREATE TABLE gap (seq INTEGER NOT NULL, n INTEGER NOT NULL, from_s INTEGER NOT NULL,"
        " to_s INTEGER NOT NULL, cause TEXT NOT NULL, scope TEXT NOT NULL,"
        " interval_s INTEGER NOT NULL, PRIMARY KEY (seq, n)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX gap_from ON gap (from_s);"
        "CREATE TABLE interval (seq INTEGER PRIMARY KEY, start_s INTEGER NOT NULL,"
        " length_s INTEGER NOT NULL, covered_s INTEGER NOT NULL, clock TEXT NOT NULL) STRICT;"
        "CREATE INDEX interval_start ON interval (start_s);"
        "CREATE TABLE inventory (class TEXT NOT NULL, location TEXT NOT NULL,"
        " seq INTEGER NOT NULL, present INTEGER NOT NULL, since_s INTEGER NOT NULL,"
        " component TEXT NOT NULL, PRIMARY KEY (class, location)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE key_change (log INTEGER NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL,"
        " public_key BLOB NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (log, seq))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE line (contract_id TEXT NOT NULL, statement_month INTEGER NOT NULL,"
        " period_month INTEGER NOT NULL, tenant TEXT NOT NULL, sku TEXT NOT NULL,"
        " price_from_s INTEGER NOT NULL, kind TEXT NOT NULL, quantity_micro TEXT NOT NULL,"
        " PRIMARY KEY (contract_id, statement_month, period_month, tenant, sku, price_from_s,"
        " kind)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE received (appliance TEXT NOT NULL, sent_seq INTEGER NOT NULL,"
        " tenant TEXT NOT NULL, start_s INTEGER NOT NULL, part INTEGER NOT NULL,"
        " seq INTEGER NOT NULL, PRIMARY KEY (appliance, sent_seq),"
        " UNIQUE (appliance, tenant, start_s, part)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE resource_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE session (opened_seq INTEGER PRIMARY KEY, id TEXT NOT NULL,"
        " opened_s INTEGER NOT NULL, closed_s INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
        "CREATE TABLE silence (key TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_s INTEGER NOT NULL,"
        " until_s INTEGER NOT NULL, uid INTEGER NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL,"
        " reason TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE statement (contract_id TEXT NOT NULL, month INTEGER NOT NULL,"
        " seq INTEGER NOT NULL, utc_ns INTEGER NOT NULL, closes_s INTEGER NOT NULL,"
        " digest TEXT NOT NULL, total_cents INTEGER NOT NULL, PRIMARY KEY (contract_id, month))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE tenant_map (seq INTEGER PRIMARY KEY, by TEXT NOT NULL, value TEXT NOT NULL,"
        " tenant TEXT NOT NULL, from_s INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;"
        "CREATE TABLE tenant_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE unobserved (seq INTEGER PRIMARY KEY, source TEXT NOT NULL,"
        " from_s INTEGER NOT NULL, to_s INTEGER NOT NULL, cause TEXT NOT NULL) STRICT;"
        "CREATE TABLE usage (start_s INTEGER NOT NULL, tenant INTEGER NOT NULL,"
        " resource INTEGER NOT NULL, part INTEGER NOT NULL, micro INTEGER NOT NULL,"
        " quality INTEGER NOT NULL, PRIMARY KEY (start_s, tenant, resource, part))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE usage_part (start_s INTEGER NOT NULL, tenant INTEGER NOT NULL,"
        " part INTEGER NOT NULL, seq INTEGER NOT NULL, known_s INTEGER NOT NULL,"
        " contract TEXT NOT NULL, PRIMARY KEY (start_s, tenant, part)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE verdict (seq INTEGER PRIMARY KEY, at_s INTEGER NOT NULL,"
        " detail TEXT NOT NULL) STRICT;";

const char *const store_projections[] = {
        "access",    "act",        "alert",     "charged",    "contract",    "contract_fact",
        "delivery",  "epoch",      "fault",     "finding",    "gap",         "interval",
        "inventory", "key_change", "line",      "meta",       "received",    "resource_name",
        "session",   "silence",    "statement", "tenant_map", "tenant_name", "unobserved",
        "usage",     "usage_part", "verdict",   NULL,
};

/* The three tables of evidence, by the very words that we made them with. */
static int check_evidence(sqlite3 *db, struct vg_err *err)
{
        _cleanup_stmt_ sqlite3_stmt *stmt = NULL;
        int n = 0, r;

        r = sql_prepare(db,
                        "SELECT sql || ';' FROM sqlite_schema WHERE type = 'table'"
                        " AND name IN ('records', 'checkpoints', 'nodes')",
                        &stmt, err);
        while (r >= 0 && (r = sql_step(stmt, err)) == 1) {
                const char *made = (const char *)sqlite3_column_text(stmt, 0);
                n += made && strstr(store_schema_evidence, made) != NULL;
        }
        if (r < 0)
                return r;
        return n == 3 ? 0
                      : vg_err_set(err, -EBADMSG, "les tables du registre ne sont pas les nôtres");
}

int schema_version_check(sqlite3 *db, int64_t *ret_version, struct vg_err *err)
{
        int64_t id = 0, foreign = 0;
        int r = sql_int(db, "PRAGMA application_id", &id, err);

        if (r < 0)
                return r;
        if (id != STORE_APPLICATION_ID)
                return vg_err_set(err, -EBADMSG, "ce fichier n'est pas un registre de vigie");
        r = sql_int(db, "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')",
                    &foreign, err);
        if (r == 0)
                r = check_evidence(db, err);
        if (r < 0)
                return r;
        if (foreign)
                return vg_err_set(err, -EBADMSG,
                                  "le registre contient des vues ou des déclencheurs étrangers");
        return sql_int(db, "PRAGMA user_version", ret_version, err);
}
