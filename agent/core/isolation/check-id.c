/* SPDX-License-Identifier: Apache-2.0 */

/* check-id: whose is it (ID-01, ID-02). */

#include "judge.h"

void check_id_01(struct judge *j)
{
        EACH_DOMAIN(i, j)
        if (!j->reg)
                judge_unknown(j, i, N_("tenants.json n'a pas été vu"));
        else
                judge_say(j, i, j->domains[i].tenant, "",
                          N_("aucune source ne nomme un abonné du registre"));
}

void check_id_02(struct judge *j)
{
        struct claims claims;

        EACH_DOMAIN(i, j)
        {
                if (!j->reg) {
                        judge_unknown(j, i, N_("tenants.json n'a pas été vu"));
                        continue;
                }
                register_claims(j->reg, j->domains[i].xml, &claims);
                judge_say(j, i, !claims.disagree, "", N_("deux sources nomment deux abonnés"));
        }
}
