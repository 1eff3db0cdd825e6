/* SPDX-License-Identifier: Apache-2.0 */

/* Who is to be reached. There is no list of destinations in the settings: the contract in force names
 * its recipients and their channels, and the role of each decides by which sink it is reached. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/deliver.h"
#include "deliver/granted.h"
#include "deliver/key.h"
#include "deliver/url.h"
#include "os/files.h"
#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "store/store.h"
#include "vigie/contract.h"
#include "vigie/egress.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static const struct vg_sink *const sinks[] = {
#define VG_SINK(name) &vg_sink_##name,
#include "deliver/sinks.def"
#undef VG_SINK
};

int sink_url_endpoint(_unused_ const struct vg_settings *settings, const struct destination *to,
                      char **ret_endpoint, struct vg_err *err)
{
        struct url url;
        int r = url_parse(to->recipient->webhook, &url, err);

        if (r < 0)
                return r;
        *ret_endpoint = strdup(url.endpoint);
        return *ret_endpoint ? 0 : vg_err_set(err, -ENOMEM, "mémoire épuisée");
}

static const struct vg_sink *find_sink(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(sinks); i++)
                if (strcmp(sinks[i]->name, name) == 0)
                        return sinks[i];
        return NULL;
}

/* The supplier's maintenance has a sink of its own, by its role alone: nothing in the contract or the
 * settings can make it carry anything else. */
static const char *sink_name(enum vg_channel channel, enum vg_role role)
{
        if (channel == VG_CHANNEL_EMAIL)
                return "mail";
        if (channel == VG_CHANNEL_BUNDLE)
                return "bundle";
        return role == VG_ROLE_SUPPLIER_MAINTENANCE ? "supplier" : "webhook";
}

/* ---- may it be reached ---- */

static bool allows(void *user, const struct sockaddr *address)
{
        const struct deliver *d = user;

        for (size_t i = 0; i < d->n_networks; i++)
                if (vg_network_holds(&d->networks[i], address))
                        return true;
        return false;
}

struct approving {
        const char *endpoint;
        bool is_approved, is_public_cloud;
};

static int find_approval(void *ctx, const struct store_approval *approval)
{
        struct approving *approving = ctx;

        if (strcmp(approval->endpoint, approving->endpoint) == 0) {
                approving->is_approved = true;
                approving->is_public_cloud = approval->is_public_cloud;
        }
        return 0;
}

static void shut(struct courier *c, enum vg_egress_verdict verdict, const char *what)
{
        char why[512];

        snprintf(why, sizeof(why), _(vg_egress_text(verdict)), what);
        courier_shut(c, verdict == VG_EGRESS_OFF ? COURIER_OFF : COURIER_REFUSED, why);
}

static int judge(struct courier *c, struct vg_err *err)
{
        const struct deliver *d = c->deliver;
        struct approving approving = { .endpoint = c->endpoint };
        int r = store_approval_each(d->store, find_approval, &approving, err);

        if (r < 0)
                return r;
        const struct vg_egress egress = {
                .mode = d->settings->egress_mode,
                .hosts = d->settings->egress_hosts,
                .is_approved = approving.is_approved,
                .is_public_cloud = approving.is_public_cloud,
                .public_cloud_allowed = d->contract->public_cloud_allowed,
                .is_supplier = c->to.recipient->role == VG_ROLE_SUPPLIER_MAINTENANCE,
        };
        const enum vg_egress_verdict verdict = vg_egress_judge(&egress, c->endpoint);
        if (verdict != VG_EGRESS_OPEN)
                shut(c, verdict, c->endpoint);
        return 0;
}

/* The supplier's end is known by the keys that were let in, if any were. */
static int judge_access(struct courier *c, struct vg_err *err)
{
        struct deliver *d = c->deliver;
        _cleanup_(granted_done) struct granted granted = { 0 };

        if (c->to.sink != &vg_sink_supplier || c->is_shut)
                return 0;
        int r = granted_read(d->store, d->contract, d->now_s, &granted, err);
        if (r < 0)
                return r;
        if (granted.until_s < d->until_s)
                d->until_s = granted.until_s;
        if (granted.is_ruled && granted.pins.n == 0)
                courier_shut(
                        c, COURIER_REFUSED,
                        _("aucun certificat du fournisseur n'est admis : « vigie access grant »"));
        else
                c->trust.pin = c->pins = vg_buf_take(&granted.pins);
        return 0;
}

static int find_endpoint(struct courier *c, struct vg_err *err)
{
        _cleanup_free_ char *endpoint = NULL;
        struct vg_err why = { 0 };

        if (!c->to.sink) {
                courier_shut(c, COURIER_OFF, _("par paquet : « vigie bundle export »"));
                return 0;
        }
        if (strcmp(c->deliver->settings->egress_mode, "listed") != 0) {
                shut(c, VG_EGRESS_OFF, c->name); /* wherever it would lead */
                return 0;
        }
        int r = c->to.sink->endpoint(c->deliver->settings, &c->to, &endpoint, &why);
        if (r < 0) {
                courier_shut(c, COURIER_REFUSED, vg_err_text(&why));
                return 0;
        }
        snprintf(c->endpoint, sizeof(c->endpoint), "%s", endpoint);
        r = judge(c, err);
        return r < 0 ? r : judge_access(c, err);
}

