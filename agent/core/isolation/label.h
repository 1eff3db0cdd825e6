/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* label: security labels as text, taken apart. */

#include "judge.h"

enum { CATEGORIES = 1024 };

struct label {
        bool is_selinux; /* else AppArmor: profile */
        const char *profile;
        const char *type;                     /* SELinux: "svirt_t" */
        uint64_t categories[CATEGORIES / 64]; /* of the high end of its range */
        int n_categories;
};

/* model: "selinux", "apparmor", or NULL to tell by its form. false: it is no label. */
bool label_read(struct arena *arena, const char *model, const char *text, struct label *ret_label);
/* Everything that b may touch, a may: b's categories are among a's. */
bool label_dominates(const struct label *a, const struct label *b);

/* The <seclabel> of a domain that is not for DAC; NULL: none. */
const struct node *label_of(const struct domain *domain);
/* "0:0", "root:root", "+0:+0"; NULL text is not root. */
bool label_is_root(const char *text);
