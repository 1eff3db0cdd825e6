/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

enum { SECRET_FD = 3, SAID_MAX = 4096 };

struct stream {
        sd_event_source *source;
        int fd; /* -1: closed */
        size_t max;
        bool overflowed;
        struct vg_buf bytes;
};

struct run {
        struct run *next;
        struct runner *runner;
        char *key;
        pid_t pid;
        sd_event_source *child, *deadline;
        struct stream out, said;
        run_done_fn *done; /* NULL: its caller was told, or wants to hear nothing */
        void *user;
};

struct runner {
        sd_event *event;
        struct run *first;
};

static void stream_done(struct stream *stream)
{
        sd_event_source_disable_unref(stream->source);
        if (stream->fd >= 0)
                close(stream->fd);
        vg_buf_done(&stream->bytes);
}

static void run_free(struct run *run)
{
        stream_done(&run->out);
        stream_done(&run->said);
        sd_event_source_disable_unref(run->child);
        sd_event_source_disable_unref(run->deadline);
        free(run->key);
        free(run);
}

static void unlink_run(struct run *run)
{
        struct run **where = &run->runner->first;

        while (*where != run)
                where = &(*where)->next;
        *where = run->next;
}

/* All that is there now. What passes the limit of `said` falls away from its beginning. */
static void drain(struct stream *stream)
{
        char chunk[16384];
        ssize_t n;

        while (stream->fd >= 0 && !stream->overflowed) {
                n = read(stream->fd, chunk, sizeof(chunk));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n <= 0) {
                        stream->source = sd_event_source_disable_unref(stream->source);
                        close(TAKE_FD(stream->fd));
                        return;
                }
                stream->overflowed = (size_t)n > stream->max - stream->bytes.n;
                if (!stream->overflowed)
                        vg_buf_append(&stream->bytes, chunk, (size_t)n);
        }
}

static const char *last_line(struct vg_buf *bytes)
{
        while (bytes->n && (bytes->data[bytes->n - 1] == '\n' || bytes->data[bytes->n - 1] == ' '))
                bytes->data[--bytes->n] = '\0';

        const char *newline = bytes->n ? strrchr(bytes->data, '\n') : NULL;
        return newline ? newline + 1 : bytes->n ? bytes->data : "";
}

/* Tells the caller, who may start the next one from within. */
static void tell(struct run *run, int r, int status)
{
        run_done_fn *done = run->done;
        const struct run_answer answer = {
                .r = run->out.bytes.failed ? -ENOMEM : r,
                .status = status,
                .out = run->out.bytes.data ? run->out.bytes.data : "",
                .n = run->out.bytes.n,
                .said = last_line(&run->said.bytes),
        };

        run->done = NULL;
        if (done)
                done(run->user, &answer);
}

static void kill_run(struct run *run)
{
        kill(-run->pid, SIGKILL); /* its own group: what it started dies with it */
        kill(run->pid, SIGKILL);
}

static int on_deadline(_unused_ sd_event_source *s, _unused_ uint64_t usec, void *user)
{
        struct run *run = user;

        kill_run(run);
        tell(run, -ETIMEDOUT, 0);
        return 0;
}

static int on_output(_unused_ sd_event_source *s, _unused_ int fd, _unused_ uint32_t events,
                     void *user)
{
        struct run *run = user;

        drain(&run->out);
        drain(&run->said);
        if (run->out.overflowed && run->done) {
                kill_run(run);
                tell(run, -EFBIG, 0);
        }
        if (run->out.overflowed)
                sd_event_source_set_enabled(run->out.source, SD_EVENT_OFF);
        if (run->said.overflowed)
                sd_event_source_set_enabled(run->said.source, SD_EVENT_OFF);
        return 0;
}

static int on_child(_unused_ sd_event_source *s, const siginfo_t *info, void *user)
{
        struct run *run = user;
        const bool by_itself = info->si_code == CLD_EXITED;

        drain(&run->out);
        drain(&run->said);
        unlink_run(run); /* its key is free before its caller hears of it */
        tell(run,
             run->out.overflowed ? -EFBIG
             : by_itself         ? 0
                                 : -ECHILD,
             by_itself ? info->si_status : 0);
        run_free(run);
        return 0;
}

/* ---- start ---- */

static int make_pipe(struct stream *stream, int *ret_write_fd)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        fcntl(fds[0], F_SETFL, O_NONBLOCK);
        stream->fd = fds[0];
        *ret_write_fd = fds[1];
        return 0;
}