/* ---- couriers ---- */

static void set_trust(struct courier *c)
{
        const struct vg_settings *settings = c->deliver->settings;

        c->trust = (struct vg_trust){
                .ca_file = settings->deliver_ca,
                .allows = allows,
                .allows_user = c->deliver,
        };
        c->certificate = key_path(settings, "client.pem");
        c->private_key = key_path(settings, "client.key");
        c->has_client_certificate = c->certificate && c->private_key &&
                                    access(c->certificate, R_OK) == 0 &&
                                    access(c->private_key, R_OK) == 0;
        if (c->has_client_certificate) {
                c->trust.certificate = c->certificate;
                c->trust.private_key = c->private_key;
        }
}

static int add(struct deliver *d, const struct vg_recipient *recipient, enum vg_channel channel,
               struct vg_err *err)
{
        const char *word = sink_name(channel, recipient->role);
        _cleanup_(courier_freep) struct courier *c = NULL;
        struct courier **couriers = reallocarray(d->couriers, d->n_couriers + 1, sizeof(*couriers));
        char name[256];
        const struct destination to = {
                .name = name,
                .sink = find_sink(word),
                .recipient = recipient,
                .contract = d->contract,
                .appliance = d->settings->appliance_id,
        };

        if (!couriers)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        d->couriers = couriers;
        snprintf(name, sizeof(name), "%s/%s", recipient->id, word);
        int r = courier_new(d, &to, &c, err);
        if (r == 0)
                set_trust(c);
        if (r == 0)
                r = find_endpoint(c, err);
        if (r == 0)
                couriers[d->n_couriers++] = TAKE_PTR(c);
        return r;
}

static int add_all(struct deliver *d, struct vg_err *err)
{
        int r = 0;

        for (size_t i = 0; d->contract && i < d->contract->n_recipients && r == 0; i++)
                for (unsigned channel = 0; channel < VG_CHANNEL_N && r == 0; channel++)
                        if (d->contract->recipients[i].channels & 1u << channel)
                                r = add(d, &d->contract->recipients[i], (enum vg_channel)channel,
                                        err);
        return r;
}

void destinations_done(struct deliver *d)
{
        for (size_t i = 0; i < d->n_couriers; i++)
                courier_free(d->couriers[i]);
        free(TAKE_PTR(d->couriers));
        d->n_couriers = 0;
        vg_contract_free(TAKE_PTR(d->contract));
}

/* ---- the contract in force ---- */

struct reading {
        struct deliver *deliver;
        struct vg_err *err;
};

static int read_contract(void *ctx, const struct store_contract *row)
{
        struct reading *reading = ctx;
        struct deliver *d = reading->deliver;
        struct vg_refusals refusals = { 0 };
        int r = store_contract_read(d->store, row->text, row->n_text, NULL, 0, vg_file_zone,
                                    &d->contract, &refusals, reading->err);

        if (r == VG_CONTRACT_REFUSED)
                vg_log(LOG_ERR,
                       "le contrat %s du registre n'est plus lisible par cette version (%s) : "
                       "rien n'est livré",
                       row->contract_id, vg_refusal_code(&refusals.list[0]));
        vg_refusals_done(&refusals);
        return r < 0 ? r : 0;
}

/* 1: a record that may change who is reached. */
static int judge_record(_unused_ void *ctx, const struct store_record *record)
{
        static const char *const verbs[] = { "access.", "contract.", "egress." };
        _cleanup_(vg_json_decrefp) json_t *body = NULL;
        struct vg_record split;
        const char *verb;

        if (strcmp(record->type, "contract") == 0)
                return 1;
        if (!record->bytes || vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &body, NULL, NULL, NULL) < 0 ||
            vg_json_get_string(body, "verb", &verb) < 0)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (strncmp(verb, verbs[i], strlen(verbs[i])) == 0)
                        return 1;
        return 0;
}

/* Another contract may be in force, or another destination approved: by records since the last look,
 * or by the calendar. Negative: an error. */
static int has_changed(const struct deliver *d, struct vg_err *err)
{
        static const char *const types[] = { "act", "contract" };
        const uint64_t size = store_identity(d->store)->size[VG_LOG_CLIENT];
        int r = !d->has_policy || d->now_s >= d->until_s;

        for (size_t i = 0; i < ELEMENTSOF(types) && r == 0; i++) {
                const struct store_record_query query = {
                        .log = VG_LOG_CLIENT,
                        .from_seq = d->policy_seq,
                        .to_seq = size,
                        .type = types[i],
                };
                r = store_record_each(d->store, &query, judge_record, NULL, err);
        }
        return r;
}

int destinations_update(struct deliver *d, struct vg_err *err)
{
        struct reading reading = { d, err };
        const struct store_now query = { d->settings->appliance_id, d->now_s, vg_file_zone };
        const uint64_t size = store_identity(d->store)->size[VG_LOG_CLIENT];
        int r = has_changed(d, err);

        d->policy_seq = size;
        if (r <= 0)
                return r;
        destinations_done(d);
        r = store_contract_now(d->store, &query, read_contract, &reading, &d->until_s, err);
        if (r >= 0)
                r = add_all(d, err);
        d->has_policy = r == 0;
        return r;
}
