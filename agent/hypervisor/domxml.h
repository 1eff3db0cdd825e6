/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* domxml: a domain's XML to facts. The text comes from libvirt, but names, metadata and paths in it
 * come from tenants: no network, no entities, no document type, bounded in size and depth. */

#include <stddef.h>

struct facts;
struct vg_err;

enum {
        DOMXML_MAX = 8 << 20,
        DOMXML_HINT_MAX = 1024, /* a longer hint names nobody */
        DOMXML_TARGET_MAX = 31,
        DOMXML_DEVICES_MAX = 4096,
};

/* Disks have their lexical key (see storekey.h) and no size. -EINVAL: not a domain. -EFBIG. -ENOMEM.
 * Caller frees. */
int domxml_parse(const char *xml, size_t n, struct facts **ret_facts, struct vg_err *err);
