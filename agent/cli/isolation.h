/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation: how it stands, or stood, as the ledger says, as one JSON value that is printed as it is
 * for programs and laid out for people:
 *
 *   {"at","findings":[{"check","digest","domains":[{"name","tenant","uuid"}],"evidence":[…],"key",
 *    "pairs":[[uuid,uuid]…],"resource","severity","since","status":"fail|waived","title",
 *    "waiver":{"by","reason","until"}}],"host","observed":[{"cause","since","source"}: who is silent],
 *    "summary":{status: how many checks},"tenants":{tenant: {family: status}},"verdict_at"}
 *
 * A status is pass, fail, waived, unknown, not_applicable or not_observed: what nobody was looking
 * at is never a pass. */

#include <jansson.h>
#include <stdint.h>

#include "cli/view.h"

/* CLI_FINE and the value (caller decrefs), or an exit code after having said why. */
int isolation_read(struct cli *cli, const struct cli_view *view, int64_t at_s, json_t **ret_state);
/* The same, saying nothing: 0 or -errno. */
int isolation_state(const struct cli *cli, const struct cli_view *view, int64_t at_s,
                    json_t **ret_state, struct vg_err *err);
size_t isolation_count_open(const json_t *state); /* findings that nobody has waived */
/* CLI_FOUND where a finding is open that nobody has waived. */
int isolation_print(struct cli *cli, const struct cli_view *view, const json_t *state);
/* One finding, with all its evidence. */
void isolation_print_finding(struct cli *cli, const struct cli_view *view, const json_t *finding);
/* One piece of evidence, in the reader's language where it is a text of ours. */
const char *isolation_evidence_text(const char *text);
