/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* xml: libxml2 with its doors closed, and the few steps that reading a domain takes. */

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

/* No network, no entities, no document type, libxml2's own limits on depth and names. NULL: not
 * XML, or with a document type (libvirt never writes one; entities could only come with it). */
xmlDoc *xml_parse(const char *bytes, size_t n);
static inline void xml_doc_freep(xmlDoc **doc)
{
        xmlFreeDoc(*doc);
}

bool xml_is(const xmlNode *node, const char *name);             /* an element of that name */
xmlNode *xml_child(const xmlNode *parent, const char *name);    /* the first one; NULL is none */
bool xml_in_namespace(const xmlNode *node, const char *prefix); /* its URI begins so */
char *xml_attribute(xmlNode *node, const char *name);           /* caller frees; NULL: absent */
char *xml_content(xmlNode *node); /* without white space around; caller frees; NULL: nothing */
