/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/xml.h"

#include <libxml/parser.h>
#include <limits.h>
#include <string.h>

xmlDoc *xml_parse(const char *bytes, size_t n)
{
        if (n > INT_MAX)
                return NULL;

        xmlDoc *doc = xmlReadMemory(bytes, (int)n, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                            XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
        if (doc && (xmlGetIntSubset(doc) || !xmlDocGetRootElement(doc))) {
                xmlFreeDoc(doc);
                return NULL;
        }
        return doc;
}

bool xml_is(const xmlNode *node, const char *name)
{
        return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNode *xml_child(const xmlNode *parent, const char *name)
{
        for (xmlNode *node = parent ? parent->children : NULL; node; node = node->next)
                if (xml_is(node, name))
                        return node;
        return NULL;
}

bool xml_in_namespace(const xmlNode *node, const char *prefix)
{
        return node->ns && node->ns->href &&
               strncmp((const char *)node->ns->href, prefix, strlen(prefix)) == 0;
}

char *xml_attribute(xmlNode *node, const char *name)
{
        xmlChar *value = node ? xmlGetNoNsProp(node, (const xmlChar *)name) : NULL;
        char *copy = value ? strdup((const char *)value) : NULL;

        xmlFree(value);
        return copy;
}

char *xml_content(xmlNode *node)
{
        xmlChar *text = node ? xmlNodeGetContent(node) : NULL;
        const char *from = text ? (const char *)text : "";

        from += strspn(from, " \t\r\n");
        size_t n = strlen(from);
        while (n && strchr(" \t\r\n", from[n - 1]))
                n--;

        char *copy = n ? strndup(from, n) : NULL;
        xmlFree(text);
        return copy;
}
