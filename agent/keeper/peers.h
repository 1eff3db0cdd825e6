/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* peers: who may say what on the socket. One table, peers.def; the kernel vouches for the uid and
 * the groups. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct vg_err;
struct vg_settings;

enum kind {
#define VG_KIND(name, word, hearer) KIND_##name,
#include "keeper/kinds.def"
#undef VG_KIND
        N_KINDS
};
#define KIND_BIT(name) (1u << KIND_##name)

int kind_parse(const char *word, enum kind *ret_kind); /* -ENOENT */

/* The rows of peers.def with their names resolved to ids, once, at start: a directory service that
 * hangs later must not hang the loop. */
enum peer_user { PEER_READER, PEER_HARDWARE, PEER_INSPECT, PEER_DELIVER, PEER_N_USERS };
struct peers {
        uid_t self, user[PEER_N_USERS]; /* (uid_t)-1: no such user here */
        gid_t admin;
};
/* A name that does not exist here matches nobody, which is said once in the log. */
void peers_init(struct peers *ret_peers, const struct vg_settings *settings);

struct peer {
        uid_t uid;
        pid_t pid;
        unsigned kinds; /* bits; 0: may say nothing */
        const char *role;
};
/* The rule itself, pure. */
struct peer peers_judge(const struct peers *peers, uid_t uid, const gid_t *groups, size_t n_groups);
/* The other end of a connected Unix socket. */
int peers_of_socket(const struct peers *peers, int fd, struct peer *ret_peer);
