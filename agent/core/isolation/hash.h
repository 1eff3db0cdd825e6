/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* hash: a number for a text, of this run of the program alone. */

#include <stdint.h>
#include <string.h>

static inline uint64_t text_hash(const char *text)
{
        const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
        size_t n = strlen(text);
        uint64_t hash = n * factor, word;

        for (; n; text += sizeof(word), n -= sizeof(word)) {
                word = 0;
                memcpy(&word, text, n < sizeof(word) ? n : sizeof(word));
                hash = (hash ^ word) * factor;
                hash ^= hash >> 29;
                if (n < sizeof(word))
                        break;
        }
        return hash;
}
