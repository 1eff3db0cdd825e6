/* SPDX-License-Identifier: Apache-2.0 */

/* Ports whose traffic is copied to others: filters of traffic control with a mirred action. */

#include "inspect/mirrors.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/dump.h"
#include "inspect/inspect.h"
#include "os/evidence.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* Where each classifier keeps its actions among its options. */
static const struct {
        const char *kind;
        uint16_t actions;
} classifiers[] = {
        { "basic", TCA_BASIC_ACT },   { "bpf", TCA_BPF_ACT }, { "flow", TCA_FLOW_ACT },
        { "flower", TCA_FLOWER_ACT }, { "fw", TCA_FW_ACT },   { "matchall", TCA_MATCHALL_ACT },
        { "route", TCA_ROUTE4_ACT },  { "u32", TCA_U32_ACT },
};

struct found { /* of one kind of attribute, the first */
        uint16_t type;
        const struct nlattr *attr;
};

static int take_type(const struct nlattr *attr, void *user)
{
        struct found *found = user;

        if (mnl_attr_get_type(attr) != found->type)
                return MNL_CB_OK;
        found->attr = attr;
        return MNL_CB_STOP;
}

static const struct nlattr *nested(const struct nlattr *parent, uint16_t type)
{
        struct found found = { .type = type };

        if (parent)
                mnl_attr_parse_nested(parent, take_type, &found);
        return found.attr;
}

static const struct nlattr *attribute(const struct nlmsghdr *message, uint16_t type)
{
        struct found found = { .type = type };

        mnl_attr_parse(message, sizeof(struct tcmsg), take_type, &found);
        return found.attr;
}

static bool is_text(const struct nlattr *attr, const char *text)
{
        const size_t n = strlen(text) + 1;

        return attr && mnl_attr_get_payload_len(attr) >= n &&
               memcmp(mnl_attr_get_payload(attr), text, n) == 0;
}

int mirrors_may_hold(const struct nlmsghdr *message)
{
        const struct nlattr *kind = attribute(message, TCA_KIND);

        return is_text(kind, "clsact") || is_text(kind, "ingress");
}

static void take_action(const struct nlattr *action, mirrors_fn *fn, void *user)
{
        const struct nlattr *parms = nested(nested(action, TCA_ACT_OPTIONS), TCA_MIRRED_PARMS);
        struct tc_mirred mirred;

        if (!is_text(nested(action, TCA_ACT_KIND), "mirred") || !parms ||
            mnl_attr_get_payload_len(parms) < sizeof(mirred))
                return;
        memcpy(&mirred, mnl_attr_get_payload(parms), sizeof(mirred));
        fn(user, (int)mirred.ifindex);
}

void mirrors_of(const struct nlmsghdr *message, mirrors_fn *fn, void *user)
{
        const struct nlattr *kind = attribute(message, TCA_KIND), *action;
        const struct nlattr *options = attribute(message, TCA_OPTIONS), *actions = NULL;

        for (size_t i = 0; i < ELEMENTSOF(classifiers) && !actions; i++)
                if (is_text(kind, classifiers[i].kind))
                        actions = nested(options, classifiers[i].actions);
        if (actions)
                mnl_attr_for_each_nested(action, actions) take_action(action, fn, user);
}

/* ---- asking the kernel ---- */

struct asking {
        int *ports; /* that have a place for such filters */
        size_t n, size;
        int from;
        json_t *mirrors;
};

static int take_discipline(const struct nlmsghdr *message, void *user)
{
        const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
        struct asking *asking = user;

        if (message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*tc) || !mirrors_may_hold(message))
                return MNL_CB_OK;
        if (asking->n == asking->size) {
                const size_t size = asking->size ? asking->size * 2 : 64;
                int *ports = reallocarray(asking->ports, size, sizeof(*ports));
                if (!ports)
                        return MNL_CB_ERROR;
                asking->ports = ports;
                asking->size = size;
        }
        asking->ports[asking->n++] = tc->tcm_ifindex;
        return MNL_CB_OK;
}

static void add_mirror(void *user, int to_ifindex)
{
        struct asking *asking = user;
        char from[IF_NAMESIZE], to[IF_NAMESIZE];

        if (if_indextoname((unsigned)asking->from, from) &&
            if_indextoname((unsigned)to_ifindex, to))
                json_array_append_new(asking->mirrors, json_pack("[s, s]", from, to));
}

static int take_filter(const struct nlmsghdr *message, void *user)
{
        if (message->nlmsg_len >= MNL_NLMSG_HDRLEN + sizeof(struct tcmsg))
                mirrors_of(message, add_mirror, user);
        return MNL_CB_OK;
}

static int list(struct dump *dump, uint16_t type, int port, uint32_t parent, mnl_cb_t take,
                struct asking *asking)
{
        struct tcmsg *tc = mnl_nlmsg_get_payload(dump_ask(dump, type, sizeof(*tc)));

        tc->tcm_family = AF_UNSPEC;
        tc->tcm_ifindex = port;
        tc->tcm_parent = parent;
        return dump_run(dump, take, asking);
}

static int list_all(struct asking *asking)
{
        static const uint32_t parents[] = {
                TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
                TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
        };
        _cleanup_(dump_freep) struct dump *dump = NULL;
        int r = dump_new(&dump);

        if (r == 0)
                r = list(dump, RTM_GETQDISC, 0, 0, take_discipline, asking);
        for (size_t i = 0; i < asking->n && r == 0; i++)
                for (size_t p = 0; p < ELEMENTSOF(parents) && r == 0; p++) {
                        asking->from = asking->ports[i];
                        r = list(dump, RTM_GETTFILTER, asking->from, parents[p], take_filter,
                                 asking);
                        if (r == -EINVAL || r == -EOPNOTSUPP)
                                r = 0; /* "ingress" has no way out */
                }
        return r;
}

int mirrors_look(struct vg_evidence *evidence, struct vg_err *err)
{
        struct asking asking = { .mirrors = json_array() };
        const uint32_t round = vg_evidence_round(evidence);
        const int r = list_all(&asking);

        if (r == 0)
                vg_evidence_put(evidence, json_pack("{s:s, s:o, s:s}", "key", "tc", "mirrors",
                                                    asking.mirrors, "scope", "mirrors"));
        else
                json_decref(asking.mirrors);
        free(asking.ports);
        vg_evidence_sweep(evidence, round, "mirrors", NULL);
        return r < 0 ? vg_err_set(err, r, "filtres du noyau illisibles : %s", strerror(-r)) : 0;
}
