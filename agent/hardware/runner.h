/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* runner: commands of others (smartctl, FreeIPMI's tools), each with a deadline. A child may hang in
 * the kernel for ever (state D): at its deadline it is killed and its caller is told; where it does
 * not die it stays behind under its key, and nothing else waits for it. */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct runner;
struct vg_err;

struct run_answer {
        int r; /* 0: it ended by itself. -ETIMEDOUT, -EFBIG: it was killed. -ECHILD: by a signal */
        int status;      /* its exit status where r is 0 */
        const char *out; /* standard output, NUL-terminated */
        size_t n;
        const char *said; /* the last of its standard error, one line at most */
};
typedef void run_done_fn(void *user, const struct run_answer *answer);

struct run_request {
        const char *key;         /* what it asks; two of one key never run at once */
        const char *const *argv; /* argv[0] is looked for in $PATH */
        const char *secret;      /* what it can read at /proc/self/fd/3; NULL: nothing */
        unsigned deadline_s;
        size_t out_max;
        run_done_fn *done;
        void *user;
};

int runner_new(sd_event *event, struct runner **ret_runner, struct vg_err *err);
/* Kills what runs, and waits for none of it. No answer is given any more. */
void runner_free(struct runner *runner);

/* 0: done is called, once, later. -EBUSY: the one before with this key is not dead yet. -ENOENT: no
 * such program. */
int runner_start(struct runner *runner, const struct run_request *request, struct vg_err *err);
/* Kills the one with this key, if it runs; its answer is not given. */
void runner_stop(struct runner *runner, const char *key);
