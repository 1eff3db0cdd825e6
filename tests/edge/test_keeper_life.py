# SPDX-License-Identifier: Apache-2.0
"""The keeper's own life: a full disk, keys, settings, sockets from systemd, clocks that jump."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from vigied import SECOND, Guests, Keeper, contract, program, stamp_aligned, wait_for

BEAT = {"libvirt": "ok", "clock": "synchronised", "domains": 0}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes under the keeper's state."""
    state = tmp_path / "state"
    state.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", state],
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", state], check=True)


def fill(folder):
    filler = folder / "filler"
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as f:
        while f.write(b"\0" * 65536):
            pass
    with contextlib.suppress(OSError), open(filler, "ab", buffering=0) as f:
        while f.write(b"\0" * 512):
            pass
    return filler


def test_a_full_disk_loses_nothing(small_disk):
    keeper = Keeper(small_disk).start()
    guests = Guests(keeper.client(), stamp_aligned(7200))
    guests.begin()
    for _ in range(20):
        guests.step()
    guests.client.drain()
    filler = fill(small_disk / "state")

    probe = keeper.client(source="probe")
    probe.connect()
    told = []
    for _ in range(400):  # what is left of the file's last page may still take a few
        seq, line = probe.line("heartbeat", BEAT)
        probe.socket.sendall(line)
        answer = keeper_answer(probe)
        if not answer["ok"]:
            told.append(answer)
            break
    assert told and told[0]["retry"] is True and told[0]["code"] == "store-failed"
    assert keeper.process.poll() is None
    acted = probe.line("act", {"verb": "ledger.audit"})
    probe.socket.sendall(acted[1])
    answer = keeper_answer(probe)
    assert not answer["ok"] and answer["retry"] is True
    time.sleep(4)  # through closings and checkpoints that fail
    assert keeper.process.poll() is None
    assert keeper.log.read_text().count("ne peut pas être écrit") == 1

    filler.unlink()
    for _ in range(20):
        guests.step()
    guests.client.drain()
    end_s = guests.utc_ns // SECOND
    wait_for("the intervals to close", lambda: keeper.closed_until() >= end_s, 60)
    wanted, got = guests.wanted(), keeper.totals()
    assert {key: got.get(key) for key in wanted} == wanted
    keeper.stop()
    keeper.verify()


def keeper_answer(client):
    import json
    while b"\n" not in client.buffer:
        got = client.socket.recv(65536)
        assert got, "the keeper hung up"
        client.buffer += got
    line, client.buffer = client.buffer.split(b"\n", 1)
    return json.loads(line)


def start_and_fail(keeper):
    keeper.start(wait=False)
    assert keeper.process.wait(60) != 0
    return keeper.log.read_text()


def test_a_start_on_a_full_disk_says_where_and_what_to_do(small_disk):
    keeper = Keeper(small_disk)
    filler = fill(small_disk / "state")
    said = start_and_fail(keeper)
    assert f"{small_disk}/state/ledger.db" in said and "df -h" in said, said
    filler.unlink()
    keeper.start().stop()
    keeper.verify()


def test_a_start_without_its_key_says_so(tmp_path):
    keeper = Keeper(tmp_path)
    keeper.key.unlink()
    assert "key.pem" in start_and_fail(keeper)


def test_a_start_with_another_key_is_refused(tmp_path):
    keeper = Keeper(tmp_path).start()
    keeper.stop()
    keeper.key.unlink()
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", keeper.key],
                   check=True, capture_output=True)
    size = len(keeper.records())
    assert "clé" in start_and_fail(keeper)
    assert len(keeper.records()) == size


def test_the_key_comes_as_a_credential(tmp_path):
    keeper = Keeper(tmp_path)
    text = keeper.config.read_text().replace(f"signing_key = {keeper.key}\n", "")
    keeper.config.write_text(text)
    assert "signing_key" in start_and_fail(keeper)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    shutil.copy(keeper.key, credentials / "signing-key")
    keeper.start(env={"CREDENTIALS_DIRECTORY": str(credentials)})
    keeper.stop()


@pytest.mark.parametrize("rows, says", [
    ({"interval": "7s"}, "diviseur"), ({"interval": "0s"}, "interval"), ({"colour": "red"}, "colour"),
])
def test_wrong_settings_are_named(tmp_path, rows, says):
    keeper = Keeper(tmp_path, **rows)
    assert says in start_and_fail(keeper)


def test_two_keepers_of_one_ledger(tmp_path):
    keeper = Keeper(tmp_path).start()
    other = Keeper(tmp_path)
    other.log = tmp_path / "other.log"
    start_and_fail(other)
    assert keeper.client().ask("heartbeat", BEAT)["ok"], "the second took the first one's socket"
    keeper.stop()


def test_settings_are_read_again(tmp_path):
    keeper = Keeper(tmp_path).start()
    keeper.configure(checkpoint_interval="1s", close_grace="2s")
    keeper.process.send_signal(signal.SIGHUP)
    keeper.wait_word("réglages relus")
    keeper.configure(checkpoint_interval="nonsense")
    keeper.process.send_signal(signal.SIGHUP)
    keeper.wait_word("non relus")
    assert keeper.client().ask("heartbeat", BEAT)["ok"]
    keeper.stop()


