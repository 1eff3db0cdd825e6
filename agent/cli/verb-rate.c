/* SPDX-License-Identifier: Apache-2.0 */

/* contract rate: a usage CSV priced by a contract, without the agent: the same core, on files. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/contract-file.h"
#include "cli/rate-print.h"
#include "os/files.h"
#include "vigie/civil.h"

enum { BLOCK = 1 << 20 };

/* The whole CSV, block by block. */
static int feed(struct vg_rater *rater, const char *path, struct vg_err *err)
{
        const bool is_stdin = strcmp(path, "-") == 0;
        _cleanup_close_ int fd = is_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
        _cleanup_free_ char *block = malloc(BLOCK);

        if (!block)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (fd < 0)
                return vg_err_set(err, -errno, "%s", vg_errno_text(errno));
        for (;;) {
                ssize_t n = read(fd, block, BLOCK);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return vg_err_set(err, -errno, "%s", vg_errno_text(errno));
                int r = n ? vg_rater_feed(rater, block, (size_t)n, err) : 0;
                if (r < 0 || !n)
                        return r;
        }
}

/* An instant, or the beginning of a local day. */
static int parse_as_of(const struct vg_contract *contract, const char *text, int64_t *ret_s)
{
        struct vg_date date;

        if (vg_utc_parse(text, ret_s) == 0)
                return 0;
        if (vg_date_parse(text, &date) < 0)
                return -EINVAL;
        *ret_s = vg_zone_midnight(contract->zone, date);
        return 0;
}

static int answer(struct cli *cli, const struct vg_rater *rater,
                  const struct vg_rate_result *result)
{
        int r = cli->json ? rate_print_json(cli, rater, result, cli_option(cli, "local-days"))
                          : rate_print(cli, result);

        if (result->rows_later)
                cli_progress(cli,
                             N_("%llu lignes, d'intervalles qui finissent après l'instant "
                                "demandé, n'ont pas été regardées."),
                             (unsigned long long)result->rows_later);
        if (r != CLI_FINE)
                return r;
        return result->n_refused || result->n_gaps ? CLI_FOUND : CLI_FINE;
}

int verb_contract_rate(struct cli *cli)
{
        const char *usage = cli_option(cli, "usage"), *as_of = cli_option(cli, "as-of");
        const char *path = cli_option(cli, "contract");
        _cleanup_(contract_file_done) struct contract_file file = { 0 };
        _cleanup_(vg_rater_freep) struct vg_rater *rater = NULL;
        const struct vg_rate_result *result;
        struct vg_err err = { 0 };
        int64_t as_of_s;

        if (!path || !usage || !as_of)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--contract, --usage et --as-of sont nécessaires");
        int r = contract_file_read(cli, path, &file);
        if (r != CLI_FINE)
                return r;
        if (parse_as_of(file.contract, as_of, &as_of_s) < 0)
                return cli_failf(cli, CLI_USAGE, "usage",
                                 "--as-of : un instant UTC (2027-10-03T04:00:00Z) ou un jour "
                                 "(2027-10-03)");
        r = vg_rater_new(file.contract, as_of_s, &rater, &err);
        if (r == 0)
                r = feed(rater, usage, &err);
        if (r == 0)
                r = vg_rater_finish(rater, &result, &err);
        if (r < 0) {
                const struct cli_error error = {
                        .code = "usage-file",
                        .path = usage,
                        .line = (int)vg_rater_line(rater),
                        .message = vg_err_text(&err),
                };
                return cli_fail_all(cli, CLI_REFUSED, &error, 1);
        }
        return answer(cli, rater, result);
}
