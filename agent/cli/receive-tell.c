/* SPDX-License-Identifier: Apache-2.0 */

/* What receive says, a line each: sentences for people, JSON objects for programs. Whatever came from
 * outside is cleaned first: it can neither act on a terminal nor begin a line of its own. */

#include <stdarg.h>
#include <string.h>

#include "cli/faults.h"
#include "cli/receive.h"
#include "os/clock.h"
#include "vigie/civil.h"

enum { REFUSALS_EVERY_S = 10 };

static int64_t now_s(void)
{
        return vg_clock_now().at_utc_ns / VG_NS_PER_S;
}

static const char *clean(const char *text, char buf[CLI_TEXT])
{
        return vg_text_clean(text, strlen(text), buf, CLI_TEXT);
}

static void say(struct receive *receive, enum cli_style style, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* format: already translated. */
static void say(struct receive *receive, enum cli_style style, const char *format, ...)
{
        struct cli *cli = receive->cli;
        char raw[1024], text[1024], when[CLI_TEXT];
        va_list ap;

        va_start(ap, format);
        vsnprintf(raw, sizeof(raw), format, ap);
        va_end(ap);
        cli_printf(cli, CLI_DIM, "%s  ", cli_when(cli, NULL, now_s(), when));
        cli_printf(cli, style, "%s\n", vg_text_clean(raw, strlen(raw), text, sizeof(text)));
        fflush(cli->out);
}

/* A line for programs: members in the order of their keys, NULL at the end; "at" is among them. */
static void say_json(struct receive *receive, const char *const pairs[][2])
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        for (size_t i = 0; pairs[i][0]; i++)
                cli_json_text(&j, pairs[i][0], pairs[i][1]);
        vg_json_end_object(&j);
        (void)cli_json_print(receive->cli, &j);
        fflush(receive->cli->out);
}

static const char *now_text(char buf[32])
{
        return vg_utc_format(now_s(), buf);
}

void receive_tell_ready(struct receive *receive, const char *listen)
{
        char at[32], fingerprint[80];

        store_key_fingerprint(store_key_public(receive->cosign_key), fingerprint);
        if (receive->cli->json) {
                const char *const pairs[][2] = {
                        { "at", now_text(at) },   { "cosigner", receive->cosigner },
                        { "event", "listening" }, { "fingerprint", fingerprint },
                        { "listen", listen },     { NULL, NULL }
                };
                say_json(receive, pairs);
                return;
        }
        say(receive, CLI_PLAIN, _("À l'écoute sur %s; appareils connus : %zu."), listen,
            receive->n_appliances);
        say(receive, CLI_DIM, _("Clé des accusés de réception : %s"), fingerprint);
}

void receive_tell_met(struct receive *receive, const struct receive_log *log)
{
        char at[32], fingerprint[80];

        store_key_fingerprint(log->public_key, fingerprint);
        if (receive->cli->json) {
                const char *const pairs[][2] = { { "appliance", log->appliance->name },
                                                 { "at", now_text(at) },
                                                 { "event", "met" },
                                                 { "fingerprint", fingerprint },
                                                 { "origin", log->origin },
                                                 { "peer", log->appliance->peer },
                                                 { NULL, NULL } };
                say_json(receive, pairs);
                return;
        }
        say(receive, CLI_STRONG,
            _("%s : nouveau journal, clé %s; à comparer avec « vigie key show »"),
            log->appliance->name, fingerprint);
}

/* ---- faults ---- */

static const struct change {
        const char *event, *sign;
} changes[] = {
        { "cleared", "✓" },
        { "opened", "■" },
        { "raised", "■" },
        { "replaced", "✓" },
};

static const struct change *find_change(const json_t *body)
{
        for (size_t i = 0; i < ELEMENTSOF(changes); i++)
                if (strcmp(changes[i].event, fault_text(body, "event")) == 0)
                        return &changes[i];
        return NULL;
}

static void print_fault(struct receive *receive, const struct receive_log *log, const json_t *body,
                        const struct change *change)
{
        const char *code = fault_text(body, "code");
        const char *severity = fault_text(body, "severity"), *state = fault_text(body, "state");
        const json_t *component = json_object_get(body, "component");
        char where[CLI_TEXT], what[CLI_TEXT], title[CLI_TEXT];

        say(receive, fault_style(severity, state), "%s %s : %s (%s), %s — %s", change->sign,
            log->appliance->name, clean(fault_title(receive->cli, code), title),
            fault_state_text(state), fault_where(component, where),
            fault_what(receive->cli, component, what));
}

static void write_fault(struct receive *receive, const struct receive_log *log,
                        const json_t *record, const json_t *body)
{
        char where[CLI_TEXT], at[32], seq[24];
        int64_t at_s = 0, number = 0;

        (void)vg_json_get_int(body, "at_s", &at_s);
        (void)vg_json_get_int(record, "seq", &number);
        snprintf(seq, sizeof(seq), "%lld", (long long)number);
        const char *const pairs[][2] = {
                { "appliance", log->appliance->name },
                { "at", vg_utc_format(at_s, at) },
                { "change", fault_text(body, "event") },
                { "code", fault_text(body, "code") },
                { "event", "fault" },
                { "fault", fault_text(body, "id") },
                { "seq", seq },
                { "severity", fault_text(body, "severity") },
                { "state", fault_text(body, "state") },
                { "where", fault_where(json_object_get(body, "component"), where) },
                { NULL, NULL },
        };
        say_json(receive, pairs);
}

