/* SPDX-License-Identifier: Apache-2.0 */

#include "deliver/url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"

static const char scheme[] = "https://";

static bool is_plain(const char *text)
{
        for (; *text; text++)
                if (*text <= ' ' || *text > '~' || strchr("\"#<>\\^`{|}", *text))
                        return false;
        return true;
}

int url_parse(const char *text, struct url *ret_url, struct vg_err *err)
{
        char authority[VG_ENDPOINT_SIZE];
        struct url url;
        const bool known = text && strncmp(text, scheme, strlen(scheme)) == 0;
        const char *host = known ? text + strlen(scheme) : "";
        const size_t n = strcspn(host, "/?");
        const char *colon = memchr(host, ']', n) ?: host;

        if (!known || n == 0 || n + 5 > sizeof(authority) || strlen(host) >= sizeof(url.path) - 1 ||
            !is_plain(host) || memchr(host, '@', n))
                return vg_err_set(err, -EINVAL, "adresse https://hôte[:port]/chemin attendue : %s",
                                  text ? text : "");
        const bool has_port = memchr(colon, ':', n - (size_t)(colon - host));
        snprintf(authority, sizeof(authority), "%.*s%s", (int)n, host, has_port ? "" : ":443");
        if (vg_endpoint_parse(authority, url.endpoint) < 0)
                return vg_err_set(err, -EINVAL, "adresse https://hôte[:port]/chemin attendue : %s",
                                  text);
        snprintf(url.base, sizeof(url.base), "%s%s", scheme, url.endpoint);
        snprintf(url.path, sizeof(url.path), "%s%s", host[n] == '/' ? "" : "/", host + n);
        *ret_url = url;
        return 0;
}
