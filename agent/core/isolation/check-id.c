/* SPDX-License-Identifier: Apache-2.0 */

/* check-id: whose is it (ID-01, ID-02). */

#include "judge.h"

void check_id_01(struct judge *j)
{
        EACH_DOMAIN(i, j)
        if (!j->reg)
                judge_unknown(j, i, "tenants.json was not seen");
        else
                judge_say(j, i, j->domains[i].tenant, "",
                          "no source names a tenant of the register");
}

void check_id_02(struct judge *j)
{
        struct claims claims;

        EACH_DOMAIN(i, j)
        {
                if (!j->reg) {
                        judge_unknown(j, i, "tenants.json was not seen");
                        continue;
                }
                register_claims(j->reg, j->domains[i].xml, &claims);
                judge_say(j, i, !claims.disagree, "", "two sources name two tenants");
        }
}
