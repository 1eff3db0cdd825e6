/* SPDX-License-Identifier: Apache-2.0 */

#include "inspect/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/evidence.h"
#include "os/log.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { HUNG_MAX = 6, TICK_MS = 100, AGAIN_S = 60 };

struct board { /* shared with the child */
        volatile uint64_t n_looks;
        char at[PATH_MAX];
};

struct hung {
        pid_t child; /* 0: it has ended */
        uint64_t until_ns;
        char what[PATH_MAX];
};

struct guard {
        uint64_t patience_ms;
        struct board *board;
        struct hung hung[HUNG_MAX];
        size_t n_hung;
};

int guard_new(uint64_t patience_ms, struct guard **ret_guard, struct vg_err *err)
{
        struct guard *guard = calloc(1, sizeof(*guard));
        void *board = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (!guard || board == MAP_FAILED) {
                free(guard);
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        }
        guard->patience_ms = patience_ms;
        guard->board = board;
        *ret_guard = guard;
        return 0;
}

void guard_free(struct guard *guard)
{
        if (!guard)
                return;
        munmap(guard->board, sizeof(*guard->board));
        free(guard);
}

/* ---- what hangs ---- */

static bool same_folder(const char *a, const char *b)
{
        const char *x = strrchr(a, '/'), *y = strrchr(b, '/');

        return x && y && x - a == y - b && strncmp(a, b, (size_t)(x - a)) == 0;
}

bool guard_enter(struct guard *guard, const char *what)
{
        if (!guard)
                return true;
        for (size_t i = 0; i < guard->n_hung; i++)
                if (same_folder(guard->hung[i].what, what) ||
                    strcmp(guard->hung[i].what, what) == 0)
                        return false;
        snprintf(guard->board->at, sizeof(guard->board->at), "%s", what);
        guard->board->n_looks++;
        return true;
}

/* What has hung is tried again after a while, and never while its child still hangs. */
static void forgive(struct guard *guard)
{
        const uint64_t now_ns = vg_clock_now().at_boot_ns;
        size_t kept = 0;

        for (size_t i = 0; i < guard->n_hung; i++) {
                struct hung *hung = &guard->hung[i];
                if (hung->child && waitpid(hung->child, NULL, WNOHANG) != 0)
                        hung->child = 0;
                if (hung->child || now_ns < hung->until_ns)
                        memmove(&guard->hung[kept++], hung, sizeof(*hung));
        }
        guard->n_hung = kept;
}

static void leave_out(struct guard *guard, pid_t child)
{
        struct hung *hung = &guard->hung[guard->n_hung++];

        hung->child = child;
        hung->until_ns = vg_clock_now().at_boot_ns + AGAIN_S * (uint64_t)1000000000;
        snprintf(hung->what, sizeof(hung->what), "%s", guard->board->at);
        vg_log(LOG_WARNING, "%s ne répond pas : ce qui est dans son dossier n'est pas examiné",
               hung->what);
}

/* ---- the child ---- */

static void write_pieces(const struct vg_evidence *evidence, int fd)
{
        const json_t *pieces = vg_evidence_waiting(evidence), *piece;
        FILE *out = fdopen(fd, "w");
        size_t i;

        json_array_foreach (pieces, i, piece)
                if (out && (json_dumpf(piece, out, JSON_COMPACT) < 0 || fputc('\n', out) == EOF))
                        _exit(1);
        _exit(out && fclose(out) == 0 ? 0 : 1);
}

static pid_t start(struct guard *guard, guard_fn *fn, void *user, int *ret_fd)
{
        struct vg_evidence *own = NULL;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        guard->board->at[0] = '\0';
        const pid_t child = fork();
        if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (vg_evidence_new(NULL, &own, NULL) < 0)
                        _exit(1);
                fn(own, guard, user);
                write_pieces(own, fds[1]);
        }
        close(fds[1]);
        if (child < 0) {
                close(fds[0]);
                return -EAGAIN;
        }
        *ret_fd = fds[0];
        return child;
}

/* ---- its parent ---- */

/* All that the child writes. -ETIME: it no longer moves. */
static int hear(const struct guard *guard, int fd, struct vg_buf *heard)
{
        uint64_t seen = UINT64_MAX, idle_ms = 0;
        char bytes[65536];

        for (;;) {
                struct pollfd waiting = { .fd = fd, .events = POLLIN };
                const int ready = poll(&waiting, 1, TICK_MS);
                const ssize_t n = ready > 0 ? read(fd, bytes, sizeof(bytes)) : -1;

                if (ready > 0 && n == 0)
                        return heard->failed ? -ENOMEM : 0;
                if (n > 0)
                        vg_buf_append(heard, bytes, (size_t)n);
                idle_ms = n > 0 || guard->board->n_looks != seen ? 0 : idle_ms + TICK_MS;
                seen = guard->board->n_looks;
                if (idle_ms > guard->patience_ms)
                        return -ETIME;
        }
}

static void put_pieces(struct vg_evidence *evidence, const struct vg_buf *heard)
{
        for (const char *at = heard->data; at && *at;) {
                const char *end = strchrnul(at, '\n');
                json_t *piece = json_loadb(at, (size_t)(end - at), 0, NULL);
                if (piece)
                        vg_evidence_put(evidence, piece);
                at = end + (*end == '\n');
        }
}

/* -ETIME: it hangs, and what it hangs on is left out from now on. -EBUSY: no room for that. */
static int try_once(struct guard *guard, struct vg_evidence *evidence, guard_fn *fn, void *user)
{
        _cleanup_(vg_buf_done) struct vg_buf heard = { 0 };
        int fd = -1, status = 0;
        const pid_t child = start(guard, fn, user, &fd);

        if (child < 0)
                return child;
        int r = hear(guard, fd, &heard);
        close(fd);
        if (r == 0) {
                if (waitpid(child, &status, 0) != child || status != 0)
                        return -EIO;
                put_pieces(evidence, &heard);
                return 0;
        }
        kill(child, SIGKILL);
        usleep(TICK_MS * 1000);
        const bool is_gone = waitpid(child, NULL, WNOHANG) == child;
        if (r == -ETIME && guard->n_hung == HUNG_MAX)
                r = -EBUSY;
        if (r == -ETIME)
                leave_out(guard, is_gone ? 0 : child);
        return r;
}

int guard_run(struct guard *guard, struct vg_evidence *evidence, const char *const *scopes,
              guard_fn *fn, void *user)
{
        const uint32_t round = vg_evidence_round(evidence);
        int r = -ETIME;

        forgive(guard);
        while (r == -ETIME)
                r = try_once(guard, evidence, fn, user);
        for (; *scopes; scopes++)
                vg_evidence_sweep(evidence, round, *scopes, NULL);
        return r;
}
