/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* mem: owners that let go at the end of their scope. */

#include <stdlib.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _unused_ __attribute__((unused))

#define TAKE_PTR(p)                           \
        ({                                    \
                __typeof__(p) *vg_p_ = &(p);  \
                __typeof__(p) vg_v_ = *vg_p_; \
                *vg_p_ = NULL;                \
                vg_v_;                        \
        })

#define TAKE_FD(fd)                 \
        ({                          \
                int *vg_p_ = &(fd); \
                int vg_v_ = *vg_p_; \
                *vg_p_ = -1;        \
                vg_v_;              \
        })

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

static inline void vg_freep(void *p)
{
        free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(vg_freep)
