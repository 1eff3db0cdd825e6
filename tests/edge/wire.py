# SPDX-License-Identifier: Apache-2.0
"""A network of datagrams between a BMC and those who ask it, which can be cut at a known instant."""

import socket
import threading
import time


def boot_s():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Wire:
    """Passes datagrams to a port of the loopback and back. Each socket that asks is a call, counted from
    1; cut_at = (call, datagram) says with which of its datagrams the BMC falls silent for good."""

    def __init__(self, port, cut_at=None):
        self.target, self.cut_at, self.cut_s = ("127.0.0.1", port), cut_at, None
        self.calls = {}
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        threading.Thread(target=self.there, daemon=True).start()

    def cut(self):
        self.cut_s = self.cut_s or boot_s()

    def there(self):
        while True:
            data, who = self.front.recvfrom(65536)
            if who not in self.calls:
                self.calls[who] = [0, self.open(who)]
            call = self.calls[who]
            call[0] += 1
            if self.cut_at and (list(self.calls).index(who) + 1, call[0]) >= self.cut_at:
                self.cut()
            if self.cut_s is None:
                call[1].send(data)

    def open(self, who):
        back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.connect(self.target)
        threading.Thread(target=self.back, args=(back, who), daemon=True).start()
        return back

    def back(self, back, who):
        while True:
            try:
                data = back.recv(65536)
            except OSError:  # the BMC is not up yet
                continue
            if self.cut_s is None:
                self.front.sendto(data, who)
