/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/alerts.h"

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/notify.h"

struct gathering {
        const struct cli *cli;
        struct alerts *alerts;
};

/* What a later program wrote and this one does not know is shown as grave. */
static enum vg_severity severity_of(const char *name)
{
        for (int i = 0; i < VG_SEVERITY_N; i++)
                if (strcmp(vg_severity_name((enum vg_severity)i), name) == 0)
                        return (enum vg_severity)i;
        return VG_SEVERITY_MAJOR;
}

static void row_done(struct alert_row *row)
{
        free(row->key);
        free(row->code);
        free(row->text);
        free(row->event);
        free(row->notify);
}

static int take(void *ctx, const struct store_alert *alert)
{
        const struct gathering *g = ctx;
        struct alerts *alerts = g->alerts;
        const struct vg_alert *known = vg_alert_find(alert->code);
        struct alert_row row = {
                .key = strdup(alert->key),
                .code = strdup(alert->code),
                .text = strdup(g->cli->french ? alert->text_fr : alert->text_en),
                .event = strdup(alert->event),
                .notify = strdup(alert->notify),
                .severity = severity_of(alert->severity),
                .fired_s = alert->fired_s,
                .changed_s = alert->changed_s,
                .notified_s = alert->notified_s,
                .active = alert->active,
                .acknowledged = alert->acknowledged,
                .title = known ? known->title[!g->cli->french] : "",
                .action = known ? known->action[!g->cli->french] : "",
        };

        if (alerts->n == alerts->size) {
                size_t size = alerts->size ? 2 * alerts->size : 16;
                struct alert_row *rows = reallocarray(alerts->rows, size, sizeof(*rows));
                if (!rows) {
                        row_done(&row);
                        return -ENOMEM;
                }
                alerts->rows = rows;
                alerts->size = size;
        }
        alerts->rows[alerts->n++] = row;
        return row.key && row.code && row.text && row.event && row.notify ? 0 : -ENOMEM;
}

/* ---- what keeps them from being sent ---- */

struct silencing {
        struct alerts *alerts;
        int64_t now_s;
};

static int take_silence(void *ctx, const struct store_silence *row)
{
        const struct silencing *s = ctx;
        struct alerts *alerts = s->alerts;

        if (s->now_s >= row->until_s)
                return 0;
        struct alert_silence *list =
                reallocarray(alerts->silences, alerts->n_silences + 1, sizeof(*alerts->silences));
        if (!list)
                return -ENOMEM;
        alerts->silences = list;
        list[alerts->n_silences] = (struct alert_silence){
                .key = strdup(row->key),
                .by = strdup(*row->user ? row->user : row->role),
                .reason = strdup(row->reason),
                .until_s = row->until_s,
        };
        const struct alert_silence *added = &list[alerts->n_silences++];
        return added->key && added->by && added->reason ? 0 : -ENOMEM;
}

static void mark_silenced(struct alerts *alerts)
{
        for (size_t i = 0; i < alerts->n; i++)
                for (size_t k = 0; k < alerts->n_silences; k++)
                        if (vg_silence_covers(alerts->silences[k].key, alerts->rows[i].key) &&
                            alerts->silences[k].until_s > alerts->rows[i].silent_until_s)
                                alerts->rows[i].silent_until_s = alerts->silences[k].until_s;
}

static int read_observation(const struct cli_view *view, struct alerts *alerts, struct vg_err *err)
{
        _cleanup_free_ char *live = NULL, *first = NULL;
        int64_t first_s = 0;
        int r = store_meta_get(view->store, "live_s", &live, err);

        if (r != STORE_NONE)
                return r;
        r = store_meta_get(view->store, "first_start_s", &first, err);
        if (r != 0 || vg_i64_parse(first, &first_s) < 0)
                return r < 0 ? r : 0;
        first_s += VG_OBSERVE_DAYS * (int64_t)VG_DAY_S;
        if (view->now_s < first_s)
                alerts->observed_until_s = first_s;
        return 0;
}

static int compare(const void *a, const void *b)
{
        const struct alert_row *x = a, *y = b;

        if (x->active != y->active)
                return x->active ? -1 : 1;
        if (x->active && x->acknowledged != y->acknowledged)
                return x->acknowledged ? 1 : -1;
        if (x->active && x->severity != y->severity)
                return x->severity > y->severity ? -1 : 1;
        if (x->changed_s != y->changed_s)
                return x->changed_s > y->changed_s ? -1 : 1;
        return strcmp(x->key, y->key);
}

