/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation-record: a verdict as bodies of records (keeper/isolation.h says which). */

#include <stddef.h>
#include <stdint.h>

struct vg_finding;
struct vg_json;
struct vg_verdict;

enum { ISO_KEY_SIZE = 400, ISO_PAIRS_KEPT = 256 };

/* What a finding is known by as long as it is open: check, domain (where it is of one alone) and
 * resource. Returns key. */
char *iso_key(const struct vg_verdict *verdict, const struct vg_finding *finding,
              char key[ISO_KEY_SIZE]);
/* Of two findings with one key, the key of the second: with its first domain. */
void iso_key_apart(const struct vg_verdict *verdict, const struct vg_finding *finding,
                   char key[ISO_KEY_SIZE]);
/* {"domains","evidence","pairs","pairs_cut","resource","severity"}: what its digest is of. */
void iso_content(const struct vg_verdict *verdict, const struct vg_finding *finding,
                 struct vg_json *j);
/* {"checks","domains","tenants"}: the gravest status of each check, and of each tenant and family. */
void iso_matrix(const struct vg_verdict *verdict, struct vg_json *j);
