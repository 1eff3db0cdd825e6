/* SPDX-License-Identifier: Apache-2.0 */

#include "store/project.h"

#include <errno.h>

#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/num.h"

/* The one table: what a type of record does to the projections. Sorted. A type that is not here
 * (contract-refused, or one of a later release) is kept in the log and projected nowhere. */
static const struct {
        const char *type;
        project_fn *apply;
} kinds[] = {
        { "act", project_act },
        { "alert", project_alert },
        { "contract", project_contract },
        { "delivery", project_delivery },
        { "epoch", project_epoch },
        { "fault", project_fault },
        { "finding", project_finding },
        { "firmware", project_unit },
        { "interval", project_interval },
        { "inventory", project_unit },
        { "isolation", project_isolation },
        { "key", project_key },
        { "life", project_life },
        { "origin", project_epoch },
        { "replacement", project_unit },
        { "session", project_session },
        { "statement", project_statement },
        { "usage", project_usage },
        { "usage-import", project_usage },
        { "usage-received", project_received },
        { "usage-shared", project_usage },
};

static const char *const statements[PROJECT_N_STMTS] = {
        [PROJECT_ACCESS] = "INSERT OR REPLACE INTO access (fingerprint, seq, granted_s, until_s,"
                           " revoked_s, role, tenant, subject) VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
        [PROJECT_ACCESS_END] = "UPDATE access SET seq = ?2, revoked_s = ?3"
                               " WHERE fingerprint = ?1 AND revoked_s = 0",
        [PROJECT_ACT] = "INSERT INTO act (seq, utc_ns, verb, uid, user, role, detail)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_ALERT_CHANGE] =
                "UPDATE alert SET seq = ?3, code = ?4, event = ?5, severity = ?6, changed_s = ?7,"
                " change = ?8, active = ?9, acknowledged = ?10, params = ?11, text_fr = ?12,"
                " text_en = ?13, notify = ?14, notified_s = coalesce(?15, notified_s)"
                " WHERE log = ?1 AND key = ?2",
        [PROJECT_ALERT_FIRE] =
                "INSERT OR REPLACE INTO alert (log, key, seq, code, event, severity, fired_s,"
                " changed_s, change, active, acknowledged, params, text_fr, text_en, notify,"
                " notified_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
                " ?14, coalesce(?15, 0))",
        [PROJECT_CHARGED] = "INSERT INTO charged (seq, n, contract_id, statement_month,"
                            " period_month, kind, tenant, sku, ref, price_from_s, cents)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_CONTRACT] = "INSERT INTO contract (seq, contract_id, revision, digest, utc_ns,"
                             " current, text) VALUES (?, ?, ?, ?, ?, 1, ?)",
        [PROJECT_CONTRACT_FACT] =
                "INSERT INTO contract_fact (seq, utc_ns, contract_id, fact, target, day, uid,"
                " user, role, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_CONTRACT_SUPERSEDE] = "UPDATE contract SET current = 0 WHERE contract_id = ?",
        [PROJECT_DELIVERY] = "INSERT OR REPLACE INTO delivery (name, seq, at_s, state, body)"
                             " VALUES (?, ?, ?, ?, ?)",
        [PROJECT_EPOCH] = "INSERT INTO epoch (log, epoch, seq, origin, public_key)"
                          " VALUES (?, ?, ?, ?, ?)",
        [PROJECT_FAULT] =
                "INSERT INTO fault (id, episode, seq, first_seq, code, severity, state, first_s,"
                " last_s, ended_s, body) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                " ON CONFLICT DO UPDATE SET seq = ?3, code = ?4, severity = ?5, state = ?6,"
                " first_s = ?7, last_s = ?8, ended_s = ?9, body = ?10",
        [PROJECT_FINDING] = "INSERT INTO finding (seq, key, check_id, severity, resource, since_s,"
                            " from_s, to_s, digest, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_FINDING_END] = "UPDATE finding SET to_s = max(?2, from_s)"
                                " WHERE key = ?1 AND to_s = 9223372036854775807",
        [PROJECT_GAP] = "INSERT INTO gap (seq, n, from_s, to_s, cause, scope, interval_s)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_INTERVAL] = "INSERT INTO interval (seq, start_s, length_s, covered_s, clock)"
                             " VALUES (?, ?, ?, ?, ?)",
        [PROJECT_INVENTORY] = "INSERT OR REPLACE INTO inventory (class, location, seq, present,"
                              " since_s, component) VALUES (?, ?, ?, ?, ?, ?)",
        [PROJECT_INVENTORY_FORGET] = "DELETE FROM inventory WHERE class = ? AND location = ?",
        [PROJECT_KEY] = "INSERT INTO key_change (log, seq, event, public_key, signature)"
                        " VALUES (?, ?, ?, ?, ?)",
        [PROJECT_LINE] =
                "INSERT INTO line (contract_id, statement_month, period_month, tenant, sku,"
                " price_from_s, kind, quantity_micro) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET"
                " quantity_micro = vg_i128_add(quantity_micro, excluded.quantity_micro)",
        [PROJECT_LINE_FORGET] = "DELETE FROM line WHERE contract_id = ? AND statement_month >= ?",
        [PROJECT_META] = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
        [PROJECT_META_ONCE] = "INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)",
        [PROJECT_RECEIVED] =
                "INSERT INTO received (appliance, sent_seq, tenant, start_s, part, seq)"
                " VALUES (?, ?, ?, ?, ?, ?)",
        [PROJECT_SESSION_CLOSE] = "UPDATE session SET closed_s = ?2 WHERE id = ?1"
                                  " AND closed_s = 0",
        [PROJECT_SESSION_OPEN] = "INSERT INTO session (opened_seq, id, opened_s, closed_s, body)"
                                 " VALUES (?, ?, ?, 0, ?)",
        [PROJECT_SILENCE] = "INSERT OR REPLACE INTO silence (key, seq, at_s, until_s, uid, user,"
                            " role, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_SILENCE_END] = "DELETE FROM silence WHERE key = ?",
        [PROJECT_STATEMENT] = "INSERT INTO statement (contract_id, month, seq, utc_ns, closes_s,"
                              " digest, total_cents) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [PROJECT_TENANT_MAP] = "INSERT INTO tenant_map (seq, by, value, tenant, from_s, reason)"
                               " VALUES (?, ?, ?, ?, ?, ?)",
        [PROJECT_UNOBSERVED] = "INSERT INTO unobserved (seq, source, from_s, to_s, cause)"
                               " VALUES (?, ?, ?, ?, ?)",
        [PROJECT_UNOBSERVED_END] = "UPDATE unobserved SET to_s = max(?2, from_s)"
                                   " WHERE source = ?1 AND to_s = 9223372036854775807",
        [PROJECT_USAGE] = "INSERT INTO usage (start_s, tenant, resource, part, micro, quality)"
                          " VALUES (?, ?, ?, ?, ?, ?)",
        [PROJECT_USAGE_PART] = "INSERT INTO usage_part (start_s, tenant, part, seq, known_s,"
                               " contract) VALUES (?, ?, ?, ?, ?, ?)",
        [PROJECT_VERDICT] = "INSERT INTO verdict (seq, at_s, detail) VALUES (?, ?, ?)",
};

/* Sums of 128 bits, as decimal text: more than SQLite's own integers hold. */
static void add_i128(sqlite3_context *ctx, _unused_ int n, sqlite3_value **values)
{
        const char *a = (const char *)sqlite3_value_text(values[0]),
                   *b = (const char *)sqlite3_value_text(values[1]);
        vg_i128 x, y, sum;
        char text[64];

        if (!a || !b || vg_i128_parse(a, &x) < 0 || vg_i128_parse(b, &y) < 0 ||
            vg_add_i128(x, y, &sum) < 0)
                sqlite3_result_error(ctx, "integer overflow", -1);
        else
                sqlite3_result_text(ctx, vg_i128_format(sum, text, sizeof(text)), -1,
                                    SQLITE_TRANSIENT);
}

int projector_new(sqlite3 *db, store_zone_fn *load_zone, struct projector **ret_projector,
                  struct vg_err *err)
{
        struct projector *projector = calloc(1, sizeof(*projector));

        if (!projector)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        int rc = sqlite3_create_function_v2(db, "vg_i128_add", 2,
                                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                            NULL, add_i128, NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
                free(projector);
                return sql_error(db, rc, err);
        }
        projector->db = db;
        projector->load_zone = load_zone;
        *ret_projector = projector;
        return 0;
}

void projector_forget(struct projector *projector)
{
        names_free(TAKE_PTR(projector->tenants));
        names_free(TAKE_PTR(projector->resources));
        pricing_free(TAKE_PTR(projector->pricing));
        projector->knows_closed = false;
}

void projector_free(struct projector *projector)
{
        if (!projector)
                return;
        projector_forget(projector);
        for (size_t i = 0; i < PROJECT_N_STMTS; i++)
                sqlite3_finalize(projector->stmt[i]);
        free(projector);
}

int projector_stmt(struct projector *projector, enum projection_stmt which, sqlite3_stmt **ret_stmt,
                   struct vg_err *err)
{
        sqlite3_stmt **stmt = &projector->stmt[which];
        int r = *stmt ? 0 : sql_prepare(projector->db, statements[which], stmt, err);

        *ret_stmt = *stmt;
        return r;
}

int projector_names(struct projector *projector, struct vg_err *err)
{
        int r = 0;

        if (!projector->tenants)
                r = names_load(projector->db, "tenant_name", &projector->tenants, err);
        if (r == 0 && !projector->resources)
                r = names_load(projector->db, "resource_name", &projector->resources, err);
        return r;
}

static int compare_kind(const void *type, const void *kind)
{
        return strcmp(type, *(const char *const *)kind);
}

int projector_apply(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const void *found =
                bsearch(entry->type, kinds, ELEMENTSOF(kinds), sizeof(kinds[0]), compare_kind);

        if (!found)
                return 0;
        const size_t i = (size_t)((const char *)found - (const char *)kinds) / sizeof(kinds[0]);
        int r = kinds[i].apply(projector, entry, err);
        return r < 0 ? vg_err_wrap(err, r, "%s %llu (%s)", vg_log_name(entry->log),
                                   (unsigned long long)entry->seq, entry->type)
                     : 0;
}

int body_text(const json_t *object, const char *key, const char **ret_text, struct vg_err *err)
{
        return vg_json_get_string(object, key, ret_text) < 0
                       ? vg_err_set(err, -EINVAL, "« %s » : texte attendu", key)
                       : 0;
}

int body_int(const json_t *object, const char *key, int64_t *ret_value, struct vg_err *err)
{
        return vg_json_get_int(object, key, ret_value) < 0
                       ? vg_err_set(err, -EINVAL, "« %s » : entier attendu", key)
                       : 0;
}

int body_utc(const json_t *object, const char *key, int64_t *ret_utc_s, struct vg_err *err)
{
        const char *text;

        return vg_json_get_string(object, key, &text) < 0 || vg_utc_parse(text, ret_utc_s) < 0
                       ? vg_err_set(err, -EINVAL, "« %s » : instant UTC attendu", key)
                       : 0;
}

int body_object(const json_t *object, const char *key, const json_t **ret_object,
                struct vg_err *err)
{
        const json_t *value = json_object_get(object, key);

        if (!json_is_object(value))
                return vg_err_set(err, -EINVAL, "« %s » : objet attendu", key);
        *ret_object = value;
        return 0;
}
