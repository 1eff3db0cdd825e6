/* SPDX-License-Identifier: Apache-2.0 */

/* Mapping a domain to a tenant: an act with a date. What is still in the book moves by itself; what
 * is in the ledger already moves by paired parts, negative for the old tenant and positive for the
 * new (reattribute.c). */

#include <errno.h>
#include <string.h>

#include "keeper/acts.h"
#include "keeper/keeper.h"
#include "keeper/reattribute.h"
#include "os/lang.h"
#include "store/store.h"
#include "vigie/book.h"
#include "vigie/civil.h"
#include "vigie/json.h"
#include "vigie/mem.h"

enum { VALUE_BYTES_MAX = 4096, REASON_BYTES_MAX = 1000 };

struct mapping {
        const char *by, *value, *tenant, *from, *reason;
        int64_t from_s;
};

static int read_mapping(struct act *act, struct mapping *m, struct vg_err *err)
{
        int r = act_text(act, "by", 32, &m->by, err);

        if (r == 0)
                r = act_text(act, "value", VALUE_BYTES_MAX, &m->value, err);
        if (r == 0)
                r = act_text(act, "tenant", VG_TENANT_ID_MAX, &m->tenant, err);
        if (r == 0)
                r = act_text(act, "from", 32, &m->from, err);
        if (r == 0)
                r = act_text(act, "reason", REASON_BYTES_MAX, &m->reason, err);
        if (r != 0)
                return r;

        const int by = vg_tenant_by_find(m->by);
        if (by < 0 || by == VG_BY_NOBODY)
                return act_refuse(act, err, "bad-body",
                                  N_("« by » : %s n'est pas une façon de "
                                     "reconnaître un domaine"),
                                  m->by);
        if (!vg_tenant_id_valid(m->tenant) && strcmp(m->tenant, VG_TENANT_NOBODY) != 0)
                return act_refuse(act, err, "bad-tenant",
                                  N_("« %s » n'est pas un identifiant d'abonné"), m->tenant);
        if (vg_utc_parse(m->from, &m->from_s) < 0)
                return act_refuse(act, err, "bad-body",
                                  N_("« from » : un instant AAAA-MM-JJTHH:MM:SSZ est attendu"));
        return 0;
}

static int record_mapping(struct act *act, const struct mapping *m, struct vg_err *err)
{
        struct vg_json detail = { 0 };

        vg_json_object(&detail, NULL);
        vg_json_string(&detail, "by", m->by);
        vg_json_string(&detail, "from", m->from);
        vg_json_string(&detail, "reason", m->reason);
        vg_json_string(&detail, "tenant", m->tenant);
        vg_json_string(&detail, "value", m->value);
        vg_json_end_object(&detail);
        return act_record(act, &detail, err);
}

static void look_again(struct act *act)
{
        watch_look(act->keeper);
        isolation_reload(act->keeper);
}

int act_tenant_map(struct act *act, struct vg_err *err)
{
        _cleanup_(map_done) struct map map = { 0 };
        struct keeper *k = act->keeper;
        struct mapping m = { 0 };
        size_t n_moved = 0;
        int r = read_mapping(act, &m, err);

        if (r == 0)
                r = record_mapping(act, &m, err);
        if (r == 0)
                r = map_load(k->store, &map, err);
        if (r != 0)
                return r;
        act->book_changed = true;
        act->after = look_again;
        r = vg_book_set_map(k->meter.book, map.row, map.n, err);
        if (r == 0)
                r = reattribute(&act->records, &map, m.from_s, &n_moved, err);
        if (r == 0)
                r = meter_snapshot(&k->meter, act->records.utc_ns, err);
        vg_buf_printf(&act->result, "{\"moved\":%zu}", n_moved);
        return r;
}
