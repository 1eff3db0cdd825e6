# SPDX-License-Identifier: Apache-2.0
"""Disks: one that goes is missed at once and told once, whoever sees it; what may go without a word
is not missed; one that sleeps is left asleep, by every source."""

import ctypes
import os
import pathlib
import stat
import subprocess
import time

import pytest
from bmc import PASSWORD, USER, Bmc
from disks import Disks
from hardware import Hardware, faults, inventory, records, rounds
from vigied import program, wait_for

SYSFS_BUDGET = 15


@pytest.fixture
def disks(tmp_path):
    return Disks(tmp_path / "machine")


@pytest.fixture
def watch(keeper, disks, tmp_path):
    """watch(sources, **settings): vigie-hardware on that machine, as delivered."""
    started = []

    def watch(sources, **settings):
        hardware = Hardware(keeper.socket.parent, sources, disks.path, root=disks.root, **settings)
        started.append(hardware.start())
        return hardware

    yield watch
    for hardware in started:
        hardware.stop()


def drives(keeper):
    return [c for c in inventory(keeper) if c["class"] == "drive"]


@pytest.mark.parametrize("bus", ["sata", "sas"])
def test_a_disk_that_goes(keeper, disks, watch, bus):
    """Within the budget of /sys, though SMART looks in twenty minutes only; and it comes back under
    another name of the host's."""
    disks.add("sda", "S0001", bus)
    disks.add("sdb", "S0002", bus)
    watch("drive smart")
    found = wait_for("the disks", lambda: len(drives(keeper)) == 2 and drives(keeper))
    assert {d["serial"] for d in found} == {"S0001", "S0002"}
    assert not faults(keeper)
    disks.remove("sda")
    began = time.monotonic()
    (fault,) = wait_for("the fault", lambda: faults(keeper), SYSFS_BUDGET + 2)
    print(f"missed after {time.monotonic() - began:.1f} s")
    assert (fault["code"], fault["severity"]) == ("drive.missing", "critical")
    assert fault["component"]["serial"] == "S0001"
    disks.add("sdc", "S0001", bus)
    wait_for("its return", lambda: not faults(keeper), SYSFS_BUDGET + 2)
    assert len(drives(keeper)) == 2


def test_what_the_kernel_knows_of_a_disk(keeper, disks, watch):
    """Its model and firmware whole: INQUIRY has sixteen and four characters of them."""
    disks.add("sda", "S0001")
    watch("drive")
    (drive,) = wait_for("the disk", lambda: drives(keeper))
    assert drive["model"] == "D-1000 of forty characters, or nearly so"
    assert (drive["serial"], drive["firmware"]) == ("S0001", "1.2abcde")


def test_one_disk_is_one_fault(keeper, disks, watch, tmp_path):
    """The kernel, SMART and the BMC see the same disk: one place, one fault, in the BMC's bay."""
    bmc = Bmc(tmp_path)
    (tmp_path / "password").write_text(PASSWORD)
    disks.add("sda", "DISK0003")
    watch("drive smart redfish", smart_interval="2s", sysfs_interval="1s", bmc_address=bmc.address,
          bmc_user=USER, bmc_pin=bmc.pin, bmc_password_file=tmp_path / "password")
    mine = lambda: [d for d in drives(keeper) if d["serial"] == "DISK0003"]
    wait_for("the BMC's drives", lambda: len(drives(keeper)) >= 8)
    wait_for("SMART", lambda: disks.lines("asked"))
    assert len(wait_for("the disk", mine)) == 1
    disks.remove("sda")
    wait_for("the fault", lambda: faults(keeper))
    time.sleep(5)  # SMART misses it too
    (fault,) = faults(keeper)
    assert fault["code"] == "drive.missing" and fault["component"]["serial"] == "DISK0003"
    assert "Bay 3" in fault["component"]["location"] and len(mine()) == 1
    disks.add("sda", "DISK0003")
    wait_for("its return", lambda: not faults(keeper))
    assert [r["event"] for r in records(keeper, "fault")] in (
        ["opened", "cleared"], ["opened", "evidence", "cleared"])
    bmc.stop()


