/* SPDX-License-Identifier: Apache-2.0 */

#include "os/xmltree.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct walk {
        size_t n_nodes;
        int error; /* the first one */
};

static void doc_freep(xmlDoc **doc)
{
        xmlFreeDoc(*doc);
}

static void fail(struct walk *walk, int error)
{
        if (!walk->error)
                walk->error = error;
}

/* libxml2 hands out well-formed UTF-8 only. */
static void set_text(struct walk *walk, json_t *object, const char *key, const char *text, size_t n)
{
        if (json_object_set_new(object, key, json_stringn(text, n)) < 0)
                fail(walk, -ENOMEM);
}

static void set_name(struct walk *walk, json_t *object, const char *key, const xmlChar *text)
{
        set_text(walk, object, key, (const char *)text, strlen((const char *)text));
}

static json_t *member(struct walk *walk, json_t *object, const char *key, json_t *fresh)
{
        json_t *there = json_object_get(object, key);

        if (there) {
                json_decref(fresh);
                return there;
        }
        if (json_object_set_new(object, key, fresh) < 0)
                fail(walk, -ENOMEM);
        return json_object_get(object, key);
}

static void read_attributes(struct walk *walk, xmlNode *node, json_t *element)
{
        for (xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
                if (attribute->ns)
                        continue;
                xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
                json_t *all = member(walk, element, "a", json_object());
                if (all)
                        set_name(walk, all, (const char *)attribute->name,
                                 value ? value : (const xmlChar *)"");
                xmlFree(value);
        }
}

/* The text that stands directly in the element, without white space around. */
static void read_text(struct walk *walk, const xmlNode *node, json_t *element)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

        for (const xmlNode *part = node->children; part; part = part->next)
                if (part->type == XML_TEXT_NODE && part->content)
                        vg_buf_puts(&text, (const char *)part->content);
        if (text.failed)
                fail(walk, -ENOMEM);
        if (!text.n || text.failed)
                return;

        const char *from = text.data + strspn(text.data, " \t\r\n");
        size_t n = strlen(from);
        while (n && strchr(" \t\r\n", from[n - 1]))
                n--;
        if (n)
                set_text(walk, element, "t", from, n);
}

static json_t *read_element(struct walk *walk, xmlNode *node, int depth)
{
        json_t *element = json_object();

        if (!element || depth > XMLTREE_DEPTH_MAX || ++walk->n_nodes > XMLTREE_NODES_MAX) {
                fail(walk, element ? -EFBIG : -ENOMEM);
                return element;
        }
        set_name(walk, element, "n", node->name);
        if (node->ns && node->ns->href)
                set_name(walk, element, "ns", node->ns->href);
        read_attributes(walk, node, element);
        read_text(walk, node, element);
        for (xmlNode *child = node->children; child && !walk->error; child = child->next) {
                if (child->type != XML_ELEMENT_NODE)
                        continue;
                json_t *all = member(walk, element, "c", json_array());
                json_t *inner = read_element(walk, child, depth + 1);
                if (json_array_append_new(all, inner) < 0)
                        fail(walk, -ENOMEM);
        }
        return element;
}

int xmltree_read(const char *bytes, size_t n, json_t **ret_tree, struct vg_err *err)
{
        _cleanup_(doc_freep) xmlDoc *doc = NULL;
        struct walk walk = { 0 };

        if (n > XMLTREE_BYTES_MAX)
                return vg_err_set(err, -EFBIG, "XML trop long : %zu octets", n);
        doc = xmlReadMemory(bytes, (int)n, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                    XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
        if (!doc || !xmlDocGetRootElement(doc))
                return vg_err_set(err, -EINVAL, "XML illisible");
        if (xmlGetIntSubset(doc))
                return vg_err_set(err, -EINVAL, "XML avec un type de document (DOCTYPE), refusé");

        _cleanup_(vg_json_decrefp) json_t *tree = read_element(&walk, xmlDocGetRootElement(doc), 1);
        if (walk.error)
                return vg_err_set(err, walk.error, "XML hors des bornes, ou mémoire épuisée");
        *ret_tree = TAKE_PTR(tree);
        return 0;
}
