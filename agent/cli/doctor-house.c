/* SPDX-License-Identifier: Apache-2.0 */

/* doctor-house: the machine under us: settings, programs, time, accounts, folders, disk. */

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/settings.h"
#include "vigie/civil.h"

enum { FREE_BYTES_LEAST = 1 << 30, GROUPS_MAX = 256 };

void doctor_settings(const struct doctor *doctor, struct doctor_finding *finding)
{
        if (!doctor->settings) {
                doctor_fail(finding, "%s", vg_err_text(&doctor->settings_err));
                doctor_remedy(finding, "corriger ce fichier; « vigie config --man » l'explique");
        } else if (access(doctor->settings->file, R_OK) < 0) {
                doctor_pass(finding, "%s n'existe pas : valeurs par défaut",
                            doctor->settings->file);
        } else {
                doctor_pass(finding, "%s", doctor->settings->file);
        }
}

void doctor_appliance(const struct doctor *doctor, struct doctor_finding *finding)
{
        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
        } else if (!*doctor->settings->appliance_id) {
                doctor_fail(finding, "aucun identifiant : le gardien ne peut pas démarrer");
                doctor_remedy(finding, "« vigie setup », ou [appliance] id dans %s",
                              doctor->settings->file);
        } else {
                doctor_pass(finding, "%s", doctor->settings->appliance_id);
        }
}

bool doctor_find_program(const char *name, char path[PATH_MAX])
{
        char folder[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
        char *slash;

        folder[n > 0 ? n : 0] = '\0';
        slash = strrchr(folder, '/');
        if (!slash)
                return false;
        *slash = '\0';
        snprintf(path, PATH_MAX, "%.3000s/%s", folder, name);
        if (access(path, X_OK) == 0)
                return true;
        slash = strrchr(folder, '/');
        if (!slash)
                return false;
        *slash = '\0';
        snprintf(path, PATH_MAX, "%.3000s/libexec/vigie/%s", folder, name);
        return access(path, X_OK) == 0;
}

void doctor_programs(const struct doctor *doctor _unused_, struct doctor_finding *finding)
{
        static const char *const names[] = { "vigied", "vigie-deliver", "vigie-hardware",
                                             "vigie-hypervisor", "vigie-inspect" };
        char path[PATH_MAX];

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (!doctor_find_program(names[i], path)) {
                        doctor_fail(finding, "%s est introuvable à côté de vigie", names[i]);
                        doctor_remedy(finding, "installer de nouveau : cmake --install");
                        return;
                }
        doctor_pass(finding, "tous présents; vigie %s", VIGIE_VERSION);
}

static bool is_on_path(const char *name)
{
        static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                               "/usr/bin",        "/sbin",          "/bin" };
        char path[PATH_MAX];

        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                snprintf(path, sizeof(path), "%s/%s", folders[i], name);
                if (access(path, X_OK) == 0)
                        return true;
        }
        return false;
}

/* Programs that a source of vigie-hardware runs; IPMI over the network has others than in band. */
void doctor_tools(const struct doctor *doctor, struct doctor_finding *finding)
{
        static const struct {
                const char *source, *program, *package;
                enum { ANYWHERE, OVER_LAN, IN_BAND } where;
        } tools[] = {
                { "ipmi", "ipmi-sel", "freeipmi-tools", OVER_LAN },
                { "ipmi", "ipmi-sensors", "freeipmi-tools", OVER_LAN },
                { "ipmi", "ipmitool", "ipmitool", IN_BAND },
                { "smart", "smartctl", "smartmontools", ANYWHERE },
        };
        size_t n = 0;

        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
                return;
        }
        const char *sources = doctor->settings->hardware_sources;
        const int not_used = *doctor->settings->hardware_ipmi_address ? IN_BAND : OVER_LAN;
        for (size_t i = 0; i < ELEMENTSOF(tools); i++) {
                if (!vg_text_has_word(sources, strlen(sources), ' ', tools[i].source) ||
                    (int)tools[i].where == not_used)
                        continue;
                n++;
                if (is_on_path(tools[i].program))
                        continue;
                doctor_fail(finding, "%s est introuvable, et [hardware] sources demande %s",
                            tools[i].program, tools[i].source);
                doctor_remedy(finding, "apt-get install %s", tools[i].package);
                return;
        }
        if (n)
                doctor_pass(finding, "tous présents");
        else
                doctor_pass(finding, "aucun outil nécessaire");
}

