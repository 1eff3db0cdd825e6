/* SPDX-License-Identifier: Apache-2.0 */

/* The words of the fault model: classes, codes, and the names of its enumerations. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/fault.h"
#include "vigie/mem.h"
#include "vigie/search.h"

static const struct vg_class classes[] = {
#define VG_CLASS(row_id, row_missing, fr, en) \
        { .id = row_id, .missing = row_missing, .title = { fr, en } },
#include "core/fault/classes.def"
};

static const struct vg_fault_code codes[] = {
#define VG_CODE(row_id, row_family, row_rank, row_state, row_severity, row_limit, hours, fr, en) \
        { .id = row_id,                                                                          \
          .family = row_family,                                                                  \
          .rank = row_rank,                                                                      \
          .state = VG_FAULT_##row_state,                                                         \
          .severity = VG_FAULT_##row_severity,                                                   \
          .limit = row_limit,                                                                    \
          .window_s = (int64_t)(hours)*VG_HOUR_S,                                                \
          .title = { fr, en } },
#include "core/fault/codes.def"
};

const struct vg_class *vg_class_rows(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(classes);
        return classes;
}

const struct vg_fault_code *vg_fault_code_rows(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(codes);
        return codes;
}

const struct vg_class *vg_class_find(const char *id)
{
        for (size_t i = 0; i < ELEMENTSOF(classes); i++)
                if (strcmp(classes[i].id, id) == 0)
                        return &classes[i];
        return NULL;
}

static int order(_unused_ const void *things, size_t i, const void *id)
{
        return strcmp(codes[i].id, id);
}

const struct vg_fault_code *vg_fault_code_find(const char *id)
{
        bool found;
        const size_t at = vg_search(codes, ELEMENTSOF(codes), order, id, &found);

        return found ? &codes[at] : NULL;
}

const char *vg_fault_severity_name(enum vg_fault_severity severity)
{
        static const char *const names[] = { "warning", "critical" };

        return names[severity];
}

const char *vg_fault_state_name(enum vg_fault_state state)
{
        static const char *const names[] = { "unknown",  "ok",       "suspect",
                                             "degraded", "failed",   "recovering",
                                             "cleared",  "replaced", "unobservable" };

        return names[state];
}

const char *vg_fault_event_name(enum vg_fault_event event)
{
        static const char *const names[] = { "opened",       "raised",  "evidence",
                                             "recovering",   "cleared", "replaced",
                                             "acknowledged", "on-site", "unobservable",
                                             "observable" };

        return names[event];
}

const char *vg_slot_event_name(enum vg_slot_event event)
{
        static const char *const names[] = { "found",    "changed", "firmware",
                                             "replaced", "missing", "returned" };

        return names[event];
}

const char *vg_round_status_name(enum vg_round_status status)
{
        static const char *const names[] = { "complete", "partial", "failed" };

        return names[status];
}

int vg_fault_act_parse(const char *name, enum vg_fault_act *ret_act)
{
        static const char *const names[] = { "acknowledge", "on-site", "replaced" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                if (strcmp(names[i], name) == 0) {
                        *ret_act = (enum vg_fault_act)i;
                        return 0;
                }
        }
        return -EINVAL;
}

bool vg_fault_is_active(const struct vg_fault *fault)
{
        const enum vg_fault_state state =
                fault->state == VG_FAULT_UNOBSERVABLE ? fault->before : fault->state;

        return state >= VG_FAULT_SUSPECT && state <= VG_FAULT_RECOVERING;
}

char *vg_component_path(const struct vg_component *component, char *buf, size_t size)
{
        snprintf(buf, size, "%s/%s", component->component_class, component->location);
        return buf;
}
