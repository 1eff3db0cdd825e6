/* SPDX-License-Identifier: Apache-2.0 */

/* Projections of isolation: findings, each state of one with the time over which it held; what was
 * not observed; verdicts. Nothing of them ends by itself: to_s of what goes on is INT64_MAX. */

#include <errno.h>

#include "store/project.h"
#include "vigie/json.h"

static int put_state(struct projector *projector, const struct entry *entry, const char *key,
                     int64_t at_s, struct vg_err *err)
{
        static const char *const keys[] = { "check", "severity", "resource", "digest" };
        const char *text[ELEMENTSOF(keys)];
        struct vg_buf detail = { 0 };
        int64_t since_s;
        int r = body_utc(entry->body, "since", &since_s, err);

        for (size_t i = 0; i < ELEMENTSOF(keys) && r == 0; i++)
                r = body_text(entry->body, keys[i], &text[i], err);
        if (r == 0)
                r = vg_json_canonical(entry->body, &detail, err);
        if (r == 0)
                r = project_run(projector, PROJECT_FINDING, err, V_INT(entry->seq), V_TEXT(key),
                                V_TEXT(text[0]), V_TEXT(text[1]), V_TEXT(text[2]), V_INT(since_s),
                                V_INT(at_s), V_INT(INT64_MAX), V_TEXT(text[3]),
                                V_TEXT_N(detail.data, detail.n));
        vg_buf_done(&detail);
        return r;
}

/* {"event":"opened|changed|closed"}: a change ends one state and begins another. */
int project_finding(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *key, *event;
        int64_t at_s;
        int r = body_text(entry->body, "key", &key, err);

        if (r == 0)
                r = body_text(entry->body, "event", &event, err);
        if (r == 0)
                r = body_utc(entry->body, "at", &at_s, err);
        if (r == 0)
                r = project_run(projector, PROJECT_FINDING_END, err, V_TEXT(key), V_INT(at_s));
        if (r == 0 && strcmp(event, "closed") != 0)
                r = put_state(projector, entry, key, at_s, err);
        return r;
}

static int put_verdict(struct projector *projector, const struct entry *entry, int64_t at_s,
                       struct vg_err *err)
{
        struct vg_buf detail = { 0 };
        int r = vg_json_canonical(entry->body, &detail, err);

        if (r == 0)
                r = project_run(projector, PROJECT_VERDICT, err, V_INT(entry->seq), V_INT(at_s),
                                V_TEXT_N(detail.data, detail.n));
        vg_buf_done(&detail);
        return r;
}

static int put_silence(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *source, *cause;
        int64_t since_s;
        int r = body_text(entry->body, "source", &source, err);

        if (r == 0)
                r = body_text(entry->body, "cause", &cause, err);
        if (r == 0)
                r = body_utc(entry->body, "since", &since_s, err);
        return r < 0 ? r
                     : project_run(projector, PROJECT_UNOBSERVED, err, V_INT(entry->seq),
                                   V_TEXT(source), V_INT(since_s), V_INT(INT64_MAX), V_TEXT(cause));
}

/* {"event":"lost|observed|verdict"} */
int project_isolation(struct projector *projector, const struct entry *entry, struct vg_err *err)
{
        const char *event, *source;
        int64_t at_s;
        int r = body_text(entry->body, "event", &event, err);

        if (r == 0)
                r = body_utc(entry->body, "at", &at_s, err);
        if (r < 0)
                return r;
        if (strcmp(event, "verdict") == 0)
                return put_verdict(projector, entry, at_s, err);
        if (strcmp(event, "lost") == 0)
                return put_silence(projector, entry, err);
        if (strcmp(event, "observed") != 0)
                return vg_err_set(err, -EINVAL, "« event » : fait de cloisonnement inconnu");
        r = body_text(entry->body, "source", &source, err);
        return r < 0 ? r
                     : project_run(projector, PROJECT_UNOBSERVED_END, err, V_TEXT(source),
                                   V_INT(at_s));
}
