/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel's messages of virtual functions, as bytes: told in the words of `ip link show`, whole or
 * cut anywhere. */

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inspect/functions.h"
#include "vigie/mem.h"
#include "vigie/text.h"

struct message {
        _Alignas(4) uint8_t bytes[1024];
        size_t n;
};

static void put(struct message *m, const void *bytes, size_t n)
{
        if (n)
                memcpy(m->bytes + m->n, bytes, n);
        m->n += (n + 3) & ~(size_t)3;
}

static void put_attr(struct message *m, uint16_t type, const void *payload, size_t n)
{
        const struct nlattr attr = { .nla_len = (uint16_t)(sizeof(attr) + n), .nla_type = type };

        put(m, &attr, sizeof(attr));
        put(m, payload, n);
}

static size_t begin(struct message *m, uint16_t type)
{
        const size_t at = m->n;

        put_attr(m, type, NULL, 0);
        return at;
}

static void end(struct message *m, size_t at)
{
        const uint16_t n = (uint16_t)(m->n - at);

        memcpy(m->bytes + at, &n, sizeof(n)); /* nla_len comes first */
}

struct setting { /* -1: the card does not tell */
        int vlan, spoof_check, trust;
};

static void put_function(struct message *m, uint32_t vf, const struct setting *is)
{
        const size_t info = begin(m, IFLA_VF_INFO | NLA_F_NESTED);
        const struct ifla_vf_mac mac = { .vf = vf, .mac = { 0x52, 0x54 } };
        const struct ifla_vf_vlan vlan = { .vf = vf, .vlan = (uint32_t)is->vlan };
        const struct ifla_vf_spoofchk spoof_check = { vf, (uint32_t)is->spoof_check };
        const struct ifla_vf_trust trust = { vf, (uint32_t)is->trust };

        put_attr(m, IFLA_VF_MAC, &mac, sizeof(mac));
        put_attr(m, IFLA_VF_VLAN, &vlan, sizeof(vlan));
        put_attr(m, IFLA_VF_SPOOFCHK, &spoof_check, sizeof(spoof_check));
        put_attr(m, IFLA_VF_TRUST, &trust, sizeof(trust));
        end(m, info);
}

static struct message *card(struct message *m, const char *name, const struct setting *is, size_t n)
{
        struct nlmsghdr head = { .nlmsg_type = RTM_NEWLINK };
        const struct ifinfomsg about = { .ifi_index = 7 };

        *m = (struct message){ .n = sizeof(head) };
        put(m, &about, sizeof(about));
        put_attr(m, IFLA_IFNAME, name, strlen(name) + 1);
        const size_t list = begin(m, IFLA_VFINFO_LIST | NLA_F_NESTED);
        for (size_t i = 0; i < n; i++)
                put_function(m, (uint32_t)i, &is[i]);
        end(m, list);
        head.nlmsg_len = (uint32_t)m->n;
        memcpy(m->bytes, &head, sizeof(head));
        return m;
}

static void assert_told(const struct message *m, const char *wanted)
{
        struct vg_buf text = { 0 };

        functions_of((const struct nlmsghdr *)(const void *)m->bytes, &text);
        assert_string_equal(text.data ? text.data : "", wanted);
        vg_buf_done(&text);
}

static void tells_as_ip_link(_unused_ void **state)
{
        static const struct {
                struct setting is;
                const char *told;
        } rows[] = {
                { { 5, 1, 0 }, "7: eno1:\n    vf 0, vlan 5, spoof checking on, trust off\n" },
                { { 0, 0, 1 }, "7: eno1:\n    vf 0, spoof checking off, trust on\n" },
                { { 0, -1, -1 }, "7: eno1:\n    vf 0\n" },
        };
        struct message m;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_told(card(&m, "eno1", &rows[i].is, 1), rows[i].told);
        const struct setting two[] = { { 5, 1, 0 }, { 6, 1, 0 } };
        assert_told(card(&m, "eno1", two, 2), "7: eno1:\n"
                                              "    vf 0, vlan 5, spoof checking on, trust off\n"
                                              "    vf 1, vlan 6, spoof checking on, trust off\n");
        assert_told(card(&m, "eno1", NULL, 0), "7: eno1:\n");
}

/* Whatever is missing, nothing beyond the message is read: ASan watches. */
static void survives_cuts_and_lies(_unused_ void **state)
{
        const struct setting two[] = { { 5, 1, 0 }, { 6, 1, 0 } };
        struct message whole, m;

        card(&whole, "eno1", two, 2);
        for (size_t n = sizeof(struct nlmsghdr); n < whole.n; n++) {
                _cleanup_free_ uint8_t *cut = calloc(1, NLMSG_ALIGN(n));
                struct vg_buf text = { 0 };
                assert_non_null(cut);
                memcpy(cut, whole.bytes, n);
                memcpy(cut, &(uint32_t){ (uint32_t)n }, sizeof(uint32_t)); /* nlmsg_len */
                functions_of((const struct nlmsghdr *)(const void *)cut, &text);
                vg_buf_done(&text);
        }
        for (size_t at = sizeof(struct nlmsghdr); at + 1 < whole.n; at++) {
                struct vg_buf text = { 0 };
                m = whole;
                m.bytes[at] = 0xff;
                m.bytes[at + 1] = 0xff;
                functions_of((const struct nlmsghdr *)(const void *)m.bytes, &text);
                vg_buf_done(&text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(tells_as_ip_link),
                cmocka_unit_test(survives_cuts_and_lies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
