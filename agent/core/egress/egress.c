/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/egress.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/mem.h"

static const char *const clouds[] = {
#define VG_CLOUD(suffix) suffix,
#include "clouds.def"
#undef VG_CLOUD
};

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* 0: not a port. */
static uint16_t parse_port(const char *text)
{
        unsigned port = 0;

        if (!*text || strlen(text) > 5)
                return 0;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return 0;
                port = 10 * port + (unsigned)(*text - '0');
        }
        return port <= UINT16_MAX ? (uint16_t)port : 0;
}

int vg_endpoint_parse(const char *text, char ret_endpoint[VG_ENDPOINT_SIZE])
{
        static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
        static const char literal[] = "abcdef0123456789:.";
        const char *colon = strrchr(text, ':');
        const bool is_literal = text[0] == '[';
        char host[VG_ENDPOINT_SIZE - 8];
        size_t n = colon ? (size_t)(colon - text) : 0;
        const uint16_t port = colon ? parse_port(colon + 1) : 0;

        if (port == 0 || n == 0 || n >= sizeof(host))
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                host[i] = lower(text[i]);
        if (!is_literal && n > 1 && host[n - 1] == '.')
                n--; /* the root of names goes without saying */
        host[n] = '\0';
        if (is_literal ? host[n - 1] != ']' || n < 4 || strspn(host + 1, literal) != n - 2
                       : strspn(host, name) != n || host[0] == '.')
                return -EINVAL;
        snprintf(ret_endpoint, VG_ENDPOINT_SIZE, "%s:%u", host, port);
        return 0;
}

int vg_egress_each(const char *hosts, int (*fn)(void *ctx, const char *text), void *ctx)
{
        static const char gaps[] = " \t,;";
        int r = 0;

        for (hosts += strspn(hosts, gaps); *hosts && r == 0; hosts += strspn(hosts, gaps)) {
                const size_t n = strcspn(hosts, gaps);
                char text[VG_ENDPOINT_SIZE];
                snprintf(text, sizeof(text), "%.*s", (int)(n < sizeof(text) ? n : 0), hosts);
                r = fn(ctx, text);
                hosts += n;
        }
        return r;
}

static int is_same(void *endpoint, const char *text)
{
        char other[VG_ENDPOINT_SIZE];

        return vg_endpoint_parse(text, other) == 0 && strcmp(other, endpoint) == 0;
}

bool vg_egress_is_public_cloud(const char *endpoint)
{
        const char *colon = strrchr(endpoint, ':');
        const size_t n_host = colon ? (size_t)(colon - endpoint) : strlen(endpoint);

        for (size_t i = 0; i < ELEMENTSOF(clouds); i++) {
                const size_t n = strlen(clouds[i]);
                if (n_host > n && memcmp(endpoint + n_host - n, clouds[i], n) == 0)
                        return true;
        }
        return false;
}

enum vg_egress_verdict vg_egress_judge(const struct vg_egress *egress, const char *endpoint)
{
        char wanted[VG_ENDPOINT_SIZE];
        const bool is_cloud = egress->is_public_cloud || vg_egress_is_public_cloud(endpoint);

        snprintf(wanted, sizeof(wanted), "%s", endpoint);
        if (strcmp(egress->mode, "listed") != 0)
                return VG_EGRESS_OFF;
        if (vg_egress_each(egress->hosts, is_same, wanted) == 0)
                return VG_EGRESS_NOT_LISTED;
        if (!egress->is_approved)
                return VG_EGRESS_NOT_APPROVED;
        if (is_cloud && !egress->public_cloud_allowed && !egress->is_supplier)
                return VG_EGRESS_PUBLIC_CLOUD;
        return VG_EGRESS_OPEN;
}

const char *vg_egress_text(enum vg_egress_verdict verdict)
{
        static const char *const texts[] = {
                [VG_EGRESS_OPEN] = NULL,
                [VG_EGRESS_OFF] = N_("%s : [egress] mode = none, rien ne sort que des paquets"),
                [VG_EGRESS_NOT_LISTED] = N_("%s : absent de [egress] hosts"),
                [VG_EGRESS_NOT_APPROVED] =
                        N_("%s : permis aux réglages, mais pas approuvé; « vigie egress approve »"),
                [VG_EGRESS_PUBLIC_CLOUD] =
                        N_("%s : nuage public, que le contrat interdit (public_cloud_link)"),
        };

        return texts[verdict];
}
