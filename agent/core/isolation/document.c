/* SPDX-License-Identifier: Apache-2.0 */

/* document: the tree of a libvirt document into a piece of evidence: its key, and what the checks ask
 * about. A console's password stays behind; that there is one goes along. */

#include <errno.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

/* Sorted by kind. */
static const struct kind {
        const char *kind, *root;
        enum { BY_CHILD, BY_ATTRIBUTE, BY_NOTHING } by;
        const char *name; /* of the child or attribute that names it */
        bool has_parent;
} kinds[] = {
        { "backup", "domainbackup", BY_NOTHING, NULL, true },
        { "capabilities", "capabilities", BY_NOTHING, NULL, false },
        { "domain", "domain", BY_CHILD, "uuid", false },
        { "network", "network", BY_CHILD, "name", false },
        { "nodedev", "device", BY_CHILD, "name", false },
        { "nwfilter", "filter", BY_ATTRIBUTE, "name", false },
        { "pool", "pool", BY_CHILD, "name", false },
        { "secret", "secret", BY_CHILD, "uuid", false },
        { "snapshot", "domainsnapshot", BY_CHILD, "name", true },
        { "volume", "volume", BY_CHILD, "name", true },
};

static const struct kind *find_kind(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(kinds[i].kind, name) == 0)
                        return &kinds[i];
        return NULL;
}

static const char *member(const json_t *element, const char *key)
{
        const char *text = json_string_value(json_object_get(element, key));

        return text ? text : "";
}

static const char *child_text(const json_t *element, const char *name)
{
        const json_t *children = json_object_get(element, "c");

        for (size_t i = 0; i < json_array_size(children); i++)
                if (strcmp(member(json_array_get(children, i), "n"), name) == 0)
                        return member(json_array_get(children, i), "t");
        return "";
}

static bool is_listed(const char *const *names, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

/* Elements of domains that no check asks about. */
static bool is_idle(const char *name)
{
        static const char *const names[] = {
                "alias",    "audio",    "boot",        "clock",     "controller", "description",
                "features", "hub",      "input",       "iotune",    "keywrap",    "memballoon",
                "memnode",  "on_crash", "on_poweroff", "on_reboot", "panic",      "perf",
                "pm",       "resource", "rng",         "smartcard", "sound",      "sysinfo",
                "title",    "video",    "watchdog",
        };

        return is_listed(names, ELEMENTSOF(names), name);
}

/* Metadata are strangers' words: only those that name a tenant. */
static bool names_tenant(const json_t *element)
{
        static const char *const prefixes[] = { "http://kubevirt.io",
                                                "http://opennebula.org/xmlns/libvirt/",
                                                "http://openstack.org/xmlns/libvirt/nova/",
                                                "urn:vigie:tenant:1" };
        const char *ns = member(element, "ns");

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
                if (strncmp(ns, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        return false;
}

static int set(json_t *object, const char *key, json_t *value)
{
        return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

static int copy_attributes(const json_t *from, json_t *to)
{
        const json_t *attributes = json_object_get(from, "a");
        json_t *copy = json_object_size(attributes) ? json_copy((json_t *)attributes) : NULL;

        if (!json_object_size(attributes))
                return 0;
        if (copy && json_object_get(copy, "passwd") &&
            set(copy, "passwd", json_string("set")) < 0) {
                json_decref(copy);
                return -ENOMEM;
        }
        return set(to, "a", copy);
}

static json_t *prune(const json_t *element, bool is_domain, int *error);

static void copy_children(const json_t *from, json_t *to, bool is_domain, int *error)
{
        const json_t *children = json_object_get(from, "c");
        const bool is_metadata = is_domain && strcmp(member(from, "n"), "metadata") == 0;
        json_t *list = json_array_size(children) ? json_array() : NULL;

        for (size_t i = 0; i < json_array_size(children) && *error == 0; i++) {
                const json_t *child = json_array_get(children, i);
                if ((is_domain && is_idle(member(child, "n"))) ||
                    (is_metadata && !names_tenant(child)))
                        continue;
                if (json_array_append_new(list, prune(child, is_domain, error)) < 0)
                        *error = -ENOMEM;
        }
        if (list && json_array_size(list))
                *error = *error ? *error : set(to, "c", json_incref(list));
        json_decref(list);
}

static json_t *prune(const json_t *element, bool is_domain, int *error)
{
        static const char *const keys[] = { "n", "ns", "t" };
        json_t *copy = json_object();

        for (size_t i = 0; i < ELEMENTSOF(keys) && *error == 0; i++)
                if (json_object_get(element, keys[i]))
                        *error = json_object_set(copy, keys[i], json_object_get(element, keys[i])) <
                                                 0
                                         ? -ENOMEM
                                         : 0;
        if (*error == 0)
                *error = copy_attributes(element, copy);
        copy_children(element, copy, is_domain, error);
        return copy;
}

/* "domain/UUID", "volume/POOL/NAME" ... */
static int write_key(struct vg_buf *key, const struct kind *kind, const char *parent,
                     const json_t *tree)
{
        const char *name = kind->by == BY_CHILD ? child_text(tree, kind->name)
                           : kind->by == BY_ATTRIBUTE
                                   ? member(json_object_get(tree, "a"), kind->name)
                           : kind->has_parent ? ""
                                              : "host";

        vg_buf_printf(key, "%s%s%s", kind->kind, kind->has_parent ? "/" : "", parent);
        /* libvirt gives a domain its uuid when it defines it: a draft has none. */
        if (!*name && strcmp(kind->kind, "domain") == 0)
                vg_buf_printf(key, "/name:%s", child_text(tree, "name"));
        else if (*name)
                vg_buf_printf(key, "/%s", name);
        else if (kind->by != BY_NOTHING)
                return -EINVAL;
        /* Those who use a secret may spell its uuid otherwise. */
        for (size_t i = 0; strcmp(kind->kind, "secret") == 0 && i < key->n; i++)
                if (key->data[i] >= 'A' && key->data[i] <= 'Z')
                        key->data[i] |= 0x20;
        return key->failed ? -ENOMEM : 0;
}

int vg_document_piece(const char *kind_name, const char *parent, const json_t *tree, unsigned flags,
                      json_t **ret_piece, struct vg_err *err)
{
        const struct kind *kind = find_kind(kind_name);
        const bool is_domain = kind && strcmp(kind->kind, "domain") == 0;
        _cleanup_(vg_buf_done) struct vg_buf key = { 0 };
        int error = 0;

        if (!kind || strcmp(member(tree, "n"), kind->root) != 0)
                return vg_err_set(err, -EINVAL, "ce n'est pas un document « %s » : %s", kind_name,
                                  member(tree, "n"));
        if (kind->has_parent == !*parent || (is_domain && !*child_text(tree, "name")) ||
            write_key(&key, kind, parent, tree) < 0)
                return vg_err_set(err, -EINVAL, "document « %s » sans nom", kind_name);

        json_t *pruned = prune(tree, is_domain, &error);
        json_t *piece =
                json_pack("{s:s, s:s, s:o}", "key", key.data, "scope", "document", "tree", pruned);
        if (piece && error == 0 && flags & VG_DOCUMENT_LIVE)
                error = set(piece, "live", json_integer(1));
        if (piece && error == 0 && flags & VG_DOCUMENT_HIDDEN)
                error = set(piece, "hidden", json_integer(1));
        if (!piece || error < 0) {
                json_decref(piece);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        *ret_piece = piece;
        return 0;
}
