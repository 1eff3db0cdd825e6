/* SPDX-License-Identifier: Apache-2.0 */

/* tenant: attribution as a function of what is said of a domain and of the operator's map. */

#include "vigie/tenant.h"

#include <errno.h>
#include <string.h>

static const char *const by_names[] = {
        [VG_BY_UUID] = "uuid", [VG_BY_VOLUME] = "volume",         [VG_BY_METADATA] = "metadata",
        [VG_BY_NOVA] = "nova", [VG_BY_OPENNEBULA] = "opennebula", [VG_BY_KUBEVIRT] = "kubevirt",
        [VG_BY_NAME] = "name", [VG_BY_NOBODY] = "nobody",
};

const char *vg_tenant_by_name(enum vg_tenant_by by)
{
        return by_names[by];
}

int vg_tenant_by_find(const char *name)
{
        for (int i = 0; i <= VG_BY_NOBODY; i++)
                if (strcmp(by_names[i], name) == 0)
                        return i;
        return -ENOENT;
}

static bool is_alphanumeric(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_id_char(char c)
{
        return is_alphanumeric(c) || (c && strchr("._:/-", c));
}

bool vg_tenant_id_valid(const char *text)
{
        size_t n = 0;

        if (!is_alphanumeric(text[0]))
                return false;
        while (n <= VG_TENANT_ID_MAX && is_id_char(text[n]))
                n++;
        return n <= VG_TENANT_ID_MAX && !text[n];
}

bool vg_tenant_may_hold(const char *text)
{
        return strcmp(text, VG_TENANT_NOBODY) == 0 || vg_tenant_id_valid(text);
}

/* '*' stands for any run of bytes. Greedy with one step back: linear in practice, never
 * exponential. */
static bool matches_glob(const char *pattern, const char *text)
{
        const char *star = NULL, *resume = NULL;

        while (*text) {
                if (*pattern == '*') {
                        star = pattern++;
                        resume = text;
                } else if (*pattern == *text) {
                        pattern++;
                        text++;
                } else if (star) {
                        pattern = star + 1;
                        text = ++resume;
                } else {
                        return false;
                }
        }
        while (*pattern == '*')
                pattern++;
        return !*pattern;
}

/* What {tenant} stands for where the pattern fits the name: the shortest that does. */
static bool capture(const char *pattern, const char *name, char ret_tenant[VG_TENANT_ID_MAX + 1])
{
        static const char mark[] = "{tenant}";
        const char *at = strstr(pattern, mark);

        if (!at || (size_t)(at - pattern) > VG_TENANT_ID_MAX)
                return false;

        const size_t n_before = (size_t)(at - pattern);
        if (memchr(pattern, '*', n_before)) {
                /* A star before it: wherever what precedes fits, from the left. */
                char head[VG_TENANT_ID_MAX + 2];
                memcpy(head, pattern, n_before);
                head[n_before] = '\0';
                for (size_t skip = 0; name[skip] && skip < 256; skip++) {
                        char part[257];
                        memcpy(part, name, skip);
                        part[skip] = '\0';
                        if (!matches_glob(head, part))
                                continue;
                        if (capture(at, name + skip, ret_tenant))
                                return true;
                }
                return false;
        }
        if (strncmp(pattern, name, n_before) != 0)
                return false;
        name += n_before;
        for (size_t n = 1; n <= VG_TENANT_ID_MAX && is_id_char(name[n - 1]); n++) {
                memcpy(ret_tenant, name, n);
                ret_tenant[n] = '\0';
                if (vg_tenant_id_valid(ret_tenant) && matches_glob(at + sizeof(mark) - 1, name + n))
                        return true;
        }
        return false;
}

static const char *said(const struct vg_identity *who, enum vg_tenant_by by)
{
        switch (by) {
        case VG_BY_UUID:
                return who->uuid;
        case VG_BY_VOLUME:
                return *who->uuid ? NULL : who->name;
        case VG_BY_METADATA:
                return who->hints.metadata;
        case VG_BY_NOVA:
                return who->hints.nova;
        case VG_BY_OPENNEBULA:
                return who->hints.opennebula;
        case VG_BY_KUBEVIRT:
                return who->hints.kubevirt;
        case VG_BY_NAME:
                return *who->uuid ? who->name : NULL;
        case VG_BY_NOBODY:
                break;
        }
        return NULL;
}

static bool row_matches(const struct vg_tenant_row *row, const struct vg_identity *who)
{
        const char *text = said(who, row->by);

        if (!text || !*text)
                return false;
        return row->by == VG_BY_NAME ? matches_glob(row->value, text)
                                     : strcmp(row->value, text) == 0;
}

/* The most specific row that holds; among equals the latest date, then the latest act. */
static const struct vg_tenant_row *find_row(const struct vg_identity *who,
                                            const struct vg_tenant_rules *rules, int64_t at_utc_s)
{
        const struct vg_tenant_row *best = NULL;

        for (size_t i = 0; i < rules->n_rows; i++) {
                const struct vg_tenant_row *row = &rules->rows[i];
                if (row->from_utc_s > at_utc_s || !row_matches(row, who))
                        continue;
                if (!best || row->by < best->by ||
                    (row->by == best->by && row->from_utc_s >= best->from_utc_s))
                        best = row;
        }
        return best;
}

static void set(struct vg_attribution *a, const char *tenant, enum vg_tenant_by by)
{
        memcpy(a->tenant, tenant, strlen(tenant) + 1);
        a->by = by;
}

void vg_tenant_attribute(const struct vg_identity *who, const struct vg_tenant_rules *rules,
                         int64_t at_utc_s, struct vg_attribution *ret_attribution)
{
        struct vg_attribution *a = ret_attribution;

        *a = (struct vg_attribution){ .row = find_row(who, rules, at_utc_s) };
        if (a->row &&
            vg_tenant_may_hold(
                    a->row->tenant)) { /* "_unassigned" too: an operator may take a mapping back */
                set(a, a->row->tenant, a->row->by);
                return;
        }
        for (enum vg_tenant_by by = VG_BY_METADATA; by < VG_BY_NAME; by++) {
                const char *hint = said(who, by);
                if (!hint || !*hint)
                        continue;
                a->hostile = !vg_tenant_id_valid(hint);
                set(a, a->hostile ? VG_TENANT_NOBODY : hint, a->hostile ? VG_BY_NOBODY : by);
                return;
        }
        const char *name = said(who, VG_BY_NAME);
        if (rules->name_pattern && name && capture(rules->name_pattern, name, a->tenant))
                a->by = VG_BY_NAME;
        else
                set(a, VG_TENANT_NOBODY, VG_BY_NOBODY);
}

bool vg_tenant_moves(const struct vg_identity *who, const struct vg_tenant_rules *rules,
                     const struct vg_tenant_row *row, int64_t from_utc_s, int64_t until_utc_s,
                     const char *tenant)
{
        struct vg_attribution first, last;

        vg_tenant_attribute(who, rules, from_utc_s, &first);
        vg_tenant_attribute(who, rules, until_utc_s - 1, &last);
        return first.row == row && strcmp(first.tenant, tenant) != 0 &&
               (last.row == row || strcmp(last.tenant, tenant) != 0);
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(const char *text, const char *with, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (lower(text[i]) != lower(with[i]))
                        return false;
        return true;
}

/* The id as a whole word of the name, without regard to case. */
static bool names(const char *name, const char *id)
{
        const size_t n = strlen(id);

        for (const char *at = name; *at; at++)
                if (begins(at, id, n) && (at == name || !is_alphanumeric(at[-1])) &&
                    !is_alphanumeric(at[n]))
                        return true;
        return false;
}

enum vg_tenant_by vg_tenant_guess(const struct vg_identity *who, const char *const *known,
                                  size_t n_known, char ret_tenant[VG_TENANT_ID_MAX + 1])
{
        size_t longest = 0;

        for (enum vg_tenant_by by = VG_BY_METADATA; by < VG_BY_NAME; by++) {
                const char *hint = said(who, by);
                if (hint && vg_tenant_id_valid(hint)) {
                        memcpy(ret_tenant, hint, strlen(hint) + 1);
                        return by;
                }
        }
        for (size_t i = 0; i < n_known; i++) {
                const char *id = strncmp(known[i], "t-", 2) == 0 ? known[i] + 2 : known[i];
                if (strlen(id) <= longest || strlen(known[i]) > VG_TENANT_ID_MAX ||
                    !names(who->name, id))
                        continue;
                longest = strlen(id);
                memcpy(ret_tenant, known[i], strlen(known[i]) + 1);
        }
        return longest ? VG_BY_NAME : VG_BY_NOBODY;
}

int64_t vg_tenant_next_change(const struct vg_tenant_rules *rules, int64_t after_utc_s)
{
        int64_t next = INT64_MAX;

        for (size_t i = 0; i < rules->n_rows; i++)
                if (rules->rows[i].from_utc_s > after_utc_s && rules->rows[i].from_utc_s < next)
                        next = rules->rows[i].from_utc_s;
        return next;
}
