/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* capture: one host on disk, as `vigie isolation check` reads it.
 *
 *   domains/NAME.xml, NAME.live.xml   networks/  nwfilters/  pools/  volumes/POOL/  nodedevs/
 *   secrets/  snapshots/DOMAIN/  backups/    libvirt's XML; a folder that is missing is none
 *   capabilities.xml
 *   tenants.json                             the register (agent/core/isolation/register.h)
 *   host.json                                what lies outside libvirt:
 *       files     {path: content}
 *       symlinks  {path: target}             relative to its folder where it is not absolute
 *       hardlinks {path: other path}
 *       qcow2     {path: {size, backing, backing_format, data_file}}
 *       pids      {domain: process}
 *       modes     {path: "0644"}             may be missing: then permissions were not seen
 *       mirrors   [[port, port]]             whose traffic is copied to whom; missing: not seen
 *
 * The paths of host.json are names in a tree in memory (host-tree.c): nothing of a capture is ever
 * looked up on this machine, and its own files are opened below its folder, links refused. */

#include <jansson.h>
#include <stdbool.h>

struct vg_err;
struct vg_host;

/* Reads all of it. -EINVAL with the file and why, -EFBIG, -ENOENT (there is no such folder, or no
 * domains/ in it). The caller frees. */
int capture_read(const char *path, struct vg_host **ret_host, struct vg_err *err);

/* capture-host.c: host.json into pieces. documents are in *host already. */
int capture_host(struct vg_host *host, const json_t *evidence, struct vg_err *err);
