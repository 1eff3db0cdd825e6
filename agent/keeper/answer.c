/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/answer.h"

#include "vigie/json.h"

/* Answers hold true and false, which records may not: those go in as raw bytes. */
static void put_bool(struct vg_json *j, const char *key, bool value)
{
        vg_json_raw(j, key, value ? "true" : "false", value ? 4 : 5);
}

static void finish(struct vg_buf *buf, struct vg_json *j)
{
        vg_json_end_object(j);
        vg_buf_append(&j->buf, "\n", 1);
        vg_buf_append(buf, j->buf.data, j->buf.n);
        buf->failed |= j->buf.failed;
        vg_json_done(j);
}

void answer_ok(struct vg_buf *buf, uint64_t seq, const char *result, size_t n_result)
{
        struct vg_json j = { 0 };

        vg_json_object(&j, NULL);
        put_bool(&j, "ok", true);
        vg_json_raw(&j, "result", result, n_result);
        vg_json_int(&j, "seq", (int64_t)seq);
        finish(buf, &j);
}

static void begin_refusal(struct vg_json *j, const char *code, const char *message)
{
        vg_json_object(j, NULL);
        vg_json_string(j, "code", code);
        vg_json_string(j, "message", message);
        put_bool(j, "ok", false);
}

void answer_refusal(struct vg_buf *buf, uint64_t seq, bool retry, const char *code,
                    const char *message)
{
        struct vg_json j = { 0 };

        begin_refusal(&j, code, message);
        put_bool(&j, "retry", retry);
        vg_json_int(&j, "seq", (int64_t)seq);
        finish(buf, &j);
}

void answer_refusal_with(struct vg_buf *buf, uint64_t seq, const char *code, const char *message,
                         const char *result, size_t n_result)
{
        struct vg_json j = { 0 };

        begin_refusal(&j, code, message);
        vg_json_raw(&j, "result", result, n_result);
        put_bool(&j, "retry", false);
        vg_json_int(&j, "seq", (int64_t)seq);
        finish(buf, &j);
}
