/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* host: the pieces of evidence as values, by scope and key. */

#include "tree.h"
#include "vigie/isolation.h"

enum scope {
        SCOPE_COMPLETE,
        SCOPE_DOCUMENT,
        SCOPE_FILTERS,
        SCOPE_MIRRORS,
        SCOPE_PATH,
        SCOPE_PROCESS,
        SCOPE_PROCESSES,
        SCOPE_TENANTS,
        SCOPE_TEXTS,
        SCOPE_N
};

struct words {
        const char *const *at;
        size_t n;
        bool known; /* the piece spoke of them */
};

/* Integers are -1 and texts NULL where nothing was said. */
struct path_fact {
        const char *real, *toward, *kind, *dev, *ino, *rdev, *format, *backing, *data_file;
        int64_t open, crypt, backing_bad, backing_raw;
        int mode;
};

struct thread {
        const char *tid, *cpus;
        bool is_vcpu;
};

struct process {
        int64_t pid, uid, seccomp, no_new_privs, ksm_mergeable, mnt_private;
        const char *caps, *label, *label_error;
        const struct thread *threads;
        size_t n_threads;
        struct words cookies, files, listens;
};

struct item {
        const char *key;
        uint64_t hash; /* of the key */
        struct arena arena;
        bool live, hidden; /* of a domain's document */
        struct words taints;
        union {
                struct node tree;
                struct path_fact path;
                struct process process;
                struct register_ *tenants;
                struct words words; /* texts: path, content, path, content ... sorted */
        };
};

struct table {
        struct item **at; /* sorted by key */
        size_t n, size;
        struct item **slots; /* the same by hash; NULL: none, and the end of those that collide */
        size_t n_slots;      /* 0, or a power of two, at least twice n */
};

struct vg_host {
        struct table tables[SCOPE_N];
};

const struct item *host_find(const struct vg_host *host, enum scope scope, const char *key);
/* Of a document, "" parent where its kind has none; NULL: not known. */
const struct node *host_document(const struct vg_host *host, const char *kind, const char *parent,
                                 const char *name);
/* The documents of one kind, in order of key: first and one past the last. */
void host_documents(const struct vg_host *host, const char *kind, size_t *ret_from, size_t *ret_to);
bool host_is_complete(const struct vg_host *host, const char *kind);
/* The content of a file of the host; NULL: not seen. */
const char *host_text(const struct vg_host *host, const char *path);
/* Calls fn for each text whose path begins so. */
typedef void host_text_fn(void *user, const char *path, const char *content);
void host_texts_under(const struct vg_host *host, const char *prefix, host_text_fn *fn, void *user);
