/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* month-html: the later parts of a printed statement. */

#include "cli/html.h"
#include "cli/month.h"

/* Its name, and its ID where that is another. */
void month_html_tenant(const struct cli *cli, const struct month *m, const char *id,
                       struct html *h);
void month_html_tenants(const struct cli *cli, const struct month *month, struct html *html);
void month_html_gaps(const struct cli *cli, const struct month *month, struct html *html);
void month_html_absent(const struct cli *cli, const struct month *month, struct html *html);
void month_html_quotas(const struct cli *cli, const struct cli_view *view,
                       const struct month *month, struct html *html);
void month_html_proof(const struct cli *cli, const struct month *month, struct html *html);
