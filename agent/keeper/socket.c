/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"

enum { BACKLOG = 1024 };

static int take_over(int *ret_fd, struct vg_err *err)
{
        const int fd = SD_LISTEN_FDS_START;

        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0)
                return vg_err_set(err, -EINVAL,
                                  "systemd doit confier une prise Unix « ListenStream », et une "
                                  "seule");
        if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
                return vg_err_set(err, -errno, "prise confiée par systemd : %s",
                                  vg_errno_text(errno));
        *ret_fd = fd;
        return 0;
}

static int bind_at(const char *path, int *ret_fd, struct vg_err *err)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return vg_err_set(err, -ENAMETOOLONG, "chemin de prise trop long : %s", path);
        memcpy(address.sun_path, path, strlen(path) + 1);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return vg_err_set(err, -errno, "prise %s : %s", path, vg_errno_text(errno));
        if (unlink(path) < 0 && errno != ENOENT)
                return vg_err_set(err, -errno, "prise %s : %s", path, vg_errno_text(errno));
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0666) < 0 ||
            listen(fd, BACKLOG) < 0)
                return vg_err_set(err, -errno, "prise %s : %s", path, vg_errno_text(errno));
        *ret_fd = TAKE_FD(fd);
        return 0;
}

int socket_listen(const char *path, int *ret_fd, struct vg_err *err)
{
        int n = sd_listen_fds(true);

        if (n < 0)
                return vg_err_set(err, n, "prise confiée par systemd illisible");
        return n > 0 ? take_over(ret_fd, err) : bind_at(path, ret_fd, err);
}
