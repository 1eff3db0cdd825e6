/* SPDX-License-Identifier: Apache-2.0 */

/* doctor-proof: the key, the ledger, its last head, and the contract. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"
#include "os/settings.h"
#include "vigie/civil.h"
#include "vigie/ledger.h"

#define SEALED_KEY "/etc/vigie/signing-key.cred" /* made by vigie-keygen.service */
#define SEALED_KEY_PUBLIC "/etc/vigie/signing-key.pub"

static void compare_key(const struct doctor *doctor, const char *path,
                        struct doctor_finding *finding)
{
        uint8_t public_key[VG_PUBLIC_KEY_SIZE];
        char fingerprint[80];
        struct vg_err err = { 0 };

        if (store_key_read_public(path, public_key, &err) < 0) {
                doctor_unknown(finding, "%s", vg_err_text(&err));
                doctor_remedy(finding, "l'essayer avec sudo");
                return;
        }
        store_key_fingerprint(public_key, fingerprint);
        const struct store_identity *id =
                doctor->view.store ? store_identity(doctor->view.store) : NULL;
        if (id && id->has_next && memcmp(id->next_key, public_key, sizeof(public_key)) == 0) {
                doctor_pass(finding, "%s; nouvelle clé, que le gardien prend à son prochain départ",
                            path);
                return;
        }
        if (id && memcmp(id->public_key, public_key, sizeof(public_key)) != 0) {
                doctor_fail(finding, "%s n'est pas la clé qui signe ce registre", path);
                doctor_remedy(finding,
                              "remettre la clé d'origine; une clé perdue ouvre une nouvelle "
                              "origine (« vigie restore »)");
                return;
        }
        doctor_pass(finding, "%s; empreinte %s", path, fingerprint);
}

void doctor_key(const struct doctor *doctor, struct doctor_finding *finding)
{
        const char *path = doctor->settings ? doctor->settings->signing_key : "";
        struct stat st;

        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
        } else if (!*path) {
                if (stat(SEALED_KEY, &st) == 0) {
                        compare_key(doctor, SEALED_KEY_PUBLIC, finding);
                        return;
                }
                doctor_fail(finding, "aucune clé : %s n'existe pas", SEALED_KEY);
                doctor_remedy(finding, "« vigie setup », ou systemctl start vigie-keygen");
        } else if (stat(path, &st) < 0) {
                doctor_fail(finding, "%s : %s", path, vg_errno_text(errno));
                doctor_remedy(finding, "« vigie setup » en crée une, si aucun registre n'existe");
        } else if (st.st_mode & 077) {
                doctor_fail(finding, "%s : d'autres comptes peuvent lire la clé (%04o)", path,
                            (unsigned)(st.st_mode & 07777));
                doctor_remedy(finding, "chmod 0400 %s; la tenir pour connue et en changer", path);
        } else {
                compare_key(doctor, path, finding);
        }
}

void doctor_ledger(const struct doctor *doctor, struct doctor_finding *finding)
{
        char count[CLI_TEXT];

        if (!doctor->settings) {
                doctor_unknown(finding, "réglages illisibles");
                return;
        }
        if (!doctor->view.store) {
                const bool absent = doctor->view_code == -ENOENT;
                if (doctor->view_code == -EACCES)
                        doctor_unknown(finding, "%s", vg_err_text(&doctor->view_err));
                else
                        doctor_fail(finding, "%s", vg_err_text(&doctor->view_err));
                doctor_remedy(finding, absent ? N_("le gardien le crée à son premier démarrage : "
                                                   "systemctl start vigied")
                                              : N_("être membre du groupe vigie-read, ou employer "
                                                   "sudo; puis « vigie ledger verify »"));
                return;
        }

        const struct store_identity *id = store_identity(doctor->view.store);
        cli_count(doctor->cli, (int64_t)(id->size[VG_LOG_CLIENT] + id->size[VG_LOG_SHARED]), count);
        if (*doctor->settings->appliance_id &&
            strcmp(id->appliance, doctor->settings->appliance_id) != 0) {
                doctor_fail(finding, "ce registre est celui de %s", id->appliance);
                doctor_remedy(finding, "vérifier [appliance] id et [paths] state_dir");
        } else {
                doctor_pass(finding, "%s inscriptions", count);
        }
}

