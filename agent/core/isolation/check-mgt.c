/* SPDX-License-Identifier: Apache-2.0 */

/* check-mgt: the doors of the management plane (MGT-02 to MGT-06). */

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "conf.h"
#include "judge.h"
#include "storage.h"
#include "vigie/mem.h"

static const char *const daemons[] = { "/etc/libvirt/libvirtd.conf", "/etc/libvirt/virtproxyd.conf",
                                       "/etc/libvirt/virtqemud.conf" };

/* ---- MGT-02 ---- */

/* /proc/net/tcp: "sl local_address rem_address st": 0A is listening, 3EAD is 16509. */
static bool listens_16509(const char *table)
{
        for (const char *at = table; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                const char *local = strstr(at, ":3EAD ");
                const char *end = at + strcspn(at, "\n"), *colon = strchr(at, ':');
                if (!local || local > end || !colon)
                        continue;
                /* The first address of the line, behind "  0: ", is the local one. */
                const char *address = colon + 1 + strspn(colon + 1, " ");
                const char *state = strchr(local + 6, ' ');
                if (local == address + strcspn(address, ":") && state &&
                    strncmp(state + 1, "0A", 2) == 0)
                        return true;
        }
        return false;
}

void check_mgt_02(struct judge *j)
{
        const bool listens = listens_16509(host_text(j->host, "/proc/net/tcp")) ||
                             listens_16509(host_text(j->host, "/proc/net/tcp6"));
        bool seen = false;

        for (size_t i = 0; i < ELEMENTSOF(daemons) - 1; i++) {
                const char *conf = host_text(j->host, daemons[i]);
                if ((conf_is_set(conf, "listen_tcp") || listens) &&
                    conf_is(conf, "auth_tcp", "none"))
                        judge_fail(j, JUDGE_HOST, daemons[i], "tcp, auth_tcp=none");
                seen |= conf != NULL;
        }
        if (seen)
                judge_pass(j, JUDGE_HOST);
        else
                judge_unknown(j, JUDGE_HOST, N_("ni libvirtd.conf, ni virtproxyd.conf n'a été vu"));
}

/* ---- MGT-03 ---- */

/* The socket's mode as it stands; else as it is set; -1: neither. */
static int socket_mode(struct judge *j, const char *conf)
{
        static const char *const sockets[] = { "/run/libvirt/libvirt-sock",
                                               "/run/libvirt/virtqemud-sock" };
        char text[16];

        for (size_t i = 0; i < ELEMENTSOF(sockets); i++) {
                const struct place place = place_of(j, sockets[i]);
                if (place.fact && place.fact->mode >= 0)
                        return place.fact->mode;
        }
        return conf_string(conf, "unix_sock_rw_perms", text, sizeof(text))
                       ? (int)strtoll(text, NULL, 8)
                       : -1;
}

void check_mgt_03(struct judge *j)
{
        bool seen = false;

        for (size_t i = 0; i < ELEMENTSOF(daemons); i++) {
                const char *conf = host_text(j->host, daemons[i]);
                const int mode = conf ? socket_mode(j, conf) : -1;
                seen |= conf != NULL;
                if (!conf || !conf_is(conf, "auth_unix_rw", "none"))
                        continue;
                if (mode < 0)
                        judge_unknown(j, JUDGE_HOST,
                                      N_("le mode de la prise de libvirt n'a pas été vu"));
                else if (mode & 02)
                        judge_fail(j, JUDGE_HOST, daemons[i],
                                   N_("auth_unix_rw=none, et tous peuvent écrire dans la prise"));
        }
        if (seen)
                judge_pass(j, JUDGE_HOST);
        else
                judge_unknown(j, JUDGE_HOST,
                              N_("aucun fichier de réglages d'un démon de libvirt n'a été vu"));
}

/* ---- MGT-04 ---- */

static bool is_networked(const struct node *device)
{
        const char *type = node_attr(device, "type");

        return type && (strcmp(type, "tcp") == 0 || strcmp(type, "udp") == 0 ||
                        strcmp(type, "telnet") == 0);
}

static bool is_clear(const struct judge *j, const struct node *source)
{
        const char *tls = node_attr(source, "tls");

        return tls ? strcmp(tls, "yes") != 0 : !conf_is_set(j->qemu_conf, "chardev_tls");
}

