/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* parse: from documents to a round of sightings, one function a kind of source. Pure. The live
 * sources call them with what they have just read, `vigie hardware check` with what a capture holds;
 * each looks at the documents that are its own (by path, texts by content) and leaves the others.
 * The round has its source's name already; `sysfs` serves several sources, each with its own part
 * of /sys. 0 or -ENOMEM: what is wrong with a document is told in the round. */

struct documents;
struct vg_round;

int ipmi_parse(const struct documents *documents, struct vg_round *round);
int kernel_parse(const struct documents *documents, struct vg_round *round);
int raid_parse(const struct documents *documents, struct vg_round *round);
int redfish_parse(const struct documents *documents, struct vg_round *round);
int smart_parse(const struct documents *documents, struct vg_round *round);
int sysfs_parse(const struct documents *documents, struct vg_round *round);
