/* SPDX-License-Identifier: Apache-2.0 */

/* The virtual functions of network cards: VLAN, spoof check and trust, as the card has them now. */

#include "inspect/functions.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inspect/inspect.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { TRIES = 5, ANSWER_BYTES = 256 << 10 }; /* 256 functions of a card fill most of 64 KiB */

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

static int dump(struct mnl_socket *socket, char *buffer, struct vg_buf *text)
{
        const uint32_t seq = (uint32_t)time(NULL);
        struct nlmsghdr *ask = mnl_nlmsg_put_header(buffer);
        int r = 1;

        ask->nlmsg_type = RTM_GETLINK;
        ask->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        ask->nlmsg_seq = seq;
        mnl_nlmsg_put_extra_header(ask, sizeof(struct ifinfomsg));
        mnl_attr_put_u32(ask, IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
        if (mnl_socket_sendto(socket, ask, ask->nlmsg_len) < 0)
                return -errno;
        while (r > 0) {
                const ssize_t n = mnl_socket_recvfrom(socket, buffer, ANSWER_BYTES);
                if (n < 0)
                        return -errno;
                r = mnl_cb_run(buffer, (size_t)n, seq, mnl_socket_get_portid(socket), take_link,
                               text);
                if (r < 0)
                        return -errno;
        }
        return 0;
}

static int read_all(struct mnl_socket *socket, struct vg_buf *text)
{
        _cleanup_free_ char *buffer = malloc(ANSWER_BYTES);
        int r = -EINTR;

        if (!buffer)
                return -ENOMEM;
        for (int i = 0; r == -EINTR && i < TRIES; i++) { /* it changed while it was read */
                text->n = 0;
                r = dump(socket, buffer, text);
        }
        return r;
}

char *functions_read(void)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };
        struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        int r = socket ? mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) : -1;

        if (r == 0)
                r = read_all(socket, &text);
        if (socket)
                mnl_socket_close(socket);
        return r == 0 && text.n ? vg_buf_take(&text) : NULL;
}