void doctor_tzdata(const struct doctor *doctor, struct doctor_finding *finding)
{
        const char *name = doctor->view.zone_name ? doctor->view.zone_name : "America/Toronto";
        struct vg_zone *zone = NULL;
        struct vg_err err = { 0 };

        if (vg_file_zone(name, &zone, &err) < 0) {
                doctor_fail(finding, "%s", vg_err_text(&err));
                doctor_remedy(finding, "apt-get install tzdata");
        } else {
                doctor_pass(finding, "%s", name);
        }
        vg_zone_free(zone);
}

void doctor_clock(const struct doctor *doctor _unused_, struct doctor_finding *finding)
{
        int64_t offset_ns = 0;

        switch (vg_clock_sync(&offset_ns)) {
        case VG_SYNC_YES:
                doctor_pass(finding, "synchronisée (écart de %lld µs)",
                            (long long)(offset_ns / 1000));
                return;
        case VG_SYNC_NO:
                doctor_fail(finding, "le noyau ne la tient pas pour synchronisée");
                doctor_remedy(finding, "installer et régler chrony ou systemd-timesyncd");
                return;
        default:
                doctor_unknown(finding, "le noyau n'en dit rien");
        }
}

static bool belongs(const char *user, const char *group)
{
        const struct passwd *account = getpwnam(user);
        const struct group *wanted = getgrnam(group);
        gid_t list[GROUPS_MAX];
        int n = GROUPS_MAX;

        if (!account || !wanted || getgrouplist(user, account->pw_gid, list, &n) < 0)
                return false;
        for (int i = 0; i < n; i++)
                if (list[i] == wanted->gr_gid)
                        return true;
        return false;
}

void doctor_groups(const struct doctor *doctor, struct doctor_finding *finding)
{
        const struct vg_settings *s = doctor->settings;
        const struct passwd *me = getpwuid(geteuid());
        char name[256]; /* of this account: the next question overwrites the answer */

        snprintf(name, sizeof(name), "%s", me ? me->pw_name : "");
        if (!s) {
                doctor_unknown(finding, "réglages illisibles");
                return;
        }

        const char *const groups[] = { s->admin_group, "vigie-read" };
        for (size_t i = 0; i < ELEMENTSOF(groups); i++)
                if (!getgrnam(groups[i])) {
                        doctor_fail(finding, "le groupe %s n'existe pas", groups[i]);
                        doctor_remedy(finding,
                                      "systemd-sysusers (units/sysusers.conf), ou "
                                      "groupadd --system %s",
                                      groups[i]);
                        return;
                }
        if (!getpwnam(s->reader_user)) {
                doctor_fail(finding, "le compte %s n'existe pas", s->reader_user);
                doctor_remedy(finding, "systemd-sysusers (units/sysusers.conf)");
        } else if (geteuid() != 0 && *name && !belongs(name, s->admin_group)) {
                doctor_pass(finding, "présents; %s peut lire, mais non poser d'acte (groupe %s)",
                            name, s->admin_group);
        } else {
                doctor_pass(finding, "%s, vigie-read, %s", s->admin_group, s->reader_user);
        }
}

void doctor_folders(const struct doctor *doctor, struct doctor_finding *finding)
{
        struct stat st;

        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
                return;
        }

        const char *state = doctor->settings->state_dir;
        if (stat(state, &st) < 0) {
                doctor_fail(finding, "%s : %s", state, vg_errno_text(errno));
                doctor_remedy(finding,
                              "systemd-tmpfiles --create, ou install -d -o vigie -g "
                              "vigie-read -m 0750 %s",
                              state);
        } else if (st.st_mode & (S_IWGRP | S_IWOTH)) {
                doctor_fail(finding, "%s : d'autres que le gardien peuvent y écrire", state);
                doctor_remedy(finding, "chmod go-w %s", state);
        } else if (st.st_mode & S_IROTH) {
                doctor_fail(finding, "%s : tous les comptes peuvent lire la consommation", state);
                doctor_remedy(finding, "chmod o-rwx %s", state);
        } else {
                doctor_pass(finding, "%s (%04o)", state, (unsigned)(st.st_mode & 07777));
        }
}

void doctor_disk(const struct doctor *doctor, struct doctor_finding *finding)
{
        struct statvfs fs;
        char text[CLI_TEXT];

        if (!doctor->settings || statvfs(doctor->settings->state_dir, &fs) < 0) {
                doctor_unknown(finding, "dossier du registre illisible");
                return;
        }

        const uint64_t n_free = (uint64_t)fs.f_bavail * fs.f_frsize;
        cli_bytes(doctor->cli, n_free, text);
        if (n_free < FREE_BYTES_LEAST) {
                doctor_fail(finding, "%s libres", text);
                doctor_remedy(finding,
                              "libérer de l'espace sous %s : un disque plein arrête "
                              "l'inscription",
                              doctor->settings->state_dir);
        } else {
                doctor_pass(finding, "%s libres", text);
        }
}
