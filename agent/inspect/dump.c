/* SPDX-License-Identifier: Apache-2.0 */

#include "inspect/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ANSWER_BYTES = 256 << 10 }; /* 256 functions of a card fill most of 64 KiB */

struct dump {
        struct mnl_socket *socket;
        uint32_t seq;
        union {
                struct nlmsghdr question;
                char answer[ANSWER_BYTES];
        } buffer;
};

int dump_new(struct dump **ret_dump)
{
        struct dump *dump = calloc(1, sizeof(*dump));
        int r = 0;

        if (!dump)
                return -ENOMEM;
        dump->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        if (!dump->socket || mnl_socket_bind(dump->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                r = -errno;
        if (r == 0)
                *ret_dump = dump;
        else
                dump_free(dump);
        return r;
}

void dump_free(struct dump *dump)
{
        if (dump && dump->socket)
                mnl_socket_close(dump->socket);
        free(dump);
}

struct nlmsghdr *dump_ask(struct dump *dump, uint16_t type, size_t n_fixed)
{
        struct nlmsghdr *ask = mnl_nlmsg_put_header(&dump->buffer);

        ask->nlmsg_type = type;
        ask->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        ask->nlmsg_seq = ++dump->seq;
        mnl_nlmsg_put_extra_header(ask, n_fixed);
        return ask;
}

int dump_run(struct dump *dump, mnl_cb_t take, void *user)
{
        const struct nlmsghdr *ask = &dump->buffer.question;
        const unsigned port = mnl_socket_get_portid(dump->socket);
        int r = MNL_CB_OK;

        if (mnl_socket_sendto(dump->socket, ask, ask->nlmsg_len) < 0)
                return -errno;
        while (r > MNL_CB_STOP) {
                const ssize_t n =
                        mnl_socket_recvfrom(dump->socket, dump->buffer.answer, ANSWER_BYTES);
                if (n < 0)
                        return -errno;
                r = mnl_cb_run(dump->buffer.answer, (size_t)n, dump->seq, port, take, user);
        }
        return r < 0 ? -errno : 0;
}
