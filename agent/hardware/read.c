/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/read.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hardware/documents.h"
#include "vigie/mem.h"
#include "vigie/num.h"

void read_print(const char *path, const char *bytes, size_t n)
{
        printf("%s\n%zu\n", path, n);
        fwrite(bytes, 1, n, stdout);
}

/* The line at *at; *at moves behind it. NULL: there is none. */
static const char *take_line(const char **at, const char *end, char *line, size_t size)
{
        const char *newline = memchr(*at, '\n', (size_t)(end - *at));
        const size_t n = newline ? (size_t)(newline - *at) : size;

        if (n >= size)
                return NULL;
        memcpy(line, *at, n);
        line[n] = '\0';
        *at = newline + 1;
        return line;
}

int read_take(const char *bytes, size_t n, struct documents *documents)
{
        const char *at = bytes, *end = bytes + n;

        while (at < end) {
                char path[512], number[24];
                uint64_t size;
                if (!take_line(&at, end, path, sizeof(path)) ||
                    !take_line(&at, end, number, sizeof(number)) ||
                    vg_u64_parse(number, &size) < 0 || size > (size_t)(end - at))
                        return -EPROTO;
                int r = documents_put(documents, path, at, size);
                if (r < 0)
                        return r;
                at += size;
        }
        return 0;
}

const char *read_program(char *buf, size_t size)
{
        static const char *const places[] = { "vigie-hardware", "../libexec/vigie/vigie-hardware" };
        char self[PATH_MAX];
        const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

        if (n <= 0)
                return NULL;
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        for (size_t i = 0; slash && i < ELEMENTSOF(places); i++) {
                slash[1] = '\0';
                if ((size_t)snprintf(buf, size, "%s%s", self, places[i]) < size &&
                    access(buf, X_OK) == 0)
                        return buf;
        }
        return NULL;
}

int read_main(const char *what)
{
        int r = strcmp(what, "hwmon") == 0 ? read_hwmon() : -EINVAL;

        return r == 0 && fflush(stdout) == 0 ? 0 : 1;
}
