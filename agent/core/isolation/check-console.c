/* SPDX-License-Identifier: Apache-2.0 */

/* check-console: graphical consoles (MGT-01). */

#include <string.h>

#include "address.h"
#include "conf.h"
#include "judge.h"
#include "vigie/mem.h"

enum reach { INSIDE, OUTSIDE, UNSEEN };

static const char *setting(struct judge *j, const char *type, const char *what)
{
        return arena_printf(&j->arena, "%s_%s", type, what);
}

/* What libvirt takes where no address is given: 127.0.0.1 where qemu.conf does not say. */
static enum reach default_reach(struct judge *j, const char *type)
{
        char address[128];

        if (!j->qemu_conf)
                return UNSEEN;
        if (conf_is_set(j->qemu_conf, setting(j, type, "auto_unix_socket")))
                return INSIDE;
        if (!conf_string(j->qemu_conf, setting(j, type, "listen"), address, sizeof(address)))
                return INSIDE;
        return address_is_loopback(address) ? INSIDE : OUTSIDE;
}

/* On the address that libvirt gives the host on a network. */
static const char *network_address(struct judge *j, const struct node *listen)
{
        const char *name = node_attr(listen, "network");

        return name ? node_value(host_document(j->host, "network", "", name), "ip", "address")
                    : NULL;
}

static enum reach reach_of(struct judge *j, const struct node *listen, const char *type)
{
        const char *address = node_attr(listen, "address"), *kind = node_attr(listen, "type");

        if (!address && kind && strcmp(kind, "network") == 0)
                address = network_address(j, listen);

        if (kind && (strcmp(kind, "socket") == 0 || strcmp(kind, "none") == 0))
                return INSIDE;
        if (address && *address)
                return address_is_loopback(address) ? INSIDE : OUTSIDE;
        return kind && strcmp(kind, "network") == 0 ? UNSEEN : default_reach(j, type);
}

static enum reach declared_reach(struct judge *j, const struct node *graphics, const char *type)
{
        const char *legacy = node_attr(graphics, "listen");
        enum reach worst = INSIDE;

        if (node_attr(graphics, "socket"))
                return INSIDE;
        if (!node_child(graphics, "listen"))
                return legacy && *legacy ? address_is_loopback(legacy) ? INSIDE : OUTSIDE
                                         : default_reach(j, type);
        NODE_EACH(listen, graphics, "listen")
        {
                const enum reach one = reach_of(j, listen, type);
                if (one == OUTSIDE || worst == INSIDE)
                        worst = one;
        }
        return worst;
}

static bool is_on_tcp(const struct node *graphics)
{
        bool any = false, on = false;

        NODE_EACH(listen, graphics, "listen")
        {
                any = true;
                on |= !node_attr_is(listen, "type", "socket") &&
                      !node_attr_is(listen, "type", "none");
        }
        return !node_attr(graphics, "socket") && (on || !any);
}

/* Of a running domain, where its port was seen to listen: what is declared may not be so. */
static enum reach reach(struct judge *j, const struct domain *domain, const struct node *graphics,
                        const char *type)
{
        const char *port = node_attr(graphics, "port");
        const bool looked = domain->process && domain->process->listens.known;
        enum reach seen = UNSEEN;

        for (size_t i = 0; domain->process && port && i < domain->process->listens.n; i++) {
                const char *at = domain->process->listens.at[i], *colon = strrchr(at, ':');
                if (!colon || strcmp(colon + 1, port) != 0)
                        continue;
                if (!address_is_loopback_n(at, (size_t)(colon - at)))
                        return OUTSIDE;
                seen = INSIDE;
        }
        if (seen == INSIDE)
                return INSIDE;

        const enum reach declared = declared_reach(j, graphics, type);
        return declared == INSIDE && domain->running && !looked && is_on_tcp(graphics) ? UNSEEN
                                                                                       : declared;
}

static bool is_guarded(struct judge *j, const struct node *graphics, const char *type)
{
        char password[64];
        const char *own = node_attr(graphics, "passwd");

        return own || conf_is_set(j->qemu_conf, setting(j, type, "tls")) ||
               conf_is_set(j->qemu_conf, setting(j, type, "sasl")) ||
               (conf_string(j->qemu_conf, setting(j, type, "password"), password,
                            sizeof(password)) &&
                *password);
}

static void judge_graphics(struct judge *j, uint32_t i, const struct node *graphics)
{
        const struct domain *domain = &j->domains[i];
        const char *type = node_attr(graphics, "type");

        if (!type ||
            (strcmp(type, "vnc") != 0 && strcmp(type, "spice") != 0 && strcmp(type, "rdp") != 0))
                return;

        const enum reach where = reach(j, domain, graphics, type);
        if (where == INSIDE || is_guarded(j, graphics, type))
                judge_pass(j, i);
        else if (where == UNSEEN)
                judge_unknown(j, i, N_("l'adresse d'écoute d'une console n'a pas été vue"));
        else if (domain->hidden)
                judge_unknown(
                        j, i,
                        N_("libvirt ne montre pas à un lecteur si une console a un mot de passe"));
        else if (!j->qemu_conf)
                judge_unknown(
                        j, i,
                        N_("/etc/libvirt/qemu.conf n'a pas été vu : ni TLS, ni SASL n'est connu"));
        else
                judge_fail(j, i, type, N_("ouverte au réseau, sans TLS, ni SASL, ni mot de passe"));
}

void check_mgt_01(struct judge *j)
{
        EACH_DOMAIN(i, j)
        NODE_EACH(graphics, j->domains[i].devices, "graphics")
        judge_graphics(j, i, graphics);
}
