/* SPDX-License-Identifier: Apache-2.0 */

/* doctor-certificates: those that vigie leans on, and until when: the authorities of destinations and
 * of the BMC, our own authority, and what is shown to destinations. Whose access ends soon is told
 * by an alert (VIG-A-001), and by `vigie access list`. */

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/certificate.h"
#include "cli/doctor.h"
#include "os/clock.h"
#include "os/settings.h"
#include "vigie/civil.h"

enum { SOON_S = 30 * VG_DAY_S };

struct certificates {
        const struct doctor *doctor;
        struct doctor_finding *finding;
        size_t n;
        int64_t now_s, first_s; /* first_s: to end */
};

/* The gravest is what is said: a failure is not replaced, nor what is unknown by what is good. */
static bool take_end(struct certificates *all, const char *name, int64_t until_s)
{
        char date[32];

        if (!all->n++ || until_s < all->first_s)
                all->first_s = until_s;
        if (all->finding->answer == DOCTOR_FAIL || until_s > all->now_s + SOON_S)
                return false;
        vg_utc_format(until_s, date);
        if (until_s <= all->now_s)
                doctor_fail(all->finding, "%s : expiré depuis le %s", name, date);
        else
                doctor_fail(all->finding, "%s : expire le %s", name, date);
        return true;
}

static void take_file(struct certificates *all, const char *path)
{
        struct certificate certificate;
        struct vg_err err = { 0 };
        int r;

        if (!*path)
                return;
        r = certificate_read(path, &certificate, &err);
        if (r == 0) {
                if (take_end(all, path, certificate.until_s))
                        doctor_remedy(all->finding, "y mettre un certificat en vigueur (PEM)");
        } else if (all->finding->answer == DOCTOR_FAIL) {
                return;
        } else if (r == -EACCES || r == -EPERM) {
                doctor_unknown(all->finding, "%s", vg_err_text(&err));
                doctor_remedy(all->finding, "l'essayer avec sudo");
        } else {
                doctor_fail(all->finding, "%s", vg_err_text(&err));
                doctor_remedy(all->finding, "y mettre un certificat en vigueur (PEM)");
        }
}

/* Made when first needed. */
static void take_authority(struct certificates *all)
{
        char path[PATH_MAX];
        struct stat st;

        snprintf(path, sizeof(path), "%.4000s/authority.pem",
                 all->doctor->settings->access_authority);
        if (stat(path, &st) == 0 || errno != ENOENT)
                take_file(all, path);
}

/* As the deliverer told the keeper: its keys are closed to us. */
static int take_delivery(void *ctx, const struct store_delivery *delivery)
{
        struct certificates *all = ctx;
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        const char *until = "";
        char name[128];
        int64_t until_s;

        if (vg_json_parse(delivery->body, strlen(delivery->body), &body, NULL, NULL, NULL) < 0)
                return 0;
        (void)vg_json_get_string(json_object_get(body, "certificate"), "until", &until);
        if (vg_utc_parse(until, &until_s) < 0)
                return 0;
        vg_text_clean(delivery->name, strlen(delivery->name), name, sizeof(name));
        if (take_end(all, name, until_s))
                doctor_remedy(all->finding, "le renouveler auprès du destinataire, puis remplacer "
                                            "client.pem et client.key des clés de livraison");
        return 0;
}

void doctor_certificates(const struct doctor *doctor, struct doctor_finding *finding)
{
        struct certificates all = {
                .doctor = doctor,
                .finding = finding,
                .now_s = vg_floor_div(vg_clock_now().at_utc_ns, VG_NS_PER_S),
        };
        struct vg_err err = { 0 };
        char date[32];

        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
                return;
        }
        take_file(&all, doctor->settings->deliver_ca);
        take_file(&all, doctor->settings->hardware_bmc_ca);
        take_authority(&all);
        if (doctor->view.store &&
            store_delivery_each(doctor->view.store, take_delivery, &all, &err) < 0 &&
            finding->answer == DOCTOR_PASS)
                doctor_unknown(finding, "%s", vg_err_text(&err));
        if (finding->answer != DOCTOR_PASS)
                return;
        if (all.n)
                doctor_pass(finding, "en vigueur; le premier à finir, le %s",
                            vg_utc_format(all.first_s, date));
        else
                doctor_pass(finding, "aucun certificat nécessaire");
}
