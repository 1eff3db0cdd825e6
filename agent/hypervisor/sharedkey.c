/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/sharedkey.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/files.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { ID_MAX = 256 };

/* ---- file systems ---- */

static bool is_shared_type(const char *type)
{
        static const char *const types[] = {
                "beegfs", "ceph",   "cifs", "fuse.ceph-fuse", "fuse.glusterfs", "gfs2",
                "gpfs",   "lustre", "nfs",  "nfs4",           "ocfs2",          "smb3",
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(type, types[i]) == 0)
                        return true;
        return false;
}

/* The kernel writes a blank, a line's end and \ as \ooo. In place. */
static void unescape(char *text)
{
        char *to = text;

        for (const char *at = text; *at; at++) {
                if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
                    at[3] >= '0' && at[3] <= '7') {
                        *to++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
                        at += 3;
                } else {
                        *to++ = *at;
                }
        }
        *to = '\0';
}

struct mount {
        char *root, *point, *type, *source;
};

/* One line of mountinfo, cut in place. False: it is none. */
static bool read_mount(char *line, struct mount *mount)
{
        char *save = NULL, *field = strtok_r(line, " ", &save);
        int n = 0;

        *mount = (struct mount){ 0 };
        for (; field && strcmp(field, "-") != 0; field = strtok_r(NULL, " ", &save), n++) {
                if (n == 3)
                        mount->root = field;
                if (n == 4)
                        mount->point = field;
        }
        mount->type = strtok_r(NULL, " ", &save);
        mount->source = strtok_r(NULL, " ", &save);
        if (!field || !mount->point || !mount->source)
                return false;
        unescape(mount->root);
        unescape(mount->point);
        unescape(mount->source);
        return true;
}

/* What of the path lies behind the mount point, from its "/" on. NULL: it lies elsewhere. */
static const char *behind(const char *path, const char *point)
{
        const size_t n = strcmp(point, "/") == 0 ? 0 : strlen(point);

        return strncmp(path, point, n) == 0 && path[n] == '/' ? path + n : NULL;
}

char *sharedkey_file(const char *mountinfo, const char *path, int *ret_r)
{
        _cleanup_free_ char *text = strdup(mountinfo);
        char *save = NULL;
        struct vg_buf name = { 0 };
        size_t nearest = SIZE_MAX;

        *ret_r = text ? 0 : -ENOMEM;
        for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
             line = strtok_r(NULL, "\n", &save)) {
                struct mount mount;
                const char *rest = read_mount(line, &mount) ? behind(path, mount.point) : NULL;
                if (!rest || strlen(rest) > nearest)
                        continue;
                nearest = strlen(rest); /* of two on one point, the later lies on top */
                name.n = 0;
                if (is_shared_type(mount.type))
                        vg_buf_printf(&name, "shared:%s%s%s", mount.source,
                                      strcmp(mount.root, "/") == 0 ? "" : mount.root, rest);
        }
        if (name.failed)
                *ret_r = -ENOMEM;
        if (name.n && !name.failed)
                return vg_buf_take(&name);
        vg_buf_done(&name);
        return NULL;
}

/* ---- devices ---- */

static bool read_id(const char *sys, const char *device, const char *file, char id[ID_MAX])
{
        _cleanup_free_ char *bytes = NULL;
        char path[512];
        size_t n;

        if ((size_t)snprintf(path, sizeof(path), "%s/class/block/%s/%s", sys, device, file) >=
                    sizeof(path) ||
            vg_file_read(path, ID_MAX - 1, &bytes, &n, NULL) < 0)
                return false;
        snprintf(id, ID_MAX, "%.*s", (int)strcspn(bytes, " \n"), bytes);
        return true;
}

/* Numbers that makers and LVM give once; not those of emulated disks, which are alike everywhere. */
static char *name_of(const char *id)
{
        static const struct {
                const char *prefix, *name;
        } ids[] = { { "LVM-", "LVM-" },    { "eui.", "eui." }, { "mpath-2", "eui." },
                    { "mpath-3", "naa." }, { "naa.", "naa." }, { "uuid.", "uuid." } };
        char *name = NULL;

        for (size_t i = 0; i < ELEMENTSOF(ids) && !name; i++) {
                const size_t n = strlen(ids[i].prefix);
                if (strncmp(id, ids[i].prefix, n) == 0 && id[n] &&
                    asprintf(&name, "block:%s%s", ids[i].name, id + n) < 0)
                        return NULL;
        }
        return name;
}

char *sharedkey_device(const char *sys, const char *path)
{
        static const char *const files[] = { "dm/uuid", "wwid", "device/wwid" };
        const char *device = strncmp(path, "/dev/", 5) == 0 ? path + 5 : "";
        char id[ID_MAX], *name = NULL;

        if (!*device || strchr(device, '/'))
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(files) && !name; i++)
                if (read_id(sys, device, files[i], id))
                        name = name_of(id);
        return name;
}
