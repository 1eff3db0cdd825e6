/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/meter.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "vigie/err.h"

int vg_meter_advance(const struct vg_reading *prev, const struct vg_reading *now,
                     struct vg_usage *ret_usage, struct vg_err *err)
{
        assert(now && ret_usage);

        if (!prev)
                return VG_METER_FIRST;
        if (prev->meter_id != now->meter_id)
                return vg_err_set(err, -EINVAL, "les lectures viennent de deux compteurs");

        const bool same_run = prev->run_id == now->run_id;

        if (same_run && now->at_boot_ns <= prev->at_boot_ns)
                return vg_err_set(err, -ESTALE,
                                  "la lecture n'est pas plus récente que la précédente");
        if (same_run && now->value < prev->value)
                return vg_err_set(err, -ERANGE, "le compteur a reculé sans avoir redémarré");

        /* After a restart the counter holds what the new run used. What the old run used after our
         * last look is lost; we mark it so and never guess against the tenant. */
        *ret_usage = (struct vg_usage){
                .meter_id = now->meter_id,
                .amount = same_run ? now->value - prev->value : now->value,
                .from_utc_ns = prev->at_utc_ns,
                .to_utc_ns = now->at_utc_ns,
                .quality = same_run ? VG_QUALITY_WHOLE : VG_QUALITY_RESTARTED,
        };
        return 0;
}

const char *vg_quality_name(enum vg_quality quality)
{
        static const char *const names[] = { "whole", "restarted", "gap" };

        return names[quality];
}
