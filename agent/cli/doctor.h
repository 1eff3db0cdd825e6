/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* doctor: what vigie leans on, looked at one thing at a time. A check never guesses: what it could
 * not look at is unknown, and says what would let it look. */

#include "cli/view.h"

enum doctor_answer { DOCTOR_PASS, DOCTOR_FAIL, DOCTOR_UNKNOWN };

struct doctor_finding {
        enum doctor_answer answer;
        char text[400];   /* what was seen */
        char remedy[400]; /* what to do; "" where nothing */
};

struct doctor {
        struct cli *cli;
        const struct vg_settings *settings; /* NULL: they cannot be read */
        struct vg_err settings_err;
        struct cli_view view; /* view.store NULL: no ledger could be opened */
        struct vg_err view_err;
        int view_code; /* -errno of that */
};

/* A row of doctor.def. */
struct doctor_check {
        const char *id;
        const char *label; /* msgid */
        void (*look)(const struct doctor *doctor, struct doctor_finding *ret_finding);
};

#define VG_DOCTOR(name, label) \
        void doctor_##name(const struct doctor *doctor, struct doctor_finding *ret_finding);
#include "cli/doctor.def"
#undef VG_DOCTOR

/* Each is one line: the answer, what was seen; formats are msgids. */
void doctor_pass(struct doctor_finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void doctor_fail(struct doctor_finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void doctor_unknown(struct doctor_finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void doctor_remedy(struct doctor_finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Path of the socket that a libvirt address leads to on this machine; caller frees. NULL: none
 * (test:///, remote addresses). (reach.c) */
char *doctor_libvirt_socket(const char *uri);
/* Beside this program, or in <prefix>/libexec/vigie. */
bool doctor_find_program(const char *name, char path[4096]);
