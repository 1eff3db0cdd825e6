/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/isolation-documents.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hypervisor/connection.h"
#include "hypervisor/isolation-ask.h"
#include "hypervisor/isolation-wanted.h"
#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* ---- one document ---- */

static const char *child_text(const json_t *tree, const char *name)
{
        const json_t *children = json_object_get(tree, "c"), *child;
        size_t i;

        json_array_foreach (children, i, child) {
                const char *is = json_string_value(json_object_get(child, "n"));
                if (is && strcmp(is, name) == 0)
                        return json_string_value(json_object_get(child, "t"));
        }
        return NULL;
}

/* A name as one of a file: no way out of its folder. */
static void bend(const char *name, char file[NAME_MAX + 1])
{
        snprintf(file, NAME_MAX + 1, "%s", name);
        for (char *at = file; *at; at++)
                if (*at == '/' || (at == file && *at == '.'))
                        *at = '_';
}

static int make_folder(const char *path)
{
        return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int document_write(const char *folder, const char *kind, const char *parent, bool is_live,
                   const json_t *tree, const char *xml)
{
        const char *name = child_text(tree, strcmp(kind, "secret") == 0 ? "uuid" : "name");
        char path[PATH_MAX], file[NAME_MAX + 1], above[NAME_MAX + 1];
        int n = snprintf(path, sizeof(path), "%s", folder);
        int r = make_folder(path);

        if (strcmp(kind, "capabilities") == 0) {
                snprintf(path + n, sizeof(path) - (size_t)n, "/capabilities.xml");
                return r < 0 ? r : vg_file_write(path, xml, strlen(xml), 0600, NULL);
        }
        n += snprintf(path + n, sizeof(path) - (size_t)n, "/%ss", kind);
        if (r == 0)
                r = make_folder(path);
        if (strcmp(kind, "backup") == 0) { /* one a domain, by its name */
                name = parent;
                parent = "";
        }
        if (r == 0 && parent[0]) {
                bend(parent, above);
                n += snprintf(path + n, sizeof(path) - (size_t)n, "/%s", above);
                r = make_folder(path);
        }
        if (r < 0 || !name)
                return r < 0 ? r : -EINVAL;
        bend(name, file);
        if (n + snprintf(path + n, sizeof(path) - (size_t)n, "/%s%s.xml", file,
                         is_live ? ".live" : "") >=
            (int)sizeof(path))
                return -ENAMETOOLONG;
        return vg_file_write(path, xml, strlen(xml), 0600, NULL);
}

/* ---- all of them ---- */

static int ask_one(struct connection *connection, enum ask_what what,
                   const char (*uuids)[UUID_TEXT], size_t n, const char *folder, json_t *wants,
                   struct vg_err *err)
{
        static const struct call_kind none = { .free = ask_free };
        struct ask *ask = ask_new(what, uuids, n, &none);

        if (!ask)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        ask->folder = folder;
        const int r = ask_work(&ask->call, connection, err);
        json_object_update(wants, ask->wants);
        ask_free(&ask->call);
        return r;
}

static int ask_domains(struct connection *connection, const char *folder, json_t *wants,
                       struct vg_err *err)
{
        virDomainPtr *domains = NULL;
        const int n = virConnectListAllDomains(connection->conn, &domains, 0);
        char(*uuids)[UUID_TEXT] = n >= 0 ? calloc((size_t)n + 1, sizeof(*uuids)) : NULL;
        size_t known = 0;

        for (int i = 0; i < n; i++) {
                if (uuids && virDomainGetUUIDString(domains[i], uuids[known]) == 0)
                        known++;
                virDomainFree(domains[i]);
        }
        free(domains);
        const int r = n < 0 ? connection_error(err, "virConnectListAllDomains")
                            : ask_one(connection, ASK_DOMAINS, uuids, known, folder, wants, err);
        free(uuids);
        return r;
}

static void say_nothing(_unused_ void *user, _unused_ virErrorPtr error)
{
}

int documents_capture(const char *uri, const char *folder, struct vg_err *err)
{
        _cleanup_free_ char *said = NULL;
        struct connection connection = { .uri = uri };
        json_t *wants = json_object();
        char path[PATH_MAX];

        virSetErrorFunc(NULL, say_nothing);
        connection.conn = virConnectOpenReadOnly(uri);
        if (!connection.conn) {
                json_decref(wants);
                return vg_err_set(err, -ECONNREFUSED, "connexion à %s : %s", uri,
                                  virGetLastErrorMessage());
        }
        snprintf(path, sizeof(path), "%s/domains", folder);
        int r = make_folder(folder);
        if (r == 0)
                r = make_folder(path);
        if (r < 0)
                vg_err_set(err, r, "%s : %s", path, strerror(-r));
        if (r == 0)
                r = ask_domains(&connection, folder, wants, err);
        if (r == 0)
                r = ask_one(&connection, ASK_HOUSE, NULL, 0, folder, wants, err);
        if (r == 0)
                r = ask_one(&connection, ASK_SLOW, NULL, 0, folder, wants, err);
        snprintf(path, sizeof(path), "%s/wanted.json", folder);
        if (r == 0 && (r = wanted_write(path, wants, &said)) < 0)
                vg_err_set(err, r, "%s : %s", path, strerror(-r));
        json_decref(wants);
        virConnectClose(connection.conn);
        return r;
}
