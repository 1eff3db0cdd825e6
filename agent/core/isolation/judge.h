/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* judge: what the checks share: the domains and whose they are, and how a result is given.
 *
 * What is told to people is either a whole text, marked N_(), that is translated where it is shown, or
 * data: names and paths in the words of libvirt and the kernel. The two are never put into one. A
 * verdict, and so the ledger, reads the same in every language.
 *
 * A check is a function of checks.def. It calls judge_pass(), judge_unknown() or judge_fail() for
 * the domains (or JUDGE_HOST) that it concerns; to whom it says nothing it does not apply. */

#include "host.h"
#include "register.h"
#include "vigie/err.h"
#include "vigie/isolation.h"

struct domain {
        const struct node *xml, *devices;
        const char *uuid, *name;
        const struct tenant *tenant; /* NULL: nobody's */
        uint32_t owner;       /* the same for the domains of one tenant; nobody's are alone */
        bool running, hidden; /* hidden: its passwords are */
        const struct process *process; /* NULL: not seen */
        const struct words *taints;
};

enum { JUDGE_HOST = UINT32_MAX };

struct judge {
        const struct vg_host *host;
        const struct register_ *reg; /* NULL: not known */
        struct domain *domains;      /* sorted by name */
        uint32_t n_domains;
        const char *qemu_conf; /* NULL: not seen */
        struct ports *ports;
        struct storage *storage;
        struct masks *masks;
        size_t check;       /* the row at work */
        struct whys *whys;  /* what it could not see */
        struct arena arena; /* the verdict's own */
        struct vg_finding *findings;
        size_t n_findings, size_findings;
        uint8_t *status;
        bool failed; /* out of memory */
        /* Called with every path that matters; NULL: nobody asks. */
        void (*want)(void *user, const char *path);
        void *want_user;
};

#define VG_CHECK(name, ...) void check_##name(struct judge *j);
#include "checks.def"
#undef VG_CHECK

/* Every check, on what the host holds. -ENOMEM. judge_done() in any case. */
int judge_run(struct judge *j);
void judge_done(struct judge *j);

/* Of the check at work, so far. */
enum vg_iso_status judge_status(const struct judge *j, uint32_t domain);
void judge_mark(struct judge *j, uint32_t domain, enum vg_iso_status status);
void judge_pass(struct judge *j, uint32_t domain);
/* Why is a text: what could not be seen, the same for all of one cause. */
void judge_unknown(struct judge *j, uint32_t domain, const char *why);
/* The same, and data or NULL. */
void judge_unknown_as(struct judge *j, uint32_t domain, const char *why, const char *data);
/* After a check: what depends on a word of the register that is not known, does not pass. */
void judge_doubts(struct judge *j);
/* With the severity of the row. Evidence is a text or data. */
void judge_fail(struct judge *j, uint32_t domain, const char *resource, const char *evidence);
/* A text, and data or NULL. */
void judge_fail_as(struct judge *j, uint32_t domain, enum vg_iso_severity severity,
                   const char *resource, const char *text, const char *data);
/* Passes where `ok`, else fails. */
void judge_say(struct judge *j, uint32_t domain, bool ok, const char *resource,
               const char *evidence);
/* A finding of several domains, for clusters; arrays in the arena. */
void judge_add(struct judge *j, const struct vg_finding *finding);

static inline bool differs(const struct judge *j, uint32_t a, uint32_t b)
{
        return j->domains[a].owner != j->domains[b].owner;
}

static inline bool is_provider(const struct domain *domain)
{
        return domain->tenant && domain->tenant->is_provider;
}

static inline bool is_dedicated(const struct domain *domain)
{
        return domain->tenant && domain->tenant->dedicated;
}

#define EACH_DOMAIN(i, j) for (uint32_t i = 0; i < (j)->n_domains; i++)