int alerts_read(const struct cli *cli, const struct cli_view *view, bool active_only,
                struct alerts *ret_alerts, struct vg_err *err)
{
        struct gathering g = { .cli = cli, .alerts = ret_alerts };

        *ret_alerts = (struct alerts){ 0 };

        struct silencing s = { .alerts = ret_alerts, .now_s = view->now_s };

        int r = store_alert_each(view->store, active_only, take, &g, err);
        if (r == 0)
                r = store_silence_each(view->store, take_silence, &s, err);
        if (r == 0)
                r = read_observation(view, ret_alerts, err);
        if (r < 0) {
                alerts_done(ret_alerts);
                return r;
        }
        if (ret_alerts->n)
                qsort(ret_alerts->rows, ret_alerts->n, sizeof(*ret_alerts->rows), compare);
        mark_silenced(ret_alerts);
        return 0;
}

void alerts_done(struct alerts *alerts)
{
        for (size_t i = 0; i < alerts->n; i++)
                row_done(&alerts->rows[i]);
        free(alerts->rows);
        for (size_t i = 0; i < alerts->n_silences; i++) {
                free(alerts->silences[i].key);
                free(alerts->silences[i].by);
                free(alerts->silences[i].reason);
        }
        free(alerts->silences);
        *alerts = (struct alerts){ 0 };
}

const char *alert_severity_text(enum vg_severity severity)
{
        static const char *const texts[] = {
                [VG_SEVERITY_INFO] = N_("information"),
                [VG_SEVERITY_WARNING] = N_("avertissement"),
                [VG_SEVERITY_MAJOR] = N_("majeure"),
                [VG_SEVERITY_CRITICAL] = N_("critique"),
        };

        return _(texts[severity]);
}

enum cli_style alert_severity_style(const struct alert_row *row)
{
        if (!row->active || row->acknowledged)
                return CLI_DIM;
        if (row->severity >= VG_SEVERITY_MAJOR)
                return CLI_BAD;
        return row->severity == VG_SEVERITY_WARNING ? CLI_WARN : CLI_PLAIN;
}

const char *alert_mark(const struct alert_row *row)
{
        if (!row->active)
                return "✓";
        return row->severity >= VG_SEVERITY_MAJOR     ? "■"
               : row->severity == VG_SEVERITY_WARNING ? "▲"
                                                      : "●";
}

void alert_write_json(const struct alert_row *row, struct vg_json *j)
{
        vg_json_object(j, NULL);
        cli_json_bool(j, "acknowledged", row->acknowledged);
        vg_json_string(j, "action", row->action);
        cli_json_bool(j, "active", row->active);
        cli_json_time(j, "changed", row->changed_s);
        cli_json_text(j, "code", row->code);
        cli_json_text(j, "event", row->event);
        cli_json_text(j, "key", row->key);
        if (row->notified_s)
                cli_json_time(j, "notified", row->notified_s);
        else
                cli_json_null(j, "notified");
        cli_json_text(j, "notify", row->notify);
        vg_json_string(j, "severity", vg_severity_name(row->severity));
        if (row->silent_until_s)
                cli_json_time(j, "silent_until", row->silent_until_s);
        else
                cli_json_null(j, "silent_until");
        cli_json_time(j, "since", row->fired_s);
        cli_json_text(j, "text", row->text);
        vg_json_end_object(j);
}

void alerts_write_observation(const struct alerts *alerts, struct vg_json *j)
{
        if (!alerts->observed_until_s) {
                cli_json_null(j, "observation");
                return;
        }
        vg_json_object(j, "observation");
        cli_json_time(j, "until", alerts->observed_until_s);
        vg_json_end_object(j);
}

void alerts_print_observation(struct cli *cli, const struct cli_view *view,
                              const struct alerts *alerts, size_t indent)
{
        char when[CLI_TEXT], text[400];

        if (!alerts->observed_until_s)
                return;
        snprintf(text, sizeof(text),
                 _("Période d'observation : les alertes sont inscrites, et aucune n'est envoyée "
                   "avant « vigie go-live » ou le %s."),
                 cli_when(cli, view->zone, alerts->observed_until_s, when));
        cli_wrap(cli, CLI_WARN, indent, text);
}
