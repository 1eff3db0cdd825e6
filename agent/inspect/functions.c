/* SPDX-License-Identifier: Apache-2.0 */

/* The virtual functions of network cards: VLAN, spoof check and trust, as the card has them now. */

#include "inspect/functions.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "inspect/dump.h"
#include "inspect/inspect.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { TRIES = 5 };

/* ---- one message ---- */

/* Copies the fixed part of a setting; those of newer kernels may be longer. */
static bool take(const struct nlattr *attr, void *setting, size_t n)
{
        if (mnl_attr_get_payload_len(attr) < n)
                return false;
        memcpy(setting, mnl_attr_get_payload(attr), n);
        return true;
}

static void tell_function(const struct nlattr *info, struct vg_buf *text)
{
        struct ifla_vf_vlan vlan = { 0 };
        struct ifla_vf_spoofchk spoof_check = { .setting = UINT32_MAX };
        struct ifla_vf_trust trust = { .setting = UINT32_MAX };
        const struct nlattr *attr;
        bool is_known = false;

        mnl_attr_for_each_nested(attr, info) switch (mnl_attr_get_type(attr))
        {
        case IFLA_VF_VLAN:
                is_known = take(attr, &vlan, sizeof(vlan));
                break;
        case IFLA_VF_SPOOFCHK:
                take(attr, &spoof_check, sizeof(spoof_check));
                break;
        case IFLA_VF_TRUST:
                take(attr, &trust, sizeof(trust));
                break;
        default:
                break;
        }
        if (!is_known)
                return;
        vg_buf_printf(text, "    vf %u", vlan.vf);
        if (vlan.vlan)
                vg_buf_printf(text, ", vlan %u", vlan.vlan);
        if (spoof_check.setting != UINT32_MAX)
                vg_buf_printf(text, ", spoof checking %s", spoof_check.setting ? "on" : "off");
        if (trust.setting != UINT32_MAX)
                vg_buf_printf(text, ", trust %s", trust.setting ? "on" : "off");
        vg_buf_printf(text, "\n");
}

struct link {
        const char *name;
        const struct nlattr *functions;
};

static int take_attribute(const struct nlattr *attr, void *user)
{
        struct link *link = user;

        if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
            mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
                link->name = mnl_attr_get_str(attr);
        if (mnl_attr_get_type(attr) == IFLA_VFINFO_LIST)
                link->functions = attr;
        return MNL_CB_OK;
}

void functions_of(const struct nlmsghdr *message, struct vg_buf *text)
{
        struct link link = { 0 };
        const struct nlattr *info;

        if (message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct ifinfomsg) ||
            mnl_attr_parse(message, sizeof(struct ifinfomsg), take_attribute, &link) < 0 ||
            !link.name || !link.functions)
                return;
        const struct ifinfomsg *about = mnl_nlmsg_get_payload(message);
        vg_buf_printf(text, "%d: %s:\n", about->ifi_index, link.name);
        mnl_attr_for_each_nested(info, link.functions) if (mnl_attr_get_type(info) == IFLA_VF_INFO)
                tell_function(info, text);
}

/* ---- asking the kernel ---- */

static int take_link(const struct nlmsghdr *message, void *user)
{
        if (message->nlmsg_type == RTM_NEWLINK)
                functions_of(message, user);
        return MNL_CB_OK;
}

static int read_all(struct vg_buf *text)
{
        _cleanup_(dump_freep) struct dump *dump = NULL;
        int r = dump_new(&dump);

        if (r < 0)
                return r;
        struct nlmsghdr *ask = dump_ask(dump, RTM_GETLINK, sizeof(struct ifinfomsg));
        mnl_attr_put_u32(ask, IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
        text->n = 0;
        return dump_run(dump, take_link, text);
}

char *functions_read(void)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        int r = -EINTR;

        for (int i = 0; r == -EINTR && i < TRIES; i++) /* it changed while it was read */
                r = read_all(&text);
        return r == 0 && text.n ? vg_buf_take(&text) : NULL;
}
