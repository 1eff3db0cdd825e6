/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation: are the tenants of one host kept apart, and how do we know? Pure.
 *
 *   pieces of evidence --vg_host_put--> host --vg_isolation_judge--> verdict
 *
 * A piece is a JSON object {"scope","key",...}; it is also the body of an observation of kind
 * "evidence". The same (scope, key) replaces. Whoever reads a document or a file of the host makes
 * pieces, and judges nothing. Strings and integers only. What a piece leaves out was not seen.
 *
 * scope       key            what
 * document    KIND/NAME      "tree": a libvirt document; kinds and names below
 * complete    KIND           every document of that kind has been sent (else one that is missing is
 *                            unknown); "domain" for those of the host too
 * gone        KIND/NAME      takes the document back (also vg_host_drop())
 * texts       any            "texts": {path: content} of small files of the host, as they stand:
 *                            /proc/cmdline, /etc/libvirt/qemu.conf, /sys/kernel/mm/ksm/run ... What
 *                            was looked for and is not there is left out. One key a reader's group.
 * path        path           what the path leads to; see below
 * process     domain's uuid  /proc of its QEMU; see below
 * filters     any            "chains": ["libvirt-I-vnet0", ...]: every chain of libvirt's filters in
 *                            the kernel
 * processes   any            "orphans": [PID, ...]: QEMU processes that belong to no domain
 * tenants     any            "register": tenants.json (agent/core/isolation/register.c)
 * mirrors     any            "mirrors": [[from, to], ...]: ports of which traffic is copied to another
 *
 * Kinds and names of documents: domain/UUID, network/NAME, nwfilter/NAME, pool/NAME,
 * volume/POOL/NAME, nodedev/NAME, secret/UUID, snapshot/DOMAIN/NAME, backup/DOMAIN,
 * capabilities/host.
 *
 * A tree is an element: {"n": local name, "ns": namespace where it has one, "a": {attribute:
 * value}, "t": text without white space around, "c": [elements]}; what is empty is left out. What no
 * check asks about may be left out. A piece of a domain has besides "live": 1 when it runs,
 * "hidden": 1 when it was read where passwords are not shown, and "taints": [words of libvirt,
 * "custom-monitor" ...].
 *
 * path: "real": where links lead ("" : nothing is there; then "toward": where they would, as far as
 *   they were seen), "kind": "file|block|char|dir|other",
 *   "dev", "ino" ("8:1" and decimal), "rdev" ("253:0", block and char), "mode" (octal text, "0644"),
 *   "open": 1 when others may walk through every parent, 0 when not, "format": "qcow2|qed|vmdk|raw",
 *   "backing", "data_file": what the header names, see vg_backing_resolve(); "backing_raw": 1 when
 *   it says that what lies beneath is raw; "backing_bad": 1 when it names what cannot be read;
 *   "crypt": 1 on an encrypted device, 0 when it is known not to be.
 * process: "pid", "uid", "seccomp", "no_new_privs", "caps" (hex text), "label" (text),
 *   "label_error" (errno name, where the kernel has none), "threads": {tid: cpu list},
 *   "vcpus": [tid: those of the threads that run a vCPU], "cookies": [scheduling cookies as text],
 *   "ksm_mergeable": 0|1, "mnt_private": 0|1, "files": [paths held open, regular and block], "listens":
 *   ["0.0.0.0:5900"]. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vg_err;
struct vg_json;

/* ---- the catalogue ---- */

enum vg_iso_severity { VG_ISO_LOW, VG_ISO_MEDIUM, VG_ISO_HIGH, VG_ISO_CRITICAL };
enum vg_iso_scope { VG_ISO_DOMAIN, VG_ISO_CROSS, VG_ISO_HOST };
/* In order of gravity: of several, the last one counts. */
enum vg_iso_status { VG_ISO_NOT_APPLICABLE, VG_ISO_PASS, VG_ISO_UNKNOWN, VG_ISO_FAIL };

const char *vg_iso_severity_name(enum vg_iso_severity severity); /* "low" ... */
const char *vg_iso_status_name(enum vg_iso_status status);       /* "not_applicable" ... */

struct vg_check {       /* a row of agent/core/isolation/checks.def */
        const char *id; /* "ISO-NET-01" */
        enum vg_iso_severity severity;
        enum vg_iso_scope scope;
        const char *title[2]; /* French, English */
};
/* Rows in order of id. */
const struct vg_check *vg_check_rows(size_t *ret_n);
const struct vg_check *vg_check_find(const char *id); /* NULL: no such check */

