/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/succession.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/contract/build.h"
#include "vigie/mem.h"

const char *vg_change_name(enum vg_change change)
{
        static const char *const names[] = {
                [VG_CHANGE_SIGNED] = "signed",
                [VG_CHANGE_ORDER] = "order",
                [VG_CHANGE_ADMINISTRATIVE] = "administrative",
                [VG_CHANGE_ONCE] = "once",
                [VG_CHANGE_LONGER] = "longer",
        };

        return names[change];
}

/* The one table. Guide, 4.5: only the broker changes conditions, by an amendment that both sign. */
static const struct vg_field fields[] = {
        { "alerts", VG_CHANGE_ADMINISTRATIVE },
        { "amendments", VG_CHANGE_ORDER }, /* what follows what was signed */
        { "amendments[]", VG_CHANGE_SIGNED },
        { "amendments[].broker_copy_sent_on", VG_CHANGE_ADMINISTRATIVE },
        { "amendments[].note_en", VG_CHANGE_ONCE },
        { "amendments[].note_fr", VG_CHANGE_ONCE },
        { "identifiers", VG_CHANGE_SIGNED },
        { "identifiers.improves_contract_id", VG_CHANGE_ONCE },
        { "identifiers.legal_basis", VG_CHANGE_ADMINISTRATIVE },
        { "identifiers.previous_contract_id", VG_CHANGE_ADMINISTRATIVE },
        { "identifiers.seao_notice", VG_CHANGE_ADMINISTRATIVE },
        { "identifiers.successor_contract_id", VG_CHANGE_ADMINISTRATIVE },
        { "metering", VG_CHANGE_SIGNED },
        { "metering.heartbeat", VG_CHANGE_ADMINISTRATIVE },
        { "minimum_commitments", VG_CHANGE_SIGNED },
        { "money", VG_CHANGE_SIGNED },
        { "orders", VG_CHANGE_ORDER },
        { "orders[]", VG_CHANGE_SIGNED },
        { "orders[].out_of_service_on", VG_CHANGE_ORDER },
        { "orders[].reference", VG_CHANGE_ADMINISTRATIVE },
        { "orders[].serials", VG_CHANGE_ADMINISTRATIVE },
        { "orders[].site", VG_CHANGE_ADMINISTRATIVE },
        { "parties", VG_CHANGE_SIGNED },
        { "parties.broker", VG_CHANGE_ADMINISTRATIVE },
        { "parties.client.email", VG_CHANGE_ADMINISTRATIVE },
        { "parties.client.rcti_subject", VG_CHANGE_ADMINISTRATIVE },
        { "parties.client.verify_key", VG_CHANGE_ADMINISTRATIVE },
        { "parties.supplier.email", VG_CHANGE_ADMINISTRATIVE },
        { "parties.supplier.verify_key", VG_CHANGE_ADMINISTRATIVE },
        { "price_list", VG_CHANGE_SIGNED },
        { "qualified_components", VG_CHANGE_SIGNED },
        { "qualified_components[].withdrawn_on", VG_CHANGE_ADMINISTRATIVE },
        { "quotas", VG_CHANGE_ORDER }, /* of a tenant that came later */
        { "quotas[]", VG_CHANGE_SIGNED },
        { "quotas[].thresholds_pct", VG_CHANGE_ADMINISTRATIVE },
        { "recipients", VG_CHANGE_ADMINISTRATIVE },
        { "recurring", VG_CHANGE_ORDER },
        { "recurring[]", VG_CHANGE_SIGNED },
        { "recurring[].to_date", VG_CHANGE_ORDER },
        { "reporting_appliance", VG_CHANGE_ADMINISTRATIVE },
        { "retention.years_after_end", VG_CHANGE_LONGER },
        { "revision", VG_CHANGE_ADMINISTRATIVE },
        { "schema", VG_CHANGE_ADMINISTRATIVE },
        { "security_compliance", VG_CHANGE_ADMINISTRATIVE },
        { "service_levels", VG_CHANGE_ONCE },
        { "solution", VG_CHANGE_SIGNED },
        { "solution.sites", VG_CHANGE_ADMINISTRATIVE },
        { "tenants", VG_CHANGE_ADMINISTRATIVE },
        { "term", VG_CHANGE_SIGNED },
        { "term.exit_transition", VG_CHANGE_ADMINISTRATIVE },
        { "term.renewals[].exercised_on", VG_CHANGE_ONCE },
        { "termination", VG_CHANGE_ONCE },
        { "termination.broker_copy_sent_on", VG_CHANGE_ADMINISTRATIVE },
        { "termination.note_en", VG_CHANGE_ONCE },
        { "termination.note_fr", VG_CHANGE_ONCE },
};

const struct vg_field *vg_fields(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(fields);
        return fields;
}

/* ---- walking both files together ---- */

enum { PATH_SIZE = 160 };

struct place {
        char rule[PATH_SIZE]; /* "orders[].serials" */
        char here[PATH_SIZE]; /* "orders[2].serials", in the new file */
        enum vg_change change;
};

static const struct vg_field *find_field(const char *path)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                if (strcmp(fields[i].path, path) == 0)
                        return &fields[i];
        return NULL;
}

/* A row of a list that grows is signed, unless the table says more of it. */
static struct place step(const struct place *p, const char *rule, const char *here)
{
        struct place next = { .change = p->change };

        snprintf(next.rule, sizeof(next.rule), "%s%s", p->rule, rule);
        snprintf(next.here, sizeof(next.here), "%s%s", p->here, here);

        const struct vg_field *field = find_field(next.rule);
        if (field)
                next.change = field->change;
        return next;
}

