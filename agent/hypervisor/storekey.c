/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/storekey.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/sharedkey.h"
#include "hypervisor/xml.h"
#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { HOSTS_MAX = 64, MOUNTS_MAX = 16 << 20 };

static void buf_donep(struct vg_buf *buf)
{
        vg_buf_done(buf);
}

static void append_attribute(struct vg_buf *buf, xmlNode *node, const char *before,
                             const char *name)
{
        _cleanup_free_ char *value = xml_attribute(node, name);

        if (!value)
                return;
        vg_buf_puts(buf, before);
        vg_buf_puts(buf, value);
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *host_text(xmlNode *host)
{
        struct vg_buf buf = { 0 };

        append_attribute(&buf, host, "", "name");
        append_attribute(&buf, host, ":", "port");
        append_attribute(&buf, host, "", "socket");
        return vg_buf_take(&buf);
}

static void append_hosts(struct vg_buf *buf, xmlNode *source)
{
        char *hosts[HOSTS_MAX];
        size_t n = 0;

        for (xmlNode *node = source->children; node && n < HOSTS_MAX; node = node->next)
                if (xml_is(node, "host"))
                        if ((hosts[n] = host_text(node)))
                                n++;
        qsort(hosts, n, sizeof(*hosts), by_text);
        for (size_t i = 0; i < n; i++) {
                vg_buf_puts(buf, i ? "," : "@");
                vg_buf_puts(buf, hosts[i]);
                free(hosts[i]);
        }
}

static void append_nvme(struct vg_buf *buf, xmlNode *source)
{
        static const char *const parts[] = { "domain", "bus", "slot", "function" };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                append_attribute(buf, xml_child(source, "address"), i ? "." : "", parts[i]);
        append_attribute(buf, source, "/", "namespace");
}

int storekey_lexical(xmlNode *source, const char *type, char **ret_key, bool *ret_local)
{
        static const struct {
                const char *type, *attribute;
        } paths[] = { { "file", "file" }, { "block", "dev" }, { "dir", "dir" } };
        _cleanup_(buf_donep) struct vg_buf buf = { 0 };
        bool local = false;

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                if (strcmp(type, paths[i].type) == 0) {
                        append_attribute(&buf, source, "", paths[i].attribute);
                        local = true;
                }
        if (strcmp(type, "network") == 0) {
                append_attribute(&buf, source, "", "protocol");
                append_attribute(&buf, source, ":", "name");
                append_hosts(&buf, source);
        } else if (strcmp(type, "volume") == 0) {
                append_attribute(&buf, source, "volume:", "pool");
                append_attribute(&buf, source, "/", "volume");
        } else if (strcmp(type, "nvme") == 0) {
                vg_buf_puts(&buf, "nvme:");
                append_nvme(&buf, source);
        } else if (strcmp(type, "vhostuser") == 0) {
                append_attribute(&buf, source, "vhostuser:", "path");
        }
        if (buf.failed)
                return -ENOMEM;
        if (!buf.n)
                return 1;
        *ret_key = vg_buf_take(&buf);
        *ret_local = local;
        return *ret_key ? 0 : -ENOMEM;
}

char *storekey_mounts(void)
{
        char *text = NULL;
        size_t n;

        return vg_file_read("/proc/self/mountinfo", MOUNTS_MAX, &text, &n, NULL) < 0 ? strdup("")
                                                                                     : text;
}

char *storekey_resolve(const char *path, const char *mounts)
{
        char *resolved = realpath(path, NULL), *shared = NULL;
        int r = 0;

        if (!resolved)
                resolved = errno == ENOMEM ? NULL : strdup(path);
        if (!resolved)
                return NULL;
        shared = sharedkey_device("/sys", resolved);
        if (!shared)
                shared = sharedkey_file(mounts, resolved, &r);
        if (!shared && r == 0)
                return resolved;
        free(resolved);
        return shared;
}
