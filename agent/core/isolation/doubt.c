/* SPDX-License-Identifier: Apache-2.0 */

/* doubt: a word of the register that is not known was read as the one that asks for less, so that no
 * failure rests on it; what did not fail is then not known. */

#include <string.h>

#include "judge.h"
#include "vigie/err.h"
#include "vigie/mem.h"

static const struct {
        const char *check;
        enum doubt doubt;
        bool of_all; /* the word of one tenant weighs on its neighbours too */
} rows[] = {
        { "ISO-CPU-01", DOUBT_COMPUTE, true }, { "ISO-CPU-02", DOUBT_COMPUTE, true },
        { "ISO-CPU-03", DOUBT_COMPUTE, true }, { "ISO-CPU-04", DOUBT_COMPUTE, false },
        { "ISO-DEV-07", DOUBT_DISK, false },   { "ISO-DEV-08", DOUBT_COMPUTE, true },
        { "ISO-HOST-03", DOUBT_TCG, true },    { "ISO-MEM-05", DOUBT_MEMORY, false },
        { "ISO-NET-01", DOUBT_ROLE, true },    { "ISO-NET-02", DOUBT_ROLE, true },
        { "ISO-STO-05", DOUBT_DISK, false },
};

static void doubt_one(struct judge *j, uint32_t domain, enum doubt doubt)
{
        if (judge_status(j, domain) < VG_ISO_FAIL)
                judge_unknown_as(j, domain,
                                 N_("le registre des abonnés (tenants.json) porte un mot inconnu"),
                                 j->reg->doubts[doubt]);
}

static void doubt_domains(struct judge *j, enum doubt doubt, bool of_all)
{
        EACH_DOMAIN(i, j)
        {
                const struct tenant *tenant = j->domains[i].tenant;
                if (of_all || (tenant && tenant->doubts[doubt]))
                        doubt_one(j, i, doubt);
        }
}

void judge_doubts(struct judge *j)
{
        size_t n_rows;
        const struct vg_check *check = &vg_check_rows(&n_rows)[j->check];

        for (size_t i = 0; j->reg && i < ELEMENTSOF(rows); i++) {
                if (!j->reg->doubts[rows[i].doubt] || strcmp(rows[i].check, check->id) != 0)
                        continue;
                if (check->scope == VG_ISO_HOST)
                        doubt_one(j, JUDGE_HOST, rows[i].doubt);
                else
                        doubt_domains(j, rows[i].doubt, rows[i].of_all);
        }
}
