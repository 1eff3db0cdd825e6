/* SPDX-License-Identifier: Apache-2.0 */

#include "inspect/listens.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/files.h"
#include "vigie/mem.h"

enum { TABLE_MAX = 16 << 20, STATE_LISTEN = 0x0A };

void listens_note(struct listens *l, const char *link)
{
        static const char prefix[] = "socket:[";

        if (strncmp(link, prefix, sizeof(prefix) - 1) != 0)
                return;
        if (l->n == l->size) {
                const size_t size = l->size ? l->size * 2 : 16;
                unsigned long *inodes = realloc(l->inodes, size * sizeof(*inodes));
                if (!inodes)
                        return;
                l->inodes = inodes;
                l->size = size;
        }
        l->inodes[l->n++] = strtoul(link + sizeof(prefix) - 1, NULL, 10);
}

void listens_done(struct listens *l)
{
        free(l->inodes);
}

static bool has(const struct listens *l, unsigned long inode)
{
        for (size_t i = 0; i < l->n; i++)
                if (l->inodes[i] == inode)
                        return true;
        return false;
}

/* The kernel writes each 32-bit word of an address as a number of this machine. */
static void read_words(const char *hex, size_t n, uint32_t words[4])
{
        for (size_t i = 0; i < n; i++) {
                char word[9];

                snprintf(word, sizeof(word), "%.8s", hex + 8 * i);
                words[i] = (uint32_t)strtoul(word, NULL, 16);
        }
}

static void format_4(uint32_t word, unsigned port, char *text, size_t size)
{
        unsigned char b[4];

        memcpy(b, &word, sizeof(b));
        snprintf(text, size, "%u.%u.%u.%u:%u", b[0], b[1], b[2], b[3], port);
}

static void format_6(const uint32_t words[4], unsigned port, char *text, size_t size)
{
        const bool is_short = !words[0] && !words[1] && !words[2];
        uint16_t h[8];

        for (size_t i = 0; i < 8; i++) {
                memcpy(&h[i], (const char *)words + 2 * i, sizeof(h[i]));
                h[i] = be16toh(h[i]);
        }
        if (is_short && !h[6] && h[7] <= 1)
                snprintf(text, size, "[::%s]:%u", h[7] ? "1" : "", port);
        else
                snprintf(text, size, "[%x:%x:%x:%x:%x:%x:%x:%x]:%u", h[0], h[1], h[2], h[3], h[4],
                         h[5], h[6], h[7], port);
}

/* "0: 0100007F:170C 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4242 …": local
 * address and port, the other end, state; the inode is the tenth word. */
static void take_line(const struct listens *l, bool is_6, char *line, json_t *array)
{
        enum { LOCAL = 1, STATE = 3, INODE = 9, WORDS };
        const char *words[WORDS] = { NULL };
        char *save = NULL, *word = strtok_r(line, " ", &save), text[80];
        uint32_t address[4] = { 0 };

        for (size_t i = 0; i < WORDS && word; i++, word = strtok_r(NULL, " ", &save))
                words[i] = word;
        const char *colon = words[INODE] ? strchr(words[LOCAL], ':') : NULL;
        if (!colon || colon - words[LOCAL] != (is_6 ? 32 : 8) ||
            strtoul(words[STATE], NULL, 16) != STATE_LISTEN ||
            !has(l, strtoul(words[INODE], NULL, 10)))
                return;
        const unsigned port = (unsigned)strtoul(colon + 1, NULL, 16);
        read_words(words[LOCAL], is_6 ? 4 : 1, address);
        if (is_6)
                format_6(address, port, text, sizeof(text));
        else
                format_4(address[0], port, text, sizeof(text));
        json_array_append_new(array, json_string(text));
}

json_t *listens_of(struct listens *l, pid_t pid)
{
        static const char *const tables[] = { "tcp", "tcp6" };
        json_t *array = json_array();

        for (size_t i = 0; i < ELEMENTSOF(tables) && l->n; i++) {
                _cleanup_free_ char *table = NULL;
                char path[64];
                size_t n;

                snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, tables[i]);
                if (vg_file_read(path, TABLE_MAX, &table, &n, NULL) < 0)
                        continue;
                char *save = NULL;
                for (char *line = strtok_r(table, "\n", &save); line;
                     line = strtok_r(NULL, "\n", &save))
                        take_line(l, i == 1, line, array);
        }
        return array;
}
