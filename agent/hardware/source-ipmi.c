/* SPDX-License-Identifier: Apache-2.0 */

/* ipmi: sensors and event log of the BMC. Over the network with FreeIPMI's tools; in band with
 * ipmitool, for FreeIPMI's refuse to serve in band anyone but root, and we are not root. The log is
 * read again only when its header says that it changed. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hardware/hardware.h"
#include "hardware/parse.h"
#include "hardware/runner.h"
#include "os/lang.h"
#include "os/settings.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { PATIENT_S = 24, DOUBT_S = 6 };
enum { OUT_MAX = 4 << 20, PATIENCE_S = 180, ARGS_MAX = 20 };

/* What is asked, in this order. The header of the log comes first, for it is short: a slow BMC has
 * PATIENT_S for it, one that is doubted DOUBT_S. Half-way between two looks it alone is asked for, and
 * beside a step that takes long, so that a BMC that hangs is found out in time. */
static const struct {
        const char *path;
        unsigned deadline_s;
        const char *lan[6], *in_band[4];
} steps[] = {
        { "",
          PATIENT_S,
          { "ipmi-sel", "--info", "--retransmission-timeout=1000" },
          { "ipmitool", "sel", "info" } },
        { "ipmi/sensors.txt",
          60,
          { "ipmi-sensors", "--output-sensor-state", "--quiet-cache", "--sdr-cache-recreate" },
          { "ipmitool", "sdr", "elist", "all" } },
        { "ipmi/sel.txt",
          120,
          /* verbose: else an event that ended reads like one that began */
          { "ipmi-sel", "--verbose", "--output-event-state", "--quiet-cache",
            "--sdr-cache-recreate" },
          { "ipmitool", "sel", "elist" } },
};
enum { STEP_INFO, STEP_SENSORS, STEP_LOG };

/* Keys of what runs. */
static const char LOOK[] = "ipmi", KNOCK[] = "ipmi-knock";

struct ipmi {
        struct source *source;
        size_t step, n_read;
        size_t doubted; /* the step that failed, while the header is asked for again; 0: none */
        bool skips_log; /* not changed, or not there */
        bool is_knock, has_knocked;
        char timeout[40]; /* argument: of FreeIPMI's session */
        char *info;       /* the log's header when it was last read */
        char *secret;     /* FreeIPMI's configuration: who asks; NULL: in band */
        char *cache;      /* argument that says where the descriptions of sensors are kept */
        char why[200];
};

static void run_step(struct ipmi *ipmi);

static uint32_t interval_s(const struct vg_settings *settings)
{
        const uint32_t look_s = settings->hardware_ipmi_interval_s;

        return look_s > 1 ? look_s / 2 : look_s;
}

static void next(struct ipmi *ipmi)
{
        const size_t n = ipmi->skips_log ? STEP_LOG : ELEMENTSOF(steps);

        if (++ipmi->step < n)
                run_step(ipmi);
        else
                source_end(ipmi->source, ipmi->n_read ? 0 : -EIO, ipmi->why);
}

/* Why the tool failed; NULL: it did not. */
static const char *why_of(const struct run_answer *answer)
{
        if (answer->r == 0 && answer->status == 0)
                return NULL;
        if (answer->r == -ETIMEDOUT)
                return _("le BMC ne répond pas à temps");
        return answer->r == 0 && *answer->said ? answer->said : _("le BMC ne répond pas");
}

/* A tool that failed: the BMC said nothing to it, so neither refused it nor lacked a device. */
static bool is_unanswered(const struct ipmi *ipmi, const struct run_answer *answer)
{
        if (answer->r < 0)
                return answer->r == -ETIMEDOUT;
        return ipmi->secret ? strstr(answer->said, "timeout") != NULL
                            : *answer->said && !strstr(answer->said, "Could not open device");
}

/* The step that failed is left as it is, where the BMC was only asked whether it is still there. */
static void go_on(struct ipmi *ipmi)
{
        if (ipmi->doubted)
                ipmi->step = ipmi->doubted;
        ipmi->doubted = 0;
        next(ipmi);
}

