# SPDX-License-Identifier: Apache-2.0
"""A private libvirt host with real QEMU guests under TCG (config/demo), for the edge tests."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time
import uuid

import libvirt

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "config" / "demo"

libvirt.registerErrorHandler(lambda _ctx, _err: None, None)


def build_dir():
    return pathlib.Path(os.environ.get("VIGIE_BUILD", ROOT / "build"))


def wait_for(what, condition, seconds=20.0, step=0.05):
    """The first true value of condition(), or an assertion that says what was awaited."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(step)


class Guest:
    """One domain of the private host, and the means to see it without vigie."""

    def __init__(self, host, name, domain_uuid):
        self.host, self.name, self.uuid = host, name, domain_uuid

    @property
    def dom(self):
        return self.host.conn.lookupByUUIDString(self.uuid)

    def pid(self):
        """The QEMU as this machine numbers it."""
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"-uuid" in words and words[words.index(b"-uuid") + 1] == self.uuid.encode():
                return int(entry.name)
        return None


class Host:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.conn = None
        self.guests = []

    # -- the daemon ------------------------------------------------------------------------------

    def start(self):
        done = subprocess.run([DEMO / "private-libvirtd", "start", self.folder],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"private-libvirtd {done.returncode}: {done.stderr.strip()}")
        self.uri = done.stdout.strip()
        self.connect()

    def connect(self):
        """Our own full connection, with which the tests act and count independently."""
        self.conn = libvirt.open(
            f"qemu+unix:///system?socket={self.folder}/run/libvirt-sock")

    def stop(self):
        if self.conn:
            with contextlib.suppress(libvirt.libvirtError):
                self.conn.close()
            self.conn = None
        subprocess.run([DEMO / "private-libvirtd", "stop", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def daemon_pid(self):
        return int((self.folder / "libvirtd.pid").read_text())

    def halt(self, sig="TERM"):
        with contextlib.suppress(libvirt.libvirtError):
            self.conn.close()
        subprocess.run([DEMO / "private-libvirtd", "halt", self.folder, sig], check=True)

    def resume_daemon(self):
        subprocess.run([DEMO / "private-libvirtd", "daemon", self.folder], check=True)
        self.connect()

    def freeze(self):
        os.kill(self.daemon_pid(), signal.SIGSTOP)

    def thaw(self):
        os.kill(self.daemon_pid(), signal.SIGCONT)

    def enter(self, *command, **kw):
        return subprocess.run([DEMO / "private-libvirtd", "enter", self.folder, *command],
                              check=True, **kw)

    # -- guests ----------------------------------------------------------------------------------

    def disk(self, name, pace=9, burn=200000):
        path = self.folder / "lib" / f"{name}.img"
        subprocess.run([DEMO / "make-guest", path, str(pace), str(burn)], check=True)
        return path

    def empty_disk(self, name, kib):
        path = self.folder / "lib" / f"{name}.img"
        with open(path, "wb") as out:
            out.truncate(kib * 1024)
        return path

    @staticmethod
    def disk_xml(path, target, bus="virtio"):
        return (f"<disk type='file' device='disk'><driver name='qemu' type='raw' cache='unsafe'/>"
                f"<source file='{path}'/><target dev='{target}' bus='{bus}'/></disk>")

    @staticmethod
    def nic_xml(mac=None, model="ne2k_pci"):
        address = f"<mac address='{mac}'/>" if mac else ""
        return (f"<interface type='bridge'>{address}<source bridge='vigie0'/>"
                f"<model type='{model}'/><rom enabled='no'/><port isolated='yes'/></interface>")

    def xml(self, name, domain_uuid, disk, tenant="t-essai", vcpus=1, memory_kib=16384,
            devices=None, metadata=None):
        if metadata is None:
            metadata = f"<v:tenant xmlns:v='urn:vigie:tenant:1' id='{tenant}'/>"
        text = (DEMO / "domain.xml.in").read_text()
        for key, value in {"NAME": name, "UUID": domain_uuid, "METADATA": metadata,
                           "MEMORY_KIB": memory_kib, "VCPUS": vcpus, "DISK": disk,
                           "DEVICES": self.nic_xml() if devices is None else devices}.items():
            text = text.replace(f"@{key}@", str(value))
        return text

    def define(self, name, disk=None, pace=9, burn=200000, **kw):
        domain_uuid = str(uuid.uuid4())
        disk = disk or self.disk(domain_uuid, pace, burn)
        self.conn.defineXML(self.xml(name, domain_uuid, disk, **kw))
        guest = Guest(self, name, domain_uuid)
        self.guests.append(guest)
        return guest

    def create(self, name, pace=9, burn=200000, **kw):
        """Defined and started."""
        guest = self.define(name, pace=pace, burn=burn, **kw)
        guest.dom.create()
        return guest

    def clear(self):
        """No domain left, for the next test."""
        for dom in self.conn.listAllDomains():
            with contextlib.suppress(libvirt.libvirtError):
                dom.destroy()
            with contextlib.suppress(libvirt.libvirtError):
                dom.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
        for image in (self.folder / "lib").glob("*.img"):
            image.unlink()
        self.guests = []
