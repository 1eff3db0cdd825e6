/* SPDX-License-Identifier: Apache-2.0 */

/* catalogue: the rows of checks.def as values. */

#include <stdlib.h>
#include <string.h>

#include "vigie/isolation.h"
#include "vigie/mem.h"

static const struct vg_check rows[] = {
#define VG_CHECK(name, id, severity, scope, fr, en) \
        { id, VG_ISO_##severity, VG_ISO_##scope, { fr, en } },
#include "checks.def"
#undef VG_CHECK
};

const struct vg_check *vg_check_rows(size_t *ret_n)
{
        *ret_n = ELEMENTSOF(rows);
        return rows;
}

static int by_id(const void *id, const void *row)
{
        return strcmp(id, ((const struct vg_check *)row)->id);
}

const struct vg_check *vg_check_find(const char *id)
{
        return bsearch(id, rows, ELEMENTSOF(rows), sizeof(*rows), by_id);
}

const char *vg_iso_severity_name(enum vg_iso_severity severity)
{
        static const char *const names[] = { "low", "medium", "high", "critical" };

        return names[severity];
}

const char *vg_iso_status_name(enum vg_iso_status status)
{
        static const char *const names[] = { "not_applicable", "pass", "unknown", "fail" };

        return names[status];
}