static int take_leaf(void *ctx, const struct store_record *record)
{
        *(struct vg_hash *)ctx = record->leaf;
        return 1;
}

/* The last head of a log: signed by the key of the ledger, and the root of what is stored. */
static int check_head(struct store *store, enum vg_log log, struct vg_err *err)
{
        _cleanup_free_ char *text = NULL;
        struct vg_note note;
        struct vg_proof proof;
        int64_t at_ns;

        int r = store_checkpoint_get(store, log, UINT64_MAX, &at_ns, &text, err);
        if (r != 0)
                return r;
        r = vg_note_parse(text, strlen(text), &note, err);
        if (r < 0)
                return r;
        if (strcmp(note.checkpoint.origin, store_identity(store)->origin[log]) != 0)
                return vg_err_set(err, -EBADMSG,
                                  "l'origine de la tête n'est pas celle du registre");
        r = vg_note_check(&note, &store_hasher, store_identity(store)->public_key, store_check,
                          NULL);
        if (r < 0)
                return vg_err_set(err, r, "la signature de la tête ne correspond pas à la clé");
        /* The last record that it covers is in the tree whose root was signed. */
        const struct store_record_query last = { log, note.checkpoint.size - 1,
                                                 note.checkpoint.size, NULL };
        struct vg_hash leaf = { 0 };
        r = store_prove_inclusion(store, log, last.from_seq, last.to_seq, &proof, err);
        if (r >= 0)
                r = store_record_each(store, &last, take_leaf, &leaf, err);
        if (r >= 0)
                r = vg_check_inclusion(&store_hasher, &leaf, last.from_seq, last.to_seq, &proof,
                                       &note.checkpoint.root);
        return r < 0 ? vg_err_set(err, r, "la tête signée n'est pas celle de ce qui est inscrit")
                     : 0;
}

void doctor_checkpoint(const struct doctor *doctor, struct doctor_finding *finding)
{
        struct vg_err err = { 0 };

        if (!doctor->view.store) {
                doctor_unknown(finding, "registre illisible");
                return;
        }
        for (unsigned log = 0; log < VG_LOG_N; log++) {
                int r = check_head(doctor->view.store, (enum vg_log)log, &err);
                if (r == STORE_NONE) {
                        doctor_unknown(finding, "aucune tête signée pour l'instant");
                        return;
                }
                if (r < 0) {
                        doctor_fail(finding, "%s : %s", vg_log_name((enum vg_log)log),
                                    vg_err_text(&err));
                        doctor_remedy(finding,
                                      "« vigie ledger verify » nomme l'inscription; garder "
                                      "une copie avant de toucher à quoi que ce soit");
                        return;
                }
        }
        doctor_pass(finding, "signées par la clé du registre, et conformes à ce qui est inscrit");
}

void doctor_contract(const struct doctor *doctor, struct doctor_finding *finding)
{
        const struct vg_contract *contract = doctor->view.contract;
        char date[16];

        if (!doctor->view.store) {
                doctor_unknown(finding, "registre illisible");
                return;
        }
        if (!contract) {
                doctor_fail(finding, "aucun contrat n'est chargé : rien n'est tarifé");
                doctor_remedy(finding, "vigie contract load FICHIER");
                return;
        }

        const char *appliance = store_identity(doctor->view.store)->appliance;
        if (!vg_contract_site_of(contract, appliance)) {
                doctor_fail(finding, "%s ne nomme pas l'appareil %s", contract->id, appliance);
                doctor_remedy(finding, "corriger [appliance] id, ou les sites du contrat");
        } else if (!vg_contract_covers(contract, doctor->view.now_s, doctor->view.now_s)) {
                doctor_fail(finding, "%s n'est pas en vigueur aujourd'hui : rien n'est tarifé",
                            contract->id);
                doctor_remedy(finding, "charger la révision ou le contrat en vigueur");
        } else {
                doctor_pass(finding, "%s, jusqu'au %s", contract->id,
                            vg_date_format(vg_contract_last_day_at(contract, doctor->view.now_s),
                                           date));
        }
}
