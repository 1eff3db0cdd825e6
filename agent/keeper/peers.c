/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/peers.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/lang.h"
#include "os/log.h"
#include "os/settings.h"
#include "vigie/mem.h"

enum match {
        MATCH_SELF,
        MATCH_ROOT,
        MATCH_READER,
        MATCH_HARDWARE,
        MATCH_DELIVER,
        MATCH_INSPECT,
        MATCH_GROUP,
};

#define KINDS_ALL ((1u << N_KINDS) - 1)
#define KINDS_READER                                                                        \
        (KIND_BIT(CONDITION) | KIND_BIT(EVIDENCE) | KIND_BIT(FACTS) | KIND_BIT(FACTS_END) | \
         KIND_BIT(HEARTBEAT) | KIND_BIT(READINGS))
#define KINDS_HARDWARE (KIND_BIT(SESSIONS) | KIND_BIT(SIGHTINGS))
#define KINDS_DELIVER KIND_BIT(DELIVERY)
#define KINDS_INSPECT KIND_BIT(EVIDENCE)

static const struct {
        enum match match;
        unsigned kinds;
        const char *role;
} rows[] = {
#define VG_PEER(name, match, kinds, role) { MATCH_##match, kinds, role },
#include "keeper/peers.def"
#undef VG_PEER
};

int kind_parse(const char *word, enum kind *ret_kind)
{
        static const char *const words[] = {
#define VG_KIND(name, word, hearer) [KIND_##name] = word,
#include "keeper/kinds.def"
#undef VG_KIND
        };

        for (size_t i = 0; i < N_KINDS; i++)
                if (strcmp(words[i], word) == 0) {
                        *ret_kind = (enum kind)i;
                        return 0;
                }
        return -ENOENT;
}

static uid_t find_user(const char *name)
{
        const struct passwd *user = getpwnam(name);

        if (!user)
                vg_log(LOG_INFO,
                       "aucun utilisateur %s ici : seul celui du gardien peut parler à sa place",
                       name);
        return user ? user->pw_uid : (uid_t)-1;
}

static gid_t find_group(const char *name)
{
        const struct group *group = getgrnam(name);

        if (!group)
                vg_log(LOG_INFO,
                       "aucun groupe %s ici : seuls root et l'utilisateur du gardien "
                       "peuvent poser des actes",
                       name);
        return group ? group->gr_gid : (gid_t)-1;
}

void peers_init(struct peers *ret_peers, const struct vg_settings *settings)
{
        *ret_peers = (struct peers){
                .self = geteuid(),
                .user = {
                        [PEER_READER] = find_user(settings->reader_user),
                        [PEER_HARDWARE] = find_user(settings->hardware_user),
                        [PEER_DELIVER] = find_user(settings->deliver_user),
                        [PEER_INSPECT] = find_user(settings->inspect_user),
                },
                .admin = find_group(settings->admin_group),
        };
}

static bool is_user(const struct peers *peers, enum peer_user which, uid_t uid)
{
        return peers->user[which] == uid && uid != (uid_t)-1;
}

static bool is_member(gid_t group, const gid_t *groups, size_t n_groups)
{
        for (size_t i = 0; i < n_groups; i++)
                if (groups[i] == group)
                        return group != (gid_t)-1;
        return false;
}

struct peer peers_judge(const struct peers *peers, uid_t uid, const gid_t *groups, size_t n_groups)
{
        const bool matches[] = {
                [MATCH_SELF] = uid == peers->self,
                [MATCH_ROOT] = uid == 0,
                [MATCH_READER] = is_user(peers, PEER_READER, uid),
                [MATCH_HARDWARE] = is_user(peers, PEER_HARDWARE, uid),
                [MATCH_DELIVER] = is_user(peers, PEER_DELIVER, uid),
                [MATCH_INSPECT] = is_user(peers, PEER_INSPECT, uid),
                [MATCH_GROUP] = is_member(peers->admin, groups, n_groups),
        };
        struct peer peer = { .uid = uid };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (!matches[rows[i].match])
                        continue;
                peer.kinds |= rows[i].kinds;
                if (!peer.role)
                        peer.role = rows[i].role;
        }
        return peer;
}

int peers_of_socket(const struct peers *peers, int fd, struct peer *ret_peer)
{
        enum { GROUPS = 1024 };
        struct ucred credentials;
        gid_t groups[GROUPS + 1];
        socklen_t n = sizeof(credentials), n_groups = GROUPS * sizeof(gid_t);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &n) < 0)
                return -errno;
        /* More groups than that (ERANGE): the first group alone counts. */
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n_groups) < 0)
                n_groups = 0;

        size_t count = n_groups / sizeof(gid_t);
        groups[count++] = credentials.gid;
        *ret_peer = peers_judge(peers, credentials.uid, groups, count);
        ret_peer->pid = credentials.pid;
        return 0;
}
