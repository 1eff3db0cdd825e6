/* SPDX-License-Identifier: Apache-2.0 */

#include "core/contract/refusal.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/text.h"

static const struct {
        const char *code, *fr, *en;
} table[] = {
#define VG_REFUSAL(reason, code, fr, en) [VG_REFUSAL_##reason] = { code, fr, en },
#include "vigie/refusals.def"
#undef VG_REFUSAL
};

void vg_refusals_done(struct vg_refusals *refusals)
{
        free(refusals->list);
        *refusals = (struct vg_refusals){ 0 };
}

const char *vg_refusal_code(const struct vg_refusal *refusal)
{
        return table[refusal->reason].code;
}

char *vg_refusal_text(const struct vg_refusal *refusal, bool french, char *buf, size_t size)
{
        const char *text = french ? table[refusal->reason].fr : table[refusal->reason].en;
        _cleanup_(vg_buf_done) struct vg_buf out = { 0 };

        for (const char *at = text; *at; at++) {
                if (at[0] == '{' && at[1] >= '1' && at[1] <= '0' + VG_REFUSAL_ARGS &&
                    at[2] == '}') {
                        vg_buf_puts(&out, refusal->arg[at[1] - '1']);
                        at += 2;
                } else {
                        vg_buf_append(&out, at, 1);
                }
        }
        return vg_text_clean(out.data ? out.data : "", out.n, buf, size);
}

static struct vg_refusal *highest(struct vg_refusals *r)
{
        struct vg_refusal *found = r->list;

        for (size_t i = 1; i < r->n; i++)
                if (strcmp(vg_refusal_code(&r->list[i]), vg_refusal_code(found)) > 0)
                        found = &r->list[i];
        return found;
}

/* Once full, a refusal of a lower code takes the place of one of the highest, so that the lowest is
 * never lost. */
bool report_keeps(struct report *report, enum vg_refusal_reason reason)
{
        struct vg_refusals *r = report->refusals;

        if (r->n < VG_REFUSALS_MAX)
                return true;
        if (!report->highest)
                report->highest = highest(r);
        if (strcmp(table[reason].code, vg_refusal_code(report->highest)) < 0)
                return true;
        r->n_more++;
        return false;
}

/* Room for one more. NULL: it is only counted. */
static struct vg_refusal *new_refusal(struct report *report, enum vg_refusal_reason reason)
{
        struct vg_refusals *r = report->refusals;
        struct vg_refusal *slot = NULL;

        if (!report_keeps(report, reason))
                return NULL;
        if (!r->list)
                r->list = calloc(VG_REFUSALS_MAX, sizeof(*r->list));
        if (!r->list) {
                report->no_memory = true;
                return NULL;
        }
        if (r->n < VG_REFUSALS_MAX) {
                slot = &r->list[r->n++];
        } else {
                slot = report->highest;
                report->highest = NULL;
                r->n_more++;
        }
        *slot = (struct vg_refusal){ .reason = reason };
        return slot;
}

static void set_args(struct vg_refusal *refusal, const char *a, const char *b, const char *c)
{
        const char *const args[VG_REFUSAL_ARGS] = { a, b, c };

        for (size_t i = 0; i < VG_REFUSAL_ARGS; i++)
                if (args[i])
                        vg_text_clean(args[i], strlen(args[i]), refusal->arg[i],
                                      sizeof(refusal->arg[i]));
}

void report_at(struct report *report, enum vg_refusal_reason reason, const struct where_path *path,
               const char *a, const char *b, const char *c)
{
        struct vg_refusal *refusal = new_refusal(report, reason);

        if (!refusal)
                return;
        where_format(path, refusal->path, sizeof(refusal->path));
        refusal->line =
                where_line(report->bytes, report->n, where_offset(report->bytes, report->n, path));
        set_args(refusal, a, b, c);
}

void report_byte(struct report *report, enum vg_refusal_reason reason, size_t offset, const char *a)
{
        struct vg_refusal *refusal = new_refusal(report, reason);
        struct where_path path;

        if (!refusal)
                return;
        where_path_at(report->bytes, report->n, offset, &path);
        where_format(&path, refusal->path, sizeof(refusal->path));
        refusal->line = where_line(report->bytes, report->n, offset);
        set_args(refusal, a, NULL, NULL);
}

void report_member(struct report *report, enum vg_refusal_reason reason, const char *a,
                   const char *b, const char *c, const char *path, ...)
{
        struct where_path place;
        char text[200];
        va_list ap;

        va_start(ap, path);
        int n = vsnprintf(text, sizeof(text), path, ap);
        va_end(ap);
        assert(n >= 0 && (size_t)n < sizeof(text));
        where_parse(text, &place);
        report_at(report, reason, &place, a, b, c);
}

static int compare(const void *a, const void *b)
{
        const struct vg_refusal *x = a, *y = b;
        int by_code = strcmp(vg_refusal_code(x), vg_refusal_code(y));

        if (by_code)
                return by_code;
        if (x->line != y->line)
                return x->line < y->line ? -1 : 1;
        return strcmp(x->path, y->path);
}

void report_sort(struct vg_refusals *refusals)
{
        if (refusals->n)
                qsort(refusals->list, refusals->n, sizeof(*refusals->list), compare);
}

int vg_contract_refuse_size(struct vg_refusals *refusals)
{
        struct report report = { .bytes = "", .refusals = refusals };
        struct vg_refusal *refusal = new_refusal(&report, VG_REFUSAL_TOO_LARGE);

        return refusal ? 0 : -ENOMEM;
}
