/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* contract-page: a contract as a page that a contract manager can hold beside the signed paper. */

#include "cli/view.h"

/* view: contract, zone and now_s are looked at. CLI_FINE, or an exit code after having said why. */
int contract_page_print(struct cli *cli, const struct cli_view *view);

/* Its two halves: who, how long and how much; and the lists. */
int contract_page_terms(struct cli *cli, const struct cli_view *view);
int contract_page_lists(struct cli *cli, const struct cli_view *view);

/* "prise en charge en 1 h 00, réparation en 4 h 00, à toute heure". Returns buf. */
char *contract_page_level(const struct cli *cli, const struct vg_service_level *level, char *buf,
                          size_t size);

/* What was delivered, and when it is serviced: contract-agreed.c. */
int contract_page_orders(struct cli *cli, const struct cli_view *view);
int contract_page_components(struct cli *cli, const struct cli_view *view);
void contract_page_windows(struct cli_table *table, const char *label,
                           const struct vg_window *windows, size_t n);

/* A table of two columns, named values under a heading. */
struct cli_table *contract_page_part(struct cli *cli, const char *heading);
void contract_page_row(struct cli_table *table, const char *label, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* "50, 75, 90 et 100 %". Returns buf. */
char *contract_page_thresholds(const struct cli *cli, const int64_t *pct_micro, size_t n, char *buf,
                               size_t size);
/* A decimal with no more decimals than it has, and at least `least`. */
char *contract_page_decimal(const struct cli *cli, int64_t micro, unsigned least,
                            char buf[CLI_TEXT]);
