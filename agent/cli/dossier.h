/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dossier: how the supplier performed, from the ledger alone. One JSON object, whose lists are the
 * document's tables; each row has "entries", the records that say so: ["shared 12", …]. What no
 * record tells of is an empty list, and read as "none recorded", never as good.
 *
 *   {"availability":{"covered_s":N,"entries":N,"expected_s":N,"gaps":[…]},"commitments":[…],
 *    "contract","corrections":[…],"facts":[…],"faults":[…],"from":"…Z","to":"…Z","updates":[…]} */

#include "cli/html.h"
#include "cli/view.h"

struct dossier {
        json_t *tree;
        int64_t from_s, to_s;
        bool incidents; /* faults and what was not measured alone */
};
void dossier_done(struct dossier *dossier);

/* from_s, to_s and incidents are set. 0 or -errno. */
int dossier_read(const struct cli_view *view, struct dossier *dossier, struct vg_err *err);
void dossier_html(struct cli *cli, const struct cli_view *view, const struct dossier *dossier,
                  struct html *html);
