/* SPDX-License-Identifier: Apache-2.0 */

/* Observed components against the example contract: foreign, too many, missing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract-data.h"
#include "vigie/inventory.h"
#include "vigie/text.h"

static const char maker[] = "Exemple Serveurs";

static int note(void *user, const struct vg_mismatched *found)
{
        static const char *const words[] = { "foreign", "too many", "missing" };

        vg_buf_printf(user, "%s %s %s", words[found->what],
                      found->component ? found->component->ref : "",
                      found->serial ? found->serial : "");
        if (found->what == VG_MISMATCH_TOO_MANY)
                vg_buf_printf(user, "%lld/%lld", (long long)found->count, (long long)found->max);
        vg_buf_puts(user, "; ");
        return 0;
}

static void test_rows(_unused_ void **state)
{
        static const struct {
                const char *name;
                struct vg_observed list[3];
                size_t n;
                const char *site;
                bool complete;
                const char *at, *want;
        } rows[] = {
                { "as qualified",
                  { { VG_KIND_SERVER, maker, "N2-64", "", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "" },
                { "written otherwise",
                  { { VG_KIND_SERVER, "EXEMPLE SERVEURS, INC.", "n2 64", "", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "" },
                { "by part number, whatever the model says",
                  { { VG_KIND_SERVER, "", "System", " es-n2-64 ", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "" },
                { "another model",
                  { { VG_KIND_SERVER, maker, "N2-640", "", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "foreign  S1; " },
                { "another maker, of a name that begins alike",
                  { { VG_KIND_SERVER, "Exemple Serveursson", "N2-64", "", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "foreign  S1; " },
                { "a switch is no server",
                  { { VG_KIND_NETWORK, maker, "N2-64", "", "S1" } },
                  1,
                  NULL,
                  false,
                  "2027-02-01",
                  "foreign  S1; " },
                { "told nothing: unknown, not foreign",
                  { { VG_KIND_SERVER, "", "", "", "S1" }, { VG_KIND_SERVER, "x", "-", "", "S2" } },
                  2,
                  NULL,
                  true,
                  "2027-02-01",
                  "" },
                { "two where one is qualified",
                  { { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "A" },
                    { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "B" },
                    { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "C" } },
                  3,
                  NULL,
                  false,
                  "2027-02-01",
                  "too many IL-BAIE-1 3/2; " },
                { "one told by two sources",
                  { { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "A" },
                    { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "B" },
                    { VG_KIND_STORAGE, "Exemple Stockage", "B1", "", "b " } },
                  3,
                  NULL,
                  false,
                  "2027-02-01",
                  "" },
                { "delivered and not seen",
                  { { 0 } },
                  0,
                  NULL,
                  true,
                  "2027-09-20",
                  "missing IL-NOEUD-2 ESN264-00417; " },
                { "not yet in service", { { 0 } }, 0, NULL, true, "2027-09-19", "" },
                { "seen",
                  { { VG_KIND_SERVER, maker, "N2-64", "", "esn264-00417" } },
                  1,
                  "CT-RIM",
                  true,
                  "2027-09-20",
                  "" },
                { "not all was read", { { 0 } }, 0, NULL, false, "2027-09-20", "" },
                { "at the other site", { { 0 } }, 0, "CT-SI", true, "2027-09-20", "" },
        };
        _cleanup_(vg_contract_freep) struct vg_contract *c = load_example(NULL);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct vg_inventory inventory = { rows[i].list, rows[i].n, rows[i].site,
                                                        rows[i].complete };
                struct vg_buf buf = { 0 };
                struct vg_date day;

                assert_int_equal(vg_date_parse(rows[i].at, &day), 0);
                assert_int_equal(vg_inventory_compare(c, &inventory, vg_zone_midnight(c->zone, day),
                                                      note, &buf),
                                 0);
                if (strcmp(buf.data ? buf.data : "", rows[i].want) != 0)
                        fail_msg("%s: %s", rows[i].name, buf.data ? buf.data : "nothing");
                vg_buf_done(&buf);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
