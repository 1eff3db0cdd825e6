/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* start: how every daemon begins. Its command line (--config FILE, --debug, --help, --version and
 * what it has of its own), its language, its log, its settings. */

#include <stdbool.h>
#include <stddef.h>

struct vg_err;
struct vg_settings;

enum { VG_START_GO_ON = -1, VG_EXIT_USAGE = 2, VG_EXIT_SETTINGS = 3 };

struct vg_start_option { /* one of a program's own: takes a value, or is given or not */
        const char *name;
        const char **value;
        bool *is_given;
};

struct vg_start {
        const char *program;
        const char *usage; /* msgid */
        const struct vg_start_option *own;
        size_t n_own;

        const char *config; /* filled from here on */
        bool debug;
};

/* VG_START_GO_ON, or the status to exit with: help and version are printed, errors said. Reads the
 * command line, then loads the settings. */
int vg_start(struct vg_start *start, int argc, char **argv, struct vg_settings *ret_settings);

/* Its halves, for a program that has something to do without settings. The environment's language
 * is chosen before the first argument is read. */
int vg_start_read(struct vg_start *start, int argc, char **argv);

/* Opens the log, reads the settings and takes their language. */
int vg_start_load(const struct vg_start *start, struct vg_settings *ret_settings);

/* One line in the log; returns status. */
int vg_start_fail(const struct vg_err *err, int status);
