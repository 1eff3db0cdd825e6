# SPDX-License-Identifier: Apache-2.0
"""libvirt stopped, killed and frozen, a QEMU frozen, the reader killed, the keeper gone: what is
known goes on, what is not is a gap with its cause, and nobody waits for somebody else's trouble."""

import os
import random
import signal
import time

import pytest

from book import allocation
from host import wait_for
from test_reader_life import now_ns, state

# One private hypervisor at a time: guests that are timed, and KSM, which the machine has once.
pytestmark = pytest.mark.xdist_group("hypervisor")

LONG = os.environ.get("VIGIE_LONG") == "1"


def longest_pause_s(stamps):
    return max((b - a for a, b in zip(stamps, stamps[1:])), default=0) / 1e9


def kernel_stamps(recorder, guest, since=0):
    return [at for at, _, counters in recorder.readings(guest.uuid, "kernel", since)
            if "cpu_ns" in counters]


def lost(recorder, since, cause):
    return recorder.wait("condition", since, 60, subject="libvirt", state="lost", cause=cause)


def found_within(recorder, since, start, seconds):
    """All facts are there again, and how long after `start` they were looked at."""
    end = recorder.wait("facts-end", since, 30, scope="domain")
    recorder.wait("condition", since, subject="libvirt", state="ok")
    assert end["at_boot_ns"] - start < seconds * 1e9, "a pass soon after libvirt is back"
    return end


@pytest.mark.parametrize("sig", ["TERM", "KILL"])
def test_libvirtd_ends_and_comes_back(host, recorder, reader, sig):
    guest = host.create("panne")
    running = state(recorder, guest, "running")
    wait_for("confirmations", lambda: [o for o in recorder.all("heartbeat", libvirt="ok")
                                       if o["at_boot_ns"] > running["at_boot_ns"]][1:])
    mark = recorder.mark()
    host.halt(sig)
    down = lost(recorder, mark, "closed")
    time.sleep(3)
    host.resume_daemon()
    back = now_ns()
    end = found_within(recorder, mark, back, 5)
    wait_for("confirmations", lambda: [o for o in recorder.all("heartbeat", libvirt="ok")
                                       if o["at_boot_ns"] > back + 2e9])
    assert longest_pause_s(kernel_stamps(recorder, guest)) < 1.9, "the kernel tier never waited"
    assert len({run for _, run, _ in recorder.readings(guest.uuid)}) == 1
    # Allocation has a gap, exactly as long as nobody could say what was there.
    total = allocation(recorder.all())[guest.uuid]["on_ns"]
    last = recorder.all("heartbeat", libvirt="ok")[-1]["at_boot_ns"]
    before = [o["at_boot_ns"] for o in recorder.all("heartbeat", libvirt="ok")
              if o["at_boot_ns"] < down["at_boot_ns"]][-1]
    # It may have been seen while it was still starting (paused, which counts).
    first = next(o for o in recorder.all("facts", uuid=guest.uuid) if o["body"]["run"])
    assert total == (before - first["at_boot_ns"]) + (last - end["at_boot_ns"])
    assert down["body"]["since_boot_ns"] <= before + 1e9


def test_domain_that_ends_while_libvirtd_is_down(host, recorder, reader):
    guest = host.create("parti")
    state(recorder, guest, "running")
    mark = recorder.mark()
    host.halt()
    lost(recorder, mark, "closed")
    os.kill(guest.pid(), signal.SIGKILL)
    time.sleep(2)
    after = recorder.mark()
    time.sleep(1.5)
    assert not recorder.readings(guest.uuid, since=after), "a dead process is not read"
    host.resume_daemon()
    recorder.wait("facts", mark, uuid=guest.uuid, state="off")


def freeze_for(host, recorder, reader, seconds):
    guest = host.create("gel")
    state(recorder, guest, "running")
    wait_for("readings", lambda: len(kernel_stamps(recorder, guest)) > 2)
    mark = recorder.mark()
    host.freeze()
    try:
        lost(recorder, mark, "frozen")
        time.sleep(seconds)
    finally:
        host.thaw()
    back = now_ns()
    found_within(recorder, mark, back, 5)
    stamps = kernel_stamps(recorder, guest)
    assert longest_pause_s(stamps) < 1.9, "the kernel tier never waited"
    assert len({run for _, run, _ in recorder.readings(guest.uuid)}) == 1
    assert all(o["body"]["libvirt"] == "lost" for o in recorder.all("heartbeat", mark)
               if back - seconds * 1e9 < o["at_boot_ns"] < back)
    assert reader.process.poll() is None


def test_libvirtd_frozen(host, recorder, reader):
    freeze_for(host, recorder, reader, 36)  # longer than libvirt's own keepalive of 30 s


@pytest.mark.long
def test_libvirtd_frozen_for_ten_minutes(host, recorder, reader):
    freeze_for(host, recorder, reader, 600)


