/* SPDX-License-Identifier: Apache-2.0 */

#include "address.h"

#include <string.h>

bool address_is_loopback_n(const char *text, size_t n)
{
        static const char *const names[] = { "::1", "[::1]", "localhost", "ip6-localhost" };

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (strlen(names[i]) == n && strncmp(text, names[i], n) == 0)
                        return true;
        /* Digits and dots only: 127.evil.example is a name. */
        return n > 4 && strncmp(text, "127.", 4) == 0 && strspn(text, "0123456789.") >= n;
}

bool address_is_loopback(const char *address)
{
        return address && address_is_loopback_n(address, strlen(address));
}