/* ---- making pieces ---- */

enum { VG_DOCUMENT_LIVE = 1, VG_DOCUMENT_HIDDEN = 2 };

/* The piece of a libvirt document: its tree (of agent/os/xmltree.h; borrowed) without what no check
 * asks about, and without passwords. parent: the pool of a volume, the domain of a snapshot or a
 * backup; else "". -EINVAL: not such a document. The caller owns *ret_piece. */
int vg_document_piece(const char *kind, const char *parent, const json_t *tree, unsigned flags,
                      json_t **ret_piece, struct vg_err *err);

/* Where the name that an image's header gives another leads: a path, relative to the folder of `image`
 * where it is, or an object of the network, as it stands ("nbd://..."). false: it cannot be read. */
bool vg_backing_resolve(const char *name, const char *image, char *path, size_t size);

/* Whether a register ("tenants") is what is to be loaded: every key, type and word is known, and
 * whoever it names is a tenant. -EINVAL: *err has the path and what is expected. */
int vg_register_check(const json_t *json, struct vg_err *err);

/* ---- the host ---- */

struct vg_host;

int vg_host_new(struct vg_host **ret_host, struct vg_err *err);
void vg_host_free(struct vg_host *host);
static inline void vg_host_freep(struct vg_host **host)
{
        vg_host_free(*host);
}

/* Takes a piece in. -EINVAL: not one (the host is as before). -E2BIG: beyond a bound. -ENOMEM. */
int vg_host_put(struct vg_host *host, const json_t *piece, struct vg_err *err);
/* Takes one back; unknown ones are none. */
void vg_host_drop(struct vg_host *host, const char *scope, const char *key);

/* What the documents make worth looking at, each once, sorted. Valid until the next put or drop. */
enum vg_want {
        VG_WANT_PATH,   /* a path: of an image, a directory, a socket */
        VG_WANT_PORT,   /* the host's end of a network interface: "vnet0" */
        VG_WANT_PROCESS /* a running domain: text is its uuid, detail its name */
};
typedef int vg_want_fn(void *user, enum vg_want want, const char *text, const char *detail);
/* A negative answer of fn stops and is passed up. */
int vg_host_wants(const struct vg_host *host, vg_want_fn *fn, void *user);
/* The files of which "texts" may speak: paths, '*' for any run of bytes but '/'. NULL ends them. */
const char *const *vg_host_texts(void);

/* ---- the verdict ---- */

enum { VG_ISO_PAIRS_MAX = 4096 }; /* of one finding; of more, pairs_cut tells */

struct vg_iso_domain {
        const char *uuid, *name, *tenant; /* tenant "": nobody's */
};

struct vg_finding { /* a failure, or what could not be seen */
        const struct vg_check *check;
        enum vg_iso_status status; /* VG_ISO_FAIL, VG_ISO_UNKNOWN */
        enum vg_iso_severity severity;
        const char *resource;    /* "br0", "/srv/x.img", "cpu 2"; "" where none */
        const uint32_t *domains; /* indexes, sorted; none: the host itself, "-" */
        size_t n_domains;
        const uint32_t (*pairs)[2]; /* of domains of two tenants */
        size_t n_pairs;
        bool pairs_cut;
        const char *const *evidence; /* French texts and data, each whole, in no language yet */
        size_t n_evidence;
};

struct vg_verdict {
        const struct vg_iso_domain *domains; /* sorted by name, then uuid */
        size_t n_domains;
        const struct vg_finding *findings; /* by check, then domains, then resource */
        size_t n_findings;
        /* n_checks rows of n_domains + 1 of enum vg_iso_status; the last column is the host. */
        const uint8_t *status;
};

/* The same host gives the same verdict. The caller frees. The verdict outlives the host. */
int vg_isolation_judge(const struct vg_host *host, struct vg_verdict **ret_verdict,
                       struct vg_err *err);
void vg_verdict_free(struct vg_verdict *verdict);
static inline void vg_verdict_freep(struct vg_verdict **verdict)
{
        vg_verdict_free(*verdict);
}

enum vg_iso_status vg_verdict_of(const struct vg_verdict *verdict, size_t check, size_t domain);
/* The gravest of a check over the domains and the host: of all, one has the last word. */
enum vg_iso_status vg_verdict_check(const struct vg_verdict *verdict, size_t check);

/* {"findings":[...],"summary":{...}} into *json, under key (NULL at the top). Findings, and one
 * entry for each check that has none. */
void vg_verdict_json(const struct vg_verdict *verdict, struct vg_json *json, const char *key);
