/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* internal: what the files of this room share.
 *
 * The file. Evidence: `records`, `checkpoints`. Derived from the records and checked against them
 * by verify: `nodes`. Derived by project.c and recreated by rebuild: the projections. The keeper's
 * own memory, no evidence: inbox, snapshot, seen, open_usage.
 *
 * Keys. records.id = log << 48 | seq. nodes.id = log << 56 | level << 48 | index, for levels 8, 16,
 * 24…: the tree is read back from at most 255 hashes a level, and costs one row in 256 records. */

#include "store/rebuild.h"
#include "store/sql.h"
#include "store/store.h"

struct projector;
struct names;

enum { SCHEMA_WITH_ACCESS = 3 }; /* and with changes of the key */

enum { STORE_APPLICATION_ID = 0x76696769 }; /* "vigi" */
enum { STORE_NODE_STEP = 8 };
enum { STORE_CHUNK_BYTES = 4 << 20 }; /* of an answer, between two looks at the file */

static inline int64_t record_id(enum vg_log log, uint64_t seq)
{
        return (int64_t)log << 48 | (int64_t)seq;
}

static inline uint64_t record_seq(int64_t id)
{
        return (uint64_t)id & ((UINT64_C(1) << 48) - 1);
}

static inline int64_t node_id(enum vg_log log, unsigned level, uint64_t index)
{
        return (int64_t)log << 56 | (int64_t)level << 48 | (int64_t)index;
}

/* Statements that are used often, each prepared when first needed: SQL in write.c. */
enum store_stmt {
        STORE_BEGIN,
        STORE_COMMIT,
        STORE_ROLLBACK,
        STORE_PUT_RECORD,
        STORE_PUT_NODE,
        STORE_PUT_INBOX,
        STORE_PUT_SEEN,
        STORE_GET_SEEN,
        STORE_N_STMTS,
};

struct store {
        sqlite3 *db;
        char *path;
        bool is_writer, in_transaction;
        bool spoiled; /* an append failed in this transaction: only a rollback is possible */
        int lock_fd;
        const struct store_key *key;
        store_zone_fn *load_zone;
        struct store_identity identity, identity_before; /* before: as of begin */
        struct vg_tree tree[VG_LOG_N], tree_before[VG_LOG_N];
        struct projector *projector;       /* writer only */
        struct names *tenants, *resources; /* reading */
        sqlite3_stmt *stmt[STORE_N_STMTS];
        struct vg_buf scratch; /* bytes of the record being made */
};

/* schema.c */
extern const char store_schema_evidence[];    /* records, checkpoints, nodes, keeper's memory */
extern const char store_schema_projections[]; /* tables of the projections */
/* Our application id, a known user_version, and evidence tables that are what we made: a view or
 * trigger by the name of a table could show readers what the records do not say. */
int schema_version_check(sqlite3 *db, int64_t *ret_version, struct vg_err *err);

/* open.c */
/* Flags of sqlite3_open_v2. */
int open_database(const char *path, int flags, sqlite3 **ret_db, struct vg_err *err);
/* Reads records and checkpoints; believes no projection. */
int store_open_evidence(const char *path, struct store **ret_store, struct vg_err *err);
int identity_load(struct store *store, struct vg_err *err);
int log_size(sqlite3 *db, enum vg_log log, uint64_t *ret_size, struct vg_err *err);

int store_lock(const char *path, int *ret_fd, struct vg_err *err);

/* write.c */
int store_stmt(struct store *store, enum store_stmt which, sqlite3_stmt **ret_stmt,
               struct vg_err *err);
#define store_run(store, which, err, ...)                       \
        ({                                                      \
                sqlite3_stmt *stmt_ = NULL;                     \
                int r_ = store_stmt(store, which, &stmt_, err); \
                r_ < 0 ? r_ : sql_run(stmt_, err, __VA_ARGS__); \
        })
/* The writer never signs on top of a tree that is not the one it signed last. -EBADMSG. */
int check_last_heads(struct store *store, struct vg_err *err);

/* Opens for writing, lock taken, without asking who we are. */
int store_open_bare(const struct store_options *options, struct store **ret_store,
                    struct vg_err *err);

/* rebuild.c; progress may be NULL. */
/* For a reader, in tables of its connection, as of now. */
int borrow_projections(struct store *store, struct vg_err *err);
int rebuild_projections(struct store *store, store_progress_fn *progress, void *ctx,
                        struct vg_err *err);

/* nodes.c */
struct node_source {
        sqlite3 *db;
        enum vg_log log;
        sqlite3_stmt *get_leaf, *get_node;
        struct vg_err *err;
        struct {
                bool has;
                uint64_t index;
                struct vg_hash hash;
        } last[64]; /* of each level, the node that was worked out last */
};
int node_source_init(struct node_source *source, sqlite3 *db, enum vg_log log, struct vg_err *err);
void node_source_done(struct node_source *source);
vg_node_in_fn node_in; /* ctx: struct node_source */
int tree_load(sqlite3 *db, enum vg_log log, uint64_t size, struct vg_tree *ret_tree,
              struct vg_err *err);

/* key-change.c */
struct key_change {    /* what a record of type key says */
        bool is_taken; /* else it is the next one, and signed */
        uint8_t old[VG_PUBLIC_KEY_SIZE], public_key[VG_PUBLIC_KEY_SIZE];
        uint8_t signature[VG_SIGNATURE_SIZE];
};
int key_change_read(const json_t *body, struct key_change *ret, struct vg_err *err);
/* Into the identity: which key signs now, and which may be next. */
int key_load(struct store *store, enum vg_log log, struct vg_err *err);
/* The key of the writer becomes the one that signs. Its own transaction, and a checkpoint. */
int key_take(struct store *store, int64_t utc_ns, struct vg_err *err);

/* epoch.c */
int epoch_write_origin(struct store *store, const struct store_options *options,
                       struct vg_err *err);

/* memory.c: the table of store_memory_put(), which older ledgers do not have. */
int memory_make(struct store *store, struct vg_err *err);
int memory_borrow(struct store *store, struct vg_err *err); /* an empty one, where there is none */
