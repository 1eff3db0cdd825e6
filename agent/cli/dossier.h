/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* dossier: how the supplier performed, from the ledger alone. One JSON object, whose lists are the
 * document's tables; each row has "entries", the records that say so: ["shared 12", …]. What no
 * record tells of is an empty list, and read as "none recorded", never as good.
 *
 *   {"appliance","availability":{"covered_s":N,"entries":[…],"expected_s":N,"gaps":[…],
 *                                "intervals":N,"unrecorded_s":N},
 *    "checkpoints":{"client":"…"|null,"shared":"…"|null},"commitments":[…],"contract",
 *    "corrections":[…],"facts":[…],"faults":[…],"from":"…Z",
 *    "summary":{"faults":N,"open":N,"repair_longest_s":N|null,"repair_mean_s":N|null,
 *               "repair_met":N,"repair_missed":N,"respond_met":N,"respond_missed":N},
 *    "to":"…Z","updates":[…]}
 *
 * A fault says of the response and of the repair "repair_due":"…Z" ("" where no time was agreed or none
 * can be told) and "repair_state":"no_agreed_time|running|overdue|met|missed" (vigie/service.h),
 * "respond_due" and "respond_state" likewise, "responded":"…Z", and "paused_s":N, the time for which the
 * repair waited for access. summary: repairs that ended, and agreed times that were met, or were missed
 * (those that are overdue count). checkpoints: the newest signed head of each log. */

#include "cli/html.h"
#include "cli/view.h"
#include "store/pauses.h"

struct dossier {
        json_t *tree;
        struct store_pauses pauses;
        int64_t from_s, to_s;
        bool incidents; /* faults and what was not measured alone */
};
void dossier_done(struct dossier *dossier);

/* from_s, to_s and incidents are set. 0 or -errno. */
int dossier_read(const struct cli_view *view, struct dossier *dossier, struct vg_err *err);
/* both: in French, and then in English. */
void dossier_html(struct cli *cli, const struct cli_view *view, const struct dossier *dossier,
                  bool both, struct html *html);

/* ---- for the files of the dossier ---- */

void dossier_text(json_t *row, const char *key, const char *text); /* NULL: "" */
void dossier_time(json_t *row, const char *key, int64_t utc_s);    /* 0: "" */
/* One more record that says what the row says. */
void dossier_entry(json_t *row, enum vg_log log, uint64_t seq);
void dossier_entry_once(json_t *row, enum vg_log log, uint64_t seq); /* where it is not there yet */
int dossier_fault(const struct dossier *dossier, const struct vg_contract *contract, int64_t now_s,
                  const struct store_record *record, const json_t *body);
void dossier_sum(struct dossier *dossier);
int dossier_fact(struct dossier *dossier, const struct store_fact *fact);
/* Its cell: what was recorded with it, in words. */
void dossier_html_detail(const struct cli *cli, const json_t *row, struct html *html);
void dossier_html_head(const struct cli *cli, const struct cli_view *view,
                       const struct dossier *dossier, struct html *html);
void dossier_html_proof(const struct dossier *dossier, struct html *html);
int dossier_measured(const struct cli_view *view, struct dossier *dossier, struct vg_err *err);
