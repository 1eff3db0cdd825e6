/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* easy: libcurl's handle of one other end, with how that end is found and trusted, alike for http
 * and smtp; each adds what is sent. Names are resolved by the system; no proxy, no .netrc, nothing
 * of the environment. */

#include <curl/curl.h>

#include "os/address.h"
#include "os/trust.h"

struct vg_err;

struct vg_easy { /* libcurl keeps its address: it does not move */
        CURL *curl;
        vg_address_fn *allows; /* NULL: every address */
        void *allows_user;
        char refused[VG_ADDRESS_SIZE]; /* the last address that was not allowed */
        char why[CURL_ERROR_SIZE];
};

/* *easy is zeroed. protocols: what libcurl may speak, "https" or "smtp,smtps". After an error too,
 * vg_easy_done() is due. */
int vg_easy_init(struct vg_easy *easy, const char *protocols, const struct vg_trust *trust,
                 unsigned timeout_s, struct vg_err *err);
void vg_easy_done(struct vg_easy *easy);

/* Before a transfer: how the last one ended. */
void vg_easy_forget(struct vg_easy *easy);
/* After one: as -errno (http.h has the list), and why, in libcurl's words or ours. */
int vg_easy_error(const struct vg_easy *easy, CURLcode code);
const char *vg_easy_why(const struct vg_easy *easy, CURLcode code);
