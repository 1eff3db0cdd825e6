/* SPDX-License-Identifier: Apache-2.0 */

/* Loaded before a program under test (LD_PRELOAD): moves its wall clock, and nothing else, by the
 * seconds that the first eight bytes of the file $WALL_CLOCK hold, at any time. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_s;

__attribute__((constructor)) static void map_offset(void)
{
        const char *path = getenv("WALL_CLOCK");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (fd < 0)
                return;
        void *page = mmap(NULL, sizeof(*offset_s), PROT_READ, MAP_SHARED, fd, 0);
        close(fd);
        if (page != MAP_FAILED)
                offset_s = page;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
        long r = syscall(SYS_clock_gettime, clock, ret);

        if (r == 0 && clock == CLOCK_REALTIME && offset_s)
                ret->tv_sec += *offset_s;
        return (int)r;
}
