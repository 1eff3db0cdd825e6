/* SPDX-License-Identifier: Apache-2.0 */

/* What the ledger holds of isolation, as the keeper needs it: open findings and waivers. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define AT_ALL (INT64_MAX - 1)

static void texts_free(char **texts)
{
        for (char **at = texts; at && *at; at++)
                free(*at);
        free(texts);
}

static void open_done(struct iso_open *open)
{
        free(open->key);
        free(open->check);
        free(open->severity);
        free(open->resource);
        texts_free(open->tenants);
        texts_free(open->uuids);
}

static void waivers_done(struct isolation *iso)
{
        for (size_t i = 0; i < iso->n_waivers; i++) {
                free(iso->waivers[i].check);
                free(iso->waivers[i].target);
                free(iso->waivers[i].author);
        }
        free(iso->waivers);
        iso->waivers = NULL;
        iso->n_waivers = 0;
}

static void findings_done(struct isolation *iso)
{
        for (size_t i = 0; i < iso->n_open; i++)
                open_done(&iso->open[i]);
        free(iso->open);
        iso->open = NULL;
        iso->n_open = 0;
}

void isolation_forget(struct isolation *iso)
{
        findings_done(iso);
        waivers_done(iso);
}

/* ---- findings ---- */

/* A member of each domain, each once. */
static char **texts_of(const json_t *domains, const char *key)
{
        char **texts = calloc(json_array_size(domains) + 1, sizeof(*texts));
        const json_t *domain;
        size_t i, n = 0;

        json_array_foreach (domains, i, domain) {
                const char *text = json_string_value(json_object_get(domain, key));
                bool is_there = !text || !texts;
                for (size_t k = 0; k < n && !is_there; k++)
                        is_there = strcmp(texts[k], text) == 0;
                if (!is_there && (texts[n] = strdup(text)))
                        n++;
        }
        return texts;
}

static int take_open(void *ctx, const struct store_iso_finding *row)
{
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        struct isolation *iso = ctx;
        struct iso_open *list = reallocarray(iso->open, iso->n_open + 1, sizeof(*list));

        if (!list)
                return -ENOMEM;
        iso->open = list;
        if (vg_json_parse(row->detail, strlen(row->detail), &detail, NULL, NULL, NULL) < 0)
                return -EBADMSG;

        struct iso_open *open = &iso->open[iso->n_open++];
        const json_t *domains = json_object_get(detail, "domains");
        *open = (struct iso_open){
                .key = strdup(row->key),
                .check = strdup(row->check),
                .severity = strdup(row->severity),
                .resource = strdup(row->resource),
                .tenants = texts_of(domains, "tenant"),
                .uuids = texts_of(domains, "uuid"),
                .since_s = row->since_s,
        };
        snprintf(open->digest, sizeof(open->digest), "%s", row->digest);
        return open->key && open->check && open->severity && open->resource && open->tenants &&
                               open->uuids
                       ? 0
                       : -ENOMEM;
}

static int by_key(const void *a, const void *b)
{
        return strcmp(((const struct iso_open *)a)->key, ((const struct iso_open *)b)->key);
}

int isolation_open_load(struct keeper *k, struct vg_err *err)
{
        struct isolation *iso = &k->isolation;

        findings_done(iso);
        int r = store_iso_finding_each(k->store, AT_ALL, take_open, iso, err);
        if (iso->n_open)
                qsort(iso->open, iso->n_open, sizeof(*iso->open), by_key);
        return r < 0 ? vg_err_wrap(err, r, "constats de cloisonnement") : 0;
}

/* ---- waivers ---- */

static int renew(struct iso_waiver *waiver, const char *author, int64_t until_s)
{
        char *copy = strdup(author);

        if (!copy)
                return -ENOMEM;
        free(waiver->author);
        waiver->author = copy;
        waiver->until_s = until_s;
        return 0;
}

/* The last one on a check and target counts; one that is over by then was taken back. */
static int take_waiver(void *ctx, const struct store_act *act)
{
        _cleanup_(vg_json_decrefp) json_t *detail = NULL;
        struct isolation *iso = ctx;
        const char *check, *target, *until;
        int64_t until_s;

        if (vg_json_parse(act->detail, strlen(act->detail), &detail, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(detail, "check", &check) < 0 ||
            vg_json_get_string(detail, "target", &target) < 0 ||
            vg_json_get_string(detail, "until", &until) < 0 || vg_utc_parse(until, &until_s) < 0)
                return 0;
        for (size_t i = 0; i < iso->n_waivers; i++)
                if (strcmp(iso->waivers[i].check, check) == 0 &&
                    strcmp(iso->waivers[i].target, target) == 0)
                        return renew(&iso->waivers[i], act->user, until_s);
        struct iso_waiver *list = reallocarray(iso->waivers, iso->n_waivers + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        iso->waivers = list;
        iso->waivers[iso->n_waivers++] = (struct iso_waiver){
                .check = strdup(check),
                .target = strdup(target),
                .author = strdup(act->user),
                .until_s = until_s,
        };
        return 0;
}

int isolation_waivers_load(struct keeper *k, struct vg_err *err)
{
        waivers_done(&k->isolation);
        return store_act_each(k->store, "isolation.waive", take_waiver, &k->isolation, err);
}
