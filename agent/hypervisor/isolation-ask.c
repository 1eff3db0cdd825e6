/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/isolation-ask.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hypervisor/connection.h"
#include "hypervisor/isolation-documents.h"
#include "os/xmltree.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/mem.h"

enum { VOLUMES_MAX = 20000, SNAPSHOTS_MAX = 1000 };

struct ask *ask_new(enum ask_what what, const char (*uuids)[UUID_TEXT], size_t n,
                    const struct call_kind *kind)
{
        struct ask *ask = calloc(1, sizeof(*ask));

        if (!ask)
                return NULL;
        ask->call.kind = kind;
        ask->what = what;
        ask->n = n;
        ask->uuids = n ? calloc(n, sizeof(*ask->uuids)) : NULL;
        ask->pieces = json_array();
        ask->wants = json_object();
        ask->gone = json_array();
        ask->whole = json_array();
        if ((n && !ask->uuids) || !ask->pieces || !ask->wants || !ask->gone || !ask->whole) {
                ask_free(&ask->call);
                return NULL;
        }
        if (n)
                memcpy(ask->uuids, uuids, n * sizeof(*uuids));
        return ask;
}

void ask_free(struct call *call)
{
        struct ask *ask = (struct ask *)call;

        free(ask->uuids);
        json_decref(ask->pieces);
        json_decref(ask->wants);
        json_decref(ask->gone);
        json_decref(ask->whole);
        free(ask);
}

/* ---- one document ---- */

static int take_want(void *user, enum vg_want want, const char *text, const char *detail)
{
        json_t *list = user;

        (void)detail;
        if (want == VG_WANT_PATH)
                json_array_append_new(list, json_string(text));
        else if (want == VG_WANT_PROCESS)
                json_array_append_new(list, json_string("/"));
        return 0;
}

/* What this document alone names: a host of its own has it, and nothing else. */
static void take_wants(struct ask *ask, const json_t *piece)
{
        _cleanup_(vg_host_freep) struct vg_host *host = NULL;
        json_t *list = json_array();

        if (vg_host_new(&host, NULL) == 0 && vg_host_put(host, piece, NULL) == 0)
                vg_host_wants(host, take_want, list);
        if (json_array_size(list))
                json_object_set(ask->wants, json_string_value(json_object_get(piece, "key")), list);
        json_decref(list);
}

/* Takes xml, which libvirt has allocated; NULL: it could not be had. */
static json_t *take_xml(struct ask *ask, const char *kind, const char *parent, unsigned flags,
                        char *xml)
{
        json_t *tree = NULL, *piece = NULL;

        if (xml && xmltree_read(xml, strlen(xml), &tree, NULL) == 0 &&
            vg_document_piece(kind, parent, tree, flags, &piece, NULL) == 0) {
                take_wants(ask, piece);
                json_array_append_new(ask->pieces, piece);
                if (ask->folder)
                        document_write(ask->folder, kind, parent, flags & VG_DOCUMENT_LIVE, tree,
                                       xml);
        }
        json_decref(tree);
        free(xml);
        return piece; /* borrowed */
}

/* ---- domains ---- */

static void take_snapshots(struct ask *ask, virDomainPtr dom)
{
        virDomainSnapshotPtr *list = NULL;
        const char *name = virDomainGetName(dom);
        const int n = name ? virDomainListAllSnapshots(dom, &list, 0) : 0;

        for (int i = 0; i < n; i++) {
                call_step(&ask->call);
                if (i < SNAPSHOTS_MAX)
                        take_xml(ask, "snapshot", name, 0, virDomainSnapshotGetXMLDesc(list[i], 0));
                virDomainSnapshotFree(list[i]);
        }
        free(list);
}

/* That is under way; most have none, and libvirt's answer is then an error. */
static void take_backup(struct ask *ask, virDomainPtr dom)
{
        const char *name = virDomainGetName(dom);

        if (name)
                take_xml(ask, "backup", name, 0, virDomainBackupGetXMLDesc(dom, 0));
}