void check_mgt_04(struct judge *j)
{
        static const char *const kinds[] = { "serial", "console", "parallel", "channel" };

        EACH_DOMAIN(i, j)
        for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
                NODE_EACH(device, j->domains[i].devices, kinds[k])
                {
                        if (!is_networked(device))
                                continue;
                        judge_pass(j, i);
                        NODE_EACH(source, device, "source")
                        {
                                const char *host = node_attr(source, "host");
                                if (node_attr_is(source, "mode", "bind") &&
                                    !address_is_loopback(host) && is_clear(j, source))
                                        judge_fail(j, i, kinds[k],
                                                   arena_printf(&j->arena,
                                                                "%s mode=bind host=%s tls=no",
                                                                kinds[k], host ? host : "*"));
                        }
                }
}

/* ---- MGT-05 ---- */

static void judge_backups(struct judge *j)
{
        const struct table *documents = &j->host->tables[SCOPE_DOCUMENT];
        size_t from, to;

        host_documents(j->host, "backup", &from, &to);
        for (size_t i = from; i < to; i++) {
                const struct node *server = node_child(&documents->at[i]->tree, "server");
                const bool is_unix = node_attr_is(server, "transport", "unix");
                if (server && !is_unix && !node_attr_is(server, "tls", "yes"))
                        judge_fail(j, JUDGE_HOST, documents->at[i]->key,
                                   N_("sauvegarde par TCP, sans TLS"));
        }
}

void check_mgt_05(struct judge *j)
{
        char address[128];

        judge_backups(j);
        if (conf_is_set(j->qemu_conf, "migrate_tls_force"))
                judge_pass(j, JUDGE_HOST);
        else if (conf_is(j->qemu_conf, "migrate_tls_force", "0"))
                judge_fail(j, JUDGE_HOST, "migrate_tls_force",
                           "/etc/libvirt/qemu.conf migrate_tls_force=0");
        else if (conf_string(j->qemu_conf, "migration_address", address, sizeof(address)) &&
                 !address_is_loopback(address))
                judge_fail_as(j, JUDGE_HOST, VG_ISO_MEDIUM, "migration_address",
                              N_("sans migrate_tls_force"),
                              arena_printf(&j->arena, "migration_address=%s", address));
        else
                judge_unknown(j, JUDGE_HOST,
                              j->qemu_conf ? N_("qemu.conf ne règle pas la migration")
                                           : N_("/etc/libvirt/qemu.conf n'a pas été vu"));
}

/* ---- MGT-06 ---- */

/* "tcp:HOST:PORT,..." and the like; "socket,...,host=HOST,...server...". */
static bool opens_socket(const char *value)
{
        static const char *const schemes[] = { "tcp:", "telnet:", "udp:", "websocket:", "tn3270:" };

        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                const size_t n = strlen(schemes[i]);
                const char *host = value + n;
                const size_t n_value = strcspn(host, ",");
                if (strncmp(value, schemes[i], n) != 0)
                        continue;
                size_t n_host = n_value;
                while (n_host && host[n_host] != ':')
                        n_host--;
                return !address_is_loopback_n(host, n_host);
        }

        const char *host = strstr(value, ",host=");
        return strncmp(value, "socket,", 7) == 0 && strstr(value, ",server") &&
               !strstr(value, ",server=off") && strstr(value, ",port=") &&
               !(host && address_is_loopback_n(host + 6, strcspn(host + 6, ",")));
}

static bool takes_socket(const char *option)
{
        static const char *const names[] = { "chardev", "gdb", "monitor", "qmp", "qmp-pretty" };

        if (*option != '-')
                return false;
        option += 1 + (option[1] == '-');
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(option, names[i]) == 0)
                        return true;
        return false;
}

void check_mgt_06(struct judge *j)
{
        EACH_DOMAIN(i, j)
        {
                const struct node *line = node_child(j->domains[i].xml, "commandline");
                const char *option = "";
                judge_pass(j, i);
                NODE_EACH(arg, line, "arg")
                {
                        const char *value = node_attr(arg, "value");
                        if (!value)
                                continue;
                        if (strcmp(value, "-s") == 0) /* -gdb tcp::1234 */
                                judge_fail(j, i, "gdb", value);
                        if (takes_socket(option) && opens_socket(value))
                                judge_fail(j, i, option,
                                           arena_printf(&j->arena, "%s %s", option, value));
                        option = value;
                }
        }
}
