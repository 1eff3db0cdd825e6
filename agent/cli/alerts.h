/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alerts: those of the ledger, in the reader's language, the gravest first. */

#include "cli/view.h"

struct alert_row {
        char *key, *code, *text, *event, *notify;
        enum vg_severity severity;
        int64_t fired_s, changed_s, notified_s;
        int64_t silent_until_s; /* 0: nobody silenced it */
        bool active, acknowledged;
        const char *title, *action; /* of the catalogue; "" where it has none */
};

struct alert_silence { /* in force */
        char *key, *by, *reason;
        int64_t until_s;
};

struct alerts {
        struct alert_row *rows;
        size_t n, size;
        struct alert_silence *silences;
        size_t n_silences;
        int64_t observed_until_s; /* nothing is sent before then, or go-live; 0: it is sent */
};

/* 0 or -errno. */
int alerts_read(const struct cli *cli, const struct cli_view *view, bool active_only,
                struct alerts *ret_alerts, struct vg_err *err);
void alerts_done(struct alerts *alerts);

/* How grave, for people: "majeure", its style, and a mark. */
const char *alert_severity_text(enum vg_severity severity);
enum cli_style alert_severity_style(const struct alert_row *row);
const char *alert_mark(const struct alert_row *row);

void alert_write_json(const struct alert_row *row, struct vg_json *j);
/* Member `observation`: null, or {"until":"…Z"}. */
void alerts_write_observation(const struct alerts *alerts, struct vg_json *j);
/* "Observation : …", where it lasts. */
void alerts_print_observation(struct cli *cli, const struct cli_view *view,
                              const struct alerts *alerts, size_t indent);