def test_libvirtd_frozen_briefly_in_mid_cycle(host, recorder, reader):
    """Shorter than a deadline, at whatever point of a cycle: a delay, and no gap."""
    guest = host.create("hoquet")
    state(recorder, guest, "running")
    mark = recorder.mark()
    for _ in range(8):
        time.sleep(random.random())
        host.freeze()
        time.sleep(0.8)
        host.thaw()
    time.sleep(1)
    assert not recorder.all("condition", mark, subject="libvirt")


def test_start_with_a_frozen_libvirtd(host, recorder, make_reader):
    guest = host.create("matin")
    host.freeze()
    try:
        make_reader(host.uri)
        lost(recorder, 0, "frozen")
        recorder.wait("heartbeat", libvirt="lost")
    finally:
        host.thaw()
    state(recorder, guest, "running")


def test_start_without_libvirtd(host, recorder, make_reader):
    host.halt()
    try:
        make_reader(host.uri)
        lost(recorder, 0, "refused")
    finally:
        host.resume_daemon()
    recorder.wait("facts-end", scope="domain")


def test_frozen_qemu_delays_nobody(host, recorder, reader):
    guests = [host.create(f"voisin{i}") for i in range(4)]
    for guest in guests:
        state(recorder, guest, "running")
        wait_for("readings", lambda g=guest: len(recorder.readings(g.uuid, "qemu")) > 1)
    victim, others = guests[0], guests[1:]
    pid = victim.pid()
    mark = recorder.mark()
    os.kill(pid, signal.SIGSTOP)
    try:
        recorder.wait("condition", mark, 30, subject="domain", uuid=victim.uuid, state="stuck")
        mark_stuck = recorder.mark()
        wait_for("three more cycles", lambda: len(
            recorder.readings(others[0].uuid, "qemu", mark_stuck)) > 3)
        for guest in others:
            # Its plan is 1 s and 2 s; the trouble may add 2 s, once.
            assert longest_pause_s([at for at, _, _ in recorder.readings(guest.uuid, "kernel")]) < 3
            assert longest_pause_s([at for at, _, _ in recorder.readings(guest.uuid, "qemu")]) < 4.5
        assert not recorder.all("condition", mark, subject="libvirt"), "libvirt is not lost"
        confirmed = [o["at_boot_ns"] for o in recorder.all("heartbeat", libvirt="ok")]
        assert longest_pause_s(confirmed) < 4.5
        # Another domain may start, and is seen.
        newcomer = host.create("nouveau")
        state(recorder, newcomer, "running")
    finally:
        os.kill(pid, signal.SIGCONT)
    recorder.wait("condition", mark, 30, subject="domain", uuid=victim.uuid, state="ok")
    n = recorder.mark()
    wait_for("its disks again", lambda: recorder.readings(victim.uuid, "qemu", n))


def test_reader_killed_at_random_instants(host, recorder, make_reader):
    """Each start draws a new instance and makes a pass; counters of the run go on unharmed."""
    rng = random.Random(2026)
    guest = host.create("tenace")
    n = 200 if LONG else 20
    for i in range(n):
        mark = recorder.mark()
        reader = make_reader(host.uri)
        recorder.wait("facts-end", mark, 30, scope="domain")
        time.sleep(rng.random() * 1.5)
        if i < n - 1:
            reader.kill()
    recorder.wait("heartbeat", mark, libvirt="ok")
    instances = [o["instance"] for o in recorder.all("facts-end", scope="domain")]
    assert len(set(instances)) == n
    readings = recorder.readings(guest.uuid)
    assert len({run for _, run, _ in readings}) == 1
    last = {}
    for _, _, counters in sorted(readings, key=lambda row: row[0]):
        for name, value in counters.items():
            assert name == "rss_kib" or value >= last.get(name, 0), name
            last[name] = value
    assert allocation(recorder.all())[guest.uuid]["on_ns"] < now_ns()


def test_keeper_gone_and_back(host, recorder, reader):
    guest = host.create("garde")
    state(recorder, guest, "running")
    recorder.stop()
    time.sleep(4)
    recorder.start()
    wait_for("the rest", lambda: (kernel_stamps(recorder, guest) or [0])[-1] > now_ns() - 2e9, 30)
    assert longest_pause_s(kernel_stamps(recorder, guest)) < 1.9
    seqs = [o["seq"] for o in recorder.all()]
    assert seqs == list(range(1, len(seqs) + 1)), "none lost, none twice, in order"


def test_keeper_that_does_not_answer(host, recorder, reader):
    guest = host.create("muet")
    state(recorder, guest, "running")
    recorder.answering.clear()
    time.sleep(4)
    recorder.answering.set()
    wait_for("the rest", lambda: (kernel_stamps(recorder, guest) or [0])[-1] > now_ns() - 2e9, 30)
    assert longest_pause_s(kernel_stamps(recorder, guest)) < 1.9
