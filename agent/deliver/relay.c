/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/relay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/mem.h"

static const struct {
        const char *scheme;
        int port; /* of submission */
} schemes[] = {
        { "smtp://", 587 },
        { "smtps://", 465 },
};

static bool is_host(const char *text)
{
        for (const char *s = text; *s; s++)
                if (*s <= ' ' || *s > '~' || strchr("/@?#\"<>\\^`{|}", *s))
                        return false;
        return *text;
}

static bool has_port(const char *host)
{
        const char *behind = strrchr(host, ']');

        return strchr(behind ? behind : host, ':') != NULL;
}

int relay_parse(const char *text, struct relay *ret_relay, struct vg_err *err)
{
        if (!*text)
                return vg_err_set(err, -EINVAL, "[deliver] relay n'est pas réglé");
        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                const size_t n = strlen(schemes[i].scheme);
                char authority[VG_ENDPOINT_SIZE];
                struct relay relay;

                if (strncmp(text, schemes[i].scheme, n) != 0 || !is_host(text + n) ||
                    strlen(text + n) + 7 > sizeof(authority))
                        continue;
                if (has_port(text + n))
                        snprintf(authority, sizeof(authority), "%s", text + n);
                else
                        snprintf(authority, sizeof(authority), "%s:%d", text + n, schemes[i].port);
                if (vg_endpoint_parse(authority, relay.endpoint) < 0)
                        break;
                snprintf(relay.url, sizeof(relay.url), "%s%s", schemes[i].scheme, relay.endpoint);
                *ret_relay = relay;
                return 0;
        }
        return vg_err_set(err, -EINVAL,
                          "[deliver] relay : smtp://hôte:port ou smtps://hôte:port "
                          "attendu : %s",
                          text);
}