static void take_no_header(struct ipmi *ipmi, const struct run_answer *answer)
{
        snprintf(ipmi->why, sizeof(ipmi->why), "%s", why_of(answer));
        if (is_unanswered(ipmi, answer)) { /* nor will it answer the rest */
                source_end(ipmi->source, -ETIMEDOUT, ipmi->why);
                return;
        }
        if (!ipmi->doubted) {
                source_unread(ipmi->source, steps[STEP_INFO].in_band[1], ipmi->why);
                ipmi->skips_log = true;
        }
        go_on(ipmi);
}

static void take_header(struct ipmi *ipmi, const struct run_answer *answer)
{
        ipmi->n_read++;
        if (!ipmi->doubted) {
                ipmi->skips_log = ipmi->info && strcmp(ipmi->info, answer->out) == 0;
                free(ipmi->info);
                ipmi->info = strdup(answer->out);
                ipmi->is_knock &= ipmi->skips_log;
        }
        if (ipmi->is_knock)
                source_end(ipmi->source, SOURCE_AS_BEFORE, "");
        else
                go_on(ipmi);
}

/* Sensors, log. A tool that fails half-way has written what it had. */
static void take(struct ipmi *ipmi, const struct run_answer *answer)
{
        const char *path = steps[ipmi->step].path, *why = why_of(answer);

        if (answer->r == 0 && answer->n) {
                ipmi->n_read++;
                if (documents_put(&ipmi->source->documents, path, answer->out, answer->n) < 0)
                        source_unread(ipmi->source, path, _("réponse démesurée"));
        }
        if (!why) {
                next(ipmi);
                return;
        }
        snprintf(ipmi->why, sizeof(ipmi->why), "%s", why);
        source_unread(ipmi->source, steps[ipmi->step].in_band[1], why);
        ipmi->doubted = ipmi->step; /* is it still there? */
        ipmi->step = STEP_INFO;
        run_step(ipmi);
}

static void on_answer(void *user, const struct run_answer *answer)
{
        struct ipmi *ipmi = user;

        runner_stop(ipmi->source->hardware->runner, KNOCK);
        if (ipmi->step != STEP_INFO)
                take(ipmi, answer);
        else if (why_of(answer) && !answer->n)
                take_no_header(ipmi, answer);
        else
                take_header(ipmi, answer);
}

static void on_knock(void *user, const struct run_answer *answer)
{
        struct ipmi *ipmi = user;

        if (!why_of(answer) || !is_unanswered(ipmi, answer))
                return; /* it is there, and takes long for that step */
        runner_stop(ipmi->source->hardware->runner, LOOK);
        source_end(ipmi->source, -ETIMEDOUT, why_of(answer));
}

static void fill_lan(struct ipmi *ipmi, size_t step, unsigned deadline_s, const char **argv)
{
        size_t n = 0;

        for (; steps[step].lan[n]; n++)
                argv[n] = steps[step].lan[n];
        argv[n++] = "-h";
        argv[n++] = ipmi->source->hardware->settings->hardware_ipmi_address;
        argv[n++] = "--config-file=/proc/self/fd/3";
        argv[n++] = "--driver-type=LAN_2_0";
        if (ipmi->cache)
                argv[n++] = ipmi->cache;
        if (step == STEP_INFO) { /* it ends by itself, and says why */
                snprintf(ipmi->timeout, sizeof(ipmi->timeout), "--session-timeout=%u",
                         (deadline_s - 1) * 1000);
                argv[n++] = ipmi->timeout;
        }
        argv[n] = NULL;
}

static int ask(struct ipmi *ipmi, const char *key, size_t step, unsigned deadline_s,
               run_done_fn *done, struct vg_err *err)
{
        const char *argv[ARGS_MAX] = { NULL };

        if (ipmi->secret)
                fill_lan(ipmi, step, deadline_s, argv);
        else
                memcpy(argv, steps[step].in_band, sizeof(steps[step].in_band));

        const struct run_request request = {
                .key = key,
                .argv = argv,
                .secret = ipmi->secret,
                .deadline_s = deadline_s,
                .out_max = OUT_MAX,
                .done = done,
                .user = ipmi,
        };
        return runner_start(ipmi->source->hardware->runner, &request, err);
}

