/* SPDX-License-Identifier: Apache-2.0 */

/* The register that isolation is judged by: the policy that an act has loaded (tenants.json), or,
 * without one, the contract's tenants and the map that metering goes by. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "keeper/reattribute.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/tenant.h"

static int take_policy(void *ctx, const struct store_act *act)
{
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        json_t **policy = ctx;
        const char *text;

        if (vg_json_parse(act->detail, strlen(act->detail), &detail, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(detail, "text", &text) < 0)
                return 0;
        json_decref(*policy);
        *policy = NULL;
        (void)vg_json_parse(text, strlen(text), policy, NULL, NULL, NULL);
        return 0;
}

/* A pattern with '*' as a regular expression, {tenant} being replaced. */
static json_t *regex_of(const char *pattern, const char *tenant)
{
        struct vg_buf buf = { 0 };

        vg_buf_puts(&buf, "^");
        for (const char *at = pattern; *at; at++) {
                if (tenant && strncmp(at, "{tenant}", 8) == 0) {
                        for (const char *c = tenant; *c; c++)
                                vg_buf_printf(&buf, strchr(".+", *c) ? "\\%c" : "%c", *c);
                        at += 7;
                } else if (*at == '*') {
                        vg_buf_puts(&buf, ".*");
                } else if (strchr("\\^$.[]|()?+{}", *at)) {
                        vg_buf_printf(&buf, "\\%c", *at);
                } else {
                        vg_buf_append(&buf, at, 1);
                }
        }
        vg_buf_puts(&buf, "$");
        _cleanup_free_ char *text = vg_buf_take(&buf);
        return text ? json_string(text) : NULL;
}

/* Later rows win; of patterns the first that fits does, so that they come in front. */
static void take_row(const struct vg_tenant_row *row, json_t *map, json_t *aliases,
                     json_t *patterns)
{
        static const char *const platforms[] = {
                [VG_BY_NOVA] = "nova",
                [VG_BY_OPENNEBULA] = "one",
                [VG_BY_KUBEVIRT] = "kubevirt",
        };
        char alias[4200];

        if (strcmp(row->tenant, VG_TENANT_NOBODY) == 0) {
                json_object_del(map, row->value); /* taken back */
        } else if (row->by == VG_BY_UUID) {
                json_object_set_new(map, row->value, json_string(row->tenant));
        } else if (row->by == VG_BY_NAME) {
                json_array_insert_new(patterns, 0,
                                      json_pack("[o, s]", regex_of(row->value, NULL), row->tenant));
        } else if (row->by < ELEMENTSOF(platforms) && platforms[row->by]) {
                snprintf(alias, sizeof(alias), "%s:%s", platforms[row->by], row->value);
                json_object_set_new(aliases, alias, json_string(row->tenant));
        }
}

static json_t *attribution_of(const struct keeper *k, const struct map *rows, json_t *tenants)
{
        const int64_t now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S);
        json_t *map = json_object(), *aliases = json_object(), *patterns = json_array();
        const char *tenant;
        json_t *value;

        for (size_t i = 0; i < rows->n; i++) {
                if (rows->row[i].from_utc_s > now_s)
                        continue;
                take_row(&rows->row[i], map, aliases, patterns);
                if (strcmp(rows->row[i].tenant, VG_TENANT_NOBODY) != 0)
                        json_object_set_new(tenants, rows->row[i].tenant, json_object());
        }
        json_object_foreach (tenants, tenant, value)
                if (strstr(k->settings->name_pattern, "{tenant}"))
                        json_array_append_new(patterns,
                                              json_pack("[o, s]",
                                                        regex_of(k->settings->name_pattern, tenant),
                                                        tenant));
        return json_pack("{s:o, s:o, s:o, s:[s, s, s, s]}", "aliases", aliases, "map", map,
                         "patterns", patterns, "precedence", "map", "vigie", "platform", "pattern");
}

/* Without contract and map nobody has said who the tenants are. */
static json_t *register_of(const struct keeper *k, const struct map *rows)
{
        json_t *tenants = json_object();

        for (size_t i = 0; k->contract && i < k->contract->n_tenants; i++)
                json_object_set_new(tenants, k->contract->tenants[i].id, json_object());
        json_t *attribution = attribution_of(k, rows, tenants);
        if (!json_object_size(tenants)) {
                json_decref(tenants);
                json_decref(attribution);
                return NULL;
        }
        return json_pack("{s:o, s:{s:[], s:[]}, s:o}", "attribution", attribution, "public",
                         "images", "networks", "tenants", tenants);
}

int isolation_register(struct keeper *k, struct vg_err *err)
{
        _cleanup_(map_done) struct map map = { 0 };
        _cleanup_(vg_json_decrefp) json_t *piece = NULL;
        json_t *policy = NULL;
        int r = store_act_each(k->store, "isolation.policy", take_policy, &policy, err);

        if (r == 0)
                r = map_load(k->store, &map, err);
        if (r < 0) {
                json_decref(policy);
                return r;
        }
        if (!policy)
                policy = register_of(k, &map);
        if (!policy) {
                vg_host_drop(k->isolation.host, "tenants", "policy");
                return 0;
        }
        piece = json_pack("{s:s, s:o, s:s}", "key", "policy", "register", policy, "scope",
                          "tenants");
        if (!piece)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        r = vg_host_put(k->isolation.host, piece, err);
        if (r != -EINVAL)
                return r;
        /* A past act may hold what is refused today: then nobody has said who the tenants are. */
        vg_log(LOG_ERR, "registre de cloisonnement illisible : %s", vg_err_text(err));
        vg_host_drop(k->isolation.host, "tenants", "policy");
        return 0;
}
