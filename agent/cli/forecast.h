/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* forecast: the store's forecast as people read it, for `vigie forecast` and for the line of
 * `vigie status`. */

#include "cli/view.h"

/* As of now. 0 or -errno; the view has a contract. store_forecast_done() after use. */
int cli_forecast_read(const struct cli_view *view, struct store_forecast *ret_forecast,
                      struct vg_err *err);
/* "épuisement le 2027-11-03 (entre le … et le …, à 80 %)", or why nothing is told. */
char *cli_forecast_sentence(const struct cli *cli, const struct cli_view *view,
                            const struct store_forecast *forecast, char *buf, size_t size);
/* The early date of the interval comes before the end. */
bool cli_forecast_warns(const struct cli_view *view, const struct store_forecast *forecast);
void cli_forecast_write_json(const struct cli_view *view, const struct store_forecast *forecast,
                             const char *key, struct vg_json *j);
