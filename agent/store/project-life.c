/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of what happens to the appliance and of what people do: origin, epoch, life, act. */

#include <errno.h>

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/json.h"

static int put_meta(struct projector *projector, const char *name, const char *value,
                    struct vg_err *err)
{
        return project_run(projector, PROJECT_META, err, V_TEXT(name), V_TEXT(value));
}

static int put_meta_int(struct projector *projector, const char *name, int64_t value,
                        struct vg_err *err)
{
        char text[24];

        snprintf(text, sizeof(text), "%lld", (long long)value);
        return put_meta(projector, name, text, err);
}

/* What happened first stays. */
static int put_meta_once(struct projector *projector, const char *name, int64_t value,
                         struct vg_err *err)
{
        char text[24];

        snprintf(text, sizeof(text), "%lld", (long long)value);
        return project_run(projector, PROJECT_META_ONCE, err, V_TEXT(name), V_TEXT(text));
}

/* origin opens the first epoch of a log, epoch every later one. */
int project_epoch(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *appliance, *origin, *key64;
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        int64_t epoch;
        size_t n;
        int r = body_text(entry->body, "appliance", &appliance, err);

        if (r == 0)
                r = body_int(entry->body, "epoch", &epoch, err);
        if (r == 0)
                r = body_text(entry->body, "origin", &origin, err);
        if (r == 0)
                r = body_text(entry->body, "public_key", &key64, err);
        if (r < 0)
                return r;
        if (vg_base64_parse(key64, strlen(key64), public_key, sizeof(public_key), &n) < 0 ||
            n != sizeof(public_key))
                return vg_err_set(err, -EINVAL, "« public_key » : 32 octets en base64 attendus");
        r = put_meta(projector, "appliance", appliance, err);
        if (r < 0)
                return r;
        return project_run(projector, PROJECT_EPOCH, err, V_INT(entry->log), V_INT(epoch),
                           V_INT(entry->seq), V_TEXT(origin), V_BLOB(public_key, n));
}

int project_life(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *event, *version, *boot_id, *after = "";
        int r = body_text(entry->body, "event", &event, err);

        if (r == 0)
                r = body_text(entry->body, "version", &version, err);
        if (r == 0)
                r = body_text(entry->body, "boot_id", &boot_id, err);
        if (r < 0)
                return r;

        const bool starts = strcmp(event, "start") == 0;
        (void)vg_json_get_string(entry->body, "after", &after);
        r = put_meta(projector, "version", version, err);
        if (r == 0)
                r = put_meta(projector, "boot_id", boot_id, err);
        if (r == 0 && starts)
                r = put_meta(projector, "last_after", after, err);
        if (r == 0 && starts)
                r = put_meta_once(projector, "first_start_s",
                                  vg_floor_div(entry->utc_ns, VG_NS_PER_S), err);
        if (r < 0)
                return r;
        return put_meta_int(projector, starts ? "last_start_s" : "last_stop_s",
                            vg_floor_div(entry->utc_ns, VG_NS_PER_S), err);
}

static int map_tenant(struct projector *projector, const struct entry *entry, const json_t *detail,
                      struct vg_err *err)
{
        const char *by, *value, *tenant, *reason = "";
        int64_t from_s;
        int r = body_text(detail, "by", &by, err);

        if (r == 0)
                r = body_text(detail, "value", &value, err);
        if (r == 0)
                r = body_text(detail, "tenant", &tenant, err);
        if (r == 0)
                r = body_utc(detail, "from", &from_s, err);
        if (r < 0)
                return r;
        (void)vg_json_get_string(detail, "reason", &reason);
        return project_run(projector, PROJECT_TENANT_MAP, err, V_INT(entry->seq), V_TEXT(by),
                           V_TEXT(value), V_TEXT(tenant), V_INT(from_s), V_TEXT(reason));
}

static int go_live(struct projector *projector, const struct entry *entry,
                   _unused_ const json_t *detail, struct vg_err *err)
{
        return put_meta_once(projector, "live_s", vg_floor_div(entry->utc_ns, VG_NS_PER_S), err);
}

static int close_ledger(struct projector *projector, const struct entry *entry,
                        const json_t *detail, struct vg_err *err)
{
        const char *step;
        int r = body_text(detail, "step", &step, err);

        if (r < 0 || strcmp(step, "done") != 0)
                return r;
        return put_meta_once(projector, "decommissioned_s",
                             vg_floor_div(entry->utc_ns, VG_NS_PER_S), err);
}

/* Acts that leave more behind than their own row. Sorted. */
static const struct {
        const char *verb;
        int (*apply)(struct projector *projector, const struct entry *entry, const json_t *detail,
                     struct vg_err *err);
} acts[] = {
        { "access.grant", project_grant },    { "access.revoke", project_revoke },
        { "alert.silence", project_silence }, { "alert.unsilence", project_unsilence },
        { "contract.receipt", project_fact }, { "contract.record", project_fact },
        { "decommission", close_ledger },     { "go-live", go_live },
        { "tenant.map", map_tenant },
};

static int put_act(struct projector *projector, const struct entry *entry, const char *verb,
                   const json_t *author, const json_t *detail, struct vg_err *err)
{
        struct vg_buf text = { 0 };
        const char *user = "", *role = "";
        int64_t uid;
        int r = body_int(author, "uid", &uid, err);

        (void)vg_json_get_string(author, "user", &user);
        (void)vg_json_get_string(author, "role", &role);
        if (r == 0)
                r = vg_json_canonical(detail, &text, err);
        if (r == 0)
                r = project_run(projector, PROJECT_ACT, err, V_INT(entry->seq),
                                V_INT(entry->utc_ns), V_TEXT(verb), V_INT(uid), V_TEXT(user),
                                V_TEXT(role), V_TEXT_N(text.data, text.n));
        vg_buf_done(&text);
        return r;
}

int project_act(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const json_t *author, *detail;
        const char *verb;
        int r = body_text(entry->body, "verb", &verb, err);

        if (r == 0)
                r = body_object(entry->body, "author", &author, err);
        if (r == 0)
                r = body_object(entry->body, "detail", &detail, err);
        if (r == 0)
                r = put_act(projector, entry, verb, author, detail, err);
        for (size_t i = 0; i < ELEMENTSOF(acts) && r == 0; i++)
                if (strcmp(acts[i].verb, verb) == 0)
                        r = acts[i].apply(projector, entry, detail, err);
        return r;
}
