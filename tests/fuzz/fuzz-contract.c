/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a contract: accepted or refused with places and sentences, and never both. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/contract.h"
#include "vigie/mem.h"
#include "vigie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A zone that changes its clock: version 2, EST5EDT by its footer, no transition written out. */
static const char tzif[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\1\0\0\0\4\0\0\0\0\0\0EST\0"
                           "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\1\0\0\0\4\xff\xff\xb9\xb0\0\0EST\0"
                           "\nEST5EDT,M3.2.0,M11.1.0\n";

static void expect(bool is_so)
{
        if (!is_so)
                abort();
}

static int zone(const char *name, struct vg_zone **ret_zone, struct vg_err *err)
{
        expect(strncmp(name, "America/", 8) == 0);
        return vg_zone_parse(tzif, sizeof(tzif) - 1, ret_zone, err);
}

static void look_at_refusals(const struct vg_refusals *refusals, const char *bytes, size_t n)
{
        char text[VG_REFUSAL_TEXT];
        int lines = 1;

        for (size_t i = 0; i < n; i++)
                lines += bytes[i] == '\n';
        expect(refusals->n > 0 && refusals->n <= VG_REFUSALS_MAX);
        for (size_t i = 0; i < refusals->n; i++) {
                const struct vg_refusal *one = &refusals->list[i];
                expect(one->line >= 0 && one->line <= lines);
                for (int french = 0; french < 2; french++) {
                        vg_refusal_text(one, french, text, sizeof(text));
                        expect(vg_utf8_valid(text, strlen(text), NULL));
                }
                expect(vg_utf8_valid(one->path, strlen(one->path), NULL));
                if (i > 0)
                        expect(strcmp(vg_refusal_code(one), vg_refusal_code(one - 1)) >= 0);
        }
}

static void look_at_contract(const struct vg_contract *c)
{
        const struct vg_dated *end = vg_contract_end_at(c, c->start_s);

        expect(c->start_s < c->end_s && end->value > c->start_s);
        expect(vg_contract_amount_at(c, INT64_MIN) > 0 && vg_contract_amount_at(c, INT64_MAX) > 0);
        for (size_t i = 0; i < c->n_prices; i++) {
                const struct vg_price *price = &c->prices[i];
                expect(vg_contract_price(c, price->sku) == price);
                expect(price->charge == VG_CHARGE_RECURRING ||
                       vg_contract_price_of(c, price->resource) == price);
                for (size_t k = 1; k < price->n_segments; k++)
                        expect(price->segments[k].from_s >= price->segments[k - 1].from_s);
        }
        for (size_t i = 1; i < c->n_ends; i++)
                expect(c->ends[i].from_s >= c->ends[i - 1].from_s || i == 1);
        for (size_t i = 0; i < c->n_recurring; i++)
                expect(vg_contract_price(c, c->recurring[i].sku));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_(vg_contract_freep) struct vg_contract *contract = NULL;
        const char *bytes = (const char *)data;

        int r = vg_contract_parse(bytes, size, zone, &contract, &refusals, NULL);
        expect(r == 0 || r == VG_CONTRACT_REFUSED);
        expect((r == 0) == !!contract);
        if (r == 0)
                look_at_contract(contract);
        else
                look_at_refusals(&refusals, bytes, size);
        return 0;
}
