/* SPDX-License-Identifier: Apache-2.0 */

/* doctor-live: what should be running and listening, and what should not. */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/reach.h"
#include "cli/status.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

/* "active", "failed", "inactive"…; caller frees. -errno of sd-bus. */
static int unit_state(sd_bus *bus, const char *unit, char **ret_state)
{
        _cleanup_free_ char *path = NULL;

        int r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
        if (r < 0)
                return r;
        return sd_bus_get_property_string(bus, "org.freedesktop.systemd1", path,
                                          "org.freedesktop.systemd1.Unit", "ActiveState", NULL,
                                          ret_state);
}

/* A service that somebody chose to stop is said; only the first two must run. */
static bool judge_unit(size_t i, const char *unit, const char *state, char *stopped, size_t size,
                       struct doctor_finding *finding)
{
        const bool may_stop = i >= 2 && strcmp(state, "inactive") == 0;

        if (strcmp(state, "active") == 0)
                return true;
        if (may_stop) {
                const size_t n = strlen(stopped);
                snprintf(stopped + n, size - n, "%s%s", n ? ", " : "", unit);
                return true;
        }
        doctor_fail(finding, "%s : %s", unit, state);
        return false;
}

void doctor_units(const struct doctor *doctor _unused_, struct doctor_finding *finding)
{
        static const char *const units[] = { "vigied.service", "vigie-hypervisor.service",
                                             "vigie-deliver.service", "vigie-hardware.service",
                                             "vigie-inspect.service" };
        char stopped[200] = "";
        sd_bus *bus = NULL;

        if (access("/run/systemd/system", F_OK) < 0 || sd_bus_open_system(&bus) < 0) {
                doctor_unknown(finding, "systemd ne tourne pas ici, ou ne répond pas");
                doctor_remedy(finding, "sans lui, agent/quickstart lance les mêmes programmes");
                return;
        }
        doctor_pass(finding, "actifs");
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                _cleanup_free_ char *state = NULL;
                if (unit_state(bus, units[i], &state) < 0)
                        doctor_unknown(finding, "%s : état inconnu", units[i]);
                else if (judge_unit(i, units[i], state, stopped, sizeof(stopped), finding))
                        continue;
                doctor_remedy(finding,
                              "systemctl enable --now vigie.target; puis "
                              "journalctl -u %s",
                              units[i]);
                break;
        }
        if (finding->answer == DOCTOR_PASS && *stopped)
                doctor_pass(finding, "actifs; à l'arrêt : %s", stopped);
        sd_bus_flush_close_unref(bus);
}

void doctor_keeper(const struct doctor *doctor, struct doctor_finding *finding)
{
        _cleanup_free_ char *path =
                doctor->settings ? vg_settings_socket_path(doctor->settings) : NULL;
        const int r = path ? cli_reach(path) : -EINVAL;

        if (!path) {
                doctor_unknown(finding, "réglages illisibles");
        } else if (r == 0) {
                doctor_pass(finding, "%s répond", path);
        } else {
                doctor_fail(finding, "%s : %s", path, vg_errno_text(-r));
                doctor_remedy(finding,
                              r == -EACCES
                                      ? N_("être membre du groupe vigie-admin, ou employer sudo")
                                      : N_("systemctl start vigied; puis journalctl -u vigied"));
        }
}

void doctor_libvirt(const struct doctor *doctor, struct doctor_finding *finding)
{
        const char *uri = doctor->settings ? doctor->settings->hypervisor_uri : "";
        _cleanup_free_ char *path = doctor_libvirt_socket(uri);
        const int r = path ? cli_reach(path) : 0;

        if (!doctor->settings)
                doctor_unknown(finding, "réglages illisibles");
        else if (!path)
                doctor_unknown(finding, "%s : aucune prise locale à essayer", uri);
        else if (r == 0)
                doctor_pass(finding, "%s répond", path);
        else {
                doctor_fail(finding, "%s : %s", path, vg_errno_text(-r));
                doctor_remedy(finding,
                              r == -EACCES ? N_("être membre du groupe libvirt")
                                           : N_("systemctl start libvirtd (ou virtqemud.socket)"));
        }
}

