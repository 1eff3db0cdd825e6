/* SPDX-License-Identifier: Apache-2.0 */

/* act: the command asks, the keeper decides and records. */

#include <string.h>

#include "cli/cli.h"
#include "os/keeper.h"
#include "os/settings.h"

enum {
        ANSWER_TIMEOUT_S = 30, /* loading a contract re-rates months, and a disk may be slow */
        LONG_ANSWER_TIMEOUT_S = 3600, /* a whole ledger is gone through */
};

int cli_settings(struct cli *cli, const struct vg_settings **ret_settings)
{
        struct vg_err err = { 0 };

        if (!cli->settings) {
                _cleanup_free_ struct vg_settings *settings = calloc(1, sizeof(*settings));
                if (!settings)
                        return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
                int r = vg_settings_load(cli_option(cli, "config"), settings, &err);
                if (r < 0)
                        return cli_fail(cli, CLI_REFUSED, "settings", &err);
                cli->settings = TAKE_PTR(settings);
        }
        *ret_settings = cli->settings;
        return CLI_FINE;
}

static int refused(struct cli *cli, const json_t *answer, const struct vg_settings *settings)
{
        const char *code = "refused", *message = "";

        (void)vg_json_get_string(answer, "code", &code);
        (void)vg_json_get_string(answer, "message", &message);
        /* Said before the keeper knows who asks in which language: to whom it has nothing to say. */
        int64_t seq = 0;
        if (strcmp(code, "forbidden") == 0 && vg_json_get_int(answer, "seq", &seq) == 0 && !seq)
                return cli_failf(cli, CLI_REFUSED, code,
                                 "cet utilisateur n'a rien à dire au gardien : il faut être root "
                                 "ou membre du groupe « %s »",
                                 settings->admin_group);

        const struct cli_error error = { .code = code, .message = message };
        return cli_fail_all(cli, CLI_REFUSED, &error, 1);
}

static int ask(struct cli *cli, const struct vg_json *body, unsigned timeout_s, json_t **ret_result)
{
        _cleanup_(vg_json_decrefp) json_t *answer = NULL;
        _cleanup_free_ char *socket_path = NULL;
        const struct vg_settings *settings;
        struct vg_err err = { 0 };

        int r = cli_settings(cli, &settings);
        if (r != CLI_FINE)
                return r;
        socket_path = vg_settings_socket_path(settings);
        if (!socket_path || body->buf.failed)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        r = vg_keeper_call(socket_path, "cli", "act", body->buf.data, body->buf.n, timeout_s,
                           &answer, &err);
        if (r == -E2BIG)
                return cli_fail(cli, CLI_REFUSED, "too-long", &err);
        if (r < 0)
                return cli_fail(cli, CLI_UNREACHABLE, "unreachable", &err);
        if (!json_is_true(json_object_get(answer, "ok")))
                return refused(cli, answer, settings);
        if (ret_result)
                *ret_result = json_incref(json_object_get(answer, "result"));
        return CLI_FINE;
}

int cli_act(struct cli *cli, const struct vg_json *body, json_t **ret_result)
{
        return ask(cli, body, ANSWER_TIMEOUT_S, ret_result);
}

int cli_act_long(struct cli *cli, const struct vg_json *body, json_t **ret_result)
{
        return ask(cli, body, LONG_ANSWER_TIMEOUT_S, ret_result);
}

int cli_done(struct cli *cli, const char *sentence)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        if (!cli->json) {
                cli_printf(cli, CLI_GOOD, "%s\n", sentence);
                return CLI_FINE;
        }
        vg_json_object(&j, NULL);
        cli_json_bool(&j, "ok", true);
        vg_json_end_object(&j);
        return cli_json_print(cli, &j);
}