/* Somebody over there asks whether what is sent arrives: not to be taken for a failure. */
static void tell_test(struct receive *receive, const struct receive_log *log, const json_t *body)
{
        const char *recipient = fault_text(body, "recipient");
        char name[CLI_TEXT];

        if (receive->cli->json) {
                const char *const pairs[][2] = { { "appliance", log->appliance->name },
                                                 { "at", fault_text(body, "at") },
                                                 { "event", "test" },
                                                 { "recipient", recipient },
                                                 { NULL, NULL } };
                say_json(receive, pairs);
                return;
        }
        say(receive, CLI_PLAIN, _("%s : ESSAI pour « %s » bien reçu; rien n'est en panne"),
            log->appliance->name, clean(recipient, name));
}

void receive_tell_record(struct receive *receive, const struct receive_log *log,
                         const json_t *record)
{
        const json_t *body = json_object_get(record, "body");
        const char *type = fault_text(record, "type");
        const struct change *change;

        if (strcmp(type, "test") == 0)
                tell_test(receive, log, body);
        if (strcmp(type, "fault") != 0 || !(change = find_change(body)))
                return;
        if (receive->cli->json)
                write_fault(receive, log, record, body);
        else
                print_fault(receive, log, body, change);
}

/* ---- what is wrong ---- */

void receive_tell_conflict(struct receive *receive, const struct receive_log *log,
                           const struct receive_refusal *refusal)
{
        char at[32];

        if (receive->cli->json) {
                const char *const pairs[][2] = { { "appliance", log->appliance->name },
                                                 { "at", now_text(at) },
                                                 { "event", "conflict" },
                                                 { "origin", log->origin },
                                                 { "why", vg_err_text(&refusal->err) },
                                                 { NULL, NULL } };
                say_json(receive, pairs);
                return;
        }
        say(receive, CLI_BAD, _("%s : REGISTRE CONTRADICTOIRE, %s; gardé pour preuve sous %s"),
            log->appliance->name, vg_err_text(&refusal->err), log->origin);
}

/* Whoever is refused can come again at once, as often as he likes: he does not fill the screen. */
void receive_tell_refused(struct receive *receive, const char *peer, const char *why)
{
        const uint64_t boot_ns = vg_clock_now().at_boot_ns;
        char at[32], unsaid[24];

        if (receive->refused_boot_ns &&
            boot_ns - receive->refused_boot_ns < (uint64_t)REFUSALS_EVERY_S * VG_NS_PER_S) {
                receive->n_unsaid++;
                return;
        }
        snprintf(unsaid, sizeof(unsaid), "%llu", (unsigned long long)receive->n_unsaid);
        if (receive->cli->json) {
                const char *const pairs[][2] = { { "at", now_text(at) }, { "event", "refused" },
                                                 { "peer", peer },       { "unsaid", unsaid },
                                                 { "why", why },         { NULL, NULL } };
                say_json(receive, pairs);
        } else if (receive->n_unsaid) {
                say(receive, CLI_WARN, _("refusé (%s) : %s; et %s autres fois depuis"), peer, why,
                    unsaid);
        } else {
                say(receive, CLI_WARN, _("refusé (%s) : %s"), peer, why);
        }
        receive->refused_boot_ns = boot_ns;
        receive->n_unsaid = 0;
}

/* ---- who is silent ---- */

static void tell_news(struct receive *receive, const struct receive_appliance *appliance,
                      const char *event)
{
        char since[CLI_TEXT], at[32], since_utc[32];
        const bool silent = appliance->is_silent;

        if (receive->cli->json) {
                const char *const pairs[][2] = { { "appliance", appliance->name },
                                                 { "at", now_text(at) },
                                                 { "event", event },
                                                 { "since",
                                                   vg_utc_format(appliance->news_s, since_utc) },
                                                 { NULL, NULL } };
                say_json(receive, pairs);
                return;
        }
        cli_when(receive->cli, NULL, appliance->news_s, since);
        say(receive, silent ? CLI_BAD : CLI_GOOD,
            silent ? _("%s : aucune nouvelle depuis le %s")
                   : _("%s : de nouveau joint, muet depuis le %s"),
            appliance->name, since);
}

void receive_note_news(struct receive *receive, struct receive_appliance *appliance)
{
        const struct vg_now now = vg_clock_now();

        if (appliance->is_silent) {
                appliance->is_silent = false;
                tell_news(receive, appliance, "heard");
        }
        appliance->news_s = now.at_utc_ns / VG_NS_PER_S;
        appliance->news_boot_ns = now.at_boot_ns;
}

void receive_tell_silence(struct receive *receive)
{
        const uint64_t boot_ns = vg_clock_now().at_boot_ns;
        const uint64_t limit_ns = (uint64_t)receive->silent_after_s * VG_NS_PER_S;

        for (size_t i = 0; i < receive->n_appliances; i++) {
                struct receive_appliance *appliance = receive->appliances[i];
                if (appliance->is_silent || boot_ns - appliance->news_boot_ns < limit_ns)
                        continue;
                appliance->is_silent = true;
                tell_news(receive, appliance, "silent");
        }
}
