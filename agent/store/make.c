/* SPDX-License-Identifier: Apache-2.0 */

/* The writer's opening: a ledger made where there is none, or one that must be ours. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/internal.h"

static int make_file(const char *path, struct vg_err *err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

        if (fd < 0)
                return vg_err_set(err, -errno, "%s : %s", path, vg_errno_text(errno));
        close(fd);
        return 0;
}

static int make_schema(struct store *store, const struct store_options *options, struct vg_err *err)
{
        char pragmas[128];

        snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 STORE_APPLICATION_ID, STORE_SCHEMA);
        int r = store_begin(store, err);
        if (r == 0)
                r = sql_exec(store->db, pragmas, err);
        if (r == 0)
                r = sql_exec(store->db, store_schema_evidence, err);
        if (r == 0)
                r = sql_exec(store->db, store_schema_projections, err);
        if (r == 0)
                r = epoch_write_origin(store, options, err);
        if (r == 0)
                r = store_commit(store, err);
        else
                store_rollback(store);
        /* No log is ever without a signed head, so that its absence means something. */
        return r < 0 ? r : store_checkpoint(store, options->utc_ns, NULL, err);
}

static bool is_key(const struct store *store, const uint8_t public_key[VG_PUBLIC_KEY_SIZE])
{
        return memcmp(public_key, store_key_public(store->key), VG_PUBLIC_KEY_SIZE) == 0;
}

/* The key that the one before has signed (key-change.c). */
static bool brings_next(const struct store *store)
{
        return store->identity.has_next && is_key(store, store->identity.next_key);
}

static int check_who(struct store *store, const struct store_options *options, struct vg_err *err)
{
        if (strcmp(store->identity.appliance, options->appliance) != 0)
                return vg_err_set(err, -EINVAL,
                                  "ce registre est celui de l'appareil « %s », pas de « %s »",
                                  store->identity.appliance, options->appliance);
        if (!options->opens_epoch && !is_key(store, store->identity.public_key) &&
            !brings_next(store))
                return vg_err_set(err, -EKEYREJECTED,
                                  "la clé de signature n'est pas celle de ce registre");
        return 0;
}

static int open_existing(struct store *store, const struct store_options *options,
                         struct vg_err *err)
{
        int64_t version;
        int r = schema_version_check(store->db, &version, err);

        if (r == 0)
                r = memory_make(store, err);
        /* Another release's projections, older or newer, are made again from the records. */
        if (r == 0 && version != STORE_SCHEMA)
                r = rebuild_projections(store, NULL, NULL, err);
        if (r == 0)
                r = identity_load(store, err);
        if (r == 0)
                r = check_who(store, options, err);
        for (unsigned log = 0; log < VG_LOG_N && r == 0; log++)
                r = tree_load(store->db, (enum vg_log)log, store->identity.size[log],
                              &store->tree[log], err);
        if (r == 0)
                r = check_last_heads(store, err);
        return r == 0 && !options->opens_epoch && brings_next(store)
                       ? key_take(store, options->utc_ns, err)
                       : r;
}

int store_open(const struct store_options *options, struct store **ret_store, struct vg_err *err)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int64_t pages = 0;
        int r = make_file(options->path, err);

        if (r == 0)
                r = store_open_bare(options, &store, err);
        if (r == 0)
                r = sql_int(store->db, "PRAGMA page_count", &pages, err);
        if (r == 0)
                r = pages <= 1 ? make_schema(store, options, err)
                               : open_existing(store, options, err);
        if (r < 0)
                return r;
        *ret_store = TAKE_PTR(store);
        return 0;
}