/* What libvirt does not vouch for, from its sentences to the words of its own status files. */
static const char *taint_of(const char *message)
{
        static const struct {
                const char *says, *word;
        } rows[] = {
                { "custom configuration parameters", "custom-argv" },
                { "custom monitor control", "custom-monitor" },
                { "device tree", "custom-dtb" },
                { "custom device", "custom-device" },
                { "hook script", "hook-script" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strstr(message, rows[i].says))
                        return rows[i].word;
        return NULL;
}

static void take_taints(virDomainPtr dom, json_t *piece)
{
        char **messages = NULL;
        const int n = virDomainGetMessages(dom, &messages, VIR_DOMAIN_MESSAGE_TAINTING);
        json_t *taints = n > 0 ? json_array() : NULL;

        for (int i = 0; i < n; i++) {
                const char *word = taint_of(messages[i]);
                if (word)
                        json_array_append_new(taints, json_string(word));
                free(messages[i]);
        }
        free(messages);
        if (json_array_size(taints) && piece)
                json_object_set(piece, "taints", taints);
        json_decref(taints);
}

static int take_domain(struct ask *ask, virConnectPtr conn, const char *uuid)
{
        virDomainPtr dom = virDomainLookupByUUIDString(conn, uuid);
        struct vg_err err = { 0 };

        if (!dom) {
                int r = connection_error(&err, "virDomainLookupByUUIDString");
                if (r == -ENOENT)
                        json_array_append_new(ask->gone, json_string(uuid));
                return r == -ECONNRESET ? r : 0;
        }
        const bool is_live = virDomainGetID(dom) != (unsigned)-1;
        json_t *piece =
                take_xml(ask, "domain", "", VG_DOCUMENT_HIDDEN | (is_live ? VG_DOCUMENT_LIVE : 0),
                         virDomainGetXMLDesc(dom, 0));
        take_taints(dom, piece);
        take_snapshots(ask, dom);
        if (is_live)
                take_backup(ask, dom);
        virDomainFree(dom);
        return 0;
}

static int take_domains(struct ask *ask, virConnectPtr conn)
{
        int r = 0;

        for (size_t i = 0; i < ask->n && r == 0; i++) {
                call_step(&ask->call);
                r = take_domain(ask, conn, ask->uuids[i]);
        }
        return r;
}

/* ---- what domains stand on ---- */

/* A driver that does not know of such things has none of them. */
static void end_kind(struct ask *ask, const char *kind, int n)
{
        const virError *last = n < 0 ? virGetLastError() : NULL;

        if (n >= 0 || (last && last->code == VIR_ERR_NO_SUPPORT))
                json_array_append_new(ask->whole, json_string(kind));
}

/* The same for every kind that libvirt lists: all of them, their XML, and let go. */
#define TAKE_KIND(ask, kind, type, list_all, xml_of, let_go)              \
        do {                                                              \
                type *list_ = NULL;                                       \
                const int n_ = list_all(conn, &list_, 0);                 \
                end_kind(ask, kind, n_);                                  \
                for (int i_ = 0; i_ < n_; i_++) {                         \
                        call_step(&(ask)->call);                          \
                        take_xml(ask, kind, "", 0, xml_of(list_[i_], 0)); \
                        let_go(list_[i_]);                                \
                }                                                         \
                free(list_);                                              \
        } while (0)

static void take_house(struct ask *ask, virConnectPtr conn)
{
        TAKE_KIND(ask, "network", virNetworkPtr, virConnectListAllNetworks, virNetworkGetXMLDesc,
                  virNetworkFree);
        TAKE_KIND(ask, "nwfilter", virNWFilterPtr, virConnectListAllNWFilters,
                  virNWFilterGetXMLDesc, virNWFilterFree);
        TAKE_KIND(ask, "pool", virStoragePoolPtr, virConnectListAllStoragePools,
                  virStoragePoolGetXMLDesc, virStoragePoolFree);
        TAKE_KIND(ask, "secret", virSecretPtr, virConnectListAllSecrets, virSecretGetXMLDesc,
                  virSecretFree);
}

static int take_volumes(struct ask *ask, virStoragePoolPtr pool, int *n_left)
{
        virStorageVolPtr *list = NULL;
        const char *name = virStoragePoolGetName(pool);

        call_step(&ask->call);
        const int n = name ? virStoragePoolListAllVolumes(pool, &list, 0) : -1;
        for (int i = 0; i < n; i++) {
                call_step(&ask->call);
                if ((*n_left)-- > 0)
                        take_xml(ask, "volume", name, 0, virStorageVolGetXMLDesc(list[i], 0));
                virStorageVolFree(list[i]);
        }
        free(list);
        return n;
}

/* Of pools that are off nothing is listed, and nothing is missing. */
static void take_pools(struct ask *ask, virConnectPtr conn)
{
        virStoragePoolPtr *pools = NULL;
        const int n =
                virConnectListAllStoragePools(conn, &pools, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
        int n_left = VOLUMES_MAX;
        bool whole = true;

        for (int i = 0; i < n; i++) {
                whole = take_volumes(ask, pools[i], &n_left) >= 0 && whole;
                virStoragePoolFree(pools[i]);
        }
        free(pools);
        if (whole && n_left >= 0)
                end_kind(ask, "volume", n);
}

static void take_slow(struct ask *ask, virConnectPtr conn)
{
        virNodeDevicePtr *devices = NULL;

        call_step(&ask->call);
        take_xml(ask, "capabilities", "", 0, virConnectGetCapabilities(conn));
        call_step(&ask->call);
        const int n = virConnectListAllNodeDevices(conn, &devices,
                                                   VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV |
                                                           VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV);
        end_kind(ask, "nodedev", n);
        for (int i = 0; i < n; i++) {
                call_step(&ask->call);
                take_xml(ask, "nodedev", "", 0, virNodeDeviceGetXMLDesc(devices[i], 0));
                virNodeDeviceFree(devices[i]);
        }
        free(devices);
        take_pools(ask, conn);
}

static uint64_t thread_cpu_ns(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
        return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

int ask_work(struct call *call, struct connection *connection, struct vg_err *err)
{
        struct ask *ask = (struct ask *)call;
        const uint64_t begun = thread_cpu_ns();
        int r = 0;

        if (ask->what == ASK_DOMAINS)
                r = take_domains(ask, connection->conn);
        else if (ask->what == ASK_HOUSE)
                take_house(ask, connection->conn);
        else
                take_slow(ask, connection->conn);
        ask->cpu_ns = thread_cpu_ns() - begun;
        return r < 0 ? vg_err_set(err, r, "documents de libvirt illisibles") : 0;
}
