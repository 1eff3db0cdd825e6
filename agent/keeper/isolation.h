/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* isolation: what the readers see of it becomes a host (vigie/isolation.h), the host a verdict, and
 * what changes in the verdict records. Memory holds the evidence, the ledger what followed from it.
 *
 *   isolation-hear.c      lines of evidence
 *   isolation-judge.c     verdict and records
 *   isolation-record.c    a verdict as bodies of records
 *   isolation-load.c      what the ledger holds: open findings, waivers
 *   isolation-tell.c      alerts
 *   isolation-register.c  who the tenants are, and what was promised to them
 *   isolation.c           life: who is silent, and when to judge
 *
 * Records, all in the client log, keys in this order:
 *
 * finding    {"at","check","digest","domains":[{"name","tenant","uuid"}],"event":"opened|changed|
 *            closed","evidence":[text],"host","key","pairs":[[uuid,uuid]],"pairs_cut":0|1,"resource",
 *            "severity","since"}; digest: SHA-256 of what stands in "domains", "evidence", "pairs",
 *            "resource" and "severity"; evidence: French texts, translated where they are shown, and
 *            data; host: digest of all evidence that was judged. A finding that cannot be seen any
 *            more (unknown) stays open.
 * isolation  {"at","checks":{id: status},"domains":N,"event":"verdict","host","tenants":{id:
 *            {family: status}}}: the gravest; tenant "-": the host itself. When it differs.
 *            {"at","cause":"never|stopped|silent","event":"lost","since","source"}: from since on what
 *            that reader sees was not observed (never: nor before); {"at","event":"observed","source"}: it is again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keeper/hearers.h"
#include "os/pieces.h"

struct keeper;
struct vg_err;
struct vg_host;
struct vg_verdict;
struct records;

enum iso_source { ISO_HYPERVISOR, ISO_INSPECT, ISO_N_SOURCES };

struct iso_reader {
        struct pieces pieces; /* what it has told, as it counts them */
        uint64_t confirmed_boot_ns;
        int64_t since_s;           /* since when it is not; 0: it never was */
        bool is_observed, is_told; /* as the ledger says; told: that it says either */
};

struct iso_open { /* a finding that is open */
        char *key, *check, *severity, *resource;
        char **tenants, **uuids; /* of its domains, tenants each once; NULL ends them */
        char digest[65];
        int64_t since_s;
};

struct iso_waiver {
        char *check, *target, *author;
        int64_t until_s;
};

struct isolation {
        struct vg_host *host;
        struct iso_reader readers[ISO_N_SOURCES];
        struct iso_open *open; /* by key */
        size_t n_open;
        struct iso_waiver *waivers;
        size_t n_waivers;
        char *verdict; /* what the last record says, but for time and digest */
        uint64_t judged_boot_ns, took_ns, told_boot_ns;
        bool wanted;      /* something changed since */
        bool must_tell;   /* the alerts have not been told of the last change */
        bool judge_fails; /* and that was said */
};

const char *iso_source_name(enum iso_source source); /* "hypervisor", "inspect" */

int isolation_init(struct keeper *keeper, struct vg_err *err);
void isolation_done(struct isolation *isolation);
/* Once a second. */
void isolation_tick(struct keeper *keeper);
/* Contract, map of tenants, policy or waivers are others now. */
void isolation_reload(struct keeper *keeper);

/* ---- between the files ---- */

hear_fn isolation_hear;
/* Forgets what a reader has told. */
void isolation_reset(struct isolation *isolation, struct iso_reader *reader);
/* Judges now, where there is something to judge, and records what changed. Failures are said, and the
 * next one tries again. */
void isolation_judge(struct keeper *keeper);
/* Who has fallen silent, and who speaks again, is recorded. */
void isolation_observe(struct keeper *keeper);
/* Tells the alerts what is so. */
void isolation_tell(struct keeper *keeper, int64_t utc_ns);
int isolation_open_load(struct keeper *keeper, struct vg_err *err);
void isolation_forget(struct isolation *isolation); /* what was loaded */
int isolation_waivers_load(struct keeper *keeper, struct vg_err *err);
/* The register as a piece of evidence, put to the host. */
int isolation_register(struct keeper *keeper, struct vg_err *err);
