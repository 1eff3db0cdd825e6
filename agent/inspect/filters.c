/* SPDX-License-Identifier: Apache-2.0 */

/* What filters frames on bridges, really, in the kernel: the chains of nf_tables' bridge family (in
 * which today's ebtables keeps its tables too) that frames can reach and that hold a rule. A chain
 * that nothing jumps to, or that was flushed, filters nothing. */

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inspect/inspect.h"
#include "os/evidence.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { TRIES = 5 };

struct chain {
        char *table, *name;
        bool is_base, has_rules, is_reached;
};

struct jump {
        char *table, *from, *to;
};

struct ruleset {
        struct chain *chains;
        struct jump *jumps;
        size_t n_chains, n_jumps, size_chains, size_jumps;
        bool failed; /* no memory */
};

static void ruleset_done(struct ruleset *set)
{
        for (size_t i = 0; i < set->n_chains; i++) {
                free(set->chains[i].table);
                free(set->chains[i].name);
        }
        for (size_t i = 0; i < set->n_jumps; i++) {
                free(set->jumps[i].table);
                free(set->jumps[i].from);
                free(set->jumps[i].to);
        }
        free(set->chains);
        free(set->jumps);
        *set = (struct ruleset){ 0 };
}

/* Room for one more; NULL: no memory. */
static void *grow(void **list, size_t *n, size_t *size, size_t element)
{
        if (*n == *size) {
                const size_t wanted = *size ? *size * 2 : 64;
                void *bigger = reallocarray(*list, wanted, element);
                if (!bigger)
                        return NULL;
                *list = bigger;
                *size = wanted;
        }
        void *room = (char *)*list + (*n)++ * element;
        memset(room, 0, element);
        return room;
}

static struct chain *find_chain(const struct ruleset *set, const char *table, const char *name)
{
        for (size_t i = 0; i < set->n_chains; i++)
                if (strcmp(set->chains[i].name, name) == 0 &&
                    strcmp(set->chains[i].table, table) == 0)
                        return &set->chains[i];
        return NULL;
}

static int take_chain(const struct nlmsghdr *message, void *user)
{
        struct ruleset *set = user;
        struct nftnl_chain *parsed = nftnl_chain_alloc();

        if (!parsed)
                return MNL_CB_ERROR;
        if (nftnl_chain_nlmsg_parse(message, parsed) == 0) {
                struct chain *chain = grow((void **)&set->chains, &set->n_chains, &set->size_chains,
                                           sizeof(*chain));
                if (chain) {
                        chain->table = strdup(nftnl_chain_get_str(parsed, NFTNL_CHAIN_TABLE));
                        chain->name = strdup(nftnl_chain_get_str(parsed, NFTNL_CHAIN_NAME));
                        chain->is_base = nftnl_chain_is_set(parsed, NFTNL_CHAIN_HOOKNUM);
                }
                set->failed |= !chain || !chain->table || !chain->name;
        }
        nftnl_chain_free(parsed);
        return set->failed ? MNL_CB_ERROR : MNL_CB_OK;
}

struct in_rule {
        struct ruleset *set;
        const char *table, *chain;
};

static int take_expression(struct nftnl_expr *expression, void *user)
{
        const struct in_rule *in = user;
        const char *name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);

        if (!name || strcmp(name, "immediate") != 0 ||
            !nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_CHAIN))
                return MNL_CB_OK;
        struct jump *jump = grow((void **)&in->set->jumps, &in->set->n_jumps, &in->set->size_jumps,
                                 sizeof(*jump));
        if (jump) {
                jump->table = strdup(in->table);
                jump->from = strdup(in->chain);
                jump->to = strdup(nftnl_expr_get_str(expression, NFTNL_EXPR_IMM_CHAIN));
        }
        in->set->failed |= !jump || !jump->table || !jump->from || !jump->to;
        return MNL_CB_OK;
}

