# SPDX-License-Identifier: Apache-2.0
"""A BMC over IPMI that goes silent is told within 90 seconds, with the settings as delivered, in
whatever step of a look it does or between two; one that takes long for a step is only slow. The times
are the agent's own: a test that waits long on a busy machine does not fail for it."""

import os

import pytest
from hardware import Hardware, rounds
from recorder import Recorder
from vigied import wait_for
from wire import Wire

BUDGET = 90
FAILED_POLLS = 4  # more than three: the keeper calls the BMC unreachable
PATIENCE = 3 * BUDGET

IPMITOOL = """#!/bin/sh
folder=$(dirname "$0")
case "$*" in
"$(cat "$folder/hangs-at")"*) [ -e "$folder/dead" ] || cut -d' ' -f1 /proc/uptime > "$folder/dead" ;;
esac
[ -s "$folder/dead" ] && { trap '' TERM; exec sleep 1000; }
case "$*" in
"sel info") echo "Entries          : 1" ;;
"sdr elist all") echo "PSU1 Status      | C8h | ok  | 10.1 | Presence detected"
    [ -e "$folder/is-slow" ] && sleep 35 ;;
"sel elist") echo "   1 | 01/02/2026 | 10:00:00 | Power Supply PSU1 Status | Presence detected | Asserted" ;;
esac
"""


class Watch:
    """The program, what it tells, and how to ask when its BMC fell silent."""

    def __init__(self, folder, silent_s, path=None, **settings):
        folder.mkdir(exist_ok=True)
        self.silent_s = silent_s
        self.recorder = Recorder(folder / "keeper.sock")
        self.recorder.start()
        (folder / "password").write_text("essai")
        self.hardware = Hardware(folder, "ipmi", path, bmc_user="vigie",
                                 bmc_password_file=folder / "password",
                                 ipmi_workarounds="opensesspriv", **settings).start()

    def failed(self):
        return [line for line in list(self.recorder.lines)
                if line["kind"] == "sightings" and line["body"]["status"] == "failed"]

    def told_after(self):
        """From the silence to the round that makes it a fault."""
        line = wait_for("the silence", lambda: len(self.failed()) >= FAILED_POLLS and
                        self.failed()[FAILED_POLLS - 1], PATIENCE)
        silence = line["body"]["silence"]
        assert silence["code"] == "bmc.unreachable" and silence["component"]["class"] == "bmc"
        return line["at_boot_ns"] / 1e9 - self.silent_s()

    def close(self):
        self.hardware.kill()
        self.recorder.stop()


@pytest.fixture
def watches():
    made = {}
    yield made
    for watch in made.values():
        watch.close()


def judge(watches):
    told = {where: watch.told_after() for where, watch in watches.items()}
    print({where: f"{seconds:.1f} s" for where, seconds in told.items()})
    assert all(0 < seconds <= BUDGET for seconds in told.values()), told


def test_over_the_network(ipmi, watches, tmp_path):
    """The first look asks thrice: header, sensors, log. Then a fourth, which falls silent after it."""
    wires = {"header": Wire(ipmi.port, (1, 3)), "sensors": Wire(ipmi.port, (2, 14)),
             "log": Wire(ipmi.port, (3, 8)), "idle": Wire(ipmi.port)}
    for where, wire in wires.items():
        watches[where] = Watch(tmp_path / where, lambda w=wire: w.cut_s,
                               ipmi_address=f"127.0.0.1:{wire.port}")
    wait_for("a whole look", lambda: rounds(watches["idle"].recorder, "ipmi"), PATIENCE)
    wires["idle"].cut()
    judge(watches)


def test_in_band(watches, tmp_path):
    steps = {"header": "sel info", "sensors": "sdr elist", "log": "sel elist", "slow": None}
    for where, command in steps.items():
        folder = tmp_path / where
        folder.mkdir()
        tool = folder / "ipmitool"
        tool.write_text(IPMITOOL)
        tool.chmod(0o755)
        (folder / "hangs-at").write_text(command or "never")
        if not command:
            (folder / "is-slow").touch()
        watches[where] = Watch(folder, lambda f=folder: float((f / "dead").read_text()),
                               f"{folder}:{os.environ['PATH']}")
    slow = watches.pop("slow")
    try:
        judge(watches)
        (seen, *_) = wait_for("the slow look", lambda: rounds(slow.recorder, "ipmi"), PATIENCE)
        assert seen["status"] == "complete" and seen["sightings"] and not slow.failed()
    finally:
        slow.close()