def test_what_comes_and_goes(keeper, disks, watch):
    """A stick, a disk that the BMC shows, a card, a disk of another machine: no fault, no inventory,
    and smartctl does not ask them."""
    disks.add("sda", "S0001")
    disks.add("sdb", "STICK", "usb", removable=1)
    disks.add("sdc", "VIRTUAL", "usb")
    disks.add("sdd", "CARD", removable=1)
    disks.add("sde", "ELSEWHERE", "iscsi")
    watch("drive smart", sysfs_interval="1s", smart_interval="1s")
    wait_for("two rounds of SMART", lambda: len(disks.lines("asked")) >= 2)
    for name in ("sdb", "sdc", "sdd", "sde"):
        disks.remove(name)
    asked = len(disks.lines("asked"))
    wait_for("two more", lambda: len(disks.lines("asked")) >= asked + 3)
    assert not faults(keeper, "--all")
    assert [d["serial"] for d in drives(keeper)] == ["S0001"]
    assert {line.split()[0] for line in disks.lines("asked")} == {"sda"}


def test_a_machine_that_boots(recorder, disks):
    """What the kernel has not found yet is not missed: disks are first looked at two minutes after the
    boot. The program runs in a time of its own, ten seconds before that."""
    uptime = int(float(pathlib.Path("/proc/uptime").read_text().split()[0]))
    wrapper = ["unshare", "--time", "--boottime", str(110 - uptime)]
    if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no time namespace may be made here")
    disks.add("sda", "S0001")
    hardware = Hardware(recorder.path.parent, "drive edac", root=disks.root, wrapper=wrapper,
                        sysfs_interval="1s").start()
    began = time.monotonic()
    wait_for("counters, which are never missing", lambda: rounds(recorder, "edac"), 5)
    wait_for("disks", lambda: rounds(recorder, "drive"), 20)
    assert 6 < time.monotonic() - began < 15
    hardware.stop()


# ---- sleep ----


def test_a_disk_that_sleeps_is_left_so(keeper, disks, watch):
    """It is asked whether it sleeps, and no more; it is not missing for that, nor well or ill. The
    smartctl here wakes whom it is not told to leave, which the last line shows."""
    disks.add("sda", "S0001")
    disks.add("sdb", "S0002", "sas")
    watch("drive smart", sysfs_interval="1s", smart_interval="1s")
    wait_for("the disks", lambda: len(disks.lines("asked")) >= 4)
    disks.sleep("sda")
    disks.sleep("sdb")
    asked = len(disks.lines("asked"))
    wait_for("four looks", lambda: len(disks.lines("asked")) >= asked + 8, 30)
    assert not disks.lines("woken")
    assert not faults(keeper, "--all") and len(drives(keeper)) == 2
    subprocess.run([disks.tools / "smartctl", "-H", "/dev/sda"], check=True, capture_output=True)
    assert disks.lines("woken") == ["sda"]


class Opened:
    """What is opened in /dev, by inotify."""

    IN_OPEN, IN_NONBLOCK = 0x20, os.O_NONBLOCK

    def __init__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(self.IN_NONBLOCK)
        self.nodes = [p for p in pathlib.Path("/dev").iterdir()
                      if p.exists() and stat.S_ISBLK(p.stat().st_mode)]
        for node in self.nodes:
            assert libc.inotify_add_watch(self.fd, os.fsencode(node), self.IN_OPEN) >= 0

    def any(self):
        try:
            return bool(os.read(self.fd, 65536))
        except BlockingIOError:
            return False


def test_no_source_opens_a_disk(recorder):
    """All sources but SMART, on this machine, several looks each: no block device is opened."""
    opened = Opened()
    if not opened.nodes:
        pytest.skip("no block device is shown in /dev")
    sources = "aer dmi drive edac hwmon kernel md nic session thermal"
    hardware = Hardware(recorder.path.parent, sources, sysfs_interval="1s", hwmon_interval="1s").start()
    wait_for("three looks", lambda: all(len(rounds(recorder, s)) >= 3
                                        for s in ("drive", "edac", "hwmon", "md", "thermal")), 30)
    hardware.stop()
    assert not opened.any()
    with open(opened.nodes[0], "rb"):
        pass
    assert opened.any(), "an open would have been seen"


def test_no_disk_is_asked_how_warm_it_is(tmp_path):
    """With a libsensors of ours that shows a processor and a disk (drivetemp), and notes who is read."""
    source = pathlib.Path(__file__).with_name("sensors-of-a-disk.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,libsensors.so.5", "-o",
                    tmp_path / "libsensors.so.5", source], check=True)
    done = subprocess.run([program("vigie-hardware"), "--read", "hwmon"], capture_output=True,
                          timeout=60, env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path),
                                           "ASKED": str(tmp_path / "asked")})
    assert done.returncode == 0, done.stderr
    assert b"41000" in done.stdout
    assert (tmp_path / "asked").read_text().split() == ["coretemp"]
