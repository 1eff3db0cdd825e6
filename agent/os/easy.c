/* SPDX-License-Identifier: Apache-2.0 */

#include "os/easy.h"

#include <errno.h>
#include <sys/socket.h>

#include "os/lang.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { CONNECT_S = 10 };

/* After the name was resolved, before the first packet. */
static curl_socket_t open_socket(void *user, _unused_ curlsocktype purpose,
                                 struct curl_sockaddr *peer)
{
        struct vg_easy *easy = user;

        if (easy->allows && !easy->allows(easy->allows_user, &peer->addr)) {
                vg_address_text(&peer->addr, easy->refused);
                return CURL_SOCKET_BAD;
        }
        return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

/* ---- its options ---- */

static bool is_set(const char *text)
{
        return text && *text;
}

static bool set_trust(CURL *curl, const struct vg_trust *trust)
{
        bool ok = true;

        if (is_set(trust->pin)) {
                ok &= curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, trust->pin) == CURLE_OK;
                ok &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
                ok &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
        } else if (is_set(trust->ca_file)) {
                ok &= curl_easy_setopt(curl, CURLOPT_CAINFO, trust->ca_file) == CURLE_OK;
                ok &= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
        }
        if (is_set(trust->certificate)) {
                ok &= curl_easy_setopt(curl, CURLOPT_SSLCERT, trust->certificate) == CURLE_OK;
                ok &= curl_easy_setopt(curl, CURLOPT_SSLKEY, trust->private_key) == CURLE_OK;
        }
        return ok &&
               curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
}

static bool set_options(struct vg_easy *easy, const char *protocols, unsigned timeout_s)
{
        CURL *curl = easy->curl;
        bool ok = true;

        ok &= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
        /* A resolver that hangs is left to itself, and does not hold up the loop. */
        ok &= curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)timeout_s) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, easy->why) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK;
        ok &= curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, easy) == CURLE_OK;
        return ok;
}

int vg_easy_init(struct vg_easy *easy, const char *protocols, const struct vg_trust *trust,
                 unsigned timeout_s, struct vg_err *err)
{
        easy->allows = trust->allows;
        easy->allows_user = trust->allows_user;
        easy->curl = curl_easy_init();
        if (!easy->curl)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (!set_options(easy, protocols, timeout_s) || !set_trust(easy->curl, trust))
                return vg_err_set(err, -EINVAL, "réglages TLS refusés par libcurl");
        return 0;
}

void vg_easy_done(struct vg_easy *easy)
{
        curl_easy_cleanup(easy->curl);
        easy->curl = NULL;
}

/* ---- how it ended ---- */

void vg_easy_forget(struct vg_easy *easy)
{
        easy->why[0] = easy->refused[0] = '\0';
}

int vg_easy_error(const struct vg_easy *easy, CURLcode code)
{
        static const struct {
                CURLcode code;
                int r;
        } rows[] = {
                { CURLE_COULDNT_CONNECT, -ECONNREFUSED },
                { CURLE_COULDNT_RESOLVE_HOST, -ECONNREFUSED },
                { CURLE_GOT_NOTHING, -ECONNRESET },
                { CURLE_LOGIN_DENIED, -EACCES },
                { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
                { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
                { CURLE_RECV_ERROR, -ECONNRESET },
                { CURLE_SEND_ERROR, -ECONNRESET },
                { CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED },
                { CURLE_SSL_CERTPROBLEM, -EKEYREJECTED },
                { CURLE_SSL_CONNECT_ERROR, -EPROTO },
                { CURLE_SSL_PINNEDPUBKEYNOTMATCH, -EKEYREJECTED },
                { CURLE_USE_SSL_FAILED, -EPROTO },
                { CURLE_WRITE_ERROR, -EFBIG }, /* whoever takes the answer had enough */
        };

        if (code == CURLE_OK)
                return 0;
        if (*easy->refused)
                return -EPERM;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].code == code)
                        return rows[i].r;
        return -EIO;
}

const char *vg_easy_why(const struct vg_easy *easy, CURLcode code)
{
        if (*easy->refused)
                return easy->refused;
        return *easy->why ? easy->why : curl_easy_strerror(code);
}
