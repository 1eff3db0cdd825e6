/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "vigie/ledger.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void vg_base64_format(const void *bytes, size_t n, struct vg_buf *buf)
{
        const uint8_t *b = bytes;

        for (size_t at = 0; at < n; at += 3) {
                const size_t have = n - at < 3 ? n - at : 3;
                uint32_t group = (uint32_t)b[at] << 16;
                if (have > 1)
                        group |= (uint32_t)b[at + 1] << 8;
                if (have > 2)
                        group |= b[at + 2];

                const char quad[4] = {
                        alphabet[group >> 18],
                        alphabet[group >> 12 & 63],
                        have > 1 ? alphabet[group >> 6 & 63] : '=',
                        have > 2 ? alphabet[group & 63] : '=',
                };
                vg_buf_append(buf, quad, sizeof(quad));
        }
}

static int digit(char c)
{
        const char *at = c ? strchr(alphabet, c) : NULL;

        return at ? (int)(at - alphabet) : -1;
}

/* One quad to one to three bytes. Bits that no byte carries must be zero, so that a text has one
 * form only. */
static int decode_quad(const char *quad, bool is_last, uint8_t out[3], size_t *ret_n)
{
        const size_t n_pad = !is_last || quad[3] != '=' ? 0 : quad[2] == '=' ? 2 : 1;
        uint32_t group = 0;

        for (size_t i = 0; i < 4; i++) {
                const int d = i < 4 - n_pad ? digit(quad[i]) : 0;
                if (d < 0)
                        return -EINVAL;
                group = group << 6 | (uint32_t)d;
        }
        if (group & ((1U << 8 * n_pad) - 1))
                return -EINVAL;
        out[0] = (uint8_t)(group >> 16);
        out[1] = (uint8_t)(group >> 8);
        out[2] = (uint8_t)group;
        *ret_n = 3 - n_pad;
        return 0;
}

int vg_base64_parse(const char *text, size_t n, void *bytes, size_t size, size_t *ret_n)
{
        uint8_t *out = bytes;
        size_t used = 0;

        if (n % 4)
                return -EINVAL;
        for (size_t at = 0; at < n; at += 4) {
                uint8_t three[3];
                size_t have;
                int r = decode_quad(text + at, at + 4 == n, three, &have);
                if (r < 0)
                        return r;
                if (have > size - used)
                        return -ERANGE;
                memcpy(out + used, three, have);
                used += have;
        }
        *ret_n = used;
        return 0;
}
