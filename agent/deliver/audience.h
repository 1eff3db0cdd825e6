/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* audience: who may receive what. Decided here and nowhere else, by the reader's role; what no rule
 * lets go does not go. Pure.
 *
 * The supplier's maintenance may receive the shared log, every record of it as it stands there, and
 * of the client log nothing, whatever a record is called. A tenant's owner may receive what is his
 * tenant's alone. Others receive by the rows of audience.def. An alert goes to the roles that its
 * record names; an alert about a delivery that fails goes to all who could mend it. */

#include <jansson.h>
#include <stdbool.h>

#include "vigie/contract.h"
#include "vigie/ledger.h"

struct audience_row {
        const char *record, *type, *subject;
        unsigned rule;
};

/* The row under which a record goes to the recipient: what its CloudEvent is called, and which member
 * of the body is its subject. NULL: it does not go. */
const struct audience_row *audience_admits(const struct vg_recipient *recipient, enum vg_log log,
                                           const char *record_type, const json_t *body);
/* Whether any record of that type could go: the body need not be read to refuse it. */
bool audience_may_admit(const struct vg_recipient *recipient, enum vg_log log,
                        const char *record_type);

/* Of a record `alert`: whether the recipient wants to be told of it, by his role, the least severity
 * and the classes that the contract says of him. */
bool audience_tells(const struct vg_recipient *recipient, const json_t *body);