static int make_secret(const char *secret, int *ret_fd)
{
        if (!secret)
                return 0;

        _cleanup_close_ int fd = memfd_create("vigie", MFD_CLOEXEC);
        const size_t n = strlen(secret);
        if (fd < 0 || write(fd, secret, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) < 0)
                return -EIO;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int spawn(const struct run_request *request, int out_fd, int said_fd, int secret_fd,
                 pid_t *ret_pid)
{
        _cleanup_free_ char *path = NULL;
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, all;

        if (asprintf(&path, "PATH=%s", getenv("PATH") ?: "/usr/sbin:/usr/bin:/sbin:/bin") < 0)
                return -ENOMEM;
        /* Words and times of the tools as our parsers know them. */
        char *const environment[] = { path, (char[]){ "LC_ALL=C" }, (char[]){ "TZ=UTC0" }, NULL };

        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
        posix_spawn_file_actions_adddup2(&actions, said_fd, 2);
        if (secret_fd >= 0)
                posix_spawn_file_actions_adddup2(&actions, secret_fd, SECRET_FD);
        int r = posix_spawnp(ret_pid, request->argv[0], &actions, &attributes,
                             (char *const *)request->argv, environment);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return -r;
}

static int watch(struct run *run, unsigned deadline_s)
{
        sd_event *event = run->runner->event;
        int r = sd_event_add_io(event, &run->out.source, run->out.fd, EPOLLIN, on_output, run);

        if (r >= 0)
                r = sd_event_add_io(event, &run->said.source, run->said.fd, EPOLLIN, on_output,
                                    run);
        if (r >= 0)
                r = sd_event_add_child(event, &run->child, run->pid, WEXITED, on_child, run);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &run->deadline, CLOCK_BOOTTIME,
                                               deadline_s * UINT64_C(1000000), 10000, on_deadline,
                                               run);
        return r;
}

static struct run *find(const struct runner *runner, const char *key)
{
        for (struct run *run = runner->first; run; run = run->next)
                if (strcmp(run->key, key) == 0)
                        return run;
        return NULL;
}

static int start(struct run *run, const struct run_request *request)
{
        _cleanup_close_ int out_fd = -1, said_fd = -1, secret_fd = -1;
        int r = make_pipe(&run->out, &out_fd);

        if (r == 0)
                r = make_pipe(&run->said, &said_fd);
        if (r == 0)
                r = make_secret(request->secret, &secret_fd);
        if (r == 0)
                r = spawn(request, out_fd, said_fd, secret_fd, &run->pid);
        if (r == 0 && (r = watch(run, request->deadline_s)) < 0)
                kill_run(run);
        return r;
}

int runner_start(struct runner *runner, const struct run_request *request, struct vg_err *err)
{
        if (find(runner, request->key))
                return vg_err_set(err, -EBUSY, "%s : la commande précédente ne finit pas",
                                  request->key);

        struct run *run = calloc(1, sizeof(*run));
        if (!run)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        *run = (struct run){
                .runner = runner,
                .key = strdup(request->key),
                .out = { .fd = -1, .max = request->out_max },
                .said = { .fd = -1, .max = SAID_MAX },
                .done = request->done,
                .user = request->user,
        };
        int r = run->key ? start(run, request) : -ENOMEM;
        if (r < 0) {
                run_free(run);
                return vg_err_set(err, r, "%s : %s", request->argv[0], strerror(-r));
        }
        run->next = runner->first;
        runner->first = run;
        return 0;
}

void runner_stop(struct runner *runner, const char *key)
{
        struct run *run = find(runner, key);

        if (!run)
                return;
        run->done = NULL;
        kill_run(run);
}

int runner_new(sd_event *event, struct runner **ret_runner, struct vg_err *err)
{
        struct runner *runner = calloc(1, sizeof(*runner));
        sigset_t child;

        if (!runner)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        sigprocmask(SIG_BLOCK, &child, NULL);
        runner->event = sd_event_ref(event);
        *ret_runner = runner;
        return 0;
}

void runner_free(struct runner *runner)
{
        if (!runner)
                return;
        while (runner->first) {
                struct run *run = runner->first;
                kill_run(run);
                unlink_run(run);
                run_free(run);
        }
        sd_event_unref(runner->event);
        free(runner);
}