static struct place step_member(const struct place *p, const char *key)
{
        char text[PATH_SIZE];

        snprintf(text, sizeof(text), "%s%s", *p->rule ? "." : "", key);
        return step(p, text, text);
}

static struct place step_row(const struct place *p, size_t at)
{
        char text[32];

        snprintf(text, sizeof(text), "[%zu]", at);
        return step(p, "[]", text);
}

static bool is_said(const json_t *value)
{
        return value && !json_is_null(value);
}

static void refuse(struct report *report, const struct place *p)
{
        const bool is_amendment = strncmp(p->rule, "amendments", strlen("amendments")) == 0;

        report_member(report,
                      is_amendment ? VG_REFUSAL_AMENDMENT_EDITED : VG_REFUSAL_CHANGED_UNSIGNED,
                      p->here, NULL, NULL, "%s", p->here);
}

static void compare(struct report *report, const struct place *p, const json_t *old,
                    const json_t *new);

static void compare_objects(struct report *report, const struct place *p, const json_t *old,
                            const json_t *new)
{
        const char *key;
        json_t *value;

        json_object_foreach ((json_t *)old, key, value) {
                const struct place next = step_member(p, key);
                compare(report, &next, value, json_object_get(new, key));
        }
        json_object_foreach ((json_t *)new, key, value) {
                const struct place next = step_member(p, key);
                if (!json_object_get(old, key))
                        compare(report, &next, NULL, value);
        }
}

static const char *key_of(const json_t *row)
{
        static const char *const keys[] = { "id", "sku", "ref" };
        const char *found = NULL;

        for (size_t i = 0; i < ELEMENTSOF(keys) && !found; i++)
                found = build_text(row, keys[i]);
        return found;
}

/* The place of a row at or after `from`; the list's size where there is none. */
static size_t find_row(const json_t *list, const char *key, size_t from)
{
        while (from < json_array_size(list) && strcmp(key_of(json_array_get(list, from)), key) != 0)
                from++;
        return from;
}

/* A list that does not grow has nothing between two rows of the old one. */
static void refuse_added(struct report *report, const struct place *p, size_t from, size_t until)
{
        for (size_t i = from; i < until && p->change != VG_CHANGE_ORDER; i++) {
                const struct place next = step_row(p, i);
                refuse(report, &next);
        }
}

/* Rows by their key, in their order, so that two long lists are gone through once. */
static void compare_lists(struct report *report, const struct place *p, const json_t *old,
                          const json_t *new)
{
        size_t from = 0, n_gone = 0;

        for (size_t i = 0; i < json_array_size(old) && n_gone < VG_REFUSALS_MAX; i++) {
                const json_t *row = json_array_get(old, i);
                const size_t at = find_row(new, key_of(row), from);
                const struct place next = step_row(p, at);
                if (at == json_array_size(new)) {
                        report_member(report, VG_REFUSAL_ROW_WITHDRAWN, key_of(row), p->here, NULL,
                                      "%s", p->here);
                        n_gone++;
                        continue;
                }
                refuse_added(report, p, from, at);
                compare(report, &next, row, json_array_get(new, at));
                from = at + 1;
        }
        if (!n_gone)
                refuse_added(report, p, from, json_array_size(new));
}

static bool has_keys(const json_t *list)
{
        return json_is_array(list) && json_array_size(list) && key_of(json_array_get(list, 0));
}

static void compare(struct report *report, const struct place *p, const json_t *old,
                    const json_t *new)
{
        const bool is_list = has_keys(old) || has_keys(new);

        if (p->change == VG_CHANGE_ADMINISTRATIVE || (!is_said(old) && !is_said(new)) ||
            (old && new &&json_equal(old, new)))
                return;
        if (p->change == VG_CHANGE_ONCE && !is_said(old))
                return;
        if (json_is_object(old) && json_is_object(new)) {
                compare_objects(report, p, old, new);
        } else if (is_list && (!is_said(old) || json_is_array(old)) &&
                   (!is_said(new) || json_is_array(new))) {
                compare_lists(report, p, old, new);
        } else if (p->change == VG_CHANGE_LONGER) {
                if (json_integer_value(new) < json_integer_value(old))
                        report_member(report, VG_REFUSAL_RETENTION_SHORTER, NULL, NULL, NULL, "%s",
                                      p->here);
        } else if (p->change != VG_CHANGE_ORDER || json_is_array(old)) {
                refuse(report, p);
        }
}

/* Rows of a tenant that is gone would join those of nobody: lines of months that are closed, and the
 * cents that they were rounded to. So a tenant stays, under whatever name. */
static void keep_tenants(struct report *report, const struct vg_contract *old,
                         const struct vg_contract *new)
{
        for (size_t i = 0; i < old->n_tenants; i++)
                if (!vg_contract_tenant(new, old->tenants[i].id))
                        report_member(report, VG_REFUSAL_TENANT_WITHDRAWN, old->tenants[i].id, NULL,
                                      NULL, "tenants");
}

int vg_contract_succeeds(const struct vg_contract *old, const struct vg_contract *new,
                         const char *bytes, size_t n, struct vg_refusals *refusals)
{
        struct report report = { .bytes = bytes, .n = n, .refusals = refusals };
        const struct place top = { .change = VG_CHANGE_SIGNED };

        assert(refusals->n == 0);
        compare_objects(&report, &top, old->index->tree, new->index->tree);
        keep_tenants(&report, old, new);
        if (report.no_memory)
                return -ENOMEM;
        report_sort(refusals);
        return refusals->n ? VG_CONTRACT_REFUSED : 0;
}
