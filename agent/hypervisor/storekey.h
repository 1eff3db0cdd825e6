/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* storekey: one name for one piece of storage, whatever a domain calls it, so that a disk which two
 * domains share, or which is also a pool's volume, is counted once.
 *
 *   local         the absolute path, symbolic links resolved: "/var/lib/libvirt/images/a.qcow2"
 *   shared        what every host calls it (sharedkey.h): "shared:nas:/export/a.qcow2", "block:naa.6…"
 *   network       protocol:name@host:port,host:port (hosts sorted): "rbd:vms/a@10.0.0.1:6789"
 *   volume        "volume:pool/name" until libvirt has told its path
 *   nvme          "nvme:address/namespace" */

#include <libxml/tree.h>
#include <stdbool.h>

/* From <source> of a disk of that type. 0; 1: nothing in the drive; -ENOMEM. */
int storekey_lexical(xmlNode *source, const char *type, char **ret_key, bool *ret_local);

/* The text of /proc/self/mountinfo, for one look. Empty where it cannot be read; NULL: no memory. */
char *storekey_mounts(void);
/* Resolves the links of a local path, and names what is shared as every host does. May block on dead
 * storage: not for the loop. A path that cannot be resolved stays as it is written. NULL: no memory. */
char *storekey_resolve(const char *path, const char *mounts);
