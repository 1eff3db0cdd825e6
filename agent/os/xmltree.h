/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* xmltree: an XML document as a JSON tree, with libxml2's doors closed: no network, no entities, no
 * document type, bounded in size, depth and number of elements. Links libxml2, and so is a library
 * of its own (vigie_os_xml) for those who read XML. */

#include <jansson.h>
#include <stddef.h>

struct vg_err;

enum { XMLTREE_BYTES_MAX = 8 << 20, XMLTREE_DEPTH_MAX = 64, XMLTREE_NODES_MAX = 1 << 18 };

/* An element is {"n": local name, "ns": namespace, "a": {attribute: value}, "t": its own text without
 * white space around, "c": [elements]}; what is empty is left out. Attributes of a namespace are left
 * out, comments too. -EINVAL: not XML, or with a document type. -EFBIG: beyond a bound. -ENOMEM. The
 * caller owns *ret_tree. */
int xmltree_read(const char *bytes, size_t n, json_t **ret_tree, struct vg_err *err);
