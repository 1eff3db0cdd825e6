/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* project: from records to the tables that programs query. Append and rebuild both call
 * projector_apply() and nothing else, so that the two cannot differ. A projection depends on the
 * records of one log in their order, never on the order between the logs. */

#include <jansson.h>

#include "store/internal.h"
#include "store/names.h"

/* Statements over the projections, each prepared when first needed: SQL in project.c. */
enum projection_stmt {
        PROJECT_ACCESS,
        PROJECT_ACCESS_END,
        PROJECT_ACT,
        PROJECT_ALERT_CHANGE,
        PROJECT_ALERT_FIRE,
        PROJECT_CHARGED,
        PROJECT_CONTRACT,
        PROJECT_CONTRACT_FACT,
        PROJECT_CONTRACT_SUPERSEDE,
        PROJECT_DELIVERY,
        PROJECT_EPOCH,
        PROJECT_FAULT,
        PROJECT_FINDING,
        PROJECT_FINDING_END,
        PROJECT_GAP,
        PROJECT_INTERVAL,
        PROJECT_INVENTORY,
        PROJECT_INVENTORY_FORGET,
        PROJECT_KEY,
        PROJECT_LINE,
        PROJECT_LINE_FORGET,
        PROJECT_META,
        PROJECT_META_ONCE,
        PROJECT_RECEIVED,
        PROJECT_SESSION_CLOSE,
        PROJECT_SESSION_OPEN,
        PROJECT_SILENCE,
        PROJECT_SILENCE_END,
        PROJECT_STATEMENT,
        PROJECT_TENANT_MAP,
        PROJECT_UNOBSERVED,
        PROJECT_UNOBSERVED_END,
        PROJECT_USAGE,
        PROJECT_USAGE_PART,
        PROJECT_VERDICT,
        PROJECT_N_STMTS,
};

struct pricing;

struct projector {
        sqlite3 *db;
        store_zone_fn *load_zone;
        struct names *tenants, *resources;
        struct pricing *pricing; /* project-line.c; NULL until asked for */
        bool knows_closed;       /* project-statement.c */
        int64_t closed_s;
        sqlite3_stmt *stmt[PROJECT_N_STMTS];
};

struct entry {
        enum vg_log log;
        uint64_t seq;
        const char *type;
        int64_t utc_ns;
        const json_t *body;
};

int projector_new(sqlite3 *db, store_zone_fn *load_zone, struct projector **ret_projector,
                  struct vg_err *err);
void projector_free(struct projector *projector);
static inline void projector_freep(struct projector **projector)
{
        projector_free(*projector);
}
/* After a rollback: what is remembered may never have been. */
void projector_forget(struct projector *projector);
/* A type without a projection is no error. -EINVAL: a body that its projection cannot read. */
int projector_apply(struct projector *projector, const struct entry *entry, struct vg_err *err);

/* Between the project files. */
int projector_stmt(struct projector *projector, enum projection_stmt which, sqlite3_stmt **ret_stmt,
                   struct vg_err *err);
#define project_run(projector, which, err, ...)                         \
        ({                                                              \
                sqlite3_stmt *stmt_ = NULL;                             \
                int r_ = projector_stmt(projector, which, &stmt_, err); \
                r_ < 0 ? r_ : sql_run(stmt_, err, __VA_ARGS__);         \
        })
int projector_names(struct projector *projector, struct vg_err *err);

typedef int project_fn(struct projector *projector, const struct entry *entry, struct vg_err *err);
project_fn project_act, project_alert, project_contract, project_delivery, project_epoch,
        project_fault, project_finding, project_interval, project_isolation, project_key,
        project_life, project_received, project_session, project_statement, project_unit,
        project_usage;

/* project-access.c: acts about certificates; detail is theirs. */
int project_grant(struct projector *projector, const struct entry *entry, const json_t *detail,
                  struct vg_err *err);
int project_revoke(struct projector *projector, const struct entry *entry, const json_t *detail,
                   struct vg_err *err);

/* project-alert.c: what acts about alerts leave behind; detail is theirs. */
int project_silence(struct projector *projector, const struct entry *entry, const json_t *detail,
                    struct vg_err *err);
int project_unsilence(struct projector *projector, const struct entry *entry, const json_t *detail,
                      struct vg_err *err);

/* project-line.c: adds a row to the line that prices it, if any. named: the contract that its record
 * names, or empty; known_s: when it was recorded. */
int pricing_add(struct projector *projector, const struct store_usage *row, const char *named,
                int64_t known_s, struct vg_err *err);
void pricing_free(struct pricing *pricing);

/* project-statement.c: when a record was known, for the closing of months: its own stamp, but never
 * before the latest closing that the ledger holds. A clock that was set back reopens nothing. */
int closing_known(struct projector *projector, int64_t utc_ns, int64_t *ret_known_s,
                  struct vg_err *err);

/* project-fact.c: a fact of a contract's life. */
int project_fact(struct projector *projector, const struct entry *entry, const json_t *detail,
                 struct vg_err *err);
/* project-renew.c: contracts are read again, and lines of open statements made again. */
int pricing_renew(struct projector *projector, const char *new_id, int64_t at_s,
                  struct vg_err *err);

/* Members of a body. -EINVAL names the key. */
int body_text(const json_t *object, const char *key, const char **ret_text, struct vg_err *err);
int body_int(const json_t *object, const char *key, int64_t *ret_value, struct vg_err *err);
int body_utc(const json_t *object, const char *key, int64_t *ret_utc_s, struct vg_err *err);
int body_object(const json_t *object, const char *key, const json_t **ret_object,
                struct vg_err *err);
