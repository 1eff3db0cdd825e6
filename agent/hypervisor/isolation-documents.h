/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation-documents: libvirt's documents as files, in the layout of a capture (agent/cli/capture.h):
 * domains/NAME.xml or NAME.live.xml, networks/NAME.xml … and capabilities.xml. What libvirt shows on a
 * read-only connection holds no password. */

#include <jansson.h>
#include <stdbool.h>

struct vg_err;

/* One document, its tree as os/xmltree.h reads it. A name that would leave its folder is bent. */
int document_write(const char *folder, const char *kind, const char *parent, bool is_live,
                   const json_t *tree, const char *xml);
/* All of them, and wanted.json, which says what else a capture must hold. */
int documents_capture(const char *uri, const char *folder, struct vg_err *err);
