/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/reach.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "os/files.h"

int cli_reach(const char *socket_path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -1;

        if (strlen(socket_path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, socket_path, strlen(socket_path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EAGAIN)
                return -errno;
        return 0;
}

/* What libvirt's client library would try for the usual addresses; the modular daemon first. */
char *doctor_libvirt_socket(const char *uri)
{
        static const char *const system_sockets[] = {
                "/run/libvirt/virtqemud-sock-ro",
                "/run/libvirt/libvirt-sock-ro",
        };
        const char *given = strstr(uri, "socket="), *run = getenv("XDG_RUNTIME_DIR");
        char *path = NULL;

        if (given)
                return strndup(given + 7, strcspn(given + 7, "&"));
        if (strncmp(uri, "qemu:///session", 15) == 0)
                return run && asprintf(&path, "%s/libvirt/libvirt-sock", run) >= 0 ? path : NULL;
        if (strncmp(uri, "qemu:///", 8) != 0)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(system_sockets); i++)
                if (access(system_sockets[i], F_OK) == 0 || i + 1 == ELEMENTSOF(system_sockets))
                        return strdup(system_sockets[i]);
        return NULL;
}
