/* SPDX-License-Identifier: Apache-2.0 */

/* status-health: is anybody measuring, and is what was measured safe? Three answers: what could not
 * be seen is unknown, and never reads as good. */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/isolation.h"
#include "cli/reach.h"
#include "cli/status-seen.h"
#include "cli/status.h"
#include "os/clock.h"
#include "os/settings.h"
#include "vigie/civil.h"

enum { STALE_S = 120, SILENT_S = 900 }; /* an observation a minute is usual, at least */

static void set(struct status *status, int item, enum status_answer answer, enum status_level level,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

static void set(struct status *status, int item, enum status_answer answer, enum status_level level,
                const char *format, ...)
{
        struct status_item *it = &status->items[item];
        va_list ap;

        it->answer = answer;
        it->level = answer == STATUS_PASS ? STATUS_FINE : level;
        va_start(ap, format);
        vsnprintf(it->text, sizeof(it->text), format, ap);
        va_end(ap);
}

static void value(struct status *status, int item, int64_t n)
{
        status->items[item].value = n;
        status->items[item].has_value = true;
}

static void judge_observation(const struct cli *cli, struct status *status, int64_t last_s)
{
        const int64_t age = status->view->now_s - last_s;
        char text[CLI_TEXT];

        if (last_s <= 0) {
                set(status, STATUS_OBSERVATION, STATUS_FAIL, STATUS_ACT, "%s",
                    _("aucune observation reçue"));
                return;
        }
        value(status, STATUS_OBSERVATION, age);
        cli_duration(cli, age, text);
        set(status, STATUS_OBSERVATION, age <= STALE_S ? STATUS_PASS : STATUS_FAIL,
            age <= SILENT_S ? STATUS_LOOK : STATUS_ACT, _("reçue il y a %s"), text);
}

/* A word of minutes ago says nothing of now. */
static bool is_fresh(const struct status *status, const struct status_seen *seen)
{
        return seen->heartbeat_utc_ns &&
               status->view->now_s - seen->heartbeat_utc_ns / VG_NS_PER_S <= STALE_S;
}

static void judge_heartbeat(struct status *status, const struct status_seen *seen)
{
        const bool fresh = is_fresh(status, seen);

        if (!fresh && seen->is_folded)
                set(status, STATUS_LIBVIRT, STATUS_UNKNOWN, STATUS_FINE, "%s",
                    _("le lecteur va le redire"));
        else if (!fresh || !*seen->libvirt)
                set(status, STATUS_LIBVIRT, STATUS_UNKNOWN, STATUS_LOOK, "%s",
                    _("état inconnu : le lecteur n'en dit rien"));
        else if (strcmp(seen->libvirt, "ok") == 0)
                set(status, STATUS_LIBVIRT, STATUS_PASS, STATUS_FINE, "%s", _("répond"));
        else
                set(status, STATUS_LIBVIRT, STATUS_FAIL, STATUS_ACT, "%s", _("hors d'atteinte"));
}

/* The reader's word where it is fresh, this machine's otherwise: they share one clock. */
static void judge_clock(struct status *status, const struct status_seen *seen)
{
        const char *word = is_fresh(status, seen) && *seen->clock
                                   ? seen->clock
                                   : vg_clock_sync_word(vg_clock_sync(NULL));

        if (strcmp(word, "synchronised") == 0)
                set(status, STATUS_CLOCK, STATUS_PASS, STATUS_FINE, "%s", _("synchronisée"));
        else if (strcmp(word, "unsynchronised") == 0)
                set(status, STATUS_CLOCK, STATUS_FAIL, STATUS_LOOK, "%s", _("non synchronisée"));
        else
                set(status, STATUS_CLOCK, STATUS_UNKNOWN, STATUS_LOOK, "%s",
                    _("synchronisation inconnue"));
}

static int sum_cover(void *ctx, const struct store_interval *interval)
{
        struct {
                int64_t expected_s, covered_s;
        } *sum = ctx;

        sum->expected_s += interval->length_s;
        sum->covered_s += interval->covered_s;
        return 0;
}

static int count_gap(void *ctx, const struct store_gap *gap _unused_)
{
        ++*(int64_t *)ctx;
        return 0;
}

static int judge_day(const struct cli *cli, struct status *status, struct vg_err *err)
{
        const int64_t now = status->view->now_s;
        struct {
                int64_t expected_s, covered_s;
        } sum = { 0 };
        int64_t n_gaps = 0;
        char text[CLI_TEXT], missing_text[CLI_TEXT];

        int r = store_interval_each(status->view->store, now - VG_DAY_S, now, sum_cover, &sum, err);
        if (r >= 0)
                r = store_gap_each(status->view->store, now - VG_DAY_S, now, count_gap, &n_gaps,
                                   err);
        if (r < 0)
                return r;
        if (!sum.expected_s) {
                set(status, STATUS_DAY, STATUS_UNKNOWN, STATUS_FINE, "%s",
                    _("aucun intervalle complet pour l'instant"));
                return 0;
        }

        const int64_t missing = sum.expected_s - sum.covered_s;
        value(status, STATUS_DAY, missing);
        cli_percent(cli, sum.covered_s * 1000 / sum.expected_s * 10, text);
        cli_duration(cli, missing, missing_text);
        if (missing == 0)
                set(status, STATUS_DAY, STATUS_PASS, STATUS_FINE, _("mesurées en entier"));
        else
                set(status, STATUS_DAY, missing * 100 < sum.expected_s ? STATUS_PASS : STATUS_FAIL,
                    STATUS_LOOK,
                    ngettext("mesurées à %s; %s non mesurées, %lld trou",
                             "mesurées à %s; %s non mesurées, %lld trous", (unsigned long)n_gaps),
                    text, missing_text, (long long)n_gaps);
        return 0;
}

static void judge_ledger(const struct cli *cli, struct status *status)
{
        const struct store_identity *id = store_identity(status->view->store);
        const uint64_t n = id->size[VG_LOG_CLIENT] + id->size[VG_LOG_SHARED];
        char bytes[CLI_TEXT], count[CLI_TEXT];
        uint64_t n_bytes = 0;

        for (size_t i = 0; i < 2; i++) { /* what SQLite has not folded in yet is part of it */
                char path[PATH_MAX];
                struct stat st;
                snprintf(path, sizeof(path), "%s%s", store_path(status->view->store),
                         i ? "-wal" : "");
                if (stat(path, &st) == 0)
                        n_bytes += (uint64_t)st.st_size;
        }
        value(status, STATUS_LEDGER, (int64_t)n);
        set(status, STATUS_LEDGER, STATUS_PASS, STATUS_FINE, _("%s inscriptions, %s"),
            cli_count(cli, (int64_t)n, count), cli_bytes(cli, n_bytes, bytes));
}

/* How many records a signed head covers: the second line of the note. */
static uint64_t head_size(const char *note)
{
        const char *line = strchr(note, '\n');
        char digits[24];
        uint64_t size = 0;

        if (line)
                snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
        return line && vg_u64_parse(digits, &size) == 0 ? size : 0;
}

/* A head may be old where nothing was recorded since; records may not wait for theirs. */
static int judge_checkpoint(const struct cli *cli, struct status *status, struct vg_err *err)
{
        const struct cli_view *view = status->view;
        const int64_t limit = 3 * (int64_t)view->settings->checkpoint_interval_s + 60;
        int64_t newest_s = 0;
        bool behind = false;
        char text[CLI_TEXT];

        for (unsigned log = 0; log < VG_LOG_N; log++) {
                _cleanup_free_ char *note = NULL;
                int64_t at_ns = 0;
                int r = store_checkpoint_get(view->store, (enum vg_log)log, UINT64_MAX, &at_ns,
                                             &note, err);
                if (r < 0)
                        return r;
                if (r == STORE_NONE) {
                        set(status, STATUS_CHECKPOINT, STATUS_UNKNOWN, STATUS_FINE, "%s",
                            _("aucune tête signée pour l'instant"));
                        return 0;
                }
                behind |= head_size(note) < store_identity(view->store)->size[log] &&
                          view->now_s - at_ns / VG_NS_PER_S > limit;
                if (at_ns / VG_NS_PER_S > newest_s)
                        newest_s = at_ns / VG_NS_PER_S;
        }
        value(status, STATUS_CHECKPOINT, view->now_s - newest_s);
        set(status, STATUS_CHECKPOINT, behind ? STATUS_FAIL : STATUS_PASS, STATUS_LOOK,
            behind ? _("en retard : signée il y a %s") : _("signée il y a %s"),
            cli_duration(cli, view->now_s - newest_s, text));
        return 0;
}

static void judge_keeper(struct status *status)
{
        _cleanup_free_ char *path = vg_settings_socket_path(status->view->settings);
        int r = path ? cli_reach(path) : -ENOMEM;

        if (r == 0)
                set(status, STATUS_KEEPER, STATUS_PASS, STATUS_FINE, "%s", _("répond"));
        else if (r == -EACCES || r == -EPERM)
                set(status, STATUS_KEEPER, STATUS_UNKNOWN, STATUS_FINE, "%s",
                    _("inconnu : sa prise n'est pas accessible à ce compte"));
        else
                set(status, STATUS_KEEPER, STATUS_FAIL, STATUS_ACT, "%s",
                    _("injoignable; vérifier « systemctl status vigied »"));
}

/* What is waived counts for nothing here; the alerts tell the rest. */
static int judge_isolation(const struct cli *cli, struct status *status, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *state = NULL;
        int r = isolation_state(cli, status->view, status->view->now_s, &state, err);

        if (r < 0)
                return r;
        const size_t n = isolation_count_open(state);
        if (!json_object_get(state, "verdict_at"))
                set(status, STATUS_ISOLATION, STATUS_UNKNOWN, STATUS_FINE, "%s",
                    _("jamais observé"));
        else if (n)
                set(status, STATUS_ISOLATION, STATUS_FAIL, STATUS_LOOK,
                    ngettext("%zu constat; « vigie isolation »",
                             "%zu constats; « vigie isolation »", n),
                    n);
        else if (json_array_size(json_object_get(state, "observed")))
                set(status, STATUS_ISOLATION, STATUS_UNKNOWN, STATUS_LOOK, "%s",
                    _("pas observé en entier; « vigie isolation »"));
        else
                set(status, STATUS_ISOLATION, STATUS_PASS, STATUS_FINE, "%s", _("aucun constat"));
        return 0;
}

static int count_fault(void *ctx, const struct store_fault *fault)
{
        int64_t *n = ctx;

        n[strcmp(fault->severity, "critical") == 0]++;
        return 0;
}

static int note_unit(void *ctx, _unused_ const struct store_unit *unit)
{
        *(bool *)ctx = true;
        return 0;
}

/* A machine of which no part is known is not one without faults. */
static int judge_hardware(struct status *status, struct vg_err *err)
{
        int64_t n[2] = { 0, 0 };
        bool is_watched = false;
        int r = store_fault_each(status->view->store, NULL, true, count_fault, n, err);

        if (r == 0)
                r = store_unit_each(status->view->store, note_unit, &is_watched, err);
        if (r < 0)
                return r;
        const long long all = (long long)n[0] + n[1];

        value(status, STATUS_HARDWARE, all);
        if (all)
                set(status, STATUS_HARDWARE, STATUS_FAIL, n[1] ? STATUS_ACT : STATUS_LOOK,
                    ngettext("%lld défaillance; « vigie faults » la montre",
                             "%lld défaillances; « vigie faults » les montre", (unsigned long)all),
                    all);
        else if (is_watched)
                set(status, STATUS_HARDWARE, STATUS_PASS, STATUS_FINE, "%s",
                    _("aucune défaillance"));
        else
                set(status, STATUS_HARDWARE, STATUS_UNKNOWN, STATUS_FINE, "%s",
                    _("inconnu : vigie-hardware n'a encore rien transmis"));
        return 0;
}

static const struct {
        const char *id, *label, *failed, *unknown; /* for programs, the screen, and the verdict */
} rows[STATUS_N_ITEMS] = {
        [STATUS_OBSERVATION] = { "observation", N_("Dernière observation"),
                                 N_("aucune observation récente"), NULL },
        [STATUS_LIBVIRT] = { "libvirt", N_("libvirt"), N_("libvirt est hors d'atteinte"),
                             N_("l'état de libvirt est inconnu") },
        [STATUS_DAY] = { "last_24h", N_("Dernières 24 heures"),
                         N_("une partie des dernières 24 heures n'est pas mesurée"), NULL },
        [STATUS_CLOCK] = { "clock", N_("Horloge"), N_("l'horloge n'est pas synchronisée"),
                           N_("l'état de l'horloge est inconnu") },
        [STATUS_LEDGER] = { "ledger", N_("Registre"), NULL, NULL },
        [STATUS_CHECKPOINT] = { "checkpoint", N_("Tête de registre"),
                                N_("des inscriptions attendent leur signature"), NULL },
        [STATUS_KEEPER] = { "keeper", N_("Gardien (vigied)"), N_("le gardien ne répond pas"),
                            NULL },
        [STATUS_ISOLATION] = { "isolation", N_("Cloisonnement"),
                               N_("des abonnés ne sont pas séparés comme il faut"),
                               N_("le cloisonnement n'est pas observé en entier") },
        [STATUS_HARDWARE] = { "hardware", N_("Matériel"), N_("du matériel est défaillant"), NULL },
        [STATUS_DELIVERIES] = { "deliveries", N_("Livraisons"),
                                N_("des destinataires ne sont pas atteints"), NULL },
};

static void name_reasons(struct status *status)
{
        for (size_t i = 0; i < STATUS_N_ITEMS; i++) {
                struct status_item *item = &status->items[i];
                const char *reason = item->answer == STATUS_FAIL ? rows[i].failed : rows[i].unknown;
                item->reason = item->answer == STATUS_PASS ? "" : reason ? _(reason) : item->text;
        }
}

int status_read_health(const struct cli *cli, struct status *status, struct vg_err *err)
{
        struct status_seen seen;

        for (size_t i = 0; i < STATUS_N_ITEMS; i++) {
                status->items[i].id = rows[i].id;
                status->items[i].label = _(rows[i].label);
        }

        int r = status_read_seen(status->view, &seen, err);
        if (r < 0)
                return r;

        int64_t last_s = seen.last_utc_ns / VG_NS_PER_S;
        judge_observation(cli, status, last_s > status->open_at_s ? last_s : status->open_at_s);
        judge_heartbeat(status, &seen);
        judge_clock(status, &seen);
        judge_ledger(cli, status);
        judge_keeper(status);
        r = judge_day(cli, status, err);
        if (r >= 0)
                r = judge_hardware(status, err);
        if (r >= 0)
                r = judge_checkpoint(cli, status, err);
        if (r >= 0)
                r = judge_isolation(cli, status, err);
        if (r >= 0)
                r = status_read_deliveries(status, &status->items[STATUS_DELIVERIES], err);
        name_reasons(status);
        return r;
}
