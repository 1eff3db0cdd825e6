/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A line of the kernel's log, whoever wrote it down: dmesg (with or without -T, -x, -H, ISO times),
 * the journal (short, ISO, full, monotonic, JSON), syslog, pstore; and lines of the two programs
 * that tell of the kernel's machine checks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KERNEL_LINE = 2048 };

struct kernel_clock {
        int64_t captured_s; /* when the log was taken; 0: not known. Gives lines their year */
        int64_t boot_s;     /* 0: not known: lines then have a time of their own, near zero */
};

enum kernel_program { OF_KERNEL, OF_MCELOG, OF_RASDAEMON };
enum { KERNEL_AS_BEFORE = -1 };

struct kernel_line {
        char message[KERNEL_LINE];
        enum kernel_program program;
        int64_t at_s;  /* 0: none; KERNEL_AS_BEFORE: about that of the line before */
        bool has_head; /* it was written down with a time or a priority */
};

/* Takes a line apart. False: it is another program's, or nobody's. */
bool kernel_line_parse(const char *text, const struct kernel_clock *clock,
                       struct kernel_line *ret_line);
/* Whether these bytes look like a log of the kernel. */
bool kernel_log_is(const char *bytes, size_t n);
/* The last time since boot in the text, in seconds; 0: none. */
int64_t kernel_log_last_uptime(const char *bytes, size_t n);