static int take_rule(const struct nlmsghdr *message, void *user)
{
        struct ruleset *set = user;
        struct nftnl_rule *rule = nftnl_rule_alloc();

        if (!rule)
                return MNL_CB_ERROR;
        if (nftnl_rule_nlmsg_parse(message, rule) == 0) {
                struct in_rule in = {
                        .set = set,
                        .table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE),
                        .chain = nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN),
                };
                struct chain *chain = find_chain(set, in.table, in.chain);
                if (chain)
                        chain->has_rules = true;
                nftnl_expr_foreach(rule, take_expression, &in);
        }
        nftnl_rule_free(rule);
        return set->failed ? MNL_CB_ERROR : MNL_CB_OK;
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t take, struct ruleset *set)
{
        char buffer[32768];
        const uint32_t seq = (uint32_t)time(NULL), port = mnl_socket_get_portid(socket);
        struct nlmsghdr *ask = nftnl_nlmsg_build_hdr(buffer, type, NFPROTO_BRIDGE, NLM_F_DUMP, seq);
        int r = 1;

        if (mnl_socket_sendto(socket, ask, ask->nlmsg_len) < 0)
                return -errno;
        while (r > 0) {
                const ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
                if (n < 0)
                        return -errno;
                r = mnl_cb_run(buffer, (size_t)n, seq, port, take, set);
                if (r < 0)
                        return set->failed ? -ENOMEM : -errno;
        }
        return 0;
}

static int dump_all(struct ruleset *set)
{
        struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        int r = socket && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 ? 0 : -errno;

        if (r == 0)
                r = dump(socket, NFT_MSG_GETCHAIN, take_chain, set);
        if (r == 0)
                r = dump(socket, NFT_MSG_GETRULE, take_rule, set);
        if (socket)
                mnl_socket_close(socket);
        return r;
}

/* Until nothing more is reached: as many times as jumps are deep. */
static void follow_jumps(struct ruleset *set)
{
        bool more = true;

        for (size_t i = 0; i < set->n_chains; i++)
                set->chains[i].is_reached = set->chains[i].is_base;
        while (more) {
                more = false;
                for (size_t i = 0; i < set->n_jumps; i++) {
                        const struct jump *jump = &set->jumps[i];
                        const struct chain *from = find_chain(set, jump->table, jump->from);
                        struct chain *to = find_chain(set, jump->table, jump->to);
                        if (from && to && from->is_reached && !to->is_reached)
                                more = to->is_reached = true;
                }
        }
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int put(struct vg_evidence *evidence, const struct ruleset *set)
{
        _cleanup_free_ const char **names = calloc(set->n_chains + 1, sizeof(*names));
        json_t *chains = json_array();
        size_t n = 0;

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < set->n_chains; i++)
                if (set->chains[i].is_reached && set->chains[i].has_rules)
                        names[n++] = set->chains[i].name;
        qsort(names, n, sizeof(*names), by_text);
        for (size_t i = 0; i < n; i++)
                json_array_append_new(chains, json_string(names[i]));
        return vg_evidence_put(evidence, json_pack("{s:o, s:s, s:s}", "chains", chains, "key",
                                                   "bridge", "scope", "filters"));
}

/* The tables of the ebtables of old cannot be read over netlink, but by a raw socket of IPv4, which
 * vigie-inspect may not have: where they are in use nobody here can say what filters. */
static bool filters_are_legacy(const char *modules)
{
        static const char *const tables[] = { "ebtable_broute", "ebtable_filter", "ebtable_nat" };
        char path[PATH_MAX];

        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                if (snprintf(path, sizeof(path), "%s/%s", modules, tables[i]) < (int)sizeof(path) &&
                    access(path, F_OK) == 0)
                        return true;
        return false;
}

int filters_look(struct vg_evidence *evidence, const char *modules, struct vg_err *err)
{
        _cleanup_(ruleset_done) struct ruleset set = { 0 };
        const uint32_t round = vg_evidence_round(evidence);
        const bool legacy = filters_are_legacy(modules);
        int r = -EINTR;

        for (int i = 0; r == -EINTR && i < TRIES; i++) { /* it changed while it was read */
                ruleset_done(&set);
                r = dump_all(&set);
        }
        if (r == -EINVAL || r == -EOPNOTSUPP || r == -EAFNOSUPPORT)
                r = 0; /* a kernel without that family filters nothing in it */
        follow_jumps(&set);
        if (r == 0 && !legacy)
                put(evidence, &set);
        vg_evidence_sweep(evidence, round, "filters", NULL);
        if (r < 0)
                return vg_err_set(err, r, "filtres du noyau illisibles : %s", strerror(-r));
        return legacy ? FILTERS_LEGACY : 0;
}
