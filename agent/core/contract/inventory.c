/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/inventory.h"

#include <assert.h>
#include <string.h>

/* ---- names as makers write them ---- */

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (unsigned char)c >= 0x80;
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char *skip(const char *text)
{
        while (*text && !is_letter(*text))
                text++;
        return text;
}

/* How far both say the same, in letters and digits alone. */
static void walk(const char **a, const char **b)
{
        *a = skip(*a);
        *b = skip(*b);
        while (**a && lower(**a) == lower(**b)) {
                *a = skip(*a + 1);
                *b = skip(*b + 1);
        }
}

static bool is_same(const char *a, const char *b)
{
        walk(&a, &b);
        return !*a && !*b;
}

/* One begins with the other, at the end of a word: "Dell", "Dell Inc.". */
static bool is_same_maker(const char *a, const char *b)
{
        const char *first = a, *second = b;

        walk(&a, &b);
        if (*a && *b)
                return false;
        const char *rest = *a ? a : b, *whole = *a ? first : second;
        return !*rest || (rest > whole && !is_letter(rest[-1]));
}

static bool is_told(const char *text)
{
        return text && *skip(text);
}

const struct vg_qualified *vg_qualified_of(const struct vg_contract *contract,
                                           const struct vg_observed *observed, bool *ret_unknown)
{
        const bool has_part = is_told(observed->part_number),
                   has_model = is_told(observed->model) && is_told(observed->manufacturer);

        if (ret_unknown)
                *ret_unknown = !has_part && !has_model;
        for (size_t i = 0; i < contract->n_components; i++) {
                const struct vg_qualified *c = &contract->components[i];
                if (c->kind == observed->kind && has_part && is_told(c->part_number) &&
                    is_same(c->part_number, observed->part_number))
                        return c;
        }
        for (size_t i = 0; i < contract->n_components; i++) {
                const struct vg_qualified *c = &contract->components[i];
                if (c->kind == observed->kind && has_model && is_same(c->model, observed->model) &&
                    is_same_maker(c->manufacturer, observed->manufacturer))
                        return c;
        }
        return NULL;
}

/* ---- the comparison ---- */

static bool told_before(const struct vg_inventory *inventory, size_t at)
{
        const char *serial = inventory->list[at].serial;

        for (size_t i = 0; i < at && is_told(serial); i++)
                if (is_told(inventory->list[i].serial) &&
                    is_same(inventory->list[i].serial, serial))
                        return true;
        return false;
}

static int compare_foreign(const struct vg_contract *c, const struct vg_inventory *inventory,
                           vg_mismatch_fn *fn, void *user)
{
        int r = 0;

        for (size_t i = 0; i < inventory->n && r >= 0; i++) {
                const struct vg_observed *o = &inventory->list[i];
                bool unknown = false;
                if (!told_before(inventory, i) && !vg_qualified_of(c, o, &unknown) && !unknown)
                        r = fn(user, &(struct vg_mismatched){ .what = VG_MISMATCH_FOREIGN,
                                                              .observed = o,
                                                              .serial = o->serial });
        }
        return r;
}

static int compare_counts(const struct vg_contract *c, const struct vg_inventory *inventory,
                          vg_mismatch_fn *fn, void *user)
{
        int r = 0;

        for (size_t k = 0; k < c->n_components && r >= 0; k++) {
                struct vg_mismatched found = { .what = VG_MISMATCH_TOO_MANY,
                                               .component = &c->components[k],
                                               .max = c->components[k].max_quantity };
                for (size_t i = 0; i < inventory->n; i++)
                        found.count +=
                                !told_before(inventory, i) &&
                                vg_qualified_of(c, &inventory->list[i], NULL) == found.component;
                if (found.max && found.count > found.max)
                        r = fn(user, &found);
        }
        return r;
}

bool vg_order_is_in_service(const struct vg_contract *contract, const struct vg_order *order,
                            int64_t now_s)
{
        const struct vg_date today = vg_zone_date(contract->zone, now_s);

        return vg_date_compare(order->in_service_on, today) <= 0 &&
               (!order->has_end || vg_date_compare(order->out_of_service_on, today) >= 0);
}

static bool delivered(const struct vg_order *order, const char *serial)
{
        for (size_t i = 0; i < order->n_serials; i++)
                if (is_same(order->serials[i], serial))
                        return true;
        return false;
}

bool vg_order_is_over(const struct vg_contract *contract, const char *serial, int64_t now_s)
{
        const struct vg_date today = vg_zone_date(contract->zone, now_s);
        bool any = false;

        for (size_t i = 0; i < contract->n_orders && is_told(serial); i++) {
                const struct vg_order *order = &contract->orders[i];
                if (!delivered(order, serial))
                        continue;
                if (!order->has_end || vg_date_compare(order->out_of_service_on, today) >= 0)
                        return false;
                any = true;
        }
        return any;
}

static bool is_seen(const struct vg_inventory *inventory, const char *serial)
{
        for (size_t i = 0; i < inventory->n; i++)
                if (is_told(inventory->list[i].serial) &&
                    is_same(inventory->list[i].serial, serial))
                        return true;
        return false;
}

/* At another site, or at one that the order does not say, nobody has looked. */
static bool is_here(const struct vg_inventory *inventory, const struct vg_order *order)
{
        return !inventory->site || (order->site && strcmp(order->site, inventory->site) == 0);
}

static int compare_orders(const struct vg_contract *c, const struct vg_inventory *inventory,
                          int64_t now_s, vg_mismatch_fn *fn, void *user)
{
        int r = 0;

        for (size_t i = 0; i < c->n_orders; i++) {
                const struct vg_order *order = &c->orders[i];
                const struct vg_price *price = vg_contract_price(c, order->sku);
                if (!vg_order_is_in_service(c, order, now_s) || !is_here(inventory, order))
                        continue;
                for (size_t k = 0; k < order->n_serials && r >= 0; k++)
                        if (!is_seen(inventory, order->serials[k]))
                                r = fn(user,
                                       &(struct vg_mismatched){
                                               .what = VG_MISMATCH_MISSING,
                                               .component = price ? vg_contract_component(
                                                                            c, price->component_ref)
                                                                  : NULL,
                                               .order = order,
                                               .serial = order->serials[k] });
        }
        return r;
}

int vg_inventory_compare(const struct vg_contract *contract, const struct vg_inventory *inventory,
                         int64_t now_s, vg_mismatch_fn *fn, void *user)
{
        assert(contract && inventory && fn);

        int r = compare_foreign(contract, inventory, fn, user);
        if (r >= 0)
                r = compare_counts(contract, inventory, fn, user);
        if (r >= 0 && inventory->is_complete)
                r = compare_orders(contract, inventory, now_s, fn, user);
        return r < 0 ? r : 0;
}
