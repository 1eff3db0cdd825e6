/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of closed months: statement, and what each charged that no measured quantity makes. */

#include <errno.h>

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/rating.h"
#include "vigie/statement.h"

int closing_known(struct projector *projector, int64_t utc_ns, int64_t *ret_known_s,
                  struct vg_err *err)
{
        const int64_t own_s = vg_floor_div(utc_ns, VG_NS_PER_S);

        if (!projector->knows_closed) {
                projector->closed_s = INT64_MIN;
                int r = sql_int(projector->db, "SELECT max(closes_s) FROM statement",
                                &projector->closed_s, err);
                if (r < 0)
                        return r;
                projector->knows_closed = true;
        }
        *ret_known_s = own_s > projector->closed_s ? own_s : projector->closed_s;
        return 0;
}

static int body_month(const json_t *object, const char *key, int32_t *ret_month, struct vg_err *err)
{
        const char *text;
        int r = body_text(object, key, &text, err);

        if (r == 0 && vg_statement_month(text, ret_month) < 0)
                r = vg_err_set(err, -EINVAL, "« %s » : mois AAAA-MM attendu", key);
        return r;
}

static int body_cents(const json_t *object, const char *key, int64_t *ret_cents, struct vg_err *err)
{
        const char *text;
        int r = body_text(object, key, &text, err);

        if (r == 0 && vg_statement_cents(text, ret_cents) < 0)
                r = vg_err_set(err, -EINVAL, "« %s » : montant attendu", key);
        return r;
}

struct closing {
        const struct entry *entry;
        const char *contract;
        int32_t month;
};

static int put_charged(struct projector *projector, const struct closing *closing, size_t n,
                       const json_t *line, const char *kind, struct vg_err *err)
{
        const char *tenant, *sku = "", *ref = "";
        int64_t cents, price_from_s = 0;
        int32_t period;
        int r = body_month(line, "period", &period, err);

        if (r == 0)
                r = body_cents(line, "amount", &cents, err);
        if (r == 0)
                r = body_text(line, "tenant", &tenant, err);
        if (r == 0 && json_object_get(line, "price_from"))
                r = body_utc(line, "price_from", &price_from_s, err);
        if (r < 0)
                return r;
        (void)vg_json_get_string(line, "sku", &sku);
        (void)vg_json_get_string(line, "ref", &ref);
        return project_run(projector, PROJECT_CHARGED, err, V_INT(closing->entry->seq), V_INT(n),
                           V_TEXT(closing->contract), V_INT(closing->month), V_INT(period),
                           V_TEXT(kind), V_TEXT(tenant), V_TEXT(sku), V_TEXT(ref),
                           V_INT(price_from_s), V_INT(cents));
}

static int put_line(struct projector *projector, const struct closing *closing, size_t n,
                    const json_t *line, struct vg_err *err)
{
        const char *kind;
        int r = body_text(line, "kind", &kind, err);

        if (r < 0)
                return r;
        if (vg_line_kind_find(kind) < 0)
                return vg_err_set(err, -EINVAL, "« kind » : sorte de ligne inconnue");
        /* Lines of measured quantities have no ref, and a projection of their own. */
        return json_object_get(line, "ref") ? put_charged(projector, closing, n, line, kind, err)
                                            : 0;
}

static int put_statement(struct projector *projector, const struct closing *closing,
                         int64_t *ret_closes_s, struct vg_err *err)
{
        const struct entry *entry = closing->entry;
        const char *digest;
        int64_t total_cents;
        int r = body_utc(entry->body, "closes_at", ret_closes_s, err);

        if (r == 0)
                r = body_text(entry->body, "digest", &digest, err);
        if (r == 0)
                r = body_cents(entry->body, "total", &total_cents, err);
        return r < 0 ? r
                     : project_run(projector, PROJECT_STATEMENT, err, V_TEXT(closing->contract),
                                   V_INT(closing->month), V_INT(entry->seq), V_INT(entry->utc_ns),
                                   V_INT(*ret_closes_s), V_TEXT(digest), V_INT(total_cents));
}

int project_statement(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        struct closing closing = { .entry = entry };
        const json_t *lines = json_object_get(entry->body, "lines");
        int64_t closes_s, known_s;
        int r = body_text(entry->body, "contract", &closing.contract, err);

        if (r == 0)
                r = body_month(entry->body, "month", &closing.month, err);
        if (r == 0 && !json_is_array(lines))
                r = vg_err_set(err, -EINVAL, "« lines » : liste attendue");
        if (r == 0)
                r = closing_known(projector, entry->utc_ns, &known_s, err);
        if (r == 0)
                r = put_statement(projector, &closing, &closes_s, err);
        for (size_t i = 0; i < json_array_size(lines) && r == 0; i++)
                r = put_line(projector, &closing, i, json_array_get(lines, i), err);
        if (r == 0 && closes_s > projector->closed_s)
                projector->closed_s = closes_s;
        return r;
}
