/* SPDX-License-Identifier: Apache-2.0 */

#include "vf.h"

#include <string.h>

#include "vigie/mem.h"

#define CARDS "/sys/class/net/"
#define VIRTFN "/device/virtfn"

/* ---- the lines of `ip link show` ---- */

/* "7: eno1: <BROADCAST,UP> mtu 1500 ...", "7: eno1@if3: ...". NULL: no head of a link. */
static const char *card_of(struct judge *j, const char *line, size_t n)
{
        const size_t digits = strspn(line, "0123456789");

        if (!digits || strncmp(line + digits, ": ", 2) != 0)
                return NULL;
        const char *name = line + digits + 2;
        const size_t n_name = strcspn(name, ":@\n");
        return name + n_name < line + n ? arena_text_n(&j->arena, name, n_name) : NULL;
}

/* "    vf 3     link/ether 52:54:00:00:00:01 brd ..., vlan 5, spoof checking on, trust off". */
static void take_line(struct judge *j, struct vfs *vfs, const char *card, const char *line,
                      size_t n)
{
        const char *own = arena_text_n(&j->arena, line, n);

        own += strspn(own, " \t");
        if (strncmp(own, "vf ", 3) != 0)
                return;
        own += 3;
        const size_t digits = strspn(own, "0123456789");
        if (digits)
                uses_add(j, &vfs->lines,
                         &(struct use){
                                 .key = arena_printf(&j->arena, "%s %.*s", card, (int)digits, own),
                                 .part = own + digits,
                         });
}

static void read_lines(struct judge *j, struct vfs *vfs)
{
        const char *at = host_text(j->host, "/evidence/ip-link"), *card = "";

        for (size_t n; at && *at; at += n + (at[n] == '\n')) {
                n = strcspn(at, "\n");
                const char *head = card_of(j, at, n);
                if (head)
                        card = head;
                else
                        take_line(j, vfs, card, at, n);
        }
}

/* ---- the links of the card's folder ---- */

struct naming {
        struct judge *j;
        struct vfs *vfs;
};

/* ".../eno1/device/virtfn3" leads to "../0000:3b:02.3". */
static void take_link(void *user, const char *path, const char *content)
{
        const struct naming *naming = user;
        struct arena *arena = &naming->j->arena;
        const char *card = path + strlen(CARDS), *virtfn = strstr(card, VIRTFN);
        const char *slash = strrchr(content, '/'), *pci = slash ? slash + 1 : content;

        if (virtfn)
                uses_add(naming->j, &naming->vfs->names,
                         &(struct use){
                                 .key = arena_text_n(arena, pci, strcspn(pci, "\n")),
                                 .part = arena_printf(arena, "%.*s %s", (int)(virtfn - card), card,
                                                      virtfn + strlen(VIRTFN)),
                         });
}

void vfs_read(struct judge *j, struct vfs *ret_vfs)
{
        *ret_vfs = (struct vfs){ 0 };
        read_lines(j, ret_vfs);
        host_texts_under(j->host, CARDS, take_link, &(struct naming){ .j = j, .vfs = ret_vfs });
        uses_sort(&ret_vfs->lines);
        uses_sort(&ret_vfs->names);
}

void vfs_done(struct vfs *vfs)
{
        uses_done(&vfs->lines);
        uses_done(&vfs->names);
}

/* ---- one function ---- */

static int is_on(const char *line, const char *words)
{
        const char *at = strstr(line, words);

        return at ? strncmp(at + strlen(words), "on", 2) == 0 : -1;
}

bool vfs_look(struct judge *j, const struct vfs *vfs, const char *pci, struct vf *ret_vf)
{
        const char *name = pci ? uses_look(&vfs->names, pci) : NULL;
        const char *line = name ? uses_look(&vfs->lines, name) : NULL;
        const char *vlan = line ? strstr(line, ", vlan ") : NULL;

        if (!line)
                return false;
        if (vlan)
                vlan += strlen(", vlan ");
        *ret_vf = (struct vf){
                .vlan = vlan ? arena_text_n(&j->arena, vlan, strspn(vlan, "0123456789")) : NULL,
                .spoof_check = is_on(line, ", spoof checking "),
                .trust = is_on(line, ", trust "),
        };
        return true;
}
