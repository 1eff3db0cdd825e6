/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "os/files.h"
#include "os/keeper.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/text.h"

static int unreachable(struct vg_err *err, int error, const char *path)
{
        return vg_err_set(err, -error,
                          "gardien injoignable (%s : %s); vérifier « systemctl status vigied »",
                          path, vg_errno_text(error));
}

static int connect_to(const char *path, int *ret_fd, struct vg_err *err)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return unreachable(err, ENAMETOOLONG, path);
        memcpy(address.sun_path, path, strlen(path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return unreachable(err, errno, path);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static uint64_t deadline_left_ms(uint64_t deadline_boot_ns)
{
        uint64_t now = vg_clock_now().at_boot_ns;

        return now >= deadline_boot_ns ? 0 : (deadline_boot_ns - now) / 1000000 + 1;
}

/* The keeper has closed: what it had to say first may still be there to read. */
static bool has_hung_up(int error)
{
        return error == EPIPE || error == ECONNRESET;
}

/* Sends all of it, then reads one line, whatever comes first: the deadline or the newline. */
static int exchange(int fd, const char *line, size_t n, uint64_t deadline_boot_ns,
                    struct vg_buf *answer)
{
        char chunk[16384];
        size_t sent = 0;

        for (;;) {
                uint64_t left_ms = deadline_left_ms(deadline_boot_ns);
                struct pollfd p = { .fd = fd, .events = POLLIN };
                if (sent < n)
                        p.events |= POLLOUT;
                if (!left_ms)
                        return -ETIMEDOUT;
                if (poll(&p, 1, (int)left_ms) < 0 && errno != EINTR)
                        return -errno;
                if (p.revents & POLLOUT) {
                        ssize_t k = send(fd, line + sent, n - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
                        if (k < 0 && has_hung_up(errno))
                                sent = n;
                        else if (k < 0 && errno != EAGAIN && errno != EINTR)
                                return -errno;
                        sent += k > 0 ? (size_t)k : 0;
                }
                if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
                        ssize_t k = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
                        if (k == 0)
                                return -ECONNRESET;
                        if (k < 0 && errno != EAGAIN && errno != EINTR)
                                return -errno;
                        vg_buf_append(answer, chunk, k > 0 ? (size_t)k : 0);
                        if (answer->failed || answer->n > VG_KEEPER_LINE_MAX)
                                return -ENOMEM;
                        if (k > 0 && memchr(answer->data, '\n', answer->n))
                                return 0;
                }
        }
}

int vg_keeper_call(const char *socket_path, const char *source, const char *kind, const char *body,
                   size_t n_body, unsigned timeout_s, json_t **ret_answer, struct vg_err *err)
{
        _cleanup_free_ char *line = NULL;
        _cleanup_(vg_buf_done) struct vg_buf answer = { 0 };
        _cleanup_close_ int fd = -1;
        struct vg_envelope envelope;
        struct vg_now now = vg_clock_now();
        size_t n;

        int r = vg_envelope_init(&envelope, source, err);
        if (r < 0)
                return r;
        r = vg_envelope_line(&envelope, 1, kind, &now, body, n_body, &line, &n);
        if (r < 0)
                return vg_err_set(err, r, "demande trop longue pour le gardien (4 Mio au plus)");
        r = connect_to(socket_path, &fd, err);
        if (r < 0)
                return r;
        r = exchange(fd, line, n, now.at_boot_ns + timeout_s * UINT64_C(1000000000), &answer);
        if (r < 0)
                return unreachable(err, -r, socket_path);

        /* Answers hold true and false (DESIGN §1), so they are read as plain JSON. */
        json_t *tree = json_loadb(answer.data, answer.n, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(tree) || !json_is_boolean(json_object_get(tree, "ok"))) {
                json_decref(tree);
                return vg_err_set(err, -EPROTO, "réponse incompréhensible du gardien (%s)",
                                  socket_path);
        }
        *ret_answer = tree;
        return 0;
}