void doctor_reader(const struct doctor *doctor, struct doctor_finding *finding)
{
        _cleanup_(status_done) struct status status = { 0 };
        struct cli_view view = doctor->view;
        struct vg_err err = { 0 };

        if (!view.store) {
                doctor_unknown(finding, "registre illisible");
                return;
        }
        if (status_read(doctor->cli, &view, &status, &err) < 0) {
                doctor_unknown(finding, "%s", vg_err_text(&err));
                return;
        }

        const struct status_item *seen = &status.items[STATUS_OBSERVATION];
        const struct status_item *libvirt = &status.items[STATUS_LIBVIRT];
        if (seen->answer == STATUS_PASS && libvirt->answer == STATUS_PASS) {
                doctor_pass(finding, "dernière observation %s; libvirt %s", seen->text,
                            libvirt->text);
        } else if (seen->answer == STATUS_FAIL || libvirt->answer == STATUS_FAIL) {
                doctor_fail(finding, "dernière observation : %s; libvirt : %s", seen->text,
                            libvirt->text);
                doctor_remedy(finding, "systemctl status vigie-hypervisor; journalctl -u "
                                       "vigie-hypervisor");
        } else {
                doctor_unknown(finding, "dernière observation : %s; libvirt : %s", seen->text,
                               libvirt->text);
        }
}

/* The n-th field of a line, from 0, as a number; ULONG_MAX where it is none. */
static unsigned long field(const char *line, unsigned n, int base)
{
        const char *at = line + strspn(line, " ");
        char *end;

        while (n--) {
                at += strcspn(at, " ");
                at += strspn(at, " ");
        }
        errno = 0;
        unsigned long value = strtoul(at, &end, base);
        return errno || end == at ? ULONG_MAX : value;
}

/* Sockets of a table of /proc/net that listen (TCP) or are bound (UDP) and belong to this uid. */
static int count_sockets(const char *path, unsigned long listening, uid_t uid)
{
        FILE *table = fopen(path, "re");
        char line[512];
        int n = 0;

        if (!table)
                return -errno;
        while (fgets(line, sizeof(line), table)) /* fields: … st (3) … uid (7) … */
                n += field(line, 3, 16) == listening && field(line, 7, 10) == uid;
        fclose(table);
        return n;
}

void doctor_ports(const struct doctor *doctor, struct doctor_finding *finding)
{
        static const struct {
                const char *path;
                unsigned long listening; /* TCP_LISTEN; UDP's only state */
        } tables[] = {
                { "/proc/net/tcp", 10 },
                { "/proc/net/tcp6", 10 },
                { "/proc/net/udp", 7 },
                { "/proc/net/udp6", 7 },
        };
        const char *const users[] = { "vigie",
                                      doctor->settings ? doctor->settings->reader_user : "vigie" };

        for (size_t u = 0; u < ELEMENTSOF(users); u++) {
                const struct passwd *account = getpwnam(users[u]);
                for (size_t i = 0; account && account->pw_uid != 0 && i < ELEMENTSOF(tables); i++) {
                        int n = count_sockets(tables[i].path, tables[i].listening, account->pw_uid);
                        if (n <= 0)
                                continue;
                        doctor_fail(finding, "le compte %s écoute sur le réseau (%s)", users[u],
                                    tables[i].path);
                        doctor_remedy(finding, "aucun programme de cette version ne le fait : "
                                               "chercher lequel avec ss -lp");
                        return;
                }
        }
        if (!getpwnam("vigie")) {
                doctor_unknown(finding, "le compte vigie n'existe pas");
                return;
        }
        doctor_pass(finding, "aucun port ouvert");
}