static void run_step(struct ipmi *ipmi)
{
        const bool in_doubt = ipmi->source->is_again || ipmi->doubted;
        struct vg_err err = { 0 };
        int r = ask(ipmi, LOOK, ipmi->step,
                    ipmi->step == STEP_INFO && in_doubt ? DOUBT_S : steps[ipmi->step].deadline_s,
                    on_answer, &err);

        if (r < 0) /* busy: the one before was not answered, and does not die */
                source_end(ipmi->source, r == -EBUSY ? -ETIMEDOUT : r, vg_err_text(&err));
}

/* No more often than one after another: the one before may still be waiting. */
static void knock(struct source *source)
{
        struct ipmi *ipmi = source->state;
        struct vg_err err = { 0 };

        if (ipmi->step != STEP_INFO)
                ask(ipmi, KNOCK, STEP_INFO, PATIENT_S, on_knock, &err);
}

static void look(struct source *source)
{
        struct ipmi *ipmi = source->state;
        const struct vg_settings *settings = source->hardware->settings;
        const bool is_half = interval_s(settings) < settings->hardware_ipmi_interval_s;

        ipmi->is_knock = is_half && ipmi->info && !ipmi->has_knocked && !source->is_silent;
        ipmi->has_knocked = ipmi->is_knock;
        ipmi->step = ipmi->doubted = 0;
        ipmi->n_read = 0;
        ipmi->skips_log = false;
        ipmi->why[0] = '\0';
        run_step(ipmi);
}

/* A value of FreeIPMI's configuration goes to the end of the line, a '#' begins a remark. */
static bool is_plain(const char *text)
{
        return *text && !strpbrk(text, "#\"\\\n\r\t ");
}

static int set_credentials(struct ipmi *ipmi, struct vg_err *err)
{
        const struct hardware *hw = ipmi->source->hardware;
        const struct vg_settings *settings = hw->settings;
        const char *user = *settings->hardware_ipmi_user ? settings->hardware_ipmi_user
                                                         : settings->hardware_bmc_user;
        _cleanup_free_ char *folder = source_state_path(ipmi->source, "");

        if (!*settings->hardware_ipmi_address)
                return 0;
        if (!hw->password)
                return vg_err_set(err, -ENOKEY,
                                  "aucun mot de passe pour le BMC : donner [hardware] "
                                  "bmc_password_file ou la clé « bmc-password » de systemd");
        if (!is_plain(user) || !is_plain(hw->password))
                return vg_err_set(err, -EINVAL,
                                  "nom ou mot de passe du BMC : FreeIPMI ne peut recevoir ni "
                                  "espace, ni guillemet, ni « # », ni « \\ »");
        if (asprintf(&ipmi->secret, "username %s\npassword %s\n%s%s\n", user, hw->password,
                     *settings->hardware_ipmi_workarounds ? "workaround-flags " : "",
                     settings->hardware_ipmi_workarounds) < 0)
                ipmi->secret = NULL;
        if (folder && asprintf(&ipmi->cache, "--sdr-cache-directory=%s", folder) < 0)
                ipmi->cache = NULL;
        return ipmi->secret ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static void free_ipmi(struct source *source)
{
        struct ipmi *ipmi = source->state;

        free(ipmi->info);
        free(ipmi->secret);
        free(ipmi->cache);
        free(ipmi);
}

static int start(struct source *source, struct vg_err *err)
{
        struct ipmi *ipmi = calloc(1, sizeof(*ipmi));

        if (!ipmi)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        ipmi->source = source;
        source->state = ipmi;
        return set_credentials(ipmi, err);
}

const struct vg_source vg_source_ipmi = {
        .name = "ipmi",
        .interval_s = interval_s,
        .patience_s = PATIENCE_S,
        .is_bmc = true,
        .start = start,
        .look = look,
        .knock = knock,
        .free = free_ipmi,
        .parse = ipmi_parse,
};
