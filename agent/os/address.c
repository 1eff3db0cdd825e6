/* SPDX-License-Identifier: Apache-2.0 */

#include "os/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The bytes of an IP address, and how many; 0: of another family. */
static size_t bytes_of(const struct sockaddr *address, uint8_t bytes[16])
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

        if (address->sa_family == AF_INET) {
                struct sockaddr_in in;
                memcpy(&in, address, sizeof(in));
                memcpy(bytes, &in.sin_addr, 4);
                return 4;
        }
        if (address->sa_family == AF_INET6) {
                struct sockaddr_in6 in6;
                memcpy(&in6, address, sizeof(in6));
                memcpy(bytes, &in6.sin6_addr, 16);
                if (memcmp(bytes, mapped, sizeof(mapped)) != 0)
                        return 16;
                memmove(bytes, bytes + 12, 4);
                return 4;
        }
        return 0;
}

/* Whether the first n bits of both are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned n)
{
        const unsigned whole = n / 8, rest = n % 8;
        const uint8_t mask = (uint8_t)(0xff00u >> rest);

        return memcmp(a, b, whole) == 0 && (rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

static int parse_length(const char *text, unsigned most, unsigned *ret_length)
{
        unsigned length = 0;

        if (!*text || strlen(text) > 3 || strspn(text, "0123456789") != strlen(text))
                return -EINVAL;
        for (; *text; text++)
                length = 10 * length + (unsigned)(*text - '0');
        if (length > most)
                return -EINVAL;
        *ret_length = length;
        return 0;
}

int vg_network_parse(const char *text, size_t n, struct vg_network *ret_network)
{
        struct vg_network network = { 0 };
        char copy[VG_ADDRESS_SIZE], *slash;

        if (n >= sizeof(copy) || memchr(text, '\0', n))
                return -EINVAL;
        memcpy(copy, text, n);
        copy[n] = '\0';
        slash = strchr(copy, '/');
        if (slash)
                *slash = '\0';
        network.family = strchr(copy, ':') ? AF_INET6 : AF_INET;
        network.n_bits = network.family == AF_INET ? 32 : 128;
        if (inet_pton(network.family, copy, network.bytes) != 1 ||
            (slash && parse_length(slash + 1, network.n_bits, &network.n_bits) < 0))
                return -EINVAL;
        /* 10.1.2.3/8 is a mistake of whoever wrote it: which of the two was meant? */
        for (unsigned bit = network.n_bits; bit < 8 * sizeof(network.bytes); bit++)
                if (network.bytes[bit / 8] & 0x80u >> bit % 8)
                        return -EINVAL;
        *ret_network = network;
        return 0;
}

bool vg_network_holds(const struct vg_network *network, const struct sockaddr *address)
{
        uint8_t bytes[16];
        const size_t n = bytes_of(address, bytes);

        return n == (network->family == AF_INET ? 4u : 16u) &&
               same_bits(bytes, network->bytes, network->n_bits);
}

char *vg_address_text(const struct sockaddr *address, char buf[VG_ADDRESS_SIZE])
{
        uint8_t bytes[16];
        const size_t n = bytes_of(address, bytes);

        if (n == 0 || !inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, buf, VG_ADDRESS_SIZE))
                snprintf(buf, VG_ADDRESS_SIZE, "?");
        return buf;
}
