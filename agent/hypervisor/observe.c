/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/observe.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "hypervisor/domains.h"
#include "hypervisor/outbox.h"
#include "hypervisor/volumes.h"
#include "os/log.h"
#include "vigie/text.h"

static uint64_t send_body(struct outbox *outbox, const char *kind, const struct vg_now *at,
                          struct vg_json *json)
{
        int64_t r = json->buf.failed ? -ENOMEM
                                     : outbox_send(outbox, kind, at, json->buf.data, json->buf.n);

        if (r < 0)
                vg_log(LOG_ERR, "observation « %s » perdue : %s", kind, strerror((int)-r));
        vg_json_done(json);
        return r < 0 ? 0 : (uint64_t)r;
}

static void put_disks(struct vg_json *json, const struct facts *facts)
{
        vg_json_array(json, "disks");
        for (size_t i = 0; facts && i < facts->n_disks; i++) {
                const struct disk *disk = &facts->disks[i];
                if (!disk->sized) /* not measured yet: no size rather than a wrong one */
                        continue;
                vg_json_object(json, NULL);
                vg_json_int(json, "capacity_kib", (int64_t)disk->capacity_kib);
                vg_json_string(json, "key", disk->key);
                vg_json_string(json, "target", disk->target);
                vg_json_int(json, "writable", disk->writable);
                vg_json_end_object(json);
        }
        vg_json_end_array(json);
}

static void put_hints(struct vg_json *json, const struct facts *facts)
{
        vg_json_object(json, "hints");
        for (int hint = 0; facts && hint < N_HINTS; hint++)
                if (facts->hints[hint])
                        vg_json_string(json, hint_word((enum hint)hint), facts->hints[hint]);
        vg_json_end_object(json);
}

static void put_nics(struct vg_json *json, const struct facts *facts)
{
        vg_json_array(json, "nics");
        for (size_t i = 0; facts && i < facts->n_nics; i++) {
                vg_json_object(json, NULL);
                vg_json_string(json, "mac", facts->nics[i].mac);
                vg_json_string(json, "target", facts->nics[i].target);
                vg_json_end_object(json);
        }
        vg_json_end_array(json);
}

static void send_domain(struct outbox *outbox, const struct vg_now *at, const struct domain *domain,
                        const struct facts *facts, enum domain_state state, const char *why)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        put_disks(&json, facts);
        put_hints(&json, facts);
        vg_json_int(&json, "memory_kib", facts ? (int64_t)facts->memory_kib : 0);
        vg_json_string(&json, "name", domain->facts ? domain->facts->name : "");
        put_nics(&json, facts);
        vg_json_string(&json, "run", domain_state_is_active(state) ? domain->run.id : "");
        vg_json_string(&json, "scope", "domain");
        vg_json_string(&json, "state", domain_state_word(state));
        vg_json_string(&json, "uuid", domain->uuid);
        vg_json_int(&json, "vcpus", facts ? facts->vcpus : 0);
        vg_json_string(&json, "why", why);
        vg_json_end_object(&json);
        send_body(outbox, "facts", at, &json);
}

void observe_domain(struct outbox *outbox, const struct vg_now *at, const struct domain *domain,
                    const char *why)
{
        send_domain(outbox, at, domain, domain->facts, domain->state, why);
}

void observe_gone(struct outbox *outbox, const struct vg_now *at, const struct domain *domain)
{
        send_domain(outbox, at, domain, NULL, DOMAIN_GONE, "event");
}

void observe_volume(struct outbox *outbox, const struct vg_now *at, const struct volume *volume)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        vg_json_int(&json, "capacity_kib", (int64_t)volume->capacity_kib);
        vg_json_object(&json, "hints");
        vg_json_end_object(&json);
        vg_json_string(&json, "key", volume->key);
        vg_json_string(&json, "name", volume->name);
        vg_json_string(&json, "pool", volume->pool);
        vg_json_string(&json, "scope", "volume");
        vg_json_end_object(&json);
        send_body(outbox, "facts", at, &json);
}

/* SHA-256 over the names, each followed by a newline, as hexadecimal. */
static void digest_names(const char *const *names, size_t n, char hex[2 * 32 + 1])
{
        unsigned char digest[32] = { 0 };
        EVP_MD_CTX *context = EVP_MD_CTX_new();

        if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL)) {
                for (size_t i = 0; i < n; i++) {
                        EVP_DigestUpdate(context, names[i], strlen(names[i]));
                        EVP_DigestUpdate(context, "\n", 1);
                }
                EVP_DigestFinal_ex(context, digest, NULL);
        }
        EVP_MD_CTX_free(context);
        vg_hex_format(digest, sizeof(digest), hex);
}

uint64_t observe_end(struct outbox *outbox, const struct vg_now *at, const char *scope,
                     const char *const *names, size_t n)
{
        struct vg_json json = { 0 };
        char hex[2 * 32 + 1];

        digest_names(names, n, hex);
        vg_json_object(&json, NULL);
        vg_json_int(&json, "count", (int64_t)n);
        vg_json_string(&json, "digest", hex);
        vg_json_string(&json, "scope", scope);
        vg_json_end_object(&json);
        return send_body(outbox, "facts-end", at, &json);
}

void observe_heartbeat(struct outbox *outbox, const struct vg_now *at, bool is_ok, size_t n_domains)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        vg_json_string(&json, "clock", vg_clock_sync_word(vg_clock_sync(NULL)));
        vg_json_int(&json, "domains", (int64_t)n_domains);
        vg_json_string(&json, "libvirt", is_ok ? "ok" : "lost");
        vg_json_end_object(&json);
        send_body(outbox, "heartbeat", at, &json);
}

void observe_libvirt(struct outbox *outbox, const struct vg_now *at, bool is_ok, const char *cause,
                     uint64_t since_boot_ns)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        vg_json_string(&json, "cause", cause);
        vg_json_int(&json, "since_boot_ns", (int64_t)since_boot_ns);
        vg_json_string(&json, "state", is_ok ? "ok" : "lost");
        vg_json_string(&json, "subject", "libvirt");
        vg_json_end_object(&json);
        send_body(outbox, "condition", at, &json);
}

void observe_domain_stuck(struct outbox *outbox, const struct vg_now *at, const char *uuid,
                          bool is_stuck)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        vg_json_string(&json, "cause", is_stuck ? "silent" : "");
        vg_json_string(&json, "state", is_stuck ? "stuck" : "ok");
        vg_json_string(&json, "subject", "domain");
        vg_json_string(&json, "uuid", uuid);
        vg_json_end_object(&json);
        send_body(outbox, "condition", at, &json);
}

void observe_clock(struct outbox *outbox, const struct vg_now *at, const char *state,
                   int64_t offset_ns)
{
        struct vg_json json = { 0 };

        vg_json_object(&json, NULL);
        vg_json_int(&json, "offset_ns", offset_ns);
        vg_json_string(&json, "state", state);
        vg_json_string(&json, "subject", "clock");
        vg_json_end_object(&json);
        send_body(outbox, "condition", at, &json);
}
