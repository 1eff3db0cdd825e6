/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* faults: failures and parts of the machine, as the ledger holds them. */

#include "cli/view.h"

/* A component's names in an open JSON object are canonical JSON (vigie/fault.h); these take one
 * member of it as text, "" where it is not said. */
const char *fault_text(const json_t *object, const char *key);

/* "drive/Bay 3", cleaned by whoever prints it. */
char *fault_where(const json_t *component, char buf[CLI_TEXT]);
/* "Vigie D-1000", or what kind of part it is. */
char *fault_what(const struct cli *cli, const json_t *component, char buf[CLI_TEXT]);

const char *fault_title(const struct cli *cli, const char *code); /* the code itself where new */
const char *fault_state_text(const char *state);
const char *fault_how_text(const char *how);
enum cli_style fault_style(const char *severity, const char *state);

/* {"code","severity","state","component":{…},"first_seen",…} of a record's body. */
void fault_write_json(struct vg_json *j, const json_t *body);
