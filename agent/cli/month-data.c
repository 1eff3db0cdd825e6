/* SPDX-License-Identifier: Apache-2.0 */

/* A statement for programs: CSV, and the JSON object as it was recorded with what proves it. */

#include <string.h>

#include "cli/csv.h"
#include "cli/month.h"
#include "vigie/civil.h"

static void put_row(const struct cli *cli, const struct month *m, const struct month_line *line,
                    struct vg_buf *text)
{
        char month[16], number[64];
        const char *const texts[] = { line->kind,
                                      line->tenant,
                                      month_tenant(cli, m, line->tenant),
                                      line->sku,
                                      *line->sku ? month_sku(cli, m, line->sku) : "",
                                      line->ref };

        vg_buf_printf(text, "%s,%d,%s,%d,", vg_month_format(m->month, month), m->is_closed,
                      line->period, line->is_correction);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                csv_text(text, texts[i]);
                csv_comma(text);
        }
        if (line->has_price) /* else four empty cells: nothing is known of them */
                vg_buf_printf(text, "%s,%s,%s,%lld,",
                              vg_decimal_format(line->quantity_micro, 6, number, sizeof(number)),
                              line->unit, line->price, (long long)line->per);
        else
                vg_buf_puts(text, ",,,,");
        vg_buf_printf(text, "%s,%s", line->exact,
                      vg_decimal_format(line->cents, 2, number, sizeof(number)));
        csv_end(text);
}

void month_csv(const struct cli *cli, const struct month *m, struct vg_buf *text)
{
        vg_buf_puts(text, "month,closed,period,correction,kind,tenant,tenant_name,sku,sku_name,ref,"
                          "quantity,unit,price,per,exact_cad,amount_cad\r\n");
        for (size_t i = 0; i < m->n_lines; i++)
                put_row(cli, m, &m->lines[i], text);
}

/* The recorded members, and "checkpoint", "closed", "entry" and "leaf" (null while it is open). */
int month_json(struct cli *cli, const struct month *m, struct vg_buf *text)
{
        _cleanup_(vg_json_decrefp) json_t *tree = json_copy(m->body);
        _cleanup_free_ char *dump = NULL;

        if (!tree)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        json_object_set_new(tree, "checkpoint", m->note ? json_string(m->note) : json_null());
        json_object_set_new(tree, "closed", json_boolean(m->is_closed));
        json_object_set_new(tree, "entry",
                            m->is_closed ? json_integer((json_int_t)m->entry) : json_null());
        json_object_set_new(tree, "leaf", m->is_closed ? json_string(m->leaf) : json_null());
        dump = json_dumps(tree, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
        if (!dump)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        vg_buf_puts(text, dump);
        vg_buf_puts(text, "\n");
        return CLI_FINE;
}