ACTIVATE = """
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen()
os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_the_socket_comes_from_systemd(tmp_path):
    keeper = Keeper(tmp_path)
    handed = tmp_path / "handed.sock"
    keeper.start(wait=False, wrapper=[sys.executable, "-c", ACTIVATE, str(handed)])
    keeper.socket = handed
    assert keeper.client().ask("heartbeat", BEAT)["ok"]
    assert not (tmp_path / "run" / "keeper.sock").exists()
    keeper.stop()


def test_life_is_recorded(tmp_path):
    keeper = Keeper(tmp_path).start()
    keeper.stop()
    time.sleep(1.1)
    keeper.start()
    keeper.kill()
    time.sleep(1.1)
    keeper.start()
    keeper.stop()
    told = [(b["event"], b.get("after")) for b in
            (r["body"] for r in keeper.records("life", "shared"))]
    assert told == [("start", "clean"), ("stop", None), ("start", "clean"), ("start", "crash"),
                    ("stop", None)]


def test_systemd_is_told(tmp_path):
    path = tmp_path / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(os.fspath(path))
        notify.settimeout(30)
        keeper = Keeper(tmp_path)
        keeper.start(env={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "2000000"})
        said = {notify.recv(4096).decode() for _ in range(3)}
        keeper.stop()
    assert "READY=1" in said and "WATCHDOG=1" in said


class WallClock:
    """The keeper's wall clock, and nothing else, moved at will while it runs."""

    def __init__(self, folder):
        self.library, self.file = folder / "wall-clock.so", folder / "wall-clock"
        source = pathlib.Path(__file__).with_name("wall-clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, source], check=True)
        self.set(0)

    def set(self, seconds):
        with open(self.file, "r+b" if self.file.exists() else "w+b") as f:
            f.write(int(seconds).to_bytes(8, "little", signed=True))
        self.offset_s = seconds

    def env(self):
        asan = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": str(self.library), "WALL_CLOCK": str(self.file),
                "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0".lstrip(":")}

    def now_ns(self):
        return time.time_ns() + self.offset_s * SECOND


@pytest.fixture
def wall_clock(tmp_path):
    return WallClock(tmp_path)


def test_alerts_live_through_years(tmp_path, wall_clock):
    """The wall clock alone is moved, years ahead, between runs and during them."""
    keeper = Keeper(tmp_path, interval="300s").start(env=wall_clock.env())
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]

    def told(code):
        return [(a["event"], a["severity"]) for a in keeper.alerts(code)]

    def jump(days, restart):
        wall_clock.set(days * 86400)
        if restart:
            keeper.stop()
            keeper.start(env=wall_clock.env())

    assert told("VIG-T-001") == []
    jump(150, restart=True)  # fifty days before the end
    wait_for("the end announced", lambda: told("VIG-T-001"), 40)
    severities = [told("VIG-T-001")[-1][1]]
    jump(195, restart=False)  # five days before it: seen within the look of every half minute
    wait_for("the end nearer", lambda: told("VIG-T-001")[-1][1] not in severities, 40)
    assert told("VIG-T-006") == []
    jump(300, restart=False)
    wait_for("the end", lambda: told("VIG-T-006") == [("fired", "critical")], 40)
    assert told("VIG-D-001")[-1][1] == "major"  # nobody has measured for 300 days

    def others():  # months go on being closed, each with its VIG-C-010
        return [(a["key"], a["event"]) for a in keeper.alerts() if a["code"] != "VIG-C-010"]

    before = others()
    jump(300, restart=True)
    time.sleep(4)
    assert others() == before, "a restart told again what was told"
    keeper.stop()
    keeper.verify()


def test_a_clock_that_steps_changes_no_total(tmp_path, wall_clock):
    """Two hours forward, then four back, while a reader that shares the clock goes on."""
    keeper = Keeper(tmp_path, interval="300s").start(env=wall_clock.env())
    guests = Guests(keeper.client(), stamp_aligned(6 * 3600, 300))
    guests.begin()
    for hours in (0, 2, -2):
        moved = (hours * 3600 - wall_clock.offset_s) * SECOND
        wall_clock.set(hours * 3600)
        guests.utc_ns += moved
        guests.start_utc_ns += moved  # it is elapsed time that counts
        for _ in range(90):
            guests.step(20)
        guests.client.drain()
        time.sleep(2)
    wall_clock.set(3600)
    guests.utc_ns += 3 * 3600 * SECOND
    guests.start_utc_ns += 3 * 3600 * SECOND
    for _ in range(30):
        guests.step(20)
    guests.client.drain()
    wanted = guests.wanted()
    wait_for("the totals", lambda: {k: keeper.totals().get(k) for k in wanted} == wanted, 60)
    keeper.stop()
    keeper.verify()


def test_a_clock_that_was_never_set_begins_nothing(tmp_path, wall_clock):
    """1970 at the first start, as after an empty battery; then the right time, and all is counted."""
    right_s = int(time.time())
    wall_clock.set(86400 - right_s)
    keeper = Keeper(tmp_path).start(env=wall_clock.env())
    early = Guests(keeper.client(), 86400 * SECOND)
    answer = early.client.ask("heartbeat", BEAT, utc_ns=86400 * SECOND)
    assert not answer["ok"] and answer["code"] == "clock-unset" and "2020" in answer["message"]
    early.begin()
    early.client.drain()

    wall_clock.set(0)
    guests = Guests(keeper.client(), stamp_aligned(3600))
    guests.begin()
    for _ in range(40):
        guests.step(20)
    guests.client.drain()
    wait_for("the intervals to close", lambda: keeper.closed_until() >= guests.utc_ns // SECOND, 60)
    wanted, got = guests.wanted(), keeper.totals()
    assert {key: got.get(key) for key in wanted} == wanted
    assert {r["body"]["start"][:2] for r in keeper.records("interval")} == {"20"}
    keeper.stop()
    keeper.verify()
