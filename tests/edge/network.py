# SPDX-License-Identifier: Apache-2.0
"""Two machines on one cable: network namespaces of this test alone, and a capture of what passes."""
import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess

from vigied import RUNNING, wait_for

CLONE_NEWNET = 0x40000000


def run(*command):
    subprocess.run([str(c) for c in command], check=True, capture_output=True)


class Machine:
    """A network namespace, for as long as a process sleeps in it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        RUNNING.add(self.holder)
        own = os.stat("/proc/self/ns/net").st_ino
        wait_for("a namespace", lambda: os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino != own)
        self("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        self("ip", "link", "set", "lo", "up")

    def wrapper(self):
        return ["nsenter", "--target", str(self.holder.pid), "--net"]

    def __call__(self, *command):
        run(*self.wrapper(), *command)

    @contextlib.contextmanager
    def inside(self):
        """This thread's sockets are made there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as here, \
                open(f"/proc/{self.holder.pid}/ns/net", "rb") as there:
            assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(here.fileno(), CLONE_NEWNET) == 0

    def stop(self):
        self.holder.kill()
        self.holder.wait()


class Cable:
    """`home` (192.0.2.1) sends all that is not its own to `world`: 192.0.2.2 and 198.51.100.2."""

    HOME, NEAR, FAR = "192.0.2.1", "192.0.2.2", "198.51.100.2"

    def __init__(self, folder):
        self.home, self.world = Machine(), Machine()
        run("ip", "link", "add", "vg0", "netns", self.home.holder.pid, "type", "veth", "peer",
            "name", "vg0", "netns", self.world.holder.pid)
        self.home("ip", "address", "add", f"{self.HOME}/24", "dev", "vg0")
        for address in (f"{self.NEAR}/24", f"{self.FAR}/32"):
            self.world("ip", "address", "add", address, "dev", "vg0")
        for machine in (self.home, self.world):
            machine("ip", "link", "set", "vg0", "up")
        self.home("ip", "route", "add", "default", "via", self.NEAR)
        self.file = folder / "capture.pcap"
        self.capture = subprocess.Popen(
            [*self.world.wrapper(), "tcpdump", "-i", "vg0", "-n", "-U", "-Q", "in", "-Z", "root",
             "-w", str(self.file)], stderr=subprocess.PIPE, text=True)
        RUNNING.add(self.capture)
        assert "listening" in self.capture.stderr.readline()

    def destinations(self):
        """Whom packets from home were for, once everything sent by now was written down."""
        with self.home.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"fin", (self.NEAR, 9))

        def read():
            text = subprocess.run(["tcpdump", "-n", "-r", str(self.file)], text=True,
                                  capture_output=True).stdout
            return text if f"> {self.NEAR}.9:" in text else None

        text = wait_for("the capture to be alive", read)
        to = [m.rsplit(".", 1) for m in re.findall(r"IP6? \S+ > (\S+):", text)]
        asked = re.findall(r"who-has ([\d.]+)", text)
        found = {(host, int(port)) for host, port in to} | {(host, 0) for host in asked}
        return found - {(self.NEAR, 9), (self.NEAR, 0)}

    def stop(self):
        self.capture.send_signal(signal.SIGTERM)
        self.capture.wait(10)
        for machine in (self.home, self.world):
            machine.stop()


def possible():
    """Why not, where it is not."""
    if os.geteuid() != 0:
        return "namespaces need root here"
    for tool in ("unshare", "nsenter", "ip", "tcpdump"):
        if not any(os.access(f"{d}/{tool}", os.X_OK)
                   for d in (*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin")):
            return f"no {tool} here"
    done = subprocess.run(["unshare", "--net", "true"], capture_output=True)
    return None if done.returncode == 0 else "no namespace can be made here"
