/* SPDX-License-Identifier: Apache-2.0 */

/* Projection of the facts of a contract's life: acts contract.record. */

#include <errno.h>

#include "store/project.h"
#include "vigie/civil.h"
#include "vigie/fact.h"
#include "vigie/json.h"
#include "vigie/num.h"

static int put(struct projector *projector, const struct entry *entry, const struct vg_fact *fact,
               const json_t *author, const json_t *detail, struct vg_err *err)
{
        const char *user = "", *role = "";
        struct vg_buf text = { 0 };
        int64_t uid;
        char day[16];
        int r = body_int(author, "uid", &uid, err);

        (void)vg_json_get_string(author, "user", &user);
        (void)vg_json_get_string(author, "role", &role);
        if (r == 0)
                r = vg_json_canonical(detail, &text, err);
        if (r == 0)
                r = project_run(projector, PROJECT_CONTRACT_FACT, err, V_INT(entry->seq),
                                V_INT(entry->utc_ns), V_TEXT(fact->contract_id),
                                V_TEXT(vg_fact_row(fact->kind)->word), V_TEXT(fact->target),
                                V_TEXT(vg_date_format(fact->on, day)), V_INT(uid), V_TEXT(user),
                                V_TEXT(role), V_TEXT_N(text.data, text.n));
        vg_buf_done(&text);
        return r;
}

int project_fact(struct projector *projector, const struct entry *entry, const json_t *detail,
                 struct vg_err *err)
{
        int64_t known_s = vg_floor_div(entry->utc_ns, VG_NS_PER_S);
        const json_t *author = json_object_get(entry->body, "author");
        struct vg_fact fact;
        int r = vg_fact_parse(detail, known_s, &fact, err);

        if (r == 0)
                r = put(projector, entry, &fact, author, detail, err);
        if (r == 0)
                r = closing_known(projector, entry->utc_ns, &known_s, err);
        /* Only the end decides what is measured usage of the contract. */
        if (r < 0 || (fact.kind != VG_FACT_RENEWAL && fact.kind != VG_FACT_TERMINATION))
                return r;
        return pricing_renew(projector, NULL, known_s, err);
}
